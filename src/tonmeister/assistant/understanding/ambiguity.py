"""How far words leave open what to do, and the one question that would settle it."""

from collections.abc import Sequence

from tonmeister.assistant.understanding.intent import Ambiguity, Intent, Level

_OPEN = frozenset({"vibe", "translation"})
_PLAIN = frozenset({"level", "sibilance", "timing", "noise"})
_QUESTIONS = {
    "level": "Should it only be easier to hear, or really louder against everything else?",
    "loudness": "Louder as a file, or fuller at the same playback level?",
    "brightness": "Is it the top octave that is meant, or the mood of the whole?",
    "warmth": "More body in the low mids, or a thicker, more saturated sound?",
    "low_end": "More deep bass, or bass that can be heard on small speakers?",
    "mud": "Does it cover the words, or is the low-mid range simply too thick?",
    "harshness": "Is it always harsh, or only on loud notes?",
    "clarity": "Do the words get lost, or do the instruments run into each other?",
    "punch": "More attack on each hit, or more weight behind it?",
    "energy": "Should it get louder, wider, or busier?",
    "dynamics": "More difference between loud and quiet parts, or less squashed hits?",
    "space": "How near should it feel: at the ear, in a room, or far away?",
    "width": "Wider instruments, or a wider whole?",
    "pitch": "Is there another take, or should this one be corrected?",
    "vibe": "Can you name a song that has what you mean, and the place where this one misses it?",
    "translation": "On which device does it fall short, and what disappears there?",
    "distortion": "Is the distortion in the recording, or only in the mix?",
    "arrangement": "Which part may drop out or come in, and where?",
}  # fmt: skip


def judge(intents: Sequence[Intent]) -> Ambiguity:
    """Return how open the words are; the most open wish counts."""
    if not intents:
        return Ambiguity(level="high", ask="Which part of the mix do you mean, and what should change about it?")
    levels = [_level(intent) for intent in intents]
    order: tuple[Level, ...] = ("low", "medium", "high")
    most = max(levels, key=order.index)
    intent = intents[levels.index(most)]
    return Ambiguity(level=most, ask=None if most == "low" else _QUESTIONS.get(intent.attribute))


def _level(intent: Intent) -> Level:
    if intent.is_guess:
        return "high"
    if intent.direction == "keep" or intent.amount_db is not None or intent.frequency_hz is not None:
        return "low"
    if intent.direction == "unclear" or intent.attribute in _OPEN:
        return "high"
    if intent.attribute == "energy" and intent.target in ("mix", "master"):
        return "high"
    if intent.detail in ("mood", "phat", "metaphor"):
        return "high"
    return "low" if intent.attribute in _PLAIN and intent.target not in ("mix", "master") else "medium"
