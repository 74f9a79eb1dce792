"""The multiband compressor: flat when it rests, right bands when it works."""

import numpy as np
import pytest
from pydantic import ValidationError

from tests.sounds import impulse, noise, sine
from tonmeister.audio import Audio
from tonmeister.processing.compressor import Compressor
from tonmeister.processing.multiband import Multiband, MultibandStream, compress_bands, is_neutral

RATE_HZ = 48_000
REST = Compressor(threshold_db=0, ratio=2, knee_db=0)
WORK = Compressor(threshold_db=-40, ratio=4, attack_ms=5, release_ms=50)


def rms_db(samples: np.ndarray) -> float:
    return float(20 * np.log10(np.std(samples[:, RATE_HZ // 2 :])))


def test_at_rest_it_is_an_all_pass() -> None:
    quiet = impulse(duration_s=1).samples * np.float32(0.5)
    out = compress_bands(Audio(quiet, RATE_HZ), Multiband(low=REST, mid=REST, high=REST)).samples
    response_db = 20 * np.log10(np.abs(np.fft.rfft(out[0].astype(np.float64))) / 0.5)
    assert np.abs(response_db).max() < 0.001


@pytest.mark.parametrize(("frequency_hz", "band"), [(60, "low"), (800, "mid"), (12_000, "high")])
def test_each_band_turns_down_its_own_sound_alone(frequency_hz: float, band: str) -> None:
    """An octave and more from the crossovers the band has all but 0.3 dB of the tone."""
    tone = sine(frequency_hz=frequency_hz, peak_db=-10)
    stays = compress_bands(tone, Multiband(**({"low": WORK, "mid": WORK, "high": WORK} | {band: REST})))
    turned = compress_bands(tone, Multiband(**({"low": REST, "mid": REST, "high": REST} | {band: WORK})))
    assert rms_db(stays.samples) == pytest.approx(rms_db(tone.samples), abs=0.3)
    assert rms_db(turned.samples) < rms_db(tone.samples) - 15


def test_bands_with_different_look_ahead_arrive_together() -> None:
    settings = Multiband(
        low=REST.model_copy(update={"lookahead_ms": 7.0}), mid=REST, high=REST.model_copy(update={"lookahead_ms": 2.0})
    )
    audio = noise(rms_db=-30, duration_s=0.5, channels=2)
    plain = compress_bands(audio, Multiband(low=REST, mid=REST, high=REST)).samples
    np.testing.assert_array_equal(compress_bands(audio, settings).samples, plain)


def test_dry_share_does_not_comb() -> None:
    """Half dry of −6 dB gains is 20·log10((1+g)/2) at every frequency of the band."""
    limit = Compressor(threshold_db=-60, ratio=1.0001, makeup_db=-6)
    settings = Multiband(low=limit, mid=limit, high=limit, mix=0.5)
    out = compress_bands(impulse(), settings).samples
    response_db = 20 * np.log10(np.abs(np.fft.rfft(out[0].astype(np.float64))))
    assert np.ptp(response_db) < 0.05
    assert response_db.mean() == pytest.approx(20 * np.log10((1 + 10 ** (-6 / 20)) / 2), abs=0.03)


def test_a_key_is_split_alike() -> None:
    audio, key = sine(frequency_hz=800, peak_db=-50), sine(frequency_hz=60, peak_db=-6, channels=2)
    settings = Multiband(low_crossover_hz=300, low=WORK, mid=WORK, high=WORK)
    assert rms_db(compress_bands(audio, settings, key=key).samples) == pytest.approx(rms_db(audio.samples), abs=0.2)


def test_neutral_settings_return_the_input_bytes() -> None:
    audio = noise(duration_s=0.1, channels=2)
    assert is_neutral(Multiband())
    assert np.array_equal(compress_bands(audio, Multiband()).samples, audio.samples)


def test_crossovers_must_ascend() -> None:
    with pytest.raises(ValidationError, match="octave"):
        Multiband(low_crossover_hz=600, high_crossover_hz=700)


def test_it_tells_what_each_band_lost() -> None:
    stream = MultibandStream(Multiband(low=REST, mid=WORK, high=REST), sample_rate_hz=RATE_HZ, channels=1)
    stream.process(sine(frequency_hz=800, peak_db=-10).samples)
    low, mid, high = stream.reductions
    assert low.max_reduction_db == high.max_reduction_db == 0
    assert mid.max_reduction_db > 15
