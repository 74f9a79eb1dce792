"""The compressor against its formula, against plain NumPy and in time."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.sounds import noise, sine
from tonmeister.audio import Audio
from tonmeister.processing.compressor import Compressor, CompressorStream, compress, is_neutral

RATE_HZ = 48_000


def static_gain_db(level_db: float, settings: Compressor) -> float:
    """Giannoulis, Massberg, Reiss 2012, equation 4, less the input."""
    over = level_db - settings.threshold_db
    if 2 * abs(over) <= settings.knee_db and settings.knee_db > 0:
        return (1 / settings.ratio - 1) * (over + settings.knee_db / 2) ** 2 / (2 * settings.knee_db)
    return (1 / settings.ratio - 1) * over if over > 0 else 0.0


def reference(samples: NDArray[np.float32], settings: Compressor) -> NDArray[np.float64]:
    """The same compressor in plain float64, sample by sample."""
    x = samples.astype(np.float64)
    fall, rise, keep = (
        np.exp(-1000 / RATE_HZ / ms) for ms in (settings.attack_ms, settings.release_ms, settings.rms_window_ms)
    )
    gain_db, power, gains = 0.0, np.zeros(x.shape[0]), np.empty(x.shape[1])
    for i in range(x.shape[1]):
        power = keep * power + (1 - keep) * x[:, i] ** 2
        level = np.abs(x[:, i]).max() if settings.detector == "peak" else np.sqrt(power.max())
        target = static_gain_db(20 * np.log10(max(level, 1e-10)), settings)
        towards = fall * gain_db + (1 - fall) * target, rise * gain_db + (1 - rise) * target
        gain_db = min(towards) if fall <= rise else max(towards)
        gains[i] = gain_db
    wet = 10 ** ((gains + settings.makeup_db) / 20)
    late = round(settings.lookahead_ms * RATE_HZ / 1000)
    ahead = np.concatenate((wet[late:], np.ones(late)))
    return np.asarray(x * (1 - settings.mix + settings.mix * ahead))


@pytest.mark.parametrize(
    "settings",
    [
        Compressor(threshold_db=-30, ratio=4, attack_ms=5, release_ms=60),
        Compressor(threshold_db=-30, ratio=20, knee_db=0, attack_ms=0.1, release_ms=20, makeup_db=6),
        Compressor(threshold_db=-35, ratio=3, detector="rms", lookahead_ms=3, mix=0.6),
        Compressor(threshold_db=-35, ratio=3, attack_ms=80, release_ms=10),
    ],
)
def test_it_is_what_plain_numpy_computes(settings: Compressor) -> None:
    """-110 dB: the gain is float32 with polynomials of 1e-7, which is -140 dB a sample; the level adds up over the curve."""
    audio = noise(duration_s=0.2, channels=2)
    got, wanted = compress(audio, settings).samples, reference(audio.samples, settings)
    end = got.shape[1] - round(settings.lookahead_ms * 48)  # past the end the stream hears silence
    error = np.std((got - wanted)[:, :end]) / np.std(wanted)
    assert 20 * np.log10(error) < -110


@pytest.mark.parametrize("level_db", [-40.0, -22.0, -18.0, -15.0, -3.0])
@pytest.mark.parametrize(("ratio", "knee_db"), [(2.0, 6.0), (4.0, 0.0), (20.0, 12.0)])
def test_the_static_curve_is_the_formula(level_db: float, ratio: float, knee_db: float) -> None:
    """A constant is its own peak, so the settled gain is the curve; 0.001 dB is float32's grain of levels in dB."""
    settings = Compressor(threshold_db=-18, ratio=ratio, knee_db=knee_db, attack_ms=1, release_ms=1)
    constant = Audio(np.full((1, 4800), 10 ** (level_db / 20), np.float32), RATE_HZ)
    gain_db = 20 * np.log10(compress(constant, settings).samples[0, -1] / constant.samples[0, -1])
    assert gain_db == pytest.approx(static_gain_db(level_db, settings), abs=0.001)


def test_attack_and_release_cover_63_percent_in_their_time() -> None:
    """One frame is 1/480 of the attack: half a percent either way."""
    settings = Compressor(threshold_db=-40, ratio=20, knee_db=0, attack_ms=10, release_ms=100)
    step = np.full((1, RATE_HZ), 0.001, np.float32)
    step[0, 4800:24_000] = 0.5
    gain_db = 20 * np.log10(compress(Audio(step, RATE_HZ), settings).samples[0] / step[0])
    deepest = gain_db[23_999]
    assert gain_db[4800 + 479] / deepest == pytest.approx(1 - np.exp(-1), abs=0.005)
    assert gain_db[24_000 + 4799] / deepest == pytest.approx(np.exp(-1), abs=0.005)


def test_ratio_1_returns_the_input_bytes() -> None:
    audio = noise(duration_s=0.1, channels=2)
    assert is_neutral(Compressor(ratio=1))
    assert np.array_equal(compress(audio, Compressor(ratio=1, lookahead_ms=5)).samples, audio.samples)


def test_below_the_threshold_the_bytes_stay() -> None:
    audio = sine(peak_db=-30, duration_s=0.2)
    assert np.array_equal(compress(audio, Compressor(threshold_db=-20, knee_db=6)).samples, audio.samples)


def test_channels_share_one_gain() -> None:
    """The image must not move: the ratio of the channels stays, to the rounding of float32."""
    loud = noise(rms_db=-10, duration_s=0.2).samples
    audio = Audio(np.concatenate((loud, loud * np.float32(0.25))), RATE_HZ)
    out = compress(audio, Compressor(threshold_db=-30, ratio=8)).samples
    np.testing.assert_allclose(out[1], out[0] * 0.25, rtol=3e-7)


def test_a_key_steers_in_place_of_the_sound() -> None:
    audio, key = sine(duration_s=0.2, peak_db=-40), sine(duration_s=0.2, peak_db=0, channels=2)
    settings = Compressor(threshold_db=-30, ratio=4, attack_ms=1)
    assert np.array_equal(compress(audio, settings).samples, audio.samples)
    ducked = compress(audio, settings, key=key).samples
    assert np.abs(ducked[:, 4800:]).max() < 0.2 * np.abs(audio.samples).max()


def test_look_ahead_catches_the_first_peak() -> None:
    """After 5 attack times 99 % of the reduction is there when the burst arrives."""
    burst = np.zeros((1, 9600), np.float32)
    burst[0, 4800:] = 0.5
    settings = Compressor(threshold_db=-26, ratio=20, knee_db=0, attack_ms=1, release_ms=500)
    late = compress(Audio(burst, RATE_HZ), settings).samples[0, 4800]
    early = compress(Audio(burst, RATE_HZ), settings.model_copy(update={"lookahead_ms": 5.0})).samples[0, 4800]
    assert late > 0.45
    assert 20 * np.log10(early / 0.5) == pytest.approx(static_gain_db(-6.02, settings) * (1 - np.exp(-5)), abs=0.1)


def test_it_tells_what_it_took_away() -> None:
    """Half of the time 10 dB over a limit of 20:1 is 9.5 dB; 0.1 dB for attack and release."""
    tone = np.where(np.arange(2 * RATE_HZ) < RATE_HZ, 10 ** (-10 / 20), 1e-4).astype(np.float32)[None]
    settings = Compressor(threshold_db=-20, ratio=20, knee_db=0, attack_ms=0.5, release_ms=2)
    stream = CompressorStream(settings, sample_rate_hz=RATE_HZ, channels=1)
    stream.process(tone)
    assert stream.reduction.max_reduction_db == pytest.approx(9.5, abs=0.01)
    assert stream.reduction.mean_reduction_db == pytest.approx(9.5, abs=0.1)
    assert stream.reduction.active_share == pytest.approx(0.5, abs=0.01)
