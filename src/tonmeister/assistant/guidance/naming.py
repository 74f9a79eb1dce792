"""Which processors a question names, and which names it uses that nobody here knows."""

import re
from functools import cache
from typing import NamedTuple

from tonmeister.assistant.guidance.ranking import known_words
from tonmeister.assistant.guidance.words import distance, language, near, plain, stem, terms
from tonmeister.knowledge.cards import name_words, question_words
from tonmeister.knowledge.plugins import PluginFacts, plugins

_LONGEST = 6
"""Most words in a name."""
_NO_PROCESSOR = re.compile(
    r"^(sm\d+b?|u\d+(ai|fet)?|c\d{3}|c12|md\d+|re20|tlm\d*|km\d+|ns\d*|hs\d+|mp\d|h\d{3}|bs\d+|td\d+|r128|a85|usb\d?|m\d|v\d|"
    r"\d+(st|nd|rd|th|k|khz|hz|db|dbfs|dbtp|ms|us|s|bit|bits|lufs|lu|x|oct|bars?|bpm|inch|mm|cm|m|min|bus|track|tracks|kbps)|"
    r"d|i|\d+d|8d|808s?|909s?|707|303|12th|dotted\d*|aac|wav)$"
)
"""Names with figures that are microphones, formats, notes or quantities."""
_KIND = (
    r"(?:(?:multi-?band |stock |bus )?compressor|multibandcompressor|limiter / vstdynamics|stereo imager|imager|tape|frequency|fusion|channel|studio eq|eq|equali[sz]er|limiter|reverb|delay|de-?esser|plug-?in|maximi[sz]er|saturator|gate|clipper|preamp|channel strip|"
    r"bus comp\w*|expander|enhancer|exciter)"
)
_OF_AN_ARTIST = re.compile(
    r"[\s-]*(?:'s\s+)?(?:style|type|sound|sounding|album|songs?|records?|vibe|like)\b", re.IGNORECASE
)
"""What follows the name of an artist or a song, and not that of a processor."""
_CONTROL_WORDS = frozenset(
    [
        "attack",
        "release",
        "ratio",
        "threshold",
        "knob",
        "control",
        "setting",
        "switch",
        "button",
        "mode",
        "mix",
        "drive",
        "knee",
    ]
)


class Named(NamedTuple):
    """What a question names."""

    plugins: tuple[PluginFacts, ...]
    types: tuple[PluginFacts, ...]
    """Families, such as opto compressors."""
    unknown: tuple[str, ...]
    """Names of processors that are not in the table, as they were written."""
    rest: str
    """The question without the names it knows."""


class _Word(NamedTuple):
    text: str
    key: str
    start: int
    end: int


@cache
def _aliases() -> dict[str, PluginFacts]:
    found: dict[str, PluginFacts] = {}
    full = [(facts.name, facts) for facts in plugins()]  # a name of its own goes before another's alias
    others = [(name, facts) for facts in plugins() for name in (*_spellings(facts), *facts.aliases)]
    for name, facts in (*full, *others):
        if _key(name) and _key(name) not in name_words().generic:
            found.setdefault(_key(name), facts)
    return found


def _spellings(facts: PluginFacts) -> list[str]:
    base = re.sub(r"\s*\(.*?\)", "", facts.name).strip()
    names = [part.strip() for part in base.split(" / ")] if " / " in base else [base]
    maker = plain(facts.maker or "").split("/")[0].strip()
    for name in list(names):
        names += [name.replace(" Live ", " ").replace(" Pro ", " ")]
        for known in {maker, maker.split()[0] if maker else "", *plain(name).split()[:1]}:
            shorter = plain(name).removeprefix(known).strip() if known else ""
            if len(_key(shorter)) >= 3 and not re.fullmatch(_KIND + r"|\d{1,2}|eq ?\d*|channel eq", shorter):
                names.append(shorter)
    return names


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", plain(name))


def find_names(question: str) -> Named:
    """Return the processors a question names, longest name first, and the names that nobody knows."""
    words = [
        _Word(m[0], _key(m[0]), m.start(), m.end()) for m in re.finditer(r"[\w:+&]+(?:[-/.][\w:]+)*(?:'s)?", question)
    ]
    words = [word._replace(key=word.key.removesuffix("s") if word.text.endswith("'s") else word.key) for word in words]
    taken: dict[int, PluginFacts] = {}
    found: list[PluginFacts] = []
    for size in range(_LONGEST, 0, -1):
        for start in range(len(words) - size + 1):
            span = range(start, start + size)
            if any(i in taken for i in span):
                continue
            facts = _match(words, start, size)
            if facts is not None:
                taken.update(dict.fromkeys(span, facts))
                found.append(facts)
    products = sorted({f.name: f for f in found if not f.is_type}.values(), key=lambda f: _first(f, taken))
    types = sorted({f.name: f for f in found if f.is_type}.values(), key=lambda f: _first(f, taken))
    free = [word for i, word in enumerate(words) if i not in taken or taken[i].is_type]
    own = {words[i].key for i, known in taken.items() if not known.is_type}
    unknown = tuple(name for name in _unknown(question, free) if not {_key(part) for part in name.split()} <= own)
    strange = {key for name in unknown for key in map(_key, re.findall(r"[\w:+&]+(?:[-/.][\w:]+)*", name))}
    rest = " ".join(word.text for word in free if word.key not in strange)
    return Named(tuple(products), tuple(types), unknown, rest)


def _first(facts: PluginFacts, taken: dict[int, PluginFacts]) -> int:
    return min(i for i, known in taken.items() if known is facts)


def _match(words: list[_Word], start: int, size: int) -> PluginFacts | None:
    key = "".join(word.key for word in words[start : start + size])
    part = words[start : start + size]
    if size > 1 and (any(not word.key for word in part) or part[0].text in question_words().stop):
        return None
    facts = _aliases().get(key)
    if facts is not None:
        return facts if _is_name(key, words, start, size, facts) else None
    small = any(word.text.lower() in question_words().stop for word in words[start : start + size])
    if size <= 3 and len(key) >= 7 and not small and not any(c.isdigit() for c in key) and key not in known_words():
        close = [
            alias for alias in _aliases() if not any(c.isdigit() for c in alias) and abs(len(alias) - len(key)) <= 1
        ]
        slips = [
            alias
            for alias in close
            if len(alias) >= 7
            and alias not in name_words().words | name_words().ordinary
            and distance(key, alias, 1) <= 1
        ]
        slips += [
            alias
            for alias in close
            if alias in name_words().always and len(alias) >= 7 and distance(key, alias, 1) <= 1
        ]
        if slips and _stem_is_new(words[start : start + size]):
            return _aliases()[min(slips)]
    return None


def _stem_is_new(words: list[_Word]) -> bool:
    return any(stem(word.key) not in known_words() and word.key not in question_words().same for word in words)


_UNITS = frozenset(
    [
        "hz",
        "khz",
        "ms",
        "s",
        "db",
        "dbfs",
        "bpm",
        "lufs",
        "us",
        "samples",
        "bits",
        "dollars",
        "times",
        "cycles",
        "years",
        "cents",
    ]
)
_ARTICLES = frozenset(
    [
        "the",
        "a",
        "an",
        "my",
        "on",
        "and",
        "or",
        "vs",
        "api",
        "dbx",
        "emt",
        "lexicon",
        "neve",
        "ssl",
        "urei",
        "ua",
        "uad",
    ]
)


def _is_name(key: str, words: list[_Word], start: int, size: int, facts: PluginFacts) -> bool:
    if key.isdigit():
        after = words[start + size].key if start + size < len(words) else ""
        article = start > 0 and words[start - 1].key in _ARTICLES
        return after not in _UNITS and (article or key in {"1176", "1178", "1073", "33609"})
    if (
        facts.is_type
        or key in name_words().always
        or (key not in name_words().words and not (key.isalpha() and len(key) < 3))
    ):
        return True
    word = words[start]
    before = words[start - 1].key if start else ""
    maker_before = before in plain(facts.maker or "") and len(before) > 2
    return (
        maker_before
        or (start > 0 and word.text[:1].isupper() and not word.text.isupper())
        or (start > 0 and key[-1:].isdigit())
    )


def _unknown(question: str, free: list[_Word]) -> tuple[str, ...]:
    """Return names of products that are not in the table: figures in a name, capitals, or a strange word before a kind."""
    found: dict[str, str] = {}
    is_german = language(question) == "de"
    groups = _groups(free, question, is_german=is_german)
    for group in groups:
        if _OF_AN_ARTIST.match(question[group[-1].end :]) or question[: group[0].start].rstrip().endswith(" like"):
            continue
        text = question[group[0].start : group[-1].end].removesuffix("'s")
        found.setdefault(_key(text), text)
    for match in re.finditer(rf"\b([\w-]+)\s+{_KIND}\b", question, re.IGNORECASE):
        _keep_strange(match[1], found)
    if _CONTROL_WORDS & set(terms(question)) and not is_german:
        for match in re.finditer(
            r"\b(?:on|with|in|using|of)\s+(?:a|an|the|my)\s+([\w-]+)(?=\s+for\b|\s+on\b|[?.!,]|$)", question
        ):
            _keep_strange(match[1], found)
    return tuple(text for key, text in found.items() if not any(key != other and key in other for other in found))


def _keep_strange(word: str, found: dict[str, str]) -> None:
    """Keep a word that is in no vocabulary, not even after a typing slip."""
    key = _key(word)
    known = (
        known_words()
        | question_words().stop
        | question_words().same.keys()
        | _CONTROL_WORDS
        | name_words().ordinary
        | name_words().everyday
    )
    known |= _table_words()
    if (
        word.lower().endswith(("-like", "-style"))
        or key in known
        or stem(key) in known
        or _NO_PROCESSOR.match(key)
        or key in _aliases()
        or len(key) < 3
    ):
        return
    if language(word) != "en" or near(stem(key), known_words()) is not None:
        return
    found.setdefault(key, word)


@cache
def _table_words() -> frozenset[str]:
    """Return the words of controls, steps and behaviour in the table: a person who writes `Nuke` names a switch."""
    texts = [text for facts in plugins() for text in facts.behaviour]
    for control in (control for facts in plugins() for control in facts.controls):
        texts += [control.name, control.note or "", *(str(step) for step in control.steps)]
    return frozenset(word for text in texts for word in re.findall(r"[a-z]{3,}", plain(text)))


def _groups(free: list[_Word], question: str, *, is_german: bool) -> list[list[_Word]]:
    """Return runs of neighbouring words that look like a product's name: one with figures or capitals inside, or an unknown capital."""
    groups: list[list[_Word]] = []
    run: list[_Word] = []
    for word in [*free, _Word("", "", -9, -9)]:
        joins = (
            bool(run) and 0 <= word.start - run[-1].end <= 1 and "," not in question[run[-1].end : max(word.start, 0)]
        )
        name_like = bool(word.text) and (word.text[0].isupper() or any(c.isdigit() for c in word.text))
        if name_like and (joins or not run):
            run.append(word)
            continue
        if _is_product(run, question, is_german=is_german):
            groups.append(run)
        run = [word] if name_like else []
    return groups


def _is_product(run: list[_Word], question: str, *, is_german: bool) -> bool:
    """Say whether neighbouring words name a product: a strange word, a maker with a model, or a strange name with a figure."""
    if any(_is_strange(word, question, is_german=is_german) for word in run):
        return True
    if len(run) < 2:
        return False
    makers, ordinary = name_words().makers, name_words().ordinary
    models = [word for word in run if word.key not in ordinary and not _is_known(word.key)]
    if any(word.key in makers for word in run) and any(word.key not in makers for word in models):
        return True
    if any(word.key in ordinary or (_NO_PROCESSOR.match(word.key) and word.text[0].isalpha()) for word in run):
        return False
    first, has_figure = run[0], any(c.isdigit() for word in run for c in word.key)
    known = first.key in question_words().same or first.key in question_words().stop
    is_new = first.text[0].isupper() and not _is_known(first.key) and near(stem(first.key), known_words()) is None
    return has_figure and first.key.isalpha() and not known and (first.text.isupper() or is_new)


def _is_known(key: str) -> bool:
    words = question_words()
    return (
        key in known_words()
        or stem(key) in known_words()
        or key in words.stop
        or key in words.same
        or key in _table_words()
    )


def _is_strange(word: _Word, question: str, *, is_german: bool) -> bool:
    key = word.key
    if not key or _NO_PROCESSOR.match(key) or key in name_words().ordinary or key.isdigit():
        return False
    has_both = any(c.isdigit() for c in key) and any(c.isalpha() for c in key)
    if has_both:
        return len(key) > 2 and not re.fullmatch(r"\d+[a-z]{1,4}\d*|[a-z]?\d+[:x]\d+", key) and len(key) <= 14
    inside = bool(re.search(r"[a-z][A-Z]", word.text))
    begins = word.start == 0 or question[: word.start].rstrip()[-1:] in ".?!:;\"'("
    new = not _is_known(key) and near(stem(key), known_words()) is None
    if inside:
        return new
    return word.text[0].isupper() and not word.text.isupper() and not begins and not is_german and new and len(key) > 3
