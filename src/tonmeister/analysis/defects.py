"""Weaknesses of a recording that repair may work on, with where and how bad: facts, not yet faults.

Noise floor, hum, pops, hissed consonants, breaths, reverberation, resonances.  Pops, consonants and breaths mean something for
voices only; who asks knows what plays.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.analysis.hum import Hum
from tonmeister.analysis.noise import NoiseFloor
from tonmeister.analysis.spans import Span
from tonmeister.analysis.steps import LEFT_POWER, RIGHT_POWER, RISE_POWER, SLOW_PER_S, STEPS_PER_S
from tonmeister.kernels import njit
from tonmeister.model import Db, Hz, Model, Seconds, Share

_SPANS = 100
_TINY = 1e-14


class Resonance(Model):
    """A narrow peak of the long-term spectrum."""

    frequency_hz: Hz
    """Where."""
    over_db: Db
    """How far it stands above the spectrum half an octave around."""


class Defects(Model):
    """What repair may work on; None or empty where nothing was found."""

    hum_hz: Hz | None = None
    """Fundamental of a mains hum."""
    hum_dbfs: Db | None = None
    """Level of its lines together."""
    noise_dbfs: Db | None = None
    """Level of steady noise under the music, in the bands in which it shows."""
    noise_low_hz: Hz | None = None
    """Lowest frequency at which it shows."""
    pops: tuple[Span, ...] = ()
    """Bursts below 120 Hz as plosives make them, at most the first hundred."""
    pop_db: Db | None = None
    """Strongest of them, over the level of the active parts."""
    sibilants: tuple[Span, ...] = ()
    """Where 4.5 to 11 kHz outweigh all below 3 kHz, at most the first hundred."""
    sibilance_db: Db | None = None
    """Level there between 4.5 and 11 kHz over the level of the active parts, mean of the loudest quarter."""
    breath_share: Share = 0.0
    """Part of the length that is noise-like, 12 to 45 dB below the active parts and short of a phrase."""
    decay_s: Seconds | None = None
    """Time for 60 dB at the rate at which sound dies away in the pauses (RT60, blind); None without free decays."""
    decays: int = Field(default=0, ge=0)
    """How many decays that rests on."""
    tail_db: Db | None = None
    """Level 50 to 150 ms after the sound stops over that before it: how wet; direct-to-reverberant ratio falls as it rises."""
    resonances: tuple[Resonance, ...] = ()
    """Narrow peaks of the long-term spectrum, strongest first, at most five."""


@dataclass(frozen=True, slots=True, eq=False)
class DefectEvidence:
    """What the meters of one track found."""

    steps: NDArray[np.float32]
    """`Steps.values`, (steps, 7)."""
    slow: NDArray[np.float32]
    """`Steps.slow`."""
    bands: NDArray[np.float32]
    """(frames, 40) `SpectrumCurves.bands`."""
    frame_s: float
    """Seconds from frame to frame."""
    power: NDArray[np.float64]
    """(bins,) long-term power."""
    bin_hz: float
    active_rms_dbfs: float | None
    hum: Hum | None
    noise: NoiseFloor | None


def find_defects(evidence: DefectEvidence) -> Defects:
    """Return what repair may work on in one track."""
    rms = evidence.active_rms_dbfs
    if rms is None:
        return Defects()
    pops, pop_db = _find_pops(evidence.slow, rms)
    sibilants, sibilance_db = _find_sibilants(evidence.bands, evidence.frame_s, rms)
    decay_s, decays, tail_db = measure_decay(evidence.steps)
    hum, noise = evidence.hum, evidence.noise
    return Defects(
        hum_hz=hum.frequency_hz if hum else None,
        hum_dbfs=hum.level_dbfs if hum else None,
        noise_dbfs=noise.level_dbfs if noise else None,
        noise_low_hz=noise.low_hz if noise else None,
        pops=pops,
        pop_db=pop_db,
        sibilants=sibilants,
        sibilance_db=sibilance_db,
        breath_share=_breath_share(evidence.bands, evidence.frame_s, rms),
        decay_s=decay_s,
        decays=decays,
        tail_db=tail_db,
        resonances=_find_resonances(evidence.power, evidence.bin_hz),
    )


def _find_pops(slow: NDArray[np.float32], rms: float) -> tuple[tuple[Span, ...], float | None]:
    """Find bursts below 120 Hz that outweigh what is up to 800 Hz and last 30 to 200 ms."""
    size, hop = SLOW_PER_S // 20, SLOW_PER_S // 50
    if slow.size < 4 * size:
        return (), None
    frames = np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(slow, size)[::hop])
    scale = np.float32(2 / (size * np.square(np.hanning(size)).sum()))
    low = _power_in(frames, range(1, 6)) * scale  # 20 to 100 Hz
    usual = float(np.percentile(low, 75)) + _TINY
    burst = (low > 10 ** ((rms - 3) / 10)) & (low > 16 * usual)
    if burst.any():
        burst[burst] = low[burst] > 4 * scale * _power_in(frames[burst], range(8, 41))
    spans = [(a, b) for a, b in _runs(burst) if 2 <= b - a <= 10]
    if not spans:
        return (), None
    strongest = 10 * float(np.log10(max(low[a:b].max() for a, b in spans))) - rms
    return _to_spans(spans, 1 / 50), strongest


def _power_in(frames: NDArray[np.float32], bins: range) -> NDArray[np.float32]:
    """Return (frames,) the power of the windowed frames in some bins: a product of matrices is quicker than all bins."""
    size = frames.shape[1]
    turn = 2 * np.pi / size * np.outer(np.arange(size), bins)
    lines = np.hanning(size)[:, None] * np.concatenate([np.cos(turn), np.sin(turn)], axis=1)
    power: NDArray[np.float32] = np.square(frames @ lines.astype(np.float32)).sum(axis=1)
    return power


def _find_sibilants(bands: NDArray[np.float32], frame_s: float, rms: float) -> tuple[tuple[Span, ...], float | None]:
    high = bands[:, (ERB_CENTRES_HZ > 4500) & (ERB_CENTRES_HZ < 11_000)].sum(axis=1)
    below = bands[:, ERB_CENTRES_HZ < 3000].sum(axis=1)
    hissing = (high > below) & (high > 10 ** ((rms - 25) / 10))
    if not hissing.any():
        return (), None
    level = np.sort(high[hissing])[-max(1, int(hissing.sum()) // 4) :]
    return _to_spans(_runs(hissing), frame_s), 10 * float(np.log10(level.mean())) - rms


def _breath_share(bands: NDArray[np.float32], frame_s: float, rms: float) -> float:
    """Return the share of noise-like, soft stretches of 0.15 to 0.8 s that sound follows within 0.4 s."""
    total = bands.sum(axis=1)
    level = 10 * np.log10(total + _TINY) - rms
    high = bands[:, (ERB_CENTRES_HZ > 1500) & (ERB_CENTRES_HZ < 9000)].sum(axis=1)
    soft = (level < -12) & (level > -45) & (high > 0.5 * total)
    loud = level > -10
    after = round(0.4 / frame_s)
    kept = [(a, b) for a, b in _runs(soft) if 0.15 <= (b - a) * frame_s <= 0.8 and loud[b : b + after].any()]
    return float(sum(b - a for a, b in kept) / max(1, len(bands)))


def measure_decay(steps: NDArray[np.float32]) -> tuple[float | None, int, float | None]:
    """Return decay time (s, to -60 dB), how many decays it rests on, and the level of the tails over what was before.

    Free decays are stretches of 80 ms and more in which the pre-emphasised level falls by 10 dB and more along a straight
    line; the room lets nothing fall faster than it does, so that their faster half tells its rate (after Prego et al. 2012
    and Wen, Habets and Naylor 2008). A rough figure: sung voices in rooms of 0.3 to 2.5 s gave 0.6 to 1.1 s, in that order.
    """
    power = steps[:, RISE_POWER].astype(np.float64)
    loud = steps[:, LEFT_POWER].astype(np.float64) + steps[:, RIGHT_POWER]
    if power.size < 2 * STEPS_PER_S or not loud.any():
        return None, 0, None
    smooth = np.convolve(power, np.ones(9) / 9, "same")  # a room's tail flutters
    level = 10 * np.log10(smooth + max(_TINY, 1e-9 * float(smooth.max())))
    found = np.empty((2, level.size // 8 + 1))
    decays, stops = _fit_decays(level, smooth, float(np.percentile(level, 95)) - 20, found)
    times, tails = found[0, :decays], found[1, :stops]
    if len(times) < 3:
        return None, len(times), None
    return float(np.percentile(times, 40)), len(times), float(np.median(tails)) if len(tails) else None


@njit(nogil=True, cache=True)
def _fit_decays(
    level: NDArray[np.float64], smooth: NDArray[np.float64], threshold: float, found: NDArray[np.float64]
) -> tuple[int, int]:
    """Fill the times of straight decays and the levels of all tails; return how many there are of both."""
    decays, stops, end = 0, 0, 0
    while end < level.size:
        start = end  # the last step before the fall
        end = start + 1
        while end < level.size and level[end] < level[end - 1]:
            end += 1
        first, size = start + 1, end - start - 1
        if size < 8 or level[first] < threshold or level[first] - level[end - 1] < 10:
            continue
        count = 0
        while first + 1 + count < end and level[first + 1 + count] > level[first + 1] - 25:
            count += 1  # further down lies the noise floor
        if count < 5:  # a stop, no decay
            continue
        part = level[first + 1 : first + 1 + count]
        place = np.arange(count) - (count - 1) / 2
        slope = (place * part).sum() / np.square(place).sum()
        if np.std(part - slope * place) < 1.5:
            found[0, decays] = -60 / slope / STEPS_PER_S
            decays += 1
        if size >= 10:
            after, before = smooth[first + 5 : first + 15].mean(), smooth[max(0, first - 5) : first + 1].mean()
            found[1, stops] = 10 * np.log10(after / max(before, _TINY))
            stops += 1
    return decays, stops


def _find_resonances(power: NDArray[np.float64], bin_hz: float) -> tuple[Resonance, ...]:
    """Find peaks that stand 9 dB and more above the median half an octave around, alone there, from 150 Hz to 8 kHz.

    Notes make many peaks; a resonance is one that has no second like it within an octave around.
    """
    first, last = round(150 / bin_hz), min(round(8000 / bin_hz), power.size - 1)
    level = 10 * np.log10(power + 1e-16)
    found: list[tuple[float, int]] = []
    top = float(level[first:last].max(initial=-160))
    here, before, after = level[first:last], level[first - 1 : last - 1], level[first + 1 : last + 1]
    peaks = np.flatnonzero((here >= before) & (here > after) & (here > top - 40)) + first
    for k in peaks.tolist():
        low, high = int(k / 1.19), min(power.size, int(k * 1.19) + 2)
        over = float(level[k]) - float(np.median(level[low:high]))
        if over >= 9:
            found.append((over, k))
    alone = [
        (over, k)
        for over, k in found
        if all(other >= over - 4 or j == k or abs(np.log2(j / k)) > 1 for other, j in found if other < over)
        and not any(other > over - 4 and j != k and abs(np.log2(j / k)) <= 1 for other, j in found)
    ]
    strongest = sorted(alone, key=lambda pair: (-round(pair[0], 2), pair[1]))[:5]
    return tuple(Resonance(frequency_hz=k * bin_hz, over_db=over) for over, k in strongest)


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _to_spans(runs: list[tuple[int, int]], step_s: float) -> tuple[Span, ...]:
    return tuple(Span(start_s=a * step_s, end_s=b * step_s) for a, b in runs[:_SPANS])
