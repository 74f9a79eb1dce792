"""Which way a word about sound is meant: complaint or wish, more or less, not, too, enough, keep."""

from dataclasses import dataclass

from tonmeister.assistant.understanding.clauses import Clause
from tonmeister.assistant.understanding.intent import Direction, Strength
from tonmeister.assistant.understanding.marks import Mark
from tonmeister.assistant.understanding.vocabulary import Quality

_NEAR_WORDS = 6
"""How far before a word its modifiers stand."""
_BEHIND_WORDS = 4
_MUCH = frozenset({"way", "far", "ridiculously", "insanely", "excessively", "unbearably", "viel", "beaucoup", "demasiado", "demasiada", "asiri", "excessive", "extrem", "bien"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Turned:
    """The small words around a word about sound."""

    too: bool
    negated: bool
    enough: bool
    more: bool
    less: bool
    wish: bool
    protects: bool
    compares: bool
    states: bool
    """A verb before it says how it is."""
    asked: bool
    """Asked for in so many words: `make it duller`."""
    against: bool
    """Compared with something else in a statement: `is louder than`."""


def direction_of(clause: Clause, mark: Mark, quality: Quality) -> Direction:
    """Return which way a word about sound is meant in its clause."""
    turned = look_around(clause, mark)
    if turned.protects and not (turned.too or turned.less or (quality.sense == "bad" and not turned.negated)):
        return "keep"
    fixed: dict[str, Direction] = {"fault": "fix", "wanted": "increase", "unclear": "unclear"}
    if quality.sense in fixed:
        return fixed[quality.sense]
    want = _want(quality, turned, clause)
    if want is None:
        return "unclear"
    if want == 0:
        return "keep"
    return "increase" if want * quality.pole > 0 else "decrease"


def _want(quality: Quality, turned: Turned, clause: Clause) -> int | None:
    """Return 1 for more of what the word names, -1 for less, 0 to keep, None where nothing tells."""
    if quality.sense == "bad":
        if (
            quality.attribute == "level"
            and quality.pole == 1
            and turned.wish
            and not (turned.too or turned.less or turned.negated)
        ):
            return 1  # `needs to sit on top`
        if turned.asked and not (turned.too or turned.less or turned.negated):
            return 1
        if "without" in clause.words:
            return 0 if turned.negated else -1
        if turned.negated and quality.attribute == "level" and clause.words[-2:] == ("at", "all"):
            return quality.pole  # `is not poking out at all`
        return 0 if turned.negated and not (turned.wish or turned.too or turned.less or turned.enough) else -1
    if turned.too and turned.negated and not turned.wish:
        return 0 if quality.sense == "plain" else 1
    if turned.too:
        return -1
    if quality.sense == "good":
        if turned.states and not (
            turned.wish or turned.more or turned.negated or turned.enough or turned.compares or turned.less
        ):
            if quality.attribute == "distortion" and not turned.protects:
                return -1  # `it sounds crunchy` is no praise where nobody says so
            return 0  # `the words are clear` is praise
        less = turned.less and not turned.negated and not _says_not_as(clause)
        return -1 if less else 1
    if turned.less:
        return -1
    if turned.negated and turned.enough:
        return 1
    if quality.sense == "thing":
        return _want_thing(turned)
    if turned.against:
        return -1
    if turned.negated:
        return 1 if not turned.wish else -1
    return 1 if turned.more or turned.compares or turned.wish else -1


def _want_thing(turned: Turned) -> int | None:
    if turned.negated:
        return -1 if turned.wish or turned.more else 1
    if turned.more or turned.compares:
        return 1
    return 1 if turned.wish else None


def _says_not_as(clause: Clause) -> bool:
    said = " ".join(clause.words)
    return "not as " in said or "not so " in said


def look_around(clause: Clause, mark: Mark) -> Turned:
    """Return the small words that turn a word about sound."""
    before = [m for m in _before(clause, mark) if clause.words[m.start : m.end] not in _LEVELS]
    behind = _behind(clause, mark)
    near = [*before, *behind]

    def found(*names: str, among: list[Mark] | None = None) -> bool:
        return any(m.has(name) for m in (near if among is None else among) for name in names)

    negated = found("not", among=before) or any(
        m.has("not") and clause.words[m.start] in _BEHIND_NOT for m in behind[:2]
    )
    more = found("more", "up", among=before) or any(m.has("more") or m.has("up") for m in behind)
    less = found("less", "down", among=before) or any(m.has("down") for m in behind)
    if less and _falls_short(clause, before):
        less, negated = False, True
    if negated and found("too", among=before) and not _says_not_too(before):
        negated = False  # `nothing happens, it is too quiet`
    if less and any(m.has("down") and is_statement(clause, m) for m in near):
        more, less = True, False
    words = clause.words
    states = any(word in _STATES for word in words[: mark.start])
    wish = any(
        m.has("wish")
        and (
            m.start < mark.start
            or set(words[m.start : m.end]) & _PLEASE
            or words[m.start : m.start + 2] == ("would", "be")
        )
        for m in clause.marks
    )
    return Turned(
        too=(found("too", among=before) and not (more and _first(before, "more") > _first(before, "too"))) or found("too", among=behind),
        negated=negated,
        enough=found("enough"),
        more=more,
        less=less and not (more and _first(before, "more") > _first(before, "less")),
        wish=wish,
        protects=clause.has("praise", "keep") and not _keeps_making(clause, mark),
        compares=mark.comparing,
        states=states,
        asked=_is_asked(clause, mark),
        against=(mark.comparing or more) and states and not wish and any(word in _THAN for word in words[mark.end :]),
    )  # fmt: skip


def _is_asked(clause: Clause, mark: Mark) -> bool:
    """Say whether a word that mostly complains is what somebody wants more of: `make it duller`, `could be more mono`."""
    words = clause.words
    if _is_made(clause, mark):
        return True
    compares = mark.comparing or (mark.start > 0 and words[mark.start - 1] == "more")
    return compares and any(
        m.has("wish") and m.start < mark.start and _ASKS & set(words[m.start : m.end]) for m in clause.marks
    )


def _is_made(clause: Clause, mark: Mark) -> bool:
    """Say whether `make` and nothing but what it makes so stands before a word: `make the piano mono`, `let it take a back seat`."""
    words = clause.words[: mark.start]
    place = max((place for place, word in enumerate(words) if word in ("make", "let")), default=-1)
    if place < 0 or mark.start - place > _MADE_WORDS:
        return False
    between = [m for m in clause.marks if place < m.start < mark.start]
    plain = all(
        m.names("target") or m.names("track") or m.has("pronoun") or m.has("skip") or m.has("slight") for m in between
    )
    return plain and bool(between) and sum(m.end - m.start for m in between) == mark.start - place - 1


_MADE_WORDS = 6
_ASKS = frozenset(
    {
        "make",
        "could",
        "should",
        "would",
        "want",
        "wants",
        "can",
        "let",
        "prefer",
        "please",
        "try",
        "needs",
        "need",
        "must",
        "give",
    }
)


def _says_not_too(before: list[Mark]) -> bool:
    """Say whether `not` stands right before `too`."""
    return any(n.has("not") and 0 <= t.start - n.end <= 1 for n in before for t in before if t.has("too"))


def _falls_short(clause: Clause, before: list[Mark]) -> bool:
    """Say whether `not as` and its like state that something falls short: `the vocal is not as loud as the guitars`."""
    shorts = [m for m in before if m.has("less") and clause.words[m.start] == "not"]
    return (
        bool(shorts)
        and shorts[-1].start > 0
        and clause.words[shorts[-1].start - 1] in _STATES
        and "as" in clause.words[shorts[-1].start + 2 :]
    )


_LEVELS = frozenset({("louder",), ("quieter",), ("softer",)})
"""Words for level of their own, which do not turn another: `a quieter master that breathes`."""
_BEHIND_NOT = frozenset({"degil", "yok"})
"""Negations that stand behind what they negate."""
_THAN = frozenset({"than", "als", "que", "gore"})
_PLEASE = frozenset({"please", "pls", "plz", "bitte", "favor", "plait", "lutfen"})
_STATES = frozenset(
    {
        "is",
        "are",
        "was",
        "were",
        "s",
        "sounds",
        "sound",
        "seems",
        "always",
        "ist",
        "sind",
        "es",
        "esta",
        "suena",
        "est",
        "sont",
    }
)


def _keeps_making(clause: Clause, mark: Mark) -> bool:
    """Say whether `keep it` only means make it: `keep it a bit more tame`."""
    for other in clause.marks:
        if other.has("keep") and other.end <= mark.start:
            between = [m for m in clause.marks if other.end <= m.start and m.end <= mark.start]
            return any(m.has("more") or m.has("less") or m.has("slight") for m in between) or mark.comparing
    return False


def _first(marks: list[Mark], name: str) -> int:
    """Return the place of the nearest such mark; -1 without one."""
    return max((mark.start for mark in marks if mark.has(name)), default=-1)


def _before(clause: Clause, mark: Mark) -> list[Mark]:
    """Return the marks that may turn a word: those between it and the word about sound before it, or that word's if only `and` stands between."""
    found: list[Mark] = []
    floor = mark.start - _NEAR_WORDS
    for other in reversed([m for m in clause.marks if m.end <= mark.start]):
        if other.start < floor:
            break
        if other.quality is not None and not other.has("less") and not other.has("more"):
            between = [m for m in clause.marks if other.end <= m.start and m.end <= mark.start]
            gap = mark.start - other.end
            if gap <= 2 + sum(m.end - m.start for m in between) and not any(_turns(m) for m in between):
                floor = other.start - _NEAR_WORDS
                continue
            break
        found.insert(0, other)
    return found


def _turns(mark: Mark) -> bool:
    return any(mark.has(name) for name in ("too", "not", "more", "less", "up", "down", "wish", "enough"))


def _behind(clause: Clause, mark: Mark) -> list[Mark]:
    found: list[Mark] = []
    for other in clause.marks:
        if other.start < mark.end:
            continue
        if any(t.breaks in (",", ".") for t in clause.tokens[mark.end - 1 : other.start]):
            break
        if (
            other.start > mark.end + _BEHIND_WORDS
            or other.has("join")
            or other.has("split")
            or other.quality is not None
        ):
            break
        found.append(other)
    return found


def is_statement(clause: Clause, mark: Mark) -> bool:
    """Say whether a comparing word tells how it is, not how it should be: `is always lower than`."""
    words = clause.words
    compares = (
        mark.comparing
        or words[mark.end - 1].endswith(("er", "ser"))
        or words[mark.start] in ("mas", "plus", "moins", "daha")
    )
    return (
        compares
        and any(word in _STATES for word in words[: mark.start])
        and not clause.has("wish")
        and any(word in _THAN for word in words[mark.end :])
    )


_OBJECT_WORDS = 3
"""Words that may stand between a verb and its `up`: `dry the vocals up`."""


def is_particle(clause: Clause, mark: Mark) -> bool:
    """Say whether `up` or `down` only belongs to a verb about sound: `dry it up`, `warm the guitars up`."""
    verbs = [m for m in clause.marks if m.quality is not None and m.quality.attribute != "level" and m.quality.sense != "thing"]  # fmt: skip
    after = [(m, next((n for n in clause.marks if n.start == m.end), None)) for m in verbs if m.end <= mark.start]
    return mark.end - mark.start == 1 and any(
        mark.start - m.end <= 1 or (follows is not None and follows.has("skip") and mark.start - m.end <= _OBJECT_WORDS)
        for m, follows in after
    )


def strength_of(clause: Clause, mark: Mark | None = None, quality: Quality | None = None) -> Strength:
    """Return how far a wish goes; the nearest word of measure says it."""
    place = mark.start if mark is not None else 0
    said: list[tuple[int, Strength]] = []
    for other in clause.marks:
        words = clause.words[other.start : other.end]
        distance = abs(other.start - place)
        if other.has("slight"):
            said.append((distance, "slight"))
        elif other.has("strong") or (other.has("too") and _MUCH & set(words)):
            said.append((distance, "strong"))
    if said:
        return min(said)[1]
    return "strong" if quality is not None and quality.strong else "moderate"
