"""What is learnt about noise is what was planted; music without noise is told apart by its wandering."""

import numpy as np
import pytest

from tests.sounds import drums, noise, pink_noise, silence, sine
from tonmeister.analysis.harm import NOTHING_DB, estimate_harm_db
from tonmeister.analysis.noise_profile import STEADY_DB, learn_noise
from tonmeister.audio import Audio


@pytest.mark.parametrize("rate_hz", [16_000, 44_100, 96_000])
def test_white_noise_under_a_beat_is_learnt_at_its_density(rate_hz: int) -> None:
    """The median over the quiet frames of a band reads within 1.5 dB of the density, which is the variance of few bins."""
    beat = drums(duration_s=8, sample_rate_hz=rate_hz)
    hiss = noise(rms_db=-45, duration_s=8, sample_rate_hz=rate_hz)
    learnt = learn_noise(Audio(beat.samples + hiss.samples, rate_hz))
    assert learnt is not None
    assert learnt.wander_db < STEADY_DB
    density_db = -45 - 10 * np.log10(rate_hz / 2)
    found = np.array([db for hz, db in learnt.points if hz > 300])
    assert found == pytest.approx(density_db, abs=1.5)


def test_digital_silence_is_counted_and_teaches_nothing() -> None:
    """Four of eight seconds, within a few frames of the borders."""
    sound = noise(rms_db=-45, duration_s=8).samples.copy()
    sound[:, 96_000:288_000] = 0
    learnt = learn_noise(Audio(sound, 48_000))
    assert learnt is not None
    assert learnt.silent_share == pytest.approx(0.5, abs=0.01)
    assert learnt.level_dbfs == pytest.approx(-45, abs=1)


def test_the_colour_of_the_noise_is_learnt() -> None:
    """Pink noise falls by 3 dB an octave."""
    learnt = learn_noise(pink_noise(rms_db=-40, duration_s=6))
    assert learnt is not None
    at = dict(learnt.points)
    low, high = min(at, key=lambda hz: abs(hz - 1000)), min(at, key=lambda hz: abs(hz - 8000))
    assert at[low] - at[high] == pytest.approx(10 * np.log10(high / low), abs=1.0)


def test_music_without_noise_teaches_nothing() -> None:
    """Tones in turn leave most bands empty; a steady tone over hiss is not taken for noise."""
    parts = [
        sine(frequency_hz=hz, peak_db=-12 - hz / 200, duration_s=0.25).samples for hz in (220, 660, 1250, 330, 2000)
    ]
    learnt = learn_noise(Audio(np.tile(np.concatenate(parts, axis=1), (1, 6)), 48_000))
    assert learnt is None or learnt.wander_db > STEADY_DB
    hiss = noise(rms_db=-50, duration_s=5)
    drone = learn_noise(Audio(sine(frequency_hz=1000, peak_db=-20, duration_s=5).samples + hiss.samples, 48_000))
    assert drone is not None
    assert drone.level_dbfs == pytest.approx(-50, abs=1.5)
    assert drone.over_noise_db == pytest.approx(27, abs=1.5)


def test_silence_and_shorts_teach_nothing() -> None:
    assert learn_noise(silence(duration_s=5)) is None
    assert learn_noise(noise(duration_s=0.5)) is None
    assert learn_noise(noise(duration_s=0.01)) is None


def test_harm_is_what_was_taken_of_the_performance() -> None:
    """A residual that is the performance itself at −20 dB reads −20 dB; steady noise alone reads far less."""
    beat, hiss = drums(duration_s=6), noise(rms_db=-40, duration_s=6)
    eaten = Audio(beat.samples * np.float32(0.1), 48_000)
    assert estimate_harm_db(beat, eaten) == pytest.approx(-20, abs=0.5)
    assert estimate_harm_db(beat, hiss) < -35
    assert estimate_harm_db(beat, silence(duration_s=6)) == NOTHING_DB
    both = Audio(eaten.samples + hiss.samples, 48_000)
    assert estimate_harm_db(beat, both) == pytest.approx(-20, abs=1.5)


def test_harm_of_a_steady_tone_taken_whole_is_seen_in_nothing_else() -> None:
    """Sound too short for a frame has no figure."""
    tone = sine(duration_s=0.01)
    assert estimate_harm_db(tone, tone) == NOTHING_DB
