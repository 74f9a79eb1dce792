"""The song on paper."""

import itertools

import pytest

from tonmeister.demo.melody import A_MAJOR, harmony_line, lead_line
from tonmeister.demo.phonemes import CONSONANTS, VOWELS
from tonmeister.demo.score import BEATS_PER_BAR, FULL_FORM, SHORT_FORM, Form, lay_out


@pytest.mark.parametrize("form", [FULL_FORM, SHORT_FORM])
def test_every_kind_of_section_is_there_and_chords_fill_the_bars(form: Form) -> None:
    score = lay_out(form)
    assert {section.kind for section in score.sections} == {"intro", "verse", "pre-chorus", "chorus", "bridge", "outro"}
    at = 0.0
    for chord in score.chords():
        assert chord.start_beat == at
        at += chord.beats
    assert at == score.bars * BEATS_PER_BAR


def test_the_lead_sings_in_every_section_with_words_within_its_bounds() -> None:
    line = lead_line(lay_out(FULL_FORM))
    assert {sung.section.kind for sung in line} == {"verse", "pre-chorus", "chorus", "bridge", "outro"}
    for sung in line:
        beats = [syllable.beat for syllable in sung.phrase.syllables]
        assert beats == sorted(set(beats))
        assert (
            sung.section.start_beat <= sung.start_beat < sung.start_beat + sung.phrase.end_beat <= sung.section.end_beat
        )
        assert beats[-1] < sung.phrase.end_beat


def test_phrases_never_overlap_so_there_is_time_to_breathe() -> None:
    """The breath lasts 0.26 s: half a beat of 0.54 s."""
    line = lead_line(lay_out(FULL_FORM))
    gaps = [
        b.start_beat + b.phrase.syllables[0].beat - a.start_beat - a.phrase.end_beat
        for a, b in itertools.pairwise(line)
    ]
    assert min(gaps) >= 0.5


def test_every_note_is_of_the_key_and_choruses_lie_higher_than_verses() -> None:
    line = lead_line(lay_out(FULL_FORM))
    pitches = {
        kind: [s.pitch for sung in line if sung.section.kind == kind for s in sung.phrase.syllables]
        for kind in ("verse", "chorus")
    }
    assert all(pitch % 12 in A_MAJOR for row in pitches.values() for pitch in row)
    assert sum(pitches["chorus"]) / len(pitches["chorus"]) > sum(pitches["verse"]) / len(pitches["verse"]) + 4.0


@pytest.mark.parametrize("steps", [2, -3])
def test_harmonies_stay_in_the_key_at_a_third_or_fourth(steps: int) -> None:
    score = lay_out(FULL_FORM)
    lead = {sung.start_beat: sung for sung in lead_line(score)}
    for sung in harmony_line(score, steps=steps):
        for own, other in zip(sung.phrase.syllables, lead[sung.start_beat].phrase.syllables, strict=True):
            assert own.pitch % 12 in A_MAJOR
            assert own.pitch - other.pitch in ({3, 4} if steps == 2 else {-5, -6})


def test_every_sound_of_the_words_is_known_and_every_syllable_has_one_vowel() -> None:
    for sung in lead_line(lay_out(FULL_FORM)):
        for syllable in sung.phrase.syllables:
            symbols = syllable.sounds.split()
            assert sum(symbol in VOWELS for symbol in symbols) == 1
            assert all(symbol in VOWELS or symbol in CONSONANTS for symbol in symbols)
