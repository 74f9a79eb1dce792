"""Loudness and loudness range (ITU-R BS.1770-5, EBU Tech 3341 and 3342).

A mono file counts as one channel, as BS.1770 says: panned to the centre with a constant-power law it keeps this loudness,
played from both loudspeakers at full level it is 3 LU louder.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.analysis.chunks import Chunk, Chunker
from tonmeister.audio import Audio, Samples
from tonmeister.errors import AudioTooShortError
from tonmeister.kernels import njit
from tonmeister.kernels.lanes import INT, PAIR, Held, Row, inside_kernels, loop
from tonmeister.model import Model

BLOCK_S = 0.4
"""Length of a gating block (BS.1770-5) and of momentary loudness (Tech 3341)."""
SHORT_TERM_S = 3.0
"""Length of short-term loudness (Tech 3341)."""
ABSOLUTE_GATE_LUFS = -70.0
"""Blocks at or below never count (BS.1770-5)."""
RELATIVE_GATE_LU = -10.0
"""Gate of integrated loudness, relative to the mean of what passed the absolute gate (BS.1770-5)."""
RANGE_GATE_LU = -20.0
"""Gate of loudness range, relative likewise (Tech 3342)."""
_OFFSET_LU = -0.691  # BS.1770-5 eq. 2: makes 997 Hz at 0 dBFS in one channel -3.01 LUFS
_HIGH_PASS_HZ = 38.13547087602444
_FINE_PER_S = 100  # Tech 3341 cases 13 and 14: 400 ms windows at any 20 ms must be found


class Loudness(Model):
    """Loudness of a signal; None where there is too little sound to say (never minus infinity)."""

    integrated_lufs: float | None = None
    """Gated loudness of the whole; None for silence or less than 400 ms."""
    momentary_max_lufs: float | None = None
    """Loudest 400 ms; None for silence."""
    short_term_max_lufs: float | None = None
    """Loudest 3 s; None for silence or less than 3 s."""
    range_lu: float | None = Field(default=None, ge=0)
    """Loudness range (LRA); None for silence or less than 3 s."""


@dataclass(frozen=True, slots=True)
class KWeighting:
    """The two biquads of K-weighting as (b0, b1, b2, a1, a2)."""

    shelf: NDArray[np.float64]
    """Head filter: +4 dB above 1.7 kHz."""
    high_pass: NDArray[np.float64]
    """RLB filter: second-order high-pass at 38 Hz."""


def design_k_weighting(sample_rate_hz: int) -> KWeighting:
    """Return K-weighting for any rate, from the analogue prototype behind the table of BS.1770-5 for 48 kHz.

    The prototype's constants are those that the bilinear transform turns into the table's coefficients. The table writes the high-pass
    with a numerator of 1, -2, 1, a gain of 0.04 dB at 48 kHz; the shelf brings the same gain to the other rates.
    """
    gain, band = 10 ** (3.999843853973347 / 20), 10 ** (3.999843853973347 / 20 * 0.4996667741545416)
    k, q = math.tan(math.pi * 1681.974450955533 / sample_rate_hz), 0.7071752369554196
    a0 = 1 + k / q + k * k
    shelf = [
        (gain + band * k / q + k * k) / a0,
        2 * (k * k - gain) / a0,
        (gain - band * k / q + k * k) / a0,
        2 * (k * k - 1) / a0,
        (1 - k / q + k * k) / a0,
    ]
    k, q = math.tan(math.pi * _HIGH_PASS_HZ / sample_rate_hz), 0.5003270373238773
    a0, table = (1 + t / q + t * t for t in (k, math.tan(math.pi * _HIGH_PASS_HZ / 48_000)))
    high_pass = np.array([1.0, -2.0, 1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0])
    return KWeighting(np.array([*(table / a0 * b for b in shelf[:3]), *shelf[3:]]), high_pass)


class LoudnessMeter:
    """Measures loudness block by block; the result does not depend on the cuts, to the bit."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self._rate = sample_rate_hz
        self._weighting = design_k_weighting(sample_rate_hz)
        self._state = np.zeros(14)
        self._at_rest = True
        self._energies: list[NDArray[np.float64]] = []
        self._chunker = Chunker(sample_rate_hz, channels)

    def add(self, block: Samples) -> None:
        """Take the next block, (channels, frames) of finite float32."""
        for chunk in self._chunker.cut(block):
            self.take(chunk)

    def take(self, chunk: Chunk) -> None:
        """Take the next whole second, for callers that cut into seconds themselves."""
        if chunk.silent and self._at_rest:
            self._energies.append(np.zeros(_FINE_PER_S))
            return
        self._energies.append(self._weigh(chunk, self._state))
        # A second of zeros leaves less than 1e-100 in the 38 Hz filter: forget it, before it becomes slow denormals.
        self._at_rest = chunk.silent
        if chunk.silent:
            self._state[:] = 0

    def energies_100ms(self, rest: Chunk | None = None) -> NDArray[np.float64]:
        """Return (steps,) K-weighted mean square of each whole 100 ms so far, summed over channels."""
        fine = self.energies_10ms(rest)
        return _join_tens(fine)

    def energies_10ms(self, rest: Chunk | None = None) -> NDArray[np.float64]:
        """Return (steps,) the same of each whole 10 ms."""
        rest = rest or self._chunker.rest()
        tail = [] if rest is None else [self._weigh(rest, self._state.copy())]
        return np.concatenate([*self._energies, *tail]) if self._energies or tail else np.zeros(0)

    def result(self, rest: Chunk | None = None) -> Loudness:
        """Return the loudness of all that was added so far, maxima to 10 ms; more may follow."""
        fine = self.energies_10ms(rest)
        block, short = (_sliding_mean(fine, round(s * _FINE_PER_S)) for s in (BLOCK_S, SHORT_TERM_S))
        return gated_loudness_from_energies(_join_tens(fine)).model_copy(
            update={
                "momentary_max_lufs": _to_lufs(float(block.max(initial=0.0))),
                "short_term_max_lufs": _to_lufs(float(short.max(initial=0.0))),
            }
        )

    def _weigh(self, chunk: Chunk, state: NDArray[np.float64]) -> NDArray[np.float64]:
        energies = np.empty(chunk.samples.shape[1] * _FINE_PER_S // self._rate)
        shelf, high_pass, samples = self._weighting.shelf, self._weighting.high_pass, chunk.samples
        _weigh(samples[0], samples[-1], shelf, high_pass, state, self._rate, energies)
        if samples.shape[0] == 1:
            energies /= 2  # it went through both channels
        return energies


def measure_loudness(audio: Audio) -> Loudness:
    """Measure integrated, momentary and short-term loudness and loudness range (BS.1770-5, Tech 3341, Tech 3342).

    Raises:
        AudioTooShortError: If the audio is shorter than one 400 ms block.
    """
    if audio.duration_s < BLOCK_S:
        raise AudioTooShortError(got_s=audio.duration_s, need_s=BLOCK_S)
    meter = LoudnessMeter(audio.sample_rate_hz, audio.channels)
    meter.add(audio.samples)
    return meter.result()


def gated_loudness_from_energies(energies_100ms: NDArray[np.float64]) -> Loudness:
    """Return the loudness of a signal from its K-weighted energies, which may have been scaled or added up before.

    A gain of g dB multiplies energies by 10^(g/10); energies of unrelated signals add.
    """
    blocks, short = _sliding_mean(energies_100ms, 4), _sliding_mean(energies_100ms, 30)
    return Loudness(
        integrated_lufs=_integrated(blocks),
        momentary_max_lufs=_to_lufs(float(blocks.max(initial=0.0))),
        short_term_max_lufs=_to_lufs(float(short.max(initial=0.0))),
        range_lu=_loudness_range(short),
    )


def integrated_from_energies(energies_100ms: NDArray[np.float64]) -> float | None:
    """Return only the integrated loudness in LUFS; None for silence. For loops that try many gains."""
    return _integrated(_sliding_mean(energies_100ms, 4))


def short_term_curve(
    energies: NDArray[np.float64], *, floor_lufs: float = -120.0, steps_per_s: int = 10
) -> NDArray[np.float64]:
    """Return (steps,) short-term loudness in LUFS, not below the floor; step k is the 3 s that begin with energy k."""
    return _to_curve(_sliding_mean(energies, round(SHORT_TERM_S * steps_per_s)), floor_lufs)


def momentary_curve(
    energies: NDArray[np.float64], *, floor_lufs: float = -120.0, steps_per_s: int = 10
) -> NDArray[np.float64]:
    """Return (steps,) momentary loudness in LUFS, not below the floor; step k is the 400 ms that begin with energy k."""
    return _to_curve(_sliding_mean(energies, round(BLOCK_S * steps_per_s)), floor_lufs)


def _to_curve(power: NDArray[np.float64], floor_lufs: float) -> NDArray[np.float64]:
    curve: NDArray[np.float64] = _OFFSET_LU + 10 * np.log10(np.maximum(power, _to_energy(floor_lufs)))
    return curve


def _sliding_mean(energies: NDArray[np.float64], steps: int) -> NDArray[np.float64]:
    """Return the mean over each run of `steps` energies; summed anew each time, as differences of a long sum drift."""
    if energies.size < steps:
        return np.zeros(0)
    if steps % 10 == 0:  # tens first: 3 s at 10 ms takes 40 additions instead of 300
        return _sum_every(_sum_every(energies, 10, 1), steps // 10, 10) / steps
    return _sum_every(energies, steps, 1) / steps


def _sum_every(values: NDArray[np.float64], count: int, apart: int) -> NDArray[np.float64]:
    """Return for each start the sum of `count` values that lie so many steps apart."""
    total = values[: values.size - (count - 1) * apart].copy()
    for shift in range(1, count):
        total += values[shift * apart : shift * apart + total.size]
    return total


def _join_tens(fine: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of each whole ten."""
    tens: NDArray[np.float64] = fine[: fine.size // 10 * 10].reshape(-1, 10).mean(axis=1)
    return tens


def _integrated(blocks: NDArray[np.float64]) -> float | None:
    """BS.1770-5 gating: absolute, then relative to the mean of what is left."""
    loud = blocks[blocks > _to_energy(ABSOLUTE_GATE_LUFS)]
    if loud.size == 0:
        return None
    return _to_lufs(float(loud[loud > loud.mean() * 10 ** (RELATIVE_GATE_LU / 10)].mean()))


def _loudness_range(short: NDArray[np.float64]) -> float | None:
    """Tech 3342: 95th minus 10th percentile of gated short-term loudness, nearest rank as in its reference code."""
    loud = short[short > _to_energy(ABSOLUTE_GATE_LUFS)]
    if loud.size == 0:
        return None
    loud = np.sort(loud[loud >= loud.mean() * 10 ** (RANGE_GATE_LU / 10)])
    low, high = (loud[math.floor((loud.size - 1) * share + 0.5)] for share in (0.10, 0.95))
    return float(10 * np.log10(high / low))


def _to_lufs(energy: float) -> float | None:
    return _OFFSET_LU + 10 * math.log10(energy) if energy > 0 else None


def _to_energy(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET_LU) / 10))


@njit(nogil=True, cache=True, fastmath={"contract", "nsz"})
def _audible(value: float) -> float:
    return value if abs(value) > 1e-100 else 0.0


@inside_kernels
def _filter_pairs(_: Any, ahead: Any, factors: Any, state: Any, size: Any) -> Any:
    """Run the recursions of both filters over left and right side by side; add what comes out squared to the last of `state`."""

    def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        new, factor, kept = (
            Row(context, builder, kind, v, PAIR) for kind, v in zip(signature.args[:3], values[:3], strict=True)
        )
        a1, a2, c1, c2 = (factor.spread(ir.Constant(INT, k)) for k in range(4))
        places = [ir.Constant(INT, 2 * k) for k in range(5)]
        y1, y2, z1, z2, energy = held = [Held(builder, kept.load(place)) for place in places]
        with loop(builder, values[3]) as turn:
            y = (new.load(builder.add(turn.index, turn.index)) - a2 * y2.get()) - a1 * y1.get()
            z = ((y - y1.get() * 2.0 + y2.get()) - c2 * z2.get()) - c1 * z1.get()
            energy.set(energy.get() + z * z)
            for older, newer, now in ((y2, y1, y), (z2, z1, z)):
                older.set(newer.get())
                newer.set(now)
        for place, lanes in zip(places, held, strict=True):
            kept.store(place, lanes.get())
        return context.get_dummy_value()

    return types.void(ahead, factors, state, size), write


@njit(nogil=True, cache=True, fastmath={"contract", "nsz"})
def _weigh(
    left: NDArray[np.float32],
    right: NDArray[np.float32],
    shelf: NDArray[np.float64],
    high_pass: NDArray[np.float64],
    state: NDArray[np.float64],
    rate: int,
    energies: NDArray[np.float64],
) -> None:
    """Fill the K-weighted mean square of each 10 ms, summed over two channels; direct form I, float64.

    What does not wait for the last output is worked out before, in a loop that becomes vectors. `state` holds left and right
    of: the outputs one and two samples ago of the first filter, of the second, a sum, the inputs one and two samples ago.
    """
    b0, b1, b2 = shelf[0], shelf[1], shelf[2]
    factors = np.array([shelf[3], shelf[4], high_pass[3], high_pass[4]])
    ahead = np.empty(2 * (rate // 100 + 1))
    for step in range(energies.size):
        start, end = step * rate // 100, (step + 1) * rate // 100
        one, other, size = left[start:end], right[start:end], end - start
        ahead[0] = b0 * one[0] + b1 * state[10] + b2 * state[12]
        ahead[1] = b0 * other[0] + b1 * state[11] + b2 * state[13]
        ahead[2] = b0 * one[1] + b1 * one[0] + b2 * state[10]
        ahead[3] = b0 * other[1] + b1 * other[0] + b2 * state[11]
        for i in range(size - 2):
            ahead[2 * i + 4] = b0 * one[i + 2] + b1 * one[i + 1] + b2 * one[i]
            ahead[2 * i + 5] = b0 * other[i + 2] + b1 * other[i + 1] + b2 * other[i]
        state[10], state[11], state[12], state[13] = one[size - 1], other[size - 1], one[size - 2], other[size - 2]
        state[8:10] = 0
        _filter_pairs(ahead, factors, state, size)
        energies[step] = (state[8] + state[9]) / size
        # Silence between two sounds fades by about 1e-32 in 10 ms: forgotten here, it never becomes slow denormals.
        for k in range(8):
            state[k] = _audible(state[k])
