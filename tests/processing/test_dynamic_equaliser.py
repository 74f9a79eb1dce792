"""The dynamic equaliser: its law, its times, its key, and what every stream must hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import signal

from tests.sounds import noise, silence, sine
from tonmeister.audio import Audio
from tonmeister.processing.dynamic_equaliser import (
    CELL,
    DynamicBand,
    DynamicEqualiser,
    DynamicEqualiserStream,
    equalise_dynamically,
    is_neutral,
)
from tonmeister.processing.filter_design import design_rbj

RATE_HZ = 48_000


def reference(sound: NDArray[np.float64], band: DynamicBand) -> NDArray[np.float64]:
    """The bell's definition in plain Python: detector by scipy, cells, ballistics, a Simper filter in motion."""
    b = np.sin(w := 2 * np.pi * band.frequency_hz / RATE_HZ) / (2 * band.q)
    heard = signal.lfilter(np.array([b, 0, -b]) / (1 + b), [1, -2 * np.cos(w) / (1 + b), (1 - b) / (1 + b)], sound)
    level_db = 20 * np.log10(np.abs(heard).reshape(-1, CELL).max(axis=1) + 1e-30)
    speed = [1 - np.exp(-1000 * CELL / RATE_HZ / ms) for ms in (band.attack_ms, band.release_ms)]
    gains, gain = [0.0], 0.0
    for wanted in -np.minimum(np.maximum(level_db - band.threshold_db, 0) * (1 - 1 / band.ratio), -band.range_db):
        gain += speed[0 if abs(wanted) > abs(gain) else 1] * (wanted - gain)
        gains.append(gain)
    rows = []
    for gain_db in gains:
        a, g = 10 ** (gain_db / 40), np.tan(w / 2)
        k = 1 / (band.q * a)
        a1 = 1 / (1 + g * (g + k))
        rows.append((a1, g * a1, g * g * a1, k * (a * a - 1)))
    at = np.arange(len(sound) + 1) / CELL
    late = np.vstack([rows[0], rows])[: len(rows)]  # what one cell decides, the next one moves to
    c = np.stack([np.interp(at, np.arange(len(rows)), column) for column in late.T])[:, 1:]
    out, first, second = np.empty(len(sound)), 0.0, 0.0
    for i, x in enumerate(sound):
        in_band = c[0, i] * first + c[1, i] * (x - second)
        low = second + c[1, i] * first + c[2, i] * (x - second)
        first, second = 2 * in_band - first, 2 * low - second
        out[i] = x + c[3, i] * in_band
    return out


def test_it_follows_its_definition() -> None:
    """-130 dB: the fade of the last 1e-4 dB and float32 output are what is left."""
    audio = noise(duration_s=0.2, rms_db=-15)
    band = DynamicBand(frequency_hz=1500, q=1.5, threshold_db=-40, ratio=3, range_db=-12)
    got = equalise_dynamically(audio, DynamicEqualiser(bands=(band,))).samples[0]
    wanted = reference(audio.samples[0].astype(np.float64), band)
    assert 20 * np.log10(np.std(got - wanted) / np.std(wanted)) < -130


@pytest.mark.parametrize(("range_db", "wanted_db"), [(-6.0, -6.0), (6.0, 6.0), (-24.0, -10.0)])
def test_a_steady_tone_at_the_centre_gets_the_gain_of_the_law(range_db: float, wanted_db: float) -> None:
    """20 dB over at 2:1 asks for 10 dB, held by the range; 0.35 dB is the ripple of a peak that is read every 16 frames."""
    audio = sine(frequency_hz=3000, peak_db=-20, duration_s=1.0)
    band = DynamicBand(frequency_hz=3000, threshold_db=-40, ratio=2, range_db=range_db)
    out = equalise_dynamically(audio, DynamicEqualiser(bands=(band,))).samples[0, 24_000:]
    change_db = 20 * np.log10(np.std(out) / np.std(audio.samples[0, 24_000:]))
    assert change_db == pytest.approx(wanted_db, abs=0.35)


def test_attack_and_release_are_time_constants_of_the_gain() -> None:
    """63 % of the way after one time constant; one cell and the detector's own rise allow 10 %."""
    tone = sine(frequency_hz=5000, peak_db=0, duration_s=0.5).samples
    sound = np.hstack([tone, np.zeros_like(tone)])
    band = DynamicBand(frequency_hz=5000, threshold_db=-60, ratio=20, range_db=-10, attack_ms=50, release_ms=100)
    stream = DynamicEqualiserStream(DynamicEqualiser(bands=(band,)), sample_rate_hz=RATE_HZ, channels=1)
    stream.process(np.ascontiguousarray(sound[:, :2400]))
    assert stream.gains_db[0] == pytest.approx(-6.32, rel=0.1)
    stream.process(np.ascontiguousarray(sound[:, 2400:24_000]))
    assert stream.gains_db[0] == pytest.approx(-10, rel=0.01)
    stream.process(np.ascontiguousarray(sound[:, 24_000:28_800]))
    assert stream.gains_db[0] == pytest.approx(-3.68, rel=0.1)


@pytest.mark.parametrize("shape", ["peak", "low_shelf", "high_shelf"])
def test_full_gain_has_the_curve_of_the_static_band(shape: str) -> None:
    """A loud key holds the band at its range, where it is the RBJ filter; -60 dB: the gain is within 0.01 dB of it."""
    audio, key = noise(duration_s=1.0, rms_db=-40), noise(duration_s=1.0, rms_db=0, seed=1)
    band = DynamicBand.model_validate(
        {"shape": shape, "frequency_hz": 1000, "range_db": -8, "threshold_db": -80, "ratio": 20}
    )
    got = equalise_dynamically(audio, DynamicEqualiser(bands=(band,)), key=key).samples[0, 24_000:]
    b0, b1, b2, a1, a2 = design_rbj(band.shape, frequency=1000 / RATE_HZ, gain_db=-8, q=1.0)
    wanted = signal.lfilter([b0, b1, b2], [1, a1, a2], audio.samples[0].astype(np.float64))[24_000:]
    assert 20 * np.log10(np.std(got - wanted) / np.std(wanted)) < -60


def test_a_silent_key_leaves_every_byte() -> None:
    audio = noise(duration_s=0.2, channels=2, rms_db=-3)
    settings = DynamicEqualiser(bands=(DynamicBand(frequency_hz=1000, threshold_db=-60),))
    got = equalise_dynamically(audio, settings, key=silence(duration_s=0.2))
    assert got.samples.tobytes() == audio.samples.tobytes()
    assert equalise_dynamically(audio, settings).samples.tobytes() != audio.samples.tobytes()


@given(cuts=st.lists(st.integers(0, 6000), max_size=6), channels=st.sampled_from([1, 2]), keyed=st.booleans())
@hypothesis_settings(max_examples=40)
def test_cuts_never_change_a_byte(cuts: list[int], channels: int, keyed: bool) -> None:  # noqa: FBT001  # hypothesis draws it
    sound = noise(duration_s=6000 / RATE_HZ, channels=channels, rms_db=-12).samples
    sound[:, 3000:4500] *= np.float32(1e-3)
    key = noise(duration_s=6000 / RATE_HZ, channels=2, seed=5).samples if keyed else None
    bands = (
        DynamicBand(frequency_hz=300, threshold_db=-40),
        DynamicBand(shape="high_shelf", frequency_hz=5000, threshold_db=-50, range_db=4, release_ms=10),
    )
    settings = DynamicEqualiser(bands=bands)
    whole_key = None if key is None else Audio(key, RATE_HZ)
    whole = equalise_dynamically(Audio(sound, RATE_HZ), settings, key=whole_key).samples
    stream = DynamicEqualiserStream(settings, sample_rate_hz=RATE_HZ, channels=channels)
    pieces = []
    for part in np.split(np.arange(6000), sorted(cuts)):
        piece_key = None if key is None else np.ascontiguousarray(key[:, part])
        pieces.append(stream.process(np.ascontiguousarray(sound[:, part]), piece_key))
    assert np.array_equal(np.hstack(pieces), whole)


def test_neutral_settings_and_silence() -> None:
    audio = noise(duration_s=0.1, rms_db=-3)
    settings = DynamicEqualiser(
        bands=(DynamicBand(frequency_hz=500, ratio=1), DynamicBand(frequency_hz=500, range_db=0))
    )
    assert is_neutral(settings)
    assert equalise_dynamically(audio, settings).samples.tobytes() == audio.samples.tobytes()
    at_work = DynamicEqualiser(bands=(DynamicBand(frequency_hz=500, range_db=9, threshold_db=-90),))
    assert not is_neutral(at_work)
    assert not equalise_dynamically(silence(channels=2), at_work).samples.any()
