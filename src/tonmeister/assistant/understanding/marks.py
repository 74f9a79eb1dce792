"""Marks: the stretches of a text that the vocabulary knows, longest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from tonmeister.assistant.understanding.spelling import forms
from tonmeister.assistant.understanding.tokens import Token
from tonmeister.assistant.understanding.vocabulary import Entry, Quality, Vocabulary


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of words and what it can be."""

    start: int
    end: int
    """Behind its last word."""
    entries: tuple[Entry, ...]
    comparing: bool = False
    """Whether the word compares, such as `brighter`."""

    def names(self, kind: str) -> tuple[str, ...]:
        """Return the names of its entries of one kind."""
        return tuple(entry.name for entry in self.entries if entry.kind == kind)

    def has(self, modifier: str) -> bool:
        """Say whether it can be this modifier."""
        return modifier in self.names("modifier")

    @property
    def quality(self) -> Quality | None:
        """What it says about the sound, if anything."""
        return next((entry.quality for entry in self.entries if entry.quality is not None), None)


def find_marks(tokens: Sequence[Token], words: Vocabulary) -> list[Mark]:
    """Return the marks of a text in order; none reaches across the end of a sentence."""
    marks: list[Mark] = []
    place = 0
    while place < len(tokens):
        mark = _longest(tokens, place, words)
        if mark is None or _is_also(tokens, mark):
            place += 1
            continue
        marks.append(mark)
        place = mark.end
    return marks


def _is_also(tokens: Sequence[Token], mark: Mark) -> bool:
    """Say whether `too` stands at the end and means also: `the pads too`."""
    is_last = mark.end == len(tokens) or tokens[mark.end - 1].breaks in (".", ",")
    return is_last and [token.word for token in tokens[mark.start : mark.end]] == ["too"]


def _compares(word: str, words: Vocabulary) -> bool:
    """Say whether a word is the comparing form of one that says something about sound."""
    return any(
        comparing and any(entry.quality is not None for entry in words.find((form,))) for form, comparing in forms(word)
    )


def _longest(tokens: Sequence[Token], place: int, words: Vocabulary) -> Mark | None:
    reach = min(words.longest, len(tokens) - place)
    for length in range(reach, 0, -1):
        piece = tokens[place : place + length]
        if any(token.breaks for token in piece[:-1]):
            continue
        said = tuple(token.word for token in piece)
        for last, comparing in forms(said[-1]):
            found = words.find((*said[:-1], last))
            if last != said[-1]:  # an inflected small word is another word
                is_plural = said[-1] in (f"{last}s", f"{last}es")
                found = tuple(
                    e for e in found if e.kind in ("quality", "section") or (e.kind == "target" and is_plural)
                )
            if found:
                return Mark(place, place + length, found, comparing or _compares(said[-1], words))
    return None
