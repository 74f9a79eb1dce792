"""Whether one track is a mix of the others: its band powers over time as a sum of theirs with a gain each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EXPLAINED = 0.96
"""Part of the track's course, as correlation of band levels over time, that the others' sum must explain."""
LEAST_SHARE = 0.5
"""Part of the other tracks that must be heard in it: a drum bus holds some, a mix most."""
LEAST_TRACKS = 3
"""Two tracks in a third are a bounce of both, no mix of the song."""
SAME_SOURCE = 0.98
"""Tracks whose band levels correlate so well over time count as one."""
ONE_ALONE = 0.95
"""If one track alone explains it so well, it is a copy of that or another microphone on it."""
_ROUNDS = 60
_TINY = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class RoughMix:
    """A track that is a mix of others."""

    place: int
    """Which track."""
    explained: float
    """Correlation of its band levels over time with those of the others' sum."""
    holds: tuple[int, ...]
    """Which tracks it holds."""
    gains_db: tuple[float, ...]
    """At which gain each of them is in it."""


def find_rough_mixes(erb_power: Sequence[NDArray[np.float32]]) -> tuple[RoughMix, ...]:
    """Return the tracks that are mixes of at least three others, from each track's (half seconds, 40) band powers."""
    if len(erb_power) <= LEAST_TRACKS:
        return ()
    halves = max((len(part) for part in erb_power), default=0)
    cells = np.zeros((len(erb_power), halves * 40))
    for row, part in zip(cells, erb_power, strict=True):
        row[: part.size] = part.reshape(-1)
    found = []
    alike = _likeness(cells)
    for place in range(len(cells)):
        others: list[int] = []
        for other in range(len(cells)):  # of several microphones on one source, one stands for all
            if other != place and cells[other].any() and not (alike[other, others] > SAME_SOURCE).any():
                others.append(other)
        if len(others) < LEAST_TRACKS or not cells[place].any():
            continue
        mix = _explain(place, others, cells)
        if mix is not None:
            found.append(mix)
    return tuple(found)


def _explain(place: int, others: list[int], cells: NDArray[np.float64]) -> RoughMix | None:
    """Fit the track's powers by the others', each cell weighted by its level so that quiet passages count too."""
    target = cells[place]
    near = target > float(target.max()) * 1e-6
    weight = 1 / np.maximum(target[near], _TINY)
    parts = cells[others][:, near] * weight
    gains = _fit(parts @ parts.T, parts.sum(axis=1))
    guess = gains @ cells[others]
    heard = near & (guess > _TINY)
    if heard.sum() < 0.5 * near.sum():
        return None
    explained = float(np.corrcoef(np.log(target[heard]), np.log(guess[heard]))[0, 1])
    strong = cells[others] > cells[others].max(axis=1, keepdims=True) * 1e-3
    audible = gains[:, None] * cells[others] > 0.05 * np.maximum(target, _TINY)
    share = (strong & audible).sum(axis=1) / np.maximum(strong.sum(axis=1), 1)
    inside = [number for number in range(len(others)) if share[number] > 0.2]
    if _explained_by_one(target, cells[others], near):
        return None
    if explained < EXPLAINED or len(inside) < max(LEAST_TRACKS, LEAST_SHARE * len(others)):
        return None
    holds = tuple(others[number] for number in inside)
    return RoughMix(place, explained, holds, tuple(float(10 * np.log10(gains[number])) for number in inside))


def _likeness(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (tracks, tracks) the correlation of the band levels over time."""
    level = np.sqrt(cells)
    level -= level.mean(axis=1, keepdims=True)
    norm = np.sqrt(np.square(level).sum(axis=1))
    likeness: NDArray[np.float64] = (level @ level.T) / np.maximum(np.outer(norm, norm), _TINY)
    return likeness


def _explained_by_one(target: NDArray[np.float64], others: NDArray[np.float64], near: NDArray[np.bool_]) -> bool:
    for other in others:
        both = near & (other > _TINY)
        enough = both.sum() > 0.5 * near.sum()
        if enough and float(np.corrcoef(np.log(target[both]), np.log(other[both]))[0, 1]) > ONE_ALONE:
            return True
    return False


def _fit(gram: NDArray[np.float64], wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Solve for gains >= 0 by coordinate descent (non-negative least squares)."""
    gains = np.zeros(len(wanted))
    for _ in range(_ROUNDS):
        for number in range(len(wanted)):
            rest = wanted[number] - gram[number] @ gains + gram[number, number] * gains[number]
            gains[number] = max(0.0, rest / max(float(gram[number, number]), 1e-30))
    return gains
