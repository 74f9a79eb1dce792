import numpy as np
import pytest

from tests.facts import ask, audio, song_facts, tiny_tracks, track_facts
from tests.sounds import noise, pink_noise
from tonmeister.document.move import InsertChange, Move
from tonmeister.processing import Compressor, DeEsser
from tonmeister.tasks import dynamics
from tonmeister.tasks.prediction import compressor_gain_db


def settings(move: Move) -> Compressor:
    assert isinstance(move.change, InsertChange)
    assert isinstance(move.change.insert.processor, Compressor)
    return move.change.insert.processor


@pytest.mark.parametrize(("budget", "most_db"), [("transparent", 2.0), ("balanced", 4.0), ("bold", 4.0)])
def test_a_voice_that_moves_is_evened_out_as_far_as_role_and_budget_allow(budget: str, most_db: float) -> None:
    (move,) = ask(dynamics.propose, song_facts([tiny_tracks()["lead-vox"]]), budget=budget)
    assert move.expects is not None
    assert move.expects.value == pytest.approx(most_db, abs=0.15)  # thresholds have one decimal
    assert settings(move).ratio == 3.0
    assert 0 < settings(move).makeup_db < most_db


def test_stems_that_are_finished_get_half() -> None:
    (move,) = ask(dynamics.propose, song_facts([tiny_tracks()["lead-vox"]], premixed=True))
    assert move.expects is not None
    assert move.expects.value == pytest.approx(2.0, abs=0.15)


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


def test_esses_louder_than_the_vowels_are_softened() -> None:
    """A voice with an s of 6 kHz noise in each second."""
    voice = pink_noise(rms_db=-24, duration_s=8).samples[0].astype(np.float64)
    low = np.fft.irfft(np.fft.rfft(voice) * (np.fft.rfftfreq(voice.size, 1 / 48_000) < 3000), voice.size)
    hiss = noise(rms_db=-20, duration_s=8, seed=1).samples[0].astype(np.float64)
    hiss = np.fft.irfft(np.fft.rfft(hiss) * (np.abs(np.fft.rfftfreq(voice.size, 1 / 48_000) - 7000) < 1500), voice.size)
    says_s = np.arange(voice.size) % 48_000 > 38_000
    moves = [
        ask(dynamics.propose, song_facts([track_facts("v", audio(low + hiss * gain * says_s), "lead vocal")]))
        for gain in (0, 2.0)
    ]
    found = [[m.change.insert.processor for m in group if isinstance(m.change, InsertChange)] for group in moves]
    assert not any(isinstance(processor, DeEsser) for processor in found[0])
    assert any(isinstance(processor, DeEsser) and processor.range_db == 5 for processor in found[1])


def test_the_static_curve_is_that_of_the_textbook() -> None:
    """Giannoulis, Massberg, Reiss 2012, equation 4: soft knee, written out point by point."""
    levels = np.array([-60.0, -33.0, -30.0, -27.0, -20.0, 0.0])
    hard = compressor_gain_db(Compressor(threshold_db=-30, ratio=4, knee_db=0), levels)
    np.testing.assert_allclose(hard, -0.75 * np.maximum(levels + 30, 0), atol=1e-9)
    soft = compressor_gain_db(Compressor(threshold_db=-30, ratio=4, knee_db=6), levels)
    np.testing.assert_allclose(soft, [0, 0, -0.75 * 9 / 12, -0.75 * 3, -7.5, -22.5], atol=1e-9)
