"""A short answer tells what the question asks, once; what is only close to it, or said already, waits for a greater depth."""

from collections.abc import Mapping

from tonmeister.assistant.guidance.answer import Answer
from tonmeister.assistant.guidance.ranking import shares
from tonmeister.assistant.guidance.words import terms
from tonmeister.knowledge.cards import Card

_CLEAR = 0.7
"""Share of a question's weight that the title and the questions of its best card must hold, so that its neighbours need hardly speak.

Measured on the questions that were tuned on, as they are and with their best card taken away, as a question would be that nobody wrote
a card for: from here on nothing is lost of the former, and a twentieth of the key points of the latter. Any order by which points of the best
card or facts of a named processor were left out lost key points at once.
"""
_NEIGHBOURS = 1
"""Points of neighbours that are told all the same: those that share most with the question."""
_REPEATS = 0.7
"""Share of a point's words, numbers among them, that stand in the answer already: it then only says again what was said.

Measured in the same way: eleven words less for one key point of 225; at 0.6 three are lost.
"""


def shortened(answer: Answer, best: Card, question: list[str]) -> Answer:
    """Return an answer without repetitions, and with few points of neighbouring cards where its best card is clearly about the question."""
    weights = shares(question)
    far: list[str] = []
    if _shared(f"{best.title} {best.asks}", weights) >= _CLEAR:
        close = [point.text for point in answer.points if point.card in answer.near]
        far = sorted(close, key=lambda text: -_shared(text, weights))[_NEIGHBOURS:]
    told = set(terms(" ".join([answer.short, *answer.settings_lines, *(fact.text for fact in answer.facts)])))
    kept, more = [], []
    for point in answer.points:
        words = set(terms(point.text))
        if point.text in far or len(words & told) >= _REPEATS * len(words):
            more.append(point)
            continue
        told |= words
        kept.append(point)
    return answer.model_copy(update={"points": tuple(kept), "more": tuple(more)})


def _shared(text: str, weights: Mapping[str, float]) -> float:
    """Return the share of a question's weight that a text holds."""
    return sum(weights.get(word, 0.0) for word in set(terms(text)))
