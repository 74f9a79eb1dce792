"""Tonal balance of a finished file: only regions outside the band of released music move, few of them, and little."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ, ERB_EDGES_HZ
from tonmeister.analysis.portrait import COMPARED_HZ
from tonmeister.document.move import BandChange, Evidence, Move, Nothing
from tonmeister.knowledge import number
from tonmeister.knowledge.rows import source_text
from tonmeister.knowledge.tone import Region, regions, released_curve_db
from tonmeister.processing import Band
from tonmeister.processing.filter_design import magnitude_db
from tonmeister.tasks.mastering.finishing import HERE, STEM_SHARE, Finishing, stem_fix

Floats = NDArray[np.float64]
MOST_MOVES = 3
_COMPARED_HZ = (80.0, 10_000.0)
_MARGIN = 0.9
"""Part of the largest change that the bands may use: the limiter, which holds what is loudest, moves the tone a little too."""
_SECTION_DB = 3.0
"""A section that strays so much further than the band allows is told of."""


def propose(work: Finishing) -> Iterator[Move]:
    """Bring regions that lie outside their band towards it; with references their tone is followed instead."""
    if not work.portrait.tone_db or (work.comparison is not None and work.amounts["tone"] > 0):
        return
    found = deviations_db(work.portrait.tone_db)
    if work.is_full and max(map(abs, found.values()), default=0.0) > number("finishing.tone_meant_db").value:
        return
    wanted = {name: _gain_db(work, region, found[name]) for name, region in regions().items() if name in found}
    names = sorted((name for name, gain in wanted.items() if gain != 0), key=lambda name: -abs(wanted[name]))
    chosen = {name: wanted[name] for name in names[:MOST_MOVES]}
    for name, gain_db in _within(chosen, work.tone_most_db).items():
        stem = _stem_of(work, regions()[name])
        if abs(gain_db) < number("finishing.tone_least_db").value:
            continue
        yield _stem_fix(name, found[name], gain_db, stem) if stem is not None else _move(name, found[name], gain_db)
    yield from _sections(work, found)


def deviations_db(tone_db: Sequence[float]) -> dict[str, float]:
    """Return how far each region of a sound lies over (or under) the mean curve of released music, at one level."""
    levels = np.array(tone_db, np.float64)
    width_hz = np.diff(ERB_EDGES_HZ)
    third_hz = ERB_CENTRES_HZ * (2 ** (1 / 6) - 2 ** (-1 / 6))
    curve = released_curve_db(ERB_CENTRES_HZ) + 10 * np.log10(width_hz / third_hz)
    there = levels > levels.max() - 60
    compared = there & (_COMPARED_HZ[0] <= ERB_CENTRES_HZ) & (_COMPARED_HZ[1] >= ERB_CENTRES_HZ)
    if not compared.any():
        return {}
    over = levels - curve - float(np.median((levels - curve)[compared]))
    out = {}
    for name, region in regions().items():
        inside = there & (region.low_hz <= ERB_CENTRES_HZ) & (region.high_hz >= ERB_CENTRES_HZ)
        if inside.any():
            out[name] = float(over[inside].mean())
    return out


def _gain_db(work: Finishing, region: Region, over_db: float) -> float:
    outside = abs(over_db) - region.tolerance_db
    if outside <= 0:
        return 0.0
    most = work.tone_most_db
    return float(np.clip(-np.sign(over_db) * number("finishing.tone_share").value * outside, -most, most))


def _within(gains: dict[str, float], most_db: float) -> dict[str, float]:
    """Return the gains, lessened together so that the whole curve moves by no more than that anywhere.

    It is held against 0 and against its own middle as well: where many bands go down, those that stay come up at one loudness.
    """
    if not gains:
        return {}
    curve = magnitude_db(tuple(_band(name, gain) for name, gain in gains.items()), ERB_CENTRES_HZ, 48_000)
    middle = float(np.median(curve[(COMPARED_HZ[0] <= ERB_CENTRES_HZ) & (COMPARED_HZ[1] >= ERB_CENTRES_HZ)]))
    largest = max(float(np.abs(curve).max()), float(np.abs(curve - middle).max()))
    scale = min(1.0, _MARGIN * most_db / max(largest, 1e-9))
    return {name: float(np.floor(abs(gain) * scale * 10 + 1e-6) / 10 * np.sign(gain)) for name, gain in gains.items()}


def _band(name: str, gain_db: float) -> Band:
    region = regions()[name]
    return Band(shape=region.shape, frequency_hz=region.frequency_hz, gain_db=gain_db, q=region.q)


def _evidence(name: str, over_db: float) -> Evidence:
    region = regions()[name]
    what = f"level of {region.words} ({region.low_hz:.0f}-{region.high_hz:.0f} Hz) against the mean of released music"
    limit = float(np.copysign(region.tolerance_db, over_db))
    source = f"tone.regions.{name}: {source_text(region.source)}"
    return Evidence(what=what, value=round(over_db, 2), limit=limit, unit="dB", source=source)


def _move(name: str, over_db: float, gain_db: float) -> Move:
    words = regions()[name].words
    say = "too much" if over_db > 0 else "too little"
    return Move(
        id=f"mastering.tone.{name}", task="mastering", title=f"{say.capitalize()} of {words}: {gain_db:+.1f} dB", where=HERE,
        change=BandChange(slot="corrective", band=_band(name, gain_db)), because=(_evidence(name, over_db),), confidence=0.6,
    )  # fmt: skip


def _stem_of(work: Finishing, region: Region) -> tuple[str, float] | None:
    """Return the stem that holds most of a region, where one does."""
    inside = (region.low_hz <= ERB_CENTRES_HZ) & (region.high_hz >= ERB_CENTRES_HZ)
    shares = [(stem.name, float(np.array(stem.share)[inside].mean())) for stem in work.stems]
    name, share = max(shares, key=lambda pair: pair[1], default=("", 0.0))
    return (name, share) if share >= STEM_SHARE else None


def _stem_fix(name: str, over_db: float, gain_db: float, stem: tuple[str, float]) -> Move:
    """Say which stem to mend; the master leaves the region alone."""
    region = regions()[name]
    title = (
        f"{stem[0]} holds {stem[1]:.0%} of {region.words}; {gain_db / stem[1]:+.1f} dB at {region.frequency_hz:.0f} Hz "
        "there does what the master would do to everything"
    )
    return stem_fix(name, title, (_evidence(name, over_db),), stem, region.words)


def _sections(work: Finishing, whole: dict[str, float]) -> Iterator[Move]:
    """Tell of sections that stray where the whole does not: one setting for the whole song cannot mend them."""
    for section in work.portrait.sections:
        if section.level_lu < -10 or section.end_s - section.start_s < 5:
            continue
        here = deviations_db(section.tone_db)
        for name, over_db in here.items():
            region = regions()[name]
            strays = (
                abs(over_db) > region.tolerance_db + _SECTION_DB and abs(whole.get(name, 0.0)) <= region.tolerance_db
            )
            if not strays or name == "sub":  # sections without a bass are no fault
                continue
            say = "more" if over_db > 0 else "less"
            evidence = _evidence(name, over_db).model_copy(update={"start_s": section.start_s, "end_s": section.end_s})
            yield Move(
                id=f"mastering.section.{name}-{section.start_s:.0f}", task="mastering",
                title=f"From {section.start_s:.0f} to {section.end_s:.0f} s there is {say} of {region.words} than elsewhere; left to the mix",
                where=HERE.model_copy(update={"start_s": section.start_s, "end_s": section.end_s}), change=Nothing(), because=(evidence,),
                confidence=0.4,
            )  # fmt: skip
