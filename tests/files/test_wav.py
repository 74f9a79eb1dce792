"""Our WAV against libsndfile, and against files as they really arrive: padded, huge, broken off, never finished."""

import contextlib
import struct
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from tests.sounds import noise
from tonmeister.audio import Audio
from tonmeister.errors import UnreadableFileError
from tonmeister.files import wav_header, wav_kernels
from tonmeister.files.wav import OutputEncoding, WavReader, WavWriter, round_to_ints, write_wav
from tonmeister.files.wav_header import BroadcastExtension, read_wav_header

RATE_HZ = 48_000
SUBTYPES = ["PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"]


def _read(path: Path) -> np.ndarray:
    with WavReader(path) as wav:
        return wav.read(0, wav.frames)


def _oracle(path: Path) -> np.ndarray:
    return np.ascontiguousarray(soundfile.read(path, dtype="float32", always_2d=True)[0].T)


@pytest.mark.parametrize("subtype", SUBTYPES)
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("kind", ["WAV", "WAVEX", "RF64"])
def test_reading_equals_libsndfile_to_the_bit(tmp_path: Path, subtype: str, channels: int, kind: str) -> None:
    """Also 32-bit integers, which float32 has to round: both round to nearest."""
    path = tmp_path / "x.wav"
    wild = np.random.default_rng(1).uniform(-1, 1, (10_007, channels))
    soundfile.write(path, wild, RATE_HZ, format=kind, subtype=subtype)
    ours = _read(path)
    assert ours.dtype == np.float32
    assert ours.tobytes() == np.ascontiguousarray(_oracle(path)).tobytes()


@pytest.mark.parametrize("subtype", SUBTYPES)
def test_any_cut_gives_the_same_samples(tmp_path: Path, subtype: str) -> None:
    path = tmp_path / "x.wav"
    soundfile.write(path, noise(channels=2, duration_s=0.1).samples.T, RATE_HZ, subtype=subtype)
    with WavReader(path) as wav:
        parts = np.concatenate(list(wav.blocks(777)), axis=1)
        tail = wav.read(4_000, 10_000)
    assert parts.tobytes() == _read(path).tobytes()
    assert tail.tobytes() == _read(path)[:, 4_000:].tobytes()


def test_the_extreme_integers_come_out_exactly(tmp_path: Path) -> None:
    """Reference in plain NumPy: value / 2^(bits-1)."""
    ints = np.array([[-(2**23), -1, 0, 1, 2**23 - 1]], np.int32)
    with (
        (tmp_path / "x.wav").open("xb") as file,
        WavWriter(file, sample_rate_hz=8000, channels=1, encoding="pcm_24") as w,
    ):
        w.write_ints(ints)
    np.testing.assert_array_equal(_read(tmp_path / "x.wav"), (ints / 2.0**23).astype(np.float32))


@pytest.mark.parametrize(("encoding", "bits"), [("pcm_24", 24), ("pcm_16", 16)])
@pytest.mark.parametrize("channels", [1, 2])
def test_written_integers_are_those_that_libsndfile_reads(
    tmp_path: Path, encoding: OutputEncoding, bits: int, channels: int
) -> None:
    """Also an odd number of bytes, which needs a padding byte, and values beyond full scale, which are held."""
    limit = 2 ** (bits - 1)
    ints = np.random.default_rng(2).integers(-limit - 50, limit + 50, (channels, 3_333)).astype(np.int32)
    path = tmp_path / "x.wav"
    with (
        path.open("xb") as file,
        WavWriter(file, sample_rate_hz=RATE_HZ, channels=channels, encoding=encoding) as writer,
    ):
        for start in range(0, 3_333, 500):
            writer.write_ints(ints[:, start : start + 500])
    read = soundfile.read(path, dtype="int32", always_2d=True)[0].T >> (32 - bits)
    np.testing.assert_array_equal(read, np.clip(ints, -limit, limit - 1))
    assert path.stat().st_size % 2 == 0


def test_written_float_is_what_libsndfile_reads(tmp_path: Path) -> None:
    audio = noise(channels=2, duration_s=0.3, rms_db=3.0)
    write_wav(tmp_path / "x.wav", audio)
    np.testing.assert_array_equal(_oracle(tmp_path / "x.wav"), audio.samples)
    assert soundfile.info(tmp_path / "x.wav").subtype == "FLOAT"


@given(st.integers(1, 2), st.integers(0, 70), st.sampled_from(["float", "pcm_24", "pcm_16"]))
def test_what_is_written_comes_back(channels: int, frames: int, encoding: OutputEncoding) -> None:
    """The tolerance is half a step of plain rounding."""
    samples = np.random.default_rng(frames).uniform(-0.99, 0.99, (channels, frames)).astype(np.float32)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.wav"
        write_wav(path, Audio(samples, RATE_HZ), encoding=encoding)
        back = _read(path)
    step = {"float": 0.0, "pcm_24": 2.0**-23, "pcm_16": 2.0**-15}[encoding]
    assert back.shape == samples.shape
    np.testing.assert_allclose(back, samples, rtol=0, atol=step / 2)


def test_kernels_equal_their_plain_references() -> None:
    generator = np.random.default_rng(3)
    ints = generator.integers(-(2**31), 2**31, (2, 501)).astype(np.int32)
    words = np.empty(ints.size, np.int16)
    wav_kernels.pack_pcm16(ints, words)
    np.testing.assert_array_equal(words, np.clip(ints, -(2**15), 2**15 - 1).T.ravel())
    packed = np.empty(3 * ints.size, np.uint8)
    wav_kernels.pack_pcm24(ints, packed)
    held = np.clip(ints, -(2**23), 2**23 - 1).T.ravel().astype("<i4")
    np.testing.assert_array_equal(packed.reshape(-1, 3), held.view(np.uint8).reshape(-1, 4)[:, :3])
    out = np.empty((2, 501), np.float32)
    wav_kernels.unpack_pcm24(packed, out)
    np.testing.assert_array_equal(out, held.reshape(-1, 2).T / np.float32(2**23))
    mixed = generator.standard_normal((2, 501)).astype(np.float32)
    flat = np.empty(mixed.size, np.float32)
    wav_kernels.interleave(mixed, flat)
    np.testing.assert_array_equal(flat, mixed.T.ravel())


@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
@pytest.mark.parametrize("channels", [1, 2])
def test_samples_that_are_no_numbers_become_silence_and_are_counted(
    tmp_path: Path, subtype: str, channels: int
) -> None:
    samples = noise(channels=channels, duration_s=0.1).samples.astype(np.float64).T.copy()
    samples[10, 0], samples[11, -1], samples[12, 0] = np.nan, np.inf, -np.inf
    if subtype == "DOUBLE":
        samples[13, 0] = 1e300  # more than float32 holds
    path = tmp_path / "x.wav"
    soundfile.write(path, samples, RATE_HZ, subtype=subtype)
    expected = np.where(np.isfinite(samples) & (np.abs(samples) < 1e30), samples, 0).astype(np.float32).T
    with WavReader(path) as wav:
        for _ in range(2):  # a second pass is not counted again
            np.testing.assert_array_equal(np.concatenate(list(wav.blocks(1_000)), axis=1), expected)
        (fault,) = wav.faults
    assert (fault.kind, fault.count) == ("not-finite", 4 if subtype == "DOUBLE" else 3)


def _chunk(name: bytes, body: bytes, *, says: int | None = None) -> bytes:
    return struct.pack("<4sI", name, len(body) if says is None else says) + body + b"\0" * (len(body) % 2)


def _file(path: Path, *chunks: bytes, riff_bytes: int | None = None) -> Path:
    body = b"WAVE" + b"".join(chunks)
    path.write_bytes(struct.pack("<4sI", b"RIFF", len(body) if riff_bytes is None else riff_bytes) + body)
    return path


FORMAT = _chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 24000, 3, 24))
SAMPLES = bytes(range(1, 91))  # 30 frames of 24 bits


def test_chunks_of_odd_length_are_padded_and_unknown_ones_passed(tmp_path: Path) -> None:
    plain = _file(tmp_path / "a.wav", FORMAT, _chunk(b"data", SAMPLES))
    odd = _file(
        tmp_path / "b.wav", _chunk(b"note", b"odd"), FORMAT, _chunk(b"data", SAMPLES), _chunk(b"LIST", b"x" * 7)
    )
    assert _read(odd).tobytes() == _read(plain).tobytes()
    assert read_wav_header(odd).faults == ()


def test_a_file_that_breaks_off_is_read_up_to_there(tmp_path: Path) -> None:
    path = _file(tmp_path / "x.wav", FORMAT, _chunk(b"data", SAMPLES[:31], says=240_000), riff_bytes=240_036)
    (fault,) = read_wav_header(path).faults
    assert _read(path).shape == (1, 10)
    assert (fault.kind, fault.at_s) == ("breaks-off", 10 / 8000)
    assert fault.text == "It breaks off after 0.00 s of 10.00 s; the sound up to there is used."


@pytest.mark.parametrize(("says", "riff_bytes"), [(0, 0), (0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 36)])
def test_a_recording_whose_length_was_never_written_is_read_to_its_end(
    tmp_path: Path, says: int, riff_bytes: int
) -> None:
    path = _file(tmp_path / "x.wav", FORMAT, _chunk(b"data", SAMPLES, says=says), riff_bytes=riff_bytes)
    assert _read(path).shape == (1, 30)
    assert [fault.kind for fault in read_wav_header(path).faults] == ["unfinished"]


def test_an_empty_data_chunk_before_other_chunks_is_no_unfinished_recording(tmp_path: Path) -> None:
    path = _file(tmp_path / "x.wav", FORMAT, _chunk(b"data", b""), _chunk(b"LIST", b"text"))
    assert _read(path).shape == (1, 0)
    assert read_wav_header(path).faults == ()


@pytest.mark.parametrize(
    ("chunks", "reason"),
    [
        ([_chunk(b"data", SAMPLES)], "The WAV file has no description of its format"),
        ([FORMAT], "The WAV file has no sound data"),
        ([FORMAT[:12]], "The WAV file has no description of its format"),
        ([_chunk(b"fmt ", bytes(16)), _chunk(b"data", SAMPLES)], "Its header says 0 channels, 0 Hz, 0 bytes a frame"),
    ],
)
def test_a_header_without_sense_is_said(tmp_path: Path, chunks: list[bytes], reason: str) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        read_wav_header(_file(tmp_path / "x.wav", *chunks))
    assert caught.value.reason == reason


@given(st.binary(max_size=200))
def test_no_bytes_behind_the_magic_do_more_than_be_refused(rest: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.wav"
        path.write_bytes(b"RIFF\x10\0\0\0WAVE" + rest)
        with contextlib.suppress(UnreadableFileError):
            header = read_wav_header(path)
            assert 0 <= header.frames <= len(rest)


def test_a_file_that_shrinks_while_it_is_read_is_an_error_not_silence(tmp_path: Path) -> None:
    path = _file(tmp_path / "x.wav", FORMAT, _chunk(b"data", SAMPLES))
    with WavReader(path) as wav:
        with path.open("rb+") as file:
            file.truncate(60)
        with pytest.raises(UnreadableFileError, match="became shorter"):
            wav.read(0, 30)


def test_time_references_survive_and_ffmpeg_agrees(tmp_path: Path) -> None:
    """EBU Tech 3285; libsndfile writes no bext, so the layout is checked field by field."""
    bext = BroadcastExtension(description="Take 3", originator="Tonmeister", time_reference_frames=2**33 + 5)
    path = tmp_path / "x.wav"
    write_wav(path, noise(duration_s=0.1), encoding="pcm_24", bext=bext)
    raw = path.read_bytes()
    start = raw.index(b"bext") + 8
    assert read_wav_header(path).bext == bext
    assert raw[start : start + 7] == b"Take 3\0"
    assert raw[start + 338 : start + 346] == struct.pack("<Q", 2**33 + 5)
    assert soundfile.info(path).frames == 4_800


def test_a_file_that_outgrows_riff_becomes_rf64(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """EBU Tech 3306: the JUNK chunk turns into ds64 in place; the limit is lowered here to spare 4 GiB."""
    audio = noise(channels=2, duration_s=0.5)
    write_wav(tmp_path / "riff.wav", audio)
    monkeypatch.setattr(wav_header, "RIFF_LIMIT_BYTES", 100_000)
    write_wav(tmp_path / "rf64.wav", audio)
    monkeypatch.undo()
    small, large = (tmp_path / name for name in ("riff.wav", "rf64.wav"))
    # What the lowered limit leaves in the size fields of a real RF64 file is 0xFFFFFFFF.
    large.write_bytes(large.read_bytes().replace(struct.pack("<I", 100_000), b"\xff" * 4))
    assert large.read_bytes()[:4] == b"RF64"
    assert large.stat().st_size == small.stat().st_size
    np.testing.assert_array_equal(_read(large), audio.samples)
    np.testing.assert_array_equal(_oracle(large), audio.samples)


@pytest.mark.parametrize("magic", [b"RF64", b"BW64"])
def test_the_far_end_of_a_5_gib_file_is_read(tmp_path: Path, magic: bytes) -> None:
    """A sparse file: 5 GiB of zeros that take no room, with three samples at the end."""
    path = tmp_path / "x.wav"
    frames = 5 * 2**30 // 4
    header = wav_header.build_wav_header(encoding="float", sample_rate_hz=RATE_HZ, channels=1, frames=frames, bext=None)
    assert header[:4] == b"RF64"
    with path.open("xb") as file:
        file.write(magic + header[4:])
        file.truncate(len(header) + 4 * frames)
        file.seek(-12, 2)
        file.write(np.array([0.25, -0.5, 0.75], "<f4").tobytes())
    with WavReader(path) as wav:
        assert wav.frames == frames
        np.testing.assert_array_equal(wav.read(frames - 4, 100), np.array([[0, 0.25, -0.5, 0.75]], np.float32))


def test_the_writer_refuses_blocks_of_another_kind(tmp_path: Path) -> None:
    with (tmp_path / "x.wav").open("xb") as file, WavWriter(file, sample_rate_hz=8000, channels=2) as writer:
        with pytest.raises(ValueError, match="float file of 2 channels"):
            writer.write(np.zeros((1, 4), np.float32))
        with pytest.raises(ValueError, match="float file of 2 channels"):
            writer.write_ints(np.zeros((2, 4), np.int32))


def test_plain_rounding_holds_at_full_scale() -> None:
    samples = np.array([[-2.0, -1.0, 0.0, 2.0**-23, 1.0]], np.float32)
    np.testing.assert_array_equal(round_to_ints(samples, bits=24), [[-(2**23), -(2**23), 0, 1, 2**23 - 1]])


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("frames", [1, 2, 3, 4, 7, 1001])
def test_rounding_in_one_pass_writes_what_rounding_in_two_does(tmp_path: Path, channels: int, frames: int) -> None:
    samples = np.random.default_rng(frames).uniform(-1.2, 1.2, (channels, frames)).astype(np.float32)
    written = []
    for name in ("one.wav", "two.wav"):
        with (
            (tmp_path / name).open("xb") as file,
            WavWriter(file, sample_rate_hz=8000, channels=channels, encoding="pcm_24") as writer,
        ):
            if name == "one.wav":
                writer.write_rounded(samples)
            else:
                writer.write_ints(round_to_ints(samples, bits=24))
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
