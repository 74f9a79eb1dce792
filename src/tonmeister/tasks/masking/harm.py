"""How much of what matters is covered, at any gains of the tracks' bands."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.knowledge import number
from tonmeister.tasks.masking.scene import Covered, Floats, Scene

_TINY = 1e-20


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """One covered track at certain gains."""

    excess_db: Floats
    """(stretches, bands) the rest's power over its own."""
    own: Floats
    """(stretches, bands) its power."""
    rest: Floats
    """(stretches, bands) that of all others together."""


def stand(one: Covered, gains: Floats) -> Standing:
    """Return how a track stands when all bands have these power gains, (tracks, bands)."""
    heard = one.parts * gains
    own = heard[:, one.place]
    rest = heard.sum(axis=1) - own
    return Standing(excess(own, rest), own, rest)


def excess(own: Floats, rest: Floats) -> Floats:
    """Return by how much the rest stands over a track, in dB."""
    return np.asarray(10 * np.log10(np.maximum(rest, _TINY) / np.maximum(own, _TINY)))


def harm_of(one: Covered, excess_db: Floats) -> Floats:
    """Return the harm, (…,) from (…, stretches, bands): the weighted mean of what lies beyond the aim, in dB.

    Harm is counted from the aim on in all bands that are covered anywhere, so that a cut goes on until the band stands out by a margin.
    """
    over = (
        np.maximum(0.0, excess_db + one.spare_db - number("masking.aim_db").value) * one.importance * one.covered_bands
    )
    return np.asarray(one.weight * (over.sum(axis=-1) @ one.seconds) / one.seconds.sum())


def harmful_cells(one: Covered, excess_db: Floats) -> NDArray[np.bool_]:
    """Return the (stretches, bands) cells in which a track is covered and needs the band."""
    return np.asarray((excess_db + one.spare_db > number("masking.harmful_excess_db").value) & (one.importance > 0))


def total_harm(scene: Scene, gains: Floats) -> float:
    """Return the harm to all covered tracks."""
    return float(sum(harm_of(one, stand(one, gains).excess_db) for one in scene.covered))


def offenders(one: Covered, gains: Floats) -> NDArray[np.bool_]:
    """Return (tracks, bands): whether a track is the strongest of the rest, by a margin, in a harmful cell of the band."""
    heard = one.parts * gains
    heard[:, one.place] = 0.0
    cells = harmful_cells(one, stand(one, gains).excess_db)
    first = heard.argmax(axis=1)
    second = np.sort(heard, axis=1)[:, -2] if heard.shape[1] > 1 else np.zeros(first.shape)
    clear = heard.max(axis=1) >= second * 10 ** (number("masking.offender_margin_db").value / 10)
    found = np.zeros(gains.shape, bool)
    for stretch, band in zip(*np.nonzero(cells & clear), strict=True):
        found[first[stretch, band], band] = True
    return found
