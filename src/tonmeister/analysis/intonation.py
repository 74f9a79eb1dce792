"""How far a voice is off the notes of a key, and what would bring it nearer without taking its vibrato."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.pitch import HOP_S, PitchTrack

Mode = Literal["major", "minor"]
TONICS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_STEPS_OF_SCALE = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
_SHORTEST_STEPS = 10
_NOTE_STEPS = 15
_STAY_SEMITONES = 0.25
"""A note stays the target until another one is nearer by so much: a slide does not flutter between two."""
_LEAST_CENTS = 8.0
"""A stretch nearer to its notes needs no correction."""
_MOST_CENTS = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """A stretch of voiced steps to be corrected."""

    first: int
    """First step of 10 ms."""
    hz: NDArray[np.float64]
    """(steps,) pitch as sung."""
    cents: NDArray[np.float64]
    """(steps,) by how much it is raised."""


def notes_of(tonic: str, mode: Mode) -> NDArray[np.int64]:
    """Return the pitch classes of a key, 0 is C."""
    return (TONICS.index(tonic) + np.array(_STEPS_OF_SCALE[mode])) % 12


def off_pitch_cents(track: PitchTrack, notes: NDArray[np.int64]) -> float | None:
    """Return the median distance of what is held from the nearest note of the key; None where nothing is held."""
    found = [np.abs(_smooth(track.semitones[a:b]) - _targets(track.semitones[a:b], notes)) for a, b in _runs(track)]
    return float(100 * np.median(np.concatenate(found))) if found else None


def plan_correction(
    track: PitchTrack, notes: NDArray[np.int64], *, amount: float, speed_ms: float
) -> tuple[Stretch, ...]:
    """Return what to raise by how much: the slow part of the distance to the note, so that vibrato and slides stay."""
    stretches = []
    keep = float(np.exp(-1000 * HOP_S / speed_ms)) if speed_ms > 0 else 0.0
    for first, end in _runs(track):
        sung = track.semitones[first:end]
        distance = 100 * (_targets(sung, notes) - _smooth(sung))
        if np.median(np.abs(distance)) < _LEAST_CENTS:
            continue
        cents = np.clip(amount * _follow(distance, keep), -_MOST_CENTS, _MOST_CENTS)
        stretches.append(Stretch(first, track.hz[first:end], cents))
    return tuple(stretches)


def _runs(track: PitchTrack) -> list[tuple[int, int]]:
    """Return the stretches with a pitch, without jumps of more than two semitones between steps."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (track.hz > 0).astype(np.int8), [0]])))
    runs = []
    for first, end in edges.reshape(-1, 2).tolist():
        jumps = np.flatnonzero(np.abs(np.diff(track.semitones[first:end])) > 2) + first + 1
        borders = [first, *jumps.tolist(), end]
        runs += [(a, b) for a, b in pairwise(borders) if b - a >= _SHORTEST_STEPS]
    return runs


def _smooth(sung: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the pitch without its vibrato: running mean over 150 ms, shorter at the ends."""
    size = min(_NOTE_STEPS, sung.size)
    ones = np.ones(size)
    return np.convolve(sung, ones, "same")[: sung.size] / np.convolve(np.ones(sung.size), ones, "same")[: sung.size]


def _targets(sung: NDArray[np.float64], notes: NDArray[np.int64]) -> NDArray[np.float64]:
    smooth = _smooth(sung)
    allowed = np.array([n for n in range(128) if n % 12 in notes], dtype=np.float64)
    distances = np.abs(smooth[:, None] - allowed[None, :])
    target = allowed[int(np.argmin(distances[0]))]
    targets = np.empty(smooth.size)
    for k, row in enumerate(distances):
        nearest = int(np.argmin(row))
        if abs(smooth[k] - target) - row[nearest] > _STAY_SEMITONES:
            target = allowed[nearest]
        targets[k] = target
    return targets


def _follow(values: NDArray[np.float64], keep: float) -> NDArray[np.float64]:
    followed, state = np.empty(values.size), 0.0
    for k, value in enumerate(values.tolist()):
        state = value + keep * (state - value)
        followed[k] = state
    return followed


def held_share(track: PitchTrack, stretches: Sequence[Stretch]) -> float:
    """Return the share of the voiced time that is corrected."""
    voiced = int((track.hz > 0).sum())
    return sum(stretch.hz.size for stretch in stretches) / voiced if voiced else 0.0
