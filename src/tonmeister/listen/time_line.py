"""Beats, bars, sections, energy and phrases of a song, from the curves of its tracks."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.accents import measure_accents
from tonmeister.analysis.bars import Bars, find_bars
from tonmeister.analysis.beats import Beats, find_beats
from tonmeister.analysis.energy import measure_energy
from tonmeister.analysis.phrases import find_phrases
from tonmeister.analysis.sections import Section, find_sections
from tonmeister.document.facts import TimeLine, TrackFacts
from tonmeister.document.mix import TempoChange

BAR_S_WITHOUT_BEATS = 2.0
"""Where there is no beat, sections are looked for on steps of this length."""
LEAST_CHANGE = 0.02
"""A tempo that differs by less from the last one is the same."""
Floats = NDArray[np.float64]


def draw_time_line(tracks: Sequence[TrackFacts], duration_s: float) -> tuple[TimeLine, tuple[Section, ...]]:
    """Return when things happen in a song, and its sections."""
    families = [track.track.family for track in tracks]
    measured = [track.curves for track in tracks]
    accents = measure_accents(measured, families, [track.track.role for track in tracks])
    beats = find_beats(accents)
    bars = None if beats is None else find_bars(beats.times_s, accents, is_steady=beats.is_steady)
    lines = bar_lines(beats, bars, duration_s)
    correlations = [track.figures.stereo.correlation if track.figures.channels == 2 else None for track in tracks]
    line = TimeLine(
        beats_s=np.zeros(0) if beats is None else beats.times_s,
        beat_confidence=0.0 if beats is None else beats.confidence,
        is_steady=beats is not None and beats.is_steady,
        bars_s=lines,
        downbeats_s=np.zeros(0) if beats is None or bars is None else beats.times_s[bars.first_beats],
        bar_confidence=0.0 if bars is None else bars.confidence,
        beats_per_bar=None if bars is None else bars.beats_per_bar,
        energy=measure_energy(measured, families, correlations, lines),
        phrases={t.id: find_phrases(t.curves.rms_10ms) for t in tracks if t.track.family == "vocal"},
    )
    return line, find_sections(measured, families, lines)


def bar_lines(beats: Beats | None, bars: Bars | None, duration_s: float) -> Floats:
    """Return where bars begin, from 0 to the end; a first or last part under half a bar joins the next."""
    if beats is None or bars is None or bars.first_beats.size < 2:
        lines, bar = np.arange(0, duration_s, BAR_S_WITHOUT_BEATS), BAR_S_WITHOUT_BEATS
    else:
        lines = beats.times_s[bars.first_beats]
        bar = float(np.median(np.diff(lines)))
    inner = lines[(lines > bar / 2) & (lines < duration_s - bar / 2)]
    return np.concatenate([[0.0], inner, [duration_s]])


def tempo_changes(line: TimeLine) -> tuple[TempoChange, ...]:
    """Return the tempo where it changes, in few steps: one for a steady song."""
    if line.beats_s.size < 4:
        return ()
    gaps = np.diff(line.beats_s)
    if line.is_steady:
        return (TempoChange(start_s=round(float(line.beats_s[0]), 3), bpm=round(60 / float(gaps.mean()), 3)),)
    smooth = np.array([float(np.median(gaps[max(0, k - 4) : k + 5])) for k in range(gaps.size)])
    changes: list[TempoChange] = []
    first = 0
    for beat in range(1, gaps.size + 1):
        here = float(smooth[first:beat].mean())
        if beat == gaps.size or abs(np.log(smooth[beat] / here)) > LEAST_CHANGE:
            start, end = float(line.beats_s[first]), float(line.beats_s[beat])
            changes.append(TempoChange(start_s=round(start, 3), bpm=round(60 * (beat - first) / (end - start), 3)))
            first = beat
    return tuple(changes)
