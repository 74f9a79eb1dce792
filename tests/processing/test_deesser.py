"""The de-esser: what it holds down, by how much, and what it leaves."""

import numpy as np
import pytest

from tests.sounds import noise, sine
from tonmeister.audio import Audio
from tonmeister.processing.deesser import DeEsser, DeEsserStream, deess, is_neutral

RATE_HZ = 48_000


def level_db(samples: np.ndarray, frequency_hz: int) -> float:
    """Level of one frequency over the last second."""
    spectrum = np.abs(np.fft.rfft(samples[0, -RATE_HZ:].astype(np.float64))) * 2 / RATE_HZ
    return float(20 * np.log10(spectrum[frequency_hz]))


def test_a_hiss_is_held_at_the_threshold_within_the_range() -> None:
    """Two octaves above the split all but 0.1 dB is in the band; the detector's ripple between peaks is 0.3 dB."""
    hiss = sine(frequency_hz=11_300, peak_db=-20, duration_s=2)
    limited = deess(hiss, DeEsser(frequency_hz=3000, threshold_db=-24, range_db=12))
    assert level_db(limited.samples, 11_300) == pytest.approx(-24, abs=0.4)
    ranged = deess(hiss, DeEsser(frequency_hz=3000, threshold_db=-50, range_db=6))
    assert level_db(ranged.samples, 11_300) == pytest.approx(-26, abs=0.1)


def test_below_the_split_and_below_the_threshold_levels_stay() -> None:
    """The all-pass of the split turns phase, not level."""
    vowel = sine(frequency_hz=500, peak_db=-10, duration_s=2)
    out = deess(vowel, DeEsser(frequency_hz=6000, threshold_db=-60, range_db=12))
    assert level_db(out.samples, 500) == pytest.approx(-10, abs=0.02)
    quiet = sine(frequency_hz=10_000, peak_db=-50, duration_s=2)
    assert level_db(deess(quiet, DeEsser(threshold_db=-40)).samples, 10_000) == pytest.approx(-50, abs=0.001)


def test_a_hiss_over_a_vowel_leaves_the_vowel() -> None:
    both = sine(frequency_hz=300, peak_db=-12, duration_s=2).samples
    both = both + sine(frequency_hz=11_300, peak_db=-20, duration_s=2).samples
    out = deess(Audio(both, RATE_HZ), DeEsser(frequency_hz=3000, threshold_db=-40, range_db=8)).samples
    assert level_db(out, 300) == pytest.approx(-12, abs=0.02)
    assert level_db(out, 11_300) == pytest.approx(-28, abs=0.1)


def test_a_key_steers_it() -> None:
    audio, key = sine(frequency_hz=11_300, peak_db=-50, duration_s=2), sine(frequency_hz=9000, peak_db=-6, duration_s=2)
    settings = DeEsser(frequency_hz=3000, threshold_db=-30, range_db=6)
    assert level_db(deess(audio, settings).samples, 11_300) == pytest.approx(-50, abs=0.01)
    assert level_db(deess(audio, settings, key=key).samples, 11_300) == pytest.approx(-56, abs=0.1)


def test_look_ahead_takes_the_first_consonant_down() -> None:
    burst = np.zeros((1, 9600), np.float32)
    burst[0, 4800:] = np.sin(np.arange(4800) * 2 * np.pi * 9000 / RATE_HZ) * 0.5
    settings = DeEsser(threshold_db=-50, range_db=12, attack_ms=1, release_ms=100)
    late = np.abs(deess(Audio(burst, RATE_HZ), settings).samples[0, 4800:4848]).max()
    early = np.abs(
        deess(Audio(burst, RATE_HZ), settings.model_copy(update={"lookahead_ms": 5.0})).samples[0, 4800:4848]
    ).max()
    assert early < 0.6 * late


def test_no_range_returns_the_input_bytes() -> None:
    audio = noise(duration_s=0.1, channels=2)
    assert is_neutral(DeEsser(range_db=0))
    assert np.array_equal(deess(audio, DeEsser(range_db=0)).samples, audio.samples)


def test_it_tells_what_it_took_away() -> None:
    stream = DeEsserStream(DeEsser(threshold_db=-60, range_db=5), sample_rate_hz=RATE_HZ, channels=2)
    stream.process(noise(channels=2).samples)
    assert stream.reduction.max_reduction_db == pytest.approx(5, abs=0.01)
