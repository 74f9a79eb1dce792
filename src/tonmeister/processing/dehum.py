"""Takes a hum away by subtracting the sinusoids that analysis found: fundamental followed in phase, and its multiples.

Nothing is filtered, so that what plays at the same frequencies stays.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.kernels import njit
from tonmeister.model import Hz, Model, Seconds, Share
from tonmeister.processing.silence import SILENCE_FRAMES, SilenceDelay
from tonmeister.processing.stream import run_stream


class HumLine(Model):
    """One multiple of the fundamental, as amplitudes at knots; straight lines run between them."""

    multiple: int = Field(ge=1, le=100)
    """Of the fundamental."""
    knot_s: Seconds = Field(gt=0)
    """Seconds from knot to knot; the first is at the start, the last holds on."""
    cosine: tuple[tuple[float, ...], ...]
    """Channel by channel, amplitude of the cosine of the multiple's phase at each knot, full scale 1.0."""
    sine: tuple[tuple[float, ...], ...]
    """Channel by channel, amplitude of the sine of the multiple's phase at each knot, full scale 1.0."""


class Dehum(Model):
    """Settings of a hum remover: the hum itself, as numbers."""

    kind: Literal["dehum"] = "dehum"
    frequency_hz: Hz = Field(default=50.0, gt=0, le=1000)
    """Middle of the fundamental."""
    knot_s: Seconds = Field(default=0.5, gt=0)
    """Seconds from knot to knot of `phase_turns`, the first at the start."""
    phase_turns: tuple[float, ...] = ()
    """Phase of the fundamental over that of a steady frequency_hz, in turns, at each knot."""
    lines: tuple[HumLine, ...] = ()
    """The multiples; none changes nothing."""
    start_s: Seconds = 0.0
    """Where in the song the sound begins to which all this refers."""
    gain: float = 1.0
    """Factor at which that sound comes in (trim and polarity)."""
    amount: Share = 1.0
    """Share of the hum that is taken away."""


def is_neutral(settings: Dehum) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.amount == 0 or settings.gain == 0 or not settings.lines


def dehum(audio: Audio, settings: Dehum) -> Audio:
    """Return the audio without the hum."""
    stream = DehumStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream)


class DehumStream:
    """A hum remover at work; it looks ahead a little to know digital silence, in which there is no hum."""

    tail_frames = 0

    def __init__(self, settings: Dehum, *, sample_rate_hz: int, channels: int) -> None:
        self._neutral = is_neutral(settings)
        self.latency_frames = 0 if self._neutral else SILENCE_FRAMES
        self._settings, self._rate = settings, sample_rate_hz
        self._start = round(settings.start_s * sample_rate_hz)
        self._frame = -self.latency_frames - self._start
        self._silence = SilenceDelay(channels)
        self._phase = np.array(settings.phase_turns or (0.0,), np.float64)
        self._lines = [_Line(line, settings, sample_rate_hz, channels) for line in settings.lines]

    def start_at(self, frame: int) -> None:
        """Say that the first frame to come is this one of the song."""
        self._frame = frame - self.latency_frames - self._start

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the next frames, late by latency_frames; the key is not used."""
        if self._neutral:
            return block.copy()
        out, sounds = self._silence.join(block)
        if sounds.any():
            self._subtract(out, sounds)
        self._frame += block.shape[1]
        return out

    def _subtract(self, out: Samples, sounds: NDArray[np.bool_]) -> None:
        hum = np.zeros(out.shape)
        turn = np.zeros(out.shape[1], np.complex128)
        settings = self._settings
        step = settings.knot_s * self._rate
        _turn(turn, self._frame, settings.frequency_hz / self._rate, self._phase, step)
        for line in self._lines:
            _add_line(hum, turn, self._frame, line.multiple, line.values, line.step)
        out -= np.where(sounds, hum, 0).astype(np.float32)


class _Line:
    def __init__(self, line: HumLine, settings: Dehum, rate: int, channels: int) -> None:
        self.multiple, self.step = line.multiple, line.knot_s * rate
        values = np.array(line.cosine) + 1j * np.array(line.sine)
        values = values * (settings.gain * settings.amount)
        self.values = np.ascontiguousarray(values if len(values) == channels else values[:1].repeat(channels, axis=0))


@njit(nogil=True, cache=True)
def _turn(turn: NDArray[np.complex128], first: int, per_frame: float, phase: NDArray[np.float64], step: float) -> None:
    """Fill exp(2j pi phase) of the fundamental; between knots the phase runs along a Catmull-Rom curve."""
    last = phase.size - 1
    for i in range(turn.size):
        frame = first + i
        place = min(max(frame / step, 0.0), float(last))
        k = min(int(place), max(0, last - 1))
        t = place - k
        b, c = phase[k], phase[min(last, k + 1)]
        a = phase[k - 1] if k > 0 else 2 * b - c
        d = phase[k + 2] if k + 2 <= last else 2 * c - b
        curve = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
        angle = 2 * np.pi * ((frame * per_frame) % 1.0 + curve)
        turn[i] = complex(np.cos(angle), np.sin(angle))


@njit(nogil=True, cache=True)
def _add_line(
    hum: NDArray[np.float64],
    turn: NDArray[np.complex128],
    first: int,
    multiple: int,
    values: NDArray[np.complex128],
    step: float,
) -> None:
    last = values.shape[1] - 1
    for i in range(turn.size):
        place = min(max((first + i) / step, 0.0), float(last))
        k = min(int(place), max(0, last - 1))
        t, after = place - k, min(last, k + 1)
        power, base, rest = complex(1.0, 0.0), turn[i], multiple
        while rest:
            if rest & 1:
                power *= base
            base *= base
            rest >>= 1
        for channel in range(hum.shape[0]):
            value = values[channel, k] + t * (values[channel, after] - values[channel, k])
            hum[channel, i] += value.real * power.real - value.imag * power.imag
