"""From one clause to its intents."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tonmeister.assistant.understanding.clauses import Clause
from tonmeister.assistant.understanding.defaults import default_target
from tonmeister.assistant.understanding.echoes import echoed
from tonmeister.assistant.understanding.figures import find_figures, signed_db
from tonmeister.assistant.understanding.idioms import Found, find_idioms
from tonmeister.assistant.understanding.intent import Attribute, Direction, Intent
from tonmeister.assistant.understanding.making import distinct, finished, make_intent
from tonmeister.assistant.understanding.marks import Mark
from tonmeister.assistant.understanding.moving import Who, has_own_move, of_moves
from tonmeister.assistant.understanding.places import Place, find_place
from tonmeister.assistant.understanding.polarity import direction_of, strength_of
from tonmeister.assistant.understanding.regions import of_region
from tonmeister.assistant.understanding.targets import Group, find_groups, meant, nearest
from tonmeister.assistant.understanding.vocabulary import Quality

_EVALUATES = frozenset({"nasty", "ugly", "awful", "horrible", "terrible", "annoying", "irritating", "distracting", "unpleasant", "jarring", "disgusting", "gross"})  # fmt: skip
"""Words that only say that something is bad: another word of the clause says what."""
_WITHOUT_SUBJECT = frozenset({"have", "has", "is", "are", "was", "were", "sound", "sounds", "feels", "feel", "needs", "need", "lacks", "lack", "could", "should", "seems", "also", "still", "just", "ist", "klingt", "suena", "est", "necesita", "manque"})  # fmt: skip
"""A sentence that begins so goes on about what the one before was about."""
_SIZES = frozenset({("big",), ("huge",), ("massive",), ("giant",), ("full",)})
_SIZE_WORDS = 2
"""Words of size only measure a complaint right behind them: `a big pile of mud`."""
_PRONOUNS = frozenset({"it", "them", "him", "her", "they"})
"""Words that may hide in a longer one: `turn them down`."""
_DEVICES = "translation"


@dataclass(frozen=True, slots=True)
class Context:
    """What was said before."""

    targets: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ()
    place: Place = field(default_factory=Place)
    sentence: int = -1
    wishes: tuple[Intent, ...] = ()
    """What the last clause that wished for anything asked for."""
    is_whole: bool = False
    """Whether the clause before was about the whole mix, which only the rest of its own sentence goes on about."""


def read_clause(text: str, clause: Clause, before: Context, roles: dict[str, str]) -> tuple[list[Intent], Context]:
    """Return the intents of a clause, and what the next one may refer to."""
    said = text[slice(*clause.span)]
    groups = find_groups(clause, roles)
    place = find_place(said, clause)
    if place == Place() and before.sentence == clause.sentence:
        place = before.place
    carried = _carried(clause, before)
    named = meant(groups)
    who = (named[0].names, named[0].tracks) if named else carried
    again = echoed(clause, groups, before.wishes)
    found = [] if again else list(find_idioms(clause, groups))
    intents = again or [intent for idiom in found for intent in _of_idiom(idiom, clause, groups, carried)]
    taken = {word for idiom in found for word in range(idiom.start, idiom.end)}
    alone = bool(again) or any(idiom.idiom.alone for idiom in found)
    qualities = [] if alone else _qualities(clause, groups, taken)
    if intents:
        qualities = [(m, q) for m, q in qualities if q.attribute != _DEVICES]
    if any(idiom.idiom.alone for idiom in found) and _qualities(clause, groups, taken):
        intents = [intent for intent in intents if intent.direction != "unclear"]
        qualities = _qualities(clause, groups, taken)
    for mark, quality in qualities:
        intents += _of_quality(mark, quality, clause, groups, carried)
    figures = find_figures(said)
    if not intents:
        intents += _of_decibels(said, clause, groups, carried)
    if not intents:
        intents += _of_frequency(clause, groups, carried, figures[1])
    if not intents or (not again and has_own_move(clause, qualities, taken)):
        intents += of_moves(clause, groups, who, taken, bare=not intents)
    intents = intents if again else [of_region(clause, intent) for intent in intents]
    if not intents:
        intents += _of_praise(clause, groups, who)
    intents = [finished(intent, place, said, figures) for intent in distinct(intents, either="either" in clause.words)]
    names = tuple(dict.fromkeys(name for group in groups if not group.is_reference for name in group.names))
    tracks = tuple(track for group in groups for track in group.tracks)
    is_named = bool(names) and not all(group.is_weak for group in groups)
    context = Context(
        targets=names if is_named else before.targets, tracks=tracks if is_named else before.tracks, place=place, sentence=clause.sentence,
        wishes=tuple(intents) or before.wishes, is_whole=bool(names) and not is_named and set(names) == {"mix"},
    )  # fmt: skip
    return intents, context


def _carried(clause: Clause, before: Context) -> Who:
    """Return what a clause without a named part is about: what the one before was about."""
    refers = (
        clause.has("pronoun")
        or bool(_PRONOUNS & set(clause.words))
        or before.sentence == clause.sentence
        or clause.words[0] in _WITHOUT_SUBJECT
    )
    if before.is_whole and before.sentence == clause.sentence:
        return ("mix",), ()
    if before.targets and refers:
        return before.targets, before.tracks
    return (), ()


def _of_idiom(found: Found, clause: Clause, groups: Sequence[Group], who: Who) -> Iterator[Intent]:
    strength = strength_of(clause)
    is_wished = found.idiom.wished is not None and _asks_before(clause, found.start)
    for meaning in found.idiom.means:
        if meaning.who in ("a", "b"):
            group = found.groups.get(meaning.who)
            if group is None:
                continue
            names, tracks = group.names, group.tracks
        elif meaning.who == "?":
            others = [g for g in groups if g not in found.groups.values() and not g.is_reference]
            inside = [g for g in groups if found.start <= g.start < found.end and g not in found.groups.values()]
            chosen = (inside or [g for g in others if g.end <= found.start][-1:] or others[:1])[:1]
            names, tracks = (chosen[0].names, chosen[0].tracks) if chosen else who
            names = names or (
                (found.idiom.default,) if found.idiom.default else (default_target(clause, meaning.attribute),)
            )
        else:
            names, tracks = (meaning.who,), ()
        for name in names:
            if meaning.who == "b" and name in ("mix", "master"):
                continue
            direction = found.idiom.wished if is_wished and found.idiom.wished is not None else meaning.direction
            yield make_intent(name, meaning.attribute, direction, meaning.strength or strength, found.detail, tracks)


def _asks_before(clause: Clause, place: int) -> bool:
    """Say whether somebody asks for what stands at a place, rather than telling of it."""
    words = set(clause.words[:place])
    return bool(words & {"want", "should", "would", "make", "wish", "let", "could"}) and not words & {
        "not",
        "less",
        "too",
    }


def _qualities(clause: Clause, groups: Sequence[Group], taken: set[int]) -> list[tuple[Mark, Quality]]:
    """Return the words about sound that are left, without those that only repeat or set the scene."""
    found = [(m, m.quality) for m in clause.marks if m.quality is not None and not taken & set(range(m.start, m.end))]
    found = [(m, q) for m, q in found if not _only_modifies(clause, m, q, found)]
    pitched = any(q.attribute == "pitch" for _, q in found)
    others = any(
        q.attribute not in ("translation", "vibe") and not (q.sense == "thing" and q.attribute == "level")
        for _, q in found
    )
    kept = []
    for mark, quality in found:
        words = clause.words[mark.start : mark.end]
        if pitched and words in (("flat",), ("sharp",)):
            continue
        is_scene = quality.attribute == _DEVICES and others
        is_vague = (
            quality.attribute == "vibe"
            and quality.sense == "unclear"
            and (others or any(q.attribute == _DEVICES for _, q in found))
        )
        is_of_fault = (
            quality.attribute == "level" and quality.sense in ("plain", "bad", "good") and not groups
            and any(m.start < mark.start and q.sense in ("thing", "fault", "good") and q.attribute not in ("level", "loudness") for m, q in found)
        )  # fmt: skip
        is_size = quality.attribute == "energy" and any(
            (m.start == mark.end and q.sense == "thing")
            or (words in _SIZES and 0 <= m.start - mark.end <= _SIZE_WORDS and q.sense in ("bad", "fault"))
            for m, q in found
        )
        is_volume = (
            quality.attribute == "level"
            and quality.sense == "thing"
            and any(q.attribute == "level" and q is not quality for _, q in found)
        )
        is_adjective = quality.sense == "plain" and any(m.start == mark.end and q.sense == "bad" for m, q in found)
        is_noun = words == ("arrangement",) and (others or bool(taken))
        is_opinion = len(words) == 1 and words[0] in _EVALUATES and others and len(found) > 1
        is_manner = words in _MANNERS and any(
            q.sense == "bad" and q.attribute in _MANNERS[words] for _, q in found if q is not quality
        )
        if not any((is_scene, is_vague, is_volume, is_size, is_of_fault, is_adjective, is_opinion, is_noun, is_manner)):
            kept.append((mark, quality))
    return kept


def _only_modifies(clause: Clause, mark: Mark, quality: Quality, found: Sequence[tuple[Mark, Quality]]) -> bool:
    """Say whether a word that can be a part or a small word is only that here: `the bottom end` that distorts, `high` before `end`."""
    if mark.names("target") and mark.names("target")[0] != "low_end":
        return quality.attribute != "vibe"
    if mark.names("target") == ("low_end",):
        others = [
            q
            for m, q in found
            if m is not mark
            and q.sense in ("bad", "plain", "fault")
            and q.attribute not in ("level", "low_end", "translation")
        ]
        return bool(others)
    if any(mark.has(name) for name in ("less", "more", "up", "down", "praise")):
        return any(m is not mark and not _is_parted(clause, mark, m) for m, _ in found) or quality.sense == "bad"
    return False


def _is_parted(clause: Clause, first: Mark, second: Mark) -> bool:
    """Say whether `and` or a comma stands between two words: each says something of its own, `lauter und heller`."""
    start, end = min(first.end, second.end), max(first.start, second.start)
    joins = any(m.has("join") and start <= m.start < end for m in clause.marks)
    return joins or any(token.breaks == "," for token in clause.tokens[start - 1 : end])


def _of_quality(mark: Mark, quality: Quality, clause: Clause, groups: Sequence[Group], who: Who) -> Iterator[Intent]:
    direction = direction_of(clause, mark, quality)
    if direction == "keep" and _is_likened(clause, mark):
        return
    if quality.sense == "thing" and direction in ("increase", "unclear") and _is_band_cut(clause, mark):
        direction = "decrease" if quality.pole > 0 else "increase"
    if direction == "unclear" and quality.sense == "thing" and _is_missing(clause, mark):
        direction = "increase" if quality.pole > 0 else "decrease"
    if direction == "unclear" and quality.sense == "thing" and _is_in_excess(clause, mark):
        direction = "decrease" if quality.pole > 0 else "increase"
    if direction == "unclear" and quality.sense == "thing" and quality.attribute == "space" and _complains(clause):
        direction = "decrease"
    if direction == "unclear" and quality.sense == "thing" and quality.attribute not in ("space", "width"):
        return
    group = nearest(clause, mark, groups)
    if group is not None and group.start > mark.start and _has_own_subject(clause, mark, group):
        group = None
    names, tracks = (group.names, group.tracks) if group is not None else who
    if not names:
        names = (default_target(clause, quality.attribute),)
    attribute, direction = _of_its_part(clause, mark, quality, direction, group, names)
    detail = quality.detail
    if quality.detail_wish is not None and direction == "decrease" and clause.has("wish"):
        detail = quality.detail_wish
    strength = strength_of(clause, mark, quality)
    for name in names:
        yield make_intent(name, attribute, direction, strength, detail, tracks)
        if quality.also is not None:
            yield make_intent(name, quality.also, direction, strength, detail, tracks)


def _of_its_part(
    clause: Clause, mark: Mark, quality: Quality, direction: Direction, group: Group | None, names: Sequence[str]
) -> tuple[Attribute, Direction]:
    """Return what a word means of this part: words that are lost or mushy are not understood, a kick that clicks has a sharp attack."""
    is_text = group is not None and set(clause.words[group.start : group.end]) <= _OF_TEXT
    is_lost = quality.attribute == "level" and quality.sense == "bad" and quality.pole < 0
    if is_text and (is_lost or quality.attribute == "mud"):
        return "clarity", "increase"
    if tuple(names) == ("kick",) and quality.attribute == "noise" and clause.words[mark.start].startswith("click"):
        return "harshness", "decrease"
    if "gain" in clause.words[mark.start : mark.end] and set(names) <= _WITH_AMPS:
        return "distortion", direction
    return quality.attribute, direction


_WITH_AMPS = frozenset({"guitars", "electric_guitar", "lead_guitar"})
"""Parts whose gain is an amplifier's."""


def _is_likened(clause: Clause, mark: Mark) -> bool:
    """Say whether a word only belongs to what the sound is likened to, which is no praise: `like it comes from the front of a bus`."""
    words = clause.words[: mark.start]
    return "like" in words[-_LIKENED:] and not clause.has("praise") and not clause.has("keep")


_LIKENED = 8
"""Words that a likening reaches."""
_OF_TEXT = frozenset({"words", "lyrics", "lyric", "syllables", "consonants", "diction", "text"})
"""Names of a voice that mean what it says."""
_MANNERS: Mapping[tuple[str, ...], frozenset[str]] = {
    ("soft",): frozenset({"punch", "energy", "harshness", "mud"}),
    ("flat",): frozenset({"dynamics"}),
}
"""Words that only colour another complaint: `soft and flabby`, `squashed flat`."""


def _is_band_cut(clause: Clause, mark: Mark) -> bool:
    """Say whether a band is named, and turned down afterwards as `it`: `a low shelf around 150 Hz, and bring it down`."""
    names_band = bool(_BANDS & set(clause.words)) or any(word.endswith("hz") for word in clause.words)
    moves = [m for m in clause.marks if m.start >= mark.end and m.has("down") and m.quality is None]
    return names_band and any("it" in clause.words[max(mark.end, m.start - 2) : m.end] for m in moves)


_BANDS = frozenset({"shelf", "bell", "band", "eq", "equaliser", "equalizer"})


def _is_missing(clause: Clause, mark: Mark) -> bool:
    """Say whether what follows says that it is not there: `the low end is gone`."""
    behind = next((m.quality for m in clause.marks if m.start >= mark.end and m.quality is not None), None)
    return behind is not None and behind.attribute == "level" and behind.pole == -1 and behind.sense == "bad"


def _is_in_excess(clause: Clause, mark: Mark) -> bool:
    """Say whether what follows says that there is too much of it: `the low end is overwhelming`."""
    behind = next((m.quality for m in clause.marks if m.start >= mark.end and m.quality is not None), None)
    return behind is not None and behind.attribute == "level" and behind.pole == 1 and behind.sense == "bad"


def _complains(clause: Clause) -> bool:
    """Say whether an effect that is only named is named because it is too much: `there is an echo on the voice`."""
    return not clause.has("wish", "praise", "not") and bool(
        {"there", "s", "is", "has", "have", "lot", "makes", "make", "big", "long", "hay", "da"} & set(clause.words)
    )


def _has_own_subject(clause: Clause, mark: Mark, group: Group) -> bool:
    """Say whether `it` before a word, and no part right behind it, is what the word speaks of."""
    is_far = group.start - mark.end > 2
    return is_far and any(m.has("pronoun") and m.end <= mark.start for m in clause.marks)


def _of_decibels(said: str, clause: Clause, groups: Sequence[Group], who: Who) -> Iterator[Intent]:
    """Yield what decibels with a sign ask for: `vocals +1 dB`."""
    signed = signed_db(said)
    if signed is None or clause.has("up", "down", "less", "more"):
        return
    own = meant(groups)
    names, tracks = (own[0].names, own[0].tracks) if own else who
    for name in names:
        yield make_intent(name, "level", "increase" if signed > 0 else "decrease", strength_of(clause), None, tracks)


def _of_frequency(clause: Clause, groups: Sequence[Group], who: Who, frequency_hz: float | None) -> Iterator[Intent]:
    """Yield what a bare frequency asks for: `take some 300 Hz out of the guitars`."""
    if frequency_hz is None:
        return
    cuts = clause.has("less", "down", "too") or bool({"out", "cut", "off"} & set(clause.words))
    limits: tuple[tuple[float, Attribute], ...] = (
        (150, "low_end"), (1000, "mud"), (6000, "harshness"), (1e6, "brightness"),
    ) if cuts else ((150, "low_end"), (700, "warmth"), (6000, "clarity"), (1e6, "brightness"))  # fmt: skip
    attribute = next(name for limit, name in limits if frequency_hz < limit)
    own = meant(groups)
    names, tracks = (own[0].names, own[0].tracks) if own else who
    for name in names or ("mix",):
        yield make_intent(name, attribute, "decrease" if cuts else "increase", strength_of(clause), None, tracks)


def _of_praise(clause: Clause, groups: Sequence[Group], who: Who) -> Iterator[Intent]:
    """Yield what is to be kept as it is."""
    if not clause.has("keep", "praise"):
        return
    named = [group for group in groups if not group.is_reference and not group.is_weak]
    names, tracks = (named[0].names, named[0].tracks) if named else who
    for name in names:
        if name not in ("mix", "master") or clause.has("keep"):
            yield make_intent(name, "level", "keep", strength_of(clause), None, tracks)
