"""Where a mix changes, heard without stems and without bars: Foote's novelty (2000) on half seconds."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.form import Form
from tonmeister.analysis.spectrum import CHROMA_PER_S
from tonmeister.analysis.track_meter import TrackCurves

Floats = NDArray[np.float64]
STEP_S = 0.5
REACH_STEPS, APART_STEPS = 16, 16
"""Half the checkerboard, and the least distance of two changes: eight seconds."""
ALIKE = 0.9
"""Parts whose mean features correlate so much hold the same music."""


def find_changes(mix: TrackCurves) -> tuple[Form, Floats]:
    """Return the form of a mix, and its cuts in seconds: peaks of novelty a standard deviation above its mean."""
    features = _features(mix)
    novelty = _novelty(features @ features.T)
    limit = float(novelty.mean() + novelty.std())
    inner: list[int] = []
    for step in np.argsort(-novelty, kind="stable").tolist():
        if novelty[step] > limit and all(abs(step - other) >= APART_STEPS for other in (0, novelty.size, *inner)):
            inner.append(step)
    cuts = [0, *sorted(inner), len(features)]
    groups = _groups([features[first:last].mean(axis=0) for first, last in pairwise(cuts)])
    clear = (novelty - novelty.mean()) / (3 * float(novelty.std()) + 1e-9)
    clarity = (1.0, *(float(np.clip(clear[cut], 0, 1)) for cut in cuts[1:-1]))
    edges_s = np.array([*(cut * STEP_S for cut in cuts[:-1]), mix.rms_10ms.size / 100])
    return Form(tuple(range(len(cuts))), tuple(groups), clarity), edges_s


def _features(mix: TrackCurves) -> Floats:
    """Return (half seconds, features) of length 1: bands in log power and pitch classes, each about its mean."""
    steps = len(mix.erb_power)
    levels = np.log(mix.erb_power + 1e-9 * max(float(mix.erb_power.max()), 1e-12), dtype=np.float64)
    per_step = round(CHROMA_PER_S * STEP_S)
    chroma = np.zeros((steps * per_step, 12))
    chroma[: len(mix.chroma_125ms)] = mix.chroma_125ms[: len(chroma)]
    chroma = chroma.reshape(steps, per_step, 12).sum(axis=1)
    chroma /= np.maximum(chroma.sum(axis=1, keepdims=True), 1e-12)
    parts = [part - part.mean(axis=0) for part in (levels, chroma)]
    both = np.concatenate([part / max(float(part.std()), 1e-12) / np.sqrt(part.shape[1]) for part in parts], axis=1)
    unit: Floats = both / np.maximum(np.linalg.norm(both, axis=1, keepdims=True), 1e-9)
    return unit


def _novelty(alike: Floats) -> Floats:
    """Return (steps,) how well a checkerboard under a Gaussian fits the self-similarity around each step."""
    place = np.arange(-REACH_STEPS, REACH_STEPS) + 0.5
    taper = np.exp(-0.5 * np.square(place / (REACH_STEPS / 2)))
    board = np.outer(np.sign(place) * taper, np.sign(place) * taper)
    padded = np.pad(alike, REACH_STEPS, mode="edge")
    size = 2 * REACH_STEPS
    return np.array([float((padded[k : k + size, k : k + size] * board).sum()) for k in range(len(alike))])


def _groups(means: list[Floats]) -> list[int]:
    """Return a number for each part; what sounds the same shares it."""
    groups: list[int] = []
    for number, mean in enumerate(means):
        lengths = [float(np.linalg.norm(mean) * np.linalg.norm(other)) + 1e-12 for other in means[:number]]
        close = [float(mean @ other) / length for other, length in zip(means[:number], lengths, strict=True)]
        best = int(np.argmax(close)) if close else -1
        groups.append(groups[best] if best >= 0 and close[best] > ALIKE else max(groups, default=-1) + 1)
    return groups
