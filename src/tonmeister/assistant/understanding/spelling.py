"""Spelling: words that nobody knows become the nearest word of the vocabulary, if one is near enough."""

from collections.abc import Iterator, Sequence

from tonmeister.assistant.understanding.vocabulary import Vocabulary

_SHORTEST = 5
"""Letters: below, half of all words are one letter apart."""
_LONG = 9
"""Letters from which on two slips are corrected."""


_VERBS = frozenset({"brighten", "broaden", "darken", "deepen", "fatten", "lighten", "liven", "roughen", "sharpen", "soften", "sweeten", "thicken", "tighten", "widen"})  # fmt: skip
"""Verbs that ask for more of what their stem names, as a comparing form does."""


def forms(word: str) -> Iterator[tuple[str, bool]]:
    """Yield what a word may be a form of, and whether the form compares (`brighter`)."""
    yield word, False
    for ending, comparing in (("ier", True), ("iest", False), ("iness", False)):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            yield word.removesuffix(ending) + "y", comparing
    for ending, comparing in (("er", True), ("est", False), ("ness", False), ("ing", False), ("ed", False), ("ish", False), ("s", False), ("es", False), ("en", word in _VERBS), ("y", False)):  # fmt: skip
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < 3:
            continue
        yield stem, comparing
        yield stem + "e", comparing
        if len(stem) > 3 and stem[-1] == stem[-2]:
            yield stem[:-1], comparing


def correct(word: str, words: Vocabulary) -> str | None:
    """Return the word that was meant; None if it is known, or nothing is near."""
    if len(word) < _SHORTEST or not word.isalpha() or any(form in words.known for form, _ in forms(word)):
        return None
    within = 2 if len(word) >= _LONG else 1
    near = [
        (distance(word, other, within), other)
        for other in words.words
        if not _is_form(word, other)
        and abs(len(other) - len(word)) <= within
        and other[0] == word[0]
        and (within == 1 or other[:2] == word[:2])
    ]
    best = min(near, default=(within + 1, ""))
    return best[1] if best[0] <= within else None


_CHAT = {"r": "are", "u": "you", "ur": "your", "lil": "little", "b": "be", "plz": "please"}
_BEFORE_TOO = frozenset({"way", "bit", "little", "is", "are", "much", "far", "just", "sounds", "sound", "lil", "r"})
_BEFORE_TO = frozenset({"need", "needs", "want", "wants", "has", "have", "try", "got"})
_HOW = frozenset({"little", "bit", "too", "so", "very", "tad", "way", "lil", "rather", "pretty"})


def from_chat(words: Sequence[str]) -> list[str]:
    """Return words as they are said where they are typed as sounds (`way 2 loud`), and `quite` where `quiet` is meant."""
    said = [_CHAT.get(word, word) for word in words]
    for place, word in enumerate(words):
        before = words[place - 1] if place else ""
        behind = words[place + 1] if place + 1 < len(words) else ""
        if word == "2" and behind.isalpha() and before in _BEFORE_TOO | _BEFORE_TO:
            said[place] = "too" if before in _BEFORE_TOO else "to"
        elif word == "quite" and before in _HOW and behind in _AFTER_QUIET:
            said[place] = "quiet"
    return said


_AFTER_QUIET = frozenset({"", "imo", "tbh", "in", "and", "but", "compared", "here", "on", "at", "for", "n", "though"})


def _is_form(word: str, other: str) -> bool:
    """Say whether two words differ by their last letter only: an ending makes another word, not a slip."""
    return word[:-1] == other[:-1] or word[:-1] == other or word == other[:-1]


def distance(first: str, second: str, most: int) -> int:
    """Return the slips between two words: a letter more, less, another, or two swapped (Damerau 1964); more than `most` is most + 1."""
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        following = [i]
        for j, b in enumerate(second, 1):
            cost = min(row[j] + 1, following[j - 1] + 1, row[j - 1] + (a != b))
            if i > 1 and j > 1 and a == second[j - 2] and first[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            following.append(cost)
        if min(following) > most:
            return most + 1
        before, row = row, following
    return row[-1]
