"""Questions with several parts: each part may need a card of its own; which cards are about the same; questions for the reason get it."""

import re

from tonmeister.assistant.guidance.ranking import Ranked, question_weights, rank
from tonmeister.assistant.guidance.words import plain, terms
from tonmeister.knowledge.cards import Card, question_words

_ASKING = r"(?:how|what|why|when|where|which|who|should|do|does|is|are|can|could|would)"
_BETWEEN = re.compile(
    rf"[?;!.]\s+|\s*,?\s+(?:and|or|but)\s+(?:also\s+)?(?={_ASKING}\b)|,\s+(?={_ASKING}\b)|\s+(?:versus|vs\.?)\s+"
)
_REASON = re.compile(
    r"\b(?:why|how come|reasons?|explain|what happens|difference|what (?:does|do|is|are|was)|how does|warum|wieso|pourquoi|por que|neden)\b"
)
_REASON_FIRST = re.compile(
    r"(?:^|[.!?;:,]\s+)(?:(?:so|and|but|ok|hi|hello|explain)[, ]+)*"
    r"(?:why|how come|what happens|what (?:does|do|would happen)|warum|wieso|weshalb|was (?:passiert|macht|bewirkt)|pourquoi|por que|perche|neden)\b"
)
_COVERED = 0.7
"""Share of a part's weight that its card must cover: it speaks beside a card which fits the whole question."""
_FEWEST_WORDS = 2


def further_cards(rest: str, words: list[str], ranked: list[Ranked]) -> list[tuple[Ranked, list[str]]]:
    """Return the best card of each part of a question that the first card is not the best for, with the words of the part."""
    parts = [part for part in _BETWEEN.split(plain(rest)) if part]
    if len(parts) < _FEWEST_WORDS or not ranked:
        return []
    subjects = question_words().subjects
    found: dict[str, tuple[Ranked, list[str]]] = {}
    for part in parts:
        told = terms(part)
        if len(set(told)) < _FEWEST_WORDS or not question_weights(told).keys() & subjects:
            continue
        best = next(iter(rank(told, boost=frozenset(words))), None)
        if best is not None and best.covered >= _COVERED and best.card.id != ranked[0].card.id:
            found.setdefault(best.card.id, (best, told))
    return list(found.values())


def asks_reason(question: str) -> bool:
    """Say whether a question is for a mechanism rather than for a setting."""
    return _REASON.search(plain(question)) is not None


def leads_with_reason(question: str) -> bool:
    """Say whether a question, or a sentence of it, begins by asking for a mechanism or a consequence: that is told before any number."""
    return _REASON_FIRST.search(plain(question)) is not None


def of_one_subject(card: Card, question: list[str]) -> bool:
    """Say whether a neighbouring card shares a subject with a question, and is made for no instrument, style or use that it does not name."""
    known = question_words()
    told = question_weights(question).keys()
    asked, title = told & known.subjects, set(terms(card.title))
    if asked and asked.isdisjoint(title | set(terms(card.asks))):
        return False
    return not title & known.special - told


def sentence(text: str) -> str:
    """Return a text as a sentence: a capital first, a full stop last."""
    whole = text[:1].upper() + text[1:]
    return whole if whole.endswith((".", "!", "?")) else f"{whole}."
