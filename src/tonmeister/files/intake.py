"""What came in: every file of a folder (or every stream of a file), and whether it is used."""

import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

from tonmeister.errors import NoTracksError, UnreadableFileError
from tonmeister.files.cache import Cache
from tonmeister.files.output_folder import is_result_folder
from tonmeister.files.probe import SoundFile, probe_streams
from tonmeister.files.sound import check_channels
from tonmeister.model import Model

_SOUND_ENDINGS = (
    *(".wav", ".wave", ".bwf", ".rf64", ".w64", ".aif", ".aiff", ".aifc", ".caf", ".flac", ".ogg", ".oga", ".opus"),
    *(".mp3", ".mp2", ".m4a", ".mp4", ".m4v", ".mov", ".mkv", ".mka", ".webm", ".aac", ".ac3", ".wma", ".wv", ".ape"),
    *(".tta", ".tak", ".au", ".snd", ".dsf", ".avi", ".mpg", ".mpeg", ".ts", ".flv"),
)
_HASHING_THREADS = 4


class Found(Model):
    """One thing that came in."""

    path: Path
    name: str
    """Its path inside the source, with `/`; a stream of a file has its title behind a colon."""
    state: Literal["used", "not sound", "unreadable", "empty", "too many channels", "finished mix", "not looked into"]
    """What becomes of it."""
    reason: str | None = None
    """Why it is not used, as a sentence without the name; None where it is used."""
    sound: SoundFile | None = None
    """Its facts, where it is sound."""

    @property
    def used(self) -> bool:
        """Whether it is a stem of the song."""
        return self.state == "used"


def find_sounds(
    source: Path, *, cache: Cache | None = None, meanwhile: Callable[[], None] | None = None
) -> tuple[Found, ...]:
    """Return everything in a folder and its direct subfolders, or all streams of one file, in natural order of the names.

    Hidden files and `__MACOSX` are passed over; a folder that holds a mix of ours is listed, not looked into. `meanwhile` is
    done on another core while files that are not known are hashed.

    Raises:
        UnreadableFileError: If the source is not there or cannot be read.
        MissingExtraError: If a file needs the optional PyAV and it is not installed: a mix without it would be incomplete.
    """
    if source.is_file():
        return _look_at(source, source.name, cache)
    try:
        places = sorted(_walk(source, source), key=lambda place: natural_key(place[1]))
    except OSError as error:
        reason = f"The source cannot be read ({error.strerror or error})"
        raise UnreadableFileError(source, reason=reason, advice="Give a folder of stems, or a stem file.") from error
    with ThreadPoolExecutor(_HASHING_THREADS) as pool:
        if meanwhile is not None and cache is not None and not all(cache.knows(path) for path, _ in places):
            pool.submit(meanwhile)
        looked = pool.map(lambda place: _look_at_place(place[0], place[1], cache), places)
        return tuple(found for group in looked for found in group)


def require_sounds(found: Sequence[Found], *, source: Path) -> tuple[SoundFile, ...]:
    """Return the sounds that are used, in their order.

    Raises:
        NoTracksError: If there are none; the sentence says what is there instead.
    """
    sounds = tuple(item.sound for item in found if item.used and item.sound is not None)
    if sounds:
        return sounds
    if not found:
        raise NoTracksError(f"{source}: The folder is empty. Give a folder that holds the stems of a song.")
    told = "; ".join(f"{item.name}: {item.reason}" for item in found[:3])
    more = f"; and {len(found) - 3} more" if len(found) > 3 else ""
    raise NoTracksError(
        f"{source}: None of its files can be used as a stem ({told}{more}). Give WAV, AIFF, FLAC or M4A stems."
    )


def natural_key(name: str) -> list[tuple[list[str | int], list[str | int], str]]:
    """Return what to sort by, so that `Take 2` comes before `Take 10` on every system, whatever the folder's own order."""
    return [(_natural(stem), _natural(ending), stem) for stem, ending in map(os.path.splitext, name.split("/"))]


def _natural(part: str) -> list[str | int]:
    pieces = re.split(r"(\d+)", unicodedata.normalize("NFC", part).casefold())
    return [int(piece) if number % 2 else piece for number, piece in enumerate(pieces)]


def _walk(folder: Path, source: Path) -> Iterator[tuple[Path, str]]:
    for entry in os.scandir(folder):
        path = Path(entry.path)
        if entry.name.startswith(".") or entry.name == "__MACOSX":
            continue
        if entry.is_dir() and folder == source and not is_result_folder(path):
            yield from _walk(path, source)
        else:
            yield path, path.relative_to(source).as_posix()


def _look_at_place(path: Path, name: str, cache: Cache | None) -> tuple[Found, ...]:
    if path.is_dir():
        reason = "A mix made by Tonmeister." if is_result_folder(path) else "Only one level of folders is looked into."
        return (Found(path=path, name=name, state="not looked into", reason=reason),)
    return _look_at(path, name, cache)


def _look_at(path: Path, name: str, cache: Cache | None) -> tuple[Found, ...]:
    try:
        sounds = probe_streams(path, cache=cache)
    except UnreadableFileError as error:
        if path.suffix.lower() in _SOUND_ENDINGS:
            return (Found(path=path, name=name, state="unreadable", reason=f"{error.reason}."),)
        return (Found(path=path, name=name, state="not sound", reason="Not sound."),)
    several = len(sounds) > 1
    return tuple(
        _judge(sound, f"{name}: {sound.title or f'stream {sound.stream}'}" if several else name) for sound in sounds
    )


def _judge(sound: SoundFile, name: str) -> Found:
    try:
        check_channels(sound)
    except UnreadableFileError as error:
        reason = f"{error.reason}. {error.advice}"
        return Found(path=sound.path, name=name, state="too many channels", reason=reason, sound=sound)
    if sound.frames == 0 and sound.reader == "wav":
        return Found(path=sound.path, name=name, state="empty", reason="It holds no sound (0 frames).", sound=sound)
    if sound.part == "mix":
        reason = "The finished mix of a stem file; kept as a reference."
        return Found(path=sound.path, name=name, state="finished mix", reason=reason, sound=sound)
    return Found(path=sound.path, name=name, state="used", sound=sound)
