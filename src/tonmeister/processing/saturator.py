"""Saturation and clipping without audible aliasing: the curve runs at four times the rate.

Up and down by one linear-phase fourth-band low-pass (windowed sinc, 100 dB Kaiser, flat to 0.43 of the rate) in
polyphase form: 51 frames of latency. Clips may overshoot their ceiling by what the band limit rounds off. The peak clip leaves what
is below its ceiling as it is, to the bit, and adds what the clipping takes away, band-limited: where nothing is clipped it costs nothing.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.kernels import njit
from tonmeister.model import Db, Model, Share
from tonmeister.processing.stream import run_stream

Line = NDArray[np.float32]
OVERSAMPLING = 4
LATENCY_FRAMES = 51
_TAPS = LATENCY_FRAMES + 1
"""Taps of one phase; a multiple of four, as the kernel takes four at a time."""
_KAISER_BETA = 10.06
"""0.1102 (A - 8.7) for a stop band of A = 100 dB (Kaiser)."""
_CHUNK = 1024
_CODES = {"tanh": 0, "tape": 1, "tube": 2, "soft_clip": 3, "hard_clip": 4, "peak_clip": 5}
_TUBE_BIAS = 0.35
"""Working point of the tube curve: the second harmonic of a sine at the ceiling lies 18 dB below it, the third 26 dB."""
_TUBE_SLOPE = 1.0 - float(np.tanh(_TUBE_BIAS)) ** 2
_NEAR_CLIP = np.float32(0.7)
"""Between two samples below this share of the ceiling nothing is clipped: real sound rises less than 3 dB above its samples there."""
_KNEE = np.float32(0.5)
"""Where the soft clip leaves the straight line, as a share of the ceiling; it is flat from 1.25."""
_ROUND = 6755399441055744.0
"""1.5 x 2^52: added to a float64 it leaves the nearest whole number in the lowest bits."""
_OCTAVES_PER_UNIT = -2 / np.log(2).item()
_E1, _E2, _E3, _E4, _E5, _E6, _E7, _E8, _E9 = (
    float(np.log(2) ** k / np.prod(np.arange(1.0, k + 1))) for k in range(1, 10)
)
"""Taylor terms of 2^x."""
_BLOCKER_HZ = 5.0
"""Corner of the high-pass that takes out the offset of the tube curve."""


class Saturator(Model):
    """Settings of a saturator or clipper."""

    kind: Literal["saturator"] = "saturator"
    shape: Literal["tanh", "tape", "tube", "soft_clip", "hard_clip", "peak_clip"] = "tanh"
    """tanh and tape round softly (odd harmonics; tape bends earlier), tube adds even ones, clips leave what is below alone (peak_clip to the
    bit)."""
    drive_db: Db = Field(default=6.0, ge=0, le=36)
    """Gain into the curve, taken out again behind it: quiet sound keeps its level, the ceiling comes down by it."""
    ceiling_db: Db = Field(default=0.0, ge=-36, le=0)
    """Level the curve flattens out at before the drive, in dBFS."""
    output_db: Db = Field(default=0.0, ge=-36, le=36)
    """Gain of the shaped sound; equal to drive_db it brings the ceiling back to ceiling_db."""
    mix: Share = 1.0
    """Shaped share of the output; 0 changes nothing."""


def is_neutral(settings: Saturator) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.mix == 0


def saturate(audio: Audio, settings: Saturator, *, key: Audio | None = None) -> Audio:
    """Return the audio, saturated or clipped; a key changes nothing."""
    stream = SaturatorStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream, key=key)


class SaturatorStream:
    """A saturator at work on one signal."""

    def __init__(self, settings: Saturator, *, sample_rate_hz: int, channels: int) -> None:
        self._passes = is_neutral(settings)
        self.latency_frames = 0 if self._passes else LATENCY_FRAMES
        blocks_offset = settings.shape == "tube" and not self._passes
        self.tail_frames = int(np.ceil(sample_rate_hz * np.log(1e5) / (2 * np.pi * _BLOCKER_HZ))) * blocks_offset
        into = 10 ** ((settings.drive_db - settings.ceiling_db) / 20)
        wet = settings.mix * 10 ** (settings.output_db / 20)
        self._code = _CODES[settings.shape]
        self._gains = np.array([into, 1 / into, wet, 1 - settings.mix], np.float32)
        self._pole = 1 - 2 * np.pi * _BLOCKER_HZ / sample_rate_hz if blocks_offset else 0.0
        self._up, self._down = _polyphase()
        self._before = np.zeros((channels, LATENCY_FRAMES), np.float32)
        self._shaped = np.zeros((channels, OVERSAMPLING, LATENCY_FRAMES), np.float32)
        self._offset = np.zeros((channels, 2))
        self._taken = np.zeros((channels, LATENCY_FRAMES), np.float32)

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the block (channels, frames), shaped, `latency_frames` late."""
        del key
        if self._passes:
            return block.copy()
        out = np.empty_like(block)
        for channel in range(block.shape[0]):
            if self._code == _CODES["peak_clip"]:
                kept = (self._before[channel], self._taken[channel])
                clip_channel(block[channel], out[channel], self._gains, self._up, self._down, *kept)
                continue
            carried = (self._before[channel], self._shaped[channel], self._offset[channel])
            run_channel(
                block[channel], out[channel], self._code, self._gains, self._up, self._down, *carried, self._pole
            )
        return out


def _polyphase() -> tuple[Samples, Samples]:
    """Return the taps of going up and down, each (4, taps), last sample's tap last."""
    n = np.arange(-2 * LATENCY_FRAMES, 2 * LATENCY_FRAMES + 1)
    prototype = np.sinc(n / OVERSAMPLING) * np.kaiser(len(n), _KAISER_BETA)
    prototype[(n % OVERSAMPLING == 0) & (n != 0)] = 0.0  # exact zeros: the kernel skips them
    up, down = np.zeros((2, OVERSAMPLING, _TAPS))
    for phase in range(OVERSAMPLING):
        ahead, behind = prototype[phase::OVERSAMPLING], prototype[(-phase) % OVERSAMPLING :: OVERSAMPLING]
        up[phase, : len(ahead)] = ahead
        late = 1 if phase else 0
        down[phase, late : late + len(behind)] = behind / OVERSAMPLING
    return tuple(np.ascontiguousarray(taps[:, ::-1], np.float32) for taps in (up, down))  # type: ignore[return-value]  # two of two


@njit(nogil=True, cache=True)
def run_channel(
    sound: Line, out: Line, code: int, gains: Line, up: Samples, down: Samples,
    before: Line, shaped: Samples, offset: NDArray[np.float64], pole: float,
) -> None:  # fmt: skip
    """Saturate one channel; before, shaped and offset are carried from block to block."""
    late = len(before)
    line = np.empty(late + _CHUNK, np.float32)
    fast = np.empty(late + _CHUNK, np.float32)
    wet = np.empty(_CHUNK, np.float32)
    for start in range(0, len(sound), _CHUNK):
        size = min(_CHUNK, len(sound) - start)
        _move(before, 0, line, 0, late)
        _move(sound, start, line, late, size)
        wet.fill(0)
        for phase in range(OVERSAMPLING):
            _move(shaped[phase], 0, fast, 0, late)
            ahead = fast[late:]
            ahead.fill(0)
            _add_filtered(line, up[phase], ahead, size)
            shape(ahead, size, code, gains[0])
            _add_filtered(fast, down[phase], wet, size)
            _move(fast, size, shaped[phase], 0, late)
        if pole > 0:
            _block_offset(wet, size, pole, offset)
        for i in range(size):
            out[start + i] = gains[3] * line[i] + gains[2] * (gains[1] * wet[i])
        _move(line, size, before, 0, late)


@njit(nogil=True, cache=True)
def clip_channel(sound: Line, out: Line, gains: Line, up: Samples, down: Samples, before: Line, taken: Line) -> None:
    """Clip the peaks of one channel: look between samples that come near the ceiling, and take away what stands over it, band-limited.

    `before` are the last samples, `taken` what is still to be taken away; both are carried from block to block. Each frame's part is
    added in the order of time, so how the sound is cut never changes a byte.
    """
    late, one, into = len(before), np.float32(1), gains[0]
    middle = late // 2
    line = np.empty(late + _CHUNK, np.float32)
    away = np.empty(late + _CHUNK, np.float32)
    for start in range(0, len(sound), _CHUNK):
        size = min(_CHUNK, len(sound) - start)
        _move(before, 0, line, 0, late)
        _move(sound, start, line, late, size)
        away.fill(0)
        _move(taken, 0, away, 0, late)
        for i in range(size):
            if max(abs(line[i + middle]), abs(line[i + middle + 1])) * into <= _NEAR_CLIP:
                continue
            for phase in range(OVERSAMPLING):
                between = np.float32(0)
                for t in range(late + 1):
                    between += up[phase, t] * line[i + t]
                over = abs(between * into) - one
                if over > 0:
                    less = -over if between >= 0 else over
                    for t in range(late + 1):
                        away[i + late - t] += down[phase, t] * less
        for i in range(size):
            out[start + i] = gains[3] * line[i] + gains[2] * (line[i] + gains[1] * away[i])
        _move(line, size, before, 0, late)
        _move(away, size, taken, 0, late)


@njit(nogil=True, cache=True)
def _move(source: Line, at: int, target: Line, to: int, size: int) -> None:
    """Copy size samples."""
    for i in range(size):
        target[to + i] = source[at + i]


@njit(nogil=True, cache=True, fastmath={"contract", "nsz"})
def _add_filtered(line: Line, taps: Line, out: Line, size: int) -> None:
    """Add the FIR-filtered line to out, four taps a pass; all-zero groups of taps cost nothing."""
    for t in range(0, len(taps), 4):
        h0, h1, h2, h3 = taps[t], taps[t + 1], taps[t + 2], taps[t + 3]
        if h0 == 0 and h1 == 0 and h2 == 0 and h3 == 0:
            continue
        # Slices, because an index that is a sum would be checked for being negative, which keeps it from SIMD.
        x0, x1, x2, x3 = line[t:], line[t + 1 :], line[t + 2 :], line[t + 3 :]
        for i in range(size):
            out[i] = (((out[i] + h0 * x0[i]) + h1 * x1[i]) + h2 * x2[i]) + h3 * x3[i]


@njit(nogil=True, cache=True)
def _block_offset(line: Line, size: int, pole: float, state: NDArray[np.float64]) -> None:
    """First-order high-pass in place: y[n] = x[n] - x[n-1] + pole y[n-1]."""
    previous, y = state[0], state[1]
    for i in range(size):
        x = float(line[i])
        y = x - previous + pole * y
        if abs(y) < 1e-20:
            y = 0.0
        previous = x
        line[i] = y
    state[0], state[1] = previous, y


@njit(nogil=True, cache=True, error_model="numpy")
def shape(line: Line, size: int, code: int, into: np.float32) -> None:
    """Bend size samples times `into` in place: slope 1 at zero, flat at 1."""
    one, knee = np.float32(1), _KNEE
    if code == 0:
        for i in range(size):
            line[i] = _tanh(float(line[i] * into))
    elif code == 1:
        for i in range(size):
            x = line[i] * into
            line[i] = x / np.sqrt(one + x * x)
    elif code == 2:
        at_rest = _tanh(_TUBE_BIAS)
        for i in range(size):
            line[i] = (_tanh(float(line[i] * into) + _TUBE_BIAS) - at_rest) / _TUBE_SLOPE
    elif code == 3:
        for i in range(size):
            x = line[i] * into
            size_of = abs(x)
            u = min(max(size_of - knee, np.float32(0)) / (one - knee), np.float32(1.5))
            bent = min(size_of, knee) + (one - knee) * (u - u * u * u * np.float32(4 / 27))
            line[i] = bent if x >= 0 else -bent
    else:
        for i in range(size):
            line[i] = min(max(line[i] * into, -one), one)


@njit(nogil=True, cache=True, error_model="numpy")
def _tanh(x: float) -> float:
    """Return (1 - e) / (1 + e) with e = exp(-2 |x|): 2^whole by its bits, 2^rest by its series, right to 1e-11.

    The library's tanh would cost five times as much, and could round otherwise in its vector form.
    """
    octaves = max(abs(x) * _OCTAVES_PER_UNIT, -100.0)
    shifted = np.float64(octaves + _ROUND)
    r = octaves - (shifted - _ROUND)
    high = _E5 + r * (_E6 + r * (_E7 + r * (_E8 + r * _E9)))
    rest = 1.0 + r * (_E1 + r * (_E2 + r * (_E3 + r * (_E4 + r * high))))
    e = rest * np.int64((shifted.view(np.int64) + 1023) << 52).view(np.float64)
    size = (1.0 - e) / (1.0 + e)
    return float(size if x >= 0.0 else -size)
