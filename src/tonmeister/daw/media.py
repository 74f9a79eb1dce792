"""The sound files of a session: WAV files as they are, everything else as float WAV at the song's rate."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tonmeister.daw.names import unique_names, without_ending
from tonmeister.document.mix import Song, Track
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
MediaWay = Literal["copy", "link"]
"""Whether a session holds its sound files, or plays a person's own where they are and can be played as they are."""


@dataclass(frozen=True, slots=True)
class MediaPlan:
    """How the sound comes into a session."""

    folder: str
    """Where in the session sound files lie, such as `Media`."""
    sample_rate_hz: int
    cache: Cache | None = None
    way: MediaWay = "copy"
    stays: frozenset[str] = frozenset()
    """Tracks whose sound is not a person's file (it was printed) and is never linked to."""
    same_channels: bool = False
    """Whether a file must have as many channels as its track: an exact dual mono is written as one channel then."""
    plain_pcm: bool = False
    """Whether files are written as 24-bit PCM, for readers that know no float."""


@dataclass(frozen=True, slots=True)
class Media:
    """A sound file of the session."""

    name: str
    """Its file name in the session's folder for sound."""
    channels: int
    frames: int
    """Samples per channel at the song's rate."""
    linked: Path | None = None
    """The person's own file, where the session plays that; None if the sound lies in the session."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a track's sound lies in the song."""

    start_frame: int
    """Where in the song it starts."""
    skip_frames: int
    """How much of the sound lies before the song and is left out."""
    frames: int


def span_of(track: Track, media: Media, song: Song, *, printed: bool = False) -> Span:
    """Return a track's place: shifted by its delay, cut where our renderer cuts it; a print rings out behind the song."""
    start = track.start_frame + track.strip.delay_frames
    end = start + media.frames
    if not printed:
        end = min(end, song.frames + max(0, track.strip.delay_frames))
    first = max(start, 0)
    return Span(first, first - start, max(1, end - first))


def write_media(tracks: Sequence[Track], sources: Sources, place: Place, plan: MediaPlan) -> list[Media]:
    """Put the sound of every track into the session, or say where it is.

    Raises:
        NoTracksError: If the sources do not hold a track.
        UnreadableFileError: If a file cannot be read.
        OutputError: If a file cannot be written.
    """
    names = unique_names(
        (without_ending(track.name) for track in tracks), otherwise="Track", taken=_linked(sources, plan)
    )
    found: list[Media] = []
    shared: dict[tuple[Path, int, int], Media] = {}
    for track, name in zip(tracks, names, strict=True):
        source = sources.get(track.id)
        if source is None:
            raise NoTracksError(f"The sound of track {track.id!r} is not there; give its file.")
        file = source if isinstance(source, SoundFile) else probe(source, stream=track.stream, cache=plan.cache)
        channels = track.channels if plan.same_channels else 0
        media = shared.get((file.path, file.stream, channels))
        if media is None:
            media = _provide(file, track, place, plan, f"{name}.wav")
            shared[file.path, file.stream, channels] = media
        found.append(media)
    return found


def _linked(sources: Sources, plan: MediaPlan) -> set[str]:
    """Return the names of files that the session may play where they are.

    Ardour looks for its own files there too, and asks, or gives up, where two have one name.
    """
    if plan.way != "link":
        return set()
    return {(source.path if isinstance(source, SoundFile) else source).stem for source in sources.values()}


def _provide(file: SoundFile, track: Track, place: Place, plan: MediaPlan, name: str) -> Media:
    channels = min(track.channels, file.channels) if plan.same_channels else file.channels
    as_it_is = (
        file.reader == "wav"
        and file.sample_rate_hz == plan.sample_rate_hz
        and file.channels == channels
        and not (plan.plain_pcm and file.codec not in ("pcm_16", "pcm_24"))
        and _is_flawless(file)
    )
    if as_it_is and plan.way == "link" and track.id not in plan.stays:
        return Media(name, file.channels, file.frames, file.path.resolve())
    path = place(f"{plan.folder}/{name}" if plan.folder else name)
    if as_it_is:
        with output_errors(path):
            place_file(file.path, path)
        return Media(name, file.channels, file.frames)
    with open_probed(file, rate_hz=plan.sample_rate_hz, cache=plan.cache) as sound, output_errors(path):
        path.unlink(missing_ok=True)
        encoding: Literal["float", "pcm_24"] = "pcm_24" if plan.plain_pcm else "float"
        with (
            path.open("xb") as out,
            WavWriter(out, sample_rate_hz=plan.sample_rate_hz, channels=channels, encoding=encoding) as writer,
        ):
            for block in sound.blocks():
                part = block[:channels]
                if plan.plain_pcm:
                    writer.write_rounded(part)
                else:
                    writer.write(part)
        return Media(name, channels, sound.frames)


def _is_flawless(file: SoundFile) -> bool:
    """Say whether a WAV file can be played as it is: complete, and all of its samples are numbers."""
    if file.faults or file.codec not in ("float", "double"):
        return not file.faults
    with open_probed(file) as sound:
        for _ in sound.blocks():
            pass
        return not sound.faults


def place_file(source: Path, path: Path) -> None:
    """Put a file into a session: as a second name of the same bytes where that can be, else as a copy."""
    path.unlink(missing_ok=True)
    try:
        if os.access(source, os.W_OK):  # who puts the file in place must be able to open it
            os.link(source.resolve(), path)
            return
    except OSError:  # another disk, or a file system without links
        path.unlink(missing_ok=True)
    shutil.copyfile(source, path)
