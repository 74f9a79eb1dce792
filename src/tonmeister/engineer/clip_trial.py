"""How deep the clip stage may reach, chosen by what it does to the loudest parts: the least distortion behind clip and limiter.

Clipping takes the load off the limiter, which then bends less of what is around a hit; but a lone spike that stands far over
everything else is better let down by the limiter for some milliseconds than cut off. Which of both weighs more is measured.
"""

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.loudness import design_k_weighting
from tonmeister.audio import Audio, Samples
from tonmeister.engineer.clip_stage import ClipStage, find_floors_db
from tonmeister.processing import TruePeakLimiter
from tonmeister.processing.biquads import BiquadStream
from tonmeister.processing.limiter import limit

_DEPTHS_DB = (0.0, 2.0, 4.0, 8.0)
"""How much may be clipped off the highest peak, in each trial."""
_PART_S, _PARTS = 1.5, 6
"""The loudest so many parts of this length are tried on."""
_GAIN_S = 0.02
"""A gain that moves more slowly than this is a fader, and no distortion."""


def choose_clip(audio: Audio, limiter: TruePeakLimiter, over_db: float) -> ClipStage:
    """Return the clip stage that leaves the least distortion before this limiter, drive included; of equals the shallowest."""
    floors = sorted({round(floor, 2) for floor in find_floors_db(audio, _DEPTHS_DB)}, reverse=True)
    stages = [ClipStage(over_db, floor) for floor in floors]
    highest_db = 20 * float(np.log10(max(float(np.abs(audio.samples).max(initial=0)), 1e-9)))
    if len(stages) == 1 or stages[-1].level_db(limiter) >= highest_db:
        return stages[0]
    loud = _loudest(audio)
    found = [distortion_db(loud, limit(stage.clip(loud, limiter), limiter)) for stage in stages]
    return stages[int(np.argmin(np.round(found, 2)))]


def _loudest(audio: Audio) -> Audio:
    """Return the parts with the highest peaks, in their order."""
    size = round(_PART_S * audio.sample_rate_hz)
    whole = audio.samples.shape[1] // size
    if whole <= _PARTS:
        return audio
    parts = audio.samples[:, : whole * size].reshape(audio.samples.shape[0], whole, size)
    best = np.sort(np.argsort(-np.abs(parts).max(axis=(0, 2)), kind="stable")[:_PARTS])
    return Audio(np.ascontiguousarray(parts[:, best].reshape(audio.samples.shape[0], -1)), audio.sample_rate_hz)


def distortion_db(before: Audio, after: Audio) -> float:
    """Return what is left of the sound after, K-weighted, once that before times the best slow gain was taken away, against the sound after."""
    size = round(_GAIN_S * before.sample_rate_hz)
    x, y = (_k_weighted(sound.samples, before.sample_rate_hz).astype(np.float64) for sound in (before, after))
    both, own = (_smooth((x * y).sum(axis=0), size), _smooth(np.square(x).sum(axis=0), size))
    gain = both / np.maximum(own, 1e-12)
    at = np.interp(np.arange(x.shape[1]), (np.arange(gain.size) + 1) * size, gain)
    left, whole = float(np.square(y - at * x).sum()), float(np.square(y).sum())
    return 10 * float(np.log10(max(left, 1e-20) / max(whole, 1e-20)))


def _k_weighted(samples: Samples, sample_rate_hz: int) -> Samples:
    weighting = design_k_weighting(sample_rate_hz)
    stream = BiquadStream(np.stack([weighting.shelf, weighting.high_pass]))
    return stream.process(np.ascontiguousarray(samples))


def _smooth(power: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Return the sums under triangles two sizes wide, one each size; the last part that fills none is left out."""
    rows = power[: power.size // size * size].reshape(-1, size)
    rise = np.arange(size) / size
    up, down = rows @ rise, rows @ (1 - rise)
    return np.asarray(up[:-1] + down[1:]) if len(rows) > 1 else np.asarray(up + down)
