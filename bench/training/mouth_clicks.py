"""Fits the ear for mouth clicks: `python -m bench.training.mouth_clicks FILE…` prints FIGURES of `analysis/mouth_clicks.py`.

With the score that they give, the weights of `engineer/mouth_clicks.py` are fitted (`--shares`: only these, by the figures in use).

Files are clean voices of free licence (the weights in the project: two songs of vocadito and four sentences of VCTK, both
CC BY 4.0, and the voice of clingo_rawband, MIT). Clicks are planted in them (`bench.damage`); what else stands out of the clean
voice is no click. Both count as much. Voices that are named after `--held-out` only say how good the weights are.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench import damage
from bench.case import say
from bench.sound import read
from tonmeister.analysis.mouth_clicks import FIGURES, describe_moments, find_mouth_moments
from tonmeister.audio import Audio
from tonmeister.engineer.mouth_clicks import LEAST_SCORE, describe_shares, weigh

Floats = NDArray[np.float64]
DRAWS, RIDGE, STEPS = 6, 1.0, 40


def main(arguments: list[str] | None = None) -> int:
    """Plant, describe, fit, say."""
    parser = argparse.ArgumentParser(prog="python -m bench.training.mouth_clicks", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+", help="clean voices")
    parser.add_argument("--held-out", type=Path, nargs="*", default=[], help="clean voices that are not learnt from")
    parser.add_argument("--shares", action="store_true", help="fit only the weights of score and share")
    options = parser.parse_args(arguments)
    if options.shares:
        return _fit_shares(options.files, options.held_out)
    figures, truth = _collect(options.files)
    middle, scale = figures.mean(axis=0), figures.std(axis=0) + 1e-9
    weights = fit(_columns(figures, middle, scale), truth)
    say(f"BIAS = {weights[0]:.4f}")
    for row, (name, figure) in enumerate(FIGURES.items()):
        numbers = (middle[row], scale[row], weights[1 + row], weights[1 + len(FIGURES) + row])
        say(f'    "{name}": Figure({figure.least:g}, {figure.most:g}, {", ".join(f"{n:.4f}" for n in numbers)}),')
    for path in [*options.files, *options.held_out]:
        own, true = _collect([path])
        scores = _columns(own, middle, scale) @ weights
        found, wrong = float((scores[true] > 0).mean()), int((scores[~true] > 0).sum())
        say(f"{path.name}: {found:.3f} of the planted found, {wrong} others taken for one")
    return 0


def _collect(paths: list[Path]) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the figures of all moments, and which are planted."""
    rows, truth = list[Floats](), list[bool]()
    for path in paths:
        sound, rate_hz = read(path)
        clean = np.ascontiguousarray(sound.mean(axis=0, keepdims=True), dtype=np.float32)
        _, others = describe_moments(clean[0], rate_hz)
        rows += list(others)
        truth += [False] * len(others)
        for seed in range(DRAWS):
            hurt = damage.mouth_clicks(clean, rate_hz, np.random.default_rng(1000 + seed))
            spans, figures = describe_moments(hurt.sound[0], rate_hz)
            for first, last in hurt.places:
                here = np.flatnonzero((spans[:, 0] < last) & (spans[:, 1] > first))
                if here.size:
                    rows.append(figures[here[np.argmax(figures[here, 1])]])
                    truth.append(True)
    return np.array(rows), np.array(truth)


def _fit_shares(files: list[Path], held_out: list[Path]) -> int:
    """Fit the weights of score and share of ringings, and say how many clicks they find."""
    columns, truth = _collect_shares(files)
    weights = fit(columns, truth)
    say("BIAS, SCORE_WEIGHT, SHARE_WEIGHT = " + ", ".join(f"{weight:.4f}" for weight in weights))
    for path in [*files, *held_out]:
        own, true = _collect_shares([path])
        found, wrong = float((own[true] @ weights > 0).mean()), int((own[~true] @ weights > 0).sum())
        say(f"{path.name}: {found:.3f} of the planted found, {wrong} others taken for one")
    return 0


def _collect_shares(paths: list[Path]) -> tuple[Floats, NDArray[np.bool_]]:
    """Return one, score and odds of the share of all moments that are worth a look, the best of each planted click."""
    rows, truth = list[Floats](), list[bool]()
    for path in paths:
        sound, rate_hz = read(path)
        clean = np.ascontiguousarray(sound.mean(axis=0, keepdims=True), dtype=np.float32)
        hurts = [damage.mouth_clicks(clean, rate_hz, np.random.default_rng(1000 + seed)) for seed in range(DRAWS)]
        for hurt in (damage.Damage(clean), *hurts):
            audio = Audio(hurt.sound, rate_hz)
            moments = find_mouth_moments(audio, least_score=LEAST_SCORE)
            shares = describe_shares(audio, moments)
            columns = [weigh(moment.score, share) for moment, share in zip(moments, shares, strict=True)]
            if not hurt.places:
                rows += columns
                truth += [False] * len(columns)
            for first, last in hurt.places:
                here = [i for i, m in enumerate(moments) if m.start_s * rate_hz < last and m.end_s * rate_hz > first]
                if here:
                    rows.append(columns[max(here, key=lambda i: moments[i].score)])
                    truth.append(True)
    return np.array(rows), np.array(truth)


def _columns(figures: Floats, middle: Floats, scale: Floats) -> Floats:
    off = (figures - middle) / scale
    return np.column_stack([np.ones(len(off)), off, np.square(off)])


def fit(columns: Floats, truth: NDArray[np.bool_]) -> Floats:
    """Return the weights of a logistic regression (Newton's method); the first column is one and bears no ridge."""
    counts = np.where(truth, 1.0, truth.sum() / max(1, (~truth).sum()))
    ridge = RIDGE * np.eye(columns.shape[1])
    ridge[0, 0] = 1e-6
    weights = np.zeros(columns.shape[1])
    for _ in range(STEPS):
        likely = 1 / (1 + np.exp(-np.clip(columns @ weights, -30, 30)))
        slope = columns.T @ (counts * (likely - truth)) + ridge @ weights
        bend = (columns * (counts * likely * (1 - likely))[:, None]).T @ columns + ridge
        weights = weights - np.linalg.solve(bend, slope)
    return np.asarray(weights)


if __name__ == "__main__":
    sys.exit(main())
