"""Power spectra of short frames: a Fourier transform of our own in single precision, several times as quick as scipy.fft.

A real frame is one complex signal of half its length (even samples, odd samples), turned by Stockham's scheme in passes of
8 points (Van Loan, Computational Frameworks for the Fast Fourier Transform, 1992), which never leaves the nearest cache. The
butterflies are written in LLVM's own words, eight lanes at a time: its vectoriser gives up on loops that write where it
cannot rule out that they read. Errors are those of scipy.fft in float32, about 1.4e-7 of the largest bin.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numpy.typing import NDArray

from tonmeister.kernels import njit
from tonmeister.kernels.lanes import LANES, Lanes, Row, inside_kernels

LEAST_FRAME = 128
"""Shortest frame; lengths are powers of two."""


@dataclass(frozen=True, slots=True, eq=False)
class TransformTables:
    """What a transform of one size looks up and writes to."""

    window: NDArray[np.float32]
    """(size,) what frames are multiplied by."""
    turns: NDArray[np.float32]
    """(4 * size / 2,) cosines and sines between passes, cosines and sines between even and odd samples."""
    work: NDArray[np.float32]
    """(4 * size / 2,) real and imaginary parts before and after a pass."""


def make_tables(window: NDArray[np.float32]) -> TransformTables:
    """Return the tables for frames as long as the window, a power of two of at least `LEAST_FRAME`."""
    half = window.size // 2
    output, place = np.divmod(np.arange(half), half // LANES)
    angles = -2 * np.pi * np.stack([output * place / half, np.arange(half) / window.size])
    turns = np.stack([np.cos(angles[0]), np.sin(angles[0]), np.cos(angles[1]), np.sin(angles[1])])
    return TransformTables(window, turns.astype(np.float32).ravel(), np.zeros(4 * half, np.float32))


class _Complex:
    """Eight complex numbers."""

    def __init__(self, re: Lanes, im: Lanes) -> None:
        self.re, self.im = re, im

    def __add__(self, other: "_Complex") -> "_Complex":
        return _Complex(self.re + other.re, self.im + other.im)

    def __sub__(self, other: "_Complex") -> "_Complex":
        return _Complex(self.re - other.re, self.im - other.im)

    def __mul__(self, other: "_Complex") -> "_Complex":
        return _Complex(self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re)

    def power(self) -> Lanes:
        """Return the squared magnitudes."""
        return self.re * self.re + self.im * self.im


def _turn(points: list[_Complex]) -> list[_Complex]:
    """Return the Fourier transform of 1, 2, 4 or 8 points: sums give the even outputs, turned differences the odd ones."""
    half, root = len(points) // 2, 0.5**0.5
    if half == 0:
        return points
    sums = [points[j] + points[j + half] for j in range(half)]
    odd = [points[j] - points[j + half] for j in range(half)]
    if half == 2:
        odd[1] = _turn_right(odd[1])
    if half == 4:
        one, two, three = odd[1], odd[2], odd[3]
        odd[1] = _Complex((one.re + one.im) * root, (one.im - one.re) * root)
        odd[2] = _turn_right(two)
        odd[3] = _Complex((three.im - three.re) * root, (three.re + three.im) * -root)
    return [point for pair in zip(_turn(sums), _turn(odd), strict=True) for point in pair]


def _turn_right(point: _Complex) -> _Complex:
    """Return the points times -i."""
    return _Complex(point.im, point.re * -1.0)


def _transpose(rows: list[Lanes]) -> list[Lanes]:
    """Return eight vectors whose lane j is lane k of vector j."""
    pairs = ([0, 8, 1, 9, 4, 12, 5, 13], [2, 10, 3, 11, 6, 14, 7, 15])
    quads = ([0, 1, 8, 9, 4, 5, 12, 13], [2, 3, 10, 11, 6, 7, 14, 15])
    halves = ([0, 1, 2, 3, 8, 9, 10, 11], [4, 5, 6, 7, 12, 13, 14, 15])
    two = [[rows[j].shuffle(rows[j + 1], order) for order in pairs] for j in range(0, 8, 2)]
    four = [[two[j][k].shuffle(two[j + 1][k], order) for k in (0, 1) for order in quads] for j in (0, 2)]
    return [four[0][k].shuffle(four[1][k], order) for order in halves for k in range(4)]


def _along(builder: Any, first: Any, apart: Any, count: int) -> list[Any]:
    """Return so many places, each `apart` from the one before."""
    places = [first]
    for _ in range(count - 1):
        places.append(builder.add(places[-1], apart))
    return places


def _numbers(row: Row, builder: Any, first: Any, apart: Any, half: Any, count: int) -> list[_Complex]:
    """Return eight numbers from each of so many places of a row that holds its imaginary parts `half` behind the real ones."""
    places = _along(builder, first, apart, count)
    return [_Complex(row.load(place), row.load(builder.add(place, half))) for place in places]


@inside_kernels
def _enter(_: Any, signal: Any, window: Any, work: Any, half: Any, place: Any) -> Any:
    """Multiply 16 samples by the window; even ones become real parts, odd ones imaginary parts."""

    def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        sound, weight, out = (
            Row(context, builder, kind, v) for kind, v in zip(signature.args[:3], values[:3], strict=True)
        )
        first = builder.add(values[4], values[4])
        places = _along(builder, first, ir.Constant(first.type, LANES), 2)
        low, high = (sound.load(at) * weight.load(at) for at in places)
        out.store(values[4], low.shuffle(high, range(0, 16, 2)))
        out.store(builder.add(values[4], values[3]), low.shuffle(high, range(1, 16, 2)))
        return context.get_dummy_value()

    return types.void(signal, window, work, half, place), write


@inside_kernels
def _first_pass(_: Any, work: Any, turns: Any, half: Any, apart: Any, place: Any) -> Any:
    """Turn eight neighbours at once, from the first half of the work to the second."""

    def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        row, table = (Row(context, builder, kind, v) for kind, v in zip(signature.args[:2], values[:2], strict=True))
        half, apart, place = values[2:]
        turned = _turn(_numbers(row, builder, place, apart, half, 8))
        factors = _numbers(table, builder, place, apart, half, 8)
        outputs = [turned[0], *(one * other for one, other in zip(turned[1:], factors[1:], strict=True))]
        target = builder.add(builder.add(half, half), builder.shl(place, ir.Constant(place.type, 3)))
        for part in (_transpose([one.re for one in outputs]), _transpose([one.im for one in outputs])):
            for at, lanes in zip(_along(builder, target, ir.Constant(place.type, LANES), 8), part, strict=True):
                row.store(at, lanes)
            target = builder.add(target, half)
        return context.get_dummy_value()

    return types.void(work, turns, half, apart, place), write


@inside_kernels
def _next_pass(
    _: Any, work: Any, turns: Any, half: Any, apart: Any, source: Any, target: Any, stride: Any, turn: Any
) -> Any:
    """Turn eight lanes that share their factors, from one half of the work to the other."""

    def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        row, table = (Row(context, builder, kind, v) for kind, v in zip(signature.args[:2], values[:2], strict=True))
        half, apart, source, target, stride, turn = values[2:]
        turned = _turn(_numbers(row, builder, source, apart, half, 8))
        for k, at in enumerate(_along(builder, turn, apart, 8)):
            factor = _Complex(table.spread(at), table.spread(builder.add(at, half))) if k else None
            output = turned[k] if factor is None else turned[k] * factor
            row.store(target, output.re)
            row.store(builder.add(target, half), output.im)
            target = builder.add(target, stride)
        return context.get_dummy_value()

    return types.void(work, turns, half, apart, source, target, stride, turn), write


def _last(points: int) -> Any:
    """Return the last pass of 2 or 4 points, which needs no factors."""

    @inside_kernels
    def last_pass(_: Any, work: Any, half: Any, source: Any, target: Any) -> Any:
        def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            row, (half, source, target) = Row(context, builder, signature.args[0], values[0]), values[1:]
            apart = builder.udiv(half, ir.Constant(half.type, points))
            for output in _turn(_numbers(row, builder, source, apart, half, points)):
                row.store(target, output.re)
                row.store(builder.add(target, half), output.im)
                target = builder.add(target, apart)
            return context.get_dummy_value()

        return types.void(work, half, source, target), write

    return last_pass


_last_of_2, _last_of_4 = _last(2), _last(4)


@inside_kernels
def _leave(_: Any, work: Any, turns: Any, power: Any, half: Any, start: Any, place: Any, mirror: Any) -> Any:
    """Take even and odd samples apart and fill the power of eight bins and of their mirror images below half the rate."""

    def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        row, table, out = (
            Row(context, builder, kind, v) for kind, v in zip(signature.args[:3], values[:3], strict=True)
        )
        half, start, place, mirror = values[3:]
        here, there = (_numbers(row, builder, builder.add(start, at), half, half, 1)[0] for at in (place, mirror))
        (factor,) = _numbers(table, builder, builder.add(builder.add(half, half), place), half, half, 1)
        image = _Complex(there.re.reverse(), there.im.reverse() * -1.0)
        even, odd = here + image, _turn_right(here - image) * factor
        out.store(place, (even + odd).power() * 0.25)
        out.store(mirror, ((even - odd).power() * 0.25).reverse())
        return context.get_dummy_value()

    return types.void(work, turns, power, half, start, place, mirror), write


@njit(nogil=True, cache=True)
def transform_power(
    signal: NDArray[np.float32],
    window: NDArray[np.float32],
    turns: NDArray[np.float32],
    work: NDArray[np.float32],
    power: NDArray[np.float32],
) -> None:
    """Fill (size / 2 + 1,) squared magnitudes of the spectrum of as many samples as the window has, times the window."""
    half = window.size // 2
    eighth = half // 8
    for place in range(0, half, 8):
        _enter(signal, window, work, half, place)
    for place in range(0, eighth, 8):
        _first_pass(work, turns, half, eighth, place)
    source, target, stride = 2 * half, 0, 8
    while half // stride >= 8:
        for turn in range(0, eighth, stride):
            for lane in range(0, stride, 8):
                place = source + turn + lane
                _next_pass(work, turns, half, eighth, place, target + 8 * turn + lane, stride, turn)
        source, target, stride = target, source, 8 * stride
    if half // stride == 4:
        for place in range(0, half // 4, 8):
            _last_of_4(work, half, source + place, target + place)
        source, target = target, source
    elif half // stride == 2:
        for place in range(0, half // 2, 8):
            _last_of_2(work, half, source + place, target + place)
        source, target = target, source
    power[0], power[half] = (work[source] + work[source + half]) ** 2, (work[source] - work[source + half]) ** 2
    power[half // 2] = work[source + half // 2] ** 2 + work[source + half + half // 2] ** 2
    for start in range(1, half // 2, 8):
        place = min(start, half // 2 - 8)  # the last eight overlap with those before
        _leave(work, turns, power, half, source, place, half - place - 7)
