"""What a sound is like from moment to moment, in one row of numbers that do not depend on its level.

Made from what the short-time Fourier transform of `analysis/spectrum` has at hand anyway: the ERB band powers of each
frame, how far its spectrum consists of lines, and where its strongest line lies. A classifier reads the row.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_BANDS, ERB_CENTRES_HZ

SHAPE_COLUMNS = 5
"""Columns of a frame's shape: lines below 1 kHz, from 1 to 4 kHz, above; strongest line in octaves; its share."""
SHAPE_EDGES_HZ = (150.0, 1000.0, 4000.0, 12_000.0)
"""Edges of the three ranges in which lines are looked for; the strongest line lies within the first two."""
CEPSTRA = 13
"""Coefficients of the cosine transform of the band levels; the first is the loudness."""
_GATE_DB = 35.0  # frames so far below the loud ones say nothing about a timbre
_DEPTH_DB = 60.0  # nor do bands so far below the strongest
_TINY = 1e-20

_k = np.arange(CEPSTRA)[:, None]
_COSINES: NDArray[np.float64] = np.cos(np.pi * _k * (np.arange(ERB_BANDS) + 0.5) / ERB_BANDS) / ERB_BANDS
_LOW, _MID, _HIGH = (
    np.abs(ERB_CENTRES_HZ - (low + high) / 2) < (high - low) / 2
    for low, high in ((100, 800), (800, 3500), (4500, 12_000))
)
_MODULATION_EDGES_HZ = (0.5, 1.0, 2.0, 4.0, 7.0, 11.0)
_GLIDE_EDGES = (0.06, 0.25, 0.7, 1.5)  # semitones between frames: held, wavering, sliding, stepping, leaping

NAMES: tuple[str, ...] = (
    *(f"cepstrum_{i}_mean" for i in range(1, CEPSTRA)),
    *(f"cepstrum_{i}_spread" for i in range(CEPSTRA)),
    *(f"cepstrum_{i}_step" for i in range(CEPSTRA)),
    *(f"{name}_{what}" for name in ("low", "mid", "high") for what in ("spread", "rise", "fall", "skew")),
    "low_mid_correlation", "mid_high_correlation", "low_high_correlation", "hissing_share",
    *(f"modulation_{low:g}_hz" for low in _MODULATION_EDGES_HZ[:-1]),
    *(f"lines_{name}_{what}" for name in ("low", "mid", "high") for what in ("middle", "top", "spread")),
    "line_octave", "line_octave_spread", "line_share", "line_share_spread",
    "line_held", "line_wavering", "line_sliding", "line_stepping", "line_leaping",
)  # fmt: skip
"""What the numbers are, in their order."""


def describe_timbre(
    bands: NDArray[np.float32], shape: NDArray[np.float32], *, frames_per_s: float
) -> NDArray[np.float32]:
    """Return (len(NAMES),) the numbers; all 0 for a track with fewer than four sounding frames.

    Args:
        bands: (frames, 40) power in each ERB band.
        shape: (frames, 5) as described at SHAPE_COLUMNS.
        frames_per_s: Frames in a second.
    """
    power = bands.sum(axis=1, dtype=np.float64)
    total = float(power.sum())
    loud = float(np.square(power).sum()) / total if total > _TINY else 0.0
    gate = power > loud * 10 ** (-_GATE_DB / 10)
    if loud <= _TINY or int(gate.sum()) < 4:
        return np.zeros(len(NAMES), np.float32)
    relative = bands / loud
    strongest = relative[gate].mean(axis=0).max()
    relative = np.maximum(relative, strongest * 10 ** (-_DEPTH_DB / 10), dtype=np.float64)
    level = 10 * np.log10(relative)
    pairs = gate[1:] & gate[:-1]
    loudness = 10 * np.log10(np.maximum(power / loud, 10 ** (-_DEPTH_DB / 10)))
    found = [
        *_cepstra(level, gate, pairs),
        *_motion(relative, gate, pairs),
        *_modulation(loudness, frames_per_s),
        *_lines(shape.astype(np.float64), gate, pairs),
    ]
    return np.asarray(found, np.float32)


def _cepstra(level: NDArray[np.float64], gate: NDArray[np.bool_], pairs: NDArray[np.bool_]) -> list[float]:
    cepstra = level @ _COSINES.T
    inside, steps = cepstra[gate], np.diff(cepstra, axis=0)[pairs]
    step = steps.std(axis=0) if len(steps) else np.zeros(CEPSTRA)
    return [*inside.mean(axis=0)[1:].tolist(), *inside.std(axis=0).tolist(), *step.tolist()]


def _motion(relative: NDArray[np.float64], gate: NDArray[np.bool_], pairs: NDArray[np.bool_]) -> list[float]:
    """Return how three wide bands move, alone and together, and how often hiss outweighs voice."""
    wide = [10 * np.log10(relative[:, part].sum(axis=1)) for part in (_LOW, _MID, _HIGH)]
    found: list[float] = []
    for one in wide:
        steps = np.diff(one)[pairs]
        rise, fall = np.maximum(steps, 0), np.maximum(-steps, 0)
        spread = float(steps.std()) if steps.size else 0.0
        skew = float(((steps - steps.mean()) ** 3).mean() / spread**3) if spread > 1e-3 else 0.0
        found += [float(one[gate].std()), float(rise.mean()) if steps.size else 0.0]
        found += [float(fall.mean()) if steps.size else 0.0, float(np.clip(skew, -10, 10))]
    low, mid, high = (one[gate] for one in wide)
    found += [_correlate(low, mid), _correlate(mid, high), _correlate(low, high)]
    return [*found, float((high > np.maximum(low, mid)).mean())]


def _correlate(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    a, b = one - one.mean(), other - other.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size > 1e-6 else 0.0


def _modulation(loudness: NDArray[np.float64], frames_per_s: float) -> list[float]:
    """Return the share of the level's movement that lies in each range of rates, over pieces of 64 frames."""
    size = 64
    count = loudness.size // size
    if count == 0:
        return [0.0] * (len(_MODULATION_EDGES_HZ) - 1)
    pieces = loudness[: count * size].reshape(count, size)
    pieces = (pieces - pieces.mean(axis=1, keepdims=True)) * np.hanning(size)
    power = np.square(np.abs(np.fft.rfft(pieces, axis=1))).sum(axis=0)
    rate_hz = np.arange(power.size) * frames_per_s / size
    total = float(power.sum()) + _TINY
    edges = pairwise(_MODULATION_EDGES_HZ)
    return [float(power[(rate_hz >= low) & (rate_hz < high)].sum()) / total for low, high in edges]


def _lines(shape: NDArray[np.float64], gate: NDArray[np.bool_], pairs: NDArray[np.bool_]) -> list[float]:
    """Return how far the sound consists of lines, and how its strongest line moves."""
    found: list[float] = []
    for column in range(3):
        lines = np.log10(np.maximum(shape[gate, column], 1))
        middle, top = np.percentile(lines, (50, 90))
        found += [float(middle), float(top), float(lines.std())]
    octave, share = shape[gate, 3], shape[gate, 4]
    found += [float(octave.mean()), float(octave.std()), float(share.mean()), float(share.std())]
    clear = pairs & (shape[1:, 4] > 0.15) & (shape[:-1, 4] > 0.15)
    semitones = np.abs(np.diff(shape[:, 3]))[clear] * 12
    counts = np.bincount(np.digitize(semitones, _GLIDE_EDGES), minlength=len(_GLIDE_EDGES) + 1)
    return [*found, *(counts / max(1, int(pairs.sum()))).tolist()]
