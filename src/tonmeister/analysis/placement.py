"""Whether a track lies where it belongs in time: its attacks against those of all other tracks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.steps import STEPS_PER_S

LONGEST_LEAD_IN_S = 5.0
"""A track that is silent for longer at the beginning enters later on purpose more often than not."""
SHORTEST_LEAD_IN_S = 0.05
FITS_AS_IT_IS = 0.1
"""A track whose attacks correlate so well with the others' lies where it belongs."""
FITS_BETTER = 0.15
"""By so much the correlation must be better elsewhere."""
FITS_BETTER_SPREADS = 2.4
"""And by so many standard deviations of the correlation over all places that were tried."""
STRETCH_FITS = 0.3
"""Correlation of a track played at another rate from which, and by which, it beats the track as it is."""
RATE_RATIOS = (44_100 / 48_000, 48_000 / 44_100)
"""Speeds at which sound plays whose header names another usual rate."""
_FULL_DB = 20.0
_ABOUT_AS_WELL = 0.5
_LEAST_STEPS = 300


@dataclass(frozen=True, slots=True)
class Lead:
    """A track that starts too late."""

    late_s: float
    """How much earlier it fits."""
    fit: float
    """Correlation of its attacks with the others', there."""
    fit_now: float
    """The same where it lies."""


def find_late_start(onset_10ms: NDArray[np.float32], others: NDArray[np.float64], lead_in_s: float) -> Lead | None:
    """Return by how much a track that begins with silence is late, from its rises of level and the others' (`sum_rises`).

    Music repeats, so that the place that fits best may be a beat away; where it fits half as well without any of the
    silence, that is the likelier one: a file that was cut elsewhere begins with sound.
    """
    if not SHORTEST_LEAD_IN_S <= lead_in_s <= LONGEST_LEAD_IN_S:
        return None
    lead = round(lead_in_s * STEPS_PER_S)
    body = _smooth(onset_10ms)[lead:]
    if body.size < _LEAST_STEPS or others.size < lead + body.size:
        body = body[: max(0, others.size - lead)]
    if body.size < _LEAST_STEPS:
        return None
    fits = _slide(body, others[: lead + body.size])
    best, now = int(np.argmax(fits[:-1])), float(fits[-1])
    needed = max(FITS_BETTER, FITS_BETTER_SPREADS * float(fits.std()))
    if now >= FITS_AS_IT_IS or fits[best] - now < needed:
        return None
    place = 0 if fits[0] > _ABOUT_AS_WELL * fits[best] else best
    return Lead((lead - place) / STEPS_PER_S, float(fits[place]), now)


def find_stretch(onset_10ms: NDArray[np.float32], others: NDArray[np.float64]) -> float | None:
    """Return the speed at which a track fits the others although it does not as it is; None if it fits or nothing helps."""
    own = _smooth(onset_10ms)
    if min(own.size, others.size) < _LEAST_STEPS:
        return None
    now = _correlate(own, others)
    fits = {ratio: _correlate(_stretch(own, ratio), others) for ratio in RATE_RATIOS}
    best = max(fits, key=lambda ratio: fits[ratio])
    return best if now < FITS_AS_IT_IS and fits[best] > max(STRETCH_FITS, now + STRETCH_FITS) else None


def sum_rises(onsets_10ms: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
    """Return (steps,) the rises of level of several tracks together, each with the same weight."""
    total = np.zeros(max((curve.size for curve in onsets_10ms), default=0))
    for curve in onsets_10ms:
        rises = _smooth(curve)
        total[: curve.size] += rises / max(float(np.sqrt(np.square(rises).mean())), 1e-9) if curve.size else 0
    return total


def _smooth(onset_10ms: NDArray[np.float32]) -> NDArray[np.float64]:
    if onset_10ms.size == 0:
        return np.zeros(0)
    rises = np.minimum(onset_10ms.astype(np.float64), _FULL_DB)
    smooth: NDArray[np.float64] = np.convolve(rises, [0.25, 0.5, 0.25], "same")
    return smooth


def _stretch(rises: NDArray[np.float64], speed: float) -> NDArray[np.float64]:
    """Return the curve as it would be if the track played so many times as fast."""
    places = np.arange(int(rises.size / speed)) * speed
    stretched: NDArray[np.float64] = np.interp(places, np.arange(rises.size), rises)
    return stretched


def _slide(body: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the correlation of the body with each stretch of the others that is as long."""
    own = body - body.mean()
    sums, squares = (np.concatenate([[0.0], np.cumsum(part)]) for part in (others, np.square(others)))
    total, square = (part[body.size :] - part[: -body.size] for part in (sums, squares))
    spread = np.sqrt(np.maximum((square - np.square(total) / body.size) * float(own @ own), 1e-18))
    fits: NDArray[np.float64] = np.correlate(others, own, "valid") / spread
    return fits


def _correlate(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    count = min(first.size, second.size)
    a, b = first[:count] - first[:count].mean(), second[:count] - second[:count].mean()
    return float((a * b).sum() / np.sqrt(max(float(np.square(a).sum() * np.square(b).sum()), 1e-18)))
