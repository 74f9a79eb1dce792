"""The lead's fader, line by line: the words stand out of the backing as far as planned, with the smallest gains that do it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import Evidence, Expectation, FaderChange, Move, Nothing, Where
from tonmeister.knowledge import number
from tonmeister.tasks.automation.carriers import carried_phrases, carrying_voices
from tonmeister.tasks.automation.hand import Hold, ride_lane
from tonmeister.tasks.automation.lines import Line, audibility_of, find_lines, phrases_of, plan, spread_db
from tonmeister.tasks.balance import lead_move_db, sung_ratios
from tonmeister.tasks.moving import lane_values, sum_parts
from tonmeister.tasks.work import Work, aimed, evidence

_SAME_DB = 0.5
"""Neighbours that differ less share a gain: fewer points, and nobody hears the difference."""
_UNHEARD_DB = 0.2
"""A voice that becomes louder or softer as a whole by less is left so."""
_REASON_DB = 3.0
"""A point that moves further says why."""
_LEAST_PROMISE_DB = 0.5
_LONG_S = 1.5
"""Under shorter lines no fader moves."""


def propose(work: Work) -> Iterator[Move]:
    """Ride each lead vocal, and each backing voice where it carries the words; where one stands as planned, say so."""
    leads = [
        lead
        for lead in work.facts.leads
        if lead.track.role == "lead vocal" and lead.is_touchable and not lead.track.keep_level
    ]
    for lead in (*leads, *carrying_voices(work.facts)):
        lines = planned_lines(work, lead)
        if len(lines) >= 2:
            yield _ride(work, lead, lines)


def planned_lines(work: Work, lead: TrackFacts) -> list[Line]:
    """Return the lines of a lead and where they are meant to stand; none where nothing plays beside it."""
    others = [t for t in work.facts.tracks if t.track.used and t not in work.facts.leads]
    phrases = phrases_of(work.facts, lead) if lead in work.facts.leads else carried_phrases(work.facts, lead)
    if not others or not phrases:
        return []
    audibility_db = audibility_of(work.mix, work.facts, work.heard, lead)
    energies = sum_parts(work.mix, work.heard[lead.id], [(lead.id, work.heard[lead.id])]).energies_100ms
    lines = find_lines(phrases, audibility_db, energies)
    return plan(lines, work.facts.song.sections) if lines else []


def find_gains(lines: Sequence[Line], *, tolerance_db: float, most_db: float) -> list[float]:
    """Return a gain a line: what lies outside the tolerance comes back inside, and the loudness of the whole stays."""
    gains = _gains(lines, 0.0, tolerance_db, most_db)
    louder = _louder_db(lines, gains)
    aim = float(np.clip(louder, -_UNHEARD_DB, _UNHEARD_DB))
    if louder != aim:  # the plan as a whole lies where the ride makes the voice neither louder nor softer
        low, high = -2 * most_db, 2 * most_db
        for _ in range(24):
            middle = (low + high) / 2
            gains = _gains(lines, middle, tolerance_db, most_db)
            low, high = (low, middle) if _louder_db(lines, gains) > aim else (middle, high)
    return _settle(lines, gains)


def _gains(lines: Sequence[Line], shift_db: float, tolerance_db: float, most_db: float) -> list[float]:
    found = []
    for line in lines:
        off = line.planned_db + shift_db - line.audibility_db
        rest = max(0.0, abs(off) - tolerance_db / 2) if abs(off) > tolerance_db else 0.0
        found.append(float(np.clip(np.copysign(rest, off), -most_db, most_db)))
    return found


def _louder_db(lines: Sequence[Line], gains: Sequence[float]) -> float:
    before = sum(line.energy for line in lines)
    after = sum(line.energy * 10 ** (gain / 10) for line, gain in zip(lines, gains, strict=True))
    return float(10 * np.log10(after / before)) if before > 0 else 0.0


def _settle(lines: Sequence[Line], gains: Sequence[float]) -> list[float]:
    """Return the gains in tenths, with neighbours that nearly agree made one."""
    groups: list[list[int]] = []
    for place, gain in enumerate(gains):
        near = groups and all(abs(gain - gains[other]) < _SAME_DB for other in groups[-1])
        if near:
            groups[-1].append(place)
        else:
            groups.append([place])
    settled = list(gains)
    for group in groups:
        mean = np.average([gains[place] for place in group], weights=[lines[place].weight for place in group])
        for place in group:
            settled[place] = round(float(mean), 1) + 0.0
    return settled


def _ride(work: Work, lead: TrackFacts, lines: list[Line]) -> Move:
    share = 0.5 if work.facts.is_premixed else 1.0
    tolerance_db = number("automation.tolerance_db").value / share
    tails = [0.0 if work.facts.is_premixed or line is lines[-1] else _tail_lift(line) for line in lines]
    lifted = [_with_tail(line, tail) for line, tail in zip(lines, tails, strict=True)]
    most_db = number("automation.ride_most_db").value * share
    gains = find_gains(lifted, tolerance_db=tolerance_db, most_db=most_db)
    shift_db, placed = _into_band_db(work, lead, _holds(lines, gains, tails))
    gains = [round(gain + shift_db, 2) for gain in gains]
    before = spread_db(lines, [line.audibility_db for line in lines])
    found = evidence(
        "spread of the words over the backing around their plan", before, against="automation.tolerance_db"
    )
    if not any(gains):
        return _nothing(lead, found)
    after = spread_db(lines, [line.audibility_db + gain for line, gain in zip(lifted, gains, strict=True)])
    promise = Expectation(
        metric="audibility_spread_db", value=round(after, 2), before=round(before, 2),
        tolerance=max(0.01, round((before - after) / 2, 2)), unit="dB", scope="mix", track=lead.id,
    )  # fmt: skip
    return Move(
        id=f"automation.{lead.id}.ride", task="automation",
        title=f"Ride {lead.track.name} by its lines: {min(gains):+.1f} to {max(gains):+.1f} dB", where=Where(track=lead.id),
        change=FaderChange(change_db=ride_lane(_holds(lines, gains, tails))),
        because=(found, *placed, *_tail_reason(lines, tails), *_reasons(lines, gains)),
        expects=promise if before - after >= _LEAST_PROMISE_DB else None, confidence=0.6,
    )  # fmt: skip


def _holds(lines: Sequence[Line], gains: Sequence[float], tails: Sequence[float]) -> list[Hold]:
    return [Hold(line.start_s, line.end_s, *both) for line, *both in zip(lines, gains, tails, strict=True)]


def _into_band_db(work: Work, lead: TrackFacts, holds: Sequence[Hold]) -> tuple[float, tuple[Evidence, ...]]:
    """Return the smallest move of the whole ride that has the leads in their band for most of the time that they sing with others.

    It goes on top of how far each line is ridden, so that the lines keep their distances.
    The balance placed the lead before others gave way to it.  A balance that a person made is held in no band.
    """
    if work.facts.is_premixed or lead not in work.facts.leads:
        return 0.0, ()
    heard = {track.id: work.heard[track.id] for track in work.facts.tracks if track.track.used}
    leads = {track.id for track in work.facts.leads}

    def energies(names: Iterable[str]) -> NDArray[np.float64]:
        return sum_parts(work.mix, heard[lead.id], [(name, heard[name]) for name in names]).energies_100ms

    own = energies([lead.id])
    own = own * 10 ** (lane_values(ride_lane(holds), np.arange(own.size) / 10 + 0.05) / 10)
    others = energies(heard.keys() - {lead.id})
    ratios = sung_ratios(own + energies(heard.keys() & leads - {lead.id}), own + others)
    if not ratios.size:
        return 0.0, ()
    low, high = work.aim("lead_low_lu"), work.aim("lead_high_lu")
    edges = 10 ** (low.value / 10), 10 ** (high.value / 10)
    most_db = number("automation.ride_most_db").value / 2
    shift_db = float(np.clip(lead_move_db(ratios, edges, number("balance.lead_in_band").value), -most_db, most_db))
    if not shift_db:
        return 0.0, ()
    what = f"lead against the whole mix while it sings with others, median, before all its lines move by {shift_db:+.2f} dB"
    return shift_db, (aimed(what, float(10 * np.log10(np.median(ratios))), against=low if shift_db > 0 else high),)


def _tail_lift(line: Line) -> float:
    """Return how far the last sound of a line is lifted: half of what it sinks too far, where the line is long enough for a hand."""
    over = -line.tail_db - number("automation.tail_sink_db").value
    lift = round(min(over / 2, number("automation.tail_most_db").value), 1)
    return lift if lift >= _SAME_DB and line.end_s - line.start_s >= _LONG_S else 0.0


def _with_tail(line: Line, tail_db: float) -> Line:
    """Return the line as it stands with its end lifted: the lift is part of how far the line as a whole stands out."""
    held = Hold(line.start_s, line.end_s, 0.0, tail_db)
    share = 1.5 * held.tail_s / (line.end_s - line.start_s) if tail_db else 0.0
    return replace(line, audibility_db=line.audibility_db + tail_db * share)


def _tail_reason(lines: Sequence[Line], tails: Sequence[float]) -> Iterator[Evidence]:
    """Yield why ends are lifted, if any are: the one that sinks furthest."""
    lifted = [line for line, tail in zip(lines, tails, strict=True) if tail]
    if lifted:
        line = min(lifted, key=lambda one: one.tail_db)
        yield evidence(
            f"furthest that the end of a line sinks under the line; {len(lifted)} ends are lifted", -line.tail_db,
            against="automation.tail_sink_db", start_s=round(line.start_s, 2), end_s=round(line.end_s, 2),
        )  # fmt: skip


def _reasons(lines: Sequence[Line], gains: Sequence[float]) -> Iterator[Evidence]:
    """Yield why, for each line that moves far or whose point moves far from the one before; else for the furthest."""
    steps = [abs(gain - before) for gain, before in zip(gains, [gains[0], *gains], strict=False)]
    far = [p for p, gain in enumerate(gains) if abs(gain) > _REASON_DB or steps[p] > _REASON_DB]
    furthest = int(np.argmax(np.abs(gains)))
    for place in far or [furthest]:
        line = lines[place]
        yield Evidence(
            what=f"words over the backing in this line, before {gains[place]:+.1f} dB", value=round(line.audibility_db, 2),
            limit=round(line.planned_db, 2), unit="dB", source="plan of its section: automation.section_share",
            start_s=round(line.start_s, 2), end_s=round(line.end_s, 2),
        )  # fmt: skip


def _nothing(lead: TrackFacts, found: Evidence) -> Move:
    return Move(
        id=f"automation.{lead.id}.nothing", task="automation", title=f"{lead.track.name} stands as planned in every line",
        where=Where(track=lead.id), change=Nothing(), because=(found,),
    )  # fmt: skip
