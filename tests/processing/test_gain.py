"""Gain and polarity."""

import numpy as np
import pytest

from tests.sounds import noise
from tonmeister.processing.gain import Gain, apply_gain, is_neutral


@pytest.mark.parametrize(("gain_db", "inverted"), [(6.0, False), (-3.0, True), (0.0, True)])
def test_it_multiplies(gain_db: float, inverted: bool) -> None:  # noqa: FBT001  # a parameter of the table above
    """A float32 product of a float32 gain is right to 1.2e-7."""
    audio = noise(duration_s=0.1, channels=2)
    wanted = audio.samples.astype(np.float64) * 10 ** (gain_db / 20) * (-1 if inverted else 1)
    got = apply_gain(audio, Gain(gain_db=gain_db, inverted=inverted))
    assert np.allclose(got.samples, wanted, rtol=2e-7, atol=0)


def test_no_gain_returns_the_same_bytes_and_inverting_twice_does_too() -> None:
    audio = noise(duration_s=0.1)
    assert is_neutral(Gain())
    assert not is_neutral(Gain(inverted=True))
    assert apply_gain(audio, Gain()).samples.tobytes() == audio.samples.tobytes()
    over = Gain(inverted=True)
    assert apply_gain(apply_gain(audio, over), over).samples.tobytes() == audio.samples.tobytes()
