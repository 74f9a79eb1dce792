"""Make intents: for a part, without repetitions, with place, words and figures."""

from collections.abc import Sequence

from tonmeister.assistant.understanding.intent import Attribute, Direction, Intent, Strength
from tonmeister.assistant.understanding.places import Place

_WITHOUT_DB = frozenset({"width", "timing", "pitch", "arrangement", "vibe", "translation"})
"""What decibels say nothing about: `2 dB quieter and more to the left`."""


def make_intent(
    name: str,
    attribute: Attribute,
    direction: Direction,
    strength: Strength,
    detail: str | None,
    tracks: tuple[str, ...],
) -> Intent:
    """Return what is meant for a part; level and loudness are told apart by it."""
    if attribute == "loudness" and name not in ("mix", "master"):
        attribute = "level"
    if attribute == "level" and name in ("mix", "master"):
        attribute = "level" if direction in ("unclear", "keep") else "loudness"
    if name == "low_end" and attribute in ("level", "loudness"):
        name, attribute = "mix", "low_end"
    return Intent(
        target=name, tracks=tracks, attribute=attribute, direction=direction, strength=strength, detail=detail
    )


def distinct(intents: Sequence[Intent], *, either: bool) -> list[Intent]:
    """Return the intents without repetitions; the first of two that contradict each other stands."""
    found: dict[tuple[str, tuple[str, ...], str], Intent] = {}
    for intent in intents:
        key = (intent.target, intent.tracks, intent.attribute)
        known = found.get(key)
        if known is None or (known.direction == "unclear" and intent.direction != "unclear"):
            found[key] = intent
        elif either and {known.direction, intent.direction} == {"increase", "decrease"}:
            found[key] = known.model_copy(update={"direction": "unclear"})
        elif known.detail is None and intent.detail is not None and intent.direction == known.direction:
            found[key] = known.model_copy(update={"detail": intent.detail})
    return list(found.values())


def finished(intent: Intent, place: Place, said: str, figures: tuple[float | None, float | None]) -> Intent:
    """Return an intent with its place, its words and its figures: decibels and hertz."""
    amount_db, frequency_hz = figures
    return intent.model_copy(
        update={
            "section": place.name,
            "time_s": place.time_s,
            "said": said.strip(),
            "amount_db": None if intent.attribute in _WITHOUT_DB else amount_db,
            "frequency_hz": frequency_hz,
        }
    )
