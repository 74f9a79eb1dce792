"""WAV in and out: the one format where own code pays (many times the speed of libsndfile, straight to planar)."""

import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal, Self

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Audio, Samples
from tonmeister.errors import UnreadableFileError
from tonmeister.files import wav_header, wav_kernels
from tonmeister.files.atomic import write_atomically
from tonmeister.files.fault import Fault, not_finite
from tonmeister.files.wav_header import BYTES_PER_SAMPLE, BroadcastExtension, WavHeader, read_wav_header

OutputEncoding = Literal["float", "pcm_24", "pcm_16"]
"""How written samples lie in the file."""


def has_own_reader(header: WavHeader) -> bool:
    """Return whether WavReader reads this file: PCM 16/24/32 or float, mono or stereo."""
    return header.encoding is not None and header.channels in (1, 2)


class WavReader:
    """Reads (channels, frames) float32 from anywhere in a WAV file; safe to share between threads.

    Raises:
        UnreadableFileError: If the samples are of a kind that only libsndfile reads, or there are more than 2 channels.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.header = read_wav_header(path)
        if not has_own_reader(self.header):
            reason = f"Its samples are not plain PCM or float, or it has {self.header.channels} channels"
            raise UnreadableFileError(path, reason=reason, advice="Export it as 24-bit WAV, mono or stereo.")
        self._file = path.open("rb", buffering=0)
        self._lock = threading.Lock()
        self._counted_to_frame = 0
        self._not_finite = 0

    @property
    def frames(self) -> int:
        """Number of samples per channel."""
        return self.header.frames

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong with the file; non-finite samples as far as it has been read in order."""
        more = (not_finite(self._not_finite),) if self._not_finite else ()
        return self.header.faults + more

    def read(self, start_frame: int, frames: int) -> Samples:
        """Return up to that many frames as fresh (channels, frames) float32; fewer at the end."""
        start = min(max(start_frame, 0), self.frames)
        count = min(max(frames, 0), self.frames - start)
        raw = self._read_bytes(start, count)
        out = np.empty((self.header.channels, count), np.float32)
        bad = self._unpack(raw, out)
        if bad:
            with self._lock:
                if start >= self._counted_to_frame:
                    self._not_finite += bad
        with self._lock:
            self._counted_to_frame = max(self._counted_to_frame, start + count)
        return out

    def blocks(self, block_frames: int) -> Iterator[Samples]:
        """Return the whole sound, block by block."""
        for start in range(0, self.frames, block_frames):
            yield self.read(start, block_frames)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read_bytes(self, start: int, count: int) -> NDArray[np.uint8]:
        width = self.header.bytes_per_frame
        raw = np.empty(count * width, np.uint8)
        view, got = raw.data, 0
        with self._lock:
            self._file.seek(self.header.data_start_byte + start * width)
            while got < raw.size and (more := self._file.readinto(view[got:])):
                got += more
        if got < raw.size:
            raise UnreadableFileError(
                self.path,
                reason="It became shorter while it was read",
                advice="Wait until it is complete, then run again.",
            )
        return raw

    def _unpack(self, raw: NDArray[np.uint8], out: Samples) -> int:
        """Fill `out`; return how many samples were no numbers."""
        match self.header.encoding:
            case "float":
                return int(wav_kernels.unpack_float32(raw.view(np.int32), out.view(np.int32)))
            case "double":
                return int(wav_kernels.unpack_float64(raw.view(np.float64), out))
            case "pcm_16":
                wav_kernels.unpack_pcm16(raw.view(np.int16), out)
            case "pcm_32":
                wav_kernels.unpack_pcm32(raw.view(np.int32), out)
            case _:
                wav_kernels.unpack_pcm24(raw, out)
        return 0


class WavWriter:
    """Writes blocks to a WAV file of unknown length; RF64 where it outgrows 4 GiB.

    `float` takes float32 blocks (`write`); `pcm_24` and `pcm_16` take int32 blocks of that range (`write_ints`), `pcm_24` also float32
    blocks (`write_rounded`).
    The file must be open for writing and seeking; the header is completed by `close`.
    """

    def __init__(
        self,
        file: BinaryIO,
        *,
        sample_rate_hz: int,
        channels: int,
        encoding: OutputEncoding = "float",
        bext: BroadcastExtension | None = None,
        more_chunks: bytes = b"",
    ) -> None:
        self._file, self._closed = file, False
        self.encoding, self.channels, self.frames = encoding, channels, 0
        self._what: dict[str, Any] = {
            "encoding": encoding, "sample_rate_hz": sample_rate_hz, "channels": channels, "bext": bext,
            "more_chunks": more_chunks,
        }  # fmt: skip
        file.write(wav_header.build_wav_header(frames=0, **self._what))

    def write(self, block: Samples) -> None:
        """Append (channels, frames) float32 to a `float` file."""
        self._check(block, np.dtype(np.float32), self.encoding == "float")
        out = np.empty(block.size, np.float32)
        wav_kernels.interleave(np.ascontiguousarray(block), out)
        self._append(out, block.shape[1])

    def write_ints(self, block: NDArray[np.int32]) -> None:
        """Append (channels, frames) int32 of 24- or 16-bit range to a PCM file; what is outside is held at full scale."""
        self._check(block, np.dtype(np.int32), self.encoding != "float")
        if self.encoding == "pcm_24":
            packed = np.empty(3 * block.size, np.uint8)
            wav_kernels.pack_pcm24(np.ascontiguousarray(block), packed)
            self._append(packed, block.shape[1])
        else:
            words = np.empty(block.size, np.int16)
            wav_kernels.pack_pcm16(np.ascontiguousarray(block), words)
            self._append(words, block.shape[1])

    def write_rounded(self, block: Samples) -> None:
        """Append (channels, frames) float32 to a `pcm_24` file, by plain rounding and held at full scale, as `round_to_ints` does."""
        self._check(block, np.dtype(np.float32), self.encoding == "pcm_24")
        flat = np.ascontiguousarray(block).reshape(-1)
        if self.channels > 1:
            flat = np.empty(block.size, np.float32)
            wav_kernels.interleave(np.ascontiguousarray(block), flat)
        words = np.empty(3 * -(-block.size // 4), np.uint32)
        wav_kernels.pack_rounded_pcm24(flat, words)
        self._append(words.view(np.uint8)[: 3 * block.size], block.shape[1])

    def close(self) -> None:
        """Complete the header; the underlying file stays open."""
        if self._closed:
            return
        self._closed = True
        data_bytes = self.frames * self.channels * BYTES_PER_SAMPLE[self.encoding]
        self._file.write(b"\0" * (data_bytes & 1))
        end = self._file.tell()
        self._file.seek(0)
        limit = wav_header.RIFF_LIMIT_BYTES
        self._file.write(wav_header.build_wav_header(frames=self.frames, riff_limit_bytes=limit, **self._what))
        self._file.seek(end)

    def _check(self, block: NDArray[Any], dtype: np.dtype[Any], fits: bool) -> None:  # noqa: FBT001 - the answer of a comparison, made where it is called
        if not fits or block.dtype != dtype or block.ndim != 2 or block.shape[0] != self.channels:
            got = f"{block.shape} of {block.dtype}"
            raise ValueError(f"A {self.encoding} file of {self.channels} channels does not take {got} this way.")

    def _append(self, out: NDArray[Any], frames: int) -> None:
        self._file.write(out.view(np.uint8).data)
        self.frames += frames

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()


def round_to_ints(samples: Samples, *, bits: int) -> NDArray[np.int32]:
    """Return integers of that many bits by plain rounding, held at full scale (no dither: for exact copies)."""
    limit = np.float32(2.0 ** (bits - 1))  # up to 24 bits all of this is exact in float32
    scaled = samples * limit
    np.rint(scaled, out=scaled)
    return np.clip(scaled, -limit, limit - 1, out=scaled).astype(np.int32)


def write_wav(
    path: Path, audio: Audio, *, encoding: OutputEncoding = "float", bext: BroadcastExtension | None = None
) -> None:
    """Write a WAV file, all or nothing; PCM by plain rounding.

    Raises:
        OutputError: If it cannot be written there.
    """
    with write_atomically(path) as file:
        rate, channels = audio.sample_rate_hz, audio.channels
        with WavWriter(file, sample_rate_hz=rate, channels=channels, encoding=encoding, bext=bext) as writer:
            for start in range(0, audio.frames, 65536):
                block = audio.samples[:, start : start + 65536]
                if encoding == "float":
                    writer.write(block)
                else:
                    writer.write_ints(round_to_ints(block, bits=int(encoding[-2:])))
