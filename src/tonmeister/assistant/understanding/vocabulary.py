"""The vocabulary: words of five languages for parts of a mix, for how they sound, and for which way."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import PurePath
from typing import Literal

from tonmeister.assistant.understanding.intent import Attribute
from tonmeister.assistant.understanding.tokens import fold, plain_words
from tonmeister.knowledge.rows import table

Language = Literal["en", "de", "es", "fr", "tr"]
LANGUAGES: tuple[Language, ...] = ("en", "de", "es", "fr", "tr")
Sense = Literal["bad", "good", "plain", "thing", "fault", "wanted", "unclear"]
MODIFIERS = (
    "too", "not", "enough", "more", "less", "up", "down", "wish", "praise", "keep", "slight", "strong", "reference", "split", "join", "skip",
    "pronoun", "nothing", "covers",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quality:
    """A group of words for how something sounds."""

    attribute: Attribute
    pole: int
    """1 names much of the attribute, -1 little."""
    sense: Sense
    detail: str | None = None
    also: Attribute | None = None
    """A second attribute that these words speak of."""
    detail_wish: str | None = None
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """What a word or phrase can be."""

    kind: Literal["target", "weak_target", "quality", "modifier", "section", "track"]
    name: str
    """Target, modifier or section, or the track's id."""
    quality: Quality | None = None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Entries by their words."""

    entries: Mapping[tuple[str, ...], tuple[Entry, ...]]
    longest: int
    words: frozenset[str]
    """Every single word of at least five letters that spelling may correct to."""
    known: frozenset[str]
    """Every word that is right as it is."""

    def find(self, words: tuple[str, ...]) -> tuple[Entry, ...]:
        """Return what these words can be."""
        return self.entries.get(words, ())


@cache
def vocabulary(language: Language) -> Vocabulary:
    """Return the vocabulary of a language; English names of parts and sounds are used everywhere."""
    return _indexed(_all_entries(language))


def with_tracks(words: Vocabulary, names: Mapping[str, str]) -> Vocabulary:
    """Return the vocabulary with a session's own track names, by track id."""
    entries = dict(words.entries)
    for track_id, name in names.items():
        plain = PurePath(name).stem.casefold()
        said = plain_words(" ".join("".join(c if c.isalnum() else " " for c in plain).split()))
        if said and not (len(said) == 1 and (len(said[0]) < 3 or said in entries)):
            entries[said] = (Entry("track", track_id), *entries.get(said, ()))
    longest = max(words.longest, *(len(said) for said in entries))
    return Vocabulary(entries, longest, words.words, words.known | {w for said in entries for w in said})


def _indexed(pairs: Iterable[tuple[str, Entry]]) -> Vocabulary:
    entries: dict[tuple[str, ...], list[Entry]] = {}
    for said, entry in pairs:
        words = plain_words(said)
        if words and entry not in entries.setdefault(words, []):
            entries[words].append(entry)
    _name_inside(entries)
    every = {word for words in entries for word in words}
    plain = {word for words in table("words_grammar")["plain"].values() for word in _listed(words)}
    plain |= {
        word
        for name in MODIFIERS
        for said in _listed(table("words_grammar")[name].get("en", ""))
        for word in said.split()
    }
    # Only words that carry sense are worth correcting to.
    carrying = {
        words[0] for words, found in entries.items()
        if len(words) == 1 and len(words[0]) >= 5 and any(e.kind in ("target", "quality", "section") for e in found)
    }  # fmt: skip
    carrying |= {
        w for words, found in entries.items() if len(words) > 1 and any(e.kind in ("target", "quality") for e in found) for w in words if len(w) >= 6
    }  # fmt: skip
    turns = {word for row in table("words_idioms")["idiom"] for word in _WORD.findall(row["pattern"])}
    return Vocabulary(
        entries={words: tuple(found) for words, found in entries.items()},
        longest=max(len(words) for words in entries),
        words=frozenset(carrying - plain),
        known=frozenset(every | plain | turns),
    )


def _name_inside(entries: dict[tuple[str, ...], list[Entry]]) -> None:
    """Let a phrase about sound that holds the name of a part also name it: `pop of the snare`."""
    parts = {
        words[0]: entry.name for words, found in entries.items() for entry in found
        if len(words) == 1 and entry.kind == "target" and entry.name in _NAMED_INSIDE
    }  # fmt: skip
    for words, found in list(entries.items()):
        if len(words) > 1 and any(e.kind == "quality" for e in found) and not any(e.kind == "target" for e in found):
            named = [Entry("weak_target", parts[word]) for word in words if word in parts]
            entries[words] = [*found, *named[:1]]


_NAMED_INSIDE = frozenset({"lead_vocal", "snare", "drums", "guitars", "piano", "strings"})
"""Parts whose names are no verbs or sounds as well, such as `kick` and `bass`."""


def _all_entries(language: Language) -> Iterator[tuple[str, Entry]]:
    both: tuple[Language, ...] = ("en",) if language == "en" else (language, "en")
    for here in both:
        for name, row in table("words_targets").items():
            yield from ((said, Entry("target", name)) for said in _listed(row.get(here, "")))
            if here == "en":
                yield from ((said, Entry("weak_target", name)) for said in _listed(row.get("weak", "")))
        for row in table("words_attributes")["group"]:
            quality = Quality(
                attribute=row["attribute"], pole=row["pole"], sense=row["sense"], detail=row.get("detail"), also=row.get("also"),
                detail_wish=row.get("detail_wish"), strong=row.get("strong", False),
            )  # fmt: skip
            yield from ((said, Entry("quality", row["attribute"], quality)) for said in _listed(row.get(here, "")))
    grammar = table("words_grammar")
    for name in MODIFIERS:
        yield from ((said, Entry("modifier", name)) for said in _listed(grammar[name].get(language, "")))
    for name, row in grammar["sections"].items():
        for here in both:
            yield from ((said, Entry("section", name)) for said in _listed(row.get(here, "")))


_WORD = re.compile(r"[a-z]{5,}")
"""A word of a turn of phrase; shorter ones are never corrected."""


def _listed(words: str) -> list[str]:
    return [word.strip() for word in words.split(",") if word.strip()]


def detect_language(words: list[str], text: str = "") -> Language:
    """Return the language whose small words, own names of parts and sounds, and letters are most in a text; English when none stands out."""
    counts = dict.fromkeys(LANGUAGES, 0.0)
    for language in LANGUAGES:
        small = _small_words(language)
        counts[language] = sum(1.0 for word in words if word in small)
        counts[language] += sum(1.0 for letter in text.casefold() if letter in _LETTERS.get(language, ""))
    best = max(LANGUAGES, key=lambda language: counts[language])
    return best if counts[best] > counts["en"] else "en"


_LETTERS: Mapping[Language, str] = {
    "de": "\u00df",
    "es": "\u00f1\u00bf\u00a1",
    "fr": "\u00e8\u00ea\u00e0\u00f9\u0153",
    "tr": "\u0131\u015f\u011f",
}
"""Letters that no other of the languages writes."""
_SMALL = {
    "de": "der die das und ist nicht zu ein eine den dem im mit auf ich wir klingt bitte aber auch mehr etwas viel hat man sind es fuer wie bei sehr mir mal noch stimme lauter leiser klingen macht mach machen schlagzeug gitarre gitarren gesang wird kann koennte",
    "es": "el la los las que de en y es muy un una por para con se más mas pero del al lo está esta suena suenan voz voces guitarra guitarras batería bateria bajo mezcla poco demasiado sube baja quiero me le",
    "fr": "le la les des est et un une trop dans pas de du que qui sur avec plus pour mais je vous on c'est sont voix guitare guitares batterie basse peu sonne peut il ne moins",
    "tr": "bir ve çok cok bu için icin daha biraz var değil degil ama gibi olsun sesi vokal gitar davul bas miks ses da de mi olmuş kadar şarkı geliyor lütfen lutfen kisin acin",
    "en": "the a is and to of in it too i you that was for on with be are but not my so this have little more up down make needs need less can could",
}


def _names(language: Language) -> set[str]:
    """Return the single words of a language for parts and sounds; in English also the words that go with them."""
    rows = [*table("words_targets").values(), *table("words_attributes")["group"]]
    said = {fold(name) for row in rows for name in _listed(row.get(language, ""))}
    if language == "en":
        plain = table("words_grammar")["plain"].values()
        return {word for name in said for word in name.split()} | {word for words in plain for word in _listed(words)}
    return {name for name in said if " " not in name}


@cache
def _small_words(language: Language) -> frozenset[str]:
    small = set(_SMALL[language].split())
    if language != "en":
        grammar = table("words_grammar")
        small |= {
            fold(said) for name in MODIFIERS for said in _listed(grammar[name].get(language, "")) if " " not in said
        }
        small |= _names(language) - _names("en")
        small -= {said for name in MODIFIERS for said in _listed(grammar[name].get("en", ""))}
    return frozenset(small)
