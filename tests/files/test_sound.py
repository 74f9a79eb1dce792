"""Any file comes out as (channels, frames) float32, equal to what libsndfile and ffmpeg make of it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.sounds import noise, pink_noise
from tonmeister.audio import Audio, Samples
from tonmeister.errors import MissingExtraError, UnreadableFileError
from tonmeister.files import sound
from tonmeister.files.cache import Cache
from tonmeister.files.encode import write_encoded
from tonmeister.files.probe import probe
from tonmeister.files.resample import resample
from tonmeister.files.sound import open_sound
from tonmeister.files.wav import write_wav

RATE_HZ = 48_000
FLOAT_ROUNDING = 5e-6
"""Two builds of one lossy decoder differ by rounding in float32, over at most a few hundred additions of values up to 1."""


def _music(seconds: float = 1.7) -> Audio:
    return pink_noise(duration_s=seconds, channels=2)


def _ffmpeg(*arguments: str | Path) -> bytes:
    command = ["ffmpeg", "-y", "-loglevel", "error", "-nostdin", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True).stdout


def _ffmpeg_decodes(path: Path, *, stream: int = 0, channels: int = 2) -> Samples:
    raw = _ffmpeg("-i", path, "-map", f"0:a:{stream}", "-f", "f32le", "-")
    return np.ascontiguousarray(np.frombuffer(raw, "<f4").reshape(-1, channels).T)


def _all(path: Path, **options: object) -> Samples:
    with open_sound(path, **options) as reader:  # type: ignore[arg-type]  # passed on as they are
        return reader.read_all().samples


@pytest.mark.parametrize(
    ("name", "container", "subtype"),
    [
        ("x.aiff", "AIFF", "PCM_16"),
        ("x.aiff", "AIFF", "PCM_24"),
        ("x.aifc", "AIFF", "FLOAT"),
        ("x.flac", "FLAC", "PCM_16"),
        ("x.flac", "FLAC", "PCM_24"),
        ("x.w64", "W64", "PCM_24"),
        ("x.caf", "CAF", "PCM_24"),
        ("x.au", "AU", "PCM_16"),
        ("x.wav", "WAV", "PCM_U8"),
        ("x.wav", "WAV", "IMA_ADPCM"),
        ("x.ogg", "OGG", "VORBIS"),
        ("x.mp3", "MP3", "MPEG_LAYER_III"),
    ],
)
def test_what_libsndfile_reads_comes_out_to_the_bit(tmp_path: Path, name: str, container: str, subtype: str) -> None:
    path = tmp_path / name
    soundfile.write(path, _music().samples.T, RATE_HZ, format=container, subtype=subtype)
    expected = soundfile.read(path, dtype="float32", always_2d=True)[0].T
    with open_sound(path) as reader:
        ours = reader.read_all().samples
        assert reader.faults == ()
        assert reader.file.frames == reader.frames == expected.shape[1]
    np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize(("name", "bits"), [("x.flac", 24), ("x.wav", 24), ("x.wav", 16)])
def test_integer_sound_survives_the_way_out_and_back_exactly(tmp_path: Path, name: str, bits: int) -> None:
    steps = 2.0 ** (bits - 1)
    audio = Audio((np.rint(_music().samples * steps) / steps).astype(np.float32), RATE_HZ)
    path = tmp_path / name
    if name.endswith("flac"):
        write_encoded(path, [audio.samples], sample_rate_hz=RATE_HZ, channels=2, codec="flac")
    else:
        write_wav(path, audio, encoding="pcm_24" if bits == 24 else "pcm_16")
    np.testing.assert_array_equal(_all(path), audio.samples)


@pytest.mark.needs("ffmpeg")
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("x.m4a", ["-c:a", "aac", "-b:a", "192k"]),
        ("x.m4a", ["-c:a", "alac"]),
        ("x.m4a", ["-c:a", "alac", "-sample_fmt", "s16p"]),
        ("x.aac", ["-c:a", "aac"]),
        ("x.opus", ["-c:a", "libopus"]),
        ("x.mka", ["-c:a", "pcm_s24le"]),
        ("x.webm", ["-c:a", "libopus"]),
        ("x.wv", ["-c:a", "wavpack"]),
        ("x.mp3", ["-c:a", "libmp3lame"]),
        ("x.mov", ["-c:a", "pcm_s16be"]),
    ],
)
def test_what_ffmpeg_reads_has_ffmpegs_length_and_place(tmp_path: Path, name: str, arguments: list[str]) -> None:
    """Priming is skipped as ffmpeg does: one frame of shift would be an error as large as the signal."""
    music = _music()
    write_wav(tmp_path / "source.wav", music)
    _ffmpeg("-i", tmp_path / "source.wav", *arguments, tmp_path / name)
    ours, theirs = _all(tmp_path / name), _ffmpeg_decodes(tmp_path / name)
    assert ours.shape == theirs.shape
    # Opus decoders may differ in the lowest bits (RFC 6716 leaves the arithmetic free).
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-3 if "libopus" in arguments else FLOAT_ROUNDING)
    if "aac" not in arguments[1] or name == "x.m4a":
        lag = int(np.argmax(np.correlate(ours[0, :12_000], music.samples[0, 2_000:10_000]))) - 2_000
        assert lag == 0


@pytest.mark.needs("ffmpeg")
def test_the_sound_of_a_video_is_read(tmp_path: Path) -> None:
    picture = ["-f", "lavfi", "-i", "color=size=32x32:rate=10:duration=1"]
    tone = ["-f", "lavfi", "-i", "sine=frequency=440:duration=1:sample_rate=48000"]
    _ffmpeg(*picture, *tone, "-c:v", "mpeg4", "-c:a", "aac", tmp_path / "x.mp4")
    found = probe(tmp_path / "x.mp4")
    assert (found.container, found.codec, found.sample_rate_hz, found.channels) == ("mov", "aac", 48_000, 1)
    np.testing.assert_allclose(
        _all(tmp_path / "x.mp4"), _ffmpeg_decodes(tmp_path / "x.mp4", channels=1), rtol=0, atol=FLOAT_ROUNDING
    )


@pytest.mark.shared
@pytest.mark.needs("ffmpeg")
@pytest.mark.parametrize(
    ("pattern", "streams"),
    [
        ("multitracks/eif_caesium/*Master_mobile.m4a", 1),
        ("multitracks/falcon69/*.stem.mp4", 5),
        ("multitracks/mdn_funk/horns.mp3", 1),
        ("references/warzone2100-music/menu.opus", 1),
    ],
)
def test_real_files_decode_as_ffmpeg_decodes_them(shared_data: Path, pattern: str, streams: int) -> None:
    (path,) = shared_data.glob(pattern)
    for stream in range(streams):
        ours, theirs = _all(path, stream=stream), _ffmpeg_decodes(path, stream=stream)
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-3 if path.suffix == ".opus" else FLOAT_ROUNDING)


def test_compressed_sound_is_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second reader must come from the cache: decoding again would fail here."""
    path = tmp_path / "x.flac"
    soundfile.write(path, _music().samples.T, RATE_HZ)
    cache = Cache(tmp_path / "cache")
    first = _all(path, cache=cache)
    monkeypatch.delattr(sound, "_decode_libsndfile")
    np.testing.assert_array_equal(_all(path, cache=cache), first)
    renamed = path.rename(tmp_path / "other.flac")
    np.testing.assert_array_equal(_all(renamed, cache=cache), first)


def test_a_scratch_file_lost_from_the_cache_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "x.flac"
    soundfile.write(path, _music().samples.T, RATE_HZ)
    cache = Cache(tmp_path / "cache")
    first = _all(path, cache=cache)
    for kept in cache.folder.rglob("*"):
        if kept.is_file() and kept.stat().st_size > 100_000:
            kept.write_bytes(b"RIFF")  # damaged
    np.testing.assert_array_equal(_all(path, cache=cache), first)
    cache.clear()
    np.testing.assert_array_equal(_all(path, cache=cache), first)


@pytest.mark.parametrize("name", ["x.wav", "x.flac"])
def test_another_rate_is_the_resampled_whole(tmp_path: Path, name: str) -> None:
    music = _music(2.3)
    soundfile.write(tmp_path / name, music.samples.T, RATE_HZ, subtype="PCM_24")
    whole = resample(Audio(_all(tmp_path / name), RATE_HZ), to_hz=44_100)
    with open_sound(tmp_path / name, rate_hz=44_100, cache=Cache(tmp_path / "cache")) as reader:
        assert (reader.sample_rate_hz, reader.frames, reader.file.frames) == (44_100, whole.frames, music.frames)
        np.testing.assert_array_equal(np.concatenate(list(reader.blocks(999)), axis=1), whole.samples)


@pytest.mark.parametrize("name", ["x.wav", "x.aiff", "resampled.wav"])
def test_infinite_samples_become_silence_and_a_fault(tmp_path: Path, name: str) -> None:
    samples = _music().samples.T.copy()
    samples[100, 0], samples[101, 1] = np.nan, np.inf
    soundfile.write(tmp_path / name, samples, RATE_HZ, subtype="FLOAT")
    with open_sound(tmp_path / name, rate_hz=44_100 if name.startswith("re") else None) as reader:
        assert all(np.isfinite(block).all() for block in reader.blocks())
        (fault,) = reader.faults
    assert fault.text == "2 samples are infinite or no number; replaced by silence."


@pytest.mark.parametrize("name", ["x.wav", "x.flac"])
def test_a_file_that_breaks_off_is_used_up_to_there_and_says_so(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    soundfile.write(path, noise(channels=2, duration_s=8).samples.T, RATE_HZ, subtype="PCM_24")
    whole = _all(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with open_sound(path) as reader:
        samples = reader.read_all().samples
        (fault,) = reader.faults
    assert fault.kind == "breaks-off"
    assert reader.frames == pytest.approx(4 * RATE_HZ, abs=2 * 4_096)  # half the noise, but for two FLAC frames
    np.testing.assert_array_equal(samples, whole[:, : reader.frames])
    assert samples.shape[1] / RATE_HZ == pytest.approx(fault.at_s)


@pytest.mark.needs("ffmpeg")
def test_damaged_packets_become_silence_of_their_length(tmp_path: Path) -> None:
    """What follows must stay in its place: a stem that slips is worse than a gap."""
    path = tmp_path / "x.m4a"
    write_wav(tmp_path / "source.wav", noise(channels=2, duration_s=4))
    _ffmpeg("-i", tmp_path / "source.wav", "-c:a", "alac", "-movflags", "faststart", path)
    whole = _all(path)
    raw = bytearray(path.read_bytes())
    middle = raw.index(b"mdat") + len(raw) // 2
    raw[middle : middle + 30_000] = b"\xff" * 30_000
    path.write_bytes(raw)
    with open_sound(path) as reader:
        ours = reader.read_all().samples
        kinds = {fault.kind for fault in reader.faults}
    assert kinds == {"damaged"}
    assert ours.shape == whole.shape
    np.testing.assert_array_equal(ours[:, -RATE_HZ:], whole[:, -RATE_HZ:])


def test_more_than_two_channels_are_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "surround.wav"
    soundfile.write(path, np.zeros((100, 3)), RATE_HZ)
    with pytest.raises(UnreadableFileError) as caught:
        open_sound(path)
    assert caught.value.reason == "It has 3 channels"
    assert caught.value.advice == "Only mono and stereo are mixed; export it as mono or stereo files."


@pytest.mark.parametrize(
    "content", [b"", b"Dear engineer, please mix this.\n" * 200, b"RIFF", b"fLaC", b"ID3", bytes(5000)]
)
@pytest.mark.parametrize("ending", [".wav", ".au", ".mp3", ".flac", ".m4a"])
def test_what_is_no_sound_is_refused_whatever_it_is_called(tmp_path: Path, content: bytes, ending: str) -> None:
    path = tmp_path / f"x{ending}"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError) as caught:
        open_sound(path)
    assert caught.value.path == path


def test_the_ending_does_not_count(tmp_path: Path) -> None:
    music = _music()
    soundfile.write(tmp_path / "x.flac", music.samples.T, RATE_HZ, subtype="PCM_24")
    wrong = (tmp_path / "x.flac").rename(tmp_path / "x.wav")
    assert probe(wrong).container == "flac"
    assert _all(wrong).shape == music.samples.shape


@pytest.mark.needs("ffmpeg")
def test_without_pyav_one_sentence_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_wav(tmp_path / "source.wav", _music())
    _ffmpeg("-i", tmp_path / "source.wav", tmp_path / "x.m4a")
    _ffmpeg("-i", tmp_path / "source.wav", "-c:a", "libopus", tmp_path / "x.opus")
    with_pyav = _all(tmp_path / "x.opus")
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'tonmeister\[formats\]'"):
        open_sound(tmp_path / "x.m4a")
    assert _all(tmp_path / "x.opus").shape == with_pyav.shape  # libsndfile knows Opus too, only slower


def test_closing_removes_the_scratch_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    soundfile.write(tmp_path / "x.flac", _music().samples.T, RATE_HZ)
    with open_sound(tmp_path / "x.flac"):
        assert len(list(tmp_path.glob("tonmeister-*"))) == 1
    assert list(tmp_path.glob("tonmeister-*")) == []


def test_memory_does_not_grow_with_length(tmp_path: Path) -> None:
    """The peak of Python's and NumPy's memory while a minute of FLAC is decoded and read; whole it were 23 MB."""
    import tracemalloc

    block = noise(channels=2, duration_s=1).samples
    blocks = (block for _ in range(60))
    write_encoded(tmp_path / "x.flac", blocks, sample_rate_hz=RATE_HZ, channels=2, codec="flac")
    tracemalloc.start()
    with open_sound(tmp_path / "x.flac", rate_hz=44_100) as reader:
        frames = sum(part.shape[1] for part in reader.blocks())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert frames == 60 * 44_100
    assert peak < 8e6
