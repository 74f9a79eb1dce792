"""A note that wants a word thrown becomes a reading of the same moves that `--throw` makes."""

from dataclasses import replace

from tests.facts import open_song
from tests.tasks.song_in_time import band, song, voice
from tonmeister.assistant.readings.prove import moves_of
from tonmeister.assistant.readings.throwing import throw_readings
from tonmeister.document.facts import SongFacts
from tonmeister.document.fold import fold
from tonmeister.document.mix import Brief, Mix
from tonmeister.document.move import SendChange
from tonmeister.engineer.decide import decide_mix, decide_strips
from tonmeister.engineer.throw_words import read_throw, throws_of_words
from tonmeister.tasks.automation.asked import MARK

FORM = [("verse", 0.0, 12.0), ("chorus", 12.0, 24.0), ("verse", 24.0, 36.0)]
LINES = [(1.0, 4.0, 0.0), (8.0, 9.6, 0.0), (9.9, 10.5, 0.0), (12.1, 20.0, 0.0), (25.0, 26.0, 0.0), (30.0, 33.0, 0.0)]


def decided(*throws: str) -> tuple[SongFacts, Mix]:
    facts = song([voice(LINES, duration_s=36.0), band([(0.0, 36.0, 0.0)], duration_s=36.0)], FORM)
    facts = replace(facts, song=facts.song.model_copy(update={"tempo_bpm": 120.0}))
    brief = Brief(arc="none", throws=tuple(read_throw(one) for one in throws))
    return facts, decide_mix(decide_strips(open_song(facts, brief=brief), facts), facts, None)


def test_a_throw_of_a_note_opens_the_send_where_the_option_does() -> None:
    said = "Throw a delay on the word tonight in the first verse"
    (wish,) = throws_of_words(said)
    assert (wish.word, wish.section, wish.number, wish.effect) == ("tonight", "verse", 1, "delay")
    facts, mix = decided()
    (reading,), reason = throw_readings(mix, facts, (wish,), note=3)
    assert (reading.mechanism, reading.note, reason) == ("automation", 3, "")
    moves = moves_of(reading.steps, mix, number=1, said=said, proof=None)
    mine = [m.change.send for m in moves if isinstance(m.change, SendChange)]
    theirs = [m.change.send for m in decided(said)[1].moves if MARK in m.id and isinstance(m.change, SendChange)]
    assert [(one.bus, one.level_db) for one in mine] == [(one.bus, one.level_db) for one in theirs]
    folded = fold(mix.model_copy(update={"moves": (*mix.moves, *moves)}))
    assert {one.bus for one in mine} <= {bus.id for bus in folded.buses}


def test_a_word_that_is_not_sung_is_said_not_to_be_there() -> None:
    facts, mix = decided()
    readings, reason = throw_readings(
        mix, facts, throws_of_words("throw the last word of the bridge into the reverb"), note=0
    )
    assert not readings
    assert "bridge" in reason


def test_what_stands_behind_word_is_not_always_one() -> None:
    assert throws_of_words("delay throw on the last word of verse 2")[0].word is None
    assert throws_of_words("a throw on the word right before the chorus")[0].word is None
