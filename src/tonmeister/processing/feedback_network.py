"""A feedback delay network of sixteen lines, worked on in short runs of frames so that it vectorises.

Jot and Chaigne 1991 (lines with absorbing one-poles), a Hadamard matrix as mixer, and pairs of lines that slowly rotate into
each other (time-varying feedback matrix, Schlecht and Habets 2015): that breaks up ringing modes without any change of pitch
and keeps the energy. A run is never longer than the shortest line, so inside a run nothing feeds back; all runs end at
multiples of RUN_FRAMES counted from the start of the song.

Every sum is the same for every frame, in a fixed order, whatever run the frame lies in: cuts change no bit. The one-poles look
eight frames back (scattered look-ahead, Parhi and Messerschmitt 1989): the same filter, but eight frames can be done at once.
"""

import math

import numpy as np
from numpy.typing import NDArray

from tonmeister.kernels import njit

LINES = 16
RUN_FRAMES = 256
TURN_FRAMES = 512
"""Grid on which the slow rotations are computed; between its points they run straight."""
LOOK_BACK = 8
"""How many frames the one-poles look back."""
MIRROR_FRAMES = 2 * RUN_FRAMES
"""The start of each ring is held once more behind its end, so that no run that is read goes round the end."""
_ROW = LOOK_BACK + RUN_FRAMES
_TINY = np.float32(1e-18)
_NEGLIGIBLE = 1e-12
_MIX = np.float32(0.25)  # 1/sqrt(16) makes the Hadamard matrix keep the energy
_MOST_TURN = 0.4  # radians at full modulation
_RAMP = (np.arange(TURN_FRAMES) / TURN_FRAMES).astype(np.float32)


def new_rings(shape: tuple[int, ...], longest: int) -> NDArray[np.float32]:
    """Return silent rings that hold delays of up to `longest` frames."""
    return np.zeros((*shape, (longest // RUN_FRAMES + 2) * RUN_FRAMES + MIRROR_FRAMES), np.float32)


def new_rows() -> NDArray[np.float32]:
    """Return the place where the lines are worked on: sixteen rows, each with its last LOOK_BACK filtered frames before it."""
    return np.zeros(LINES * _ROW, np.float32)


def new_turns() -> NDArray[np.float32]:
    """Return the place of the pairs' rotations (8, 4): cosine and sine at the start and at the end of a grid cell."""
    return np.zeros((LINES // 2, 4), np.float32)


def look_back(keep: NDArray[np.float64], gain: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the factors (9, 16) of y[n] = gain·x[n] + keep·y[n−1] as run here.

    Eight for x[n] to x[n−7] and one for y[n−8]. Those too small for float32 to feel are 0, lest they make denormals.
    """
    powers = keep ** np.arange(LOOK_BACK + 1)[:, None]
    powers[powers < _NEGLIGIBLE] = 0
    powers[:LOOK_BACK] *= gain
    return powers.astype(np.float32)


@njit(nogil=True, cache=True)
def _write(x: NDArray[np.float32], ring: NDArray[np.float32], at: int) -> None:
    """Copy a run of frames that lies inside one RUN_FRAMES into a ring."""
    place = ring[at : at + x.size]
    for i in range(x.size):
        place[i] = x[i]
    if at < MIRROR_FRAMES:
        mirror = ring[ring.size - MIRROR_FRAMES + at :]
        for i in range(x.size):
            mirror[i] = x[i]


@njit(nogil=True, cache=True)
def diffuse(
    x: NDArray[np.float32], ring: NDArray[np.float32], delay: int, frame: int, gain: float, fed: NDArray[np.float32]
) -> None:
    """Run a Schroeder all-pass over a run of frames in place; the run lies inside one RUN_FRAMES; fed is scratch."""
    size = ring.size - MIRROR_FRAMES
    start = (frame - delay) % size
    held = ring[start : start + x.size]
    g = np.float32(gain)
    for i in range(x.size):
        value = x[i] - g * held[i]
        x[i] = held[i] + g * value
        fed[i] = value if abs(value) > _TINY else np.float32(0)
    _write(fed[: x.size], ring, frame % size)


@njit(nogil=True, cache=True)
def reflect(
    x: NDArray[np.float32],
    ring: NDArray[np.float32],
    frame: int,
    taps: NDArray[np.int64],
    gains: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Store a run of frames in a ring and write delayed copies of what the ring holds; taps are eight."""
    size, count = ring.size - MIRROR_FRAMES, x.size
    _write(x, ring, frame % size)
    for i in range(count):
        out[i] = np.float32(0)
    for k in range(0, taps.size, 4):
        a, b = ring[(frame - taps[k]) % size :], ring[(frame - taps[k + 1]) % size :]
        c, d = ring[(frame - taps[k + 2]) % size :], ring[(frame - taps[k + 3]) % size :]
        ga, gb, gc, gd = gains[k], gains[k + 1], gains[k + 2], gains[k + 3]
        for i in range(count):
            out[i] = out[i] + ga * a[i] + gb * b[i] + gc * c[i] + gd * d[i]


@njit(nogil=True, cache=True)
def _absorb(x: NDArray[np.float32], factors: NDArray[np.float32], row: NDArray[np.float32], count: int) -> None:
    """Write a line's frames through its one-pole to row[8:]; row[:8] is what came out before, x begins seven frames early."""
    f0, f1, f2, f3 = factors[0], factors[1], factors[2], factors[3]
    f4, f5, f6, f7, back = factors[4], factors[5], factors[6], factors[7], factors[8]
    for i in range(count):
        new = f0 * x[i + 7] + f1 * x[i + 6] + f2 * x[i + 5] + f3 * x[i + 4]
        new += f4 * x[i + 3] + f5 * x[i + 2] + f6 * x[i + 1] + f7 * x[i]
        row[i + LOOK_BACK] = back * row[i] + new


@njit(nogil=True, cache=True)
def _carry_on(row: NDArray[np.float32], count: int, frame: int) -> None:
    """Keep a line's last filtered frames for the next run; what has died away is set to zero now and then."""
    for i in range(LOOK_BACK):
        row[i] = row[count + i]
    if (frame + count) % RUN_FRAMES == 0:
        for i in range(LOOK_BACK):
            if abs(row[i]) < _TINY:
                row[i] = np.float32(0)


@njit(nogil=True, cache=True)
def _collect_four(
    rows: NDArray[np.float32], signs: NDArray[np.float32], out_left: NDArray[np.float32], out_right: NDArray[np.float32]
) -> None:
    la, lb, lc, ld = signs[0, 0], signs[0, 1], signs[0, 2], signs[0, 3]
    ra, rb, rc, rd = signs[1, 0], signs[1, 1], signs[1, 2], signs[1, 3]
    for i in range(out_left.size):
        a, b, c, d = rows[i], rows[i + _ROW], rows[i + 2 * _ROW], rows[i + 3 * _ROW]
        out_left[i] = out_left[i] + la * a + lb * b + lc * c + ld * d
        out_right[i] = out_right[i] + ra * a + rb * b + rc * c + rd * d


@njit(nogil=True, cache=True)
def _turn_and_mix_four(rows: NDArray[np.float32], turns: NDArray[np.float32], ramp: NDArray[np.float32]) -> None:
    """Rotate two pairs of neighbouring lines into each other, then the first two steps of the Hadamard matrix.

    turns holds cosine and sine at both ends of the grid cell for each pair, ramp the way through the cell.
    """
    cos_0, sin_0, cos_1, sin_1 = turns[0, 0], turns[0, 1], turns[1, 0], turns[1, 1]
    cos_step_0, sin_step_0, cos_step_1, sin_step_1 = (
        turns[0, 2] - turns[0, 0],
        turns[0, 3] - turns[0, 1],
        turns[1, 2] - turns[1, 0],
        turns[1, 3] - turns[1, 1],
    )
    for i in range(ramp.size):
        a, b, c, d = rows[i], rows[i + _ROW], rows[i + 2 * _ROW], rows[i + 3 * _ROW]
        cosine, sine = cos_0 + cos_step_0 * ramp[i], sin_0 + sin_step_0 * ramp[i]
        a, b = cosine * a - sine * b, sine * a + cosine * b
        cosine, sine = cos_1 + cos_step_1 * ramp[i], sin_1 + sin_step_1 * ramp[i]
        c, d = cosine * c - sine * d, sine * c + cosine * d
        a, b, c, d = a + b, a - b, c + d, c - d
        rows[i], rows[i + _ROW], rows[i + 2 * _ROW], rows[i + 3 * _ROW] = a + c, b + d, a - c, b - d


@njit(nogil=True, cache=True)
def _find_turns(cell: int, modulation: float, cell_s: float, turns: NDArray[np.float32]) -> None:
    for pair in range(turns.shape[0]):
        rate = 2.0 * math.pi * (0.23 + 0.11 * pair)
        for end in range(2):
            angle = modulation * _MOST_TURN * math.sin(rate * cell_s * (cell + end) + 0.7 * pair)
            turns[pair, 2 * end] = math.cos(angle)
            turns[pair, 2 * end + 1] = math.sin(angle)


@njit(nogil=True, cache=True)
def _drop_tiny(value: np.float32) -> np.float32:
    return value if abs(value) > _TINY else np.float32(0)


@njit(nogil=True, cache=True)
def _mix_and_feed_four(rows: NDArray[np.float32], x: NDArray[np.float32], signs: tuple[float, ...]) -> None:
    """Take the last two steps of the Hadamard matrix on every fourth line and add the input."""
    sa, sb, sc, sd = np.float32(signs[0]), np.float32(signs[1]), np.float32(signs[2]), np.float32(signs[3])
    for i in range(x.size):
        a, b, c, d = rows[i], rows[i + 4 * _ROW], rows[i + 8 * _ROW], rows[i + 12 * _ROW]
        a, b, c, d = a + b, a - b, c + d, c - d
        rows[i] = _drop_tiny(_MIX * (a + c) + sa * x[i])
        rows[i + 4 * _ROW] = _drop_tiny(_MIX * (b + d) + sb * x[i])
        rows[i + 8 * _ROW] = _drop_tiny(_MIX * (a - c) + sc * x[i])
        rows[i + 12 * _ROW] = _drop_tiny(_MIX * (b - d) + sd * x[i])


@njit(nogil=True, cache=True)
def _input_sign(line: int) -> float:
    return 1.0 - 2.0 * (((line >> 1 & line >> 2) ^ line >> 3) & 1)


@njit(nogil=True, cache=True)
def run_network(
    left: NDArray[np.float32],
    right: NDArray[np.float32],
    frame: int,
    lengths: NDArray[np.int64],
    factors: NDArray[np.float32],
    signs: NDArray[np.float32],
    modulation: float,
    cell_s: float,
    rings: NDArray[np.float32],
    rows: NDArray[np.float32],
    turns: NDArray[np.float32],
    out_left: NDArray[np.float32],
    out_right: NDArray[np.float32],
) -> None:
    """Add the tail of two channels to out.

    frame: Place of the sound in the song; it lies inside one run. lengths: (16,). factors: from look_back, lines first (16, 9).
    signs: how the left and right are collected, (2, 16). rings, rows and turns: from new_rings, new_rows and new_turns.
    """
    count, size = left.size, rings.shape[1] - MIRROR_FRAMES
    for k in range(LINES):
        row = rows[k * _ROW : (k + 1) * _ROW]
        start = (frame - lengths[k] - (LOOK_BACK - 1)) % size
        _absorb(rings[k, start : start + count + LOOK_BACK - 1], factors[k], row, count)
        _carry_on(row, count, frame)
    if frame % TURN_FRAMES == 0:
        _find_turns(frame // TURN_FRAMES, modulation, cell_s, turns)
    ramp = _RAMP[frame % TURN_FRAMES : frame % TURN_FRAMES + count]
    for k in range(0, LINES, 4):
        four = rows[k * _ROW + LOOK_BACK :]
        _collect_four(four, signs[:, k : k + 4], out_left, out_right)
        _turn_and_mix_four(four, turns[k // 2 : k // 2 + 2], ramp)
    for k in range(4):
        inputs = _input_sign(k), _input_sign(k + 4), _input_sign(k + 8), _input_sign(k + 12)
        _mix_and_feed_four(rows[k * _ROW + LOOK_BACK :], left if k % 2 == 0 else right, inputs)
    for k in range(LINES):
        _write(rows[k * _ROW + LOOK_BACK : k * _ROW + LOOK_BACK + count], rings[k], frame % size)
