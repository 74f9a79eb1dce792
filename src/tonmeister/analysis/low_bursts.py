"""Bursts of the lowest octaves in a voice: pops of breath, thumps of a hand, gusts of wind.

No voice sounds below 70 Hz, so that what comes and goes there with the power of the voice itself came through the air or the
stand.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis import fourier
from tonmeister.analysis.slow import slow_down
from tonmeister.audio import Audio
from tonmeister.model import Db

RATE_HZ = 1000
"""At least: the rate at which the low end is looked at."""
LOWEST_HZ, VOICE_HZ = 12.0, 72.0
"""Between them no voice sounds."""
ABOVE_HZ = (85.0, 450.0)
"""Where it does."""
SURE_BURST_DB, SOFT_BURST_DB = 2.6, -7.0
"""Least power of a burst over that of the active parts, at its height: what nobody leaves in; what a careful hand takes out too.

The real pops of a raw take of singing reach +1.8 dB over all of it, +2.5 dB over a soft part; those of a speaker in a studio −5 dB."""
LASTS = 0.012
"""And at its ends."""
OVER_USUAL, LASTS_OVER_USUAL = 8.0, 2.0
"""And over the median of the low end: gusts may fill a third of a recording."""
LONG_S, LONG_SOFTER_DB = 0.15, 9.0
"""Bursts longer than that are no pops, which singers make and nobody minds: they count from so much less on."""
OVER_ABOVE = 0.5
"""And over the voice's fundamentals, at its height."""
NO_VOICE = 0.07
"""Away from all bursts a voice has less than that of its power below 72 Hz; basses, drums and synthesizers have more."""
SHORTEST_S = 0.02
TOPS_HZ = (90.0, 240.0)
"""Between which a burst is taken to end; what is higher is the voice's own."""
_FRAME_S, _HOP_S, _PADDED = 0.064, 0.01, 4


@dataclass(frozen=True, slots=True)
class LowBurst:
    """A burst."""

    start_s: float
    """Where it begins."""
    end_s: float
    """Where it ends."""
    top_hz: float
    """Up to where it outweighs the voice."""
    over_db: float
    """Its power below 72 Hz at its height, over that of the active parts."""


def find_low_bursts(audio: Audio, *, least_db: Db = SURE_BURST_DB) -> tuple[LowBurst, ...]:
    """Return the bursts, in order; meant for voices."""
    slow, rate = slow_down(audio, least_hz=RATE_HZ)
    mono = slow.mean(axis=0)
    size, hop = round(_FRAME_S * rate), round(_HOP_S * rate)
    active = _active_power(audio)
    if mono.size < 4 * size or active <= 0:
        return ()
    frames = np.lib.stride_tricks.sliding_window_view(mono, size)[::hop]
    window = np.hanning(size + 2)[1:-1].astype(np.float32)
    power = np.square(np.abs(fourier.rfft(frames * window, _PADDED * size)))
    power *= 2 / (_PADDED * size * np.square(window).sum())
    frequency = np.arange(power.shape[1]) * rate / (_PADDED * size)
    low = power[:, (frequency > LOWEST_HZ) & (frequency < VOICE_HZ)].sum(axis=1)
    above = power[:, (frequency > ABOVE_HZ[0]) & (frequency < ABOVE_HZ[1])].sum(axis=1)
    usual = np.median(low)
    loud = (low > OVER_USUAL * usual) & (low > OVER_ABOVE * above)
    least = 10 ** (least_db / 10) * active
    runs = [
        (a, b)
        for a, b in _runs((low > LASTS * active) & (low > LASTS_OVER_USUAL * usual))
        if (b - a) * _HOP_S >= SHORTEST_S
        and (low[a:b][loud[a:b]] > (least if (b - a) * _HOP_S <= LONG_S else _softer(least))).any()
    ]
    away = _outside(runs, len(power))
    if not runs or low[away].mean() > NO_VOICE * _power_over(audio, away):
        return ()
    own = np.percentile(power[away], 90, axis=0)
    middle = size / 2 / rate
    return tuple(
        LowBurst(
            start_s=max(0.0, first * hop / rate + middle - _HOP_S),
            end_s=last * hop / rate + middle,
            top_hz=_top_hz(power[first:last].mean(axis=0), own, frequency),
            over_db=10 * float(np.log10(low[first:last].max() / active)),
        )
        for first, last in runs
    )


def _softer(power: float) -> float:
    return float(power * 10 ** (-LONG_SOFTER_DB / 10))


def _top_hz(power: NDArray[np.float32], own: NDArray[np.float32], frequency: NDArray[np.float64]) -> float:
    """Return the frequency up to which the burst has more than twice what is usual without one."""
    rises = power > 2 * own
    start = int(np.searchsorted(frequency, VOICE_HZ))
    ends = np.flatnonzero(~rises[start:])
    top = frequency[start + ends[0]] if ends.size else frequency[-1]
    return float(np.clip(top, *TOPS_HZ))


def _outside(runs: list[tuple[int, int]], count: int) -> NDArray[np.bool_]:
    """Return the frames away from all runs; every frame if there is none."""
    out = np.ones(count, np.bool_)
    for first, last in runs:
        out[max(0, first - 5) : last + 5] = False
    return out if out.any() else ~out


def _power_over(audio: Audio, frames: NDArray[np.bool_]) -> float:
    """Return the mean power of the whole sound over some frames."""
    step = round(_HOP_S * audio.sample_rate_hz)
    count = min(frames.size, audio.frames // step)
    power = np.square(audio.samples[:, : count * step]).mean(axis=0).reshape(count, step).mean(axis=1)
    kept = frames[:count]
    return float(power[kept].mean()) if kept.any() else 0.0


def _active_power(audio: Audio) -> float:
    """Return the mean power of the steps of 50 ms within 30 dB of the loudest."""
    step = max(1, audio.sample_rate_hz // 20)
    count = audio.frames // step
    if count == 0:
        return 0.0
    power = np.square(audio.samples[:, : count * step]).mean(axis=0).reshape(count, step).mean(axis=1)
    return float(power[power > 1e-3 * power.max()].mean()) if power.max() > 0 else 0.0


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
