"""Numbers side by side in a numba kernel, written in LLVM's own words.

For the few loops that its vectoriser gives up on: those that write where it cannot rule out that they read, those that look
for the largest, and two channels whose filters wait for their last outputs. A function decorated with `inside_kernels` is called by kernels; it writes their code with what is here.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

LANES = 8
"""Of float32, where nothing else is said."""
INT = ir.IntType(64)
FLOATS = ir.VectorType(ir.FloatType(), LANES)
"""Eight float32."""
PAIR = ir.VectorType(ir.DoubleType(), 2)
"""Two float64, such as left and right."""
OCTET = ir.VectorType(ir.DoubleType(), LANES)
"""Eight float64, such as left and right of four filters."""
_BITS = ir.VectorType(ir.IntType(32), LANES)
_FLAGS = ("contract",)  # may fuse a product and a sum

inside_kernels: Callable[[Callable[..., Any]], Callable[..., Any]] = intrinsic
"""numba's decorator for functions that write code."""
_array_of: Callable[..., Any] = make_array
_room: Callable[..., Any] = cgutils.alloca_once
loop: Callable[..., Any] = cgutils.for_range
"""`with loop(builder, count) as turn:` writes what is done `count` times; `turn.index` counts."""


class Lanes:
    """Numbers side by side in a kernel that is being written; what looks at bits or single lanes is for eight float32."""

    def __init__(self, builder: Any, value: Any) -> None:
        self.builder, self.value = builder, value

    def __add__(self, other: "Lanes") -> "Lanes":
        return Lanes(self.builder, self.builder.fadd(self.value, other.value, flags=_FLAGS))

    def __sub__(self, other: "Lanes") -> "Lanes":
        return Lanes(self.builder, self.builder.fsub(self.value, other.value, flags=_FLAGS))

    def __mul__(self, other: "Lanes | float") -> "Lanes":
        kind = self.value.type
        factor = other.value if isinstance(other, Lanes) else ir.Constant(kind, [float(np.float32(other))] * kind.count)
        return Lanes(self.builder, self.builder.fmul(self.value, factor, flags=_FLAGS))

    def times(self, other: "Lanes") -> "Lanes":
        """Return the product, rounded by itself: never fused with a sum that it goes into."""
        return Lanes(self.builder, self.builder.fmul(self.value, other.value))

    def widen(self) -> "Lanes":
        """Return eight lanes, of which the first two are ours and the others undefined."""
        return self.shuffle(self, [0, 1] * (LANES // 2))

    def narrow(self, pair: int) -> "Lanes":
        """Return two of eight lanes."""
        places = ir.Constant(ir.VectorType(ir.IntType(32), 2), [2 * pair, 2 * pair + 1])
        return Lanes(self.builder, self.builder.shuffle_vector(self.value, self.value, places))

    def where_within(self, number: Any, starts: Sequence[int], size: Any, other: "Lanes") -> "Lanes":
        """Return our lanes where `number` is within `size` of the lane's start, the other's elsewhere."""
        kind = ir.VectorType(INT, len(starts))
        spread = [self._everywhere(one, kind) for one in (number, size)]
        since = self.builder.sub(spread[0], ir.Constant(kind, list(starts)))
        within = self.builder.icmp_unsigned("<", since, spread[1])  # before the start it is negative: very large
        return Lanes(self.builder, self.builder.select(within, self.value, other.value))

    def _everywhere(self, number: Any, kind: Any) -> Any:
        first = self.builder.insert_element(ir.Constant(kind, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
        return self.builder.shuffle_vector(
            first, first, ir.Constant(ir.VectorType(ir.IntType(32), kind.count), [0] * kind.count)
        )

    def shuffle(self, other: "Lanes", order: Sequence[int]) -> "Lanes":
        """Return lanes picked from both: 0 to 7 are ours, 8 to 15 the other's."""
        places = ir.Constant(_BITS, list(order))
        return Lanes(self.builder, self.builder.shuffle_vector(self.value, other.value, places))

    def reverse(self) -> "Lanes":
        """Return the lanes in the opposite order."""
        return self.shuffle(self, range(LANES - 1, -1, -1))

    def from_lane(self, first: Any) -> "Lanes":
        """Return the lanes from a number on, 0 before."""
        start = self.builder.trunc(first, ir.IntType(32))
        starts = self.builder.insert_element(ir.Constant(_BITS, ir.Undefined), start, ir.Constant(start.type, 0))
        starts = self.builder.shuffle_vector(starts, starts, ir.Constant(_BITS, [0] * LANES))
        kept = self.builder.icmp_signed(">=", ir.Constant(_BITS, list(range(LANES))), starts)
        return Lanes(self.builder, self.builder.select(kept, self.value, nothing(self.builder).value))

    def magnitude(self) -> "Lanes":
        """Return the lanes without their signs."""
        bits = self.builder.bitcast(self.value, _BITS)
        plain = self.builder.and_(bits, ir.Constant(_BITS, [0x7FFFFFFF] * LANES))
        return Lanes(self.builder, self.builder.bitcast(plain, FLOATS))

    def larger(self, other: "Lanes") -> "Lanes":
        """Return the larger of each two; ours where one is no number."""
        is_less = self.builder.fcmp_ordered("<", self.value, other.value)
        return Lanes(self.builder, self.builder.select(is_less, other.value, self.value))

    def larger_bits(self, other: "Lanes") -> "Lanes":
        """Return the larger of each two magnitudes, seen as integers: infinity and NaN are larger than all numbers."""
        ours, theirs = (self.builder.bitcast(one.value, _BITS) for one in (self, other))
        larger = self.builder.select(self.builder.icmp_signed("<", ours, theirs), theirs, ours)
        return Lanes(self.builder, self.builder.bitcast(larger, FLOATS))

    def largest(self) -> Any:
        """Return the largest lane as a number."""
        return self._join(Lanes.larger)

    def total(self) -> Any:
        """Return the sum of the lanes as a number."""
        return self._join(Lanes.__add__)

    def _join(self, join: Callable[["Lanes", "Lanes"], "Lanes"]) -> Any:
        joined = self
        for apart in (4, 2, 1):
            joined = join(joined, joined.shuffle(joined, [(lane + apart) % LANES for lane in range(LANES)]))
        return self.builder.extract_element(joined.value, ir.Constant(ir.IntType(32), 0))


class Row:
    """A contiguous array that a kernel reads and writes lane by lane."""

    def __init__(self, context: Any, builder: Any, kind: Any, array: Any, vector: Any = FLOATS) -> None:
        if kind.layout != "C":
            raise TypeError(f"Lanes need contiguous arrays; {kind} is none.")
        self._builder, self._vector = builder, vector
        self._start = _array_of(kind)(context, builder, array).data

    def _at(self, index: Any) -> Any:
        return self._builder.bitcast(self._builder.gep(self._start, [index]), self._vector.as_pointer())

    def load(self, index: Any) -> Lanes:
        """Return the numbers from a place on."""
        value = self._builder.load(self._at(index))
        value.align = 4
        return Lanes(self._builder, value)

    def spread(self, index: Any) -> Lanes:
        """Return one number in all lanes."""
        empty = ir.Constant(self._vector, ir.Undefined)
        one = self._builder.load(self._builder.gep(self._start, [index]))
        first = self._builder.insert_element(empty, one, ir.Constant(ir.IntType(32), 0))
        everywhere = ir.Constant(ir.VectorType(ir.IntType(32), self._vector.count), [0] * self._vector.count)
        return Lanes(self._builder, self._builder.shuffle_vector(first, empty, everywhere))

    def put(self, index: Any, number: Any) -> None:
        """Write one number."""
        self._builder.store(number, self._builder.gep(self._start, [index]))

    def store(self, index: Any, lanes: Lanes) -> None:
        """Write the numbers from a place on."""
        self._builder.store(lanes.value, self._at(index), align=4)


class Held:
    """Lanes that change in the loops of a kernel."""

    def __init__(self, builder: Any, start: Lanes | None = None) -> None:
        start = nothing(builder) if start is None else start
        self._builder, self._place = builder, _room(builder, start.value.type)
        self.set(start)

    def get(self) -> Lanes:
        """Return them as they are now."""
        return Lanes(self._builder, self._builder.load(self._place))

    def set(self, lanes: Lanes) -> None:
        """Change them."""
        self._builder.store(lanes.value, self._place)


def nothing(builder: Any, vector: Any = FLOATS) -> Lanes:
    """Return zeros."""
    return Lanes(builder, ir.Constant(vector, [0.0] * vector.count))
