"""Fits what sentences are like: `python -m bench.training.likeness [--vocabulary FILE]` writes `likeness.npz` of the assistant.

Two logistic regressions, one for attribute with direction, one for the part, on the figures of the network that the extra `likeness`
brings, learnt from the [tuned] sentences of `bench/wishes.txt`.  The word pieces are those of the network (`vocab.txt` of
all-MiniLM-L6-v2, Apache-2.0); without `--vocabulary` those that ship are kept.  The [fresh] sentences are not learnt from.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import tonmeister.assistant.understanding as home
from bench.case import say
from bench.phrases import own_wishes
from tonmeister.assistant.understanding.likeness import embed

Figures = NDArray[np.float32]
RIDGE, STEPS, RATE = 3e-4, 150, 0.1
FILE = Path(home.__file__).with_name("likeness.npz")


def main(arguments: list[str] | None = None) -> int:
    """Embed, fit, write."""
    parser = argparse.ArgumentParser(prog="python -m bench.training.likeness", description=__doc__)
    parser.add_argument("--vocabulary", type=Path, help="word pieces of the network, one a line")
    options = parser.parse_args(arguments)
    kept: dict[str, NDArray[Any]] = dict(np.load(FILE)) if FILE.is_file() else {}
    if options.vocabulary is not None:
        plain = [line if line.isascii() else "" for line in options.vocabulary.read_text("utf-8").split("\n")]
        kept = _empty() | {"pieces": np.frombuffer("\n".join(plain).encode(), dtype=np.uint8)}
        np.savez_compressed(FILE, allow_pickle=False, **kept)
    rows = own_wishes()["tuned"]
    found = [embed(text) for text, _ in rows]
    if any(one is None for one in found):
        say("The extra `likeness` is not installed.")
        return 1
    figures = np.array(found, dtype=np.float32)
    wishes = [{f"{attribute} {way}" for _, attribute, way in wanted} for _, wanted in rows]
    targets = [{target for target, _, _ in wanted} for _, wanted in rows]
    for name, told in (("wishes", wishes), ("targets", targets)):
        labels = sorted(set().union(*told))
        truth = np.array([[label in one for label in labels] for one in told], dtype=np.float32)
        kept |= {name: np.array(labels), f"of_{name}": fit(figures, truth).astype(np.float16)}
    np.savez_compressed(FILE, allow_pickle=False, **kept)
    say(f"{FILE}: {FILE.stat().st_size} bytes, {len(rows)} sentences")
    return 0


def _empty() -> dict[str, NDArray[Any]]:
    return {
        "wishes": np.array([], dtype=str), "targets": np.array([], dtype=str),
        "of_wishes": np.zeros((1, 0), np.float16), "of_targets": np.zeros((1, 0), np.float16),
    }  # fmt: skip


def fit(figures: Figures, truth: Figures) -> Figures:
    """Return (figures + 1, labels) the weights of logistic regressions, by Adam with a ridge."""
    wide = np.hstack([figures, np.ones((len(figures), 1), np.float32)])
    weights = np.zeros((wide.shape[1], truth.shape[1]), np.float32)
    weights[-1] = -3
    ridge = np.full((wide.shape[1], 1), RIDGE, np.float32)
    ridge[-1] = 0
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        slope = wide.T @ (1 / (1 + np.exp(-(wide @ weights))) - truth) / len(wide) + ridge * weights
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        weights -= RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weights


if __name__ == "__main__":
    sys.exit(main())
