"""Mouth clicks are what looks like one and rings like one."""

import numpy as np
import pytest

from tests.sounds import noise, sine
from tonmeister.analysis.mouth_clicks import find_mouth_moments
from tonmeister.audio import Audio
from tonmeister.engineer.mouth_clicks import Known, describe_shares, find_mouth_clicks, is_click

RATE_HZ = 48_000
STARTS = (20_000, 50_000, 80_000)


def voice(burst: np.ndarray) -> Audio:
    sound = sine(frequency_hz=150, peak_db=-12, duration_s=2).samples + noise(rms_db=-75, duration_s=2).samples
    for start in STARTS:
        sound[0, start : start + burst.size] += burst.astype(np.float32)
    return Audio(sound, RATE_HZ)


def ringing() -> np.ndarray:
    time = np.arange(240) / RATE_HZ
    return np.asarray(0.02 * np.exp(-time / 4e-4) * np.sin(2 * np.pi * 3300 * time))


def hiss() -> np.ndarray:
    return np.random.default_rng(4).normal(0, 0.006, 150) * np.hanning(150)


def test_ringings_are_clicks() -> None:
    found = find_mouth_clicks(voice(ringing()))
    assert [moment.start_s * RATE_HZ for moment in found] == pytest.approx(STARTS, abs=30)


def test_ringings_are_explained_and_hisses_are_not() -> None:
    shares = []
    for burst in (ringing(), hiss()):
        audio = voice(burst)
        shares.append(describe_shares(audio, find_mouth_moments(audio, least_score=-3)))
    assert min(shares[0]) > 0.95
    assert len(shares[1]) > 0
    assert max(shares[1]) < 0.8


def test_what_is_known_is_not_judged_again_but_where_the_sound_has_changed() -> None:
    known: Known = {}
    audio = voice(ringing())
    found = find_mouth_clicks(audio, known=known)
    judged = len(known)
    assert find_mouth_clicks(audio, known=known) == found
    assert len(known) == judged
    other = audio.samples.copy()
    other[0, STARTS[0] : STARTS[0] + 150] += hiss().astype(np.float32)
    assert find_mouth_clicks(Audio(other, RATE_HZ), known=known) == find_mouth_clicks(Audio(other, RATE_HZ))
    assert len(known) > judged


def test_what_looks_less_like_a_click_must_ring_the_more() -> None:
    assert is_click(3.0, 0.8)
    assert not is_click(-2.0, 0.8)
    assert is_click(-2.0, 0.98)
    assert not is_click(10.0, 0.0)


def test_two_clicks_in_silence_do_not_hide_each_other() -> None:
    """The second is taken for what the first begins until it is found itself, and a model learnt from one foretells the other."""
    sound = voice(ringing()).samples.copy()
    sound[0, 60_000:70_000] = 0
    sound[0, 64_000:64_240] += ringing().astype(np.float32)
    sound[0, 64_500:64_740] += 0.2 * ringing().astype(np.float32)
    starts = [round(moment.start_s * RATE_HZ) for moment in find_mouth_clicks(Audio(sound, RATE_HZ))]
    assert [start for start in starts if 60_000 < start < 70_000] == pytest.approx([64_000, 64_500], abs=30)
