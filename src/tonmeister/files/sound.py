"""Sound from any file, at any rate, in blocks: WAV straight from the source, everything else decoded once to a scratch file."""

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import numpy as np
import soundfile

from tonmeister.audio import Audio, Samples
from tonmeister.errors import UnreadableFileError
from tonmeister.files.cache import Cache, key_of
from tonmeister.files.fault import Fault, breaks_off, not_finite
from tonmeister.files.ffmpeg_source import decode_stream
from tonmeister.files.probe import SoundFile, probe
from tonmeister.files.resample import regroup, resample_blocks
from tonmeister.files.wav import WavReader, WavWriter

BLOCK_FRAMES = 65536
_SCRATCH_VERSION = 1
"""Raise when decoding or resampling changes, so that no older scratch file is used."""
_DECODE_FRAMES = 131072
"""How much libsndfile decodes at a time: soundfile seeks after each read, which is dear in MP3."""
_LAST_FRAMES = 4096  # divides the above
"""How much at a time where a file breaks off, so that no more than this is lost."""
_LENGTH_IS_A_GUESS = ("mp3", "mpeg")


class SoundReader:
    """Reads (channels, frames) float32 from anywhere in a sound; memory does not grow with its length.

    Infinite samples and NaN come out as 0 and are counted in `faults`. Safe to share between threads.
    """

    def __init__(self, file: SoundFile, wav: WavReader, *, faults: tuple[Fault, ...] = (), scratch: Any = None) -> None:
        self.file = file
        """Facts of the source at its own rate; `frames` is exact here."""
        self.sample_rate_hz = wav.header.sample_rate_hz
        self.channels = wav.header.channels
        self.frames = wav.frames
        """Samples per channel at this reader's rate."""
        self._wav, self._faults, self._scratch = wav, faults, scratch

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.frames / self.sample_rate_hz

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong with the sound; of a WAV file, non-finite samples as far as it has been read in order."""
        return self._faults or self._wav.faults

    def read(self, start_frame: int, frames: int) -> Samples:
        """Return up to that many frames as fresh (channels, frames) float32; fewer at the end."""
        return self._wav.read(start_frame, frames)

    def blocks(self, block_frames: int = BLOCK_FRAMES) -> Iterator[Samples]:
        """Return the whole sound, block by block."""
        return self._wav.blocks(block_frames)

    def read_all(self) -> Audio:
        """Return the whole sound; memory grows with its length."""
        return Audio(self.read(0, self.frames), self.sample_rate_hz)

    def close(self) -> None:
        """Close the file and remove its scratch file if no cache keeps it."""
        self._wav.close()
        if self._scratch is not None:
            self._scratch.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_sound(path: Path, *, stream: int = 0, rate_hz: int | None = None, cache: Cache | None = None) -> SoundReader:
    """Open a sound file, or one stream of it, at its own rate or resampled to another.

    Raises:
        UnreadableFileError: If it cannot be read, or has more than 2 channels.
        MissingExtraError: If only the optional PyAV can read it and it is not installed.
        OutputError: If there is no room for the decoded sound.
    """
    file = probe(path, stream=stream, cache=cache, hashed=cache is not None)  # only a cache asks for the hash
    return open_probed(file, rate_hz=rate_hz, cache=cache)


def open_probed(file: SoundFile, *, rate_hz: int | None = None, cache: Cache | None = None) -> SoundReader:
    """Open a sound whose facts are known; raises as open_sound does."""
    check_channels(file)
    rate = rate_hz or file.sample_rate_hz
    if file.reader == "wav" and rate == file.sample_rate_hz:
        return SoundReader(file, WavReader(file.path))
    if cache is None:
        scratch = tempfile.TemporaryDirectory(prefix="tonmeister-")
        try:
            path = Path(scratch.name) / "decoded.wav"
            info = _decode_to(path, file, rate)
            return _open_scratch(file, path, info, scratch)
        except BaseException:
            scratch.cleanup()
            raise
    key = key_of("decoded", _SCRATCH_VERSION, file.sha256, file.stream, file.reader, rate)
    known = _open_cached(file, key, cache)
    if known is not None:
        return known
    with cache.put(key) as path:
        info = _decode_to(path, file, rate)
    cache.put_json(key, info)
    return _open_cached(file, key, cache) or open_probed(file, rate_hz=rate_hz)


def check_channels(file: SoundFile) -> None:
    """Refuse sound that is neither mono nor stereo.

    Raises:
        UnreadableFileError: If it has more than 2 channels.
    """
    if file.channels > 2:
        advice = "Only mono and stereo are mixed; export it as mono or stereo files."
        raise UnreadableFileError(file.path, reason=f"It has {file.channels} channels", advice=advice)


def _open_cached(file: SoundFile, key: str, cache: Cache) -> SoundReader | None:
    info, path = cache.get_json(key), cache.get(key)
    if info is None or path is None:
        return None
    with suppress(OSError, UnreadableFileError):
        return _open_scratch(file, path, info, None)
    return None


def _open_scratch(file: SoundFile, path: Path, info: dict[str, Any], scratch: Any) -> SoundReader:
    faults = tuple(Fault.model_validate(fault) for fault in info["faults"])
    exact = file.model_copy(update={"frames": info["frames"], "faults": faults})
    return SoundReader(exact, WavReader(path), faults=faults, scratch=scratch)


def _decode_to(path: Path, file: SoundFile, rate_hz: int) -> dict[str, Any]:
    """Write the sound as float32 WAV; return its exact number of frames at its own rate, and its faults."""
    faults = list(file.faults)
    source = _Finite(_decode(file, faults))
    blocks = regroup(source.blocks(), BLOCK_FRAMES)
    resampled = resample_blocks(blocks, channels=file.channels, from_hz=file.sample_rate_hz, to_hz=rate_hz)
    with path.open("xb") as out, WavWriter(out, sample_rate_hz=rate_hz, channels=file.channels) as writer:
        for block in resampled:
            writer.write(block)
    if source.replaced:
        faults.append(not_finite(source.replaced))
    return {"frames": source.frames, "faults": [fault.model_dump() for fault in faults]}


def _decode(file: SoundFile, faults: list[Fault]) -> Iterator[Samples]:
    if file.reader == "ffmpeg":
        return decode_stream(file.path, file.stream, faults)
    if file.reader == "wav":
        return _read_wav(file.path, faults)
    return _decode_libsndfile(file, faults)


def _read_wav(path: Path, faults: list[Fault]) -> Iterator[Samples]:
    with WavReader(path) as wav:
        yield from wav.blocks(BLOCK_FRAMES)
        faults += wav.faults[len(wav.header.faults) :]


def _decode_libsndfile(file: SoundFile, faults: list[Fault]) -> Iterator[Samples]:
    frames, broke = 0, False
    try:
        for block in _pieces(file.path, _DECODE_FRAMES):
            frames += block.shape[1]
            yield block
    except soundfile.LibsndfileError:
        broke, given, frames = True, frames, 0
        with suppress(soundfile.LibsndfileError):  # once more in small steps, up to the very place where it breaks
            for block in _pieces(file.path, _LAST_FRAMES):
                frames += block.shape[1]
                if frames > given:
                    yield block
    if (broke or file.container not in _LENGTH_IS_A_GUESS) and frames < file.frames:
        rate = file.sample_rate_hz
        faults.append(breaks_off(frames=frames, promised_frames=file.frames, sample_rate_hz=rate))


def _pieces(path: Path, piece_frames: int) -> Iterator[Samples]:
    with soundfile.SoundFile(str(path)) as source:
        while True:
            block = source.read(piece_frames, dtype="float32", always_2d=True)
            if len(block):
                yield np.ascontiguousarray(block.T)
            if len(block) < piece_frames:
                return


class _Finite:
    """Passes blocks on with what is no number replaced by 0; counts frames and replacements."""

    def __init__(self, blocks: Iterator[Samples]) -> None:
        self._blocks = blocks
        self.frames = self.replaced = 0

    def blocks(self) -> Iterator[Samples]:
        for block in self._blocks:
            finite = np.isfinite(block)
            self.frames += block.shape[1]
            if finite.all():
                yield block
            else:
                self.replaced += int(block.size - np.count_nonzero(finite))
                yield np.where(finite, block, np.float32(0))
