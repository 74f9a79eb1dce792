"""The lines that a lead sings, how far each stands out of the backing, and how far it is meant to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.audibility import measure_audibility
from tonmeister.analysis.phrases import Phrase, find_phrases
from tonmeister.document.facts import SongFacts, TrackFacts
from tonmeister.document.mix import Mix, Section
from tonmeister.knowledge import number
from tonmeister.tasks.moving import sum_parts
from tonmeister.tasks.work import Heard

Floats = NDArray[np.float64]
_LEAST_STEPS, _TAIL_STEPS = 3, 4


@dataclass(frozen=True, slots=True)
class Line:
    """A sung line: between two gaps in which a hand can move."""

    start_s: float
    end_s: float
    audibility_db: float
    """Mean of its sounding steps, at still faders."""
    weight: float
    """Sounding steps."""
    energy: float
    """Power summed over its steps, at still faders."""
    tail_db: float = 0.0
    """How far its last sound lies over (below 0: under) the whole line."""
    planned_db: float = 0.0
    """Where it is meant to stand."""


def phrases_of(facts: SongFacts, track: TrackFacts) -> tuple[Phrase, ...]:
    """Return the phrases of a voice, from the song's map or from its own curve."""
    known = None if facts.time_line is None else facts.time_line.phrases.get(track.id)
    return find_phrases(track.curves.rms_10ms) if known is None else known


def audibility_of(mix: Mix, facts: SongFacts, heard: Mapping[str, Heard], lead: TrackFacts) -> Floats:
    """Return (steps of 100 ms,) how far a lead stands out of all that is no lead, with the lanes of this mix.

    A backing voice that carries the words stands out of all that is no voice: the other voices sing with it.
    """
    leads = {track.id for track in facts.leads}
    if lead.id not in leads:
        leads |= {track.id for track in facts.tracks if track.track.family == "vocal"}
    playing = [(track.id, heard[track.id]) for track in facts.tracks if track.track.used]
    voice = sum_parts(mix, heard[lead.id], [(lead.id, heard[lead.id])])
    rest = sum_parts(mix, heard[lead.id], [part for part in playing if part[0] not in leads])
    return measure_audibility(voice, rest)


def find_lines(phrases: Sequence[Phrase], audibility_db: Floats, energies_100ms: Floats) -> list[Line]:
    """Return the lines: phrases joined over gaps that are too short to move a fader in."""
    least_s = number("automation.gap_least_s").value
    spans: list[list[float]] = []
    for phrase in phrases:
        if spans and phrase.start_s - spans[-1][1] < least_s:
            spans[-1][1] = phrase.end_s
        else:
            spans.append([phrase.start_s, phrase.end_s])
    lines = []
    for start_s, end_s in spans:
        here = slice(int(10 * start_s), max(int(10 * start_s) + 1, round(10 * end_s)))
        sounding = np.isfinite(audibility_db[here])
        if sounding.sum() >= _LEAST_STEPS:
            mean_db = float(audibility_db[here][sounding].mean())
            energy = float(energies_100ms[here][: sounding.size].sum())
            tail_db = float(audibility_db[here][sounding][-_TAIL_STEPS:].mean()) - mean_db
            lines.append(Line(start_s, end_s, mean_db, float(sounding.sum()), energy, tail_db))
    return lines


def plan(lines: Sequence[Line], sections: Sequence[Section]) -> list[Line]:
    """Return the lines with where they are meant to stand: one level a section, which keeps a share of how sections differ."""
    values = np.array([line.audibility_db for line in lines])
    weights = np.array([line.weight for line in lines])
    where = np.array([section_of(0.5 * (line.start_s + line.end_s), sections) for line in lines])
    middle = _median(values, weights)
    share, most_db = number("automation.section_share").value, number("automation.section_most_db").value
    planned = np.full(values.shape, middle)
    for place in np.unique(where):
        inside = where == place
        apart = share * (_median(values[inside], weights[inside]) - middle)
        planned[inside] += np.clip(apart, -most_db, most_db)
    return [replace(line, planned_db=float(value)) for line, value in zip(lines, planned, strict=True)]


def spread_db(lines: Sequence[Line], audibility_db: Sequence[float]) -> float:
    """Return how far lines lie from their plan, root mean square by sung time; the plan as a whole may lie higher or lower."""
    off = np.asarray(audibility_db) - np.array([line.planned_db for line in lines])
    weights = np.array([line.weight for line in lines])
    off = off - np.average(off, weights=weights)
    return float(np.sqrt(np.average(np.square(off), weights=weights)))


def section_of(time_s: float, sections: Sequence[Section]) -> int:
    """Return the place of the section at a time; -1 where there are none."""
    return next((place for place, s in enumerate(sections) if s.start_s <= time_s < s.end_s), len(sections) - 1)


def _median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return float(values[order][int(np.searchsorted(reached, reached[-1] / 2))])
