"""Which cards speak to a question: BM25 over weighted fields (Robertson and Zaragoza 2009), tolerant of typing slips."""

import math
from collections import Counter
from functools import cache
from typing import NamedTuple

from tonmeister.assistant.guidance.words import near, terms
from tonmeister.knowledge.cards import Card, cards, question_words

_WEIGHTS = {"title": 3.0, "asks": 2.5, "short": 1.5, "points": 1.0, "why": 0.5}
"""A word in a title says more than one in a reason."""
_K1, _B = 1.4, 0.5
"""Saturation and length normalisation, in the usual range of the paper."""
_MISSING = 0.55
"""What is left of a card's score for each subject of the question (voice, drums, reverb, mud ...) that it is not about."""
_MOST_MISSING = 3
_UNASKED = 0.93
"""What is left for each subject in a card's title that the question does not name: it is a card for a more special case.

Tried on 95 questions of our own in other words than the cards: at 0.9 one goes to a wrong card, at 0.85 three.
"""
_MOST_UNASKED = 2
_STRANGE = 3.0
"""Weight of a word that no card has: that of one in twenty cards."""
_SLIP = 0.7
"""Weight of a word that was understood only after correcting it."""


class Ranked(NamedTuple):
    """A card and how well it fits."""

    card: Card
    score: float
    covered: float
    """Share of the question's weight that the card's words cover."""


class _Index(NamedTuple):
    counts: tuple[dict[str, float], ...]
    heads: tuple[frozenset[str], ...]
    titles: tuple[frozenset[str], ...]
    lengths: tuple[float, ...]
    idf: dict[str, float]
    words: frozenset[str]


@cache
def _index() -> _Index:
    counts = tuple(_weighted(card) for card in cards())
    seen = Counter(word for found in counts for word in found)
    total = len(counts)
    idf = {word: math.log(1 + (total - n + 0.5) / (n + 0.5)) for word, n in seen.items()}
    heads = tuple(frozenset(terms(f"{card.title} {card.asks}")) for card in cards())
    titles = tuple(frozenset(terms(card.title)) & question_words().subjects for card in cards())
    return _Index(counts, heads, titles, tuple(sum(found.values()) for found in counts), idf, frozenset(seen))


def _weighted(card: Card) -> dict[str, float]:
    fields = {
        "title": card.title,
        "asks": card.asks,
        "short": card.short,
        "points": " ".join(card.points),
        "why": card.why,
    }
    total: Counter[str] = Counter()
    for name, text in fields.items():
        for word, count in Counter(terms(text)).items():
            total[word] += _WEIGHTS[name] * min(count, 3)  # type: ignore[assignment]  # Counter takes any number
    return dict(total)


def known_words() -> frozenset[str]:
    """Return every word of the cards."""
    return _index().words


def question_weights(question: list[str]) -> dict[str, float]:
    """Return the words of a question as the cards know them, with what each counts."""
    index = _index()
    weights: dict[str, float] = {}
    for word in question:
        known, factor = word, 1.0
        if word not in index.words:
            known, factor = _corrected(word) or word, _SLIP
        weights[known] = max(weights.get(known, 0.0), factor)
    return weights


@cache
def _corrected(word: str) -> str | None:
    """Return the word that was meant: of those as near, the one that most cards have; words of one meaning count too."""
    index, same = _index(), question_words().same
    close = near(word, index.words | same.keys(), often=lambda other: -index.idf.get(same.get(other, other), math.inf))
    return None if close is None else same.get(close, close)


def shares(question: list[str]) -> dict[str, float]:
    """Return how much of a question's weight each of its words carries, as the cards know them."""
    index = _index()
    weights = {word: factor * index.idf.get(word, _STRANGE) for word, factor in question_weights(question).items()}
    full = sum(weights.values())
    return {word: weight / full for word, weight in weights.items()} if full else {}


def rank(question: list[str], *, boost: frozenset[str] = frozenset(), foreign: bool = False) -> list[Ranked]:
    """Return the cards that share a word with the question, best first.

    Words in `boost` count half as much again; in a foreign question words that no card has are no loss.
    """
    index = _index()
    weights = question_weights(question)
    unknown = 0.0 if foreign else _STRANGE  # in English a strange word is a sign that something else is meant
    full = sum(factor * index.idf.get(word, unknown if word.isalpha() else 0.0) for word, factor in weights.items())
    mean = sum(index.lengths) / len(index.lengths)
    found = []
    subjects = weights.keys() & question_words().subjects
    for card, counts, head, title, length in zip(
        cards(), index.counts, index.heads, index.titles, index.lengths, strict=True
    ):
        score = covered = 0.0
        for word, factor in weights.items():
            count = counts.get(word, 0.0)
            if count:
                part = index.idf[word] * count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * length / mean))
                score += factor * part * (1.5 if word in boost else 1.0)
                covered += factor * index.idf[word]
        if score:
            share = covered / full if full else 0.0
            off = _MISSING ** min(len(subjects - head), _MOST_MISSING)
            off *= _UNASKED ** min(len(title - weights.keys()), _MOST_UNASKED)
            found.append(Ranked(card, score * math.sqrt(share) * off, share))
    return sorted(found, key=lambda item: (-item.score, item.card.id))
