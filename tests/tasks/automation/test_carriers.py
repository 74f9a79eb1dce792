"""Where no lead sings, the backing voice that carries the words is ridden; one that sings along with a lead is not."""

from collections.abc import Sequence

import pytest

from tests.facts import ask, open_song, track_facts
from tests.tasks.song_in_time import band, song, voice, voice_sound
from tonmeister.document.facts import SongFacts
from tonmeister.tasks import automation
from tonmeister.tasks.automation.carriers import carried_phrases, carrying_voices

LEAD = [(1.0, 4.0, 0.0), (5.0, 8.0, 0.0)]
ALONE = [(10.0, 12.5, 0.0), (13.5, 16.0, -6.0), (17.0, 19.5, 4.0), (20.5, 23.0, -6.0), (24.0, 26.5, 4.0)]


def sung(backing: Sequence[tuple[float, float, float]], name: str = "BV") -> SongFacts:
    behind = track_facts(name, voice_sound(backing, duration_s=28.0), "backing vocal")
    return song([voice(LEAD, duration_s=28.0), behind, band([(0.0, 28.0, -6.0)], duration_s=28.0)])


def rides(facts: SongFacts) -> set[str]:
    return {move.id for move in ask(automation.propose, facts, mix=open_song(facts)) if move.id.endswith(".ride")}


def test_a_backing_voice_is_ridden_where_it_carries_the_words() -> None:
    facts = sung(ALONE)
    (carrier,) = carrying_voices(facts)
    assert [phrase.start_s for phrase in carried_phrases(facts, carrier)] == pytest.approx(
        [s for s, _, _ in ALONE], abs=0.1
    )
    assert f"automation.{carrier.id}.ride" in rides(facts)


def test_one_that_sings_along_is_not() -> None:
    facts = sung([*LEAD, (10.0, 12.0, 0.0)])
    assert carrying_voices(facts) == []


def test_an_echo_of_the_lead_carries_no_words() -> None:
    assert carrying_voices(sung(ALONE, "Vox Delay Return")) == []


def test_of_two_that_sing_together_the_one_that_stands_out_carries() -> None:
    loud = track_facts("BV main", voice_sound(ALONE, duration_s=28.0), "backing vocal")
    soft = track_facts(
        "BV high", voice_sound([(a, b, level - 12) for a, b, level in ALONE], duration_s=28.0), "backing vocal"
    )
    facts = song([voice(LEAD, duration_s=28.0), loud, soft, band([(0.0, 28.0, -6.0)], duration_s=28.0)])
    assert [track.id for track in carrying_voices(facts)] == [loud.id]
