"""From the faults of a voice to the settings that mend them."""

import numpy as np
import pytest

from tests.analysis.test_damage import RATE_HZ, vowels
from tests.analysis.test_voice_faults import low_noise, with_hiss
from tests.sounds import drums
from tonmeister.audio import Audio
from tonmeister.engineer import voice_faults
from tonmeister.processing.derumble import derumble
from tonmeister.processing.extender import Extender


def test_a_clean_voice_needs_nothing() -> None:
    voice = Audio(vowels(), RATE_HZ)
    prepare = (
        voice_faults.prepare_desibilance, voice_faults.prepare_dewind, voice_faults.prepare_derumble, voice_faults.prepare_bandwidth,
    )  # fmt: skip
    assert [one(voice) for one in prepare] == [None] * len(prepare)
    assert voice_faults.prepare_derumble(drums(duration_s=6)) is None


def test_natural_consonants_stay_and_sharp_ones_come_down_to_natural() -> None:
    """The voice's vowels are at about -24 dB: hiss at -36 is natural, at -24 it is 12 dB too loud and falls by the most, 9."""
    level_db = 10 * np.log10(np.square(vowels()[0, 24_000:48_000]).mean())
    assert voice_faults.prepare_desibilance(with_hiss(level_db - 12)) is None
    settings = voice_faults.prepare_desibilance(with_hiss(level_db))
    assert settings is not None
    assert [hiss.gain_db for hiss in settings.hisses] == [-9.0] * 6


def test_the_high_pass_stays_below_the_voice() -> None:
    """It takes 20 dB and more of what is below 30 Hz."""
    rumble = low_noise(9, rms_db=-38, between_hz=(10, 30))
    settings = voice_faults.prepare_derumble(
        Audio((vowels(duration_s=9) + rumble).astype(np.float32), RATE_HZ), voice=True
    )
    assert settings is not None
    assert settings.frequency_hz == pytest.approx(55)
    left = derumble(Audio(rumble, RATE_HZ), settings).samples
    assert np.square(left).mean() < 0.01 * np.square(rumble).mean()


def test_a_narrow_recording_can_be_widened_on_request() -> None:
    settings = voice_faults.prepare_bandwidth(Audio(low_noise(3, rms_db=-20, between_hz=(50, 8000)), RATE_HZ))
    assert isinstance(settings, Extender)
    assert settings.edge_hz == pytest.approx(8000, rel=0.04)
