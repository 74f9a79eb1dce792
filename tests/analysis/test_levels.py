"""Levels of sounds whose numbers are known from how they are made."""

import numpy as np
import pytest

from tests.sounds import noise, silence, sine
from tonmeister.analysis.levels import find_onsets, rise_of_level
from tonmeister.analysis.track_meter import measure_track
from tonmeister.audio import Audio

RATE_HZ = 48_000


def clicks(*, every_s: float, duration_s: float) -> Audio:
    """Return short noise bursts at a steady rate, from 0.2 s on."""
    samples = np.zeros((1, round(duration_s * RATE_HZ)), np.float32)
    burst = noise(duration_s=0.03, rms_db=-12, seed=1).samples[0] * np.linspace(1, 0, 1440, dtype=np.float32)
    for start in np.arange(0.2, duration_s - 0.1, every_s):
        first = round(start * RATE_HZ)
        samples[0, first : first + 1440] = burst
    return Audio(samples, RATE_HZ)


def test_a_sine_has_a_crest_of_3_db() -> None:
    """Peak over RMS of a sine is 3.01 dB; 0.02 is the rounding and the first step."""
    levels = measure_track(sine(peak_db=-12, duration_s=3)).figures.levels
    assert levels.sample_peak_dbfs == pytest.approx(-12, abs=0.01)
    assert levels.active_rms_dbfs == pytest.approx(-15.01, abs=0.02)
    assert levels.crest_db == pytest.approx(3.01, abs=0.02)
    assert levels.transient_crest_db == pytest.approx(3.01, abs=0.02)
    assert levels.level_fluctuation_db == pytest.approx(0, abs=0.01)
    assert levels.active_share == 1


def test_rms_of_one_channel_alone_is_3_db_lower() -> None:
    """RMS is over all channels."""
    mono = sine(peak_db=-12, duration_s=2)
    samples = np.concatenate([mono.samples, np.zeros_like(mono.samples)])
    assert measure_track(Audio(samples, RATE_HZ)).figures.levels.active_rms_dbfs == pytest.approx(-18.02, abs=0.02)


def test_sound_between_silences_is_one_span() -> None:
    """Steps of 10 ms."""
    parts = [silence(duration_s=1.5), noise(duration_s=2, seed=2), silence(duration_s=2.5)]
    audio = Audio(np.concatenate([part.samples for part in parts], axis=1), RATE_HZ)
    levels = measure_track(audio).figures.levels
    assert [(span.start_s, span.end_s) for span in levels.active_spans] == [(1.5, 3.5)]
    assert levels.active_share == pytest.approx(1 / 3, abs=1e-4)
    assert levels.active_s == pytest.approx(2.0, abs=1e-3)
    assert levels.noise_floor_dbfs is None


def test_gaps_of_a_rest_are_bridged_and_longer_ones_not() -> None:
    """Half a second is the border."""
    sound = noise(duration_s=1, seed=3).samples
    for gap_s, spans in ((0.4, 1), (0.6, 2)):
        gap = np.zeros((1, round(gap_s * RATE_HZ)), np.float32)
        levels = measure_track(Audio(np.concatenate([sound, gap, sound], axis=1), RATE_HZ)).figures.levels
        assert len(levels.active_spans) == spans, gap_s


def test_the_noise_floor_in_the_pauses_is_found() -> None:
    """White noise at −70 dBFS RMS under two seconds of sound in eight; 0.3 dB is the spread of 100 ms of noise."""
    floor = noise(rms_db=-70, duration_s=8, seed=4)
    floor.samples[:, : 2 * RATE_HZ] += noise(rms_db=-20, duration_s=2, seed=5).samples
    levels = measure_track(floor).figures.levels
    assert levels.noise_floor_dbfs == pytest.approx(-70, abs=0.3)
    assert levels.noise_spread_db is not None
    assert levels.noise_spread_db < 1
    assert [span.end_s for span in levels.active_spans] == [2.0]


@pytest.mark.parametrize("every_s", [0.25, 0.5, 1 / 3])
def test_every_click_is_one_onset(every_s: float) -> None:
    """The rate over the active time; one click more or less at the ends."""
    figures = measure_track(clicks(every_s=every_s, duration_s=10)).figures
    found = figures.levels.onset_rate_hz * figures.levels.active_s
    assert found == pytest.approx(len(np.arange(0.2, 9.9, every_s)), abs=1.01)


def test_a_low_held_note_has_a_single_onset() -> None:
    """30 ms steps do not ripple with a 40 Hz wave."""
    figures = measure_track(sine(frequency_hz=40, duration_s=4)).figures
    assert figures.levels.onset_rate_hz * figures.levels.active_s <= 1.01


def test_the_rise_peaks_in_the_step_in_which_the_level_rises() -> None:
    """From −60 to −20 dB in step 50: 40 dB there, less the floor of 50 dB below the loud part. The start is one too."""
    power = np.where(np.arange(100) < 50, 1e-6, 1e-2)
    rise = rise_of_level(power)
    assert int(np.argmax(rise)) == 50
    assert rise[50] == pytest.approx(10 * np.log10(1e-2 / (1e-6 + 1e-7)), abs=0.01)
    assert np.flatnonzero(find_onsets(rise)).tolist() == [0, 50]
