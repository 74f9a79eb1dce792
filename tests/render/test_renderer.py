"""The renderer as a whole: what comes out, and what must never change it."""

import threading
import tracemalloc
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.render.songs import (
    Recorder,
    busy_song,
    hear,
    insert,
    lane,
    song,
    track,
    with_strip,
)
from tests.sounds import RATE_HZ, impulse, noise, silence
from tonmeister.audio import Audio
from tonmeister.document.strip import Bus, Send, Strip
from tonmeister.errors import CancelledError, DocumentError, NoTracksError
from tonmeister.files.cache import Cache
from tonmeister.files.wav import WavReader
from tonmeister.processing import Band, Compressor, Equaliser, Gain, TruePeakLimiter
from tonmeister.processing.compressor import compress
from tonmeister.processing.equaliser import equalise
from tonmeister.processing.limiter import limit
from tonmeister.render import Renderer, SourceFile, render
from tonmeister.render.executor import WINDOW

HALF_POWER = np.sqrt(0.5)


def null_db(found: np.ndarray, expected: np.ndarray) -> float:
    """Return the largest difference in dBFS."""
    return float(20 * np.log10(np.abs(found.astype(np.float64) - expected).max() + 1e-30))


def test_a_neutral_mix_nulls_against_the_plain_sum() -> None:
    """-140 dB: the decision about latency in ARCHITECTURE; a float32 sum of 7 rounds at -146 dBFS here."""
    sources = {f"track {n}": noise(rms_db=-40, duration_s=3, channels=2, seed=n) for n in range(7)}
    mix = song([track(name) for name in sources], frames=3 * RATE_HZ)
    plain = np.stack([sound.samples for sound in sources.values()]).sum(axis=0, dtype=np.float64)
    assert null_db(hear(mix, sources), plain) < -140


def test_latency_is_taken_out_at_every_sum() -> None:
    """A limiter that only delays on one of two tracks: the sum is that of both sounds at their place."""
    quiet = {"early": noise(rms_db=-60, channels=2, seed=1), "late": noise(rms_db=-60, channels=2, seed=2)}
    slow = Strip(
        inserts=(insert(TruePeakLimiter(lookahead_ms=7)), insert(Compressor(threshold_db=0, lookahead_ms=3.3)))
    )
    mix = song([track("early"), track("late", slow)], frames=RATE_HZ)
    plain = quiet["early"].samples.astype(np.float64) + quiet["late"].samples
    assert null_db(hear(mix, quiet), plain) < -140


def test_a_chain_is_its_processors_one_after_the_other() -> None:
    """The same functions that a person calls; -140 dB is float32's rounding at this level."""
    sound = noise(rms_db=-20, duration_s=2, channels=2)
    first, second, third = (
        Equaliser(bands=(Band(frequency_hz=900, gain_db=6),)),
        Compressor(lookahead_ms=4),
        TruePeakLimiter(drive_db=12),
    )
    mix = song([track("one", Strip(inserts=(insert(first), insert(second), insert(third))))], frames=sound.frames)
    expected = limit(compress(equalise(sound, first), second), third)
    found = hear(mix, {"one": sound}, "strip:one")[:, : sound.frames]
    assert null_db(found, expected.samples) < -140


@pytest.mark.parametrize("block_frames", [1024, 7 * 1024, 262_144])
def test_block_size_changes_no_byte(block_frames: int) -> None:
    mix, sources = busy_song()
    assert hear(mix, sources, block_frames=block_frames).tobytes() == hear(mix, sources).tobytes()


@pytest.mark.parametrize("threads", [2, 4])
def test_threads_change_no_byte(threads: int) -> None:
    mix, sources = busy_song()
    assert hear(mix, sources, threads=threads, block_frames=8192).tobytes() == hear(mix, sources).tobytes()


def test_names_and_order_change_no_byte() -> None:
    mix, sources = busy_song()
    new = {one.id: f"renamed {place}" for place, one in enumerate(mix.tracks)}

    def renamed(strip: Strip) -> Strip:
        inserts = tuple(i.model_copy(update={"id": i.id + "x", "key": new.get(i.key or "")}) for i in strip.inserts)
        return strip.model_copy(update={"inserts": inserts})

    tracks = [
        one.model_copy(update={"id": new[one.id], "name": "?", "strip": renamed(one.strip)}) for one in mix.tracks
    ]
    other = mix.model_copy(update={"tracks": tuple(reversed(tracks)), "buses": tuple(reversed(mix.buses))})
    found = hear(other, {new[name]: sound for name, sound in sources.items()})
    assert found.tobytes() == hear(mix, sources).tobytes()


def test_the_cache_changes_no_byte(tmp_path: Path) -> None:
    mix, sources = busy_song()
    cache = Cache(tmp_path)
    plain, results = hear(mix, sources), []
    for _ in range(2):
        recorder = Recorder()
        results.append(render(mix, sources, cache=cache, listeners={"mix": [recorder]}, threads=2))
        assert recorder.samples.tobytes() == plain.tobytes()
    assert results[0].computed["insert"] == 10  # voice 3, kick 2, bass 1, pad 1, front 2, echo 1
    assert results[1].computed["insert"] == 0


def test_a_partly_filled_cache_changes_no_byte(tmp_path: Path) -> None:
    mix, sources = busy_song()
    render(mix, sources, cache=Cache(tmp_path), listeners={"mix": [Recorder()]})
    for number, kept in enumerate(sorted(path for path in tmp_path.rglob("*") if path.is_file())):
        if number % 2:
            kept.unlink()
    recorder = Recorder()
    result = render(mix, sources, cache=Cache(tmp_path), listeners={"mix": [recorder]})
    assert result.reused > 0
    assert result.computed["insert"] > 0
    assert recorder.samples.tobytes() == hear(mix, sources).tobytes()


def test_a_cache_without_room_keeps_nothing_and_changes_no_byte(tmp_path: Path) -> None:
    mix, sources = busy_song(duration_s=2)
    recorder = Recorder()
    render(mix, sources, cache=Cache(tmp_path, limit_bytes=1000), listeners={"mix": [recorder]})
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert recorder.samples.tobytes() == hear(mix, sources).tobytes()


def test_a_fader_touches_only_the_sums_above_it(tmp_path: Path) -> None:
    """16 tracks: log2 is 4; the sum of its group of four is not kept, so its three neighbours are placed again."""
    gain = (insert(Gain(gain_db=-1)),)
    sources = {f"t{n}": noise(duration_s=0.5, channels=2, seed=n) for n in range(16)}
    mix = song([track(name, Strip(inserts=gain)) for name in sources], frames=RATE_HZ // 2)
    with Renderer(sources, cache=Cache(tmp_path)) as renderer:
        first = renderer.render(mix, listeners={"mix": [Recorder()]})
        edited = with_strip(mix, "t5", fader_db=lane((0, -3)))
        recorder = Recorder()
        second = renderer.render(edited, listeners={"mix": [recorder]})
    assert dict(first.computed) == {"source": 16, "insert": 16, "place": 16, "sum": 15}
    assert dict(second.computed) == {"place": 4, "sum": 5}
    assert recorder.samples.tobytes() == hear(edited, sources).tobytes()


def test_a_mute_leaves_the_other_sums_as_they_are(tmp_path: Path) -> None:
    sources = {f"t{n}": noise(duration_s=0.5, channels=2, seed=n) for n in range(16)}
    mix = song([track(name) for name in sources], frames=RATE_HZ // 2)
    with Renderer(sources, cache=Cache(tmp_path)) as renderer:
        renderer.render(mix, listeners={"mix": [Recorder()]})
        second = renderer.render(with_strip(mix, "t5", mute=lane((0, 1), law="hold")), listeners={"mix": [Recorder()]})
    assert dict(second.computed) == {"source": 3, "place": 3, "sum": 4}


def test_an_excerpt_changes_nothing_in_the_cache_and_sounds_like_the_whole(tmp_path: Path) -> None:
    """-80 dB: after 5 s of pre-roll a release of 120 ms has decayed by 360 dB, an EQ by more; lanes are exact."""
    mix, sources = busy_song(duration_s=9)
    cache, excerpt = Cache(tmp_path), Recorder()
    start, end = 6 * RATE_HZ + 11, 8 * RATE_HZ + 5
    result = render(mix, sources, cache=cache, listeners={"mix": [excerpt]}, start_frame=start, end_frame=end)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert (excerpt.start_frame, excerpt.samples.shape[1], result.end_frames["mix"]) == (start, end - start, end)
    assert null_db(excerpt.samples, hear(mix, sources)[:, start:end]) < -80


def test_a_key_listens_behind_cleanup_and_before_fader_and_mute() -> None:
    """The muted kick, turned up by its cleanup and delayed by none of its other inserts, ducks the bass."""
    kick, bass = impulse(duration_s=2, at_s=1), noise(duration_s=2, channels=2)
    louder, settings = Gain(gain_db=12), Compressor(threshold_db=-30, ratio=8, lookahead_ms=5)
    muted = Strip(
        inserts=(insert(louder, slot="cleanup"), insert(TruePeakLimiter(), slot="tone")), mute=lane((0, 1), law="hold")
    )
    ducked = Strip(inserts=(insert(settings, key="kick"), insert(TruePeakLimiter(ceiling_dbtp=0), name="after")))
    mix = song([track("kick", muted, channels=1), track("bass", ducked)], frames=bass.frames)
    key = Audio(kick.samples * np.float32(10 ** (12 / 20)), RATE_HZ)
    expected = limit(compress(bass, settings, key=key), TruePeakLimiter(ceiling_dbtp=0))
    assert null_db(hear(mix, {"kick": kick, "bass": bass})[:, : bass.frames], expected.samples) < -140


def test_lanes_are_exact_to_the_sample_behind_a_late_insert() -> None:
    """Each law at every frame, in song time; -140 dB is one rounding of gain and product each."""
    time_s = np.arange(2 * RATE_HZ) / RATE_HZ
    ones = Audio(np.full((2, time_s.size), 0.1, np.float32), RATE_HZ)
    late = (insert(Compressor(threshold_db=0, lookahead_ms=6.4)),)
    ramp_db = np.interp(time_s, [0.31, 1.43], [-2, -17])
    expected = {
        "linear_db": 10 ** (ramp_db / 20),
        "linear_gain": np.interp(time_s, [0.31, 1.43], [10 ** (-2 / 20), 10 ** (-17 / 20)]),
        "hold": np.where(time_s < 1.43, 10 ** (-2 / 20), 10 ** (-17 / 20)),
    }
    for law, gain in expected.items():
        strip = Strip(inserts=late, fader_db=lane((0.31, -2), (1.43, -17), law=law))  # type: ignore[arg-type]  # a str that is a Law
        found = hear(song([track("one", strip)], frames=time_s.size), {"one": ones})
        assert null_db(found[:, : time_s.size], 0.1 * gain) < -140


@pytest.mark.parametrize("place", [-1.0, -0.3, 0.0, 0.6, 1.0])
def test_one_channel_is_panned_by_constant_power(place: float) -> None:
    sound = noise(rms_db=-30)
    strip = Strip(pan=lane((0, place), law="linear_gain"))
    found = hear(song([track("one", strip, channels=1)], frames=sound.frames), {"one": sound})
    angle = (place + 1) * np.pi / 4
    expected = sound.samples[0].astype(np.float64) * [[np.cos(angle)], [np.sin(angle)]]
    assert null_db(found, expected) < -140


def test_two_channels_are_balanced_and_widened() -> None:
    sound = noise(rms_db=-30, channels=2)
    strip = Strip(width=0.5, pan=lane((0, 1), law="linear_gain"))
    found = hear(song([track("one", strip)], frames=sound.frames), {"one": sound})
    left, right = sound.samples.astype(np.float64)
    expected = np.stack((0 * left, (left + right) / 2 - 0.5 * (left - right) / 2))
    assert null_db(found, expected) < -140


def test_a_width_moves_to_the_sample_and_cuts_change_no_byte() -> None:
    sound = noise(rms_db=-30, channels=2)
    ramp = lane((0.1, 1.0), (0.3, 0.2), law="linear_gain")
    mix = song([track("one", Strip(width=ramp))], frames=sound.frames)
    left, right = sound.samples.astype(np.float64)
    width = np.interp(np.arange(sound.frames) / RATE_HZ, [0.1, 0.3], [1.0, 0.2])
    side = width * (left - right) / 2
    found = hear(mix, {"one": sound})
    assert null_db(found, np.stack(((left + right) / 2 + side, (left + right) / 2 - side))) < -140
    assert np.array_equal(found, hear(mix, {"one": sound}, block_frames=4096))


def test_a_send_is_a_copy_behind_fader_and_pan() -> None:
    sound = noise(rms_db=-30, channels=1)
    strip = Strip(fader_db=lane((0, -6)), sends=(Send(bus="echo", level_db=lane((0, -12))),))
    echo = Bus(id="echo", name="Echo", kind="effect", inserts=(insert(Gain(gain_db=6, inverted=True)),))
    mix = song(
        [track("one", strip, channels=1), track("dry", channels=1, sound="other")], frames=sound.frames, buses=[echo]
    )
    placed = sound.samples[0] * 10 ** (-6 / 20) * HALF_POWER * np.ones((2, 1))
    sources = {"one": sound, "dry": silence(channels=1)}
    assert null_db(hear(mix, sources, "bus:echo"), placed * -(10 ** (-6 / 20))) < -140
    assert null_db(hear(mix, sources), placed * (1 - 10 ** (-6 / 20))) < -140


def test_trim_polarity_delay_and_start_place_a_source_in_the_song() -> None:
    sound = noise(rms_db=-30, duration_s=0.25, channels=2)
    strip = Strip(trim_db=6, polarity_inverted=True, delay_frames=-100)
    one = track("one", strip).model_copy(update={"start_frame": 5_000})
    found = hear(song([one], frames=RATE_HZ), {"one": sound})
    expected = np.zeros((2, RATE_HZ))
    expected[:, 4_900 : 4_900 + sound.frames] = sound.samples * -(10 ** (6 / 20))
    assert null_db(found, expected) < -140


def test_a_tail_rings_out_until_90_db_below_full_scale() -> None:
    """A resonance of 200 Hz, Q 40, decays by 60 dB in about Q * 2.2 / f = 0.44 s; so it outlives the song."""
    ring = Equaliser(bands=(Band(frequency_hz=200, gain_db=24, q=40),))
    sound = impulse(at_s=0.999, channels=2)
    found = hear(song([track("one", Strip(inserts=(insert(ring),)))], frames=sound.frames), {"one": sound})
    longer = Audio(np.pad(sound.samples, ((0, 0), (0, 2 * RATE_HZ))), RATE_HZ)
    alone = equalise(longer, ring).samples
    last = int(np.flatnonzero(np.abs(alone).max(axis=0) > 10 ** (-90 / 20))[-1]) + 1
    assert sound.frames < last == found.shape[1]
    assert null_db(found, alone[:, :last]) < -140


def test_without_a_tail_the_mix_is_as_long_as_the_song() -> None:
    sound = noise(duration_s=0.7, channels=2)
    assert hear(song([track("one")], frames=sound.frames), {"one": sound}).shape == (2, sound.frames)
    assert hear(song([], frames=1000), {}).tobytes() == np.zeros((2, 1000), np.float32).tobytes()


def test_files_come_out_as_float_wav_with_the_same_samples(tmp_path: Path) -> None:
    mix, sources = busy_song(duration_s=2)
    result = render(mix, sources, outputs={"mix": tmp_path / "mix.wav", "strip:kick": tmp_path / "kick.wav"})
    with WavReader(tmp_path / "mix.wav") as wav, WavReader(tmp_path / "kick.wav") as kick:
        assert (wav.header.encoding, wav.header.sample_rate_hz, kick.header.channels) == ("float", RATE_HZ, 1)
        assert wav.frames == result.end_frames["mix"]
        assert wav.read(0, wav.frames).tobytes() == hear(mix, sources).tobytes()


def test_sources_come_from_files_at_any_rate(tmp_path: Path) -> None:
    """A 44.1 kHz file goes through soxr once; -80 dB below full scale is far above its passband ripple at 1 kHz."""
    from tests.sounds import sine
    from tonmeister.files.wav import write_wav

    write_wav(tmp_path / "a.wav", sine(frequency_hz=1000, peak_db=-12, sample_rate_hz=44_100, channels=2))
    mix = song([track("a")], frames=RATE_HZ)
    recorder = Recorder()
    render(mix, {"a": SourceFile(tmp_path / "a.wav")}, cache=Cache(tmp_path / "cache"), listeners={"mix": [recorder]})
    inside = slice(2000, -2000)
    expected = sine(frequency_hz=1000, peak_db=-12, channels=2).samples
    assert null_db(recorder.samples[:, inside], expected[:, inside]) < -80


def test_stopping_leaves_no_file(tmp_path: Path) -> None:
    mix, sources = busy_song(duration_s=2)
    stop = threading.Event()
    with pytest.raises(CancelledError):
        render(mix, sources, cache=Cache(tmp_path / "cache"), outputs={"mix": tmp_path / "mix.wav"}, threads=2,
               progress=lambda _: stop.set(), cancel=stop)  # fmt: skip
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert threading.active_count() == 1


def test_progress_rises_to_one() -> None:
    mix, sources = busy_song(duration_s=1)
    shares: list[float] = []
    render(mix, sources, listeners={"mix": [Recorder()]}, progress=shares.append)
    assert shares[-1] == 1
    assert all(later > earlier for earlier, later in pairwise(shares))


def test_what_a_listener_raises_comes_out() -> None:
    mix, sources = busy_song(duration_s=1)

    def complain(start_frame: int, block: np.ndarray) -> None:
        raise LookupError(start_frame, block.shape)

    with pytest.raises(LookupError):
        render(mix, sources, listeners={"mix": [complain]}, threads=2)
    assert threading.active_count() == 1


def test_a_missing_sound_and_a_missing_point_are_named() -> None:
    mix = song([track("one")], frames=1000)
    with pytest.raises(NoTracksError, match="one"):
        render(mix, {}, listeners={"mix": [Recorder()]})
    with pytest.raises(DocumentError, match="strip:two"):
        render(mix, {}, listeners={"strip:two": [Recorder()]})


def test_a_long_silence_changes_no_byte_whatever_the_blocks() -> None:
    """7 s of digital silence, longer than any processor stays awake."""
    sound = noise(duration_s=9, channels=2)
    sound.samples[:, 50_000:390_000] = 0
    strip = Strip(inserts=(insert(Compressor(lookahead_ms=4, release_ms=800)), insert(TruePeakLimiter())))
    mix = song([track("one", strip)], frames=sound.frames)
    assert len({hear(mix, {"one": sound}, block_frames=size).tobytes() for size in (3072, 65_536, 262_144)}) == 1


def test_memory_does_not_grow_with_length(tmp_path: Path) -> None:
    """Six tracks of 40 s, 92 MB: of each at most WINDOW blocks of 0.5 MiB wait and one is at work; 6 MiB for all the rest."""
    from tonmeister.files.wav import write_wav

    write_wav(tmp_path / "long.wav", noise(duration_s=40, channels=2))
    strip = Strip(inserts=(insert(Equaliser(bands=(Band(frequency_hz=900, gain_db=6),))), insert(Compressor())))
    tracks = [track(f"t{n}", strip) for n in range(6)]
    sources = {one.id: SourceFile(tmp_path / "long.wav") for one in tracks}
    tracemalloc.start()
    render(song(tracks, frames=40 * RATE_HZ), sources, outputs={"mix": tmp_path / "mix.wav"}, threads=2)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < (6 * (WINDOW + 1) * 0.5 + 6) * 2**20
