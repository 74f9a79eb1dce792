"""The gate: threshold, hysteresis, hold, times and range."""

import numpy as np
import pytest

from tests.sounds import noise, sine
from tonmeister.audio import Audio
from tonmeister.processing.gate import Gate, GateStream, gate, is_neutral

RATE_HZ = 48_000


def gain_db_of(levels: list[tuple[float, float]], settings: Gate) -> np.ndarray:
    """Return the gate's gain over constants of (seconds, dB)."""
    wave = np.concatenate([np.full(round(s * RATE_HZ), 10 ** (db / 20)) for s, db in levels]).astype(np.float32)[None]
    return np.asarray(20 * np.log10(gate(Audio(wave, RATE_HZ), settings).samples[0] / wave[0]))


def test_it_opens_above_the_threshold_and_closes_below_the_hysteresis() -> None:
    """Between the two it stays as it was."""
    settings = Gate(threshold_db=-30, hysteresis_db=6, hold_ms=0, range_db=40, attack_ms=1, release_ms=20)
    gain_db = gain_db_of([(0.5, -33), (0.5, -29), (0.5, -33), (0.5, -37)], settings)
    closed, opened, stays, closes = (gain_db[round(at * RATE_HZ) - 1] for at in (0.5, 1, 1.5, 2))
    assert closed == pytest.approx(-40, abs=0.01)
    assert opened == pytest.approx(0, abs=0.01)
    assert stays == pytest.approx(0, abs=0.01)
    assert closes == pytest.approx(-40, abs=0.1)


def test_it_holds_before_it_closes() -> None:
    """Envelope of 10 ms from −10 to −36 dB takes 30 ms, then 100 ms of hold; a frame is 0.02 ms."""
    settings = Gate(threshold_db=-30, hysteresis_db=6, hold_ms=100, range_db=40, attack_ms=1, release_ms=50)
    gain_db = gain_db_of([(0.5, -10), (0.5, -90)], settings)
    begins_ms = np.argmax(gain_db[24_000:] < -0.01) / 48
    assert begins_ms == pytest.approx(10 * np.log(10 ** (26 / 20)) + 100, abs=0.5)


def test_attack_and_release_are_exponentials_of_the_gain() -> None:
    settings = Gate(threshold_db=-30, hysteresis_db=0, hold_ms=0, range_db=60, attack_ms=10, release_ms=100)
    gain = 10 ** (gain_db_of([(0.2, -80), (0.8, -10), (0.8, -80)], settings) / 20)
    assert gain[9600 + 479] == pytest.approx(1 - np.exp(-1), abs=0.003)
    falls = 48_000 + np.argmax(gain[48_000:] < 0.9999)
    assert gain[falls + 4799] == pytest.approx(np.exp(-1), abs=0.003)


def test_an_open_gate_leaves_the_bytes_once_it_has_opened() -> None:
    """A low tone has zero crossings longer than the attack: the envelope must bridge them."""
    audio = sine(frequency_hz=40, peak_db=-6, duration_s=1)
    out = gate(audio, Gate(threshold_db=-30, hold_ms=0, attack_ms=1)).samples
    assert np.array_equal(out[:, 9600:], audio.samples[:, 9600:])


def test_look_ahead_keeps_the_front_of_a_hit() -> None:
    hit = np.zeros((1, 9600), np.float32)
    hit[0, 4800:] = 0.5
    settings = Gate(threshold_db=-30, range_db=60, attack_ms=1)
    assert gate(Audio(hit, RATE_HZ), settings).samples[0, 4800] < 0.05
    early = gate(Audio(hit, RATE_HZ), settings.model_copy(update={"lookahead_ms": 5.0})).samples[0, 4800]
    assert early > 0.49


def test_a_key_opens_it() -> None:
    audio, key = noise(rms_db=-60, duration_s=0.3), sine(peak_db=0, duration_s=0.3, channels=2)
    settings = Gate(threshold_db=-30, range_db=60)
    assert np.std(gate(audio, settings).samples) < 0.01 * np.std(audio.samples)
    opened = gate(audio, settings, key=key).samples
    assert np.array_equal(opened[:, 4800:], audio.samples[:, 4800:])


@pytest.mark.parametrize("settings", [Gate(range_db=0), Gate(mix=0)])
def test_neutral_settings_return_the_input_bytes(settings: Gate) -> None:
    audio = noise(rms_db=-60, duration_s=0.1, channels=2)
    assert is_neutral(settings)
    assert np.array_equal(gate(audio, settings).samples, audio.samples)


def test_it_tells_what_it_took_away() -> None:
    stream = GateStream(Gate(threshold_db=-30, range_db=30), sample_rate_hz=RATE_HZ, channels=1)
    stream.process(noise(rms_db=-80).samples)
    assert stream.reduction.max_reduction_db == pytest.approx(30, abs=0.01)
    assert stream.reduction.mean_reduction_db == pytest.approx(30, abs=0.01)
    assert stream.reduction.active_share == 1
