"""Where the lead rests, the instrument that carries the song comes forward, and steps back when the lead returns."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.document.facts import TrackFacts
from tonmeister.document.lane import Lane, Point
from tonmeister.document.move import Evidence, FaderChange, Move, Where
from tonmeister.knowledge import number
from tonmeister.tasks.automation.carriers import carrying_voices
from tonmeister.tasks.automation.lines import phrases_of
from tonmeister.tasks.moving import lane_values, sum_parts
from tonmeister.tasks.work import Work, evidence

Floats = NDArray[np.float64]
_CARRY = ("guitar", "keys", "synth", "strings", "brass", "woodwind")
"""Families whose tracks can carry a melody."""
_SINGING_HZ = (300.0, 5000.0)
_AFTER_S = 0.1
"""After the voice's last sound a hand waits so long."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A stretch in which no lead sings, and who carries it."""

    start_s: float
    end_s: float
    track: str
    share: float
    """The track's part of the power of all that could carry."""


def propose(work: Work) -> Iterator[Move]:
    """Lift what carries the song between the lines of the leads; only between the first and the last line."""
    if work.facts.is_premixed:
        return
    rests = list(find_rests(work))
    for track in work.facts.tracks:
        mine = [rest for rest in rests if rest.track == track.id]
        if mine:
            yield _lift(work, track, mine)


def find_rests(work: Work) -> Iterator[Rest]:
    """Yield the rests of the leads in which one instrument clearly carries the song."""
    sung = sorted(
        (phrase.start_s, phrase.end_s)
        for lead in work.facts.leads
        if lead.track.role == "lead vocal"
        for phrase in phrases_of(work.facts, lead)
    )
    ridden = carrying_voices(work.facts)
    carriers = [t for t in work.facts.tracks if _can_carry(work, t) and t not in ridden]
    if not sung or not carriers:
        return
    power = [_melodic_power(work, track) for track in carriers]
    least_s, least_share = number("automation.rest_least_s").value, number("automation.carrier_share_least").value
    end_s = sung[0][1]
    for start_s, next_end_s in sung[1:]:
        if start_s - end_s >= least_s:
            here = slice(int(2 * end_s), max(int(2 * end_s) + 1, int(2 * start_s)))
            sums = np.array([curve[here].sum() for curve in power])
            best = int(np.argmax(sums))
            share = float(sums[best] / max(float(sums.sum()), 1e-20))
            if sums[best] > 0 and share >= least_share:
                yield Rest(end_s, start_s, carriers[best].id, share)
        end_s = max(end_s, next_end_s)


def _can_carry(work: Work, track: TrackFacts) -> bool:
    """Say whether a track can carry a melody and may be moved: instruments with pitch, and voices that are no lead."""
    is_fit = track.track.family in _CARRY or (track.track.family == "vocal" and track not in work.facts.leads)
    return is_fit and track.is_touchable and not track.track.keep_level


def _melodic_power(work: Work, track: TrackFacts) -> Floats:
    """Return (half seconds,) power of a track where melodies lie, at its place in the mix."""
    inside = (_SINGING_HZ[0] <= ERB_CENTRES_HZ) & (_SINGING_HZ[1] >= ERB_CENTRES_HZ)
    power: Floats = sum_parts(work.mix, None, [(track.id, work.heard[track.id])]).erb_power[:, inside].sum(axis=1)
    return power


def _lift(work: Work, track: TrackFacts, rests: list[Rest]) -> Move:
    lift_db = number("automation.handover_db").value
    lane = _neutral(work, track, lift_lane(rests, lift_db, bars_s=_bars(work)))
    found = tuple(
        Evidence(
            what="part of what could carry the song while no lead sings", value=round(rest.share, 3),
            limit=number("automation.carrier_share_least").value, unit="share", source="automation.carrier_share_least: guess",
            start_s=round(rest.start_s, 2), end_s=round(rest.end_s, 2),
        )
        for rest in rests
    )  # fmt: skip
    longest = max(rest.end_s - rest.start_s for rest in rests)
    return Move(
        id=f"automation.{track.id}.handover", task="automation",
        title=f"{track.track.name} carries where the lead rests: {lift_db:+.1f} dB", where=Where(track=track.id),
        change=FaderChange(change_db=lane),
        because=(evidence("longest rest of the lead", longest, against="automation.rest_least_s"), *found), confidence=0.5,
    )  # fmt: skip


def _neutral(work: Work, track: TrackFacts, lane: Lane) -> Lane:
    """Return the lane, lowered as a whole by what it would make the track louder: the balance stays what it was."""
    power = work.heard[track.id].energies_100ms
    lifted = power * 10 ** (lane_values(lane, np.arange(power.size) / 10 + 0.05) / 10)
    louder_db = round(10 * float(np.log10(lifted.sum() / power.sum())), 2) if power.sum() > 0 else 0.0
    points = tuple(Point(time_s=p.time_s, value=round(p.value - louder_db, 2) + 0.0) for p in lane.points)
    return lane.model_copy(update={"points": points})


def lift_lane(rests: list[Rest], lift_db: float, *, bars_s: Floats) -> Lane:
    """Return the lane: up from the voice's last word to the next bar, down to its next word; never faster than a hand."""
    slowest_s = abs(lift_db) / number("automation.fastest_db_per_s").value
    points = [Point(time_s=0.0, value=0.0)]
    for rest in rests:
        up_s = rest.start_s + _AFTER_S
        later = bars_s[(bars_s >= up_s + slowest_s) & (bars_s <= rest.end_s - 2 * slowest_s)]
        top_s = float(later[0]) if later.size else up_s + slowest_s
        down_s = rest.end_s - _AFTER_S
        turn_s = max(top_s + 0.01, down_s - max(slowest_s, number("automation.move_longest_s").value))
        points += [
            Point(time_s=round(time, 3), value=value)
            for time, value in ((up_s, 0.0), (top_s, lift_db), (turn_s, lift_db), (down_s, 0.0))
            if time > points[-1].time_s
        ]
    return Lane(law="linear_db", points=tuple(points))


def _bars(work: Work) -> Floats:
    line = work.facts.time_line
    return np.zeros(0) if line is None or line.bar_confidence <= 0 else line.downbeats_s
