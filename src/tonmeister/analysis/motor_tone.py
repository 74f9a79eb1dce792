"""The hum of a motor: narrow noise just below the mains frequency, against which it slips; it has no steady phase."""

from dataclasses import dataclass

import numpy as np

from tonmeister.analysis import fourier
from tonmeister.analysis.slow import slow_down
from tonmeister.audio import Audio

LOWEST_HZ, HIGHEST_HZ = 44.0, 63.0
OVER_NEIGHBOURS_DB = 8.0
"""In the quiet moments it stands so far above the mean of what is 5 to 12 Hz below and above, and by half of it above both."""
WIDEST_HZ = 6.0
"""At half its height in decibels."""
_WINDOW_S, _HOP_S, _QUIET = 1.0, 0.25, 20


@dataclass(frozen=True, slots=True)
class MotorTone:
    """A narrow noise that was found."""

    frequency_hz: float
    """Its middle."""
    width_hz: float
    """Its width 10 dB below the top."""


def find_motor_tone(audio: Audio) -> MotorTone | None:
    """Return the narrow noise of a motor, or None; meant for voices, which have nothing down there."""
    slow, rate = slow_down(audio, least_hz=1000)
    size, hop = round(_WINDOW_S * rate), round(_HOP_S * rate)
    window = np.hanning(size + 2)[1:-1].astype(np.float32)
    rows = [
        np.square(np.abs(fourier.rfft(slow[:, start : start + size] * window, 4 * size))).sum(axis=0)
        for start in range(0, slow.shape[1] - size + 1, hop)
        if slow[:, start : start + size].any()
    ]
    if len(rows) < 8:
        return None
    power = np.array(rows)
    quiet = power[np.argsort(power[:, : 4 * size // 5].sum(axis=1))[: max(4, len(power) * _QUIET // 100)]].mean(axis=0)
    level, bin_hz = 10 * np.log10(quiet + 1e-20), rate / (4 * size)
    first, last = round(LOWEST_HZ / bin_hz), round(HIGHEST_HZ / bin_hz)
    top = first + int(np.argmax(level[first:last]))
    near, far = round(5 / bin_hz), round(12 / bin_hz)
    below, above = np.median(level[top - far : top - near]), np.median(level[top + near : top + far])
    around = float(below + above) / 2  # the spectrum of a voice rises here
    if level[top] < around + OVER_NEIGHBOURS_DB or level[top] < above + OVER_NEIGHBOURS_DB / 2:
        return None
    low = high = top
    while level[low] > max(level[top] - 10, around) and low > 0:
        low -= 1
    while level[high] > max(level[top] - 10, around) and high < level.size - 1:
        high += 1
    width = (high - low) * bin_hz
    return MotorTone((low + high) / 2 * bin_hz, width) if width <= WIDEST_HZ else None
