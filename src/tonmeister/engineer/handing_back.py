"""The session that a mix came from, handed back with the mix in it: a new file beside the result, the person's own untouched."""

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError

from tonmeister.daw.ardour.patch import patch_ardour
from tonmeister.daw.base import plain_ways
from tonmeister.daw.changes import TAKES_FOLDER, Changes, SessionLink, Take, find_changes
from tonmeister.daw.dawproject.devices import builds as dawproject_builds
from tonmeister.daw.dawproject.patch import patch_dawproject
from tonmeister.daw.finding import SoundFinder
from tonmeister.daw.handback import Handback
from tonmeister.daw.media import MediaPlan, place_file, write_media
from tonmeister.daw.prepare import Print
from tonmeister.daw.read import format_of, read_session_file
from tonmeister.daw.reaper.devices import builds as reaper_builds
from tonmeister.daw.reaper.patch import patch_reaper
from tonmeister.daw.session import DawSession
from tonmeister.document.mix import Mix, Track
from tonmeister.errors import InputError
from tonmeister.files.atomic import output_errors
from tonmeister.files.cache import Cache, open_cache
from tonmeister.files.probe import SoundFile
from tonmeister.listen.session_source import SessionBase, open_session
from tonmeister.processing.registry import is_neutral

SESSION_FILE = "session.json"
SAME = "same"
"""Folder of the session that is handed back, in `sessions/`."""
_KEPT_FOLDERS = ("interchange", "plugins", "externals", "analysis")
"""What of an Ardour session's folder its file needs."""


def link_text(base: SessionBase, *, cache: Cache) -> str:
    """Return session.json: where the session is, and which of its tracks is which of ours."""
    link = SessionLink(
        path=str(base.path.resolve()),
        sha256=cache.hash_file(base.path) if base.path.is_file() else "",
        tracks=dict(base.ids),
        buses=dict(base.buses),
        stems=dict(base.stems),
    )
    return json.dumps(link.model_dump(mode="json"), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def make_link(base: SessionBase | None, *, cache: Cache) -> SessionLink | None:
    """Return the way back of a mix that came from a session; None for a folder of stems."""
    return None if base is None else SessionLink.model_validate_json(link_text(base, cache=cache))


def is_live_set(link: SessionLink) -> bool:
    """Say whether a mix came from a Live set that is there and of a Live whose sets we change (9 and later)."""
    path = Path(link.path)
    if path.suffix.lower() != ".als" or not path.is_file() or open_cache().hash_file(path) != link.sha256:
        return False
    return any(f"Live {version}" in read_session_file(path).program for version in range(9, 100))


def load_link(out: Path) -> SessionLink | None:
    """Return the way back of a mix that is there; None where it came from no session."""
    path = out / SESSION_FILE
    try:
        return SessionLink.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def unbuilt_returns(mix: Mix, link: SessionLink) -> tuple[Print, ...]:
    """Return the new returns of a mix that its session's DAW has no device for: they are printed as sound."""
    builds = _BUILDS.get(format_of(Path(link.path)) or "")
    if builds is None:
        return ()
    found = []
    for bus in mix.buses:
        running = [insert for insert in bus.inserts if not is_neutral(insert.processor)]
        ordered = sorted(running, key=lambda insert: insert.slot != "cleanup")
        if bus.kind == "effect" and bus.id not in link.buses and not all(builds(one, 2) for one in ordered):
            found.append(Print(bus.id, f"insert:bus:{bus.id}:{ordered[-1].id}"))
    return tuple(found)


def hand_back(
    mix: Mix,
    link: SessionLink,
    stage: Callable[[str], Path],
    *,
    sources: Mapping[str, SoundFile],
    prints: Mapping[str, SoundFile] | None = None,
) -> Handback | None:
    """Write the session that the mix came from with the mix in it; None where its format is not written back.

    Args:
        mix: What to write.
        link: Where the session is.
        stage: Name inside `sessions/same` → where to write that file.
        sources: Sound of every track; one that has another take plays that in the place of its clips.
        prints: Sound of returns that the DAW has no device for, by bus.

    Raises:
        InputError: If the session can no longer be read.
        OutputError: If a file cannot be written.
    """
    path = Path(link.path)
    if not path.is_file() or open_cache().hash_file(path) != link.sha256:
        why = f"{path.name}: it is not there any more, or was changed since it was mixed; mix it again to have it handed back."
        return Handback(path=path, carried={}, lost=(why,))
    session = plain_ways(read_session_file(path))
    patch = _PATCHES.get(session.format)
    if patch is None:
        return None
    changes = find_changes(mix, session, link, has_trim=session.format == "ardour")
    changes.prints = dict(prints or {})
    with tempfile.TemporaryDirectory(prefix="tonmeister-") as scratch:
        changes.takes = _takes(mix, link, sources, _take_place(session.format, path, stage, Path(scratch)))
        made = patch(path, changes, stage)
    if session.format != "ardour":
        _carry_sounds(session, path, stage)
    return made


def _take_place(kind: str, path: Path, stage: Callable[[str], Path], scratch: Path) -> Callable[[str], Path]:
    """Return where a take goes by its file name: into the session's folder for sound, of a packed one into a scratch folder."""
    if kind == "dawproject":
        return lambda name: scratch / name
    folder = TAKES_FOLDER
    if kind == "ardour":
        known = sorted(one.name for one in (path.parent / "interchange").glob("*") if one.is_dir())
        folder = f"interchange/{known[0] if known else path.stem}/audiofiles"
    return lambda name: stage(f"{folder}/{name}")


def new_takes(mix: Mix, link: SessionLink) -> tuple[Track, ...]:
    """Return the tracks that play another sound than their session does."""
    return tuple(t for t in mix.tracks if t.id in link.tracks and link.stems.get(t.id, t.sha256) != t.sha256)


def _takes(
    mix: Mix, link: SessionLink, sources: Mapping[str, SoundFile], place: Callable[[str], Path]
) -> dict[str, Take]:
    """Put every take that is not the session's own where the session finds it."""
    rate = mix.song.sample_rate_hz
    found = {}
    for track in new_takes(mix, link):
        name = f"{track.name} (new take)"
        placed: list[Path] = []

        def put(inside: str, placed: list[Path] = placed) -> Path:
            placed.append(place(inside))
            return placed[-1]

        (media,) = write_media(
            [track.model_copy(update={"name": name})], sources, put, MediaPlan("", rate, open_cache())
        )
        found[link.tracks[track.id]] = Take(name, media, placed[0], track.start_frame / rate, rate)
    return found


def _carry_sounds(session: DawSession, path: Path, stage: Callable[[str], Path]) -> None:
    """Put the sound files that lie in the session's folder into the same places beside the new file."""
    finder = SoundFinder(session, path, cache=open_cache())
    clips = [clip for track in session.tracks for clip in track.clips if not clip.is_inside]
    found = {finder.find(name, inside=False) for clip in clips for name in (clip.media, clip.right_media) if name}
    folder = path.parent.resolve()
    for sound in sorted(place.resolve() for place in found if place is not None):
        if folder in sound.parents:
            target = stage(sound.relative_to(folder).as_posix())
            with output_errors(target):
                place_file(sound, target)


def _dawproject(path: Path, changes: Changes, stage: Callable[[str], Path]) -> Handback:
    return patch_dawproject(path, changes, stage(path.name))


def _ardour(path: Path, changes: Changes, stage: Callable[[str], Path]) -> Handback:
    made = patch_ardour(path, changes, stage(path.name))
    for inside in _kept_files(path.parent):
        target = stage(inside.as_posix())
        with output_errors(target):
            place_file(path.parent / inside, target)
    return made


def _reaper(path: Path, changes: Changes, stage: Callable[[str], Path]) -> Handback:
    return patch_reaper(path, changes, stage(path.name), stage)


_PATCHES: dict[str, Callable[[Path, Changes, Callable[[str], Path]], Handback]] = {
    "dawproject": _dawproject,
    "ardour": _ardour,
    "reaper": _reaper,
}
"""Format → who writes a session of it back."""
_BUILDS = {"dawproject": dawproject_builds, "reaper": reaper_builds}
"""Format → whether it has a device for an insert; Ardour's reverb and delay are taken for ours."""


def _kept_files(folder: Path) -> Iterator[Path]:
    """Yield the files that an Ardour session needs beside its own, by their place in its folder."""
    for name in _KEPT_FOLDERS:
        for here, folders, files in os.walk(folder / name):
            folders.sort()
            for file in sorted(files):
                path = Path(here) / file
                if path.is_file() and not file.endswith(".peak"):
                    yield path.relative_to(folder)


def restore_stems(out: Path, mix: Mix) -> None:
    """Lay the clips of the mix's session out again, where the cache no longer holds the stems.

    Raises:
        InputError: If the session or its sounds are not there any more.
    """
    link = load_link(out)
    if link is None or not mix.tracks:
        return
    path = Path(link.path)
    if not path.exists():
        raise InputError(f"{path}: the session that was mixed is not there; put it back, or mix again.")
    open_session(path, cache=open_cache())
