"""A short answer tells what the question asks, once; what is only close to it, or said already, waits for a greater depth."""

from collections.abc import Mapping

from tonmeister.assistant.guidance.answer import Answer, Point
from tonmeister.assistant.guidance.ranking import shares
from tonmeister.assistant.guidance.words import terms
from tonmeister.knowledge.cards import Card, cards

_CLEAR = 0.7
"""Share of a question's weight that the title and the questions of its best card must hold, so that its neighbours need not speak.

Measured on the questions that were tuned on, as they are and with their best card taken away, as a question would be that nobody wrote
a card for: from here on nothing is lost of the former, and a twentieth of the key points of the latter. Any order by which points of the best
card or facts of a named processor were left out lost key points at once.
"""
_REPEATS = 0.85
"""Share of a point's words, and all its numbers, that one sentence of the answer holds already: it then only says again what was said."""
_MOST_WORDS = 240
"""Words of points and facts together; what shares least with the question waits where there are more.

Measured on the questions that were tuned on: nothing is lost; at 190 words a key point, at 160 three.
"""


def shortened(answer: Answer, best: Card | None, question: list[str]) -> Answer:
    """Return an answer of bounded length without repetitions, and with none of neighbouring cards where its best card is clearly about it."""
    weights = shares(question)
    is_clear = best is not None and _shared(f"{best.title} {best.asks}", weights) >= _CLEAR
    main = set(answer.topics) - set(answer.near)
    steps = {text for card in cards() if card.id in main for text in card.steps}
    reasons = answer.why[: len(answer.why) - len(answer.near)]
    told = [set(terms(text)) for text in (answer.short, *answer.settings_lines, *(fact.text for fact in answer.facts))]
    kept, more = [], []
    for point in answer.points:
        words = set(terms(point.text))
        far = point.card in answer.near and (is_clear or bool(answer.facts))
        if point.text not in steps and (far or _is_told(words, told)):
            more.append(point)
            continue
        told.append(words)
        kept.append(point)
    first = [point for point in (*answer.facts, *kept) if point.card not in answer.near]
    fits = _fitting([*first, *(point for point in kept if point.card in answer.near)], len(first), steps, weights)
    waiting = [point for point in (*answer.facts, *kept) if point not in fits]
    return answer.model_copy(
        update={
            "facts": tuple(fact for fact in answer.facts if fact in fits),
            "points": tuple(point for point in kept if point in fits),
            "more": (*more, *waiting),
            "why": reasons[:1] if answer.depth == "short" else reasons,
        }
    )


def _fitting(points: list[Point], own: int, steps: set[str], weights: Mapping[str, float]) -> list[Point]:
    """Return the points that there is room for: numbered lists whole, then those that share most with the question.

    The first `own` of them come before the others, which are only close to the question.
    """
    order = sorted(
        enumerate(points), key=lambda item: (item[1].text not in steps, item[0] >= own, -_shared(item[1].text, weights))
    )
    left, found = _MOST_WORDS, []
    for _, point in order:
        words = len(point.text.split())
        if words <= left or point.text in steps:
            found.append(point)
            left -= words
    return found


def _is_told(words: set[str], told: list[set[str]]) -> bool:
    """Say whether most words of a point, and every number of it, were told before by one sentence: words of many say something else."""
    numbers = {word for word in words if word[0].isdigit()}
    return any(len(words & text) >= _REPEATS * len(words) and numbers <= text for text in told)


def _shared(text: str, weights: Mapping[str, float]) -> float:
    """Return the share of a question's weight that a text holds."""
    return sum(weights.get(word, 0.0) for word in set(terms(text)))
