"""True-peak look-ahead limiter for the end of the master chain.

Two stages of the same kind. Each finds the highest point between the samples, takes the lowest gain of a window ahead and
averages the gains over that window, so the gain reaches a peak's need exactly when the peak arrives and moves in straight
lines. The first does the work: 4x interpolation, a release in two parts. The second, of 1 ms, catches what the finer look
(8x and parabolas) still finds, some hundredths of a decibel on music.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.kernels import njit
from tonmeister.model import Db, Model, Ms
from tonmeister.processing.decibels import DB_PER_LOG2, exp2_in_place, log2_in_place, smoothing_coefficient, to_gain
from tonmeister.processing.dynamics import ACTIVE_DB, Reduction, summarise_reduction
from tonmeister.processing.interpolation import design_phases, find_peaks, refine_peaks
from tonmeister.processing.stream import run_stream

GUARD_DB = 0.045
"""How far under the ceiling the limiter aims: covers the bend of the gain under the interpolator."""
FAST_PART = 0.1
"""The release after a short peak takes this part of release_ms."""
SLOW_SHARE = 0.3
"""Share of the running mean of the reduction that the fast release leaves standing."""
SAFETY_MS = 1.0
"""Window and release of the second stage."""
SAFETY_ZEAL = 1.25
"""What the second stage takes per decibel of excess: a gain that bends within the interpolator's reach needs some more."""
_REFINE_SHARE = 0.85  # the short filter reads up to 1.4 dB too little at the very top of the band
_SLICE_FRAMES = 16384  # keeps a slice of work in the second-level cache; no byte depends on it
_HALF_TAPS = 32
_COARSE_PHASES = design_phases(factor=4, taps=16, beta=5.0)
_PHASES = design_phases(factor=4, taps=24, beta=6.0)
_FINE_PHASES = design_phases(factor=8, taps=2 * _HALF_TAPS, beta=9.0)
_ACTIVE_LOG2 = ACTIVE_DB / DB_PER_LOG2


class TruePeakLimiter(Model):
    """Settings of a true-peak limiter; the ceiling holds between the samples too."""

    kind: Literal["true_peak_limiter"] = "true_peak_limiter"
    drive_db: Db = Field(default=0.0, ge=-40, le=40)
    """Gain before the limiter."""
    ceiling_dbtp: Db = Field(default=-1.0, ge=-20, le=0)
    """Level that no true peak passes (8x interpolation), in dBTP."""
    lookahead_ms: Ms = Field(default=5.0, ge=1, le=10)
    """How long before a peak the gain begins to fall; becomes latency."""
    release_ms: Ms = Field(default=160.0, ge=10, le=2000)
    """Recovery after loud parts; after a short peak it is ten times faster by itself."""


def is_neutral(settings: TruePeakLimiter) -> bool:  # noqa: ARG001 - the same question for every processor
    """A limiter is never neutral: whether it acts depends on the sound."""
    return False


def limit(audio: Audio, settings: TruePeakLimiter, *, key: Audio | None = None) -> Audio:
    """Return the audio, driven and limited under the ceiling; a key changes nothing."""
    stream = TruePeakLimiterStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream, key=key)


@njit(nogil=True, cache=True)
def _turn_to_targets(peaks: NDArray[np.float32], ceiling: float, zeal: float) -> None:
    """Replace peaks by zeal times the gain that brings them down, as a power of two ≤ 0."""
    scale, one = np.float32(1.0 / ceiling), np.float32(1.0)
    for i in range(peaks.size):
        peaks[i] = max(peaks[i] * scale, one)
    log2_in_place(peaks, peaks.size)
    for i in range(peaks.size):
        peaks[i] = np.float32(-zeal) * max(peaks[i], np.float32(0.0))


@njit(nogil=True, cache=True)
def _lower_to(values: NDArray[np.float32], others: NDArray[np.float32]) -> None:
    for i in range(values.size):
        values[i] = min(values[i], others[i])


@njit(nogil=True, cache=True)
def _take_lowest(targets: NDArray[np.float32], window: int) -> NDArray[np.float32]:
    """Return the minimum over each window of targets (window − 1 fewer values), by doubling: exact and vectorised."""
    lowest = targets.copy()
    width = 1
    while 2 * width <= window:
        _lower_to(lowest[: lowest.size - width], lowest[width:])
        width *= 2
    count = targets.size - window + 1
    _lower_to(lowest[:count], lowest[window - width :])
    return lowest[:count]


@njit(nogil=True, cache=True)
def _release(
    lowest: NDArray[np.float32], keep_fast: float, keep_slow: float, share: float, state: NDArray[np.float64]
) -> None:
    """Let the gain recover in two parts, never above what is allowed; state: fast, slow, deepest, sum, active."""
    fast, slow, deepest, total, active = state[0], state[1], state[2], state[3], state[4]
    part_fast, part_slow = (1.0 - keep_fast) * share, 1.0 - keep_slow
    for i in range(lowest.size):
        free = keep_fast * fast + (part_fast * slow - 1e-20)  # the bias keeps denormals away
        slow = keep_slow * slow + part_slow * fast
        allowed = np.float64(lowest[i])
        fast = min(free, allowed)
        works = fast <= -_ACTIVE_LOG2
        deepest = min(deepest, fast)
        total += fast if works else 0.0
        active += 1.0 if works else 0.0
        lowest[i] = np.float32(fast)
    state[0], state[1], state[2], state[3], state[4] = fast, slow, deepest, total, active


@njit(nogil=True, cache=True)
def _average(gains: NDArray[np.float32], window: int, means: NDArray[np.float32], state: NDArray[np.float64]) -> None:
    """Write the mean of each window of gains (window − 1 more than means); state[5] is the running sum.

    Float32 gains down to −48 dB over 2048 frames sum exactly in float64, so the sum neither drifts nor forgets.
    """
    total, part = state[5], 1.0 / window
    ahead = gains[window - 1 :]
    for i in range(means.size):
        newest, oldest = np.float64(ahead[i]), np.float64(gains[i])
        means[i] = np.float32((total + newest) * part)
        total += newest - oldest
    state[5] = total


@njit(nogil=True, cache=True)
def _apply(means: NDArray[np.float32], x: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    for i in range(means.size):
        out[i] = x[i] * means[i]


@njit(nogil=True, cache=True)
def _limit_slice(
    x: Samples,
    first: int,
    targets: NDArray[np.float32],
    gains: NDArray[np.float32],
    numbers: tuple[int, float, float, float],
    state: NDArray[np.float64],
    out: Samples,
) -> None:
    """From targets (window more than frames) to gains (written behind its first window − 1 values) to out."""
    window, keep_fast, keep_slow, share = numbers
    frames = out.shape[1]
    lowest = _take_lowest(targets, window + 1)
    _release(lowest, keep_fast, keep_slow, share, state)
    exp2_in_place(lowest, frames)
    gains[window - 1 :] = lowest
    _average(gains, window, lowest, state)
    for channel in range(out.shape[0]):
        _apply(lowest, x[channel, first:], out[channel])


class _Stage:
    """One stage of limiting at work on one signal."""

    def __init__(
        self, *, ceiling: float, window: int, releases: tuple[float, float], share: float, exact: bool, channels: int
    ) -> None:
        self._ceiling, self._window, self._exact = ceiling, window, exact
        self._numbers = (window, releases[0], releases[1], share)
        self.latency_frames = _HALF_TAPS + window - 1
        self._past = np.zeros((channels, self.latency_frames + 2 * _HALF_TAPS), np.float32)
        self._targets = np.zeros(window, np.float32)
        self._gains = np.ones(window - 1, np.float32)
        self.state = np.array([0.0, 0.0, 0.0, 0.0, 0.0, window - 1.0])

    def process(self, block: Samples) -> Samples:
        """Return the limited frames, late by latency_frames."""
        frames, window = block.shape[1], self._window
        x = np.concatenate((self._past, block), axis=1)
        peaks = np.empty(frames, np.float32)
        first = self._past.shape[1] - _HALF_TAPS
        phases = _PHASES if self._exact else _COARSE_PHASES
        find_peaks(x, first, phases, self._ceiling * _REFINE_SHARE, peaks)
        if self._exact:
            refine_peaks(x, first, _FINE_PHASES, self._ceiling * _REFINE_SHARE, peaks)
        _turn_to_targets(peaks, self._ceiling, SAFETY_ZEAL if self._exact else 1.0)
        targets = np.concatenate((self._targets, peaks))
        gains = np.empty(window - 1 + frames, np.float32)
        gains[: window - 1] = self._gains
        out = np.empty_like(block)
        _limit_slice(x, x.shape[1] - frames - self.latency_frames, targets, gains, self._numbers, self.state, out)
        self._past, self._targets, self._gains = x[:, frames:].copy(), targets[frames:].copy(), gains[frames:].copy()
        return out


class TruePeakLimiterStream:
    """A limiter at work; `reduction` tells what its first stage took away so far."""

    tail_frames = 0

    def __init__(
        self, settings: TruePeakLimiter, *, sample_rate_hz: int, channels: int, with_safety: bool = True
    ) -> None:
        """Start; without its second stage it is quicker, and tips may pass the ceiling by some hundredths of a decibel."""
        ceiling = to_gain(settings.ceiling_dbtp - GUARD_DB)
        fast = smoothing_coefficient(settings.release_ms * FAST_PART, sample_rate_hz)
        slow = smoothing_coefficient(settings.release_ms, sample_rate_hz)
        short = smoothing_coefficient(SAFETY_MS, sample_rate_hz)
        window = max(2, round(settings.lookahead_ms * sample_rate_hz / 1000))
        safety = max(2, round(SAFETY_MS * sample_rate_hz / 1000))
        self._drive = np.float32(to_gain(settings.drive_db))
        self._main = _Stage(
            ceiling=ceiling, window=window, releases=(fast, slow), share=SLOW_SHARE, exact=False, channels=channels
        )
        stages = [self._main]
        if with_safety:
            stages.append(
                _Stage(
                    ceiling=ceiling, window=safety, releases=(short, short), share=0.0, exact=True, channels=channels
                )
            )
        self._stages = tuple(stages)
        self.latency_frames = sum(stage.latency_frames for stage in stages)
        self._frames = 0

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the next frames, late by latency_frames; the key is not used."""
        out = np.empty_like(block)
        for start in range(0, block.shape[1], _SLICE_FRAMES):
            part = block[:, start : start + _SLICE_FRAMES] * self._drive
            for stage in self._stages:
                part = stage.process(part)
            out[:, start : start + _SLICE_FRAMES] = part
        self._frames += block.shape[1]
        return out

    @property
    def reduction(self) -> Reduction:
        """What was taken away so far from the driven sound."""
        deepest, total, active = (float(v) for v in self._main.state[2:5])
        return summarise_reduction(
            deepest_db=deepest * DB_PER_LOG2, sum_db=total * DB_PER_LOG2, active=active, frames=self._frames
        )
