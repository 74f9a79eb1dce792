"""What a listener of each platform gets, as files: at its loudness, through its codec, as long as the song."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from tonmeister.audio import Samples
from tonmeister.engineer.check_result import PlatformPlay
from tonmeister.engineer.options import Cancel
from tonmeister.errors import CancelledError
from tonmeister.files.atomic import output_errors, write_atomically
from tonmeister.files.round_trip import RoundTrip
from tonmeister.files.sound import SoundReader
from tonmeister.files.wav import WavWriter
from tonmeister.knowledge.platforms import Platform, platforms
from tonmeister.processing import TruePeakLimiter
from tonmeister.processing.registry import make_stream


def write_previews(
    sound: SoundReader,
    plays: Sequence[PlatformPlay],
    folder: Path,
    *,
    tell: Callable[[str, float], None] = lambda _what, _share: None,
    cancel: Cancel | None = None,
) -> tuple[Path, ...]:
    """Write one float WAV file for each platform, all at the loudness at which it plays; return their paths.

    The gain comes after the codec, as players apply it; a limiter where the platform has one.

    Raises:
        OutputError: If the folder or a file cannot be written.
        MissingExtraError: If a codec needs PyAV and it is not installed.
        CancelledError: If the person asked to stop.
    """
    with output_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    written = []
    for place, play in enumerate(plays):
        tell(play.title, place / len(plays))
        path = folder / f"{play.name}.wav"
        _write(path, sound, play, platforms()[play.name], cancel)
        written.append(path)
    return tuple(written)


def _write(path: Path, sound: SoundReader, play: PlatformPlay, platform: Platform, cancel: Cancel | None) -> None:
    blocks: Iterable[Samples] = sound.blocks()
    rate = sound.sample_rate_hz
    if platform.codec is not None and platform.kbps is not None:
        trip = RoundTrip(platform.codec, platform.kbps, sample_rate_hz=rate, channels=sound.channels)
        blocks, rate = trip.run(blocks), trip.sample_rate_hz
    gain = np.float32(10 ** (play.gain_db / 20))
    raised: Iterable[Samples] = (block * gain for block in blocks)
    if play.limited_db > 0:
        raised = _limited(raised, platform.ceiling_dbtp, rate, sound.channels)
    with write_atomically(path) as file, WavWriter(file, sample_rate_hz=rate, channels=sound.channels) as writer:
        for block in raised:
            if cancel is not None and cancel.is_set():
                raise CancelledError("The work was stopped.")
            writer.write(np.ascontiguousarray(block, np.float32))


def _limited(blocks: Iterable[Samples], ceiling_dbtp: float, rate: int, channels: int) -> Iterator[Samples]:
    """Return the sound through a limiter, without its delay and as long as it was."""
    settings = TruePeakLimiter(ceiling_dbtp=ceiling_dbtp)
    stream = make_stream(settings, sample_rate_hz=rate, channels=channels)
    late = stream.latency_frames
    for block in blocks:
        out = stream.process(np.ascontiguousarray(block, np.float32))
        skipped = min(late, out.shape[1])
        late -= skipped
        yield out[:, skipped:]
    if stream.latency_frames:
        yield stream.process(np.zeros((channels, stream.latency_frames), np.float32))[:, -stream.latency_frames :]
