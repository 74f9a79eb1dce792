"""Mouth clicks: short ringings above 2 kHz, as lips and tongue make them, that stand out of all that is around them.

What a vowel does, it does again at its next pulse, and what a consonant does, it does for longer: so a click is compared
with the loudest of its neighbourhood, not with the usual.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tonmeister.analysis.impulses import Impulse, find_edge
from tonmeister.audio import Audio

OVER_LOUDEST_DB = 5.0
"""Above 2 kHz, 2 ms of it have so much more power than any other 2 ms within 30 ms."""
OVER_REST_DB = 7.5
"""Or so much more than all but one other moment: clicks come in pairs, the pulses of a voice do not."""
OVER_USUAL_DB = 9.5
"""And so much more than the median within 30 ms."""
OVER_PHRASE_DB = 8.0
"""At the border of a phrase, where one side is 20 dB louder than the other, it stands so far above the louder one."""
LONGEST_MS = 4.5
"""It stays within 12 dB of its top for no longer."""
MIDDLE_MS = 7.2
"""Four fifths of its energy come within this time: what spreads more evenly is a consonant."""
LOUDEST_DB = -18.0
"""Its largest RMS over half a millisecond above 2 kHz, under the largest sample of the voice: what is louder is a consonant."""
LEAST_POWER = 1e-8
_RING_HZ, _CELL_S, _REACH_S, _PASSES = 2000.0, 0.0005, 0.008, 4
_BEFORE, _AFTER, _FAR = 12, 16, 60
"""Cells that may belong to the click, before and after its top; and as far as its neighbourhood goes."""
_PART_OF_LOUD, _RISE = 0.25, 100.0
_MIDDLE_OF_LONGEST = MIDDLE_MS / LONGEST_MS
_PART_OF_TOP, _PATIENCE = 0.04, 5
"""It lasts down to this part of its top, or to the loudest around, until that is not reached for five cells."""


def find_mouth_clicks(audio: Audio) -> tuple[Impulse, ...]:
    """Return the mouth clicks of a voice, in the order of time."""
    rate, found = audio.sample_rate_hz, list[Impulse]()
    cell, taps = round(_CELL_S * rate), _high_pass(rate)
    most = float(np.abs(audio.samples).max(initial=0.0)) * 10 ** (LOUDEST_DB / 20)
    limits = 10 ** (np.array([OVER_LOUDEST_DB, OVER_REST_DB, OVER_USUAL_DB, OVER_PHRASE_DB]) / 10)
    for channel, samples in enumerate(audio.samples):
        high = _filter(samples, taps)
        envelope = _envelope(high, cell)
        power = np.square(high[: high.size // cell * cell].reshape(-1, cell), dtype=np.float64).mean(axis=1)
        out = np.empty((max(1, power.size // _AFTER), 3))
        count = 0
        for _ in range(_PASSES):  # those that were found no longer hide others
            more = _find(
                power,
                envelope,
                samples,
                limits,
                (round(LONGEST_MS * rate / 1000), round(_REACH_S * rate), most),
                out[count:],
            )
            for first, last, usual in out[count : count + more]:
                power[int(first) // cell : int(last) // cell + 1] = usual
                envelope[int(first) : int(last)] = 0
            count += more
            if more == 0:
                break
        found += [
            Impulse(a / rate, b / rate, channel, float(10 * np.log10(over))) for a, b, over in _tops(out[:count], high)
        ]
    return tuple(sorted(found, key=lambda impulse: (impulse.start_s, impulse.channel)))


def _tops(found: NDArray[np.float64], high: NDArray[np.float32]) -> list[tuple[float, float, float]]:
    """Return first and last frame of each click, and its largest power over what is usual there."""
    return [
        (float(first), float(last), float(np.square(high[int(first) : int(last)]).max() / (usual + 1e-12)))
        for first, last, usual in found
    ]


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
def _begins(samples: NDArray[np.float32], first: int, last: int, cell: int) -> bool:
    """Say whether a sound begins here: 5 to 20 ms after it there is 20 dB more than as long before."""
    before, after = 1e-9, 0.0
    for i in range(10 * cell, 40 * cell):
        if first - i >= 0:
            before += samples[first - i] ** 2
        if last + i < samples.size:
            after += samples[last + i] ** 2
    return after > _RISE * before


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
def _find(
    power: NDArray[np.float64],
    envelope: NDArray[np.float32],
    samples: NDArray[np.float32],
    limits: NDArray[np.float64],
    sizes: tuple[int, int, float],
    out: NDArray[np.float64],
) -> int:
    """Fill (first, last, usual power around) of each click; return how many."""
    over_loudest, over_rest, over_usual, over_phrase = limits
    longest, reach, most = sizes
    cell, count, free = envelope.size // max(1, power.size), 0, 0
    short = np.zeros(power.size)
    for c in range(2, power.size - 1):
        short[c] = (power[c - 2] + power[c - 1] + power[c] + power[c + 1]) / 4
    for c in range(_FAR, power.size - _FAR):
        top = short[c]
        if top < LEAST_POWER or short[c - 1] > top or short[c + 1] >= top or c * cell < free:
            continue
        before, after = short[c - _FAR : c - _BEFORE].max(), short[c + _AFTER : c + _FAR].max()
        loudest, rest = max(before, after), _rest(short, c)
        if top < over_loudest * loudest and top < over_rest * rest:
            continue
        usual = max(np.median(power[c - _FAR : c - _BEFORE]), np.median(power[c + _AFTER : c + _FAR]))
        border = loudest > 100 * min(before, after)
        if top < over_usual * usual or (border and top < over_phrase * min(loudest, rest)):
            continue
        start = (c - 2) * cell
        peak = start + int(np.argmax(envelope[start : start + 4 * cell]))
        floor = max(_PART_OF_TOP * envelope[peak], np.sqrt(min(loudest, rest)))
        loud = _PART_OF_LOUD * envelope[peak]
        lasts = find_edge(envelope, peak, 1, loud, cell) - find_edge(envelope, peak, -1, loud, cell)
        first = max(peak - reach, find_edge(envelope, peak, -1, floor, _PATIENCE * cell), free)
        last = min(peak + reach, find_edge(envelope, peak, 1, floor, _PATIENCE * cell)) + 1
        spread = _middle(envelope, first, last) > _MIDDLE_OF_LONGEST * longest
        if lasts > longest or spread or envelope[peak] >= most or _begins(samples, first, last, cell):
            continue
        if last > first and count < out.shape[0]:
            out[count, 0], out[count, 1], out[count, 2] = first, last, usual
            count, free = count + 1, last
    return count
