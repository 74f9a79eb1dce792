"""The transient shaper against a plain form, and what it does to hits and to steady sound."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.sounds import drums, noise, sine
from tonmeister.audio import Audio
from tonmeister.processing.transient_shaper import (
    DEAD_DB,
    FAST_MS,
    FULL_DB,
    PEAK_MS,
    TransientShaper,
    is_neutral,
    shape_transients,
)

RATE_HZ = 48_000


def plain_gain_db(wave: NDArray[np.float64], settings: TransientShaper) -> NDArray[np.float64]:
    """Return the gain of a mono sound, written out sample by sample in decibels."""
    times_ms = (PEAK_MS, FAST_MS, settings.attack_ms, settings.sustain_ms)
    peak_keep, fast_keep, slow_keep, fall_keep = (math.exp(-1000 / (time_ms * RATE_HZ)) for time_ms in times_ms)
    peak = fast = slow = falling = 1e-5
    gain, gains_db = 0.0, []
    for level in np.abs(wave):
        peak = max(float(level), peak * peak_keep, 1e-5)
        fast = peak + (fast - peak) * fast_keep
        slow = peak + (slow - peak) * slow_keep
        falling = max(fast, fast + (falling - fast) * fall_keep)
        rise, fall = (20 * math.log10(ratio) for ratio in (fast / slow, falling / fast))
        shares = [min(max((db - DEAD_DB) / (FULL_DB - DEAD_DB), 0), 1) for db in (rise, fall)]
        target = settings.attack_db * shares[0] + settings.sustain_db * shares[1]
        gain = target + (gain - target) * fast_keep
        gains_db.append(gain)
    return np.array(gains_db)


def hits(*, decay_s: float = 0.08) -> Audio:
    """Return four hits of decaying noise, half a second apart."""
    time_s = np.arange(RATE_HZ // 2) / RATE_HZ
    hit = np.random.default_rng(0).standard_normal(time_s.size) * np.exp(-time_s / decay_s) * 0.2
    return Audio(np.tile(hit, 4)[None].astype(np.float32), RATE_HZ)


def parts_db(audio: Audio) -> tuple[float, float]:
    """Return the mean level of the first 10 ms of the hits, and of 100 to 200 ms behind."""
    each = audio.samples[0].reshape(4, -1)[1:].astype(np.float64)
    return tuple(10 * np.log10(np.mean(each[:, a:b] ** 2)) for a, b in ((48, 480), (4800, 9600)))


def test_the_gain_is_that_of_the_plain_form() -> None:
    """The kernel's logarithm and power are good to 1e-6 each, so 1e-4 dB is generous."""
    settings = TransientShaper(attack_db=6, sustain_db=-4, attack_ms=15, sustain_ms=200)
    audio = drums(duration_s=1.0)
    wave = audio.samples[0].astype(np.float64)
    loud = np.abs(wave) > 1e-4
    got = 20 * np.log10(np.abs(shape_transients(audio, settings).samples[0][loud] / wave[loud]))
    np.testing.assert_allclose(got, plain_gain_db(wave, settings)[loud], atol=1e-4)


@pytest.mark.parametrize("attack_db", [-6.0, 6.0])
def test_attacks_change_and_bodies_stay(attack_db: float) -> None:
    """At least half of the gain arrives in the first 10 ms; the body moves by less than a tenth of it."""
    before, after = (parts_db(s) for s in (hits(), shape_transients(hits(), TransientShaper(attack_db=attack_db))))
    assert (after[0] - before[0]) / attack_db > 0.5
    assert abs(after[1] - before[1]) < 0.1 * abs(attack_db)


@pytest.mark.parametrize("sustain_db", [-6.0, 6.0])
def test_tails_change_and_attacks_stay(sustain_db: float) -> None:
    settings = TransientShaper(sustain_db=sustain_db)
    before, after = (parts_db(s) for s in (hits(), shape_transients(hits(), settings)))
    assert (after[1] - before[1]) / sustain_db > 0.3
    assert abs(after[0] - before[0]) < 0.1 * abs(sustain_db)


def test_soft_hits_are_shaped_as_loud_ones() -> None:
    """There is no threshold; 40 dB lower the gain is the same within 0.1 dB, as long as it is far above the floor."""
    settings = TransientShaper(attack_db=6)
    soft = Audio(hits().samples * np.float32(0.01), RATE_HZ)
    loud_db, soft_db = (parts_db(shape_transients(s, settings)) for s in (hits(), soft))
    assert loud_db[0] - soft_db[0] == pytest.approx(40, abs=0.1)


@pytest.mark.parametrize("frequency_hz", [40.0, 100.0, 1000.0])
def test_a_steady_tone_is_left_alone(frequency_hz: float) -> None:
    """The wave itself is neither attack nor tail, down to the lowest notes of a bass."""
    audio = sine(frequency_hz=frequency_hz, peak_db=-12, duration_s=1)
    out = shape_transients(audio, TransientShaper(attack_db=12, sustain_db=12))
    late = slice(RATE_HZ // 2, None)
    np.testing.assert_allclose(out.samples[0, late], audio.samples[0, late], atol=1e-6)


@pytest.mark.parametrize("settings", [TransientShaper(), TransientShaper(attack_db=6, mix=0)])
def test_neutral_settings_return_the_input_bytes(settings: TransientShaper) -> None:
    audio = noise(duration_s=0.1, channels=2)
    assert is_neutral(settings)
    assert np.array_equal(shape_transients(audio, settings).samples, audio.samples)
