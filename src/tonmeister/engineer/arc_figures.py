"""How loud each section was, was meant to be and became."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tonmeister.deliver.figures import ArcSection
from tonmeister.document.facts import SongFacts
from tonmeister.document.fold import still
from tonmeister.document.mix import Mix, Section
from tonmeister.tasks import Heard, Work
from tonmeister.tasks.automation.lines import audibility_of
from tonmeister.tasks.pacing.form import energies_of

_SILENT = 1e-9
_LEAST_STEPS = 10
"""A second of singing tells how far words stand out."""
Floats = NDArray[np.float64]


def arc_figures(
    mix: Mix, facts: SongFacts, heard: Mapping[str, Heard], energies_100ms: Floats | None
) -> tuple[ArcSection, ...]:
    """Return the sections of a song that sound, each against the mean of all; `energies_100ms` are those of mix.wav."""
    work = Work(facts=facts, mix=mix, heard=heard)
    curves = [energies_of(work, facts.tracks, still(mix)), energies_of(work, facts.tracks)]
    curves += [] if energies_100ms is None else [energies_100ms]
    rows = []
    for section in mix.song.sections:
        here = slice(int(10 * section.start_s), max(int(10 * section.start_s) + 1, int(10 * section.end_s)))
        powers = [float(curve[here].mean()) if curve[here].size else 0.0 for curve in curves]
        if min(powers) > _SILENT:
            rows.append((section, [10 * float(np.log10(power)) for power in powers]))
    if len(rows) < 2:
        return ()
    lengths = [section.end_s - section.start_s for section, _ in rows]
    mean = np.average([levels for _, levels in rows], axis=0, weights=lengths)
    standing = [audibility_of(mix, facts, heard, lead) for lead in facts.leads if lead.track.role == "lead vocal"]
    return tuple(
        replace(
            ArcSection(
                section.id, section.start_s, section.end_s, *(round(float(v), 2) for v in np.array(levels) - mean)
            ),
            words_db=_mean_within(standing, section),
        )
        for section, levels in rows
    )


def _mean_within(curves: Sequence[Floats], section: Section) -> float | None:
    """Return the mean of what the leads stand out by in a section, while they sing; None where none of them does."""
    inside = [curve[int(10 * section.start_s) : int(10 * section.end_s)] for curve in curves]
    told = np.concatenate([part[np.isfinite(part)] for part in inside]) if inside else np.zeros(0)
    return round(float(told.mean()), 2) if told.size >= _LEAST_STEPS else None
