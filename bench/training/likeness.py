"""Fits what sentences are like: `python -m bench.training.likeness [--vocabulary FILE]` writes `likeness.npz` of the assistant.

For each part, and each attribute with its direction, two vectors are learnt by gradient descent (Adam; Kingma and Ba 2015): which word pieces
count, and what they say; and how far grammar's reading is to be trusted.  Learnt from the [tuned] sentences of `bench/wishes.txt` and from
[mails] and [talk] of `bench/wild_wishes.txt`; [fresh] and [reviews] are kept to judge by.  The word pieces are those of the network that the
extra `likeness` brings (`vocab.txt` of all-MiniLM-L6-v2, Apache-2.0); without `--vocabulary` those that ship are kept.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import tonmeister.assistant.understanding as home
from bench.case import say
from bench.phrases import own_wishes
from tonmeister.assistant.understanding.likeness import embed, grammar_figures
from tonmeister.assistant.understanding.understand import understand

Figures = NDArray[np.float32]
LEARNT_FROM = ("tuned", "mails", "talk")
FILE = Path(home.__file__).with_name("likeness.npz")
_ROUNDS, _BATCH, _RATE, _DECAY, _WARM_UP = 30, 64, 3e-3, 0.1, 100
_FEWEST = 4
"""Sentences that a label needs."""
_FORGOTTEN, _WITHOUT_GRAMMAR = 0.1, 0.2
"""Share of pieces and figures that are left out at each step, and of sentences that are seen without what grammar read."""
_LEARNT = ("looked_at", "said", "of_grammar", "offsets")


def main(arguments: list[str] | None = None) -> int:
    """Embed, fit, write."""
    parser = argparse.ArgumentParser(prog="python -m bench.training.likeness", description=__doc__)
    parser.add_argument("--vocabulary", type=Path, help="word pieces of the network, one a line")
    options = parser.parse_args(arguments)
    kept: dict[str, NDArray[Any]] = dict(np.load(FILE)) if FILE.is_file() else {}
    if options.vocabulary is not None:
        plain = [line if line.isascii() else "" for line in options.vocabulary.read_text("utf-8").split("\n")]
        kept = {"pieces": np.frombuffer("\n".join(plain).encode(), dtype=np.uint8)}
        _write(kept["pieces"], (), {name: np.zeros((0, 0), np.float32) for name in _LEARNT})
    rows = [row for part in LEARNT_FROM for row in own_wishes()[part]]
    pieces = [embed(text) for text, _ in rows]
    if any(one is None for one in pieces):
        say("The extra `likeness` is not installed.")
        return 1
    labels = _labels([wanted for _, wanted in rows])
    read = np.array([grammar_figures(_by_grammar(text), labels) for text, _ in rows])
    truth = np.array([grammar_figures(wanted, labels) for _, wanted in rows])
    found = fit([one for one in pieces if one is not None], read, truth)
    _write(kept["pieces"], labels, found)
    say(f"{FILE}: {FILE.stat().st_size} bytes, {len(rows)} sentences, {len(labels)} labels")
    return 0


def _by_grammar(text: str) -> list[tuple[str, str, str]]:
    return [(one.target, one.attribute, one.direction) for one in understand(text, is_likened=False).intents]


def _labels(wanted: Sequence[Sequence[tuple[str, str, str]]]) -> tuple[str, ...]:
    """Return the attributes with direction, then the parts, that are asked for often enough."""
    count = Counter(
        name
        for one in wanted
        for name in {f"{attribute} {way}" for _, attribute, way in one} | {part for part, _, _ in one}
    )
    return tuple(
        sorted((name for name, times in count.items() if times >= _FEWEST), key=lambda name: (" " not in name, name))
    )


def _write(pieces: NDArray[Any], labels: Sequence[str], found: dict[str, Figures]) -> None:
    small = {name: one.astype(np.float16) for name, one in found.items()}
    np.savez_compressed(FILE, allow_pickle=False, pieces=pieces, labels=np.array(labels, dtype=str), **small)


def fit(pieces: Sequence[Figures], read: Figures, truth: Figures) -> dict[str, Figures]:
    """Return what is learnt from sentences' pieces (each (pieces, 384)), what grammar read and what is true (sentences, labels)."""
    chance = np.random.default_rng(0)
    size, labels = pieces[0].shape[1], truth.shape[1]
    usual = np.clip(truth.mean(axis=0), 1e-4, 1 - 1e-4)
    now = {
        "looked_at": chance.normal(0, 0.02, (size, labels)), "said": chance.normal(0, 0.02, (size, labels)),
        "of_grammar": np.zeros((labels, labels)), "offsets": np.log(usual / (1 - usual)),
    }  # fmt: skip
    now = {name: one.astype(np.float32) for name, one in now.items()}
    mean, square = ({name: np.zeros_like(one) for name, one in now.items()} for _ in range(2))
    lengths = np.array([len(one) for one in pieces])
    steps, step = _ROUNDS * -(-len(pieces) // _BATCH), 0
    for _ in range(_ROUNDS):
        order = np.argsort(lengths + chance.uniform(0, 6, lengths.size))  # alike lengths together
        batches = [order[first : first + _BATCH] for first in range(0, order.size, _BATCH)]
        chance.shuffle(batches)
        for batch in batches:
            step += 1
            slopes = _slopes([pieces[place] for place in batch], read[batch], truth[batch], now, chance)
            rate = _RATE * min(1.0, step / _WARM_UP) * 0.5 * (1 + np.cos(np.pi * step / steps))
            for name, slope in slopes.items():
                mean[name] = 0.9 * mean[name] + 0.1 * slope
                square[name] = 0.99 * square[name] + 0.01 * slope**2
                change = mean[name] / (1 - 0.9**step) / (np.sqrt(square[name] / (1 - 0.99**step)) + 1e-8)
                now[name] -= np.float32(rate) * (change + (0 if name == "offsets" else _DECAY) * now[name])
    return now


def _slopes(
    pieces: Sequence[Figures], read: Figures, truth: Figures, now: dict[str, Figures], chance: np.random.Generator
) -> dict[str, Figures]:
    """Return the slope of the mean cross entropy of a batch, some of what is seen left out."""
    count, longest, size = len(pieces), max(map(len, pieces)), pieces[0].shape[1]
    seen, out = np.zeros((count, longest, size), np.float32), np.full((count, longest, 1), -1e9, np.float32)
    for place, one in enumerate(pieces):
        seen[place, : len(one)], out[place, : len(one)] = one, 0
    seen *= (chance.random((count, 1, size)) > _FORGOTTEN) / np.float32(1 - _FORGOTTEN)
    forgotten = chance.random((count, longest, 1)) < _FORGOTTEN
    forgotten[:, 0] = False
    read = read * (chance.random((count, 1)) > _WITHOUT_GRAMMAR).astype(np.float32)
    looks = seen @ now["looked_at"] + np.where(forgotten, np.float32(-1e9), out)
    attention = np.exp(looks - looks.max(axis=1, keepdims=True))
    attention /= attention.sum(axis=1, keepdims=True)
    says = seen @ now["said"]
    told = (attention * says).sum(axis=1)
    share = 1 / (1 + np.exp(-(told + read @ now["of_grammar"] + now["offsets"])))
    error = (share - truth) / count
    flat = seen.reshape(-1, size).T
    return {
        "said": flat @ (attention * error[:, None]).reshape(-1, error.shape[1]),
        "looked_at": flat @ (attention * (says - told[:, None]) * error[:, None]).reshape(-1, error.shape[1]),
        "of_grammar": read.T @ error, "offsets": error.sum(axis=0),
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
