"""The sound files of a session: WAV files as they are, everything else as float WAV at the song's rate."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tonmeister.daw.names import unique_names
from tonmeister.document.mix import Track
from tonmeister.errors import NoTracksError
from tonmeister.files.atomic import output_errors
from tonmeister.files.cache import Cache
from tonmeister.files.probe import SoundFile, probe
from tonmeister.files.sound import open_probed
from tonmeister.files.wav import WavWriter

Place = Callable[[str], Path]
"""Name inside the session's folder, such as `Song.ardour` → where to write that file."""
Sources = Mapping[str, Path | SoundFile]
"""Track id → its sound."""


@dataclass(frozen=True, slots=True)
class Media:
    """A sound file of the session."""

    name: str
    channels: int
    frames: int
    """Samples per channel at the song's rate."""


def write_media(
    tracks: Sequence[Track], sources: Sources, place: Place, *, folder: str, sample_rate_hz: int, cache: Cache | None
) -> list[Media]:
    """Put the sound of every track into the session.

    Raises:
        NoTracksError: If the sources do not hold a track.
        UnreadableFileError: If a file cannot be read.
        OutputError: If a file cannot be written.
    """
    names = unique_names((track.name for track in tracks), otherwise="Track", taken=())
    found = []
    for track, name in zip(tracks, names, strict=True):
        source = sources.get(track.id)
        if source is None:
            raise NoTracksError(f"The sound of track {track.id!r} is not there; give its file.")
        file = source if isinstance(source, SoundFile) else probe(source, stream=track.stream, cache=cache)
        file_name = f"{name}.wav"
        found.append(_write(file, place(f"{folder}/{file_name}"), file_name, sample_rate_hz, cache))
    return found


def _write(file: SoundFile, path: Path, name: str, rate_hz: int, cache: Cache | None) -> Media:
    if file.reader == "wav" and file.sample_rate_hz == rate_hz and _is_flawless(file):
        with output_errors(path):
            _link_or_copy(file.path, path)
        return Media(name, file.channels, file.frames)
    with open_probed(file, rate_hz=rate_hz, cache=cache) as sound, output_errors(path):
        path.unlink(missing_ok=True)
        with path.open("xb") as out, WavWriter(out, sample_rate_hz=rate_hz, channels=sound.channels) as writer:
            for block in sound.blocks():
                writer.write(block)
        return Media(name, sound.channels, sound.frames)


def _is_flawless(file: SoundFile) -> bool:
    """Say whether a WAV file can be played as it is: complete, and all of its samples are numbers."""
    if file.faults or file.codec not in ("float", "double"):
        return not file.faults
    with open_probed(file) as sound:
        for _ in sound.blocks():
            pass
        return not sound.faults


def _link_or_copy(source: Path, path: Path) -> None:
    path.unlink(missing_ok=True)
    try:
        if os.access(source, os.W_OK):  # who puts the file in place must be able to open it
            os.link(source.resolve(), path)
            return
    except OSError:  # another disk, or a file system without links
        path.unlink(missing_ok=True)
    shutil.copyfile(source, path)
