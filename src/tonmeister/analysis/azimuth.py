"""Azimuth: a tape head that stands askew, so that one channel comes later than the other and may be duller.

The slope of the phase between the channels over frequency is the delay (weighted by coherence, as Carter 1987), the slope of
the level of what they share is the tilt. Only what both channels share through the whole recording can tell.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis import fourier
from tonmeister.audio import Audio

LEAST_DELAY_US, MOST_DELAY_US = 4.0, 250.0
"""Less is not heard in the sum of both channels; more is no head but a pair of microphones."""
LEAST_COHERENCE = 0.5
"""Median from 500 Hz to 8 kHz: so much of both channels is the same sound."""
TILT_COHERENCE = 0.95
"""The same for the tilt: instruments that stand to the left and right have colours of their own."""
AGREEMENT_US = 3.0
"""Or a tenth of the delay: the parts of the recording may differ so much; a source that moves, or two of them, differ more."""
_SIZE, _PARTS, _WINDOWS_A_PART = 4096, 6, 60
_LOW_HZ, _HIGH_HZ = 200.0, 12_000.0
_LEAST_SHARED = 0.3
_LEAST_POWER = 0.01
"""Of the loudest window: less is a pause."""
_FINER = 8


@dataclass(frozen=True, slots=True)
class AzimuthError:
    """How the right channel differs from the left."""

    delay_us: float
    """So many microseconds later it comes; negative when it is early."""
    tilt_db: float
    """So much louder it is at 10 kHz than at 1 kHz, against the left; negative when it is duller."""


def find_azimuth(audio: Audio) -> AzimuthError | None:
    """Return how far a stereo recording is askew, or None where it is not or where its channels share too little to tell."""
    if audio.channels != 2 or audio.frames < 8 * _SIZE:
        return None
    rate = audio.sample_rate_hz
    parts = _cross_spectra(audio.samples)
    if len(parts) < _PARTS:
        return None
    cross, left, right = (np.sum([part[k] for part in parts], axis=0) for k in range(3))
    frequency = np.arange(cross.size) * rate / _SIZE
    coherence = _coherence(cross, left, right)
    middle = (frequency >= 500) & (frequency <= 8000)
    if np.median(coherence[middle]) < LEAST_COHERENCE:
        return None
    delay_us = _delay_us(cross, coherence, frequency, rate)
    each = [_delay_us(one, _coherence(one, a, b), frequency, rate) for one, a, b in parts]
    spread = float(np.percentile(np.abs(np.array(each) - delay_us), 80))
    if not LEAST_DELAY_US <= abs(delay_us) <= MOST_DELAY_US or spread > max(AGREEMENT_US, 0.1 * abs(delay_us)):
        return None
    alike = float(np.median(coherence[middle])) >= TILT_COHERENCE
    return AzimuthError(delay_us, _tilt_db(cross, left, coherence, frequency) if alike else 0.0)


def _cross_spectra(samples: NDArray[np.float32]) -> list[tuple[NDArray[np.complex128], ...]]:
    """Return, part by part of the recording, the cross spectrum and the power of both channels."""
    window = np.hanning(_SIZE + 1)[:-1].astype(np.float32)
    halves = samples[:, : samples.shape[1] // (_SIZE // 2) * (_SIZE // 2)].reshape(2, -1, _SIZE // 2)
    power = np.square(halves).mean(axis=2).sum(axis=0)
    power = power[1:] + power[:-1]
    starts = np.flatnonzero(power > max(_LEAST_POWER * power.max(), 1e-10)) * (_SIZE // 2)
    out: list[tuple[NDArray[np.complex128], ...]] = []
    for part in np.array_split(starts, _PARTS) if starts.size >= 2 * _PARTS else ():
        chosen = part[:: max(1, part.size // _WINDOWS_A_PART)]
        spectra = np.stack([fourier.rfft(samples[:, start : start + _SIZE] * window) for start in chosen])
        one, two = spectra[:, 0].astype(np.complex128), spectra[:, 1].astype(np.complex128)
        out.append(((two * one.conj()).sum(axis=0), (one * one.conj()).sum(axis=0), (two * two.conj()).sum(axis=0)))
    return out


def _coherence(
    cross: NDArray[np.complex128], left: NDArray[np.complex128], right: NDArray[np.complex128]
) -> NDArray[np.float64]:
    return np.asarray(np.square(np.abs(cross)) / (left.real * right.real + 1e-20))


def _delay_us(
    cross: NDArray[np.complex128], coherence: NDArray[np.float64], frequency: NDArray[np.float64], rate: int
) -> float:
    """Return by how much the second channel is late: the highest peak of the weighted correlation, then the phase around it."""
    used = (frequency >= _LOW_HZ) & (frequency <= _HIGH_HZ) & (coherence > _LEAST_SHARED)
    weight = np.where(used, coherence / (1.001 - np.minimum(coherence, 1)), 0)
    if not used.any():
        return 0.0
    turn = np.where(used, np.sqrt(weight), 0) * np.exp(1j * np.angle(cross))
    lags = fourier.irfft(turn, _FINER * _SIZE)
    reach = round(2 * MOST_DELAY_US * 1e-6 * rate * _FINER)
    near = np.concatenate([lags[-reach:], lags[: reach + 1]])
    delay_s = (int(np.argmax(near)) - reach) / (rate * _FINER)
    for _ in range(2):
        left = np.angle(cross * np.exp(2j * np.pi * frequency * delay_s))
        delay_s -= float((weight * frequency) @ left / (2 * np.pi * (weight @ np.square(frequency)) + 1e-20))
    return 1e6 * delay_s


def _tilt_db(
    cross: NDArray[np.complex128],
    left: NDArray[np.complex128],
    coherence: NDArray[np.float64],
    frequency: NDArray[np.float64],
) -> float:
    """Return the slope over the decade from 1 to 10 kHz of the level of what is shared."""
    used = (frequency >= 1000) & (frequency <= _HIGH_HZ) & (coherence > 0.6)
    if used.sum() < 50:
        return 0.0
    level = 20 * np.log10(np.abs(cross[used]) / (left.real[used] + 1e-20) + 1e-20)
    weight = np.sqrt(coherence[used] / (1.001 - np.minimum(coherence[used], 1)) / frequency[used])
    return float(np.polyfit(np.log10(frequency[used]), level, 1, w=weight)[0])
