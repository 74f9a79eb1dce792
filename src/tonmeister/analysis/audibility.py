"""How far a voice stands out of everything else from moment to moment, in the bands in which words are told apart."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.analysis.masking import design_spreading

Floats = NDArray[np.float64]
WORDS_HZ = (300.0, 8000.0)
"""From the first formant to the consonants."""
FLOOR_DB = -12.0
"""Under the voice's own usual level a backing no longer counts: where little else plays, the voice is held against itself."""
SOUNDING_DB = -20.0
"""Steps of 100 ms further below the voice's usual level hold no words."""
_FAINT_DB = -30.0
_STEPS_PER_HALF_SECOND = 5


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One voice, or everything else, at the levels of the mix."""

    erb_power: Floats
    """(half seconds, 40) power per ERB band."""
    energies_100ms: Floats
    """(steps,) K-weighted power."""


def measure_audibility(voice: Part, rest: Part) -> Floats:
    """Return (steps,) dB of the voice over the excitation of the rest, mean over the bands of words; NaN where it does not sound.

    The ratio per ERB band (as in the Speech Intelligibility Index, ANSI S3.5-1997, 5.13, over the spread of Schroeder et al.
    1979) is told every half second, and moves within it as the two levels do. A gain on the voice adds to it as it is.
    """
    steps = min(voice.energies_100ms.size, _STEPS_PER_HALF_SECOND * len(voice.erb_power))
    if steps == 0:
        return np.zeros(0)
    own, other = voice.energies_100ms[:steps], _fitted(rest.energies_100ms, steps)
    usual = _usual_energy(own)
    halves = np.arange(steps) // _STEPS_PER_HALF_SECOND
    floor = usual * 10 ** (FLOOR_DB / 10)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = _half_ratios_db(voice.erb_power, _fitted(rest.erb_power, len(voice.erb_power)))[halves]
        found += _within_db(own, halves) - _within_db(other + floor, halves)
        found[own <= usual * 10 ** (SOUNDING_DB / 10)] = np.nan
    return np.where(np.isfinite(found), found, np.nan)


def _half_ratios_db(own: Floats, other: Floats) -> Floats:
    """Return (half seconds,) mean ratio of the bands."""
    inside = (WORDS_HZ[0] <= ERB_CENTRES_HZ) & (WORDS_HZ[1] >= ERB_CENTRES_HZ)
    total = own.sum(axis=1)
    usual = own[total > 0.1 * total.max(initial=0)].mean(axis=0) if (total > 0).any() else own.sum(axis=0)
    masked = (other @ design_spreading())[:, inside] + usual[inside] * 10 ** (FLOOR_DB / 10)
    heard = np.maximum(own[:, inside], usual[inside] * 10 ** (_FAINT_DB / 10))
    ratios: Floats = np.mean(10 * np.log10(heard / masked), axis=1)
    return ratios


def _within_db(energies: Floats, halves: NDArray[np.int_]) -> Floats:
    """Return how far each step lies over the mean of its half second."""
    count = np.bincount(halves)
    mean = np.bincount(halves, weights=energies) / count
    return np.asarray(10 * np.log10(energies / mean[halves]))


def _usual_energy(energies: Floats) -> float:
    """Return the mean power of the loud parts."""
    loud = energies > 0.1 * (energies.mean() if energies.size else 0.0)
    return float(energies[loud].mean()) if loud.any() else 0.0


def _fitted(values: Floats, length: int) -> Floats:
    """Return as many rows as asked for; what is missing is silence."""
    here = values[:length]
    return np.concatenate([here, np.zeros((length - len(here), *values.shape[1:]))]) if len(here) < length else here
