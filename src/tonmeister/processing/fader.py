"""Fader and pan: sample-accurate gain curves in song time, constant-power pan, stereo balance.

A curve's value at a frame depends on the frame's number in the song alone, and where all curves stand still one
fused pass does the work; both ways compute a gain by the same operations, so cuts never change a byte.
No fast-math here, and no library sine or exponential: a vector form of those may differ from its scalar form.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi, sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tonmeister.audio import Samples
from tonmeister.kernels import njit

Floats = NDArray[np.float64]
Law = Literal["hold", "linear_gain", "linear_db"]
"""Between points: keep the earlier value; ramp the gain or plain value; ramp the decibels."""

SILENT_DB = -120.0
"""A gain at or below this is off."""
_HOLD, _LINEAR, _DECIBELS = 0, 1, 2
_SPAN = 8192
"""Frames of gain that are computed at a time; they stay in the second-level cache."""
_OCTAVES_PER_DB = 0.16609640474436813
_LOUDEST_DB = 120.0
_ROUND = 6755399441055744.0
"""1.5 x 2^52: added to a float64 it leaves the nearest whole number in the lowest bits."""
_POWER_OF_TWO = tuple(0.6931471805599453**k / np.prod(np.arange(1.0, k + 1)) for k in range(10))
_E1, _E2, _E3, _E4, _E5, _E6, _E7, _E8, _E9 = (float(term) for term in _POWER_OF_TWO[1:])
"""Taylor terms of 2^x; on [-0.5, 0.5] they are right to 1e-11."""
_S1, _S3, _S5, _S7, _S9, _S11, _S13, _S15 = (
    float((pi / 2) ** k / np.prod(np.arange(1.0, k + 1)) * (-1) ** (k // 2)) for k in range(1, 16, 2)
)
"""Taylor terms of sin(x pi / 2); on [0, 1] they are right to 1e-11."""
_ROOT_2 = sqrt(2.0)


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A value over the song: breakpoints and what happens between them; outside them the value holds.

    Make one with `gain_curve` (from decibels) or `plain_curve` (pan, mute).
    """

    frames: Floats
    """Absolute song frames of the points, rising; need not be whole."""
    values: Floats
    """Values at the points: decibels where code is 2, else gains or plain values."""
    code: int
    """0 hold, 1 linear, 2 linear in decibels."""

    def is_constant_over(self, start_frame: int, frames: int) -> bool:
        """Say whether the curve has one value over these frames."""
        first, last = np.searchsorted(self.frames, (start_frame, start_frame + max(frames, 1) - 1), side="right") - 1
        reach = last if self.code == _HOLD else min(last + 1, len(self.values) - 1)
        values = self.values[max(first, 0) : max(reach, 0) + 1]
        return bool(np.all(values == values[0]))

    def at(self, start_frame: int, frames: int = 1) -> Floats:
        """Return the values (gains, for decibel curves) at these frames, float64."""
        out = np.empty(frames)
        _fill(self.frames, self.values, self.code, start_frame, out)
        return out


def gain_curve(frames: ArrayLike, values_db: ArrayLike, *, law: Law = "linear_db") -> Curve:
    """Return a gain curve from points in song frames and decibels; at or below -120 dB it is off."""
    decibels = np.minimum(np.array(values_db, dtype=np.float64), _LOUDEST_DB)
    if law == "linear_db":
        return Curve(np.array(frames, dtype=np.float64), np.maximum(decibels, SILENT_DB), _DECIBELS)
    gains = np.empty_like(decibels)
    for i, value_db in enumerate(decibels):
        _fill(np.zeros(1), np.array([max(value_db, SILENT_DB)]), _DECIBELS, 0, gains[i : i + 1])
    return plain_curve(frames, gains, law=law)


def plain_curve(frames: ArrayLike, values: ArrayLike, *, law: Literal["hold", "linear_gain"] = "linear_gain") -> Curve:
    """Return a curve of plain values (a pan, a linear gain, 1 - mute) from points in song frames."""
    code = _HOLD if law == "hold" else _LINEAR
    return Curve(np.array(frames, dtype=np.float64), np.array(values, dtype=np.float64), code)


def is_silent_over(gains: Sequence[Curve], start_frame: int, frames: int) -> bool:
    """Say whether one of the gain curves is off over all of these frames, so that the sound need not be made."""
    return any(curve.is_constant_over(start_frame, frames) and curve.at(start_frame)[0] == 0 for curve in gains)


def fade(block: Samples, *, start_frame: int, gains: Sequence[Curve], out: Samples | None = None) -> Samples:
    """Return the block (channels, frames) times the product of gain curves; start_frame is its place in the song.

    Args:
        block: (1 or 2, frames) float32, C-contiguous.
        start_frame: Absolute song frame of the block's first sample; may be negative.
        gains: Curves that multiply; none leaves the sound as it is.
        out: Where to write, same shape; may be the block itself.
    """
    out = np.empty_like(block) if out is None else out
    frames = block.shape[1]
    if all(curve.is_constant_over(start_frame, frames) for curve in gains):
        gain = np.float32(_product(gains, start_frame, 1)[0])
        return np.multiply(block, gain, out=out)
    for start in range(0, frames, _SPAN):
        part = slice(start, min(start + _SPAN, frames))
        gain_over_time = _product(gains, start_frame + start, part.stop - start).astype(np.float32)
        np.multiply(block[:, part], gain_over_time, out=out[:, part])
    return out


def fade_pan(
    block: Samples, *, start_frame: int, gains: Sequence[Curve], pan: Curve, out: Samples | None = None
) -> Samples:
    """Return the block as stereo (2, frames): times the product of gain curves, then panned.

    One channel is panned by constant power (-3.01 dB a side at the centre, 0 dB hard left or right); two channels are
    balanced (0 dB at the centre, the far side falls along the same sine).

    Args:
        block: (1 or 2, frames) float32, C-contiguous.
        start_frame: Absolute song frame of the block's first sample; may be negative.
        gains: Curves that multiply; none leaves the level as it is.
        pan: -1 left … 0 … +1 right.
        out: Where to write, (2, frames); may be a stereo block itself.
    """
    channels, frames = block.shape
    out = np.empty((2, frames), np.float32) if out is None else out
    if all(curve.is_constant_over(start_frame, frames) for curve in (*gains, pan)):
        sides = _sides(gains, pan, start_frame, 1, channels)
        np.multiply(block[0], sides[0, 0], out=out[0])
        np.multiply(block[-1], sides[1, 0], out=out[1])
        return out
    for start in range(0, frames, _SPAN):
        part = slice(start, min(start + _SPAN, frames))
        sides = _sides(gains, pan, start_frame + start, part.stop - start, channels)
        np.multiply(block[:, part], sides, out=out[:, part])
    return out


def _product(gains: Sequence[Curve], start_frame: int, frames: int) -> Floats:
    """Return the product of the curves, in their order."""
    if not gains:
        return np.ones(frames)
    product = gains[0].at(start_frame, frames)
    for curve in gains[1:]:
        product *= curve.at(start_frame, frames)
    return product


def _sides(gains: Sequence[Curve], pan: Curve, start_frame: int, frames: int, channels: int) -> Samples:
    """Return the gains of left and right, (2, frames) float32."""
    gain = _product(gains, start_frame, frames)
    sides = np.empty((2, frames), np.float32)
    if pan.is_constant_over(start_frame, frames):
        place = np.empty((2, 1))
        _place(pan.at(start_frame), channels, place)
        np.multiply(gain, place, out=sides, casting="same_kind")
        return sides
    places = np.empty((2, frames))
    _place(pan.at(start_frame, frames), channels, places)
    return np.multiply(gain, places, out=sides, casting="same_kind")


@njit(nogil=True, cache=True)
def _fill(points: Floats, values: Floats, code: int, start_frame: int, out: Floats) -> None:
    """Write the curve's values at start_frame … into out, one straight piece after the other."""
    frames, last, i = len(out), len(points) - 1, 0
    while i < frames:
        after = int(np.searchsorted(points, start_frame + i, side="right"))
        before = max(after - 1, 0)
        end = frames
        if after <= last:
            end = min(frames, max(i + 1, int(np.ceil(points[after])) - start_frame))
        slope = 0.0
        if 0 < after <= last and code != _HOLD:
            slope = (values[after] - values[before]) / (points[after] - points[before])
        origin, offset = values[before], start_frame - points[before]
        if slope == 0.0:
            out[i:end] = origin
        else:
            for j in range(i, end):
                out[j] = origin + slope * (offset + j)
        i = end
    if code == _DECIBELS:
        _to_gain(out)


@njit(nogil=True, cache=True)
def _to_gain(values: Floats) -> None:
    """Turn decibels (-120 … 120) into gains in place: 2^whole by its bits, 2^rest by its series; -120 dB is zero."""
    shifted = np.empty(len(values))
    bits = shifted.view(np.int64)
    for i in range(len(values)):
        octaves = values[i] * _OCTAVES_PER_DB
        shifted[i] = octaves + _ROUND
        x = octaves - (shifted[i] - _ROUND)
        high = _E5 + x * (_E6 + x * (_E7 + x * (_E8 + x * _E9)))
        rest = 1.0 + x * (_E1 + x * (_E2 + x * (_E3 + x * (_E4 + x * high))))
        values[i] = rest if values[i] > SILENT_DB else 0.0
    for i in range(len(values)):
        bits[i] = (bits[i] + 1023) << 52
    for i in range(len(values)):
        values[i] *= shifted[i]


@njit(nogil=True, cache=True)
def _place(pan: Floats, channels: int, sides: Floats) -> None:
    """Write the gains of left and right for each pan value; sides is (2, frames)."""
    for i in range(len(pan)):
        right = min(max(0.5 + 0.5 * pan[i], 0.0), 1.0)
        sides[0, i] = _sine(1.0 - right)
        sides[1, i] = _sine(right)
    if channels == 2:
        for i in range(len(pan)):
            sides[0, i] = min(1.0, _ROOT_2 * sides[0, i]) if pan[i] > 0.0 else 1.0
            sides[1, i] = min(1.0, _ROOT_2 * sides[1, i]) if pan[i] < 0.0 else 1.0


@njit(nogil=True, cache=True)
def _sine(x: float) -> float:
    """Return sin(x pi / 2) for x in 0 … 1."""
    s = x * x
    high = _S9 + s * (_S11 + s * (_S13 + s * _S15))
    return x * (_S1 + s * (_S3 + s * (_S5 + s * (_S7 + s * high))))
