"""Ask: a question in words, answered from what is known here, in context of a mix where one is open."""

import re
from pathlib import Path

from tonmeister.assistant.guidance.answer import Answer, AnswerDraft, Depth, Point
from tonmeister.assistant.guidance.clauses import asks_reason, further_cards, leads_with_reason
from tonmeister.assistant.guidance.composing import draft, general_start, owned_settings, plugin_parts, type_facts
from tonmeister.assistant.guidance.naming import Named, find_names
from tonmeister.assistant.guidance.owned import owned_plugins
from tonmeister.assistant.guidance.ranking import Ranked, question_weights, rank
from tonmeister.assistant.guidance.shortening import shortened
from tonmeister.assistant.guidance.situation import Situation, read_situation
from tonmeister.assistant.guidance.song import song_facts
from tonmeister.assistant.guidance.times import times_sentence
from tonmeister.assistant.guidance.words import language, plain, terms
from tonmeister.errors import InputError
from tonmeister.knowledge.cards import question_words
from tonmeister.knowledge.plugins import PluginFacts

_LONGEST = 2000
"""Characters of a question; what is longer is a text, not a question."""
_COVERED = 0.3
"""Share of the question's weight that a card must cover, otherwise it speaks of something else."""
_COVERED_NO_SUBJECT = 0.55
"""The same where the question names no subject that we know, such as voice, drums or loudness."""
_COVERED_NEAREST = 0.15
"""The same where nothing fits better and the subject is one that we know: the answer then says that it is only the nearest."""
_COVERED_WITH_PLUGIN = 0.4
"""The same where a processor answers already."""
_FEWEST_WORDS = 2
_IN_HEAD = 0.65
"""Where nothing says on what a processor works, the question is about its controls: a card speaks beside them only if it is made for so many
of the other words."""
_KIND_WORDS = {
    "bus_compressor": "bus compressor",
    "preamp_eq": "eq",
    "channel_strip": "compressor",
    "resonance_suppressor": "harsh",
}
_GENERAL = "What has no source is common studio practice: a starting point to check by ear."
_PLUGIN_GENERAL = "{names}: general knowledge, not checked against the manual."
_PLUGIN_PARTLY = "{names}: partly checked against the manual, partly general knowledge."
_NEAREST = "This is the nearest that I know; it may not be about exactly what you asked."
_ENGLISH = {
    "en": "",
    "de": "(Auf Englisch beantwortet; verstanden wurde die Frage an ihren Fachwörtern.)",
    "es": "(Respondido en inglés; la pregunta se entendió por sus términos técnicos.)",
    "fr": "(Réponse en anglais ; la question a été comprise par ses termes techniques.)",
    "it": "(Risposta in inglese; la domanda è stata capita dai suoi termini tecnici.)",
    "pt": "(Respondido em inglês; a pergunta foi entendida pelos seus termos técnicos.)",
    "sv": "(Besvarad på engelska; frågan förstods genom sina facktermer.)",
    "tr": "(Yanıt İngilizce; soru teknik terimlerinden anlaşıldı.)",
}
"""What is said first in the language of a question, since the answer is in English."""


def ask(
    question: str, *, out: Path | None = None, depth: Depth = "short", owned: tuple[PluginFacts, ...] | None = None
) -> Answer:
    """Answer a question about mixing, recording, mastering or a processor; with a mix, from its measurements too.

    Raises:
        InputError: If there is no question, or it is too long.
        DocumentError: If a mix is given and cannot be read.
    """
    asked = " ".join(question.split())
    if not terms(asked):
        raise InputError(
            'The question is empty; ask, for example, tonmeister ask "what attack on a CL 1B for a ballad vocal?".'
        )
    if len(asked) > _LONGEST:
        raise InputError(f"The question has {len(asked)} characters; ask in at most {_LONGEST}.")
    named = find_names(asked)
    situation = read_situation(asked, named.rest)
    words = [*terms(named.rest), *_kinds(named, asked)]
    ranked = _fitting(situation, words, rank(words, boost=_boost(situation), foreign=language(asked) != "en"), named)
    further = [] if named.plugins else further_cards(named.rest, words, ranked)
    if (
        len(further) > 1
    ):  # every part has a card of its own: none of them hides behind one that fits the sum of their words
        (first, _), *further = further
        ranked = [first, *(item for item in ranked if item.card != first.card)]
    parts = draft(ranked, words, further)
    far = bool(ranked) and not named.plugins and ranked[0].covered < _COVERED
    parts = parts.model_copy(update={"far": far})
    mine = owned_plugins().facts if owned is None else owned
    told = "why" if depth == "short" and asks_reason(asked) else depth  # who asks for the reason gets it
    answer = _compose(asked, named, situation, parts, mine, out, told)
    return shortened(answer, ranked[0].card if ranked else None, words) if depth == "short" else answer


def _boost(situation: Situation) -> frozenset[str]:
    """Return words that decide between cards: the source and the style."""
    told = " ".join(name for name in (situation.source, situation.style) if name)
    return frozenset(terms(told))


_ORDER = re.compile(r"\b(?:first|before|after|then|order|into|last|series|serial|together|chain)\b")
"""Several processors are asked for in a row, not one against the other."""


def _kinds(named: Named, asked: str) -> list[str]:
    """Return what the named processors are, as words that cards know."""
    about = (
        "several in a row serial compression" if _ORDER.search(plain(asked)) else "difference between compressor types"
    )
    compared = terms(about) if len(named.plugins) > 1 else []
    return list(
        dict.fromkeys(
            [
                *compared,
                *(word for plugin in named.plugins for word in terms(_KIND_WORDS.get(plugin.kind, plugin.kind))),
            ]
        )
    )


def _fitting(situation: Situation, words: list[str], ranked: list[Ranked], named: Named) -> list[Ranked]:
    """Return the cards, if the best one speaks to the question; beside a processor's facts it must speak clearly."""
    if not ranked:
        return []
    if named.plugins and situation.source is None and situation.style is None:
        own = set(terms(named.rest))
        return [one for one in ranked if len(own) >= _FEWEST_WORDS and _is_about(one, own)][:1]
    has_subject = bool(question_weights(words).keys() & question_words().subjects)
    least = _COVERED_WITH_PLUGIN if named.plugins else _COVERED if has_subject else _COVERED_NO_SUBJECT
    if ranked[0].covered >= least:
        return ranked
    return ranked[:1] if has_subject and not named.plugins and ranked[0].covered >= _COVERED_NEAREST else []


def _is_about(one: Ranked, words: set[str]) -> bool:
    """Say whether a card is made for most of these words, not only holds them."""
    return len(words & set(terms(f"{one.card.title} {one.card.asks}"))) >= _IN_HEAD * len(words)


def _compose(
    asked: str,
    named: Named,
    situation: Situation,
    parts: AnswerDraft,
    mine: tuple[PluginFacts, ...],
    out: Path | None,
    depth: Depth,
) -> Answer:
    settings, facts, basis, reason = plugin_parts(named, situation, terms(asked), parts.against)
    facts = (*facts, *type_facts(named, terms(asked)))
    if not named.plugins:
        settings = owned_settings(mine, situation)
        basis, reason = ("", "") if situation.kind in parts.against else general_start(situation)
    song = None if out is None else song_facts(out, parts.measures or _measures(situation), source=situation.source)
    bpm = situation.bpm or (song.bpm if song is not None and _asks_times(situation, parts) else None)
    points = list(parts.points)
    if bpm is not None and (situation.bpm is not None or _asks_times(situation, parts)):
        points.insert(0, Point(text=times_sentence(bpm), card="tempo.times", status="standard"))
    found = bool(points or settings or facts)
    why = [text for text in (*parts.why, reason, *parts.near_why) if text]
    short = basis or ("" if named.plugins else parts.short)
    if named.plugins and not basis:
        points = [Point(text=parts.short, card=parts.topics[0], status="practice"), *points] if parts.short else points
        is_general = situation.source is None and not situation.roles  # a way of working, not a setting
        in_a_row = len(named.plugins) > 1 and _ORDER.search(plain(asked)) is not None
        if parts.short and (is_general or in_a_row):
            short, points = parts.short, points[1:]
        else:
            short, facts = (facts[0].text, facts[1:]) if facts else (parts.short, facts)
    if leads_with_reason(asked) and parts.short and not named.plugins:
        if basis:
            points.append(Point(text=f"{basis} {reason}", card=parts.topics[0], status="practice"))
        short, why = f"{why[0]} {parts.short}", [*parts.why[1:], *parts.near_why]
    elif basis and parts.short:
        points.insert(0, Point(text=parts.short, card=parts.topics[0], status="practice"))
    return Answer(
        question=asked,
        note=_ENGLISH[language(asked)],
        found=found,
        topics=parts.topics,
        near=parts.near,
        title=parts.title or ", ".join(plugin.name for plugin in named.plugins),
        short=short if found else _nothing(named),
        points=tuple(points),
        settings=settings,
        facts=facts,
        this_mix=() if song is None else song.lines,
        why=tuple(why),
        avoid=parts.avoid,
        exercise=parts.exercise,
        unknown=named.unknown,
        caveats=_caveats(named, parts),
        sources=_sources(named, parts),
        depth=depth,
    )


def _measures(situation: Situation) -> tuple[str, ...]:
    table = {
        "vocal": "vocal",
        "kick": "low_end",
        "bass": "low_end",
        "drums": "drums",
        "snare": "drums",
        "master": "loudness",
    }
    return (table.get(situation.source or "", "dynamics"),)


def _asks_times(situation: Situation, parts: AnswerDraft) -> bool:
    return bool({"pre_delay", "feedback"} & set(situation.roles)) or any(
        topic.startswith(("tempo", "delay.vocal", "reverb.predelay")) for topic in parts.topics[:1]
    )


def _nothing(named: Named) -> str:
    return (
        "Nothing here speaks to that question. I know about mixing, recording, mastering, delivery and processors; "
        "ask for one thing with its source, such as “attack for a snare”."
        if not named.unknown
        else "Ask the general part alone, such as “attack for a ballad vocal”, and I answer that."
    )


def _caveats(named: Named, parts: AnswerDraft) -> tuple[str, ...]:
    found = [_NEAREST] if parts.far else []
    general = [plugin.name for plugin in named.plugins if plugin.status == "general"]
    partly = [plugin.name for plugin in named.plugins if plugin.status == "partly"]
    if general:
        found.append(_PLUGIN_GENERAL.format(names=", ".join(general)))
    if partly:
        found.append(_PLUGIN_PARTLY.format(names=", ".join(partly)))
    if parts.general:
        found.append(_GENERAL)
    return tuple(found)


def _sources(named: Named, parts: AnswerDraft) -> tuple[str, ...]:
    addresses = [s for plugin in named.plugins for s in plugin.sources if re.match(r"https?://", s)]
    return tuple(dict.fromkeys([*addresses, *parts.sources]))
