"""A feedback delay network of sixteen lines, worked on in short runs of frames so that it vectorises.

Jot and Chaigne 1991 (lines with absorbing one-poles), a Hadamard matrix as mixer, and pairs of lines that slowly rotate into
each other (time-varying feedback matrix, Schlecht and Habets 2015): that breaks up ringing modes without any change of pitch
and keeps the energy. A run is never longer than the shortest line, so inside a run nothing feeds back; all runs end at
multiples of RUN_FRAMES counted from the start of the song.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

LINES = 16
RUN_FRAMES = 256
TURN_FRAMES = 512
"""Grid on which the slow rotations are computed; between its points they run straight."""
_TINY = np.float32(1e-18)
_MIX = np.float32(0.25)  # 1/sqrt(16) makes the Hadamard matrix keep the energy
_MOST_TURN = 0.4  # radians at full modulation


@njit(nogil=True, cache=True)
def _read(ring: NDArray[np.float32], at: int, out: NDArray[np.float32]) -> None:
    """Copy out.size frames of a ring from `at` on."""
    first = min(out.size, ring.size - at)
    source, rest = ring[at:], out[first:]
    for i in range(first):
        out[i] = source[i]
    for i in range(rest.size):
        rest[i] = ring[i]


@njit(nogil=True, cache=True)
def store(x: NDArray[np.float32], ring: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Copy a run of frames into a ring and clear the place where its wet sound will be."""
    for i in range(x.size):
        ring[i] = x[i]
    for i in range(x.size):
        out[i] = np.float32(0)


@njit(nogil=True, cache=True)
def diffuse(
    x: NDArray[np.float32],
    ring: NDArray[np.float32],
    delay: int,
    frame: int,
    gain: float,
    held: NDArray[np.float32],
) -> None:
    """Run a Schroeder all-pass over a run of frames in place; the run lies inside one RUN_FRAMES of the ring."""
    _read(ring, (frame - delay) % ring.size, held)
    g = np.float32(gain)
    write = ring[frame % ring.size :]
    for i in range(x.size):
        fed = x[i] - g * held[i]
        x[i] = held[i] + g * fed
        write[i] = fed if abs(fed) > _TINY else np.float32(0)


@njit(nogil=True, cache=True)
def add_taps(
    ring: NDArray[np.float32],
    frame: int,
    taps: NDArray[np.int64],
    gains: NDArray[np.float32],
    held: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Add delayed copies of what the ring holds to a run of frames; held is scratch of the same size."""
    for tap in range(taps.size):
        _read(ring, (frame - taps[tap]) % ring.size, held)
        gain = gains[tap]
        for i in range(out.size):
            out[i] += gain * held[i]


@njit(nogil=True, cache=True)
def _absorb_four(
    rows: NDArray[np.float32], keep: NDArray[np.float32], gain: NDArray[np.float32], state: NDArray[np.float32]
) -> None:
    """One-pole low-pass with gain on four lines at once: four chains hide each other's latency."""
    a, b, c, d = rows[0], rows[1], rows[2], rows[3]
    ka, kb, kc, kd = keep[0], keep[1], keep[2], keep[3]
    ga, gb, gc, gd = gain[0], gain[1], gain[2], gain[3]
    za, zb, zc, zd = state[0], state[1], state[2], state[3]
    for i in range(rows.shape[1]):
        za, zb = ka * za + ga * a[i], kb * zb + gb * b[i]
        zc, zd = kc * zc + gc * c[i], kd * zd + gd * d[i]
        a[i], b[i], c[i], d[i] = za, zb, zc, zd
    state[0], state[1], state[2], state[3] = za, zb, zc, zd


@njit(nogil=True, cache=True)
def _turn_pair(
    a: NDArray[np.float32], b: NDArray[np.float32], turn: NDArray[np.float32], ramp: NDArray[np.float32]
) -> None:
    """Rotate two lines into each other; turn holds cosine and sine at both ends of the grid cell, ramp the way through it."""
    cosine, sine = turn[0], turn[1]
    cosine_step, sine_step = turn[2] - turn[0], turn[3] - turn[1]
    for i in range(a.size):
        c, s = cosine + cosine_step * ramp[i], sine + sine_step * ramp[i]
        a_i, b_i = a[i], b[i]
        a[i] = c * a_i - s * b_i
        b[i] = s * a_i + c * b_i


@njit(nogil=True, cache=True)
def _find_turns(cell: int, modulation: float, cell_s: float, turns: NDArray[np.float32]) -> None:
    for pair in range(turns.shape[0]):
        rate = 2.0 * math.pi * (0.23 + 0.11 * pair)
        for end in range(2):
            angle = modulation * _MOST_TURN * math.sin(rate * cell_s * (cell + end) + 0.7 * pair)
            turns[pair, 2 * end] = math.cos(angle)
            turns[pair, 2 * end + 1] = math.sin(angle)


@njit(nogil=True, cache=True)
def _butterfly(a: NDArray[np.float32], b: NDArray[np.float32]) -> None:
    for i in range(a.size):
        a_i, b_i = a[i], b[i]
        a[i] = a_i + b_i
        b[i] = a_i - b_i


@njit(nogil=True, cache=True)
def _mix_lines(rows: NDArray[np.float32]) -> None:
    """Multiply the lines by the (unscaled) Hadamard matrix."""
    span = 1
    while span < LINES:
        for start in range(0, LINES, 2 * span):
            for k in range(start, start + span):
                _butterfly(rows[k], rows[k + span])
        span *= 2


@njit(nogil=True, cache=True)
def _feed(row: NDArray[np.float32], x: NDArray[np.float32], sign: float, ring: NDArray[np.float32]) -> None:
    s = np.float32(sign)
    for i in range(row.size):
        value = _MIX * row[i] + s * x[i]
        ring[i] = value if abs(value) > _TINY else np.float32(0)


@njit(nogil=True, cache=True)
def _collect(rows: NDArray[np.float32], signs: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    for k in range(LINES):
        row, sign = rows[k], signs[k]
        for i in range(out.size):
            out[i] += sign * row[i]


@njit(nogil=True, cache=True)
def run_network(
    left: NDArray[np.float32],
    right: NDArray[np.float32],
    frame: int,
    lengths: NDArray[np.int64],
    filters: NDArray[np.float32],
    signs: NDArray[np.float32],
    modulation: float,
    cell_s: float,
    rings: NDArray[np.float32],
    state: NDArray[np.float32],
    out_left: NDArray[np.float32],
    out_right: NDArray[np.float32],
) -> None:
    """Add the tail of two channels to out.

    frame: Place of the sound in the song; it lies inside one run. lengths: (16,). filters: keep and gain of the one-poles, (2, 16).
    signs: how the left and right are collected, (2, 16). rings: (16, multiple of RUN_FRAMES). state: (16,).
    """
    count, size = left.size, rings.shape[1]
    rows = np.empty((LINES, count), np.float32)
    for k in range(LINES):
        _read(rings[k], (frame - lengths[k]) % size, rows[k])
    for k in range(0, LINES, 4):
        _absorb_four(rows[k : k + 4], filters[0, k : k + 4], filters[1, k : k + 4], state[k : k + 4])
    _collect(rows, signs[0], out_left)
    _collect(rows, signs[1], out_right)
    if modulation > 0.0:
        turns = np.empty((LINES // 2, 4), np.float32)
        _find_turns(frame // TURN_FRAMES, modulation, cell_s, turns)
        ramp = (np.arange(count) + frame % TURN_FRAMES).astype(np.float32) / np.float32(TURN_FRAMES)
        for pair in range(LINES // 2):
            _turn_pair(rows[2 * pair], rows[2 * pair + 1], turns[pair], ramp)
    _mix_lines(rows)
    at = frame % size
    for k in range(LINES):
        _feed(
            rows[k],
            left if k % 2 == 0 else right,
            1.0 - 2.0 * (((k >> 1 & k >> 2) ^ k >> 3) & 1),
            rings[k, at : at + count],
        )
    if (frame + count) % RUN_FRAMES == 0:
        for k in range(LINES):
            if abs(state[k]) < _TINY:
                state[k] = np.float32(0)
