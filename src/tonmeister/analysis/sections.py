"""Sections of a song, from what each track does over time.

A first, cautious version: boundaries where many tracks or bands change together, letters for likeness, names from energy,
repetition and place. What does not fit stays unknown.
"""

import itertools
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.analysis.tempo import Tempo
from tonmeister.model import Db, Model, Seconds, Share

SectionLabel = Literal["intro", "verse", "pre_chorus", "chorus", "bridge", "outro", "unknown"]
"""What a section may be called."""
SHORTEST_BARS = 4
"""Shorter stretches belong to a neighbour."""
ALIKE = 0.80
"""Sections whose features correlate this much share a letter."""
CHORUS_OVER_VERSE_DB = 1.0
"""By how much a chorus is louder than the other repeated part (a lift of 3 to 5 dB is common, 1 the least that is heard)."""
_BAR_S_WITHOUT_TEMPO = 2.0
_KERNEL_BARS = 4
_BAND_GROUPS = 8
_LEAST_CHANGE = 0.05  # of a track's activity or of ten decibels of a band: smaller changes are no structure


class Section(Model):
    """A stretch of the song in which the same things happen."""

    start_s: Seconds = Field(ge=0)
    """Where it begins; on a bar line when the tempo is known."""
    end_s: Seconds = Field(ge=0)
    """Where it ends: the next section's start, or the song's end."""
    group: str
    """Sections that sound alike share a letter: A, B, C…"""
    label: SectionLabel = "unknown"
    """A cautious name."""
    confidence: Share
    """How sure the name is, 0..1; 0 for unknown."""
    level_db: Db
    """Power of the section relative to the whole song."""
    active_tracks: int = Field(ge=0)
    """Tracks that sound in at least a quarter of it."""


def find_sections(
    rms_10ms: Sequence[NDArray[np.float32]], erb_power: Sequence[NDArray[np.float32]], *, tempo: Tempo | None
) -> tuple[Section, ...]:
    """Return the sections of a song from `TrackCurves` of its tracks; they follow each other without gaps.

    A silent or empty song has none.
    """
    frames = max((curve.size for curve in rms_10ms), default=0)
    if frames == 0 or not any(curve.any() for curve in rms_10ms):
        return ()
    lines = _bar_lines(frames, tempo)
    activity = _activity(rms_10ms, lines)
    power = _power_by_bar(rms_10ms, lines)
    features = _features(activity, _bands_by_bar(erb_power, lines))
    edges = _find_edges(features)
    groups = _group([features[a:b].mean(axis=0) for a, b in edges])
    total = max(float(power.mean()), 1e-20)
    levels = [10 * np.log10(max(float(power[a:b].mean()), 1e-20) / total) for a, b in edges]
    tracks = [int((activity[a:b].mean(axis=0) >= 0.25).sum()) for a, b in edges]
    names = _name(groups, levels, tracks)
    return tuple(
        Section(
            start_s=round(lines[a] / 100, 3),
            end_s=round(lines[b] / 100, 3),
            group=chr(ord("A") + min(group, 25)),
            label=label,
            confidence=round(confidence, 2),
            level_db=round(float(level), 2) + 0.0,
            active_tracks=count,
        )
        for (a, b), group, level, count, (label, confidence) in zip(edges, groups, levels, tracks, names, strict=True)
    )


def _bar_lines(frames: int, tempo: Tempo | None) -> NDArray[np.float64]:
    """Return the bar lines in steps of 10 ms, from 0 to the end; a first or last part under half a bar joins the next."""
    bar = 100 * (tempo.bar_s if tempo else _BAR_S_WITHOUT_TEMPO)
    lines = np.arange(100 * (tempo.first_bar_s if tempo else 0.0), frames, bar)
    lines = lines[(lines > bar / 2) & (lines < frames - bar / 2)]
    return np.concatenate([[0.0], lines, [float(frames)]])


def _sum_between(curve: NDArray[np.float64], lines: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (bars, …) the mean of a curve between lines given in its own steps."""
    total = np.concatenate([np.zeros((1, *curve.shape[1:])), np.cumsum(curve, axis=0)])
    index = np.clip(np.round(lines).astype(np.int64), 0, len(curve))
    length = np.maximum(np.diff(lines), 1).reshape(-1, *[1] * (curve.ndim - 1))
    mean: NDArray[np.float64] = np.diff(total[index], axis=0) / length
    return mean


def _power_by_bar(rms_10ms: Sequence[NDArray[np.float32]], lines: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (bars,) the power of all tracks together."""
    total = np.zeros(lines.size - 1)
    for curve in rms_10ms:
        total += _sum_between(np.square(curve, dtype=np.float64), lines)
    return total


def _activity(rms_10ms: Sequence[NDArray[np.float32]], lines: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (bars, tracks) how much each track plays: 1 at its own usual level, 0 from 30 dB below."""
    columns = []
    for curve in rms_10ms:
        power = _sum_between(np.square(curve, dtype=np.float64), lines)
        loud = np.square(power).sum() / max(float(power.sum()), 1e-20)
        columns.append(np.clip(1 + 10 * np.log10((power + 1e-20) / max(float(loud), 1e-20)) / 30, 0, 1))
    return np.stack(columns, axis=1)


def _bands_by_bar(erb_power: Sequence[NDArray[np.float32]], lines: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (bars, 8) levels of the mix in groups of five ERB bands, in tens of dB."""
    halves = max(len(part) for part in erb_power)
    mix = np.zeros((halves, erb_power[0].shape[1]))
    for part in erb_power:
        mix[: len(part)] += part
    edges = np.minimum(lines / 50, halves)
    bars = _sum_between(mix, edges).reshape(lines.size - 1, _BAND_GROUPS, -1).sum(axis=2)
    floor = max(float(bars.max()), 1e-12) * 1e-6
    levels: NDArray[np.float64] = np.log10(bars + floor)
    return levels


def _features(activity: NDArray[np.float64], bands: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (bars, features) in which tracks and bands weigh alike."""
    parts = [part - part.mean(axis=0) for part in (activity, bands)]
    scaled = [part / max(float(np.sqrt(np.square(part).sum(axis=1).mean())), _LEAST_CHANGE) for part in parts]
    return np.concatenate(scaled, axis=1)


def _find_edges(features: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return (first, after last) bar of each section: peaks of checkerboard novelty (Foote 2000) with the least length."""
    bars = len(features)
    norm = np.linalg.norm(features, axis=1, keepdims=True)
    unit = features / np.maximum(norm, _LEAST_CHANGE)
    novelty = np.zeros(bars + 1)
    for bar in range(1, bars):
        reach = min(_KERNEL_BARS, bar, bars - bar)
        before, after = unit[bar - reach : bar], unit[bar : bar + reach]
        within = float((before @ before.T).mean() + (after @ after.T).mean()) / 2
        novelty[bar] = (within - float((before @ after.T).mean())) * np.sqrt(reach / _KERNEL_BARS)
    limit = max(0.15, float(novelty.mean() + 0.25 * novelty.std()))
    cuts: list[int] = []
    for bar in np.argsort(-novelty, kind="stable"):
        inside = SHORTEST_BARS <= bar <= bars - SHORTEST_BARS
        if novelty[bar] > limit and inside and all(abs(bar - cut) >= SHORTEST_BARS for cut in cuts):
            cuts.append(int(bar))
    lines = [0, *sorted(cuts), bars]
    return list(itertools.pairwise(lines))


def _group(means: list[NDArray[np.float64]]) -> list[int]:
    """Return a number for each section; sections alike share it, numbered in order of appearance."""
    unit = [mean / max(float(np.linalg.norm(mean)), 1e-9) for mean in means]
    groups: list[int] = []
    for number, vector in enumerate(unit):
        likeness = [float(vector @ unit[earlier]) for earlier in range(number)]
        best = int(np.argmax(likeness)) if likeness else -1
        groups.append(groups[best] if best >= 0 and likeness[best] >= ALIKE else max(groups, default=-1) + 1)
    return groups


def _name(groups: list[int], levels: list[float], tracks: list[int]) -> list[tuple[SectionLabel, float]]:
    """Return name and confidence of each section."""
    names: list[tuple[SectionLabel, float]] = [("unknown", 0.0)] * len(groups)
    if len(groups) < 3:
        return names
    repeated = [group for group in dict.fromkeys(groups) if groups.count(group) > 1]
    loudness = {
        group: float(np.mean([lv for lv, g in zip(levels, groups, strict=True) if g == group])) for group in repeated
    }
    chorus = max(repeated, key=lambda group: loudness[group], default=None)
    others = [group for group in repeated if group != chorus]
    lift = loudness[chorus] - max(loudness[group] for group in others) if chorus is not None and others else 0.0
    if chorus is not None and lift >= CHORUS_OVER_VERSE_DB:
        sure = min(0.8, 0.3 + 0.1 * lift)
        for place, group in enumerate(groups):
            if group == chorus:
                names[place] = ("chorus", sure)
            elif group in others and chorus in groups[place + 1 :]:
                names[place] = ("verse", sure * 0.8)
        between = [place for place, group in enumerate(groups) if group not in repeated]
        first, last = groups.index(chorus), len(groups) - 1 - groups[::-1].index(chorus)
        for place in between:
            if first < place < last and place > len(groups) / 2:
                names[place] = ("bridge", 0.4)
    few = max(tracks)
    for place, label in ((0, "intro"), (len(groups) - 1, "outro")):
        quiet = tracks[place] <= 0.6 * few or levels[place] <= max(levels) - 6
        if quiet and names[place][0] in {"unknown", "verse"} and groups.count(groups[place]) == 1:
            names[place] = ("intro", 0.6) if label == "intro" else ("outro", 0.6)
    return names
