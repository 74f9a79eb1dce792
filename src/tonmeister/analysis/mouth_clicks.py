"""Mouth clicks: short ringings above 2 kHz, as lips and tongue make them, that stand out of all that is around them.

What a vowel does, it does again at its next pulse, and what a consonant does, it does for longer: so a moment that stands out is
compared with the loudest of its neighbourhood, not with the usual. Ten figures of it are weighed by a logistic regression
(`bench/training/mouth_clicks.py`), for no single one tells a click from the burst of a consonant.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.impulses import find_edge
from tonmeister.audio import Audio
from tonmeister.kernels import njit


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure by which a moment is judged, and what it weighs."""

    least: float
    """What is less counts as this."""
    most: float
    middle: float
    scale: float
    weight: float
    """Of the figure, from its middle, over its scale."""
    square_weight: float
    """Of the square of that."""


FIGURES = {
    "over_loudest_db": Figure(-20, 20, 8.8682, 8.9968, 0.2668, 0.5272),
    "over_rest_db": Figure(-5, 25, 13.8309, 9.0870, 2.5680, -2.8380),
    "over_usual_db": Figure(5, 30, 18.9356, 8.8422, 0.7373, 0.4154),
    "sides_db": Figure(0, 40, 7.5571, 10.0266, -1.6609, 0.2940),
    "lasts_ms": Figure(0, 10, 3.2079, 2.8346, -2.2552, 0.5404),
    "middle_ms": Figure(0, 12, 2.8689, 2.3248, 2.0127, -0.6249),
    "under_peak_db": Figure(-60, 0, -32.7434, 8.6184, 0.2981, -0.8612),
    "grows_db": Figure(-40, 60, -0.0330, 9.1508, -0.3120, 0.0239),
    "high_share_db": Figure(-40, 0, -9.4904, 9.1937, 0.1554, -0.0025),
    "length_ms": Figure(0, 16, 5.1090, 3.3888, -1.5124, -0.0967),
}
"""Its top over the loudest 2 ms within 30 ms; over that without the greatest rival, for clicks come in pairs; over the median;
how unlike both sides are; how long it stays within 12 dB of its top, and how long four fifths of its energy last; its level under
the largest sample of the voice; how much more sounds after it than before; its share above 2 kHz; and its length."""
BIAS = 3.8328
LEAST_SCORE = 0.0
"""Above, a click is likelier than not, were there as many clicks as other moments that stand out."""
LOUDEST_DB = -18.0
"""Its largest RMS over half a millisecond above 2 kHz, under the largest sample of the voice: what is louder is a consonant."""
MOST_GROWTH_DB = 40.0
"""With so much more after it than before, it is the beginning of a sound."""
LEAST_POWER = 1e-8
_RING_HZ, _CELL_S, _REACH_S, _PASSES = 2000.0, 0.0005, 0.008, 4
_BEFORE, _AFTER, _FAR = 12, 16, 60
"""Cells that may belong to the click, before and after its top; and as far as its neighbourhood goes."""
_PART_OF_LOUD = 0.25
_PART_OF_TOP, _PATIENCE = 0.04, 5
"""It lasts down to this part of its top, or to the loudest around, until that is not reached for five cells."""
_OVER_LOUDEST, _OVER_REST, _OVER_USUAL = 10**0.05, 10**0.3, 10**0.5
"""Powers; what stands out less is not looked at."""


@dataclass(frozen=True, slots=True)
class MouthMoment:
    """A moment that looks like a mouth click."""

    start_s: float
    """Where it begins."""
    end_s: float
    """Where it ends."""
    channel: int
    """The channel that has it."""
    score: float
    """How much it looks like one: above 0 likelier than not, were there as many clicks as other moments that stand out."""


def find_mouth_moments(audio: Audio, *, least_score: float = LEAST_SCORE) -> tuple[MouthMoment, ...]:
    """Return the moments of a voice that look like mouth clicks, in the order of time."""
    rate, found = audio.sample_rate_hz, list[MouthMoment]()
    cell = round(_CELL_S * rate)
    for channel, samples in enumerate(audio.samples):
        power, envelope = _above(samples, rate)
        samples = samples.copy()  # noqa: PLW2901 - what is found is silenced in it
        for _ in range(_PASSES):  # those that were found no longer hide others
            rows = _moments(power, envelope, samples, rate)
            more = _likely(rows, LEAST_SCORE)
            found += [MouthMoment(first / rate, last / rate, channel, score) for first, last, _, score in more]
            if not more:
                break
            for first, last, usual, _ in more:
                power[first // cell : last // cell + 1] = usual
                envelope[first:last] = samples[first:last] = 0
        if least_score < LEAST_SCORE:
            rest = _likely(_moments(power, envelope, samples, rate), least_score)
            found += [MouthMoment(first / rate, last / rate, channel, score) for first, last, _, score in rest]
    return tuple(sorted(found, key=lambda moment: (moment.start_s, moment.channel)))


def describe_moments(samples: NDArray[np.float32], rate_hz: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return (moments, 2) first and last frame of what stands out above 2 kHz, and (moments, 10) its FIGURES."""
    power, envelope = _above(samples, rate_hz)
    rows = _moments(power, envelope, samples, rate_hz)
    return rows[:, :2].astype(np.int64), _figures(rows)


def _figures(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    low, high = ([getattr(figure, side) for figure in FIGURES.values()] for side in ("least", "most"))
    return np.asarray(np.clip(rows[:, 3:], low, high))


def _likely(rows: NDArray[np.float64], least_score: float) -> list[tuple[int, int, float, float]]:
    """Return first and last frame, usual power and score of those moments that may be clicks; none overlap."""
    scores = score_moments(_figures(rows))
    out: list[tuple[int, int, float, float]] = []
    for first, last, usual, score in np.column_stack([rows[:, :3], scores])[scores > least_score]:
        start = max(int(first), out[-1][1] if out else 0)
        if start < int(last):
            out.append((start, int(last), float(usual), float(score)))
    return out


def score_moments(figures: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how much each moment looks like a click, by its FIGURES."""
    middle, scale, weight, square = (
        np.array([getattr(figure, name) for figure in FIGURES.values()])
        for name in ("middle", "scale", "weight", "square_weight")
    )
    off = (figures - middle) / scale
    return np.asarray(BIAS + off @ weight + np.square(off) @ square)


def _above(samples: NDArray[np.float32], rate: int) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Return the power above 2 kHz in each cell, and the envelope there."""
    cell = round(_CELL_S * rate)
    high = _filter(samples, _high_pass(rate))
    power = np.square(high[: high.size // cell * cell].reshape(-1, cell), dtype=np.float64).mean(axis=1)
    return power, _envelope(high, cell)


def _moments(
    power: NDArray[np.float64], envelope: NDArray[np.float32], samples: NDArray[np.float32], rate: int
) -> NDArray[np.float64]:
    out = np.empty((power.size // 2 + 1, 13))
    most = float(np.abs(samples).max(initial=0.0)) * 10 ** (LOUDEST_DB / 20) + 1e-9
    rows = out[: _describe(power, envelope, samples, round(_REACH_S * rate), most, out)]
    rows[:, 9] += LOUDEST_DB
    rows[:, [7, 8, 12]] *= 1000 / rate
    return rows


def _high_pass(rate: int) -> NDArray[np.float32]:
    """Return a windowed sinc of 2 ms that stops what is below 2 kHz."""
    half = round(0.001 * rate)
    place = np.arange(-half, half + 1)
    low = np.sinc(2 * _RING_HZ / rate * place) * np.hanning(2 * half + 3)[1:-1]
    taps = -low / low.sum()
    taps[half] += 1
    return np.asarray(taps, dtype=np.float32)


@njit(nogil=True, cache=True, fastmath=True)  # no sum depends on where a block ends: there are no blocks here
def _filter(signal: NDArray[np.float32], taps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the signal through a symmetrical filter, in time with it; zero where the filter reaches over the ends."""
    half, count = taps.size // 2, signal.size
    out = np.zeros(count, np.float32)
    for n in range(half, count - half):
        total = taps[half] * signal[n]
        for i in range(half):
            total += taps[i] * (signal[n - half + i] + signal[n + half - i])
        out[n] = total
    return out


@njit(nogil=True, cache=True)
def _envelope(high: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """Return the RMS within half `reach` to either side of each sample."""
    out = np.zeros(high.size, np.float32)
    side, total = reach // 2, 0.0
    for n in range(high.size - side):
        total += high[n + side] ** 2
        if n - side > 0:
            total -= high[n - side - 1] ** 2
        out[n] = np.sqrt(max(total, 0.0) / (2 * side + 1))
    return out


@njit(nogil=True, cache=True)
def _rest(short: NDArray[np.float64], c: int) -> float:
    """Return the largest power of the neighbourhood without the click at c and without its greatest rival."""
    rival = c - _FAR
    for other in range(c - _FAR, c + _FAR):
        if not c - _BEFORE <= other < c + _AFTER and short[other] > short[rival]:
            rival = other
    most = 0.0
    for other in range(c - _FAR, c + _FAR):
        own = c - _BEFORE <= other < c + _AFTER
        if not own and not rival - _BEFORE <= other < rival + _AFTER:
            most = max(most, short[other])
    return most


@njit(nogil=True, cache=True)
def _growth_db(samples: NDArray[np.float32], first: int, last: int, cell: int) -> float:
    """Return how much more sounds 5 to 20 ms after than as long before."""
    before, after = 1e-9, 1e-9
    for i in range(10 * cell, 40 * cell):
        if first - i >= 0:
            before += samples[first - i] ** 2
        if last + i < samples.size:
            after += samples[last + i] ** 2
    return float(10 * np.log10(after / before))


@njit(nogil=True, cache=True)
def _middle(envelope: NDArray[np.float32], first: int, last: int) -> int:
    """Return how long it takes from a tenth to nine tenths of the energy."""
    energy, total, low, high = 0.0, 0.0, -1, last
    for n in range(first, last):
        total += envelope[n] ** 2
    for n in range(first, last):
        energy += envelope[n] ** 2
        if low < 0 and energy >= 0.1 * total:
            low = n
        if energy >= 0.9 * total:
            high = n
            break
    return high - low


@njit(nogil=True, cache=True)
def _describe(
    power: NDArray[np.float64],
    envelope: NDArray[np.float32],
    samples: NDArray[np.float32],
    reach: int,
    most: float,
    out: NDArray[np.float64],
) -> int:
    """Fill first and last frame, usual power and the ten figures (times in samples) of what stands out; return how many."""
    cell, count = envelope.size // max(1, power.size), 0
    short = np.zeros(power.size)
    for c in range(2, power.size - 1):
        short[c] = (power[c - 2] + power[c - 1] + power[c] + power[c + 1]) / 4
    for c in range(_FAR, power.size - _FAR):
        top = short[c]
        if top < LEAST_POWER or short[c - 1] > top or short[c + 1] >= top:
            continue
        before, after = short[c - _FAR : c - _BEFORE].max(), short[c + _AFTER : c + _FAR].max()
        loudest, rest = max(before, after), _rest(short, c)
        if top < _OVER_LOUDEST * loudest and top < _OVER_REST * rest:
            continue
        usual = max(np.median(power[c - _FAR : c - _BEFORE]), np.median(power[c + _AFTER : c + _FAR]))
        if top < _OVER_USUAL * usual:
            continue
        start = (c - 2) * cell
        peak = start + int(np.argmax(envelope[start : start + 4 * cell]))
        floor = max(_PART_OF_TOP * envelope[peak], np.sqrt(min(loudest, rest)))
        if envelope[peak] >= most:
            continue
        loud = _PART_OF_LOUD * envelope[peak]
        first = max(peak - reach, find_edge(envelope, peak, -1, floor, _PATIENCE * cell))
        last = min(peak + reach, find_edge(envelope, peak, 1, floor, _PATIENCE * cell)) + 1
        growth_db = _growth_db(samples, first, last, cell)
        if last <= first or growth_db > MOST_GROWTH_DB or count == out.shape[0]:
            continue
        whole, above = 1e-15, 1e-15
        for i in range(first, last):
            whole += samples[i] ** 2
            above += envelope[i] ** 2
        row = out[count]
        row[0], row[1], row[2] = first, last, usual
        row[3] = 10 * np.log10(top / (loudest + 1e-12))
        row[4] = 10 * np.log10(top / (rest + 1e-12))
        row[5] = 10 * np.log10(top / (usual + 1e-12))
        row[6] = 10 * np.log10(loudest / (min(before, after) + 1e-12))
        row[7] = find_edge(envelope, peak, 1, loud, cell) - find_edge(envelope, peak, -1, loud, cell)
        row[8] = _middle(envelope, first, last)
        row[9] = 20 * np.log10(envelope[peak] / most + 1e-9)
        row[10] = growth_db
        row[11] = 10 * np.log10(above / whole)
        row[12] = last - first
        count += 1
    return count
