"""From what is found to the settings that mend it."""

import numpy as np
import pytest

from tests.sounds import drums, noise, sine
from tonmeister.audio import Audio
from tonmeister.engineer import damage
from tonmeister.processing.dehum import dehum

RATE_HZ = 48_000
CLEAN = drums(duration_s=10)


def test_clean_sound_needs_nothing() -> None:
    prepare = (
        damage.prepare_dehum, damage.prepare_declick, damage.prepare_declip, damage.prepare_remove_dc, damage.prepare_unwow,
        damage.prepare_azimuth, damage.prepare_mouth_declick,
    )  # fmt: skip
    assert [one(CLEAN) for one in prepare] == [None] * len(prepare)


def test_a_hum_becomes_what_subtracts_it() -> None:
    time = np.arange(CLEAN.frames) / RATE_HZ
    hum = sum(0.002 / k * np.cos(2 * np.pi * 50.1 * k * time) for k in range(1, 6))  # no multiple of the beat
    hurt = Audio((CLEAN.samples + hum).astype(np.float32), RATE_HZ)
    settings = damage.prepare_dehum(hurt)
    assert settings is not None
    left = dehum(hurt, settings).samples - CLEAN.samples
    assert 10 * np.log10(np.mean(left**2) / np.mean(np.square(hum))) < -25


def test_few_clicks_are_left_alone_and_many_are_not() -> None:
    """Six a minute is the limit: one in twelve seconds is less, twelve are more."""
    tone = sine(frequency_hz=330, duration_s=12).samples + noise(rms_db=-70, duration_s=12).samples
    one, many = tone.copy(), tone.copy()
    one[0, 200_000] += 0.2
    many[0, 20_000::45_000] += np.float32(0.2)
    assert damage.prepare_declick(Audio(one, RATE_HZ)) is None
    settings = damage.prepare_declick(Audio(many, RATE_HZ))
    assert settings is not None
    assert len(settings.regions) == 13


def test_an_offset_is_measured_where_there_is_sound() -> None:
    sound = CLEAN.samples + np.float32(0.01)
    sound[:, : 2 * RATE_HZ] = 0
    settings = damage.prepare_remove_dc(Audio(sound, RATE_HZ))
    assert settings is not None
    assert settings.offsets == pytest.approx((0.01,), abs=1e-3)


def test_the_tilt_of_a_tape_is_corrected_as_far_as_a_head_makes_it() -> None:
    """8 dB at 10 kHz is more than a head: 6 are taken; the delay comes as it was."""
    sound = drums(duration_s=8).samples[0]
    frequency = np.fft.rfftfreq(sound.size, 1 / RATE_HZ)
    turn = np.exp(-2j * np.pi * frequency * 3e-5) * 10 ** (
        -0.4 * np.clip(np.log10(np.maximum(frequency, 1) / 1e3), 0, 1)
    )
    right = np.fft.irfft(np.fft.rfft(sound) * turn, sound.size).astype(np.float32)
    settings = damage.prepare_azimuth(Audio(np.stack([sound, right]), RATE_HZ))
    assert settings is not None
    assert settings.tilt_db == -damage.MOST_TILT_DB
    assert settings.delay_us == pytest.approx(30, abs=1)
