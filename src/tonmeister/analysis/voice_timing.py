"""How late or early each phrase of a second voice is against the lead: cross-correlation of their levels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.phrases import find_phrases

SEARCHED_MS = 250.0
"""Further off, a phrase is another phrase."""
_STEP_MS = 10.0
_AROUND_STEPS = 5
_FLOOR_DB = 35.0
_LEAST_STEPS = 30


@dataclass(frozen=True, slots=True)
class PhraseOffset:
    """One phrase of the second voice against the lead."""

    start_s: float
    """Where it begins in its own file."""
    end_s: float
    offset_ms: float
    """How late it is; negative is early."""
    agreement: float
    """Correlation at that offset, -1..1."""


def measure_offsets(
    lead_rms_10ms: NDArray[np.float32], other_rms_10ms: NDArray[np.float32], *, other_starts_s: float = 0.0
) -> tuple[PhraseOffset, ...]:
    """Return the offset of each phrase of the other voice; its file begins so much later in the song than the lead's."""
    first = round(other_starts_s * 1000 / _STEP_MS)
    remainder_ms = other_starts_s * 1000 - first * _STEP_MS
    shapes = [_shape(curve) for curve in (lead_rms_10ms, other_rms_10ms)]
    found = []
    for phrase in find_phrases(other_rms_10ms):
        span = (
            max(0, round(phrase.start_s * 100) - _AROUND_STEPS),
            min(other_rms_10ms.size, round(phrase.end_s * 100) + _AROUND_STEPS),
        )
        offset = _offset_of(shapes[0], shapes[1], span, first)
        if offset is not None:
            found.append(PhraseOffset(phrase.start_s, phrase.end_s, offset[0] + remainder_ms, offset[1]))
    return tuple(found)


def _shape(rms_10ms: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the level in dB, floored 35 dB under its loud parts: words have the same shape whoever sings them."""
    level = 20 * np.log10(np.maximum(rms_10ms.astype(np.float64), 1e-7))
    loud = float(np.percentile(level, 99)) if level.size else 0.0
    return np.convolve(np.maximum(level, loud - _FLOOR_DB), (0.25, 0.5, 0.25), "same") if level.size > 2 else level


def _offset_of(
    lead: NDArray[np.float64], other: NDArray[np.float64], span: tuple[int, int], first: int
) -> tuple[float, float] | None:
    """Return offset in ms and correlation of the best lag, between the steps by a parabola."""
    reach = round(SEARCHED_MS / _STEP_MS)
    own = other[span[0] : span[1]]
    start = span[0] + first - reach
    if own.size < _LEAST_STEPS or start < 0 or start + own.size + 2 * reach > lead.size:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(lead[start : start + own.size + 2 * reach], own.size)
    own = own - own.mean()
    centred = windows - windows.mean(axis=1, keepdims=True)
    size = np.sqrt(np.square(centred).sum(axis=1) * np.square(own).sum())
    scores = (centred @ own) / np.maximum(size, 1e-9)
    best = int(np.argmax(scores))
    if not 0 < best < scores.size - 1:
        return None
    below, peak, above = scores[best - 1 : best + 2]
    bend = below - 2 * peak + above
    between = 0.5 * (below - above) / bend if bend < 0 else 0.0
    # The lead's matching part lies `best - reach` steps later than the phrase: the phrase is early by that.
    return float(-(best - reach + between) * _STEP_MS), float(peak)
