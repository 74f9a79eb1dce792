"""Dehum: what its numbers say is what it subtracts."""

import numpy as np
import pytest

from tests.sounds import noise
from tonmeister.audio import Audio
from tonmeister.processing.dehum import Dehum, HumLine, dehum

RATE_HZ = 48_000
FRAMES = 2 * RATE_HZ
PHASE = (0.0, 0.1, 0.15, 0.1, 0.0)


def hum(multiple: int = 3, amplitude: float = 0.1) -> np.ndarray:
    """Return a line whose phase runs along straight lines between knots half a second apart."""
    time = np.arange(FRAMES) / RATE_HZ
    turns = 50 * time + np.interp(time, np.arange(5) / 2, PHASE)
    return amplitude * np.cos(2 * np.pi * multiple * turns)


def settings(**changes: object) -> Dehum:
    line = HumLine(multiple=3, knot_s=1, cosine=((0.1, 0.1, 0.1),), sine=((0.0, 0.0, 0.0),))
    return Dehum(frequency_hz=50, knot_s=0.5, phase_turns=PHASE, lines=(line,)).model_copy(update=changes)


def test_the_hum_that_it_holds_is_taken_away() -> None:
    """Straight lines and the curve through the knots differ by up to 0.01 turns: 3 * 0.01 * 2 pi of 0.1 is 0.019."""
    music = noise(duration_s=2).samples
    out = dehum(Audio((music + hum()).astype(np.float32), RATE_HZ), settings()).samples
    assert np.abs(out - music).max() < 0.02
    assert np.std(out - music) < 0.07 * 0.1


@pytest.mark.parametrize("amount", [0.25, 0.5])
def test_an_amount_takes_that_share(amount: float) -> None:
    music = noise(duration_s=2).samples
    full = music - dehum(Audio(music, RATE_HZ), settings()).samples
    part = music - dehum(Audio(music, RATE_HZ), settings(amount=amount)).samples
    assert part == pytest.approx(amount * full, abs=1e-6)


def test_trim_and_polarity_scale_it() -> None:
    music = noise(duration_s=2).samples
    out = dehum(Audio(np.float32(-0.5) * music, RATE_HZ), settings(gain=-0.5)).samples
    assert out == pytest.approx(-0.5 * dehum(Audio(music, RATE_HZ), settings()).samples, abs=1e-6)


def test_digital_silence_within_stays_silent_and_sound_beside_it_does_not() -> None:
    music = noise(duration_s=2).samples
    music[:, 30_000:60_000] = 0
    out = dehum(Audio(music, RATE_HZ), settings()).samples
    assert not out[:, 30_000:60_000].any()
    assert np.abs(out - music)[:, 29_000:30_000].max() > 0.09
    assert np.abs(out - music)[:, 60_000:61_000].max() > 0.09


def test_a_single_zero_is_no_silence() -> None:
    music = noise(duration_s=2).samples
    music[:, 30_000:30_060] = 0
    assert dehum(Audio(music, RATE_HZ), settings()).samples[:, 30_000:30_060].any()
