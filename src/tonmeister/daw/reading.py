"""What all readers of sessions need: numbers from strangers, lanes from breakpoints, beats as seconds, sentences about the rest."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import isfinite, log, log10

from tonmeister.daw.session import Meter, Tempo
from tonmeister.document.lane import SILENT_DB, Lane, Law, Point, constant

LOUDEST_DB = 48.0
"""No fader of a DAW goes higher; a value above is broken."""
STEP_S = 1e-5
"""Points that stand on the same moment are put so far apart: the document's finest time."""
USUAL_BPM = 120.0
_LONGEST_S = 1e7
_MOST_POINTS = 100_000


def number(text: str | None, otherwise: float = 0.0) -> float:
    """Return a number; `otherwise` where the text holds none that is finite."""
    try:
        value = float(text) if text is not None else otherwise
    except ValueError:
        return otherwise
    return value if isfinite(value) else otherwise


def whole(text: str | None, otherwise: int = 0) -> int:
    """Return a whole number; `otherwise` where the text holds none."""
    value = number(text, float(otherwise))
    return int(value) if abs(value) < 1e15 else otherwise


def seconds(value: float) -> float:
    """Return a time that a song can have."""
    return min(max(value, -_LONGEST_S), _LONGEST_S) if isfinite(value) else 0.0


def is_yes(text: str | None, *, otherwise: bool = False) -> bool:
    """Return what `true`, `1` and `yes` mean."""
    return otherwise if text is None else text.strip().lower() in ("true", "1", "yes")


def in_db(gain: float) -> float:
    """Return a linear gain in dB; silence is -120 dB."""
    if not isfinite(gain) or gain <= 10 ** (SILENT_DB / 20):
        return SILENT_DB
    return round(min(20 * log10(gain), LOUDEST_DB), 4)


def held(value: float, low: float, high: float) -> float:
    """Return the value, held within limits."""
    return min(max(value, low), high) if isfinite(value) else low


def make_lane(points: Iterable[tuple[float, float]], *, law: Law, otherwise: float) -> Lane:
    """Return a lane through points (seconds, value) as they come from a file: sorted, with steps a hundredth of a ms wide.

    What lies before the song gives the value at its start.
    """
    found = sorted(((seconds(t), v) for t, v in points if isfinite(v)), key=lambda point: point[0])[:_MOST_POINTS]
    if not found:
        return constant(otherwise, law=law)
    early = [(t, v) for t, v in found if t < 0]
    later = [(t, v) for t, v in found if t >= 0]
    if early:
        later.insert(0, (0.0, _at_start(early, later, law)))
    made: list[Point] = []
    for place, (time_s, value) in enumerate(later):
        if place + 1 < len(later) and place and later[place - 1][0] == time_s == later[place + 1][0]:
            continue  # of several points on one moment only the first and the last are heard
        at = round(time_s, 6)
        if made and at <= made[-1].time_s:
            at = round(made[-1].time_s + STEP_S, 6)
        made.append(Point(time_s=at, value=round(value, 6)))
    return Lane(law=law, points=tuple(made))


def _at_start(early: Sequence[tuple[float, float]], later: Sequence[tuple[float, float]], law: Law) -> float:
    (t0, v0) = early[-1]
    if law == "hold" or not later:
        return v0
    (t1, v1) = later[0]
    return v0 + (v1 - v0) * (0 - t0) / (t1 - t0)


def stepped(points: Sequence[tuple[float, float, bool]]) -> tuple[list[tuple[float, float]], bool]:
    """Return points (seconds, value) for lanes whose points each say whether they hold, and whether all of them do."""
    if points and all(holds for _, _, holds in points):
        return [(t, v) for t, v, _ in points], True
    out: list[tuple[float, float]] = []
    for place, (t, v, holds) in enumerate(points):
        out.append((t, v))
        if holds and place + 1 < len(points) and points[place + 1][0] - t > 2 * STEP_S:
            out.append((points[place + 1][0] - STEP_S, v))
    return out, False


@dataclass(frozen=True, slots=True)
class Beat:
    """A tempo of a session from a beat on."""

    beat: float
    bpm: float
    is_ramp: bool = False


@dataclass(frozen=True, slots=True)
class TempoMap:
    """Turns beats (quarter notes) into seconds."""

    marks: tuple[Beat, ...]
    starts_s: tuple[float, ...]

    def seconds(self, beat: float) -> float:
        """Return when a beat is; before the first mark its tempo holds."""
        place = max((k for k, mark in enumerate(self.marks) if mark.beat <= beat), default=0)
        mark = self.marks[place]
        following = self.marks[place + 1] if place + 1 < len(self.marks) else None
        return seconds(self.starts_s[place] + _span_s(mark, following, beat - mark.beat))

    def span_s(self, beat: float, beats: float) -> float:
        """Return how long some beats from a beat on last."""
        return self.seconds(beat + beats) - self.seconds(beat)

    @property
    def tempos(self) -> tuple[Tempo, ...]:
        """The marks as the session value tells them."""
        return tuple(
            Tempo(time_s=round(start_s, 6), bpm=round(mark.bpm, 6), is_ramp=mark.is_ramp)
            for mark, start_s in zip(self.marks, self.starts_s, strict=True)
        )


def tempo_map(marks: Iterable[Beat], *, bpm: float = USUAL_BPM) -> TempoMap:
    """Return the map of some marks; without any, of one tempo."""
    usual = held(bpm, 1.0, 10_000.0)
    known = {round(mark.beat, 6): mark for mark in marks if isfinite(mark.beat) and 1 <= mark.bpm <= 10_000}
    ordered = [known[beat] for beat in sorted(known)][:_MOST_POINTS] or [Beat(0.0, usual)]
    if ordered[0].beat > 0:
        ordered.insert(0, Beat(0.0, ordered[0].bpm))
    if ordered[0].beat < 0:
        first = max((mark for mark in ordered if mark.beat <= 0), key=lambda mark: mark.beat)
        ordered = [Beat(0.0, first.bpm, first.is_ramp), *(mark for mark in ordered if mark.beat > 0)]
    starts = [0.0]
    for before, after in pairwise(ordered):
        starts.append(starts[-1] + _span_s(before, after, after.beat - before.beat))
    return TempoMap(tuple(ordered), tuple(starts))


def _span_s(mark: Beat, following: Beat | None, beats: float) -> float:
    """Return the seconds of some beats behind a mark; a ramp is straight in bpm over beats."""
    if not mark.is_ramp or following is None or beats <= 0 or following.bpm == mark.bpm:
        return beats * 60 / mark.bpm
    slope = (following.bpm - mark.bpm) / (following.beat - mark.beat)
    return 60 / slope * log((mark.bpm + slope * beats) / mark.bpm)


def meters_of(found: Iterable[tuple[float, float, float]]) -> tuple[Meter, ...]:
    """Return time signatures (seconds, numerator, denominator) that can be."""
    return tuple(
        Meter(time_s=round(seconds(time_s), 6), numerator=int(top), denominator=int(bottom))
        for time_s, top, bottom in found
        if 1 <= top <= 256 and 1 <= bottom <= 256
    )


@dataclass(slots=True)
class Unread:
    """Collects what could not be read: the same thing is said once, with how often it occurs."""

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, sentence: str) -> None:
        """Note one thing."""
        self.counts[sentence] += 1

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was noted, in the order in which it was first met."""
        return tuple(text if count == 1 else f"{text} ({count} times)" for text, count in self.counts.items())
