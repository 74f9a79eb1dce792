"""Where a speaker is silent for long, and where a held sound between pauses may be an "um": told, never cut."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.energy_steps import step_powers
from tonmeister.analysis.fourier import rfft
from tonmeister.audio import Audio
from tonmeister.model import Model, Seconds, Share

PAUSE_BELOW_DB = 30.0
"""Steps so far below the level of the loud ones are pauses."""
LONG_PAUSE_S = 1.5
"""From here on a pause is told."""
LEAST_HELD_S, MOST_HELD_S = 0.2, 1.2
"""How long a filled pause lasts (0.2 to 1.2 s; Goto, Itou and Hayamizu 1999 find vowels held without change)."""
LEAST_LIKENESS = 0.965
"""Cosine of neighbouring spectra (roots of powers) while a sound is held."""
_NEAR_S = 0.12
_STEP_S = 0.02
_LEAST_VOICED = 0.55
_LOWEST_HZ, _HIGHEST_HZ = 70.0, 350.0


class Break(Model):
    """A place in speech that an editor may want to look at."""

    kind: Literal["pause", "filler"]
    """A long silence, or a held sound that may be an "um"."""
    start_s: Seconds
    end_s: Seconds
    confidence: Share
    """How sure it is; a filler is a candidate, no more."""


def find_breaks(audio: Audio) -> tuple[Break, ...]:
    """Return long pauses and candidates for filled pauses, in the order of time."""
    powers = step_powers(audio, step_s=_STEP_S)
    if powers.size < 10 or not powers.any():
        return ()
    loud = float(np.percentile(powers, 90))
    quiet = powers < loud * 10 ** (-PAUSE_BELOW_DB / 10)
    pauses = [(a, b) for a, b in _runs(quiet) if (b - a) * _STEP_S >= LONG_PAUSE_S]
    found = [
        Break(kind="pause", start_s=round(a * _STEP_S, 2), end_s=round(b * _STEP_S, 2), confidence=1.0)
        for a, b in pauses
    ]
    return tuple(sorted([*found, *_fillers(audio, quiet)], key=lambda item: item.start_s))


def _fillers(audio: Audio, quiet: NDArray[np.bool_]) -> list[Break]:
    """Return held voiced sounds that have a pause on one side at least."""
    likeness, voiced = _describe(audio, quiet.size)
    held = (likeness >= LEAST_LIKENESS) & (voiced >= _LEAST_VOICED) & ~quiet
    near = max(1, round(_NEAR_S / _STEP_S))
    found = []
    for first, last in _runs(held):
        length_s = (last - first) * _STEP_S
        if not LEAST_HELD_S <= length_s <= MOST_HELD_S:
            continue
        before, after = bool(quiet[max(0, first - near) : first].any()), bool(quiet[last : last + near].any())
        if before or after:
            sure = round(0.35 + 0.25 * (before and after) + 0.2 * min(1.0, length_s / 0.5), 2)
            found.append(
                Break(kind="filler", start_s=round(first * _STEP_S, 2), end_s=round(last * _STEP_S, 2), confidence=sure)
            )
    return found


def _describe(audio: Audio, steps: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return, for each step, how like its spectrum is to the one before, and how periodic it is."""
    rate, hop = audio.sample_rate_hz, max(1, round(_STEP_S * audio.sample_rate_hz))
    size = 2 * hop
    mono = np.pad(audio.samples.mean(axis=0), (hop // 2, size))
    frames = np.lib.stride_tricks.sliding_window_view(mono, size)[::hop][:steps]
    last = max(8, round(4000 * size / rate))
    likeness, voiced = np.zeros(steps), np.zeros(steps)
    before: NDArray[np.float64] | None = None
    for start in range(0, len(frames), 4096):
        part = frames[start : start + 4096] * np.hanning(size).astype(np.float32)
        power = np.square(np.abs(rfft(part))).astype(np.float64)
        roots = np.sqrt(np.sqrt(power[:, :last]))
        roots /= np.linalg.norm(roots, axis=1, keepdims=True) + 1e-12
        shifted = np.concatenate([roots[:1] if before is None else before, roots[:-1]])
        before = roots[-1:]
        likeness[start : start + len(part)] = (roots * shifted).sum(axis=1)
        voiced[start : start + len(part)] = _periodicity(power, rate)
    return likeness, voiced


def _periodicity(power: NDArray[np.float64], rate_hz: int) -> NDArray[np.float64]:
    """Return the highest autocorrelation within the range of voices, over that at zero."""
    likeness = np.fft.irfft(power, axis=1)
    first, last = round(rate_hz / _HIGHEST_HZ), min(likeness.shape[1] // 2, round(rate_hz / _LOWEST_HZ))
    window = 1 - np.arange(first, last) / likeness.shape[1] * 2  # the frame's own taper
    peak = (likeness[:, first:last] / np.maximum(window, 0.3)).max(axis=1, initial=0.0)
    return np.asarray(np.clip(peak / np.maximum(likeness[:, 0], 1e-20), 0, 1))


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
