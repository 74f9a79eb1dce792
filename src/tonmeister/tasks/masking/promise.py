"""What one remedy will do to the covered track's place: predicted over the stretch in which it does most, beside all others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tonmeister.analysis.bands import ERB_CENTRES_HZ, ERB_EDGES_HZ
from tonmeister.knowledge import number
from tonmeister.processing import Compressor, DynamicEqualiser
from tonmeister.tasks.masking.harm import stand
from tonmeister.tasks.masking.keyed import depth_10ms, depth_by_half
from tonmeister.tasks.masking.remedies import Remedy, region
from tonmeister.tasks.masking.scene import Covered, Floats, Scene
from tonmeister.tasks.masking.solver import gains_db
from tonmeister.tasks.work import Work

_TINY = 1e-20
_WINDOW_HALVES = 6
_MOSTLY = 0.75
_STRETCHES = 3
Keyed = DynamicEqualiser | Compressor


@dataclass(frozen=True, slots=True)
class Promise:
    """The covered track's power against all others' in a band, over a stretch."""

    start_s: float
    end_s: float
    low_hz: float
    high_hz: float
    before_db: float
    after_db: float
    excess_db: float
    """By how much the rest stood over the track in its worst cell there before anything was done."""

    @property
    def gain_db(self) -> float:
        """By how much the track rises against the others."""
        return self.after_db - self.before_db


@dataclass(frozen=True, slots=True, eq=False)
class Working:
    """How far each remedy goes at each moment of a song."""

    work: Work
    scene: Scene
    processors: Mapping[int, Keyed]
    """Of keyed remedies, by their place in the list."""
    depths: Mapping[int, Floats]
    """(steps of 10 ms,) their depth."""


def set_to_work(work: Work, scene: Scene, remedies: Sequence[Remedy], processors: Mapping[int, Keyed]) -> Working:
    """Follow the keys of all keyed remedies."""
    keys = {place: scene.tracks[remedies[place].covered.place] for place in processors}
    depths = {place: depth_10ms(work, keys[place], processor) for place, processor in processors.items()}
    return Working(work, scene, processors, depths)


def promise(working: Working, remedies: Sequence[Remedy], place: int) -> Promise | None:
    """Return what a remedy does where it does most; None where it does nothing."""
    remedy, one = remedies[place], remedies[place].covered
    bands = region(working.scene, remedy)
    ones = np.ones((len(working.scene.tracks), ERB_CENTRES_HZ.size))
    worst = stand(one, ones).excess_db[:, bands].max(axis=1)
    best: Promise | None = None
    for stretch in np.argsort(-gains_db(working.scene, ones, remedy), kind="stable")[:_STRETCHES]:
        for span in _windows(working.scene, one, one.spans[stretch]):
            told = _tell(working, remedies, place, span, float(worst[stretch]))
            best = told if best is None or told.gain_db > best.gain_db else best
        if best is not None and best.gain_db >= number("masking.promise_least_db").value:
            break
    return best


def _tell(working: Working, remedies: Sequence[Remedy], place: int, span: tuple[int, int], worst_db: float) -> Promise:
    bands = region(working.scene, remedies[place])
    edges = np.flatnonzero(bands)
    own = working.scene.power[remedies[place].covered.place, span[0] : span[1]][:, bands].sum(dtype=np.float64)
    rests = [float(part[:, bands].sum()) for part in _rest(working, remedies, place, span)]
    before, after = (10 * np.log10(max(float(own), _TINY) / max(rest, _TINY)) for rest in rests)
    if remedies[place].kind == "rise":
        after = before + remedies[place].depth_db
    low, high = ERB_EDGES_HZ[edges[0]], ERB_EDGES_HZ[edges[-1] + 1]
    return Promise(
        span[0] / 2, span[1] / 2, round(float(low), 1), round(float(high), 1), float(before), float(after), worst_db
    )


def _windows(scene: Scene, one: Covered, stretch: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yield windows of three seconds of a stretch in which the covered track mostly sounds; the whole where there is none."""
    level = scene.power[one.place].sum(axis=1, dtype=np.float64)
    sounds = level > 1e-3 * level.max()
    starts = range(stretch[0], max(stretch[0] + 1, stretch[1] - _WINDOW_HALVES + 1), 2)
    spans = [(start, min(start + _WINDOW_HALVES, stretch[1])) for start in starts]
    yield from [span for span in spans if sounds[span[0] : span[1]].mean() >= _MOSTLY] or [stretch]


def _rest(working: Working, remedies: Sequence[Remedy], place: int, span: tuple[int, int]) -> tuple[Floats, Floats]:
    """Return (half seconds, bands) all others' power without and with one remedy, the other remedies at work."""
    power = working.scene.power[:, span[0] : span[1]].astype(np.float64)
    for other, remedy in enumerate(remedies):
        if other != place and remedy.kind != "rise":
            power[remedy.masker] *= _gain(working, remedy, other, span)
    total = power.sum(axis=0) - power[remedies[place].covered.place]
    if remedies[place].kind == "rise":
        return total, total
    mine = power[remedies[place].masker]
    return total, total - mine * (1 - _gain(working, remedies[place], place, span))


def _gain(working: Working, remedy: Remedy, place: int, span: tuple[int, int]) -> Floats:
    """Return (half seconds or 1, bands) the mean power gain of a remedy."""
    if place not in working.depths:
        return remedy.gains[None]
    depth = depth_by_half(working.depths[place], span)
    return np.asarray((10 ** (remedy.shape_db[None, :, None] * depth[:, None, :] / 10)).mean(axis=2))
