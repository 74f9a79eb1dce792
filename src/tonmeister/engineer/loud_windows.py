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
    """Some seconds of the song, and all tracks that are heard well there."""

    start_s: float
    end_s: float
    tracks: frozenset[str]


def choose_windows(facts: SongFacts, names: Sequence[str]) -> tuple[Window, ...]:
    """Cover these tracks with as few windows as a greedy choice finds; first the one that serves most of them."""
    if not names:
        return ()
    every = [track.id for track in facts.tracks]
    steps = max(len(track.curves.energies_100ms) for track in facts.tracks)
    power = np.stack([_window_power(track.curves.energies_100ms, steps) for track in facts.tracks])
    most = power.max(axis=1, keepdims=True)
    serves = (power >= most * 10 ** (-NEAR_LOUDEST_DB / 10)) & (most > 0)
    left, found = np.isin(every, list(names)) & serves.any(axis=1), []
    while left.any():
        shares = (power[left] / most[left] * serves[left]).sum(axis=0)
        best = int(np.argmax(serves[left].sum(axis=0) + shares / (1 + shares.max())))  # of equals the louder one
        here = serves[:, best]
        end_s = min(facts.song.duration_s, best / 10 + WINDOW_S)
        found.append(Window(best / 10, end_s, frozenset(np.array(every)[here].tolist())))
        left &= ~here
    return tuple(found)


def _window_power(energies: NDArray[np.float64], steps: int) -> NDArray[np.float64]:
    """Return the power of the window that begins at each 100 ms."""
    length = round(WINDOW_S * 10)
    padded = np.pad(energies, (0, steps - len(energies) + length))
    total = np.concatenate([[0.0], np.cumsum(padded)])
    power: NDArray[np.float64] = np.maximum(total[length : length + steps] - total[:steps], 0.0)
    return power
