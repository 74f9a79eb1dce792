"""Dynamic equaliser: bands whose gain follows a level, of the signal itself or of a key.

Each band has a detector of its own region (a state-variable filter) on the input or key, and a state-variable bell
or shelf. The level is the peak over cells of 16 frames on a grid of absolute frames; the gain that it asks for is
reached over the next cell, coefficients moving from sample to sample. All channels share one gain.
"""

from math import exp, log10, pi, tan
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.kernels import njit
from tonmeister.model import Db, Hz, Model, Ms
from tonmeister.processing.filter_design import HIGHEST_SHARE_OF_RATE
from tonmeister.processing.state_variable import SHAPE_CODES, solve_coefficients
from tonmeister.processing.stream import run_stream

Floats = NDArray[np.float64]
CELL = 16
"""Frames between two decisions of the detector."""
_SILENT = 1e-20
_FLAT_DB = 1e-4
"""Gains smaller than this are set to zero, so that a band at rest passes the bytes as they are."""


class DynamicBand(Model):
    """One band that moves with the level it hears around its own frequency."""

    shape: Literal["peak", "low_shelf", "high_shelf"] = "peak"
    """Bell or shelf; the detector hears the same region (band, low or high pass)."""
    frequency_hz: Hz = Field(ge=10, le=40_000)
    """Centre of the bell, half-gain point of the shelf; held below 0.49 x rate."""
    q: float = Field(default=1.0, ge=0.05, le=20)
    """Sharpness of the band and of its detector."""
    threshold_db: Db = Field(default=-30.0, ge=-90, le=0)
    """Peak level in the detector's region above which the band moves, in dBFS."""
    ratio: float = Field(default=2.0, ge=1, le=20)
    """Decibels in per decibel out above the threshold; 1 changes nothing."""
    range_db: Db = Field(default=-6.0, ge=-24, le=24)
    """Furthest the band goes: negative cuts, positive lifts; 0 changes nothing."""
    attack_ms: Ms = Field(default=5.0, ge=0.5, le=500)
    """Time constant of moving away from flat."""
    release_ms: Ms = Field(default=80.0, ge=5, le=5000)
    """Time constant of coming back."""

    @property
    def is_neutral(self) -> bool:
        """Whether the band can never move."""
        return self.ratio == 1 or self.range_db == 0


class DynamicEqualiser(Model):
    """Settings of a dynamic equaliser; with a key it makes room for another track."""

    kind: Literal["dynamic_equaliser"] = "dynamic_equaliser"
    bands: tuple[DynamicBand, ...] = Field(default=(), max_length=4)
    """The bands, in the order in which they run."""


def is_neutral(settings: DynamicEqualiser) -> bool:
    """Say whether these settings return the input as it is."""
    return all(band.is_neutral for band in settings.bands)


def equalise_dynamically(audio: Audio, settings: DynamicEqualiser, *, key: Audio | None = None) -> Audio:
    """Return the audio with bands that follow its own level, or that of the key."""
    stream = DynamicEqualiserStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream, key=key)


class DynamicEqualiserStream:
    """A dynamic equaliser at work on one signal."""

    latency_frames = 0

    def __init__(self, settings: DynamicEqualiser, *, sample_rate_hz: int, channels: int) -> None:
        bands = [band for band in settings.bands if not band.is_neutral]
        self._bands = [_BandAtWork(band, sample_rate_hz=sample_rate_hz, channels=channels) for band in bands]
        slowest_hz = min((band.frequency_hz / (2 * band.q) for band in bands), default=np.inf)
        self.tail_frames = int(np.ceil(sample_rate_hz * np.log(1e5) / (pi * slowest_hz))) if bands else 0

    @property
    def gains_db(self) -> tuple[float, ...]:
        """What each band that is not neutral does at the moment, in dB."""
        return tuple(float(band.motion[0]) for band in self._bands)

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the block (channels, frames); the key (1 or 2, frames) drives the bands, or the block itself."""
        out = block.copy()
        for band in self._bands:
            band.process(out, block if key is None else key)
        return out


class _BandAtWork:
    """One band's numbers for the kernel, and what it carries from block to block."""

    def __init__(self, band: DynamicBand, *, sample_rate_hz: int, channels: int) -> None:
        warp = tan(pi * min(band.frequency_hz / sample_rate_hz, HIGHEST_SHARE_OF_RATE))
        cell_ms = 1000 * CELL / sample_rate_hz
        self._code = SHAPE_CODES[band.shape]
        self._numbers = np.array([
            warp, band.q, band.threshold_db, 1 - 1 / band.ratio, band.range_db,
            1 - exp(-cell_ms / band.attack_ms), 1 - exp(-cell_ms / band.release_ms),
        ])  # fmt: skip
        self.motion = np.zeros(3)  # gain in dB, peak of the cell so far, 1 while coefficients move
        self._from = np.array(solve_coefficients(self._code, warp, 0.0, band.q))
        self._to = self._from.copy()
        self._state = np.zeros((channels, 2))
        self._key_state = np.zeros((2, 2))
        self._frame = 0

    def process(self, sound: Samples, key: Samples) -> None:
        """Filter sound (channels, frames) in place."""
        carried = (self.motion, self._from, self._to, self._state, self._key_state)
        run_band(sound, key, self._code, self._numbers, *carried, self._frame % CELL)
        self._frame += sound.shape[1]


@njit(nogil=True, cache=True, fastmath={"contract", "nsz"})
def run_band(
    sound: Samples, key: Samples, code: int, numbers: Floats, motion: Floats, before: Floats, after: Floats,
    state: Floats, key_state: Floats, place: int,
) -> None:  # fmt: skip
    """Filter sound in place, cell by cell; place is where in a cell the block begins."""
    frames, start, q = sound.shape[1], 0, numbers[1]
    a1, a2, a3, _, _, _ = solve_coefficients(0, numbers[0], 0.0, q)
    from_input, from_band, from_low = 0.0, 1.0 / q, 0.0
    if code == 1:
        from_band, from_low = 0.0, 1.0
    elif code == 2:
        from_input, from_band, from_low = 1.0, -1.0 / q, -1.0
    while start < frames:
        end = min(start + CELL - place, frames)
        for channel in range(sound.shape[0]):
            if motion[2] == 0.0:
                _filter_still(sound[channel], start, end, after, state[channel])
            else:
                _filter_moving(sound[channel], start, end, before, after, place, state[channel])
        for channel in range(key.shape[0]):
            heard = _hear(key[channel], start, end, a1, a2, a3, from_input, from_band, from_low, key_state[channel])
            motion[1] = max(motion[1], heard)
        place += end - start
        start = end
        if place == CELL:
            place = 0
            _decide(code, numbers, motion, before, after)
            _flush(state)
            _flush(key_state)


@njit(nogil=True, cache=True, fastmath={"contract", "nsz"})
def _filter_still(sound: Samples, start: int, end: int, c: Floats, state: Floats) -> None:
    first, second = state[0], state[1]
    a1, a2, a3, m0, m1, m2 = c[0], c[1], c[2], c[3], c[4], c[5]
    for i in range(start, end):
        x = float(sound[i])
        rest = x - second
        band = a1 * first + a2 * rest
        low = second + a2 * first + a3 * rest
        first, second = 2.0 * band - first, 2.0 * low - second
        sound[i] = m0 * x + m1 * band + m2 * low
    state[0], state[1] = first, second


@njit(nogil=True, cache=True, fastmath={"contract", "nsz"})
def _filter_moving(
    sound: Samples, start: int, end: int, before: Floats, after: Floats, place: int, state: Floats
) -> None:
    """Run the filter over a part of a cell, its coefficients on their way from before to after."""
    first, second = state[0], state[1]
    d1, d2, d3 = (after[0] - before[0]) / CELL, (after[1] - before[1]) / CELL, (after[2] - before[2]) / CELL
    e0, e1, e2 = (after[3] - before[3]) / CELL, (after[4] - before[4]) / CELL, (after[5] - before[5]) / CELL
    for i in range(start, end):
        way = float(place + 1 + i - start - CELL)
        x = float(sound[i])
        rest = x - second
        a2 = after[1] + d2 * way
        band = (after[0] + d1 * way) * first + a2 * rest
        low = second + a2 * first + (after[2] + d3 * way) * rest
        first, second = 2.0 * band - first, 2.0 * low - second
        sound[i] = (after[3] + e0 * way) * x + (after[4] + e1 * way) * band + (after[5] + e2 * way) * low
    state[0], state[1] = first, second


@njit(nogil=True, cache=True, fastmath={"contract", "nsz"})
def _hear(
    key: Samples, start: int, end: int, a1: float, a2: float, a3: float,
    from_input: float, from_band: float, from_low: float, state: Floats,
) -> float:  # fmt: skip
    """Return the peak of the detector's region over a part of a cell: band-pass, or low- or high-pass for a shelf."""
    first, second, peak = state[0], state[1], 0.0
    for i in range(start, end):
        x = float(key[i])
        rest = x - second
        band = a1 * first + a2 * rest
        low = second + a2 * first + a3 * rest
        first, second = 2.0 * band - first, 2.0 * low - second
        peak = max(peak, abs(from_input * x + from_band * band + from_low * low))
    state[0], state[1] = first, second
    return peak


@njit(nogil=True, cache=True)
def _decide(code: int, numbers: Floats, motion: Floats, before: Floats, after: Floats) -> None:
    """Read the cell's peak, move the gain, and set the way of the next cell."""
    threshold_db, slope, range_db = numbers[2], numbers[3], numbers[4]
    wanted_db = 0.0
    if motion[1] > 1e-9:
        wanted_db = min(max(20.0 * log10(motion[1]) - threshold_db, 0.0) * slope, abs(range_db))
    if range_db < 0.0:
        wanted_db = -wanted_db
    step = numbers[5] if abs(wanted_db) > abs(motion[0]) else numbers[6]
    gain_db = motion[0] + step * (wanted_db - motion[0])
    if wanted_db == 0.0 and abs(gain_db) < _FLAT_DB:
        gain_db = 0.0
    moves = gain_db != motion[0]
    for i in range(len(after)):
        before[i] = after[i]
    if moves:
        c = solve_coefficients(code, numbers[0], gain_db, numbers[1])
        after[0], after[1], after[2], after[3], after[4], after[5] = c
    motion[0], motion[1], motion[2] = gain_db, 0.0, 1.0 if moves else 0.0


@njit(nogil=True, cache=True)
def _flush(state: Floats) -> None:
    for channel in range(state.shape[0]):
        for i in range(2):
            if abs(state[channel, i]) < _SILENT:
                state[channel, i] = 0.0
