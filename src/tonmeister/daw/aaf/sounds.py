"""The sound of an AAF: one mono 24-bit PCM file a channel, which every reader takes."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np

from tonmeister.daw.media import Place, Sources
from tonmeister.daw.names import unique_names, without_ending
from tonmeister.document.mix import Track
from tonmeister.errors import NoTracksError
from tonmeister.files.atomic import output_errors
from tonmeister.files.cache import Cache
from tonmeister.files.probe import SoundFile, probe
from tonmeister.files.sound import SoundReader, open_probed
from tonmeister.files.wav import WavWriter, round_to_ints

FOLDER = "Media"
_AT_ONCE = 4
"""So many sounds are written at once."""
_EVERY = 16
"""Every so many samples one goes into the fingerprint."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One channel of a track as a file."""

    name: str
    file: str
    """Its file name in the folder for sound."""
    path: Path
    """Where it was written."""
    frames: int
    gain: float
    """What the file was turned down by, so that nothing clips in it; the clip turns it up again."""
    fingerprint: int
    """Tells this sound from others of its name; programs take the same id for the same sound."""


def write_voices(
    tracks: list[Track], sources: Sources, place: Place, *, sample_rate_hz: int, cache: Cache | None
) -> dict[str, tuple[Voice, ...]]:
    """Write every channel of every track as a file of its own; returns them by track id.

    Raises:
        NoTracksError: If the sources do not hold a track.
        UnreadableFileError: If a sound cannot be read.
        OutputError: If a file cannot be written.
    """
    names = unique_names([without_ending(one.name) for one in tracks], otherwise="Track")
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        written = {}
        for track, name in zip(tracks, names, strict=True):
            source = sources.get(track.id)
            if source is None:
                raise NoTracksError(f"The sound of track {track.id!r} is not there; give its file.")
            sound = source if isinstance(source, SoundFile) else probe(source, stream=track.stream, cache=cache)
            voices = (name,) if track.channels == 1 else (f"{name}.L", f"{name}.R")
            paths = {voice: place(f"{FOLDER}/{voice}.wav") for voice in voices}
            written[track.id] = pool.submit(_write, sound, paths, sample_rate_hz, cache)
        return {track_id: voices.result() for track_id, voices in written.items()}


def _write(file: SoundFile, paths: Mapping[str, Path], rate_hz: int, cache: Cache | None) -> tuple[Voice, ...]:
    """Write the channels of a sound, each by its name; what is above full scale is turned down in a second pass."""
    with open_probed(file, rate_hz=rate_hz, cache=cache) as sound:
        gain = 1.0
        loudest, prints = _write_at(sound, list(paths.values()), gain, rate_hz)
        if loudest > 1:
            gain = loudest
            _, prints = _write_at(sound, list(paths.values()), gain, rate_hz)
        frames = sound.frames
    return tuple(
        Voice(name, path.name, path, frames, gain, mark)
        for (name, path), mark in zip(paths.items(), prints, strict=True)
    )


def _write_at(sound: SoundReader, paths: Sequence[Path], gain: float, rate_hz: int) -> tuple[float, list[int]]:
    """Write the channels, turned down by a gain; return the highest peak of the sound and a fingerprint of each channel."""
    loudest, prints = 0.0, [0] * len(paths)
    with ExitStack() as stack:
        writers = []
        for path in paths:
            stack.enter_context(output_errors(path))
            out = stack.enter_context(path.open("wb"))
            writers.append(stack.enter_context(WavWriter(out, sample_rate_hz=rate_hz, channels=1, encoding="pcm_24")))
        for block in sound.blocks():
            loudest = max(loudest, float(block.max(initial=0.0)), -float(block.min(initial=0.0)))
            held = block if gain == 1 else block / np.float32(gain)
            for channel, writer in enumerate(writers):
                row = min(channel, len(held) - 1)
                writer.write_rounded(held[row : row + 1])
                marks = round_to_ints(held[row : row + 1, ::_EVERY], bits=24)
                prints[channel] = crc32(marks.tobytes(), prints[channel])
    return loudest, prints
