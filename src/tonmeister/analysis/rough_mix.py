"""Whether one track is a mix of the others: its band powers over time as a sum of theirs with a gain each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WITHIN_DB = 3.0
"""The others' sum explains a cell of band and time when it comes so near to the track's level there."""
EXPLAINED = 0.5
"""Part of the track's cells that the others' sum must explain: a mix may hold a track that is missing here, and is driven a
little; tracks that are no mix reach 0.1."""
LEAST_SHARE = 0.5
"""Part of the other tracks that must be heard in it: a drum bus holds some, a mix most."""
LEAST_TRACKS = 3
"""Two tracks in a third are a bounce of both, no mix of the song."""
SAME_SOURCE = 0.98
"""Tracks whose band levels correlate so well over time count as one."""
HEARD_DB = 30.0
"""A track is heard in a mix down to so much below the whole."""
LIKELY = 0.7
"""Where the levels of a first sum do not even correlate so well with the track's, no better sum is looked for."""
_WIDE_DB = 6.0
"""Cells further off than this have no say in the gains: something else sounds there."""
_REFITS = 6
_ROUNDS = 60
_TINY = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class RoughMix:
    """A track that is a mix of others."""

    place: int
    """Which track."""
    explained: float
    """Part of its cells of band and time that the others' sum explains."""
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
    """Fit the track's powers by the others', each cell relative to its level so that quiet passages count too.

    Cells in which something else sounds would pull the gains up; they lose their weight step by step (Tukey's biweight,
    Beaton and Tukey 1974).
    """
    near = cells[place] > float(cells[place].max()) * 1e-6
    target, parts = cells[place, near], cells[others][:, near]
    trust = np.ones(target.size)
    for round_number in range(_REFITS + 1):
        relative = parts * (trust / np.maximum(target, _TINY))
        gains = _fit(relative @ relative.T, relative @ trust)
        off_db = 10 * np.log10(np.maximum(target, _TINY) / np.maximum(gains @ parts, _TINY))
        if round_number == 0 and _correlate(np.log(target), 10 * np.log10(target) - off_db) < LIKELY:
            return None
        trust = np.clip(1 - np.square(off_db / _WIDE_DB), 0, 1)
    explained = float((np.abs(off_db) < WITHIN_DB).mean())
    inside = np.flatnonzero(gains * parts.sum(axis=1) > target.sum() * 10 ** (-HEARD_DB / 10))
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


def _correlate(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    a, b = first - first.mean(), second - second.mean()
    return float(a @ b / max(float(np.sqrt((a @ a) * (b @ b))), _TINY))


def _fit(gram: NDArray[np.float64], wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Solve for gains >= 0 by coordinate descent (non-negative least squares)."""
    gains = np.zeros(len(wanted))
    for _ in range(_ROUNDS):
        for number in range(len(wanted)):
            rest = wanted[number] - gram[number] @ gains + gram[number, number] * gains[number]
            gains[number] = max(0.0, rest / max(float(gram[number, number]), 1e-30))
    return gains
