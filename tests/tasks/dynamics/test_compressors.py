import numpy as np
import pytest

from tests.facts import ask, audio, song_facts, tiny_tracks, track_facts
from tests.sounds import pink_noise
from tonmeister.audio import Audio
from tonmeister.document.move import InsertChange, Move
from tonmeister.processing import Compressor
from tonmeister.tasks import dynamics
from tonmeister.tasks.dynamics.compressors import find_threshold, taken_db
from tonmeister.tasks.dynamics.times import next_note_ms
from tonmeister.tasks.prediction import compressor_gain_db


def settings(move: Move) -> Compressor:
    assert isinstance(move.change, InsertChange)
    assert isinstance(move.change.insert.processor, Compressor)
    return move.change.insert.processor


def compressors(moves: list[Move]) -> list[Move]:
    return [
        m for m in moves if isinstance(m.change, InsertChange) and isinstance(m.change.insert.processor, Compressor)
    ]


@pytest.mark.parametrize(("budget", "most_db"), [("transparent", 2.0), ("balanced", 4.0), ("bold", 4.0)])
def test_a_voice_that_moves_is_evened_out_as_far_as_role_and_budget_allow(budget: str, most_db: float) -> None:
    """All stages of a chain together take what is allowed, not each."""
    moves = compressors(ask(dynamics.propose, song_facts([tiny_tracks()["lead-vox"]]), budget=budget))
    promised = [move.expects.value for move in moves if move.expects is not None]
    assert sum(promised) == pytest.approx(most_db, abs=0.15 * len(moves))  # thresholds have one decimal
    assert all(0 < settings(move).makeup_db < most_db for move in moves)


def voice(*, syllables_db: float, phrases_db: float) -> Audio:
    """Return noise whose syllables of 80 ms in 300 ms stand out so far, and whose phrases of 2 s swing so far."""
    sound = pink_noise(rms_db=-26, duration_s=12).samples[0].astype(np.float64)
    time_s = np.arange(sound.size) / 48_000
    syllable = np.where(time_s % 0.3 < 0.08, syllables_db, 0.0)
    phrase = np.where(time_s % 4 < 2, phrases_db / 2, -phrases_db / 2)
    return audio(sound * 10 ** ((syllable + phrase) / 20))


@pytest.mark.parametrize(
    ("syllables_db", "phrases_db", "names"),
    [(10, 12, ["peaks", "compressor"]), (0, 12, ["compressor"]), (10, 6, ["compressor"]), (0, 0, [])],
)
def test_a_lead_gets_two_compressors_only_if_both_peaks_and_phrases_wander(
    syllables_db: float, phrases_db: float, names: list[str]
) -> None:
    track = track_facts("v", voice(syllables_db=syllables_db, phrases_db=phrases_db), "lead vocal")
    moves = compressors(ask(dynamics.propose, song_facts([track])))
    assert [move.id.rpartition(".")[2] for move in moves] == names


def test_the_first_of_two_is_fast_and_the_second_follows_the_tempo() -> None:
    """Recovered by 90 % (2.3 time constants) after a beat: 500 ms at 120 and 750 ms at 80 beats per minute."""
    track = track_facts("v", voice(syllables_db=10, phrases_db=12), "lead vocal")
    for bpm, beat_ms in ((120.0, 500.0), (80.0, 750.0)):
        fast, slow = compressors(ask(dynamics.propose, song_facts([track], tempo_bpm=bpm)))
        assert settings(fast).attack_ms <= 5
        assert settings(fast).release_ms <= 100
        assert settings(slow).attack_ms >= 10
        assert settings(slow).release_ms == pytest.approx(beat_ms / 2.3, abs=1)


def test_a_backing_voice_gets_one() -> None:
    track = track_facts("v", voice(syllables_db=10, phrases_db=12), "backing vocal")
    moves = compressors(ask(dynamics.propose, song_facts([tiny_tracks()["lead-vox"], track])))
    assert [move.id for move in moves if move.where.track == "v"] == ["dynamics.v.compressor"]


def test_a_release_has_recovered_when_the_next_note_comes() -> None:
    """Hits five times a second: 200 ms / 2.3; a drum's attack lets 10 ms of the stroke pass."""
    hit = np.exp(-np.arange(9600) / 800) * np.random.default_rng(0).standard_normal(9600) * 0.2
    loud = np.tile(np.repeat([1.0, 0.3], 10), 4)
    track = track_facts("s", audio(np.concatenate([hit * gain for gain in loud])), "snare")
    assert next_note_ms(track) == pytest.approx(200 / 2.3, rel=0.1)
    (move,) = compressors(ask(dynamics.propose, song_facts([track])))
    assert settings(move).release_ms <= 200 / 2.3 * 1.1
    assert settings(move).attack_ms >= 10


def test_what_a_compressor_takes_counts_on_the_hits() -> None:
    """A hit of 10 ms in each 100: the mean over time hardly moves, the power does."""
    level_db = np.where(np.arange(1000) % 10 == 0, -10.0, -40.0)
    hard = Compressor(threshold_db=-30, ratio=20, knee_db=0)
    assert taken_db(hard, level_db) == pytest.approx(19, abs=0.2)
    gentle = find_threshold(Compressor(ratio=20, knee_db=0), level_db, 3.0)
    assert gentle is not None
    assert gentle.threshold_db == pytest.approx(-13.2, abs=0.2)


def test_stems_that_are_finished_get_half() -> None:
    moves = compressors(ask(dynamics.propose, song_facts([tiny_tracks()["lead-vox"]], premixed=True)))
    assert sum(move.expects.value for move in moves if move.expects is not None) == pytest.approx(2.0, abs=0.3)


@pytest.mark.parametrize(("role", "quietest"), [("lead vocal", 1.0), ("synth", 0.02), ("hi-hat", 0.02)])
def test_what_is_steady_or_of_a_role_without_ratio_is_not_compressed(role: str, quietest: float) -> None:
    sound = pink_noise(rms_db=-20, duration_s=4).samples.astype(np.float64)
    swelling = audio(sound * np.linspace(quietest, 1, sound.shape[1]))
    assert [
        m for m in ask(dynamics.propose, song_facts([track_facts("x", swelling, role)])) if "compressor" in m.id
    ] == []


def test_attack_and_release_follow_the_crest_within_bounds() -> None:
    times = np.array([dynamics.times_ms(crest) for crest in (0.0, 6.0, 12.0, 30.0)])
    np.testing.assert_allclose(times[[0, -1]], [[40, 400], [2, 40]])
    assert (np.diff(times, axis=0) <= 0).all()


def test_the_static_curve_is_that_of_the_textbook() -> None:
    """Giannoulis, Massberg, Reiss 2012, equation 4: soft knee, written out point by point."""
    levels = np.array([-60.0, -33.0, -30.0, -27.0, -20.0, 0.0])
    hard = compressor_gain_db(Compressor(threshold_db=-30, ratio=4, knee_db=0), levels)
    np.testing.assert_allclose(hard, -0.75 * np.maximum(levels + 30, 0), atol=1e-9)
    soft = compressor_gain_db(Compressor(threshold_db=-30, ratio=4, knee_db=6), levels)
    np.testing.assert_allclose(soft, [0, 0, -0.75 * 9 / 12, -0.75 * 3, -7.5, -22.5], atol=1e-9)
