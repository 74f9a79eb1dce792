"""Beats and tempo over time, from the onsets of all tracks.

A tempogram (autocorrelation of the onsets in windows of 8 s) says how fast each part is; the best path through it, in which
jumps cost, is the tempo over time.  Dynamic programming (Ellis 2007, Beat Tracking by Dynamic Programming) then places the
beats where onsets are, at distances near that tempo.  A song that keeps time like a machine gets a straight grid.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tonmeister.analysis import fourier
from tonmeister.analysis.levels import rise_of_level

Floats = NDArray[np.float64]
RATE = 100
"""Steps of the onset curve in a second."""
SLOWEST_BPM, FASTEST_BPM = 50.0, 220.0
"""Range of tempos that are looked for."""
PREFERRED_BPM, PREFERENCE_OCTAVES = 118.0, 0.75
"""People tap near 120; the width was set on songs of known tempo, see `bench sections`."""
FAMILY_WEIGHT = {"drums": 2.0, "bass": 1.2, "vocal": 0.3, "effects": 0.3, "strings": 0.6, "mix": 2.0}
"""How much the onsets of a family say about the beat; others 1."""
STEADY_S = 0.016
"""Beats that lie this close to a straight grid (standard deviation) were made with a click..."""
STEADY_SHARE = 0.8
"""...if at least so many of them do, and the grid meets this share of the onsets that the free beats meet."""
LOW_OVER, BROAD_OVER, LOW_OVER_EXPORTED = 2.2, 0.7, 0.5
"""Off-beats are told by low onsets that are so much stronger halfway, while any onsets are not so much weaker; and of stems
that begin on a beat of a steady grid (within `EXPORT_S`), by low onsets that do not speak against it."""
EXPORT_S = 0.03
HALVED_OVER = 1.2
"""Where every second beat was dropped, the others are taken if all their onsets together are so much stronger."""
_LIMIT_DB, _LEAST_DB, _FEWEST_S = 20.0, 3.0, 2.5
_WINDOW_S, _HOP_S = 8.0, 1.0
_TIGHTNESS = 2000.0


@dataclass(frozen=True, slots=True, eq=False)
class Beats:
    """The beats of a song, in order."""

    times_s: Floats
    """(beats,) from the start to the end of the song."""
    confidence: float
    """How far the onsets gather at the beats, 0..1."""
    is_steady: bool
    """Whether they are a straight grid."""

    @property
    def bpm(self) -> float:
        """Median tempo; that of the grid when steady."""
        return float(60 / np.median(np.diff(self.times_s)))


def combine_onsets(onset_10ms: Sequence[NDArray[np.float32]], families: Sequence[str] | None = None) -> Floats:
    """Return one onset curve; a rise of 20 dB counts as much as any higher one, and drums more than voices."""
    total = np.zeros(max((curve.size for curve in onset_10ms), default=0))
    for number, curve in enumerate(onset_10ms):
        weight = 1.0 if families is None else FAMILY_WEIGHT.get(families[number], 1.0)
        total[: curve.size] += weight * np.where(curve > _LEAST_DB, np.minimum(curve, _LIMIT_DB), 0)
    return total


def combine_low_onsets(low_10ms: Sequence[NDArray[np.float32]], families: Sequence[str] | None = None) -> Floats:
    """Return the onset curve of what sounds below about 200 Hz: kicks and basses say where the beat is."""
    rises = [rise_of_level(np.square(curve, dtype=np.float64)) for curve in low_10ms]
    loud = [float(np.square(curve, dtype=np.float64).mean()) for curve in low_10ms]
    kept = [rise if level > 0.01 * max(loud) else np.zeros_like(rise) for rise, level in zip(rises, loud, strict=True)]
    return combine_onsets(kept, families)


def find_beats(onsets: Floats, *, low_onsets: Floats | None = None, with_drums: bool = False) -> Beats | None:
    """Return the beats under an onset curve of 100 steps a second; None where nothing repeats.

    Args:
        onsets: See `combine_onsets`.
        low_onsets: See `combine_low_onsets`; with them, beats that lie halfway between kicks and basses are put right.
        with_drums: Whether a drum kit is known to play: its pulse is then the beat, however fast.
    """
    if onsets.size < _FEWEST_S * RATE or not onsets.any():
        return None
    curve = _level(np.convolve(onsets, [0.25, 0.5, 0.25], "same"))
    bpm = np.geomspace(SLOWEST_BPM, FASTEST_BPM, 129)
    gram = _tempogram(curve, 60 * RATE / bpm)
    preference = np.exp(-0.5 * np.square(np.log2(bpm / PREFERRED_BPM) / PREFERENCE_OCTAVES))
    strength = gram.mean(axis=0) * preference
    centre = int(np.argmax(strength))
    steps = _follow(curve, gram, bpm, centre)
    if steps.size < 4:
        return None
    halved = _is_double(onsets, steps, 60 * RATE / float(np.median(np.diff(steps))), with_drums=with_drums)
    if halved:
        half = int(np.argmin(np.abs(bpm - bpm[centre] / 2)))
        near = slice(max(0, half - 4), half + 5)
        steps = _follow(curve, gram, bpm, near.start + int(np.argmax(gram.mean(axis=0)[near])))
    times, steady = _straighten(steps / RATE, curve)
    times = _extend(times, onsets.size / RATE)
    if (
        low_onsets is not None
        and low_onsets.size > 8
        and _is_halfway(times, onsets, low_onsets, steady=steady, halved=halved)
    ):
        times = between_beats(times, onsets.size / RATE)
    return Beats(times, _confidence(curve, times), steady)


def between_beats(times: Floats, duration_s: float) -> Floats:
    """Return the off-beats of a song."""
    return _extend((times[:-1] + times[1:]) / 2, duration_s)


def _is_halfway(times: Floats, onsets: Floats, low_onsets: Floats, *, steady: bool, halved: bool) -> bool:
    """Say whether these beats are off-beats: half a beat later lie the low accents, or the start of an exported file."""
    halves = (times[:-1] + times[1:]) / 2
    low = float(_heights(low_onsets, halves).mean()) / max(float(_heights(low_onsets, times).mean()), 1e-9)
    broad = float(_heights(onsets, halves).mean()) / max(float(_heights(onsets, times).mean()), 1e-9)
    gap = float(times[1] - times[0])
    exported = steady and abs(float(times[0]) - gap / 2) < EXPORT_S
    if halved and low * broad > HALVED_OVER:
        return True
    return (low > LOW_OVER and broad > BROAD_OVER) or (exported and low > LOW_OVER_EXPORTED)


def _follow(curve: Floats, gram: Floats, bpm: Floats, centre: int) -> Floats:
    """Return the beats in steps at a tempo that stays within a quarter of an octave of this one."""
    near = np.abs(np.log2(bpm / bpm[centre])) < 0.3
    path = _best_path(np.ascontiguousarray(gram[:, near]), 0.5)
    periods = 60 * RATE / bpm[near][path]
    period = np.interp(np.arange(curve.size), np.arange(len(gram)) * _HOP_S * RATE, periods)
    return _refine(curve, _place(curve, period, _TIGHTNESS))


def _is_double(onsets: Floats, steps: Floats, bpm: float, *, with_drums: bool) -> bool:
    """Say whether these beats are twice as fast as people would tap.

    Three signs add up: a high tempo, beats that are weaker every second time, and hardly more than one onset a beat.
    The weights were set by eye on songs of known tempo.
    """
    if bpm < 1.9 * SLOWEST_BPM:
        return False
    smooth = np.convolve(onsets, [0.25, 0.5, 0.25], "same")
    heights = _heights(onsets, steps / RATE)
    uneven = abs(float(heights[::2].mean() - heights[1::2].mean())) / max(float(heights.mean()), 1e-9)
    strong = 0.35 * float(np.percentile(smooth[smooth > 0], 95))
    middle = smooth[1:-1]
    peaks = int(((middle > smooth[:-2]) & (middle >= smooth[2:]) & (middle > strong)).sum())
    sign = 3 * np.log2(bpm / 150) + 3 * min(uneven, 0.6) + 3 * (1.3 - peaks / (onsets.size / RATE * bpm / 60))
    return bool(sign > (1.8 if with_drums else 1.0))


def _level(curve: Floats) -> Floats:
    """Return the curve with mean 0 and like strength all over: quiet intros count too."""
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


def _straighten(times: Floats, curve: Floats) -> tuple[Floats, bool]:
    """Return the beats on a straight grid if that meets nearly as many onsets, else each on a line through its neighbours."""
    index = np.arange(times.size, dtype=np.float64)
    slope, start = _fit_grid(times)
    error = times - (start + slope * np.round((times - start) / slope))
    close = np.abs(error) < 0.05
    if close.mean() > STEADY_SHARE and float(error[close].std()) < STEADY_S:
        grid = start + slope * np.arange(int(-start / slope), int((curve.size / RATE - start) / slope) + 1)
        grid = grid[(grid >= times[0] - 0.1) & (grid <= times[-1] + 0.1)]
        if _heights(curve, grid).sum() >= STEADY_SHARE * _heights(curve, times).sum():
            return grid, True
    smooth = np.empty(times.size)
    for beat in range(times.size):
        low, high = max(0, beat - 4), min(times.size, beat + 5)
        near = index[low:high] - beat
        spread = np.exp(-0.5 * np.square(near / 2.0))
        smooth[beat] = np.polyfit(near, times[low:high], 1, w=spread)[1]
    return np.maximum.accumulate(smooth), False


def _fit_grid(times: Floats) -> tuple[float, float]:
    """Return period and start of the straight grid that most beats lie near, whatever a few others do."""
    period = float(np.median(np.diff(times)))
    best, found = -1.0, (period, float(times[0]))
    for candidate in period * (1 + np.linspace(-0.01, 0.01, 401)):
        turn = np.exp(2j * np.pi * times / candidate)
        if abs(turn.mean()) > best:
            best = float(abs(turn.mean()))
            found = candidate, float(np.angle(turn.mean()) / (2 * np.pi) * candidate)
    slope, start = found
    for reach in (0.1, 0.05, 0.03):
        number = np.round((times - start) / slope)
        near = np.abs(times - start - slope * number) < reach
        if near.sum() > 3:
            slope, start = (float(value) for value in np.polyfit(number[near], times[near], 1))
    return slope, start % slope


def _extend(times: Floats, duration_s: float) -> Floats:
    """Return the beats carried on to both ends of the song, without those outside."""
    if times.size < 2:
        return times
    first, last = times[1] - times[0], times[-1] - times[-2]
    before = times[0] - first * np.arange(int((times[0] + 0.05) / first), 0, -1)
    after = times[-1] + last * np.arange(1, int(max(0.0, duration_s - times[-1]) / last) + 1)
    every = np.concatenate([before, times, after])
    inside: Floats = np.maximum(every[(every > -0.05) & (every < duration_s)], 0.0)
    return inside


def _heights(curve: Floats, times: Floats) -> Floats:
    """Return the highest onset within 10 ms of each beat."""
    at = np.clip(np.round(times * RATE).astype(np.int64), 1, curve.size - 2)
    highest: Floats = np.maximum(np.maximum(curve[at - 1], curve[at]), curve[at + 1])
    return highest


def _confidence(curve: Floats, times: Floats) -> float:
    """Return how much higher the onsets are at the beats than on average, in standard deviations, held to 0..1."""
    return float(np.clip(_heights(curve, times).mean() / max(float(curve.std()), 1e-9) / 2.0, 0, 1))
