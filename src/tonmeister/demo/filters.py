"""Small filters and shapers of the synthesiser. Not the mixing engine's: the demo must not change when that one does."""

import math

import numpy as np
from numpy.typing import NDArray

from tonmeister.demo.score import SAMPLE_RATE_HZ, Mono, Stereo
from tonmeister.kernels import njit

Biquad = tuple[float, float, float, float, float]
"""b0, b1, b2, a1, a2 with a0 = 1."""


@njit(nogil=True, cache=True)
def _run_biquad(samples: NDArray[np.float64], b0: float, b1: float, b2: float, a1: float, a2: float) -> None:
    state1 = 0.0
    state2 = 0.0
    for i in range(samples.shape[0]):
        value = samples[i]
        out = b0 * value + state1
        state1 = b1 * value - a1 * out + state2 + 1e-25
        state2 = b2 * value - a2 * out
        samples[i] = out


def filtered(samples: Mono, *biquads: Biquad) -> Mono:
    """Return the samples after a chain of second-order filters."""
    out = samples.copy()
    for biquad in biquads:
        _run_biquad(out, *biquad)
    return out


def _angle(centre_hz: float, q: float) -> tuple[float, float]:
    omega = 2.0 * math.pi * centre_hz / SAMPLE_RATE_HZ
    return math.cos(omega), math.sin(omega) / (2.0 * q)


def low_pass(corner_hz: float, *, q: float = math.sqrt(0.5)) -> Biquad:
    """Return a low-pass (R. Bristow-Johnson, Audio EQ Cookbook)."""
    cosine, alpha = _angle(corner_hz, q)
    a0 = 1.0 + alpha
    b1 = (1.0 - cosine) / a0
    return b1 / 2.0, b1, b1 / 2.0, -2.0 * cosine / a0, (1.0 - alpha) / a0


def high_pass(corner_hz: float, *, q: float = math.sqrt(0.5)) -> Biquad:
    """Return a high-pass (Audio EQ Cookbook)."""
    cosine, alpha = _angle(corner_hz, q)
    a0 = 1.0 + alpha
    b1 = -(1.0 + cosine) / a0
    return -b1 / 2.0, b1, -b1 / 2.0, -2.0 * cosine / a0, (1.0 - alpha) / a0


def band_pass(centre_hz: float, *, q: float) -> Biquad:
    """Return a band-pass with 0 dB at its centre (Audio EQ Cookbook)."""
    cosine, alpha = _angle(centre_hz, q)
    a0 = 1.0 + alpha
    return alpha / a0, 0.0, -alpha / a0, -2.0 * cosine / a0, (1.0 - alpha) / a0


def bell(centre_hz: float, *, gain_db: float, q: float) -> Biquad:
    """Return a peaking filter (Audio EQ Cookbook)."""
    cosine, alpha = _angle(centre_hz, q)
    amplitude = 10.0 ** (gain_db / 40.0)
    a0 = 1.0 + alpha / amplitude
    return (
        (1.0 + alpha * amplitude) / a0,
        -2.0 * cosine / a0,
        (1.0 - alpha * amplitude) / a0,
        -2.0 * cosine / a0,
        (1.0 - alpha / amplitude) / a0,
    )


@njit(nogil=True, cache=True)
def _log_cosh(value: float) -> float:
    size = abs(value)
    return size + math.log1p(math.exp(-2.0 * size)) - 0.6931471805599453


@njit(nogil=True, cache=True)
def _drive(samples: NDArray[np.float64], gain: float, bias: float) -> NDArray[np.float64]:
    out = np.empty_like(samples)
    last = bias
    last_integral = _log_cosh(last)
    for i in range(samples.shape[0]):
        value = gain * samples[i] + bias
        integral = _log_cosh(value)
        step = value - last
        if abs(step) > 1e-5:
            out[i] = (integral - last_integral) / step
        else:
            out[i] = math.tanh(0.5 * (value + last))
        last = value
        last_integral = integral
    return out


def driven(samples: Mono, *, gain_db: float, bias: float = 0.0) -> Mono:
    """Return the samples through a tanh stage, kept from aliasing by the integral of its curve.

    First-order antiderivative antialiasing: Parker, Zavalishin, Le Bivic, DAFx 2016.
    """
    shaped: Mono = _drive(samples, 10.0 ** (gain_db / 20.0), bias)
    return shaped - math.tanh(bias)


@njit(nogil=True, cache=True)
def _comb_room(
    samples: NDArray[np.float64], delays: NDArray[np.int64], gains: NDArray[np.float64], damping: float
) -> NDArray[np.float64]:
    out = np.zeros_like(samples)
    for k in range(delays.shape[0]):
        line = np.zeros(delays[k])
        position = 0
        held = 0.0
        for i in range(samples.shape[0]):
            delayed = line[position]
            out[i] += delayed
            held = delayed + damping * (held - delayed) + 1e-25
            line[position] = samples[i] + gains[k] * held
            position += 1
            if position == delays[k]:
                position = 0
    return out


def room(samples: Stereo, *, decay_s: float) -> Stereo:
    """Return the sound of a small room around the samples, without the direct sound (Schroeder's combs)."""
    delays_s = ((0.0151, 0.0187, 0.0229, 0.0271, 0.0313, 0.0359), (0.0157, 0.0193, 0.0223, 0.0277, 0.0319, 0.0353))
    wet = np.empty_like(samples)
    for channel in range(2):
        delays = np.array([frame_count(d) for d in delays_s[channel]], dtype=np.int64)
        gains = np.power(10.0, -3.0 * delays / (decay_s * SAMPLE_RATE_HZ))
        wet[channel] = _comb_room(samples[channel], delays, gains, 0.35) / math.sqrt(len(delays))
    return wet


def frame_count(time_s: float) -> int:
    """Return a delay in whole frames, at least one."""
    return max(1, round(time_s * SAMPLE_RATE_HZ))
