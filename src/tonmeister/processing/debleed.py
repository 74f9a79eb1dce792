"""Turns down what a microphone hears of another source, while its own is quiet: a Wiener gate keyed by the other's track.

What bleeds through is foretold, band by band, from the other track and how much of it was learnt to come through; where the
sound is clearly more than that, its own source plays and nothing happens (after Kokkinis, Reiss and Mourjopoulos 2012).
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.kernels import njit
from tonmeister.model import Db, Hz, Model, Ms, Share
from tonmeister.processing.decibels import to_gain
from tonmeister.processing.stream import run_stream

HOP_S = 0.006
_OVERLAP = 4
_OPEN_S, _CLOSE_S = 0.004, 0.05


class Debleed(Model):
    """Settings of a remover of bleed; its key is the other source's track."""

    kind: Literal["debleed"] = "debleed"
    edges_hz: tuple[Hz, ...] = ()
    """Edges of the bands, rising; one more than transfer_db has values."""
    transfer_db: tuple[Db, ...] = ()
    """Level of the bleed over that of the key in each band; none changes nothing."""
    reduction_db: Db = Field(default=20.0, ge=0, le=40)
    """Most that a band is turned down."""
    open_db: Db = Field(default=11.0, ge=6, le=30)
    """So far above the foretold bleed a band is left as it is; below half of that, in decibels, it is turned down in full."""
    decay_ms: Ms = Field(default=150.0, ge=0, le=2000)
    """Time in which the foretold bleed falls by 60 dB once the key is silent: the room."""
    amount: Share = 1.0
    """Share of the reduction, in decibels."""


def is_neutral(settings: Debleed) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.amount == 0 or settings.reduction_db == 0 or not settings.transfer_db


def debleed(audio: Audio, settings: Debleed, *, key: Audio) -> Audio:
    """Return the audio with less of the key (same frames) in its pauses."""
    stream = DebleedStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream, key=key)


class DebleedStream:
    """A remover of bleed at work; without a key it returns its input."""

    tail_frames = 0

    def __init__(self, settings: Debleed, *, sample_rate_hz: int, channels: int) -> None:
        from scipy import fft  # noqa: PLC0415 - costs a third of a second; rendering without repairs needs none

        self._fft = fft
        self._neutral = is_neutral(settings)
        self._hop = round(HOP_S * sample_rate_hz)
        size = self._size = _OVERLAP * self._hop
        self.latency_frames = 0 if self._neutral else size
        window = np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(size) + 0.5) / size))
        self._window = (window * np.sqrt(2 / _OVERLAP)).astype(np.float32)
        self._held = np.zeros((channels, size), np.float32)
        self._key_held: Samples | None = None
        self._sum = np.zeros((channels, size), np.float32)
        self._ready = np.zeros((channels, self._hop), np.float32)
        bins = size // 2 + 1
        edges = np.array(settings.edges_hz or (0.0, sample_rate_hz))
        frequencies = np.arange(bins) * sample_rate_hz / size
        self._band = np.clip(np.searchsorted(edges, frequencies, side="right") - 1, 0, max(0, edges.size - 2))
        self._transfer = 10 ** (np.array(settings.transfer_db or (0.0,)) / 10)
        self._bleed = np.zeros(self._transfer.size)
        self._gains = np.ones(self._transfer.size)
        lowest = to_gain(-settings.reduction_db * settings.amount)
        decay = 10 ** (-6 * HOP_S * 1000 / settings.decay_ms) if settings.decay_ms else 0.0
        self._numbers = np.array(
            [lowest, 10 ** (settings.open_db / 10), decay, np.exp(-HOP_S / _OPEN_S), np.exp(-HOP_S / _CLOSE_S)]
        )

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the next frames, late by latency_frames."""
        if self._neutral:
            return block.copy()
        other = np.zeros_like(block) if key is None else key
        if self._key_held is None:
            self._key_held = np.zeros((other.shape[0], self._held.shape[1]), np.float32)
        self._held = np.concatenate((self._held, block), axis=1)
        self._key_held = np.concatenate((self._key_held, other), axis=1)
        done = [self._ready]
        at, hop, size = 0, self._hop, self._size
        while self._held.shape[1] - at >= size + hop:
            done.append(self._step(at + hop))
            at += hop
        if at:
            self._held, self._key_held = self._held[:, at:].copy(), self._key_held[:, at:].copy()
        ready = np.concatenate(done, axis=1)
        frames = block.shape[1]
        self._ready = ready[:, frames:].copy()
        return np.ascontiguousarray(ready[:, :frames])

    def _step(self, at: int) -> Samples:
        """Work on the window that begins at `at` of what is held; return the hop that it completes."""
        size, hop = self._size, self._hop
        spectra = self._fft.rfft(self._held[:, at : at + size] * self._window)
        key = self._fft.rfft(self._key_held[:, at : at + size] * self._window)  # type: ignore[index]  # there is a key where there is work
        power = np.square(np.abs(spectra)).sum(axis=0)
        key_power = np.square(np.abs(key)).sum(axis=0)
        _update(power, key_power, self._band, self._transfer, self._bleed, self._gains, self._numbers)
        self._sum = np.concatenate((self._sum[:, hop:], np.zeros((len(self._sum), hop), np.float32)), axis=1)
        gains = self._gains[self._band]
        if (gains != 1).any():
            self._sum += self._fft.irfft(spectra * (1 - gains).astype(np.float32), size) * self._window
        return self._held[:, at : at + hop] - self._sum[:, :hop]


@njit(nogil=True, cache=True)
def _update(
    power: NDArray[np.float32],
    key_power: NDArray[np.float32],
    band: NDArray[np.int64],
    transfer: NDArray[np.float64],
    bleed: NDArray[np.float64],
    gains: NDArray[np.float64],
    numbers: NDArray[np.float64],
) -> None:
    """Move the gain of each band on by one hop; a gain within 0.01 dB of one is one."""
    lowest, open_at, decay, opening, closing = numbers
    count = transfer.size
    sound, other = np.zeros(count), np.zeros(count)
    for i in range(power.size):
        sound[band[i]] += power[i]
        other[band[i]] += key_power[i]
    for b in range(count):
        bleed[b] = max(transfer[b] * other[b], bleed[b] * decay)
        target = 1.0
        if sound[b] < open_at * bleed[b]:
            place = 2.0 * np.log(max(sound[b], 1e-30) / bleed[b]) / np.log(open_at) - 1.0
            target = lowest ** (1.0 - min(1.0, max(0.0, place)))
        speed = opening if target > gains[b] else closing
        gains[b] = target + (gains[b] - target) * speed
        if gains[b] > 0.999:
            gains[b] = 1.0
