"""The smallest total change that lets everything that matters be heard: the best remedy for its cost, one after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tonmeister.knowledge import number
from tonmeister.processing import Band
from tonmeister.tasks.masking.harm import excess, harm_of, harmful_cells, offenders, stand, total_harm
from tonmeister.tasks.masking.remedies import Remedy, may_give_way, region, remedies, rise, together_share
from tonmeister.tasks.masking.scene import Covered, Floats, Scene
from tonmeister.tasks.prediction import mean_change_db, strip_bands
from tonmeister.tasks.work import Work

_TRIAL_DB = 2.0  # remedies are compared at this depth
_NEARLY = 0.95  # the shallowest depth with so much of the deepest one's benefit is enough
_MOST_TRIED = 60
_APART_OCTAVES = 0.5
_FREE_DB = 0.05  # cost of any move at all, so that small ones do not look free


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """What is done, and what is left."""

    remedies: tuple[Remedy, ...]
    gains: Floats
    """(tracks, bands) power gains of all remedies while they work."""
    before: float
    """Harm before."""
    after: float
    """Harm after."""


def solve(work: Work, scene: Scene) -> Solved:
    """Add remedies while each takes away enough of the harm for what it costs."""
    gains = np.ones((len(scene.tracks), scene.power.shape[2]))
    before = harm = total_harm(scene, gains)
    made: list[Remedy] = []
    tried: list[Remedy] = []
    least = max(number("masking.benefit_least_db").value, number("masking.benefit_least_share").value * before)
    while len(tried) < _MOST_TRIED:
        best = _best(work, scene, gains, tried, made)
        if best is None:
            break
        best = _deep_enough(scene, gains, best)
        left = _harms(scene, gains, best.masker, best.gains[None])[0]
        tried.append(best)
        enough = number("masking.rise_benefit_share").value * before if best.kind == "rise" else least
        if harm - left < enough or gains_db(scene, gains, best).max() < number("masking.promise_least_db").value:
            continue
        made.append(best)
        gains[best.masker] *= best.gains
        harm = left
    return Solved(tuple(made), gains, before, harm)


def _best(work: Work, scene: Scene, gains: Floats, tried: Sequence[Remedy], made: Sequence[Remedy]) -> Remedy | None:
    """Return the remedy that takes away most harm for its cost, of those that were not tried in vain."""
    best, worth, harm = None, 0.0, total_harm(scene, gains)
    vain = {(remedy.kind, remedy.masker, remedy.covered.place, remedy.centre_hz, remedy.q) for remedy in tried}
    for one in scene.covered:
        for place, options in _options(work, scene, one, offenders(one, gains)):
            able = [
                r for r in options
                if (r.kind, r.masker, r.covered.place, r.centre_hz, r.q) not in vain and _fits(work, scene, r, made)
            ]  # fmt: skip
            if not able:
                continue
            depths = np.array([min(_TRIAL_DB, remedy.depth_db) for remedy in able])
            trial = np.array([10 ** (r.shape_db * depth / 10) for r, depth in zip(able, depths, strict=True)])
            benefit = harm - _harms(scene, gains, place, trial)
            worths = benefit / (np.array([r.cost_per_db for r in able]) * depths + _FREE_DB)
            if worths.max() > worth:
                worth, best = float(worths.max()), able[int(worths.argmax())]
    return best


def _options(work: Work, scene: Scene, one: Covered, found: NDArray[np.bool_]) -> Iterator[tuple[int, list[Remedy]]]:
    """Yield what may be done about each offender, and the covered track's own rise."""
    for place in np.flatnonzero(found.any(axis=1)).tolist():
        if may_give_way(scene.tracks[place], scene.tracks[one.place]):
            yield place, list(remedies(work, scene, one, place, found))
    own = rise(work, scene, one, found)
    if own is not None:
        yield one.place, [own]


def gains_db(scene: Scene, gains: Floats, remedy: Remedy) -> Floats:
    """Return (stretches,) by how much the covered track rises against the rest around a remedy; 0 where it is not covered."""
    bands, one = region(scene, remedy), remedy.covered
    rest = (one.parts * gains).sum(axis=1) - one.parts[:, one.place] * gains[one.place]
    taken = one.parts[:, remedy.masker] * gains[remedy.masker] * (1 - remedy.gains)
    harmed = harmful_cells(one, stand(one, gains).excess_db)[:, bands].any(axis=1)
    if remedy.kind == "rise":
        return np.where(harmed, remedy.depth_db, 0.0)
    left = 1 - taken[:, bands].sum(axis=1) / np.maximum(rest[:, bands].sum(axis=1), 1e-20)
    return np.where(harmed, -10 * np.log10(np.maximum(left, 1e-3)), 0.0)


def _deep_enough(scene: Scene, gains: Floats, remedy: Remedy) -> Remedy:
    """Return the remedy at the shallowest depth that has nearly all its benefit."""
    least = min(number("masking.cut_least_db").value, remedy.depth_db)
    depths = np.arange(least, remedy.depth_db + 1e-9, 0.5)
    trial = np.array([10 ** (remedy.shape_db * depth / 10) for depth in depths])
    benefit = total_harm(scene, gains) - _harms(scene, gains, remedy.masker, trial)
    enough = int(np.argmax(benefit >= _NEARLY * benefit.max()))
    return replace(remedy, depth_db=round(float(depths[enough]), 1))


def _harms(scene: Scene, gains: Floats, place: int, trial: Floats) -> Floats:
    """Return (trials,) the total harm with further power gains, (trials, bands), on one track."""
    total = np.zeros(len(trial))
    for one in scene.covered:
        now = stand(one, gains)
        mine = one.parts[:, place] * gains[place]
        change = mine[None] * (trial[:, None, :] - 1.0)
        own, rest = now.own[None], now.rest[None]
        changed = excess(own + change, rest) if place == one.place else excess(own, np.maximum(rest + change, 0.0))
        total += harm_of(one, changed)
    return total


def _fits(work: Work, scene: Scene, remedy: Remedy, made: Sequence[Remedy]) -> bool:
    """Say whether the budgets have room for it, and nothing is done near there already."""
    same = [other for other in made if other.masker == remedy.masker]
    allowed = min(1, work.budget.masking_cuts) if work.facts.is_premixed else work.budget.masking_cuts
    if len(same) >= allowed or remedy.depth_db < min(number("masking.cut_least_db").value, 1.0):
        return False
    if not _keeps_sound(scene, [*same, remedy]):
        return False
    if remedy.kind not in ("cut", "keyed"):
        return all(other.kind != remedy.kind for other in same)
    if remedy.kind == "keyed" and sum(r.kind == "keyed" for r in made) >= number("masking.keyed_most").value:
        return False
    there = strip_bands(work.mix.track(scene.tracks[remedy.masker].id).strip)
    centres = [band.frequency_hz for band in there] + [r.centre_hz for r in same if r.kind in ("cut", "keyed")]
    if any(abs(np.log2(remedy.centre_hz / centre)) < _APART_OCTAVES for centre in centres):
        return False
    bands = (*there, *_as_bands(same), *_as_bands([remedy]))
    return mean_change_db(bands, sample_rate_hz=work.facts.song.sample_rate_hz) <= work.budget.eq_total_db


def _keeps_sound(scene: Scene, same: Sequence[Remedy]) -> bool:
    """Say whether a track keeps its tone and its level under all its remedies; keyed ones count while they work."""
    power = scene.power[same[0].masker].mean(axis=0, dtype=np.float64)
    change = np.sum([remedy.shape_db * remedy.depth_db * _at_work(scene, remedy) for remedy in same], axis=0)
    level = 10 * np.log10((power * 10 ** (change / 10)).sum() / max(float(power.sum()), 1e-20))
    heard = power > 1e-6 * power.max()
    tone = float(np.abs(change - level)[heard].mean())
    return tone <= number("masking.tone_most_db").value and -level <= number("masking.level_loss_most_db").value


def _at_work(scene: Scene, remedy: Remedy) -> float:
    """Return the part of a track's power that sounds while a remedy works."""
    if remedy.kind not in ("keyed", "side_chain"):
        return 1.0
    return together_share(scene, remedy.covered, remedy.masker)


def _as_bands(made: Sequence[Remedy]) -> Iterator[Band]:
    """Yield the bells; keyed ones count as if they worked all the time."""
    for remedy in made:
        if remedy.kind in ("cut", "keyed"):
            yield Band(frequency_hz=remedy.centre_hz, gain_db=-remedy.depth_db, q=remedy.q)


def left_over(one: Covered, gains: Floats) -> Floats:
    """Return (stretches, bands) by how much each cell that matters still lies beyond harm; 0 where it does not."""
    over = stand(one, gains).excess_db + one.spare_db - number("masking.harmful_excess_db").value
    return np.where(one.importance > 0, np.maximum(over, 0.0), 0.0)
