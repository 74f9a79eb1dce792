"""How a track's sounds begin, die away, repeat and rest, and how clearly each moment has a pitch; in one row of numbers.

Made from curves that the meters keep anyway. Nothing depends on the level. A classifier reads the row.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.levels import find_onsets

if TYPE_CHECKING:
    from tonmeister.analysis.track_meter import TrackCurves

_AFTER = (5, 10, 20, 40)
"""How many steps of 10 ms after the loudest of a beginning its level is looked up."""
_ATTACK = 8  # steps within which a beginning reaches its loudest
_DEPTH_DB = 40.0  # nothing falls further than so
_BUSY = 1200  # steps of 10 ms in which repeats and rests are looked for
_GATE_DB = 30.0  # a moment so far below the loud ones rests
_ACCENT_DB = 20.0  # a beginning so far below the loud moments does not count
_LAGS = ((12, 50), (50, 120), (120, 300))
"""Steps of 10 ms after which something may repeat: notes, beats, bars."""
_TINY = 1e-20

NAMES: tuple[str, ...] = (
    *(f"{band}_left_after_{10 * steps}_ms" for band in ("all", "low") for steps in _AFTER),
    "left_after_100_ms_spread", "left_after_400_ms_spread", "before", "accent_spread", "accents_per_s", "interval_spread",
    *(f"{curve}_repeats_{name}" for curve in ("level", "onset") for name in ("note", "beat", "bar")),
    "duty", "runs_per_s", "run_length", "gap_length", "level_low", "level_middle", "low_share",
    "pitch_clear", "pitch_clear_spread", "pitch_entropy", "pitch_stays", "pitch_first", "pitch_third",
)  # fmt: skip
"""What the numbers are, in their order."""


def describe_gesture(curves: "TrackCurves") -> NDArray[np.float64]:
    """Return (len(NAMES),) the numbers; all 0 for a track that is silent or shorter than a second."""
    power = np.square(curves.rms_10ms.astype(np.float64))
    total = float(power.sum())
    loud = float(np.square(power).sum()) / total if total > _TINY else 0.0
    if loud <= _TINY or power.size < 100:
        return np.zeros(len(NAMES))
    level = 10 * np.log10(np.maximum(power / loud, 10 ** (-(_DEPTH_DB + 20) / 10)))
    low = np.square(curves.low_10ms.astype(np.float64))[: level.size]
    busy = _find_busiest(level)
    found = [
        *_endings(level, low, curves.onset_10ms),
        *_repeats(np.maximum(level, -_DEPTH_DB)[busy]),
        *_repeats(np.minimum(curves.onset_10ms[busy].astype(np.float64), 20.0)),
        *_rests(level[busy]),
        float(np.log10(np.maximum(low.sum() / total, 1e-6))),
        *_pitches(curves.chroma_125ms.astype(np.float64)),
    ]
    return np.asarray(found)


def _endings(level: NDArray[np.float64], low: NDArray[np.float64], onset_db: NDArray[np.float32]) -> list[float]:
    """Return how sounds die away after they begin, what was there before, and how even the beginnings are."""
    marks = np.flatnonzero(find_onsets(onset_db))
    marks = marks[(marks > 6) & (marks < level.size - _ATTACK - _AFTER[-1])]
    window = np.arange(_ATTACK)
    tops = marks + (level[marks[:, None] + window].argmax(axis=1) if marks.size else 0)
    strong = level[tops] > -_ACCENT_DB
    marks, tops = marks[strong], tops[strong]
    if marks.size == 0:
        return [0.0] * 14
    deep = 10 * np.log10(np.maximum(low / (low.max() + _TINY), 1e-6))
    low_tops = marks + deep[marks[:, None] + window].argmax(axis=1)
    left = [np.maximum(level[tops + after] - level[tops], -_DEPTH_DB) for after in _AFTER]
    low_left = [np.maximum(deep[low_tops + after] - deep[low_tops], -_DEPTH_DB) for after in _AFTER]
    gaps = np.log2(np.maximum(np.diff(marks), 1)) if marks.size > 2 else np.zeros(1)
    sounding = max(1, int((level > -_GATE_DB).sum()))
    return [
        *(float(np.minimum(part, 6).mean()) for part in (*left, *low_left)),
        float(left[1].std()),
        float(left[3].std()),
        float(np.maximum(level[marks - 5] - level[tops], -_DEPTH_DB).mean()),
        float(level[tops].std()),
        float(np.log2(marks.size / sounding * 100 + 0.1)),
        float(gaps.std()),
    ]


def _find_busiest(level: NDArray[np.float64]) -> slice:
    """Return the seconds in which most sounds: long rests would repeat themselves, and a clip is as good as a song."""
    sums = np.concatenate([[0.0], np.cumsum(np.maximum(level, -_DEPTH_DB) + _DEPTH_DB)])
    size = min(_BUSY, level.size)
    start = int(np.argmax(sums[size:] - sums[: sums.size - size]))
    return slice(start, start + size)


def _repeats(curve: NDArray[np.float64]) -> list[float]:
    """Return the largest autocorrelation in each range of lags: machines repeat themselves, singers do not."""
    centred = curve - curve.mean()
    size = centred.size
    spectrum = np.fft.rfft(centred, 1 << (2 * size - 1).bit_length())
    related = np.fft.irfft(np.square(np.abs(spectrum)))[: _LAGS[-1][1]]
    if related[0] <= _TINY:
        return [0.0] * len(_LAGS)
    related = related / related[0] * (size / np.maximum(size - np.arange(related.size), 1))
    parts = [related[first : min(last, size // 2)] for first, last in _LAGS]
    return [float(np.clip(part.max(), -1, 1)) if part.size else 0.0 for part in parts]


def _rests(level: NDArray[np.float64]) -> list[float]:
    """Return how much of the time sounds, in how long pieces, and how the levels inside are spread."""
    sounds = level > -_GATE_DB
    edges = np.flatnonzero(np.diff(np.concatenate([[False], sounds, [False]]).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    runs, gaps = ends - starts, starts[1:] - ends[:-1]
    return [
        float(sounds.mean()),
        float(np.log2(runs.size / level.size * 100 + 0.05)),
        float(np.log2(np.median(runs) + 1)),
        float(np.log2(np.median(gaps) + 1)) if gaps.size else 0.0,
        *(float(part) for part in np.percentile(level[sounds], (20, 50))),
    ]


def _pitches(chroma: NDArray[np.float64]) -> list[float]:
    """Return how clearly single pitch classes stand out in each moment, whether they stay, and how few there are."""
    power = chroma.sum(axis=1)
    if power.size == 0 or power.max() <= _TINY:
        return [0.0] * 6
    sounding = power > 1e-3 * float(np.square(power).sum() / power.sum())
    shares = chroma[sounding] / (power[sounding, None] + _TINY)
    clear = shares.max(axis=1)
    entropy = -(shares * np.log(shares + 1e-9)).sum(axis=1)
    lengths = np.sqrt(np.square(shares).sum(axis=1)) + _TINY
    stays = (shares[1:] * shares[:-1]).sum(axis=1) / (lengths[1:] * lengths[:-1]) if len(shares) > 1 else np.zeros(1)
    often = np.sort(shares.mean(axis=0))[::-1]
    spread = [float(clear.mean()), float(clear.std()), float(entropy.mean()), float(stays.mean())]
    return [*spread, float(often[0]), float(often[:3].sum())]
