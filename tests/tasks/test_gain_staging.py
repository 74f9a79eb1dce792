import numpy as np
import pytest

from tests.facts import ask, audio, changed, song_facts, track_facts
from tests.sounds import impulse, pink_noise
from tonmeister.document.move import FaderChange, Move, TrimChange
from tonmeister.tasks import gain_staging


def proposed(rms_db: float, *, premixed: bool = False, **fields: object) -> list[Move]:
    track = track_facts("keys", pink_noise(rms_db=rms_db, duration_s=2), "keys")
    return ask(gain_staging.propose, song_facts([changed(track, **fields)], premixed=premixed))


@pytest.mark.parametrize("rms_db", [-60.0, -30.0, -10.0])
def test_a_track_comes_to_the_working_level(rms_db: float) -> None:
    (move,) = proposed(rms_db)
    assert move.expects is not None
    assert isinstance(move.change, TrimChange)
    assert move.expects.value == pytest.approx(-20, abs=0.01)
    assert move.change.trim_db == pytest.approx(-20 - (move.expects.before or 0), abs=0.01)


def test_a_peaky_track_stays_under_the_peak_limit() -> None:
    """Clicks 30 dB over the rest."""
    wave = pink_noise(rms_db=-50, duration_s=2).samples + 0.5 * impulse(duration_s=2, at_s=1).samples
    track = track_facts("clicks", audio(wave), "percussion")
    (move,) = ask(gain_staging.propose, song_facts([track]))
    assert isinstance(move.change, TrimChange)
    assert move.change.trim_db + (track.figures.true_peak_dbtp or 0) == pytest.approx(-3, abs=0.01)


def test_a_track_at_the_working_level_is_left_there() -> None:
    assert proposed(-20.5) == []


@pytest.mark.parametrize("fields", [{"premixed": True}, {"keep_level": True}])
def test_a_level_that_a_human_set_is_given_back_at_the_fader(fields: dict[str, bool]) -> None:
    trim, back = proposed(-40, **fields)
    assert isinstance(trim.change, TrimChange)
    assert isinstance(back.change, FaderChange)
    assert back.change.change_db.points[0].value == -trim.change.trim_db
    assert back.depends_on == (trim.id,)


def test_silence_and_what_is_to_be_left_alone_are() -> None:
    assert proposed(-50, leave_alone=True) == []
    assert ask(gain_staging.propose, song_facts([track_facts("s", audio(np.zeros(48_000)), "keys")])) == []
