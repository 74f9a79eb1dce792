"""A strip or bus as the mixer of most DAWs knows it: a fader with points, a pan with points, a mute, sends."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import log10

from tonmeister.daw.account import Account
from tonmeister.daw.lanes import Line, Value, gain_line, gain_value, heard, plain_line, plain_value
from tonmeister.document.lane import Lane
from tonmeister.document.strip import Bus, Strip

PanLaw = Callable[[float, int], tuple[float, float]]
"""Our pan, channels → position of the DAW's pan pot (-1 … 1), gain that makes up for its law."""


@dataclass(frozen=True, slots=True)
class Level:
    """A linear gain that stands still or moves."""

    gain: float
    line: Line = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Desk:
    """The mixer settings of a strip or bus."""

    fader: Level
    """Also of what a mute that moves and a pan law ask for."""
    pan: float
    """Where the DAW's pan pot stands, -1 … 1."""
    pan_line: Line
    muted: bool
    sends: tuple[tuple[str, Level], ...]
    """Id of the effect bus, level."""


def desk_of(owner: Strip | Bus, *, name: str, channels: int, law: PanLaw, loudest: float, account: Account) -> Desk:
    """Return the mixer settings, and note what is carried and what lies above the top of the faders."""
    lanes, values = [owner.fader_db], [gain_value(owner.fader_db)]
    muted = owner.mute.is_constant and owner.mute.points[0].value >= 1
    if not muted and any(point.value for point in owner.mute.points):
        lanes.append(owner.mute)
        values.append(heard(owner.mute))
        account.counts["mute lanes"] += 1
    account.counts["mutes"] += muted
    account.counts["fader lanes"] += not owner.fader_db.is_constant
    pan, pan_line = 0.0, Line()
    if isinstance(owner, Strip):
        pan = law(owner.pan.points[0].value, channels)[0]
        value = plain_value(owner.pan)
        pan_line = plain_line(lambda time_s, side: law(value(time_s, side), channels)[0], owner.pan)
        lanes.append(owner.pan)
        values.append(_made_up(owner.pan, channels, law))
        account.counts["pans"] += any(point.value for point in owner.pan.points)
        account.counts["pan lanes"] += bool(pan_line)
    sends = []
    for send in owner.sends:
        level = _level(
            [send.level_db], [gain_value(send.level_db)], f"{name}: its send to {send.bus}", loudest, account
        )
        account.counts["sends"] += 1
        account.counts["send lanes"] += bool(level.line)
        sends.append((send.bus, level))
    fader = _level(lanes, values, f"{name}: its fader", loudest, account)
    return Desk(fader, pan, pan_line, muted, tuple(sends))


def _made_up(pan: Lane, channels: int, law: PanLaw) -> Value:
    value = plain_value(pan)
    return lambda time_s, side: law(value(time_s, side), channels)[1]


def _level(lanes: list[Lane], values: list[Value], what: str, loudest: float, account: Account) -> Level:
    gain, line = gain_line(lanes, values)
    highest = max([gain, *(value for _, value in line)])
    if highest > loudest:
        account.lost.append(
            f"{what} goes up to {20 * log10(highest):.1f} dB and is held at {20 * log10(loudest):.1f} dB; raise the sound itself."
        )
    return Level(min(gain, loudest), [(at, min(value, loudest)) for at, value in line])
