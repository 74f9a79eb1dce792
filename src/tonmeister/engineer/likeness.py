"""Mix like the last song: what a person changed there, by role, as moves with their evidence; engine's own choices are made anew."""

from collections.abc import Iterator

import numpy as np

from tonmeister.document.fold import APPLIED, fold
from tonmeister.document.lane import constant
from tonmeister.document.mix import Mix, Track
from tonmeister.document.move import BandChange, Change, Evidence, FaderChange, Move, StripEdit, Where, WidthChange
from tonmeister.document.strip import Strip
from tonmeister.document.text import canonical
from tonmeister.engineer.decide import CARRIED
from tonmeister.knowledge import role
from tonmeister.model import Db, Model

_ORDER = 300
"""Behind every task, before hand edits."""
_LEAST_DB = 0.5
_LEAST_PAN = 0.05


class Habit(Model):
    """What a person did to one role in the song before."""

    role: str
    level_db: Db = 0.0
    """Faders, against where the engine had them."""
    bands: tuple[BandChange, ...] = ()
    """Equaliser bands that the person added."""
    width: float | None = None
    reverb_db: Db | None = None
    """Send to a room or plate, where it is not what the role has anyway."""
    pan: float | None = None
    """Place that the person chose, for a role that one track has."""


def habits_of(mix: Mix) -> tuple[Habit, ...]:
    """Return what a person did in a mix, by role; roles to which nothing was done are left out."""
    plain = fold(mix.model_copy(update={"moves": tuple(m for m in mix.moves if not _is_by_person(m))}))
    roles = dict.fromkeys(track.role for track in mix.tracks if track.used)
    found = (_habit(name, [t for t in mix.tracks if t.used and t.role == name], mix, plain) for name in roles)
    return tuple(habit for habit in found if habit != Habit(role=habit.role))


def mix_like(opened: Mix, former: Mix) -> Mix:
    """Return the opened document with the habits of another song: wishes, moves that stand, and moves that are rejected beforehand.

    What is said about this song (a wish for a track) comes first.
    """
    habits = {habit.role: habit for habit in habits_of(former)}
    tracks = tuple(_wished(track, habits.get(track.role), opened) for track in opened.tracks)
    moves = [
        move
        for track in tracks
        if track.used and not track.leave_alone and track.role in habits
        for move in _moves(track, habits[track.role], former)
    ]
    moves += [*_rejected(opened, former)]
    return canonical(fold(opened.model_copy(update={"tracks": tracks, "moves": (*opened.moves, *moves)})))


def _is_by_person(move: Move) -> bool:
    return move.set_by != "engine" and move.state in APPLIED and (move.task in ("communication", "hand_edit"))


def _habit(name: str, tracks: list[Track], mix: Mix, plain: Mix) -> Habit:
    levels = [_fader_db(track.strip) - _fader_db(plain.track(track.id).strip) for track in tracks]
    level_db = round(float(np.mean(levels)), 2)
    bands = tuple(
        m.change
        for m in mix.moves
        if _is_by_person(m) and m.where.track == tracks[0].id and isinstance(m.change, BandChange)
    )
    edited = {m.where.track for m in mix.moves if _is_by_person(m) and isinstance(m.change, StripEdit | WidthChange)}
    widths = [
        (t.strip.width.points[0].value, plain.track(t.id).strip.width.points[0].value) for t in tracks if t.id in edited
    ]
    width = next((now for now, was in widths if now != was), None)
    pan = tracks[0].strip.pan.points[0].value
    was = plain.track(tracks[0].id).strip.pan.points[0].value
    sends = [s.level_db.points[0].value for t in tracks for s in t.strip.sends if s.bus in ("room", "plate")]
    reverb = round(float(np.mean(sends)), 1) if sends else None
    is_own = reverb is not None and abs(reverb - role(name).reverb_db) >= _LEAST_DB
    return Habit(
        role=name, level_db=level_db if abs(level_db) >= _LEAST_DB else 0.0, bands=bands, width=width,
        reverb_db=reverb if is_own else None, pan=pan if len(tracks) == 1 and abs(pan - was) >= _LEAST_PAN else None,
    )  # fmt: skip


def _wished(track: Track, habit: Habit | None, opened: Mix) -> Track:
    if habit is None:
        return track
    is_alone = sum(other.role == track.role for other in opened.tracks) == 1
    fields: dict[str, object] = {}
    if track.reverb_wish_db is None and habit.reverb_db is not None:
        fields["reverb_wish_db"] = habit.reverb_db
    if track.pan_wish is None and habit.pan is not None and is_alone:
        fields["pan_wish"] = habit.pan
    return track.model_copy(update=fields) if fields else track


def _moves(track: Track, habit: Habit, former: Mix) -> Iterator[Move]:
    source = (
        f"the song before{f' ({former.song.title})' if former.song.title else ''}: what the person did to {habit.role}"
    )

    def make(name: str, title: str, change: Change, found: Evidence) -> Move:
        return Move(
            id=f"{CARRIED}{track.id}.{name}", task="direction", title=f"{track.name}: {title}, as in the song before",
            where=Where(track=track.id), change=change, because=(found,), order=_ORDER, confidence=track.role_confidence,
        )  # fmt: skip

    if habit.level_db:
        found = Evidence(what="fader against the engine's", value=habit.level_db, unit="dB", source=source)
        yield make("level", f"fader {habit.level_db:+.1f} dB", FaderChange(change_db=constant(habit.level_db)), found)
    for place, change in enumerate(habit.bands, start=1):
        band = change.band
        found = Evidence(what=f"band at {band.frequency_hz:.0f} Hz", value=band.gain_db, unit="dB", source=source)
        yield make(f"band-{place}", f"{band.gain_db:+.1f} dB at {band.frequency_hz:.0f} Hz", change, found)
    if habit.width is not None and track.channels == 2:
        found = Evidence(what="width", value=habit.width, limit=1.0, unit="ratio", source=source)
        yield make(
            "width", f"width {habit.width:.2f}", WidthChange(width=constant(habit.width, law="linear_gain")), found
        )


def _rejected(opened: Mix, former: Mix) -> Iterator[Move]:
    """Yield moves that a person rejected there, for the same roles here: they are not made."""
    seen = {move.id for move in opened.moves}
    for move in former.moves:
        if move.state != "rejected" or move.set_by != "person":
            continue
        for new in _here(move, opened, former):
            if new.id not in seen:
                seen.add(new.id)
                yield new


def _here(move: Move, opened: Mix, former: Mix) -> Iterator[Move]:
    found = Evidence(what="the person rejected it in the song before", value=1.0, unit="time", source="the song before")
    bare = move.model_copy(update={"measured": None, "expects": None, "because": (found,), "depends_on": ()})
    name = move.where.track
    if name is None:
        yield bare
        return
    was = former.track(name).role
    task, _, rest = move.id.partition(f".{name}.")
    for track in opened.tracks:
        if track.role == was and track.used and rest:
            where = move.where.model_copy(update={"track": track.id})
            yield bare.model_copy(update={"id": f"{task}.{track.id}.{rest}", "where": where})


def _fader_db(strip: Strip) -> float:
    return strip.fader_db.points[0].value
