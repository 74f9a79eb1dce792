"""Sets a tape head straight afterwards: shifts the late channel by parts of a sample and lifts the treble of the duller one."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.kernels import njit
from tonmeister.model import Db, Model, Share
from tonmeister.processing.stream import run_stream

TAPS = 127
"""Length of both filters (Kaiser window; the delay holds to 0.9 of the Nyquist frequency)."""
_BETA, _GRID = 7.0, 2048
_LOW_HZ, _HIGH_HZ = 1000.0, 10_000.0


class Azimuth(Model):
    """Settings of a corrector of azimuth, of stereo sound."""

    kind: Literal["azimuth"] = "azimuth"
    delay_us: float = Field(default=0.0, ge=-500, le=500)
    """By how many microseconds the right channel comes too late, negative for too early; it is moved back."""
    tilt_db: Db = Field(default=0.0, ge=-12, le=12)
    """How much louder the right channel is at 10 kHz than at 1 kHz, against the left; the duller one is lifted."""
    amount: Share = 1.0
    """Share of the correction."""


def is_neutral(settings: Azimuth) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.amount == 0 or (settings.delay_us == 0 and settings.tilt_db == 0)


def correct_azimuth(audio: Audio, settings: Azimuth) -> Audio:
    """Return the audio with its channels in time; mono stays as it is."""
    stream = AzimuthStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream)


class AzimuthStream:
    """A corrector of azimuth at work."""

    tail_frames = 0

    def __init__(self, settings: Azimuth, *, sample_rate_hz: int, channels: int) -> None:
        self._idle = is_neutral(settings) or channels != 2
        self.latency_frames = 0 if self._idle else TAPS // 2
        delay = settings.delay_us * settings.amount * 1e-6 * sample_rate_hz
        tilt = settings.tilt_db * settings.amount
        self._taps = np.stack(
            [
                _design(0.0, max(0.0, tilt), sample_rate_hz),
                _design(-delay, max(0.0, -tilt), sample_rate_hz),
            ]
        )
        self._held = np.zeros((channels, TAPS - 1), np.float32)

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the next frames, late by latency_frames; the key is not used."""
        if self._idle:
            return block.copy()
        sound = np.concatenate((self._held, block), axis=1)
        self._held = sound[:, sound.shape[1] - (TAPS - 1) :].copy()
        out = np.empty(block.shape, np.float32)
        _filter(sound, self._taps, out)
        return out


def _design(later: float, lift_db: Db, rate: int) -> NDArray[np.float64]:
    """Return a filter that comes `later` frames after the middle tap and lifts the treble from 1 kHz to 10 kHz."""
    frequency = np.arange(_GRID // 2 + 1) * rate / _GRID
    share = np.log(np.maximum(frequency, 1) / _LOW_HZ) / np.log(_HIGH_HZ / _LOW_HZ)
    gain = 10 ** (lift_db * np.clip(share, 0, 1) / 20)
    turn = np.exp(-2j * np.pi * frequency / rate * (TAPS // 2 + later))
    response = np.fft.irfft(gain * turn, _GRID)[:TAPS]
    place = (np.arange(TAPS) - TAPS // 2 - later) / (TAPS / 2)
    return np.asarray(response * np.i0(_BETA * np.sqrt(np.maximum(0, 1 - place**2))) / np.i0(_BETA))


@njit(nogil=True, cache=True)
def _filter(sound: Samples, taps: NDArray[np.float64], out: Samples) -> None:
    """Fill each channel with the sound through its own taps; the order of the sum does not depend on the block."""
    for channel in range(out.shape[0]):
        for i in range(out.shape[1]):
            total = 0.0
            for tap in range(taps.shape[1]):
                total += taps[channel, tap] * sound[channel, i + taps.shape[1] - 1 - tap]
            out[channel, i] = total
