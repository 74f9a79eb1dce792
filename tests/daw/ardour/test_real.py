"""A real Ardour reads and renders our sessions, as they are written: on the sound card, whose latency is 256 frames headless."""

from pathlib import Path

import numpy as np
import pytest

from bench.ardour import Ardour
from tests.daw.sessions import facts, peak_db, read_with, write_session, write_sounds
from tests.render.songs import hear, insert, lane, song, track
from tests.sounds import RATE_HZ, drums, impulse, noise, pink_noise
from tonmeister.audio import Audio, Samples
from tonmeister.daw.ardour.lanes import azimuth_of, mono_pan_correction
from tonmeister.daw.ardour.plugins import SKETCHES, builds
from tonmeister.daw.ardour.write import write_ardour_files
from tonmeister.daw.order import Order
from tonmeister.daw.prepare import Abilities, prepare
from tonmeister.document.mix import Mix, Section
from tonmeister.document.strip import Bus, Send, Strip
from tonmeister.engineer.printing import key_of, print_sounds
from tonmeister.files.cache import Cache
from tonmeister.files.probe import probe
from tonmeister.processing import Band, Compressor, DeEsser, Delay, Equaliser, Expander, Processor, Reverb

pytestmark = [pytest.mark.needs("ardour7-export", "ardour7-lua"), pytest.mark.slow]


@pytest.fixture(scope="module")
def ardour(tmp_path_factory: pytest.TempPathFactory) -> Ardour:
    return Ardour(tmp_path_factory.mktemp("home"))


def _still_song() -> tuple[Mix, dict[str, Audio]]:
    """Return a song of everything that stands still and is linear."""
    channels = {"mono": 1, "early": 1, "wide": 2, "loud": 2, "muted": 2}
    sounds = {name: noise(duration_s=2, channels=n, seed=n) for name, n in channels.items()}
    pan = {p: lane((0, p), law="linear_gain") for p in (-0.5, 0.8, 0.4)}
    strips = {
        "mono": Strip(pan=pan[-0.5], fader_db=lane((0, -3)), delay_frames=100, polarity_inverted=True),
        "early": Strip(pan=pan[0.8], trim_db=-24, delay_frames=-333, sends=(Send(bus="fx", level_db=lane((0, -6))),)),
        "wide": Strip(
            pan=pan[0.4], width=1.5, fader_db=lane((0, 2)), polarity_inverted=True,
            sends=(Send(bus="fx", level_db=lane((0, -3))),),
        ),
        "loud": Strip(output="group", trim_db=2.5, fader_db=lane((0, 8))),
        "muted": Strip(mute=lane((0, 1), law="hold")),
    }  # fmt: skip
    group_send = (Send(bus="fx", level_db=lane((0, -9))),)
    buses = (
        Bus(id="group", name="Group", fader_db=lane((0, -2)), width=0.5, sends=group_send),
        Bus(id="fx", name="Effect", kind="effect", fader_db=lane((0, -3))),
    )
    tracks = [track(name, strips[name], channels=sound.channels) for name, sound in sounds.items()]
    return song(tracks, frames=2 * RATE_HZ, buses=buses), sounds


def test_all_that_stands_still_nulls_against_our_own_renderer(ardour: Ardour, tmp_path: Path) -> None:
    """Faders, pans, trims, polarity, delays, widths, groups, sends, mutes: -90 dB is asked, float32 sums give -130."""
    mix, sounds = _still_song()
    rendered = ardour.render(write_session(mix, sounds, tmp_path).path)
    ours = hear(mix, sounds)
    frames = min(rendered.shape[1], ours.shape[1])
    assert frames >= 2 * RATE_HZ
    assert peak_db(rendered[:, :frames] - ours[:, :frames]) < -120


def _moving_song() -> tuple[Mix, dict[str, Audio], dict[str, slice]]:
    """Return a song in which each track has four seconds of its own, in which its lane moves."""
    slot = 4 * RATE_HZ
    steady = Audio(np.full((2, slot), 0.25, np.float32), RATE_HZ)
    strips = {
        "fader": Strip(fader_db=lane((0.5, -12), (1.5, 0), (2.0, 0), (2.5, -9))),
        "linear": Strip(fader_db=lane((4.0, -12), (4.2, 0), (6.0, 0), (6.5, -9), law="linear_gain")),
        "mute": Strip(mute=lane((8.0, 0), (9.0, 1), (10.5, 0), law="hold")),
        "sent": Strip(sends=(Send(bus="fx", level_db=lane((13, -12), (15, 0))),), fader_db=lane((0, -3))),
        "pan": Strip(pan=lane((16.5, -1), (17.5, 1), (19.0, 0), law="linear_gain")),
    }
    tracks = [
        track(name, strip.model_copy(update={"delay_frames": place * slot}))
        for place, (name, strip) in enumerate(strips.items())
    ]
    mix = song(tracks, frames=len(strips) * slot, buses=(Bus(id="fx", name="Effect", kind="effect"),))
    parts = {name: slice(place * slot, (place + 1) * slot) for place, name in enumerate(strips)}
    return mix, dict.fromkeys(strips, steady), parts


def test_all_that_moves_nulls_against_our_own_renderer(ardour: Ardour, tmp_path: Path) -> None:
    """-90 dB is asked, of the session as it is written, with the master on the sound card and its latency; steps of a mute, too."""
    mix, sounds, parts = _moving_song()
    rendered, ours = ardour.render(write_session(mix, sounds, tmp_path).path), hear(mix, sounds)
    left_db = {name: peak_db(rendered[:, part] - ours[:, part]) for name, part in parts.items()}
    assert max(left_db.values()) < -90, left_db


def test_a_moving_width_nulls_against_our_own_renderer(ardour: Ardour, tmp_path: Path) -> None:
    """Ardour tells a plugin its parameter at the start of a run; our box of tools moves it on within."""
    sound = noise(duration_s=4, channels=2, seed=5)
    ramps = lane((0.51, 1.0), (1.2, 0.3), (2.0, 0.3), (2.6, 1.4), (3.5, 1.0), law="linear_gain")
    mix = song([track("a", Strip(width=ramps))], frames=sound.frames)
    rendered = ardour.render(write_session(mix, {"a": sound}, tmp_path).path)
    ours = hear(mix, {"a": sound})
    assert peak_db(rendered[:, : sound.frames] - ours[:, : sound.frames]) < -90


def _in_slots(cases: dict[str, tuple[Audio, Processor]], slot_frames: int) -> tuple[Mix, dict[str, Audio]]:
    """Return a song that plays one track after the other."""
    tracks = [
        track(name, Strip(inserts=(insert(settings),), delay_frames=place * slot_frames), channels=sound.channels)
        for place, (name, (sound, settings)) in enumerate(cases.items())
    ]
    return song(tracks, frames=slot_frames * len(cases)), {name: sound for name, (sound, _) in cases.items()}


def test_equalisers_have_our_curve_within_half_a_decibel(ardour: Ardour, tmp_path: Path) -> None:
    click = impulse(duration_s=1, at_s=0.05, channels=2)
    bands = {
        "high-pass": (Band(shape="high_pass", frequency_hz=80),),
        "steep": (Band(shape="high_pass", frequency_hz=120, slope_db_per_octave=24),),
        "mix": (
            Band(shape="high_pass", frequency_hz=40),
            Band(frequency_hz=300, gain_db=-3, q=1.0),
            Band(frequency_hz=3200, gain_db=2, q=1.4),
            Band(shape="high_shelf", frequency_hz=8000, gain_db=3),
        ),
        "tilt": (Band(shape="high_shelf", frequency_hz=2500, gain_db=3, q=0.5),),
        "many": tuple(
            Band(frequency_hz=f, gain_db=g, q=q)
            for f, g, q in ((60, 4, 2), (250, -6, 0.5), (900, 3, 4), (4000, -3, 1), (12_000, 6, 1), (15_000, -8, 2))
        ),
        "low-shelf": (Band(shape="low_shelf", frequency_hz=120, gain_db=5),),
        "notch": (Band(shape="notch", frequency_hz=50, q=10),),
    }
    mix, sounds = _in_slots({name: (click, Equaliser(bands=those)) for name, those in bands.items()}, RATE_HZ)
    made = write_session(mix, sounds, tmp_path)
    assert made.approximate == ()
    rendered, ours = ardour.render(made.path), hear(mix, sounds)
    hz = np.fft.rfftfreq(RATE_HZ, 1 / RATE_HZ)
    for place, name in enumerate(bands):
        part = slice(place * RATE_HZ, (place + 1) * RATE_HZ)
        got, wanted = (np.abs(np.fft.rfft(sound[0, part])) for sound in (rendered, ours))
        heard = (hz >= 20) & (hz <= 16_000) & (wanted > 10 ** (-40 / 20))
        assert np.max(np.abs(20 * np.log10(got[heard] / wanted[heard]))) < 0.5, name


def test_dynamics_turn_down_as_ours_do(ardour: Ardour, tmp_path: Path) -> None:
    """The peak compressor is the same algorithm and nulls; the others hear peaks instead of means."""
    length = 4 * RATE_HZ
    swell = 10 ** (12 * np.sin(2 * np.pi * 0.5 * np.arange(length) / RATE_HZ) / 20)
    music = Audio((pink_noise(duration_s=4, channels=2).samples * 0.7 * swell).astype(np.float32), RATE_HZ)
    rms = Compressor(
        threshold_db=-22, ratio=2, knee_db=9, attack_ms=30, release_ms=250, detector="rms", rms_window_ms=20
    )
    cases: dict[str, tuple[Audio, Processor]] = {
        "peak": (drums(), Compressor(threshold_db=-20, ratio=3, attack_ms=10, release_ms=120, makeup_db=3)),
        "quieter": (music, Compressor(threshold_db=-18, ratio=2, makeup_db=-2)),
        "rms": (music, rms),
        "expander": (music, Expander(threshold_db=-28, ratio=2)),
    }
    mix, sounds = _in_slots(cases, length)
    made = write_session(mix, sounds, tmp_path)
    rendered, ours = ardour.render(made.path), hear(mix, sounds)
    parts = {name: slice(place * length, (place + 1) * length) for place, name in enumerate(cases)}
    for name in ("peak", "quieter"):
        assert peak_db(rendered[:, parts[name]] - ours[:, parts[name]]) < -90, name
    for name in ("rms", "expander"):
        got, wanted = (_levels_db(sound[:, parts[name]]) for sound in (rendered, ours))
        assert np.max(np.abs(got - wanted)[10:]) < 1.5, name
        assert abs(np.mean((got - wanted)[10:])) < 0.5, name
    assert len(made.approximate) == 2


def _levels_db(samples: Samples, piece: int = 2400) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    whole = samples[:, : samples.shape[1] // piece * piece].reshape(len(samples), -1, piece).astype(np.float64)
    levels: np.ndarray[tuple[int], np.dtype[np.float64]] = 10 * np.log10(np.mean(whole**2, axis=(0, 2)) + 1e-12)
    return levels


def test_a_reverb_has_our_decay_and_level_and_a_delay_our_first_repeat(ardour: Ardour, tmp_path: Path) -> None:
    burst = pink_noise(duration_s=4, channels=2)
    burst.samples[:, 2 * RATE_HZ :] = 0
    click = impulse(duration_s=1, at_s=0.5, channels=2)
    reverb = Reverb(decay_s=1.2, pre_delay_ms=20, low_cut_hz=200, high_cut_hz=9000)
    buses = (
        Bus(id="r", name="Plate", kind="effect", inserts=(insert(reverb),)),
        Bus(id="d", name="Echo", kind="effect", inserts=(insert(Delay(time_ms=375, feedback=0.3)),)),
    )
    strips = {
        "burst": Strip(sends=(Send(bus="r", level_db=lane((0, 0))),)),
        "click": Strip(delay_frames=8 * RATE_HZ, sends=(Send(bus="d", level_db=lane((0, 0))),)),
    }
    sounds = {"burst": burst, "click": click}
    mix = song([track(name, strip) for name, strip in strips.items()], frames=10 * RATE_HZ, buses=buses)
    rendered = ardour.render(write_session(mix, sounds, tmp_path).path)
    ours = hear(mix, sounds)
    dry = np.zeros_like(ours)
    dry[:, : burst.frames] += burst.samples
    got, wanted = (_levels_db((sound[:, : dry.shape[1]] - dry), 480) for sound in (rendered[:, : ours.shape[1]], ours))
    assert np.mean(got[120:200]) == pytest.approx(np.mean(wanted[120:200]), abs=1.5)  # as loud while it sounds
    assert np.mean(got[300:310]) == pytest.approx(np.mean(wanted[300:310]), abs=3)  # and a second later
    repeat = slice(round(8.5 * RATE_HZ) + 18_000 - 20, round(8.5 * RATE_HZ) + 18_000 + 200)
    assert abs(int(np.argmax(np.abs(rendered[0, repeat]))) - int(np.argmax(np.abs(ours[0, repeat])))) <= 5


def test_ardour_understands_what_the_document_says(ardour: Ardour, tmp_path: Path) -> None:
    equaliser = Equaliser(bands=(Band(shape="high_pass", frequency_hz=90), Band(frequency_hz=400, gain_db=-3, q=1.2)))
    compressor = Compressor(threshold_db=-24, ratio=3, attack_ms=12, release_ms=150, makeup_db=2)
    voice = Strip(
        trim_db=-2.5, polarity_inverted=True, delay_frames=-77, inserts=(insert(equaliser), insert(compressor)),
        fader_db=lane((0.5, 0), (1.0, -1)), pan=lane((0, -0.4), law="linear_gain"),
        sends=(Send(bus="fx", level_db=lane((0, -10))),),
    )  # fmt: skip
    sounds = {"voice": noise(duration_s=1), "room": noise(duration_s=1, channels=2)}
    tracks = [track("voice", voice, channels=1), track("room", Strip(mute=lane((0, 1), law="hold")))]
    mix = song(tracks, frames=RATE_HZ, buses=(Bus(id="fx", name="Fx & Co", kind="effect", fader_db=lane((0, -4))),))
    section = Section(id="c", label="chorus", start_s=0.5, end_s=1, confidence=1)
    mix = mix.model_copy(update={"song": mix.song.model_copy(update={"sections": (section,)})})
    lines = read_with(ardour, write_session(mix, sounds, tmp_path).path)
    assert [line[1] for line in lines if line[0] == "gain"] == ["voice", "room", "Fx & Co", "Master"]
    assert float(facts(lines, "gain")["Fx & Co"][0]) == pytest.approx(10 ** (-4 / 20), rel=1e-5)
    assert float(facts(lines, "trim")["voice"][0]) == pytest.approx(10 ** (-2.5 / 20), rel=1e-5)
    assert [facts(lines, "phase")["voice"], facts(lines, "phase")["room"]] == [["1"], ["0"]]
    assert [facts(lines, "mute")["voice"], facts(lines, "mute")["room"]] == [["0"], ["1"]]
    assert float(facts(lines, "pan")["voice"][0]) == pytest.approx(azimuth_of(-0.4, channels=1), abs=1e-5)
    assert facts(lines, "send")["voice"] == ["Fx & Co", "0.316228"]
    assert facts(lines, "region")["voice"] == ["0", "77", str(RATE_HZ - 77)]
    assert facts(lines, "fader")["voice"] == [""]  # no automation holds it: the ride is in the box before it
    assert float(facts(lines, "gain")["voice"][0]) == pytest.approx(mono_pan_correction(-0.4), rel=1e-5)
    plugins = [line[3:] for line in lines if line[:2] == ["plugin", "voice"]]
    assert [name for name, _ in plugins] == [
        "Tonmeister Strip Tools",
        "ACE EQ",
        "ACE Compressor",
        "Tonmeister Strip Tools",
    ]
    ports = {(int(line[2]), line[3]): float(line[4]) for line in lines if line[:2] == ["port", "voice"]}
    wanted = {
        (0, "High-pass slope"): 1, (0, "High-pass frequency"): 90, (1, "Frequency 1"): 400, (1, "Gain 1"): -3,
        (2, "Threshold"): -24, (2, "Ratio"): 3, (2, "Attack"): 12, (2, "Release"): 150, (2, "Makeup"): 2, (2, "Knee"): 1,
    }  # fmt: skip
    assert {port: ports[port] for port in wanted} == pytest.approx(wanted, rel=0.01)
    ride = dict(
        point.split(":") for line in lines if line[:4] == ["moves", "voice", "3", "Ride"] for point in line[4].split()
    )
    assert {at: float(ride[at]) for at in (f"{RATE_HZ // 2}", f"{RATE_HZ}")} == {f"{RATE_HZ // 2}": 0, f"{RATE_HZ}": -1}
    assert facts(lines, "mark")["Chorus"] == [str(RATE_HZ // 2), str(RATE_HZ // 2)]
    assert facts(lines, "range")["Chorus"] == [str(RATE_HZ // 2), str(RATE_HZ)]


def test_a_session_of_prints_and_linked_sound_nulls_against_the_mix(ardour: Ardour, tmp_path: Path) -> None:
    """What Ardour has no device for is printed: tracks, a keyed compressor, an effect; the persons' own files stay where they are.

    Ardour looks for its own files beside those, too, and gives up where a print has the name of a take.
    """
    strips = {
        "voice": Strip(
            inserts=(insert(DeEsser(threshold_db=-50)),), trim_db=-3, fader_db=lane((0, -2)),
            sends=(Send(bus="fx", level_db=lane((0, -6))),),
        ),
        "pad": Strip(inserts=(insert(Compressor(threshold_db=-40), key="voice"),), pan=lane((0, 0.3), law="linear_gain")),
        "room": Strip(fader_db=lane((0, -5)), width=0.5),
    }  # fmt: skip
    fx = Bus(
        id="fx",
        name="Echo",
        kind="effect",
        inserts=(insert(Delay(time_ms=90, ping_pong=True)),),
        fader_db=lane((0, -2)),
    )
    sounds = {
        "voice": noise(duration_s=2),
        "pad": noise(duration_s=2, channels=2),
        "room": noise(duration_s=2, channels=2),
    }
    tracks = [track(name, strip, channels=sounds[name].channels) for name, strip in strips.items()]
    mix = song(tracks, frames=2 * RATE_HZ, buses=(fx,))
    paths = write_sounds(sounds, tmp_path / "sounds")
    paths["voice"] = paths["voice"].rename(tmp_path / "sounds" / "voice.wav")
    files = {name: probe(path) for name, path in paths.items()}
    prepared = prepare(mix, Abilities(builds, width=True, sketches=SKETCHES))
    prints = print_sounds(mix, files, prepared.prints, lambda name: tmp_path / name, cache=Cache(tmp_path / "cache"))
    heard = files | {take: files[name] for take, name in prepared.same_sound}
    heard |= {one.track_id: prints[key_of(one)] for one in prepared.prints}

    def place(name: str) -> Path:
        (tmp_path / "session" / name).parent.mkdir(parents=True, exist_ok=True)
        return tmp_path / "session" / name

    printed = frozenset(one.track_id for one in prepared.prints)
    made = write_ardour_files(Order(prepared.mix, heard, place, "Mix", way="link", printed=printed))
    kept = {path.stem for path in (tmp_path / "session").rglob("*.wav")}
    assert kept == {"voice 2", "pad", "Echo (printed)"}  # prints lie in the session, takes and the room where they were
    rendered, ours = ardour.render(made.path), hear(mix, sounds)
    assert peak_db(rendered[:, : 2 * RATE_HZ] - ours[:, : 2 * RATE_HZ]) < -110
