"""Regular pulses under an onset curve: how fast they may be, and where they lie at each of these tempos.

A tempogram (autocorrelation of the onsets in windows of 8 s) says how fast each part is; near each tempo that stands out in it
the best path, in which jumps cost, is the tempo over time.  Dynamic programming (Ellis 2007, Beat Tracking by Dynamic
Programming) then places pulses where onsets are, at distances near that tempo.  Onsets halfway between two pulses and at their
thirds count too, so that a pulse does not wander to the off-beat where that is louder for a while: which of these is the beat is
asked once for the whole song (`analysis/beats.py`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis import fourier
from tonmeister.analysis.accents import RATE, height_at
from tonmeister.kernels import njit

Floats = NDArray[np.float64]
SLOWEST_BPM, FASTEST_BPM = 50.0, 220.0
"""Range of tempos that are looked for."""
TAPPED_BPM, TAPPED_OCTAVES = 118.0, 1.0
"""People tap near 120: where tempos are ranked, and how wide."""
MOST_TEMPOS, APART_OCTAVES = 7, 0.12
"""How many tempos are tried, and how far apart they must be."""
RELATED = (0.5, 2.0, 1.5, 2 / 3)
"""The strongest tempos may be any of these times the beat."""
PARTS = ((1 / 2, 0.5), (1 / 3, 0.25), (2 / 3, 0.25))
"""What an onset is worth so many periods before or after a pulse."""
HARMONICS = (1, 2, 3, 4)
COHERENT = 0.7
"""A song keeps time like a machine if this share of the lines of its tempo is in phase from start to end..."""
STEADY_SHARE = 0.9
"""...and a straight grid meets this share of the onsets that a free pulse meets."""
_PHASE_S, _NEAR = 4.0, 0.012
_WINDOW_S, _HOP_S = 8.0, 1.0
_TIGHTNESS = 2000.0
_REACH_OCTAVES = 0.2
_FEWEST = 4


@dataclass(frozen=True, slots=True, eq=False)
class Pulse:
    """A regular pulse that may be the beat, or a part or a multiple of it."""

    times_s: Floats
    """(pulses,) in order."""
    strength: float
    """How well its tempo fits: a logarithm, 0 for the best of the song."""
    is_steady: bool
    """Whether it is a straight grid."""


def find_pulses(onsets: Floats) -> list[Pulse]:
    """Return a pulse at each tempo that an onset curve of 100 steps a second may have."""
    curve = level_onsets(onsets)
    bpm = np.geomspace(SLOWEST_BPM, FASTEST_BPM, 129)
    gram = _tempogram(curve, 60 * RATE / bpm)
    mean = gram.mean(axis=0)
    top = max(float(mean.max()), 1e-12)
    pulses = []
    for centre in _tempos(mean, bpm):
        free = _follow(curve, gram, bpm, centre) / RATE
        if free.size >= _FEWEST:
            strength = float(mean[max(0, centre - 2) : centre + 3].max())
            grid = _grid(curve, 60 / float(bpm[centre]))
            steady = grid is not None and _support(curve, grid) >= STEADY_SHARE * _support(curve, free)
            times = grid if steady and grid is not None else _smooth(free)
            pulses.append(Pulse(times, float(np.log(max(strength / top, 1e-3))), steady))
    return pulses


def _grid(curve: Floats, period_s: float) -> Floats | None:
    """Return the straight grid near this period, if the onsets keep its phase all over the song; else None.

    The phase of the lines at one, two, three and four times the tempo is taken in windows of 4 s, each as heavy as it is
    loud: with a click they turn with one frequency from start to end, so that windows in which nobody plays do no harm.
    """
    size = int(_PHASE_S * RATE)
    count = -(-curve.size // size)
    windows = np.pad(curve, (0, count * size - curve.size)).reshape(count, size)
    within, start = np.arange(size) / RATE, np.arange(count) * _PHASE_S
    stretch = 1 + np.linspace(-_NEAR, _NEAR, 601)
    kept, heard = np.zeros(stretch.size), 0.0
    for harmonic in HARMONICS:
        turn = 2 * np.pi * harmonic / period_s
        lines = np.einsum("ws,s->w", windows, np.exp(-1j * turn * within)) * np.exp(-1j * turn * start)
        middle = start + _PHASE_S / 2
        kept += np.abs(np.einsum("sw,w->s", np.exp(-1j * turn * np.outer(stretch - 1, middle)), lines))
        heard += float(np.abs(lines).sum())
    best = int(np.argmax(kept))
    if kept[best] < COHERENT * heard:
        return None
    period = period_s / float(stretch[best])
    places = round(period * RATE)
    place = np.floor(np.arange(curve.size) / (RATE * period) % 1 * places).astype(np.int64)
    mean = np.bincount(place, weights=curve, minlength=places) / np.maximum(np.bincount(place, minlength=places), 1)
    first = (int(np.argmax(mean)) + 0.5) / places * period
    return _settle(np.arange(first, curve.size / RATE, period), curve)


def _settle(grid: Floats, curve: Floats) -> Floats:
    """Return the grid on the onsets near it: a line through their middles, where they are loud."""
    at = np.clip(np.round(grid * RATE).astype(np.int64), 4, curve.size - 5)
    near = np.stack([curve[at + shift] for shift in range(-4, 5)])
    loud = np.maximum(near, 0).max(axis=0)
    late = np.argmax(near, axis=0) - 4 + at - grid * RATE
    shift = float((late * loud).sum() / max(float(loud.sum()), 1e-9)) / RATE
    return grid + shift


def _support(curve: Floats, times: Floats) -> float:
    """Return the mean onset at pulses and halfway between them."""
    return float(height_at(curve, times).mean() + height_at(curve, times[:-1] + np.diff(times) / 2).mean())


def _tempos(mean: Floats, bpm: Floats) -> list[int]:
    """Return the numbers of the tempos that stand out, and of those that are related to the strongest two."""
    rank = mean * np.exp(-0.5 * np.square(np.log2(bpm / TAPPED_BPM) / TAPPED_OCTAVES))
    inner = rank[1:-1]
    peaks = 1 + np.flatnonzero((inner >= rank[:-2]) & (inner > rank[2:]))
    strongest = [int(peak) for peak in peaks[np.argsort(-rank[peaks])]][:4] or [int(np.argmax(rank))]
    wanted = [(bpm[peak] * ratio) for peak in strongest[:2] for ratio in RELATED]
    related = [int(np.argmin(np.abs(bpm - tempo))) for tempo in wanted if bpm[0] < tempo < bpm[-1]]
    kept: list[int] = []
    for number in [*strongest, *related]:
        if all(abs(np.log2(bpm[number] / bpm[other])) > APART_OCTAVES for other in kept):
            kept.append(number)
    return kept[:MOST_TEMPOS]


def _follow(curve: Floats, gram: Floats, bpm: Floats, centre: int) -> Floats:
    """Return pulses in steps at a tempo that stays near this one."""
    near = np.abs(np.log2(bpm / bpm[centre])) < _REACH_OCTAVES
    path = _best_path(np.ascontiguousarray(gram[:, near]), 0.5)
    periods = 60 * RATE / bpm[near][path]
    place = np.arange(curve.size)
    period = np.interp(place, np.arange(len(gram)) * _HOP_S * RATE, periods)
    heard = curve + sum(
        worth * _later(curve, place + sign * part * period) for part, worth in PARTS for sign in (-1, 1)
    )
    return _refine(curve, _place(heard, period, _TIGHTNESS))


def _later(curve: Floats, at: Floats) -> Floats:
    """Return the curve at other steps, its ends beyond them."""
    return curve[np.clip(np.round(at).astype(np.int64), 0, curve.size - 1)]


def _smooth(times: Floats) -> Floats:
    """Return each pulse on a line through its neighbours: weighted means, beyond either end of the song carried on."""
    ends = np.arange(1, 5)
    before = times[0] - ends[::-1] * (times[min(4, times.size - 1)] - times[0]) / min(4, times.size - 1)
    after = times[-1] + ends * (times[-1] - times[-min(5, times.size)]) / min(4, times.size - 1)
    weight = np.exp(-0.5 * np.square(np.arange(-4, 5) / 2.0))
    mean = np.convolve(np.concatenate([before, times, after]), weight / weight.sum(), "valid")
    return np.maximum.accumulate(mean)


def level_onsets(onsets: Floats) -> Floats:
    """Return the curve with mean 0 and like strength all over: quiet intros count too."""
    curve = np.convolve(onsets, [0.25, 0.5, 0.25], "same")
    total = np.concatenate([[0.0], np.cumsum(np.square(curve))])
    place = np.arange(curve.size)
    first, last = np.maximum(place - 4 * RATE, 0), np.minimum(place + 4 * RATE + 1, curve.size)
    norm = np.sqrt((total[last] - total[first]) / (last - first))
    levelled = curve / np.maximum(norm, 0.15 * max(float(norm.max()), 1e-9))
    out: Floats = levelled - levelled.mean()
    return out


def _tempogram(curve: Floats, periods: Floats) -> Floats:
    """Return (windows, periods) mean autocorrelation at one to four periods, in windows a second apart."""
    size, hop = int(_WINDOW_S * RATE), int(_HOP_S * RATE)
    padded = np.pad(curve, size // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    spectrum = np.square(np.abs(fourier.rfft(windows * np.hanning(size), 2 * size)))
    similarity = fourier.irfft(spectrum, 2 * size)[:, :size]
    similarity /= np.maximum(similarity[:, :1], 1e-9)
    weight = np.convolve(np.hanning(size), np.hanning(size)[::-1])[size - 1 :]
    similarity /= np.maximum(weight / weight[0], 0.1)
    lags = periods[:, None] * np.array([1, 2, 3, 4, 4, 8])  # four beats twice: most bars have so many
    inside = lags < 0.7 * size
    low = np.minimum(lags.astype(np.int64), size - 2)
    part = lags - low
    values = similarity[:, low] * (1 - part) + similarity[:, low + 1] * part
    mean = (values * inside).sum(axis=2) / inside.sum(axis=1)
    # What repeats every three halves of a beat repeats every three beats too; only its Fourier line is missing.
    lines = np.sqrt(spectrum / np.maximum(spectrum.sum(axis=1, keepdims=True), 1e-9))
    pulse = sum(
        part * np.stack([np.interp(k * 2 * size / periods, np.arange(lines.shape[1]), row) for row in lines])
        for k, part in ((1, 1.0), (2, 0.6), (4, 0.3))
    )
    both: Floats = np.maximum(mean, 0) * (0.02 + pulse)
    return both / max(float(both.mean()), 1e-12)


@njit(nogil=True, cache=True)
def _best_path(score: Floats, price: float) -> NDArray[np.int64]:
    """Return (frames,) the states with the highest sum of scores; each step of a state costs its price."""
    frames, states = score.shape
    best = score[0].copy()
    back = np.zeros((frames, states), np.int64)
    for frame in range(1, frames):
        before = best.copy()
        for state in range(states):
            top, source = -1e18, state
            for other in range(max(0, state - 6), min(states, state + 7)):
                value = before[other] - price * abs(other - state)
                if value > top:
                    top, source = value, other
            best[state] = top + score[frame, state]
            back[frame, state] = source
    path = np.zeros(frames, np.int64)
    path[-1] = np.argmax(best)
    for frame in range(frames - 1, 0, -1):
        path[frame - 1] = back[frame, path[frame]]
    return path


@njit(nogil=True, cache=True)
def _place(curve: Floats, period: Floats, tightness: float) -> NDArray[np.int64]:
    """Return the steps of the beats with the highest sum of onsets less the price of uneven distances."""
    size = curve.size
    total, back = curve.copy(), np.full(size, -1)
    for step in range(size):
        beat = period[step]
        top, source = 0.0, -1
        for earlier in range(max(0, int(step - 1.4 * beat)), max(0, int(step - 0.7 * beat)) + 1):
            if earlier >= step:
                break
            uneven = np.log((step - earlier) / beat)
            value = total[earlier] - tightness * uneven * uneven
            if source < 0 or value > top:
                top, source = value, earlier
        if source >= 0 and (top > 0 or step > beat * 1.4):
            total[step] += top
            back[step] = source
    last = size - 1
    for step in range(max(0, int(size - period[size - 1])), size):
        if total[step] > total[last]:
            last = step
    count, step = 0, last
    while step >= 0:
        count, step = count + 1, back[step]
    beats = np.zeros(count, np.int64)
    step = last
    for place in range(count - 1, -1, -1):
        beats[place] = step
        step = back[step]
    return beats


def _refine(curve: Floats, steps: NDArray[np.int64]) -> Floats:
    """Return the beats between the steps, at the middle of the onset around them."""
    inside = steps[(steps > 0) & (steps < curve.size - 1)]
    before, here, after = curve[inside - 1], curve[inside], curve[inside + 1]
    bend = before - 2 * here + after
    shift = np.where(bend < -1e-9, 0.5 * (before - after) / np.minimum(bend, -1e-9), 0.0)
    refined: Floats = inside + np.clip(shift, -0.5, 0.5)
    return refined


def carry_on(times: Floats, duration_s: float) -> Floats:
    """Return the beats carried on to both ends of the song, without those outside."""
    if times.size < 2:
        return times
    first, last = times[1] - times[0], times[-1] - times[-2]
    before = times[0] - first * np.arange(int((times[0] + 0.05) / first), 0, -1)
    after = times[-1] + last * np.arange(1, int(max(0.0, duration_s - times[-1]) / last) + 1)
    every = np.concatenate([before, times, after])
    inside: Floats = np.maximum(every[(every > -0.05) & (every < duration_s)], 0.0)
    return inside
