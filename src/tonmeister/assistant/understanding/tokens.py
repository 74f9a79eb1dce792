"""From text to words: small letters, no accents, contractions written out, punctuation as breaks between words."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_CONTRACTED = {
    "can't": "can not", "cannot": "can not", "won't": "will not", "ain't": "is not", "let's": "let s", "wanna": "want to", "gonna": "going to",
    "shan't": "shall not", "dont": "do not", "doesnt": "does not", "isnt": "is not", "cant": "can not", "arent": "are not", "didnt": "did not",
    "wasnt": "was not", "couldnt": "could not", "wont": "will not",
}  # fmt: skip
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_LETTERS = str.maketrans({"ı": "i", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l"})
_PIECE = re.compile(r"[^\W_]+(?:['\u2019\u02bc][^\W_]+)*|[.!?;\n]+|[,()\u2014\u2013/&:]|(?<=\s)-+(?=\s)", re.UNICODE)
_HARD = frozenset(".!?;\n")


@dataclass(frozen=True, slots=True)
class Token:
    """One word as it is compared, and where it stands."""

    word: str
    start: int
    end: int
    breaks: str = ""
    """What follows it: `.` ends a sentence, `,` may end a clause."""


def fold(text: str, *, german: bool = False) -> str:
    """Return small letters without accents; German umlauts are written with e."""
    text = text.casefold().replace("\u2011", "-").translate(_LETTERS)
    if german:
        text = unicodedata.normalize("NFC", text).translate(_GERMAN)
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).replace(
        "\u2019", "'"
    )


def split_words(text: str, *, german: bool = False) -> list[Token]:
    """Return the words of a text in order."""
    tokens: list[Token] = []
    for piece in _PIECE.finditer(text):
        said = piece.group()
        if not said[0].isalnum():
            if tokens:
                tokens[-1] = _broken(tokens[-1], _break_of(said, text, piece))
            continue
        words = list(_written_out(fold(said, german=german)))
        tokens += [Token(word, piece.start(), piece.end()) for word in words]
    return tokens


def _break_of(said: str, text: str, piece: re.Match[str]) -> str:
    if said == "." and piece.end() < len(text) and text[piece.end()].isdigit():
        return ""  # a decimal point
    if set(said) & _HARD:
        return "."
    return "," if said != "&" else "&"


def _broken(token: Token, breaks: str) -> Token:
    worst = "." if "." in (token.breaks, breaks) else breaks or token.breaks
    return Token(token.word, token.start, token.end, worst)


def _written_out(word: str) -> Iterator[str]:
    """Yield a word without apostrophes: don't is do not, it's is it s."""
    if word in _CONTRACTED:
        yield from _CONTRACTED[word].split()
    elif word.endswith("n't"):
        yield from (word[:-3], "not")
    else:
        yield from (part for part in word.split("'") if part)


def plain_words(entry: str) -> tuple[str, ...]:
    """Return the words of a vocabulary entry as text gives them."""
    words = " ".join(entry.split())
    for short, full in _ENTRY_FORMS:
        words = re.sub(rf"\b{short}\b", full, words)
    return tuple(words.split())


_ENTRY_FORMS = (
    ("don t", "do not"),
    ("doesn t", "does not"),
    ("isn t", "is not"),
    ("can t", "can not"),
    ("didn t", "did not"),
)
