"""Gains that take noise out of spectra: where the noise stands, what stands above it, and how much to leave.

Noise moves around its learnt profile by speech presence (Gerkmann and Hendriks 2012), followed from both ends of the
window. What stands above it is estimated by the decision-directed rule (Ephraim and Malah 1984), from both ends as well:
then neither an onset nor an end lags. The gain is the log-spectral one under uncertain presence (Cohen and Berdugo 2001).
"""

import math

import numpy as np
from numpy.typing import NDArray

from tonmeister.kernels import njit

PRESENT_SNR = 10 ** (15 / 10)
"""Ratio that sound is taken to have where it is present, when noise is followed."""
SPEED_S = 0.06
"""Time constant with which the noise estimate follows."""
DECISION_S = 0.15
"""Time constant of the decision-directed rule."""
LEAST_SNR = 10 ** (-25 / 10)
"""Lowest ratio of sound to noise that is assumed."""
ABSENT_SNR, SURE_SNR = 0.2, 1.0
"""Smoothed ratios below which sound is absent and above which it is present."""
_TINY = 1e-20

Powers = NDArray[np.float32]
"""(frames, bins) of power."""


@njit(nogil=True, cache=True)
def follow_noise(power: Powers, profile: Powers, wander: float, keep: float) -> Powers:
    """Return the noise power of each frame and bin, never further than the factor wander from its profile."""
    frames, bins = power.shape
    noise = np.empty_like(power)
    state = profile.copy()
    presence = np.full(bins, 0.5, np.float32)
    weight = PRESENT_SNR / (1.0 + PRESENT_SNR)
    for t in range(frames):
        for k in range(bins):
            here, now = state[k], power[t, k]
            likely = 1.0 / (1.0 + (1.0 + PRESENT_SNR) * math.exp(-min(80.0, now / (here + _TINY) * weight)))
            presence[k] = 0.9 * presence[k] + 0.1 * likely
            if presence[k] > 0.99:
                likely = min(likely, 0.99)  # never stuck when the noise has risen for good
            here = keep * here + (1.0 - keep) * (likely * here + (1.0 - likely) * now)
            here = min(max(here, profile[k] / wander), profile[k] * wander)
            state[k] = here
            noise[t, k] = here
    return noise


@njit(nogil=True, cache=True)
def estimate_snr(power: Powers, noise: Powers, keep: float) -> Powers:
    """Return the ratio of sound to noise, by the decision-directed rule from the first frame on."""
    frames, bins = power.shape
    ratio = np.empty_like(power)
    last = np.zeros(bins, np.float32)
    for t in range(frames):
        for k in range(bins):
            divisor = noise[t, k] + _TINY
            seen = power[t, k] / divisor
            xi = max(keep * last[k] / divisor + (1.0 - keep) * max(seen - 1.0, 0.0), LEAST_SNR)
            wiener = xi / (1.0 + xi)
            last[k] = wiener * wiener * power[t, k]
            ratio[t, k] = xi
    return ratio


@njit(nogil=True, cache=True)
def _half_exponential_integral(v: float) -> float:
    """Return exp(E1(v) / 2) (Abramowitz and Stegun 5.1.53 and 5.1.56, errors below 2e-7 and 5e-5)."""
    if v < 1.0:
        x = max(v, 1e-10)
        series = -0.57721566 + x * (
            0.99999193 + x * (-0.24991055 + x * (0.05519968 + x * (-0.00976004 + x * 0.00107857)))
        )
        return math.exp(0.5 * (series - math.log(x)))
    if v > 30.0:
        return 1.0
    top = 0.250621 + v * (2.334733 + v)
    bottom = 1.681534 + v * (3.330657 + v)
    return math.exp(0.5 * math.exp(-v) / v * top / bottom)


@njit(nogil=True, cache=True)
def smooth_bins(values: Powers, reach: int) -> Powers:
    """Return the running mean over 2 * reach + 1 bins, fewer at the ends."""
    frames, bins = values.shape
    out = np.empty_like(values)
    for t in range(frames):
        total = 0.0
        for k in range(min(reach, bins)):
            total += values[t, k]
        count = min(reach, bins)
        for k in range(bins):
            if k + reach < bins:
                total += values[t, k + reach]
                count += 1
            if k - reach - 1 >= 0:
                total -= values[t, k - reach - 1]
                count -= 1
            out[t, k] = max(0.0, total / count)
    return out


@njit(nogil=True, cache=True)
def smooth_frames(values: Powers, reach: int) -> Powers:
    """Return the mean over 2 * reach + 1 frames with weights that fall in a straight line."""
    frames, bins = values.shape
    out = np.zeros_like(values)
    for t in range(frames):
        weights = np.float32(0.0)
        for u in range(max(0, t - reach), min(frames, t + reach + 1)):
            weight = np.float32(reach + 1 - abs(u - t))
            weights += weight
            for k in range(bins):
                out[t, k] += weight * values[u, k]
        part = np.float32(1.0) / weights
        for k in range(bins):
            out[t, k] *= part
    return out


@njit(nogil=True, cache=True)
def find_presence(local: Powers, wide: Powers, low: float, high: float) -> Powers:
    """Return how likely sound is present from smoothed ratios: 0 below low, 1 above high, by the logarithm between."""
    frames, bins = local.shape
    out = np.empty_like(local)
    span = 1.0 / math.log(high / low)
    for t in range(frames):
        for k in range(bins):
            near = min(1.0, max(0.0, math.log(max(local[t, k], 1e-9) / low) * span))
            far = min(1.0, max(0.0, math.log(max(wide[t, k], 1e-9) / low) * span))
            out[t, k] = near * (0.25 + 0.75 * far)
    return out


@njit(nogil=True, cache=True)
def find_gains(power: Powers, noise: Powers, ratio: Powers, presence: Powers, least: float) -> Powers:
    """Return the log-spectral gain where sound is present, down to least where it is not."""
    frames, bins = power.shape
    out = np.empty_like(power)
    floor = math.log(least)
    for t in range(frames):
        for k in range(bins):
            xi = ratio[t, k]
            seen = min(power[t, k] / (noise[t, k] + _TINY), 1e6)
            wiener = xi / (1.0 + xi)
            gain = min(1.0, wiener * _half_exponential_integral(wiener * seen))
            p = presence[t, k]
            out[t, k] = math.exp(p * math.log(max(gain, least)) + (1.0 - p) * floor)
    return out


def gains_over(power: Powers, noise: Powers, *, hop_s: float, least: float) -> Powers:
    """Return the gain of every frame and bin against the power of what is unwanted there, (frames, bins), least or more."""
    keep = math.exp(-hop_s / DECISION_S)
    ratio = estimate_snr(power, noise, keep)
    ratio += _turn(estimate_snr(_turn(power), _turn(noise), keep))
    ratio *= np.float32(0.5)
    smooth = smooth_frames(ratio, 1)
    presence = find_presence(smooth_bins(smooth, 1), smooth_bins(smooth, 12), ABSENT_SNR, SURE_SNR)
    return find_gains(power, noise, ratio, presence, least)


def noise_of(power: Powers, profile: Powers, *, hop_s: float, wander: float) -> Powers:
    """Return the noise power of every frame and bin: its profile, or what moves around it, seen from both ends.

    Args:
        power: (frames, bins) power of the sound, mean over its channels.
        profile: (bins,) power of the noise.
        hop_s: Seconds from frame to frame.
        wander: How far the noise may move around its profile, as a factor of power; 1 keeps the profile.
    """
    if wander <= 1.0:
        return np.ascontiguousarray(np.broadcast_to(profile, power.shape))
    keep = math.exp(-hop_s / SPEED_S)
    forth = follow_noise(power, profile, wander, keep)
    back = follow_noise(_turn(power), profile, wander, keep)
    return np.asarray(np.sqrt(forth * _turn(back)), dtype=np.float32)


def _turn(values: Powers) -> Powers:
    """Return the frames in the other order of time."""
    return np.ascontiguousarray(values[::-1])
