"""Understand what a person says about a mix."""

import re
from collections.abc import Mapping, Sequence

from tonmeister.assistant.understanding.ambiguity import judge
from tonmeister.assistant.understanding.clauses import Clause, split_clauses
from tonmeister.assistant.understanding.intent import Intent, Note, Understood
from tonmeister.assistant.understanding.marks import find_marks
from tonmeister.assistant.understanding.reading_clauses import Context, read_clause
from tonmeister.assistant.understanding.spelling import correct, from_chat
from tonmeister.assistant.understanding.targets import find_groups, meant
from tonmeister.assistant.understanding.tokens import Token, fold, split_words
from tonmeister.assistant.understanding.vocabulary import (
    Language,
    Vocabulary,
    detect_language,
    vocabulary,
    with_tracks,
)
from tonmeister.assistant.understanding.weighing import weigh
from tonmeister.knowledge.rows import table

_COURTESY = re.compile(
    r"^\W*(?:hi|hey|hello|dear|hallo|hola|bonjour|salut|merhaba|thanks?|thank you|cheers|best|regards|kind regards|many thanks|danke|gracias|"
    r"merci|tesekkurler|tesekkur|sincerely|yours|love|xx+|great work|good job|well done|nice work|good morning|good evening|viele gr(?:ue|u)sse|"
    r"liebe gr(?:ue|u)sse|saludos|a bientot|cordialement|talk soon|speak soon|sorry|ps|p s|see you|peace|all the best|that s all|that s it|"
    r"let me know|here are|here is|here s|my notes|notes|few notes|just a few|some notes|overall (?:it|the mix) (?:sounds|is) (?:great|good|amazing|really good))\b",
)  # fmt: skip
_SHORT_WORDS = 8
"""A greeting is short; what begins like one and goes on is a note."""
_BULLET = re.compile(r"^\s*(?:[-*\u2022\u00b7]|\(?\d{1,2}[.)](?!\d)|[a-z]\))\s+")


def understand(
    text: str, *, tracks: Mapping[str, tuple[str, str]] | None = None, is_likened: bool = True
) -> Understood:
    """Return the intents of a text, and every note of it with what became of it.

    Args:
        text: One sentence or a whole mail, in English, German, Spanish, French or Turkish.
        tracks: Name and target of each track of the session, by track id, so that words may name them.
        is_likened: Whether the extra `likeness`, where it is installed, may leave out and guess; else grammar alone reads.
    """
    language = detect_language([token.word for token in split_words(text)] + fold(text).split(), text)
    words = vocabulary(language)
    if tracks:
        words = with_tracks(words, {track_id: name for track_id, (name, _) in tracks.items()})
    roles = {track_id: target for track_id, (_, target) in (tracks or {}).items()}
    intents: list[Intent] = []
    notes: list[Note] = []
    corrected: list[str] = []
    context = Context()
    lines: list[tuple[str, int]] = []
    split = _lines(text)
    for line in split:
        tokens = _tokens(line, language, words, corrected)
        if not tokens:
            continue
        clauses = split_clauses(tokens, find_marks(tokens, words))
        sentences = _by_sentence(clauses)
        for sentence in sentences:
            context = Context(targets=context.targets, tracks=context.tracks, wishes=context.wishes)
            found: list[Intent] = []
            for clause in sentence:
                read, context = read_clause(line, clause, context, roles)
                found += read
            start, end = sentence[0].span[0], sentence[-1].span[1]
            note = Note(
                number=len(notes), text=line[start:end].strip(), understood=bool(found),
                courtesy=not found
                and _is_courtesy(line[start : end + 1], sentence, is_alone=len(split) == 1 and len(sentences) == 1),
            )  # fmt: skip
            intents += [intent.model_copy(update={"note": note.number}) for intent in found]
            notes.append(note)
        lines.append((line, len(notes)))
    if not intents:
        intents = _vague(notes, language, words, roles)
    intents = [_of_speech(intent, text) for intent in intents]
    intents = _of_file(text, [_of_music(intent, intents, text) for intent in intents])
    intents = _without_asides(_of_devices(text, intents))
    intents = _whole(text, intents)
    if language == "en" and is_likened:
        intents, notes = weigh(intents, notes, lines)
    asking = [note for note in notes if not note.courtesy]
    share = sum(note.understood for note in asking) / len(asking) if asking else 1.0
    return Understood(
        language=language, intents=tuple(intents), ambiguity=judge(intents), notes=tuple(notes), corrected=tuple(dict.fromkeys(corrected)),
        confidence=share,
    )  # fmt: skip


def _lines(text: str) -> list[str]:
    """Return the notes of a mail: its lines, without bullets; what is quoted back to us (`>`) is not a note."""
    lines = [_BULLET.sub("", line) for line in text.splitlines() if not line.lstrip().startswith(">")]
    return [line for line in lines if line.strip()]


def _tokens(line: str, language: Language, words: Vocabulary, corrected: list[str]) -> list[Token]:
    tokens = []
    typed = split_words(line, german=language == "de")
    said = from_chat([token.word for token in typed]) if language == "en" else [token.word for token in typed]
    for token, word in zip(typed, said, strict=True):
        right = correct(word, words) or (word if word != token.word else None)
        if right is not None:
            corrected.append(f"{token.word} > {right}")
        tokens.append(token if right is None else Token(right, token.start, token.end, token.breaks))
    return tokens


def _by_sentence(clauses: Sequence[Clause]) -> list[list[Clause]]:
    sentences: dict[int, list[Clause]] = {}
    for clause in clauses:
        sentences.setdefault(clause.sentence, []).append(clause)
    return list(sentences.values())


def _is_courtesy(text: str, clauses: Sequence[Clause], *, is_alone: bool) -> bool:
    """Say whether a sentence asks for nothing: a greeting, thanks, praise of the whole, or nothing but small words."""
    plain = fold(text).replace("'", " ")
    words = len(plain.split())
    says = any(
        mark.quality or mark.has("up") or mark.has("down") or mark.names("target")
        for clause in clauses
        for mark in clause.marks
    )
    if not says and text.endswith(":"):
        return True  # it only opens a list
    if not is_alone and not says and words <= 2 * _SHORT_WORDS and _greets(plain):
        return True
    names_part = any(mark.names("target") not in ((), ("mix",)) for clause in clauses for mark in clause.marks)
    praises = all(clause.has("praise") for clause in clauses) and words <= _SHORT_WORDS and not names_part
    return praises or (words <= 1 and not is_alone)


def _greets(plain: str) -> bool:
    """Say whether a sentence is nothing but a greeting or thanks: behind its opening stand only a name, or words of courtesy."""
    opening = _COURTESY.match(plain)
    if opening is None:
        return False
    polite = {word for said in table("words_grammar")["courtesy"].values() for word in said.replace(",", " ").split()}
    strange = [word for word in _WORD.findall(plain[opening.end() :]) if word not in polite]
    return len(strange) <= (_NAME_WORDS if _SALUTATION.match(plain) else 0)


_WORD = re.compile(r"[^\W\d_]+")
_NAME_WORDS = 2
"""A greeting may name somebody, with first and last name."""
_SALUTATION = re.compile(r"^\W*(?:hi|hey|hello|dear|hallo|hola|bonjour|salut|merhaba|cheers|best|regards|kind regards|viele gr(?:ue|u)sse|liebe gr(?:ue|u)sse|saludos|thanks?|danke|gracias|merci|sincerely|yours)\b")  # fmt: skip


def _whole(text: str, intents: Sequence[Intent]) -> list[Intent]:
    """Return the intents of a text without those that repeat an earlier one."""
    found: dict[tuple[object, ...], Intent] = {}
    for intent in intents:
        key = (intent.target, intent.tracks, intent.attribute, intent.section)
        known = found.get(key)
        if known is None or (known.direction == "unclear" and intent.direction != "unclear"):
            found[key] = intent
        elif known.direction == "keep" and intent.direction in ("increase", "decrease"):
            found[key] = intent  # `I like it, but it could come down`: a wish is worth more than praise
        elif "either" in text.casefold().split() and {known.direction, intent.direction} == {"increase", "decrease"}:
            found[key] = known.model_copy(update={"direction": "unclear"})
    return [intent for intent in found.values() if not _said_better(intent, list(found.values()))]


def _vague(notes: Sequence[Note], language: Language, words: Vocabulary, roles: dict[str, str]) -> list[Intent]:
    """Return what a text is about that names a part or a sound in words that nobody knows: something is wanted, and it must be asked what."""
    for note in notes:
        tokens = split_words(note.text, german=language == "de")
        clauses = split_clauses(tokens, find_marks(tokens, words))
        groups = [group for clause in clauses for group in meant(find_groups(clause, roles))]
        praises = any(clause.has("praise") for clause in clauses)
        if not praises and (note.courtesy or not (groups or _SOUND.search(fold(note.text)))):
            continue
        names, tracks = (groups[0].names, groups[0].tracks) if groups else (("mix",), ())
        return [
            Intent(
                target=name, tracks=tracks, attribute="vibe", direction="keep" if praises else "unclear", detail="unspecified",
                said=note.text, note=note.number,
            )
            for name in names
        ]  # fmt: skip
    return []


_SOUND = re.compile(
    r"\b(?:sounds?|sounding|hear|hearing|listen\w*|mixes|mixed|klingt|klang|suena|sonido|sonne|son|ses|duyul\w+)\b"
)


def _of_speech(intent: Intent, text: str) -> Intent:
    """Return what a voice means where people talk: speech, not song."""
    plain = fold(text)
    is_talk = _TALK.search(plain) is not None and _SUNG.search(plain) is None
    return intent.model_copy(update={"target": "speech"}) if is_talk and intent.target == "lead_vocal" else intent


_TALK = re.compile(
    r"\b(?:dialog(?:ue)?s?|actors?|presenters?|podcasts?|episodes?|tv|film|movie|interviews?|interviewe[er]s?|commentar(?:y|ies)|commentators?|hosts?|"
    r"guests?|narrat\w+|subtitles?|speech|speaker s|speaker's|conversations?|audiobooks?|lectures?|sermon|webinar|meeting|call|zoom|talking)\b"
)
_SUNG = re.compile(r"\b(?:sing\w*|song|chorus|verse|lyrics?|rap\w*|melod\w+|guitars?|drums?)\b")


def _of_music(intent: Intent, intents: Sequence[Intent], text: str) -> Intent:
    """Return what `the music` means: a bed under speech, what accompanies a voice, or else the whole."""
    if intent.target != "instrumental" or not _MUSIC.search(fold(intent.said)):
        return intent
    others = {other.target for other in intents} | ({"speech"} if _SPEECH.search(fold(text)) else set())
    if "speech" in others:
        return intent.model_copy(update={"target": "music_bed"})
    if others & {"lead_vocal", "backing_vocals"} or _BEAT.search(fold(intent.said)):
        return intent
    attribute = "loudness" if intent.attribute == "level" else intent.attribute
    return intent.model_copy(update={"target": "mix", "attribute": attribute})


_MUSIC = re.compile(r"\bmusic\b|\bmusik\b|\bmusica\b|\bmusique\b")
_SPEECH = re.compile(
    r"\b(?:speech|dialog(?:ue)?|talk|talking|speaking|voice ?over|hosts?|podcast|narrat|actors?|programmes?\b|documentar|tv\b|bbc|broadcast|subtitles|films?\b|movies?\b|episodes?\b)"
)
_BEAT = re.compile(
    r"\b(?:instrumental|beat|vocals?|voices?|backing|singers?|rap|raps|rapper|behind (?:her|him|me)|gesang|voz|voix)\b"
)


def _of_file(text: str, intents: Sequence[Intent]) -> list[Intent]:
    """Return what `the record` means: the finished file where it is squashed, loud or clipped, else the mix."""
    plain = fold(text)
    is_squashed = any(
        i.target in ("mix", "master") and (i.attribute in ("dynamics", "loudness") or (i.attribute == "distortion" and i.target == "master"))
        for i in intents
    )  # fmt: skip
    if not is_squashed and not _FINISHED.search(plain):
        return [i.model_copy(update={"target": "mix"}) if i.target == "master" else i for i in intents]
    is_finished = _FINISHED.search(plain) is not None
    return [
        i.model_copy(update={"target": "master"})
        if is_finished and i.target == "mix" and i.direction != "keep" and i.detail != "pumping"
        and ((i.attribute == "dynamics" and i.direction == "increase") or i.attribute in ("distortion", "loudness"))
        else i
        for i in intents
    ]  # fmt: skip


_FINISHED = re.compile(
    r"\b(?:master\w*|remaster\w*|limit(?:er|ers|ing|ed|eur|ador)?|maximi[sz]er|brick ?wall\w*|loudness war\w*|two bus|2 bus|mix bus|stereo bus|cd)\b|"
    r"\b(?:songs|records|albums|releases|cds|recordings)\b.*\b(?:compress\w*|squash\w*|loud|loudness)\b|\b(?:compress\w*|squash\w*) (?:songs|records|albums|releases)\b"
)


def _of_devices(text: str, intents: Sequence[Intent]) -> list[Intent]:
    """Return the intents of a text that sounds right in one place and wrong in another as one: it does not carry over."""
    if not _ELSEWHERE.search(fold(text)):
        return list(intents)
    whole = [i for i in intents if i.target in ("mix", "master")]
    if not whole:
        return list(intents)
    carried = whole[0].model_copy(
        update={"target": "mix", "attribute": "translation", "direction": "fix", "detail": None}
    )
    return [i for i in intents if i not in whole] + [carried]


_ELSEWHERE = re.compile(
    r"\b(?:fine|good|great|ok|okay|amazing|perfect|balanced|right|huge|nice|killer)\b[\w\s']{0,12}\b(?:on|in|through|at)\b[^.!?\n]{2,40}\b(?:but|yet|however|though|and then)\b[^.!?\n]{2,60}"
    r"\b(?:on|in|through)\s(?:my |the |a |any )?(?:car|phones?|laptop|earbuds|airpods|tv|club|mono|small speakers|speakers|headphones)\b"
)  # fmt: skip


def _without_asides(intents: Sequence[Intent]) -> list[Intent]:
    """Leave out what is only found good about the whole in a note that asks for a change: `nice groove, but the bass is too loud`."""
    changes = {i.note for i in intents if i.direction in ("increase", "decrease", "fix")}
    return [
        i
        for i in intents
        if i.direction != "keep"
        or i.note not in changes
        or not (i.target in ("mix", "master") or i.attribute == "vibe")
        or _KEEPS.search(fold(i.said)) is not None
    ]


_KEEPS = re.compile(
    r"\b(?:don't|do not|dont|never|without|hands off|careful not to|make sure not to)\b(?: \w+){0,2} (?:touch\w*|chang\w*|los\w+|kill\w*|ruin\w*|sacrific\w*|mess\w*|hurt\w*|alter\w*)\b|"
    r"\b(?:keep|leave|preserve|retain|protect)\b|\b(?:nicht|nichts) (?:anfassen|aendern|veraendern)\b|\bno (?:toques|cambies|pierdas)\b|\bne (?:touche|change|perds)\w* pas\b|\b(?:dokunma|bozma)\w*\b"
)
"""Words that ask for something to be kept, which is more than to like it."""


def _said_better(intent: Intent, intents: Sequence[Intent]) -> bool:
    """Say whether a vague intent is told by another one: general unease beside a wish, a part kept beside what of it is kept or changed."""
    others = [
        other
        for other in intents
        if other is not intent and other.target == intent.target and other.tracks == intent.tracks
    ]
    if intent.attribute == "vibe" and intent.detail == "unspecified":
        return bool(others)
    return intent.attribute == "level" and intent.direction == "keep" and bool(others)
