"""One direction from several references and moods: what would have to be added to the mix, as far as was asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.analysis.difference import Comparison, compare
from tonmeister.analysis.fine_tone import FINE_CENTRES_HZ
from tonmeister.analysis.portrait import COMPARED_HZ, Portrait, tone_difference_db
from tonmeister.document.mix import Brief, Mix
from tonmeister.knowledge import number
from tonmeister.knowledge.moods import Mood, mood_source, moods
from tonmeister.knowledge.tone import regions
from tonmeister.processing import Band
from tonmeister.processing.filter_design import magnitude_db
from tonmeister.tasks.mastering.matching import wanted_tone_db
from tonmeister.tasks.work import Work

Floats = NDArray[np.float64]
_DESIGN_HZ = 48_000
Part = Literal["tone", "width", "dynamics"]


@dataclass(frozen=True, slots=True, eq=False)
class GroupSound:
    """A group behind its fader, over the whole song."""

    power: Floats
    """(40,) mean power in each ERB band."""
    width_by_band: tuple[float | None, ...]
    """Side power over all power in each band of the width."""


@dataclass(frozen=True, slots=True, eq=False)
class MixSound:
    """The mix as it sounds before the direction, ahead of its master chain."""

    portrait: Portrait
    energies_100ms: Floats
    """(steps,) K-weighted power of the mix."""
    power: Floats
    """(40,) mean power in each ERB band."""
    groups: Mapping[str, GroupSound]
    """By bus id."""
    tilt_db: float = 0.0
    """How much brighter all equalisers made it already, as the budget counts it."""


@dataclass(frozen=True, slots=True, eq=False)
class Aims:
    """What the mix lacks on its way."""

    comparison: Comparison | None
    """With the references; None without any."""
    tone_db: Floats
    """(59,) what is to be added to each sixth octave; NaN is free."""
    side_db: tuple[float | None, ...]
    """What is to be added to the side in each band of the width, as far as was asked for."""
    crest_db: float
    """What is to be added to how far hits stand out; what the limiter takes later is counted as taken."""

    @property
    def mean_tone_db(self) -> float:
        """Mean size of what is to be added."""
        known = np.isfinite(self.tone_db)
        return float(np.abs(self.tone_db[known]).mean()) if known.any() else 0.0


def find_aims(work: Work, sound: MixSound) -> Aims:
    """Return the direction of a mix: references by weight and amount, moods on top of them."""
    brief = work.mix.brief
    references = [(one.portrait, one.weight) for one in brief.references]
    comparison = compare(sound.portrait, references) if references else None
    asked = moods_of(brief)
    tone = mood_tone_db(asked)
    side = sum(mood.side_db for mood in asked.values())
    crest = sum(mood.crest_db for mood in asked.values())
    sides: tuple[float | None, ...] = tuple(None if width is None else side for width in sound.portrait.width_by_band)
    if comparison is not None:
        tone = tone + brief.amounts.tone * wanted_tone_db(comparison)
        theirs = comparison.side_db or (None,) * len(sides)
        sides = tuple(None if one is None else side + brief.amounts.width * one for one in theirs)
        if comparison.crest_db is not None:
            crest += brief.amounts.dynamics * (comparison.crest_db + limited_db(work.mix, sound.portrait))
    return Aims(comparison, tone, sides, crest)


def moods_of(brief: Brief) -> Mapping[str, Mood]:
    """Return the moods of a brief; a name of another version counts for nothing."""
    known = moods()
    return {name: known[name] for name in brief.moods if name in known}


def mood_tone_db(asked: Mapping[str, Mood]) -> Floats:
    """Return (59,) what moods add to each sixth octave, at one level."""
    bands = tuple(region_band(name, gain) for mood in asked.values() for name, gain in mood.tone.items())
    curve: Floats = magnitude_db(bands, FINE_CENTRES_HZ, _DESIGN_HZ) if bands else np.zeros(FINE_CENTRES_HZ.size)
    return curve - float(np.median(curve[_compared()]))


def regions_over_db(tone_db: Sequence[float], brief: Brief, base_db: Sequence[float]) -> dict[str, float]:
    """Return how far each region of a sound lies over the references', at one level; without references over another sound's, (40,) both.

    One level means that the middle of the differences between 60 Hz and 12 kHz is 0, an octave counting like an octave.
    """
    others = [(one.portrait.tone_db, one.weight) for one in brief.references] or [(tuple(base_db), 1.0)]
    octaves = np.log2(FINE_CENTRES_HZ), np.log2(ERB_CENTRES_HZ)
    curves, weights = [], []
    for theirs, weight in others:
        off = -tone_difference_db(tone_db, theirs)
        known = np.isfinite(off)
        if known.any():
            curve = np.interp(octaves[0], octaves[1][known], off[known])
            curves.append(curve - float(np.median(curve[_compared()])))
            weights.append(weight)
    if not curves:
        return {}
    mean = np.average(curves, axis=0, weights=weights)
    return {name: round(float(mean[_inside(name)].mean()), 2) for name in regions()}


def mood_regions_db(asked: Mapping[str, Mood]) -> dict[str, float]:
    """Return what moods add to each region, at one level."""
    curve = mood_tone_db(asked)
    return {name: round(float(curve[_inside(name)].mean()), 2) for name in regions()}


def _compared() -> NDArray[np.bool_]:
    return (COMPARED_HZ[0] <= FINE_CENTRES_HZ) & (COMPARED_HZ[1] >= FINE_CENTRES_HZ)


def _inside(name: str) -> NDArray[np.bool_]:
    return (regions()[name].low_hz <= FINE_CENTRES_HZ) & (regions()[name].high_hz >= FINE_CENTRES_HZ)


def region_band(name: str, gain_db: float) -> Band:
    """Return the one band that moves a region of the tone."""
    region = regions()[name]
    return Band(shape=region.shape, frequency_hz=region.frequency_hz, gain_db=gain_db, q=region.q)


def limited_db(mix: Mix, portrait: Portrait) -> float:
    """Return what the master's limiter will take off the crest: the references are finished, the mix is not."""
    plr, lufs, ceiling = portrait.plr_db, mix.master.target_lufs, mix.master.ceiling_dbtp
    if plr is None or lufs is None:
        return 0.0
    return max(0.0, number("finishing.limited_crest_share").value * (plr - (ceiling - lufs)))


def told_source(work: Work, part: Part) -> str:
    """Return where an aim comes from, as evidence cites it: the person's references with their weights, and the moods."""
    brief, told = work.mix.brief, []
    if work.follows(part):
        names = ", ".join(f"{one.name} (weight {one.weight:g})" for one in brief.references)
        told.append(f"the person's references, {getattr(brief.amounts, part):.0%} of the way: {names}")
    told += [mood_source(name, part) for name, mood in moods_of(brief).items() if part in mood.sources]
    return "; ".join(told) or "the person's direction"
