"""Sound through a lossy codec and back, in memory: what a listener of a stream gets."""

import io
from collections.abc import Iterable, Iterator
from typing import Literal

import numpy as np
import soundfile

from tonmeister.audio import Samples
from tonmeister.files.encode import write_vorbis
from tonmeister.files.encode_av import AvSettings, codec_rate_hz, decode_av, encode_av
from tonmeister.files.resample import resample_blocks, resampled_frames

LossyCodec = Literal["aac", "opus", "mp3", "vorbis"]
LOSSY: tuple[LossyCodec, ...] = ("aac", "opus", "mp3", "vorbis")
_READ_FRAMES = 65536


class RoundTrip:
    """One trip of a sound through a codec; blocks come out at `sample_rate_hz`, as long as what went in."""

    def __init__(self, codec: LossyCodec, kbps: int, *, sample_rate_hz: int, channels: int) -> None:
        self.codec, self.kbps, self.channels = codec, kbps, channels
        self._from_hz = sample_rate_hz
        self.sample_rate_hz = codec_rate_hz(codec, sample_rate_hz)
        """The rate at which the codec works, and at which the sound comes back."""
        self.encoded_bytes = 0
        """Size of the encoded sound, once it was encoded."""

    def run(self, blocks: Iterable[Samples]) -> Iterator[Samples]:
        """Encode the blocks, then return what a decoder makes of it, in float32 and not held at full scale.

        Raises:
            MissingExtraError: If PyAV is not installed (Vorbis does without).
        """
        counted = _Counted(blocks)
        going = resample_blocks(
            counted.blocks(), channels=self.channels, from_hz=self._from_hz, to_hz=self.sample_rate_hz
        )
        data = self._encoded(going)
        self.encoded_bytes = len(data)
        left = resampled_frames(counted.frames, from_hz=self._from_hz, to_hz=self.sample_rate_hz)
        for block in _decoded(data, self.codec):
            if left > 0:
                yield np.ascontiguousarray(block[:, :left])  # the codec's last frame is filled up with silence
            left -= block.shape[1]

    def _encoded(self, blocks: Iterable[Samples]) -> bytes:
        if self.codec == "vorbis":
            return write_vorbis(blocks, sample_rate_hz=self.sample_rate_hz, channels=self.channels, kbps=self.kbps)
        settings = AvSettings(self.codec, self.sample_rate_hz, self.channels, kbps=self.kbps)
        return encode_av(blocks, settings)


def _decoded(data: bytes, codec: LossyCodec) -> Iterator[Samples]:
    if codec != "vorbis":
        yield from decode_av(data)
        return
    with soundfile.SoundFile(io.BytesIO(data)) as source:
        while len(block := source.read(_READ_FRAMES, dtype="float32", always_2d=True)):
            yield np.ascontiguousarray(block.T)


class _Counted:
    """Passes blocks on and counts their frames."""

    def __init__(self, blocks: Iterable[Samples]) -> None:
        self._blocks, self.frames = blocks, 0

    def blocks(self) -> Iterator[Samples]:
        for block in self._blocks:
            self.frames += block.shape[1]
            yield block
