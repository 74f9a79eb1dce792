"""A gap in one voice."""

import numpy as np
import pytest

from tonmeister.processing.harmonic_bridge import bridge_gap

RATE = 44_100
FIRST, LAST = 22_050, 22_050 + round(0.05 * RATE)
TIME = np.arange(RATE) / RATE


def sung(pitch_hz: float, *, vibrato: float = 0.02) -> np.ndarray:
    """Ten harmonics whose pitch swings six times a second."""
    turns = np.cumsum(pitch_hz * (1 + vibrato * np.sin(2 * np.pi * 6 * TIME))) / RATE
    return np.asarray(sum(0.2 / k * np.cos(2 * np.pi * k * turns + k) for k in range(1, 11)))


@pytest.mark.parametrize("pitch_hz", [110.0, 220.0, 440.0])
def test_a_sung_vowel_is_bridged(pitch_hz: float) -> None:
    """The issue's bar of 10 dB over silence, here with vibrato of a third of a semitone."""
    whole = sung(pitch_hz)
    hurt = whole.copy()
    hurt[FIRST:LAST] = 0
    told = bridge_gap(hurt, FIRST, LAST, RATE)
    assert told is not None
    truth = whole[FIRST:LAST]
    assert np.square(truth).sum() > 10 * np.square(truth - told).sum()


def test_what_is_in_the_gap_is_not_looked_at() -> None:
    whole = sung(220)
    hurt = whole.copy()
    hurt[FIRST:LAST] = 0
    seen, unseen = (bridge_gap(sound, FIRST, LAST, RATE) for sound in (whole, hurt))
    assert seen is not None
    assert unseen is not None
    assert np.array_equal(seen, unseen)


@pytest.mark.parametrize("kind", ["noise", "two notes", "silence", "onset"])
def test_what_is_not_one_voice_is_left_to_other_ways(kind: str) -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(RATE)
    onset = np.where(TIME > 0.52, sung(220), 0.0)
    sounds = {"noise": noise, "two notes": sung(220) + sung(317), "silence": np.zeros(RATE), "onset": onset}
    assert bridge_gap(sounds[kind], FIRST, LAST, RATE) is None


def test_a_sound_too_short_is_left_to_other_ways() -> None:
    assert bridge_gap(sung(220)[FIRST - 400 : LAST + 400], 400, 400 + LAST - FIRST, RATE) is None
