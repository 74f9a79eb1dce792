"""Novelty of Foote (2000): a checkerboard along the self-similarity of the mix, and nothing else.

Half seconds of the mix are described by forty log mel-like bands and twelve pitch classes; peaks of the novelty above its mean
by a standard deviation, at least eight seconds apart, are boundaries.  Sections whose mean features lie near share a letter.
"""

from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.sound import read

NAME = "foote"
STEP_S, REACH_S, APART_S = 0.5, 16.0, 8.0
ALIKE = 0.9
Floats = NDArray[np.float64]


def version() -> str | None:
    """Return the version of this baseline; it is always there."""
    return "1"


def hear_form(mix: Path) -> tuple[list[float], list[str]]:
    """Return edges in seconds and letters of the sections of a file."""
    features, duration_s = _features(mix)
    novelty = _novelty(features @ features.T)
    limit = float(novelty.mean() + novelty.std())
    apart = round(APART_S / STEP_S)
    inner: list[int] = []
    for step in np.argsort(-novelty):
        if novelty[step] > limit and all(abs(step - other) >= apart for other in [0, novelty.size, *inner]):
            inner.append(int(step))
    cuts = [0, *sorted(inner), len(features)]
    means = [features[a:b].mean(axis=0) for a, b in pairwise(cuts)]
    edges = [cut * STEP_S for cut in cuts[:-1]] + [duration_s]
    return edges, _letters(means)


def _features(mix: Path) -> tuple[Floats, float]:
    sound, rate = read(mix)
    mono = sound.mean(axis=0, dtype=np.float64)
    size = round(STEP_S * rate)
    count = mono.size // size
    frames = mono[: count * size].reshape(count, size) * np.hanning(size)
    power = np.square(np.abs(np.fft.rfft(frames, axis=1)))
    frequency = np.fft.rfftfreq(size, 1 / rate)
    band = np.digitize(frequency, np.geomspace(40, min(16_000, rate / 2), 41))
    levels = np.stack([power[:, band == k].sum(axis=1) for k in range(1, 41)], axis=1)
    levels = np.log(levels + 1e-9 * levels.max())
    inside = (frequency > 110) & (frequency < 2000)
    pitch = np.round(12 * np.log2(frequency[inside] / 440)).astype(np.int64) % 12
    chroma = np.stack([power[:, inside][:, pitch == k].sum(axis=1) for k in range(12)], axis=1)
    parts = [levels - levels.mean(axis=0), chroma / np.maximum(chroma.sum(axis=1, keepdims=True), 1e-12) - 1 / 12]
    both = np.concatenate([part / max(float(part.std()), 1e-12) / np.sqrt(part.shape[1]) for part in parts], axis=1)
    unit: Floats = both / np.maximum(np.linalg.norm(both, axis=1, keepdims=True), 1e-9)
    return unit, mono.size / rate


def _novelty(similarity: Floats) -> Floats:
    """Return (steps,) the correlation with a checkerboard under a Gaussian."""
    reach = round(REACH_S / STEP_S / 2)
    place = np.arange(-reach, reach) + 0.5
    taper = np.exp(-0.5 * np.square(place / (reach / 2)))
    board = np.outer(np.sign(place) * taper, np.sign(place) * taper)
    padded = np.pad(similarity, reach, mode="edge")
    return np.array([(padded[k : k + 2 * reach, k : k + 2 * reach] * board).sum() for k in range(len(similarity))])


def _letters(means: list[Floats]) -> list[str]:
    letters: list[int] = []
    for number, mean in enumerate(means):
        close = [
            float(mean @ other / (np.linalg.norm(mean) * np.linalg.norm(other) + 1e-12)) for other in means[:number]
        ]
        best = int(np.argmax(close)) if close else -1
        letters.append(letters[best] if best >= 0 and close[best] > ALIKE else max(letters, default=-1) + 1)
    return [chr(ord("A") + letter % 26) for letter in letters]
