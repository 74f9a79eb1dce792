"""Files that a render writes: complete under their name, or not there."""

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from tonmeister.audio import Samples
from tonmeister.files.atomic import write_atomically
from tonmeister.files.wav import OutputEncoding, WavWriter
from tonmeister.processing.quantiser import Quantiser


class WavOutput:
    """A listener that writes a WAV file: float32, or whole numbers with dither where bits are given; digital silence stays silent."""

    def __init__(
        self, path: Path, *, sample_rate_hz: int, channels: int, bits: Literal[16, 24] | None = None, seed: int = 0
    ) -> None:
        self._path, self._rate, self._channels = path, sample_rate_hz, channels
        self._bits = bits
        self._quantiser = (
            None if bits is None else Quantiser(bits=bits, sample_rate_hz=sample_rate_hz, channels=channels, seed=seed)
        )
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        encodings: dict[int | None, OutputEncoding] = {None: "float", 16: "pcm_16", 24: "pcm_24"}
        with ExitStack() as stack:
            file = stack.enter_context(write_atomically(self._path))
            writer = WavWriter(file, sample_rate_hz=self._rate, channels=self._channels, encoding=encodings[self._bits])
            self._writer = stack.enter_context(writer)
            self._stack = stack.pop_all()
        return self

    def __call__(self, start_frame: int, block: Samples) -> None:
        """Append the next (channels, frames)."""
        if self._quantiser is None:
            self._writer.write(block)
        else:
            self._writer.write_ints(self._quantiser.take(block))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._quantiser is not None:
            self._writer.write_ints(self._quantiser.finish())
        self._stack.__exit__(kind, error, trace)
