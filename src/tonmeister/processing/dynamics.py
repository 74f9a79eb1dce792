"""What compressor, expander and de-esser share: level → target in dB → smooth gain reduction → gain.

Log-domain feed-forward design with smooth branching: Giannoulis, Massberg and Reiss, "Digital Dynamic Range Compressor
Design", JAES 60(6), 2012. State is float64, every operation strict IEEE in the order of the frames, so where a block is cut
cannot matter.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Samples
from tonmeister.kernels import njit
from tonmeister.processing.decibels import CHUNK_FRAMES, DB_PER_LOG2, exp2_in_place, log2_in_place

ACTIVE_DB = 0.1
"""A reduction below this does not count as work."""
_ROUNDING_DB = 1e-9
_LOG2_PER_DB = np.float32(1.0 / DB_PER_LOG2)
_DB_PER_LOG2 = np.float32(DB_PER_LOG2)
_LEAST_LEVEL = np.float32(1e-10)  # −200 dB stands for silence


@dataclass(frozen=True, slots=True)
class Curve:
    """A static curve, as the kernels want it: reduction = slope · (bent) excess, never deeper than range_db."""

    threshold_db: float
    knee_db: float
    slope: float
    """Decibels of gain per decibel of excess, negative."""
    below: bool
    """Whether excess is what lies under the threshold (expander) or above it (compressor)."""
    range_db: float
    fall: float
    """One-pole factor while the gain falls."""
    rise: float
    """One-pole factor while the gain rises."""
    makeup_db: float
    mix: float
    rms: float
    """One-pole factor of the mean square; 0 detects peaks."""

    def as_numbers(self) -> NDArray[np.float64]:
        """Return the row of numbers that ride_gain reads."""
        sign = -1.0 if self.below else 1.0
        row = (self.threshold_db, self.knee_db, self.slope, sign, self.range_db, self.fall, self.rise)
        return np.array([*row, self.makeup_db, self.mix, self.rms], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Reduction:
    """What a processor took away from the start of its stream on; does not depend on the blocks."""

    max_reduction_db: float
    """Deepest reduction, a positive number of decibels."""
    mean_reduction_db: float
    """Mean reduction over the frames in which it was at least 0.1 dB; 0 if there were none."""
    active_share: float
    """Share of the frames in which the reduction was at least 0.1 dB."""


def summarise_reduction(*, deepest_db: float, sum_db: float, active: float, frames: int) -> Reduction:
    """Return the numbers of a reduction from running sums (gains in dB, negative)."""
    return Reduction(
        max_reduction_db=max(0.0, -deepest_db) if deepest_db < -_ROUNDING_DB else 0.0,
        mean_reduction_db=-sum_db / active if active else 0.0,
        active_share=active / frames if frames else 0.0,
    )


def new_state() -> NDArray[np.float64]:
    """Return the state of find_gain at rest: gain dB, mean squares of 2 channels; deepest dB, sum dB, count while active."""
    return np.zeros(6)


def read_reduction(state: NDArray[np.float64], *, frames: int) -> Reduction:
    """Return what find_gain noted in its state over so many frames."""
    deepest_db, sum_db, active = (float(v) for v in state[3:6])
    return summarise_reduction(deepest_db=deepest_db, sum_db=sum_db, active=active, frames=frames)


class DelayLine:
    """Holds sound back by a number of frames."""

    def __init__(self, frames: int, channels: int) -> None:
        self._past = np.zeros((channels, frames), np.float32)

    def join(self, block: Samples) -> Samples:
        """Return what was held back followed by the block: the first block-length of it is the delayed sound."""
        if self._past.shape[1] == 0:
            return block
        joined = np.concatenate((self._past, block), axis=1)
        self._past = joined[:, block.shape[1] :].copy()
        return joined


@njit(nogil=True, cache=True)
def _read_peak(source: Samples, start: int, count: int, levels: NDArray[np.float32]) -> None:
    first, last = source[0, start : start + count], source[source.shape[0] - 1, start : start + count]
    for i in range(count):
        level, other = abs(first[i]), abs(last[i])
        level = max(level, other)
        levels[i] = max(_LEAST_LEVEL, level)


@njit(nogil=True, cache=True)
def _read_mean_square(
    source: Samples, start: int, count: int, keep: float, state: NDArray[np.float64], levels: NDArray[np.float32]
) -> None:
    last = source.shape[0] - 1
    first_power, last_power = state[1], state[2]
    for i in range(count):
        a, b = np.float64(source[0, start + i]), np.float64(source[last, start + i])
        first_power = keep * first_power + ((1.0 - keep) * a * a + 1e-40)  # the bias keeps denormals away
        last_power = keep * last_power + ((1.0 - keep) * b * b + 1e-40)
        levels[i] = np.float32(max(first_power, last_power, 1e-20))
    state[1], state[2] = first_power, last_power


@njit(nogil=True, cache=True)
def _shape_targets(levels: NDArray[np.float32], count: int, curve: NDArray[np.float64]) -> None:
    threshold, knee, slope = np.float32(curve[0]), np.float32(curve[1]), np.float32(curve[2])
    sign, deepest = np.float32(curve[3]), np.float32(-curve[4])
    half, zero = np.float32(curve[1] / 2), np.float32(0)
    bend = np.float32(0.5 / curve[1]) if curve[1] > 0 else zero
    scale = _DB_PER_LOG2 if curve[9] == 0.0 else np.float32(0.5) * _DB_PER_LOG2  # of amplitude or of power
    for i in range(count):
        excess = sign * (scale * levels[i] - threshold)
        inside = min(max(excess + half, zero), knee)
        levels[i] = max(slope * (bend * (inside * inside) + max(excess - half, zero)), deepest)


@njit(nogil=True, cache=True)
def _smooth(values: NDArray[np.float32], count: int, fall: float, rise: float, state: NDArray[np.float64]) -> None:
    """Approach the targets: of the two one-poles, the lower wins if falling is the faster one, else the higher."""
    gain_db, deepest, total, active = state[0], state[3], state[4], state[5]
    part_fall, part_rise = 1.0 - fall, 1.0 - rise
    sign = 1.0 if fall <= rise else -1.0  # the higher is the lower of the negated
    gain_db, low_fall, low_rise = sign * gain_db, sign * part_fall, sign * part_rise
    for i in range(count):
        target = np.float64(values[i]) - 1e-20  # the bias keeps the state out of denormals
        falling = fall * gain_db + low_fall * target
        rising = rise * gain_db + low_rise * target
        gain_db = min(rising, falling)
        reached = sign * gain_db  # what follows waits for nothing: it hides in the latency of the line before
        deepest = min(deepest, reached)
        works = reached <= -ACTIVE_DB
        total += reached if works else 0.0
        active += 1.0 if works else 0.0
        values[i] = np.float32(reached)
    state[0], state[3], state[4], state[5] = sign * gain_db, deepest, total, active


@njit(nogil=True, cache=True)
def _turn_to_gain(values: NDArray[np.float32], count: int, makeup_db: float, mix: float) -> None:
    makeup = np.float32(makeup_db / DB_PER_LOG2)
    for i in range(count):
        values[i] = values[i] * _LOG2_PER_DB + makeup
    exp2_in_place(values, count)
    if mix < 1.0:
        wet, dry = np.float32(mix), np.float32(1.0 - mix)
        for i in range(count):
            values[i] = dry + wet * values[i]


@njit(nogil=True, cache=True)
def find_gain(
    source: Samples,
    start: int,
    count: int,
    curve: NDArray[np.float64],
    state: NDArray[np.float64],
    gains: NDArray[np.float32],
) -> None:
    """Write the linear gain of up to CHUNK_FRAMES frames of the source into gains; carry on the state."""
    if curve[9] > 0.0:
        _read_mean_square(source, start, count, curve[9], state, gains)
    else:
        _read_peak(source, start, count, gains)
    log2_in_place(gains, count)
    _shape_targets(gains, count, curve)
    _smooth(gains, count, curve[5], curve[6], state)
    _turn_to_gain(gains, count, curve[7], curve[8])


@njit(nogil=True, cache=True)
def ride_gain(
    source: Samples, delayed: Samples, out: Samples, curve: NDArray[np.float64], state: NDArray[np.float64]
) -> None:
    """Write delayed × gain into out; the gain comes from the source (1 or 2 channels) of the same frames."""
    gains = np.empty(CHUNK_FRAMES, np.float32)
    for start in range(0, out.shape[1], CHUNK_FRAMES):
        count = min(CHUNK_FRAMES, out.shape[1] - start)
        find_gain(source, start, count, curve, state, gains)
        for channel in range(out.shape[0]):
            sound, ridden = delayed[channel, start : start + count], out[channel, start : start + count]
            for i in range(count):
                ridden[i] = sound[i] * gains[i]


class GainRider:
    """Carries the state of one curve over the blocks of one signal."""

    def __init__(self, curve: Curve, *, lookahead_frames: int, channels: int) -> None:
        self._state = new_state()
        self._frames = 0
        self._curve = curve.as_numbers()
        self._delay = DelayLine(lookahead_frames, channels)

    def ride(self, block: Samples, key: Samples | None) -> Samples:
        """Return the delayed block with the gain that the key (or the block) asks for."""
        out = np.empty_like(block)
        ride_gain(block if key is None else key, self._delay.join(block), out, self._curve, self._state)
        self._frames += block.shape[1]
        return out

    @property
    def reduction(self) -> Reduction:
        """What was taken away so far."""
        return read_reduction(self._state, frames=self._frames)
