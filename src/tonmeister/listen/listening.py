"""From files to facts: count what came in, measure each stem once, find out what plays and how the song goes."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tonmeister.analysis.track_meter import TrackCurves
from tonmeister.daw.read import is_session
from tonmeister.document.facts import SongFacts, TrackFacts
from tonmeister.document.inventory import Incoming
from tonmeister.document.mix import Song, Track
from tonmeister.document.wishes import TrackWish
from tonmeister.errors import InputError, NoTracksError
from tonmeister.files.cache import Cache
from tonmeister.files.intake import Found, find_sounds, require_sounds
from tonmeister.files.probe import SoundFile
from tonmeister.files.rates import choose_rate
from tonmeister.files.sound import SoundReader, open_probed
from tonmeister.listen.measure import Cancel, Progress, Stem, load_meters, measure_all
from tonmeister.listen.session_source import SessionBase, SessionSource, open_session, session_lines, with_base
from tonmeister.listen.song_map import map_song
from tonmeister.listen.together import hear_together, set_aside_mixes
from tonmeister.listen.tracks import make_tracks


@dataclass(frozen=True, slots=True, eq=False)
class Listened:
    """Everything that listening found."""

    facts: SongFacts
    unused: tuple[Track, ...]
    """Stems that are not in the mix, such as silent ones."""
    incoming: tuple[Incoming, ...]
    """One line for everything that came in."""
    sources: Mapping[str, SoundFile]
    """Where each used track's sound is, by track id."""
    session: SessionBase | None = None
    """The session that it came from, and the way back; None for a folder."""


def listen(
    source: Path,
    *,
    wishes: Mapping[str, TrackWish] | None = None,
    only: Sequence[str] | None = None,
    start: Literal["as-is", "from-scratch", "auto"] = "auto",
    cache: Cache,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    beside: Callable[[SongFacts, Mapping[str, SoundFile]], object] | None = None,
) -> Listened:
    """Listen to a folder of stems, to one file that holds several, or to a session of a DAW.

    `beside` is done with what is known of the stems while the song is mapped, which leaves a core free.

    Raises:
        NoTracksError: If there is not a single stem with sound.
        InputError: If a wish or `only` names a track that is not there.
    """
    opened = open_session(source, cache=cache, progress=progress, cancel=cancel) if is_session(source) else None
    found = find_sounds(source, cache=cache, meanwhile=load_meters) if opened is None else opened.found
    sounds = require_sounds(found, source=source)
    used = _chosen([item for item in found if item.used and item.sound is not None], only)
    told = _match_wishes(wishes or {}, [item.name for item in used])
    rate_hz = choose_rate([sound.sample_rate_hz for sound in sounds])
    stems = hear_together(measure_all(used, told, rate_hz, cache=cache, progress=progress, cancel=cancel))
    tracks = set_aside_mixes(make_tracks(stems), cache=cache)
    facts, unused, incoming = _sort_out(found, tracks, rate_hz)
    if not facts.tracks:
        raise NoTracksError(f"{source}: All {len(stems)} stems are silent. Give stems with sound in them.")
    sources = {track.id: stem.sound for stem, track in tracks if track.used}
    start = start if opened is None else opened.start(start)
    with ThreadPoolExecutor(1) as pool:
        other = None if beside is None else pool.submit(beside, facts, sources)
        facts = map_song(facts, start=start, read=_reader(tracks, rate_hz, cache), cache=cache)
        if other is not None:
            other.result()
    if opened is None:
        return Listened(facts=facts, unused=unused, incoming=incoming, sources=sources)
    names = {track.id: stem.found.name for stem, track in tracks}
    facts, base, notes = with_base(facts, opened, names)
    incoming = (*(_with_notes(item, opened, notes) for item in incoming), *session_lines(opened, notes))
    return Listened(facts=facts, unused=unused, incoming=incoming, sources=sources, session=base)


def _with_notes(item: Incoming, opened: SessionSource, notes: Mapping[str, tuple[str, ...]]) -> Incoming:
    """Add what of a session's track is not heard."""
    told = (*opened.unheard.get(item.name, ()), *notes.get(opened.tracks.get(item.name, ""), ()))
    return item.model_copy(update={"faults": (*item.faults, *told)}) if told else item


def _chosen(used: list[Found], only: Sequence[str] | None) -> list[Found]:
    if not only:
        return used
    missing = [name for name in only if not any(_is_called(item.name, name) for item in used)]
    if missing:
        raise InputError(f"--only {', '.join(missing)}: no such track; there are {', '.join(i.name for i in used)}.")
    return [item for item in used if any(_is_called(item.name, name) for name in only)]


def _is_called(name: str, said: str) -> bool:
    """Say whether a person means this track: its name with or without ending, folder or file, whatever the case."""
    plain = (name, Path(name).name, Path(name).stem, name.rpartition(": ")[2])
    return said.casefold() in {called.casefold() for called in plain}


def _match_wishes(wishes: Mapping[str, TrackWish], names: Sequence[str]) -> dict[str, TrackWish]:
    missing = [said for said in wishes if not any(_is_called(name, said) for name in names)]
    if missing:
        raise InputError(f"--roles: no track called {', '.join(missing)}; there are {', '.join(names)}.")
    return {name: wish for name in names for said, wish in wishes.items() if _is_called(name, said)}


def _sort_out(
    found: Sequence[Found], tracks: Sequence[tuple[Stem, Track]], rate_hz: int
) -> tuple[SongFacts, tuple[Track, ...], tuple[Incoming, ...]]:
    used = [(stem, track) for stem, track in tracks if track.used]
    frames = max((track.start_frame + stem.frames for stem, track in used), default=0)
    song = Song(sample_rate_hz=rate_hz, frames=frames)
    facts = tuple(
        TrackFacts(track, stem.measurement.figures, in_song_time(stem.measurement.curves, track.start_frame / rate_hz))
        for stem, track in used
    )
    unused = tuple(track for _, track in tracks if not track.used)
    by_name = {stem.found.name: (stem, track) for stem, track in tracks}
    incoming = tuple(_incoming(item, by_name.get(item.name)) for item in found)
    return SongFacts(song=song, tracks=facts), unused, incoming


def in_song_time(curves: TrackCurves, start_s: float) -> TrackCurves:
    """Put silence in front of the curves of a track that starts later than the song."""
    if start_s <= 0:
        return curves
    steps = {
        "energies_100ms": 10,
        "peak_10ms": 100,
        "rms_10ms": 100,
        "onset_10ms": 100,
        "erb_power": 2,
        "chroma_125ms": 8,
        "low_10ms": 100,
        "side_500ms": 2,
    }
    arrays: dict[str, Any] = dict(curves.arrays())
    for name, per_second in steps.items():
        late = ((round(start_s * per_second), 0), *((0, 0) for _ in arrays[name].shape[1:]))
        arrays[name] = np.pad(arrays[name], late)
    return TrackCurves.from_arrays(arrays)


_STATES = {"finished mix": "reference"}


def _incoming(item: Found, made: tuple[Stem, Track] | None) -> Incoming:
    sound = item.sound
    about = {} if sound is None else {
        "sha256": sound.sha256, "sample_rate_hz": sound.sample_rate_hz, "channels": sound.channels, "duration_s": round(sound.duration_s, 3),
    }  # fmt: skip
    if made is None:
        state = "not looked into" if item.used else _STATES.get(item.state, item.state)
        why = "Left out by --only." if item.used else item.reason or ""
        return Incoming.model_validate({"name": item.name, "state": state, "why": why, **about})
    stem, track = made
    state = "mixed" if track.used else ("silent" if "silent" in (track.why_unused or "") else "reference")
    heard = tuple(fault.sentence for fault in stem.measurement.figures.faults if fault.kind != "silence")
    why = track.why_unused or f"{track.role}, {track.role_confidence:.0%} sure"
    fields = {
        "name": item.name,
        "state": state,
        "why": why,
        "track": track.id,
        "faults": (*stem.faults, *heard),
        **about,
    }
    return Incoming.model_validate(fields)


def _reader(tracks: Sequence[tuple[Stem, Track]], rate_hz: int, cache: Cache) -> Callable[[str], SoundReader]:
    """Return a function that opens a used track's sound at the song's rate, for what needs samples once more."""
    sounds = {track.id: stem.sound for stem, track in tracks}
    return lambda track_id: open_probed(sounds[track_id], rate_hz=rate_hz, cache=cache)
