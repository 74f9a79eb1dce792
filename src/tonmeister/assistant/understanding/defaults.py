"""What is meant where nobody names a part: the mix, unless the words can only be about a voice."""

from collections.abc import Mapping

from tonmeister.assistant.understanding.clauses import Clause
from tonmeister.assistant.understanding.intent import Attribute

DEFAULT_TARGETS: Mapping[str, str] = {"sibilance": "lead_vocal", "pitch": "lead_vocal"}
"""What is meant where nobody says it."""
_OF_A_MOUTH = frozenset({"breath", "breaths", "breathing", "breathes", "plosive", "plosives", "syllables", "consonants", "autotune", "autotuned", "melodyne", "mumbles", "mumbling", "mumbled", "sings", "sang", "sung", "lisp", "lips", "mouth", "throw", "throws", "word", "lyric", "phrasing", "diction", "enunciation", "pronunciation", "canta", "cantan", "singt", "chante", "soyluyor"})  # fmt: skip
"""Words that only a voice can be spoken of with."""
_PEOPLE = frozenset({"they", "them", "their"})
_ONE_PERSON = frozenset({"his", "her", "hers"})
_OF_VOICES = frozenset({"level", "clarity", "space"})


def default_target(clause: Clause, attribute: Attribute) -> str:
    """Return the part that a word about sound speaks of where the clause names none."""
    for other in (attribute, *(m.quality.attribute for m in clause.marks if m.quality is not None)):
        if other in DEFAULT_TARGETS:
            return DEFAULT_TARGETS[other]
    if (attribute in _OF_VOICES and _PEOPLE & set(clause.words)) or (_OF_A_MOUTH | _ONE_PERSON) & set(clause.words):
        return "lead_vocal"
    return "mix"
