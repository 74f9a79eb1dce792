"""Words and melody: who sings what, when. Words and tune were written for this project."""

from dataclasses import dataclass

from tonmeister.demo.score import Score, Section, SectionKind

PHRASE_BEATS = 8
A_MAJOR = (1, 2, 4, 6, 8, 9, 11)
"""Pitch classes of the scale, C = 0, ascending."""


@dataclass(frozen=True, slots=True)
class Syllable:
    """One sung syllable: its sounds, where it starts in the phrase, and its note."""

    sounds: str
    beat: float
    pitch: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """Two bars of singing in one breath."""

    text: str
    syllables: tuple[Syllable, ...]
    end_beat: float


@dataclass(frozen=True, slots=True)
class SungPhrase:
    """A phrase at its place in the song."""

    phrase: Phrase
    start_beat: float
    section: Section


def _phrase(text: str, sounds: str, beats: str, pitches: str) -> Phrase:
    """Build a phrase of rows: sounds with | between syllables; the last beat is where it ends."""
    starts = [float(beat) for beat in beats.split()]
    rows = zip(sounds.split("|"), starts[:-1], (int(pitch) for pitch in pitches.split()), strict=True)
    return Phrase(text, tuple(Syllable(s.strip(), beat, pitch) for s, beat, pitch in rows), starts[-1])


_VERSE_BEATS = "0.5 1 1.5 2 2.75 3.25 3.75 4.25 5 6.75"
_WINDOW = _phrase(
    "Every window keeps a little light",
    "EH V | R IY | W IH N | D OW | K IY P S | AH | L IH | T AH L | L AY T",
    _VERSE_BEATS, "61 61 59 57 59 61 57 54 57",
)  # fmt: skip
_SHADOW = _phrase(
    "I can read the shadow of your name",
    "AY | K AE N | R IY D | DH AH | SH AE | D OW | AH V | Y AO R | N EY M",
    _VERSE_BEATS, "57 59 61 61 64 61 59 57 59",
)  # fmt: skip
_TRAINS = _phrase(
    "Count the trains that carry out the night",
    "K AW N T | DH AH | T R EY N Z | DH AE T | K AE | R IY | AW T | DH AH | N AY T",
    _VERSE_BEATS, "61 61 64 61 59 57 59 61 62",
)  # fmt: skip
_SAME = _phrase(
    "None of them will ever sound the same",
    "N AH N | AH V | DH EH M | W IH L | EH | V ER | S AW N D | DH AH | S EY M",
    _VERSE_BEATS, "57 59 61 64 66 64 61 57 59",
)  # fmt: skip
_COAT = _phrase(
    "Paper tickets in a winter coat",
    "P EY | P ER | T IH | K EH T S | IH N | AH | W IH N | T ER | K OW T",
    _VERSE_BEATS, "61 61 64 61 59 61 57 54 57",
)  # fmt: skip
_WROTE = _phrase(
    "Every letter that I never wrote",
    "EH V | R IY | L EH | T ER | DH AE T | AY | N EH | V ER | R OW T",
    _VERSE_BEATS, "57 59 61 64 66 64 61 57 59",
)  # fmt: skip
_HOLD = _phrase(
    "Hold on, hold on, the morning's near",
    "H OW L D | AA N | H OW L D | AA N | DH AH | M AO R | N IH NG Z | N IY R",
    "0 1 2 3 3.75 4.25 5 6 7.5", "59 62 61 64 64 66 66 68",
)  # fmt: skip
_CHORUS_BEATS = "0 1 1.5 2.5 3 3.5 4 5 5.5 7"
_SIGNAL = _phrase(
    "Turn it up and let the signal through",
    "T ER N | IH T | AH P | AE N D | L EH T | DH AH | S IH G | N AH L | TH R UW",
    _CHORUS_BEATS, "69 68 64 61 64 64 68 66 64",
)  # fmt: skip
_NOISE = _phrase(
    "All the noise is only me and you",
    "AO L | DH AH | N AO Y Z | IH Z | OW N | L IY | M IY | AE N D | Y UW",
    _CHORUS_BEATS, "69 68 66 64 66 64 62 64 66",
)  # fmt: skip
_WALLS = _phrase(
    "Turn it up until the walls are blue",
    "T ER N | IH T | AH P | AH N | T IH L | DH AH | W AO L Z | AA R | B L UW",
    _CHORUS_BEATS, "69 68 64 61 64 64 68 66 64",
)  # fmt: skip
_ROOM = _phrase(
    "I am in the room, the room with you",
    "AY | AE M | IH N | DH AH | R UW M | DH AH | R UW M | W IH DH | Y UW",
    _CHORUS_BEATS, "66 68 69 68 66 64 62 62 64",
)  # fmt: skip
_SLOW = _phrase("Slow down, slow down", "S L OW | D AW N | S L OW | D AW N", "0 2 4 6 7.5", "66 62 64 61")
_SOUND = _phrase("We are the sound", "W IY | AA R | DH AH | S AW N D", "0 1.5 3 4 7.5", "62 64 66 68")
_OOH = _phrase("Ooh", "UW", "0.5 3.5", "64")

PHRASES: dict[tuple[SectionKind, int], tuple[Phrase, ...]] = {
    ("verse", 1): (_WINDOW, _SHADOW, _TRAINS, _SAME),
    ("verse", 2): (_COAT, _WROTE),
    ("pre-chorus", 1): (_HOLD,),
    ("chorus", 1): (_SIGNAL, _NOISE, _WALLS, _ROOM),
    ("bridge", 1): (_SLOW, _SOUND),
    ("outro", 1): (_OOH,),
}
"""Phrases by kind of section and occurrence; a later occurrence sings those of the last one given."""


def _phrases_of(section: Section) -> tuple[Phrase, ...]:
    for occurrence in range(section.occurrence, 0, -1):
        if (section.kind, occurrence) in PHRASES:
            return PHRASES[section.kind, occurrence]
    return ()


def lead_line(score: Score) -> list[SungPhrase]:
    """Return what the lead sings, in order; a phrase that would not end within its section is left out."""
    line: list[SungPhrase] = []
    for section in score.sections:
        for i, phrase in enumerate(_phrases_of(section)):
            start = section.start_beat + i * PHRASE_BEATS
            if start + phrase.end_beat <= section.end_beat:
                line.append(SungPhrase(phrase, start, section))
    return line


def doubled_line(score: Score) -> list[SungPhrase]:
    """Return what is sung a second time beside the lead: pre-choruses and choruses."""
    return [sung for sung in lead_line(score) if sung.section.kind in ("pre-chorus", "chorus")]


def harmony_line(score: Score, *, steps: int) -> list[SungPhrase]:
    """Return the lead's choruses and what follows, moved by steps of the scale."""
    sung_by_all = [sung for sung in lead_line(score) if sung.section.kind in ("chorus", "bridge", "outro")]
    return [SungPhrase(_moved(sung.phrase, steps), sung.start_beat, sung.section) for sung in sung_by_all]


def _moved(phrase: Phrase, steps: int) -> Phrase:
    moved = tuple(Syllable(s.sounds, s.beat, _step(s.pitch, steps)) for s in phrase.syllables)
    return Phrase(phrase.text, moved, phrase.end_beat)


def _step(pitch: int, steps: int) -> int:
    degree = A_MAJOR.index(pitch % 12) + steps
    return 12 * (pitch // 12) + A_MAJOR[degree % 7] + 12 * (degree // 7)
