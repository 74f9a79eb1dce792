"""The sound of an AAF: one mono 24-bit PCM file a channel, which every reader takes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tonmeister.daw.media import Place, Sources
from tonmeister.daw.names import unique_names, without_ending
from tonmeister.document.mix import Track
from tonmeister.errors import NoTracksError
from tonmeister.files.atomic import output_errors
from tonmeister.files.cache import Cache
from tonmeister.files.probe import SoundFile, probe
from tonmeister.files.sound import open_probed
from tonmeister.files.wav import WavWriter, round_to_ints

FOLDER = "Media"


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


def write_voices(
    tracks: list[Track], sources: Sources, place: Place, *, sample_rate_hz: int, cache: Cache | None
) -> dict[str, tuple[Voice, ...]]:
    """Write every channel of every track as a file of its own; returns them by track id.

    Raises:
        NoTracksError: If the sources do not hold a track.
        UnreadableFileError: If a sound cannot be read.
        OutputError: If a file cannot be written.
    """
    found = {}
    for track, name in zip(
        tracks, unique_names([without_ending(one.name) for one in tracks], otherwise="Track"), strict=True
    ):
        source = sources.get(track.id)
        if source is None:
            raise NoTracksError(f"The sound of track {track.id!r} is not there; give its file.")
        sound = source if isinstance(source, SoundFile) else probe(source, stream=track.stream, cache=cache)
        found[track.id] = _write(sound, track.channels, name, place, sample_rate_hz, cache)
    return found


def _write(
    file: SoundFile, channels: int, name: str, place: Place, rate_hz: int, cache: Cache | None
) -> tuple[Voice, ...]:
    names = (name,) if channels == 1 else (f"{name}.L", f"{name}.R")
    paths = [place(f"{FOLDER}/{one}.wav") for one in names]
    with open_probed(file, rate_hz=rate_hz, cache=cache) as sound:
        loudest = max((float(np.abs(block).max(initial=0.0)) for block in sound.blocks()), default=0.0)
        gain = max(1.0, loudest)
        for channel, path in enumerate(paths):
            row = min(channel, sound.channels - 1)
            with output_errors(path):
                path.unlink(missing_ok=True)
                with (
                    path.open("xb") as out,
                    WavWriter(out, sample_rate_hz=rate_hz, channels=1, encoding="pcm_24") as writer,
                ):
                    for block in sound.blocks():
                        part = block[row : row + 1] if gain == 1 else block[row : row + 1] / np.float32(gain)
                        writer.write_ints(round_to_ints(np.ascontiguousarray(part), bits=24))
        frames = sound.frames
    return tuple(Voice(one, path.name, path, frames, gain) for one, path in zip(names, paths, strict=True))
