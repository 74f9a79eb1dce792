"""Evens the speed of a tape or a record that swings: reads the sound where it should have been."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.kernels import njit
from tonmeister.model import Model, Seconds, Share
from tonmeister.processing.stream import run_stream

TAPS = 32
"""Length of the interpolator (Kaiser window, image below -80 dB up to 0.85 of the Nyquist frequency)."""
_PHASES = 512
_BETA = 8.0


class Unwow(Model):
    """Settings of a corrector of wow: how far the sound runs ahead of an even speed."""

    kind: Literal["unwow"] = "unwow"
    knot_s: Seconds = Field(default=0.05, gt=0)
    """Seconds from knot to knot of `ahead_ms`, the first at the start."""
    ahead_ms: tuple[float, ...] = ()
    """How far what plays at each knot lies ahead of where it would at even speed; none changes nothing."""
    start_s: Seconds = 0.0
    """Where in the song the sound begins to which the knots refer."""
    amount: Share = 1.0
    """Share of the correction."""


def is_neutral(settings: Unwow) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.amount == 0 or not any(settings.ahead_ms)


def unwow(audio: Audio, settings: Unwow) -> Audio:
    """Return the audio at an even speed, of the same length."""
    stream = UnwowStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream)


class UnwowStream:
    """A corrector of wow at work: a delay line whose length follows the knots."""

    tail_frames = 0

    def __init__(self, settings: Unwow, *, sample_rate_hz: int, channels: int) -> None:
        self._neutral = is_neutral(settings)
        self._ahead = np.array(settings.ahead_ms or (0.0,)) * (settings.amount * sample_rate_hz / 1000)
        self._step = settings.knot_s * sample_rate_hz
        self._start = round(settings.start_s * sample_rate_hz)
        reach = int(np.ceil(np.abs(self._ahead).max())) + TAPS
        self.latency_frames = 0 if self._neutral else reach
        self._held = np.zeros((channels, 2 * reach), np.float32)
        self._frame = 0
        self._table = _interpolator()

    def start_at(self, frame: int) -> None:
        """Say that the first frame to come is this one of the song."""
        self._frame = frame

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the next frames, late by latency_frames; the key is not used."""
        if self._neutral:
            return block.copy()
        sound = np.concatenate((self._held, block), axis=1)
        out = np.zeros_like(block)
        late = self.latency_frames
        if sound.any():
            _read(sound, out, self._frame - late - self._start, late, self._ahead, self._step, self._table)
        self._held = sound[:, block.shape[1] :].copy()
        self._frame += block.shape[1]
        return out


def _interpolator() -> NDArray[np.float64]:
    """Return (phases + 1, taps): windowed sincs of every fraction of a frame."""
    fraction = np.arange(_PHASES + 1)[:, None] / _PHASES
    distance = fraction - np.arange(1 - TAPS // 2, TAPS // 2 + 1)
    window = np.i0(_BETA * np.sqrt(np.maximum(0, 1 - np.square(distance / (TAPS / 2))))) / np.i0(_BETA)
    taps = np.sinc(distance) * window
    return np.asarray(taps / taps.sum(axis=1, keepdims=True))


@njit(nogil=True, cache=True)
def _ahead_at(frame: float, ahead: NDArray[np.float64], step: float) -> float:
    """Return the knots' value at a frame, along a Catmull-Rom curve."""
    last = ahead.size - 1
    place = min(max(frame / step, 0.0), float(last))
    k = min(int(place), max(0, last - 1))
    t = place - k
    b, c = ahead[k], ahead[min(last, k + 1)]
    a = ahead[max(0, k - 1)]
    d = ahead[min(last, k + 2)]
    value: float = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    return value


@njit(nogil=True, cache=True)
def _read(
    sound: Samples,
    out: Samples,
    first: int,
    late: int,
    ahead: NDArray[np.float64],
    step: float,
    table: NDArray[np.float64],
) -> None:
    """Fill each frame m of even time with the sound at n, where n plus how far n runs ahead is m."""
    phases, taps = table.shape[0] - 1, table.shape[1]
    for i in range(out.shape[1]):
        even = float(first + i)
        place = even
        for _ in range(4):
            place = even - _ahead_at(place, ahead, step)
        shift = place - even  # of the absolute frames alone, so that blocks change no bit
        whole = int(np.floor(shift))
        fraction = (shift - whole) * phases
        row = min(int(fraction), phases - 1)
        rest = fraction - row
        for channel in range(out.shape[0]):
            total = 0.0
            for tap in range(taps):
                weight = table[row, tap] + rest * (table[row + 1, tap] - table[row, tap])
                total += weight * sound[channel, i + late + whole + tap + 1 - taps // 2]
            out[channel, i] = total
