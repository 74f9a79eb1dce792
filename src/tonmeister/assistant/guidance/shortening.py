"""A short answer tells what the question asks; what is only close to it waits for a greater depth."""

from collections.abc import Mapping

from tonmeister.assistant.guidance.answer import Answer
from tonmeister.assistant.guidance.ranking import shares
from tonmeister.assistant.guidance.words import terms
from tonmeister.knowledge.cards import Card

_CLEAR = 0.7
"""Share of a question's weight that the title and the questions of its best card must hold, so that its neighbours need not speak.

Measured on the questions that were tuned on, as they are and with their best card taken away, as a question would be that nobody wrote
a card for: from here on nothing is lost of the former, and a fifteenth of the key points of the latter. Any order by which points of the best
card or facts of a named processor were left out lost key points at once.
"""
_NEIGHBOURS = 1
"""Points of neighbours that are told all the same: those that share most with the question."""


def shortened(answer: Answer, best: Card, question: list[str]) -> Answer:
    """Return an answer with few points of neighbouring cards where its best card is clearly about the question; the others are its `more`."""
    weights = shares(question)
    if _shared(f"{best.title} {best.asks}", weights) < _CLEAR:
        return answer
    close = [point for point in answer.points if point.card in answer.near]
    nearest = sorted(close, key=lambda point: -_shared(point.text, weights))[:_NEIGHBOURS]
    more = tuple(point for point in close if point not in nearest)
    kept = tuple(point for point in answer.points if point not in more)
    return answer.model_copy(update={"points": kept, "more": more})


def _shared(text: str, weights: Mapping[str, float]) -> float:
    """Return the share of a question's weight that a text holds."""
    return sum(weights.get(word, 0.0) for word in set(terms(text)))
