"""Which words are judged."""

from dataclasses import replace

import pytest

from tests.tiny_song import write_song
from tonmeister.analysis.phrases import Phrase
from tonmeister.document.facts import SongFacts
from tonmeister.files.cache import Cache
from tonmeister.listen import listen
from tonmeister.listen.audibility import hear_each_other


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> SongFacts:
    folder = tmp_path_factory.mktemp("audibility")
    return listen(write_song(folder / "song"), cache=Cache(folder / "cache")).facts


def with_phrases(facts: SongFacts, *phrases: Phrase) -> SongFacts:
    (lead,) = facts.leads
    assert facts.time_line is not None
    return hear_each_other(replace(facts, time_line=replace(facts.time_line, phrases={lead.id: phrases})))


def test_words_are_those_of_the_voice_s_phrases(facts: SongFacts) -> None:
    phrases = Phrase(start_s=1.0, end_s=2.5, gap_s=2.5), Phrase(start_s=5.0, end_s=7.0, gap_s=1.0)
    assert [(p.start_s, p.end_s) for p in with_phrases(facts, *phrases).words] == [(1.0, 2.5), (5.0, 7.0)]


def test_without_phrases_words_are_where_the_lead_is_active(facts: SongFacts) -> None:
    (lead,) = facts.leads
    (first, *_) = with_phrases(facts).words
    assert first.start_s == pytest.approx(lead.figures.levels.active_spans[0].start_s)


def test_words_come_through_better_the_louder_the_voice_is(facts: SongFacts) -> None:
    """Six decibels more or less, as a person would move the fader."""
    (lead,) = facts.leads
    index = []
    for gain_db in (-6, 0, 6):
        louder = replace(lead.curves, erb_power=lead.curves.erb_power * 10 ** (gain_db / 10))
        tracks = tuple(replace(t, curves=louder) if t.id == lead.id else t for t in facts.tracks)
        index.append([phrase.index for phrase in hear_each_other(replace(facts, tracks=tracks)).words])
    assert index[0] < index[1] < index[2]
