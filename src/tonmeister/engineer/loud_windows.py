"""A few seconds of the song in which every track that is asked for is loud: one render of them serves many promises."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.document.facts import SongFacts
from tonmeister.tasks.expecting import NEAR_LOUDEST_DB

WINDOW_S = 3.0


@dataclass(frozen=True, slots=True)
class Window:
    """Some seconds of the song, and the tracks that are heard well there."""

    start_s: float
    end_s: float
    tracks: tuple[str, ...]


def choose_windows(facts: SongFacts, names: Sequence[str]) -> tuple[Window, ...]:
    """Cover all tracks with as few windows as a greedy choice finds; first the one that serves most of them."""
    steps = max((len(facts[name].curves.energies_100ms) for name in names), default=0)
    if not steps:
        return ()
    power = np.stack([_window_power(facts[name].curves.energies_100ms, steps) for name in names])
    serves = power >= power.max(axis=1, keepdims=True) * 10 ** (-NEAR_LOUDEST_DB / 10)
    serves &= power > 0
    left, found = serves.any(axis=1), []
    while left.any():
        counts = serves[left].sum(axis=0)
        shares = (power[left] / power[left].max(axis=1, keepdims=True) * serves[left]).sum(axis=0)
        best = int(np.argmax(counts + shares / (1 + shares.max())))  # of equals the louder one
        here = left & serves[:, best]
        end_s = min(facts.song.duration_s, best / 10 + WINDOW_S)
        found.append(
            Window(best / 10, end_s, tuple(name for name, is_here in zip(names, here, strict=True) if is_here))
        )
        left &= ~here
    return tuple(found)


def _window_power(energies: NDArray[np.float64], steps: int) -> NDArray[np.float64]:
    """Return the power of the window that begins at each 100 ms."""
    length = round(WINDOW_S * 10)
    padded = np.pad(energies, (0, steps - len(energies) + length))
    total = np.concatenate([[0.0], np.cumsum(padded)])
    power: NDArray[np.float64] = np.maximum(total[length : length + steps] - total[:steps], 0.0)
    return power
