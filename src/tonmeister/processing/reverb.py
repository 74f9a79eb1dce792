"""Algorithmic reverb: early reflections and a feedback delay network."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.kernels import njit
from tonmeister.model import Db, Hz, Model, Ms, Seconds, Share
from tonmeister.processing.crossover import cut_outside, design_split
from tonmeister.processing.decibels import to_gain
from tonmeister.processing.dynamics import DelayLine
from tonmeister.processing.feedback_network import (
    LINES,
    RUN_FRAMES,
    TURN_FRAMES,
    diffuse,
    look_back,
    new_rings,
    new_rows,
    new_turns,
    reflect,
    run_network,
)
from tonmeister.processing.stream import run_stream

_SHORTEST_MS, _LONGEST_MS = 23.0, 79.0  # lines at the middle size
_DIFFUSER_MS = (6.1, 8.3, 11.3, 14.9)
_DIFFUSION = 0.6
_EARLY_MS = ((3.1, 7.9, 12.7, 17.3, 22.9, 29.3, 36.1, 43.7), (4.3, 6.7, 13.9, 16.1, 24.1, 27.7, 37.9, 41.3))
_EARLY_SIGNS = (1, 1, -1, 1, -1, 1, 1, -1)
_EARLY_FALL_MS = 18.0
_MIDDLE_HZ = 500.0  # where decay_s is measured and exact
_OFF_DB = -60.0
_LEVEL = 0.65  # brings the tail of full-band noise through the default cuts to the level of the noise


class Reverb(Model):
    """Settings of a feedback-delay-network reverb; wet only unless mix says otherwise."""

    kind: Literal["reverb"] = "reverb"
    pre_delay_ms: Ms = Field(default=20.0, ge=0, le=250)
    """Time before the first reflection."""
    decay_s: Seconds = Field(default=1.8, ge=0.1, le=20)
    """Time in which the tail's middle falls by 60 dB."""
    damping: Share = 0.4
    """How much faster highs die than the middle: at 1 they last a tenth as long, at 0 as long."""
    size: Share = 0.5
    """Size of the room: spacing of the reflections, from a closet to a hall."""
    low_cut_hz: Hz = Field(default=150.0, ge=10, le=2000)
    """Second-order cut of lows going in."""
    high_cut_hz: Hz = Field(default=12000.0, ge=1000, le=22000)
    """Second-order cut of highs going in."""
    early_db: Db = Field(default=-6.0, ge=-60, le=12)
    """Level of the early reflections beside the tail; −60 is off."""
    modulation: Share = 0.3
    """Slow movement of the delay lines against ringing; 0 is off."""
    width: Share = 1.0
    """0 is a mono tail, 1 is fully decorrelated."""
    mix: Share = 1.0
    """Share of the wet sound; sends use 1."""


def is_neutral(settings: Reverb) -> bool:
    """Say whether these settings return the input as it is."""
    return settings.mix == 0


def reverberate(audio: Audio, settings: Reverb, *, key: Audio | None = None) -> Audio:
    """Return the reverb of the audio (as long as the audio: append silence for the tail); a key changes nothing."""
    stream = ReverbStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    return run_stream(audio, stream, key=key)


@dataclass(frozen=True, slots=True)
class _Room:
    """The numbers of one room at one sample rate."""

    lengths: NDArray[np.int64]
    filters: NDArray[np.float32]
    signs: NDArray[np.float32]
    diffusers: NDArray[np.int64]
    taps: NDArray[np.int64]
    tap_gains: NDArray[np.float32]
    run: int
    """Longest run of frames in which nothing feeds back."""


def _next_prime(number: int) -> int:
    while any(number % d == 0 for d in range(2, math.isqrt(number) + 1)):
        number += 1
    return number


def _design_room(settings: Reverb, rate: int) -> _Room:
    scale = 0.3 + 1.4 * settings.size
    spread = np.geomspace(_SHORTEST_MS, _LONGEST_MS, LINES) * scale * rate / 1000
    lengths = np.array([_next_prime(max(17, round(length))) for length in spread], dtype=np.int64)
    order = np.array([0, 11, 5, 14, 3, 8, 13, 6, 9, 2, 15, 4, 10, 7, 1, 12])  # neighbours in pairs differ in length
    lengths = lengths[order]
    smear = min(scale, 1.0) * rate / 1000
    diffusers = np.array([_next_prime(max(17, round(ms * smear))) for ms in _DIFFUSER_MS], dtype=np.int64)
    early_ms = np.array(_EARLY_MS)
    gains = np.array(_EARLY_SIGNS) * np.exp(-early_ms / _EARLY_FALL_MS)
    level = to_gain(settings.early_db) if settings.early_db > _OFF_DB else 0.0
    gains *= level / np.sqrt((gains**2).sum(axis=1, keepdims=True))
    shortest = int(min(lengths.min(), diffusers.min()))
    return _Room(
        lengths=lengths,
        filters=_design_filters(settings, lengths / rate, rate),
        signs=_design_signs(settings),
        diffusers=diffusers,
        taps=np.maximum(1, np.round(early_ms * scale * rate / 1000)).astype(np.int64),
        tap_gains=gains.astype(np.float32),
        run=min(RUN_FRAMES, 1 << (shortest.bit_length() - 1)),
    )


def _design_filters(settings: Reverb, lengths_s: NDArray[np.float64], rate: int) -> NDArray[np.float32]:
    """Return the factors (16, 9) of each line's one-pole: decay_s at the middle, a part of it at Nyquist (Jot 1991)."""
    high_decay_s = settings.decay_s * (1.0 - 0.9 * settings.damping)
    ratio = 10.0 ** (-3.0 * lengths_s * (1.0 / high_decay_s - 1.0 / settings.decay_s))
    keep = (1.0 - ratio) / (1.0 + ratio)
    middle = np.exp(-2j * math.pi * min(_MIDDLE_HZ, rate / 4) / rate)
    at_middle = np.abs((1.0 - keep) / (1.0 - keep * middle))
    loop_gain = np.minimum(10.0 ** (-3.0 * lengths_s / settings.decay_s) / at_middle, 0.9999)  # stays under 1 at DC
    return np.ascontiguousarray(look_back(keep, loop_gain * (1.0 - keep)).T)


def _design_signs(settings: Reverb) -> NDArray[np.float32]:
    """Return how the lines are collected: orthogonal signs left and right, a level that does not grow with decay_s.

    The signs are bent functions: equally far from every row of the Hadamard matrix, so no single line shows in the tail.
    """
    k = np.arange(LINES)
    bent = (k & k >> 1) ^ (k >> 2 & k >> 3)
    left, right = 1.0 - 2.0 * (bent & 1), 1.0 - 2.0 * ((bent ^ k) & 1)
    centre_ms = math.sqrt(_SHORTEST_MS * _LONGEST_MS) * (0.3 + 1.4 * settings.size)
    loss = 1.0 - 10.0 ** (-6.0 * centre_ms / 1000 / settings.decay_s)
    middle, side = (left + right) / 2, (left - right) / 2 * settings.width
    return (np.array([middle + side, middle - side]) * math.sqrt(loss / 2) * _LEVEL).astype(np.float32)


@njit(nogil=True, cache=True)
def _reverberate_block(
    x: Samples,
    frame: int,
    run: int,
    room: tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]],
    diffusers: NDArray[np.int64],
    early: tuple[NDArray[np.int64], NDArray[np.float32]],
    motion: tuple[float, float],
    rings: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]],
    work: tuple[NDArray[np.float32], NDArray[np.float32]],
    out: Samples,
) -> None:
    """Write early reflections and tail of the two channels x to out, run by run."""
    line_rings, diffuser_rings, early_rings = rings
    lengths, filters, signs = room
    scratch = np.empty(RUN_FRAMES, np.float32)
    start = 0
    while start < x.shape[1]:
        here = frame + start
        end = min(x.shape[1], start + run - here % run)
        for channel in range(2):
            row = x[channel, start:end]
            reflect(row, early_rings[channel], here, early[0][channel], early[1][channel], out[channel, start:end])
            for k in range(diffusers.size):
                diffuse(row, diffuser_rings[channel, k], diffusers[k], here, _DIFFUSION, scratch)
        left, right, out_left, out_right = x[0, start:end], x[1, start:end], out[0, start:end], out[1, start:end]
        run_network(left, right, here, lengths, filters, signs, *motion, line_rings, *work, out_left, out_right)
        start = end


class ReverbStream:
    """A reverb at work; a mono signal stays mono (the sum of both sides)."""

    latency_frames = 0

    def __init__(self, settings: Reverb, *, sample_rate_hz: int, channels: int) -> None:
        self._settings = settings
        self._neutral = is_neutral(settings)
        self._frame = 0
        self._room = room = _design_room(settings, sample_rate_hz)
        pre_delay = round(settings.pre_delay_ms * sample_rate_hz / 1000)
        self.tail_frames = 0 if self._neutral else pre_delay + math.ceil(1.6 * settings.decay_s * sample_rate_hz)
        self._pre_delay = DelayLine(pre_delay, channels)
        cuts = settings.low_cut_hz, settings.high_cut_hz
        self._cuts = tuple(design_split(hz, sample_rate_hz) for hz in cuts)
        self._cut_state = np.zeros((channels, 4))
        self._rings = (
            new_rings((LINES,), int(room.lengths.max())),
            new_rings((2, len(room.diffusers)), int(room.diffusers.max())),
            new_rings((2,), int(room.taps.max())),
        )
        self._work = (new_rows(), new_turns())
        self._motion = (settings.modulation, TURN_FRAMES / sample_rate_hz)

    def start_at(self, frame: int) -> None:
        """Move on to this frame of the song, on the grid: the lines turn by the song's time, whenever the first sound comes.

        So the reverberation of a sum is the sum of the reverberations, and an excerpt sounds as it does in the whole.
        """
        self._frame = frame - frame % TURN_FRAMES

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the next frames; a key changes nothing."""
        if self._neutral:
            return block.copy()
        frames, room, mix = block.shape[1], self._room, np.float32(self._settings.mix)
        fed = np.empty((2, frames), np.float32)
        late = self._pre_delay.join(block)
        cut_outside(late, self._cuts[0], self._cuts[1], self._cut_state, self._frame, fed[: block.shape[0]])
        if block.shape[0] == 1:
            fed[1] = fed[0]
        wet = np.empty_like(fed)
        _reverberate_block(
            fed,
            self._frame,
            room.run,
            (room.lengths, room.filters, room.signs),
            room.diffusers,
            (room.taps, room.tap_gains),
            self._motion,
            self._rings,
            self._work,
            wet,
        )
        self._frame += frames
        if block.shape[0] == 1:
            wet = (wet[:1] + wet[1:]) * np.float32(math.sqrt(0.5))
        return wet if mix == 1 else (np.float32(1) - mix) * block + mix * wet
