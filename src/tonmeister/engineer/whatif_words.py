"""What-if in words: `vocal +1 dB presence, master no louder` becomes wishes and constraints; what is not understood is refused."""

import re
from collections.abc import Callable, Sequence
from typing import Literal

from tonmeister.errors import InputError
from tonmeister.model import Model

Attribute = Literal["level", "presence", "air", "low", "mud", "width", "reverb", "loudness"]
Limit = Literal["no louder", "no quieter", "no more compression", "keep"]

ATTRIBUTES: dict[str, Attribute] = {
    "level": "level", "volume": "level", "presence": "presence", "air": "air", "top": "air", "low": "low", "lows": "low", "bass end": "low",
    "low end": "low", "mud": "mud", "width": "width", "reverb": "reverb", "space": "reverb", "loudness": "loudness",
}  # fmt: skip
"""Words for what can be asked for."""
ADJECTIVES: dict[str, tuple[Attribute, int]] = {
    "louder": ("level", 1), "quieter": ("level", -1), "softer": ("level", -1), "up": ("level", 1), "down": ("level", -1),
    "clearer": ("presence", 1), "brighter": ("air", 1), "darker": ("air", -1), "airier": ("air", 1), "warmer": ("low", 1), "fuller": ("low", 1),
    "thinner": ("low", -1), "muddier": ("mud", 1), "cleaner": ("mud", -1), "wider": ("width", 1), "narrower": ("width", -1),
    "wetter": ("reverb", 1), "drier": ("reverb", -1), "dryer": ("reverb", -1),
}  # fmt: skip
"""Words that say what and in which direction."""
STEPS_DB: dict[Attribute, float] = {
    "level": 1.0, "presence": 1.0, "air": 1.5, "low": 1.5, "mud": 2.0, "width": 3.0, "reverb": 3.0, "loudness": 1.0,
}  # fmt: skip
"""How much `more` and `less` mean."""
MOST_DB = 12.0
_MASTER = ("master", "mix", "song", "everything", "all")
_NUMBER = re.compile(r"(?P<by>[+\-\u2212]?\d+(?:[.,]\d+)?)\s*(?:db|lu)?\b")
_GRAMMAR = (
    "say a track, role, family or master, then how much of what, such as 'vocal +1 dB presence', 'guitars less mud', 'drums wider', "
    "'master -1 dB loudness', and after commas what must stay: 'master no louder', 'no more compression', 'keep bass'"
)


class Wish(Model):
    """One thing that is asked for."""

    target: str
    """As a person named it; `master` is the whole."""
    attribute: Attribute
    by_db: float


class Constraint(Model):
    """One thing that must stay."""

    target: str
    limit: Limit


class Asked(Model):
    """A what-if, understood."""

    wishes: tuple[Wish, ...]
    constraints: tuple[Constraint, ...]


def read_what_if(text: str, *, is_name: Callable[[str], bool]) -> Asked:
    """Understand a what-if; `is_name` says whether words name a track, role, family or bus of this mix.

    Raises:
        InputError: If a part is not understood; the sentence says what can be said.
    """
    wishes: list[Wish] = []
    constraints: list[Constraint] = []
    for part in re.split(r",(?!\d)|;|\band\b|\bbut\b|\bwith\b", text.casefold()):
        words = " ".join(part.split())
        if not words:
            continue
        constraint = _constraint(words, is_name)
        wish = None if constraint is not None else _wish(words, is_name)
        if constraint is not None:
            constraints.append(constraint)
        elif wish is not None:
            wishes.append(wish)
        else:
            raise InputError(f"--what-if {part.strip()!r}: not understood; {_GRAMMAR}.")
    if not wishes:
        raise InputError(f"--what-if {text!r}: nothing is asked for; {_GRAMMAR}.")
    return Asked(wishes=tuple(wishes), constraints=tuple(constraints))


def _constraint(words: str, is_name: Callable[[str], bool]) -> Constraint | None:
    if words in ("no more compression", "not more compression", "master no more compression"):
        return Constraint(target="master", limit="no more compression")
    for limit in ("no louder", "not louder", "no quieter", "not quieter"):
        if words.endswith(limit):
            target = _name(words.removesuffix(limit).split() or ["master"], is_name)
            return (
                None
                if target is None
                else Constraint.model_validate({"target": target, "limit": limit.replace("not", "no")})
            )
    if words.startswith("keep "):
        target = _name(words.removeprefix("keep ").split(), is_name)
        return None if target is None else Constraint(target=target, limit="keep")
    return None


def _wish(words: str, is_name: Callable[[str], bool]) -> Wish | None:
    number = _NUMBER.search(words)
    by_db = None if number is None else float(number["by"].replace("\u2212", "-").replace(",", "."))
    rest = words if number is None else f"{words[: number.start()]} {words[number.end() :]}"
    rest = " ".join(
        word
        for word in rest.split()
        if word not in ("db", "lu", "by", "the", "a", "bit", "little", "of", "on", "in", "by")
    )
    sign = 1 if re.search(r"\bmore\b", rest) else -1 if re.search(r"\bless\b", rest) else 0
    rest = " ".join(word for word in rest.split() if word not in ("more", "less"))
    attribute, direction, named = _attribute(rest)
    target = _name(named, is_name)
    if target is None or (by_db is None and not sign and not direction):
        return None
    if by_db is not None and abs(by_db) > MOST_DB:
        raise InputError(f"--what-if {words!r}: {by_db:+g} dB is too much at once; ask for at most {MOST_DB:g} dB.")
    if target == "master" and attribute == "level":
        attribute = "loudness"
    amount = (STEPS_DB[attribute] if by_db is None else by_db) * (sign or direction or 1)
    return Wish(target=target, attribute=attribute, by_db=amount)


def _attribute(rest: str) -> tuple[Attribute, int, Sequence[str]]:
    """Return what is asked for, its direction (0 where the words have none), and the words that are left."""
    for word, (attribute, direction) in ADJECTIVES.items():
        if re.search(rf"\b{word}\b", rest):
            return attribute, direction, re.sub(rf"\b{word}\b", " ", rest).split()
    for word, named in sorted(ATTRIBUTES.items(), key=lambda item: -len(item[0])):
        if re.search(rf"\b{word}$", rest) or re.search(rf"^{word}\b", rest):
            left = re.sub(rf"\b{word}$|^{word}\b", " ", rest, count=1).split()
            if left:
                return named, 0, left
    return "level", 0, rest.split()


def _name(words: Sequence[str], is_name: Callable[[str], bool]) -> str | None:
    said = " ".join(words)
    if said in _MASTER:
        return "master"
    return said if said and is_name(said) else None
