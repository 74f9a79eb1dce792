"""A session of a DAW as a source of stems: its clips laid out, its markers and tempo as hints, its levels as the base."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from tonmeister.daw.base import Base, build_base, carries_balance, is_muted, plain_ways, unused_kinds
from tonmeister.daw.laying_out import lay_out
from tonmeister.daw.read import read_session_file, session_file
from tonmeister.daw.session import DawSession, SessionTrack
from tonmeister.document.facts import SongFacts
from tonmeister.document.inventory import Incoming
from tonmeister.document.mix import Song, Track
from tonmeister.document.move import Move
from tonmeister.files.cache import Cache
from tonmeister.files.intake import Found
from tonmeister.listen.measure import Cancel, Progress
from tonmeister.listen.session_form import sections_of

Start = Literal["as-is", "from-scratch", "auto"]
SAME_TEMPO = 0.015
"""A tempo of the session that differs by less from the one that was heard is the exact one."""


@dataclass(frozen=True, slots=True)
class SessionSource:
    """A session whose tracks are stems."""

    path: Path
    """The session's own file."""
    session: DawSession
    found: tuple[Found, ...]
    """What the intake of a folder would give: one for each track."""
    tracks: Mapping[str, str]
    """Name of a found stem → the session's track id."""
    unheard: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Name of a found stem → what of it is not heard."""

    def start(self, asked: Start) -> Start:
        """Return how to start: a session that carries a balance is mixed as it is, unless a person asks otherwise."""
        return "as-is" if asked == "auto" and carries_balance(self.session) else asked


@dataclass(frozen=True, slots=True)
class SessionBase:
    """What a mix of a session begins with, and how to find the way back."""

    path: Path
    session: DawSession
    moves: tuple[Move, ...]
    ids: Mapping[str, str]
    """The document's track id → the session's."""
    buses: Mapping[str, str]
    """The document's bus id → the session's track id."""
    stems: Mapping[str, str]
    """The document's track id → hash of its clips, laid out."""


def open_session(
    source: Path, *, cache: Cache, progress: Progress | None = None, cancel: Cancel | None = None
) -> SessionSource:
    """Read a session and lay out its clips.

    Raises:
        SessionError: If it cannot be read, or sound files are missing.
        MissingExtraError: If its format needs an optional package that is not installed.
        CancelledError: If the person asked to stop.
    """
    path = session_file(source)
    session = plain_ways(read_session_file(path))
    played = [track for track in session.of_kind("audio", "group", "return") if track.clips]
    muted = [track for track in played if is_muted(session, track)]
    wanted = [track for track in played if track not in muted]
    stems = {
        stem.track.id: stem
        for stem in lay_out(session, path, wanted, cache=cache, progress=_told(progress), cancel=cancel)
    }
    names = _names(session.tracks)
    found: list[Found] = []
    for track in session.tracks:
        stem = stems.get(track.id)
        if stem is not None:
            found.append(Found(path=stem.sound.path, name=names[track.id], state="used", sound=stem.sound))
    for track in muted:
        found.append(_unused(path, names[track.id], "not looked into", "It is muted in the session."))
    for track in wanted:
        if track.id not in stems:
            why = next((f"{clip.cannot[:1].upper()}{clip.cannot[1:]}." for clip in track.clips if clip.cannot), None)
            found.append(
                _unused(path, names[track.id], "unreadable" if why else "empty", why or "No clip of it is heard.")
            )
    for track, why in unused_kinds(session.tracks):
        found.append(_unused(path, names[track.id], "unreadable" if track.kind == "notes" else "empty", why))
    unheard = {names[one]: stem.unheard for one, stem in stems.items() if stem.unheard}
    ids = {names[one]: one for one in stems}
    return SessionSource(path, session, tuple(found), ids, unheard)


def _told(progress: Progress | None) -> Callable[[str, float], None] | None:
    return None if progress is None else lambda name, share: progress(name, 0.3 * share)


def _unused(path: Path, name: str, state: Literal["not looked into", "unreadable", "empty"], why: str) -> Found:
    return Found(path=path, name=name, state=state, reason=why)


def _names(tracks: Sequence[SessionTrack]) -> dict[str, str]:
    """Return a name for each track of which no two are the same, and none looks like a folder."""
    names: dict[str, str] = {}
    for track in tracks:
        plain = " ".join(track.name.replace("/", "-").replace("\\", "-").split()) or "Track"
        candidate, number = plain, 2
        while candidate in names.values():
            candidate, number = f"{plain} {number}", number + 1
        names[track.id] = candidate
    return names


def with_base(
    facts: SongFacts, source: SessionSource, names: Mapping[str, str]
) -> tuple[SongFacts, SessionBase, Mapping[str, tuple[str, ...]]]:
    """Return the facts with strips as the session has them and its hints about the song, the way back, and what is not heard.

    Args:
        facts: Of the mapped song.
        source: Where it comes from.
        names: The document's track id → name of the found stem.
    """
    ids = {track.id: source.tracks[names[track.id]] for track in facts.tracks}
    channels = {ids[track.id]: (track.id, track.track.channels) for track in facts.tracks}
    base = build_base(source.session, channels, keeps_balance=facts.is_premixed)
    tracks = tuple(
        replace(track, track=_with_strip(track.track, base, kept=facts.is_premixed)) for track in facts.tracks
    )
    told = replace(facts, tracks=tracks, song=with_hints(facts.song, source.session))
    back = SessionBase(
        path=source.path,
        session=source.session,
        moves=base.moves,
        ids=ids,
        buses={bus: one for one, bus in base.buses.items()},
        stems={track.id: track.track.sha256 for track in facts.tracks},
    )
    return told, back, base.notes


def _with_strip(track: Track, base: Base, *, kept: bool) -> Track:
    """Return a track with the strip that it came with; where the balance is kept, a side in its name moves nothing."""
    strip = base.strips[track.id]
    fields = {"base": strip, "strip": strip}
    return track.model_copy(update={**fields, "pan_wish": None} if kept else fields)


def with_hints(song: Song, session: DawSession) -> Song:
    """Return the song with the session's tempo where the same was heard, and with its markers as sections where they name any."""
    fields: dict[str, object] = {}
    if len(session.tempos) == 1 and song.tempo_bpm is not None:
        bpm = session.tempos[0].bpm
        if abs(song.tempo_bpm / bpm - 1) <= SAME_TEMPO:
            fields |= {"tempo_bpm": round(bpm, 3), "tempo_confidence": 1.0}
    sections = sections_of(session.markers, song.duration_s)
    if sections:
        fields["sections"] = sections
    return song.model_copy(update=fields) if fields else song


def session_lines(source: SessionSource, notes: Mapping[str, tuple[str, ...]]) -> tuple[Incoming, ...]:
    """Return what of a session, apart from its stems, was not read or is not heard."""
    name = source.path.name
    said = [*source.session.unread]
    if any(track.is_soloed for track in source.session.tracks):
        said.append("Solo buttons are passed over: all tracks are mixed.")
    stems = set(source.tracks.values())
    for track in source.session.tracks:
        if track.id not in stems:
            said += [f"{track.name}: {sentence}" for sentence in notes.get(track.id, ())]
    return tuple(Incoming(name=name, state="not looked into", why=sentence) for sentence in dict.fromkeys(said))
