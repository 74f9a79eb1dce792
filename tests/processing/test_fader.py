"""Fader and pan curves against NumPy."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.sounds import noise
from tonmeister.processing.fader import Curve, fade, fade_pan, gain_curve, is_silent_over, plain_curve

FRAMES = 20_000
POINTS = np.array([100.0, 2500.5, 2600.25, 9000.0, 9001.0, 15_000.0])
VALUES_DB = np.array([-12.0, 3.0, -60.0, -6.0, -6.0, 0.0])
PANS = np.array([-1.0, 0.0, 1.0, 0.3, 0.3, -0.7])
UNITY = gain_curve([0], [0.0])
CENTRE = plain_curve([0], [0.0])


def reference_gain(law: str, at: np.ndarray) -> np.ndarray:
    """The definition of the three laws."""
    if law == "linear_db":
        return np.asarray(10 ** (np.interp(at, POINTS, VALUES_DB) / 20))
    if law == "linear_gain":
        return np.asarray(np.interp(at, POINTS, 10 ** (VALUES_DB / 20)))
    held = np.maximum(np.searchsorted(POINTS, at, side="right") - 1, 0)
    return np.asarray(10 ** (VALUES_DB[held] / 20))


@pytest.mark.parametrize("law", ["hold", "linear_gain", "linear_db"])
@pytest.mark.parametrize("start_frame", [-500, 0, 2400, 14_990])
def test_a_curve_follows_its_law_to_the_sample(law: str, start_frame: int) -> None:
    """1e-10 is twenty times the error of the series, and -200 dB."""
    curve = gain_curve(POINTS, VALUES_DB, law=law)  # type: ignore[arg-type]  # the parameters are the laws
    at = np.arange(start_frame, start_frame + 8000)
    assert np.allclose(curve.at(start_frame, 8000), reference_gain(law, at), rtol=1e-10, atol=0)


@pytest.mark.parametrize("channels", [1, 2])
def test_pan_is_constant_power_for_mono_and_balance_for_stereo(channels: int) -> None:
    """Sine and cosine of NumPy; float32 gains are right to 6e-8, and so are products."""
    audio = noise(duration_s=FRAMES / 48_000, channels=channels)
    at = np.arange(FRAMES)
    angle = (np.interp(at, POINTS, PANS) + 1) * np.pi / 4
    sides = np.stack([np.cos(angle), np.sin(angle)])
    if channels == 2:
        sides = np.minimum(1.0, sides * np.sqrt(2))
    wanted = audio.samples * sides * reference_gain("linear_db", at)
    pan = plain_curve(POINTS, PANS)
    got = fade_pan(audio.samples, start_frame=0, gains=(gain_curve(POINTS, VALUES_DB),), pan=pan)
    assert np.allclose(got, wanted, rtol=3e-7, atol=1e-9)


def test_the_centre_is_minus_3_db_for_mono_and_nothing_for_stereo() -> None:
    """Constant power: 10 log10(1/2); 1e-6 is float32."""
    mono, stereo = (noise(duration_s=0.01, channels=channels).samples for channels in (1, 2))
    panned = fade_pan(mono, start_frame=0, gains=(UNITY,), pan=CENTRE)
    assert np.allclose(panned, mono * np.sqrt(0.5), rtol=1e-6)
    assert np.array_equal(panned[0], panned[1])
    assert fade_pan(stereo, start_frame=0, gains=(UNITY,), pan=CENTRE).tobytes() == stereo.tobytes()
    assert fade(stereo, start_frame=7, gains=()).tobytes() == stereo.tobytes()
    hard_left = fade_pan(mono, start_frame=0, gains=(), pan=plain_curve([0], [-1.0]))
    assert hard_left[0].tobytes() == mono[0].tobytes()
    assert not hard_left[1].any()


def curves() -> st.SearchStrategy[Curve]:
    """Gain curves of every law, some of them constant in parts."""
    values = st.lists(st.sampled_from([-130.0, -6.0, 0.0, 3.3]), min_size=1, max_size=5)

    def build(values_db: list[float], law: str, scale: float) -> Curve:
        return gain_curve(np.arange(len(values_db)) * scale, values_db, law=law)  # type: ignore[arg-type]  # as above

    return st.builds(build, values, st.sampled_from(["hold", "linear_gain", "linear_db"]), st.floats(1, 5000))


@given(
    gains=st.lists(curves(), max_size=3),
    pan=curves(),
    cuts=st.lists(st.integers(0, FRAMES), max_size=6),
    channels=st.sampled_from([1, 2]),
    start=st.integers(-1000, 10_000),
)
@hypothesis_settings(max_examples=60)
def test_cuts_never_change_a_byte(gains: list[Curve], pan: Curve, cuts: list[int], channels: int, start: int) -> None:
    block = noise(duration_s=FRAMES / 48_000, channels=channels).samples
    whole = fade_pan(block, start_frame=start, gains=gains, pan=pan)
    faded = fade(block, start_frame=start, gains=gains)
    edges = [0, *sorted(cuts), FRAMES]
    for a, b in pairwise(edges):
        piece = np.ascontiguousarray(block[:, a:b])
        assert np.array_equal(fade_pan(piece, start_frame=start + a, gains=gains, pan=pan), whole[:, a:b])
        assert np.array_equal(fade(piece, start_frame=start + a, gains=gains), faded[:, a:b])


def test_it_can_write_in_place_and_into_a_given_buffer() -> None:
    block = noise(duration_s=0.1, channels=2).samples
    pan, gains = plain_curve(POINTS, PANS), (gain_curve(POINTS, VALUES_DB),)
    wanted, out = fade_pan(block, start_frame=0, gains=gains, pan=pan), np.empty_like(block)
    assert fade_pan(block, start_frame=0, gains=gains, pan=pan, out=out) is out
    fade_pan(block, start_frame=0, gains=gains, pan=pan, out=block)
    assert np.array_equal(out, wanted)
    assert np.array_equal(block, wanted)


def test_off_is_off_and_known_to_be() -> None:
    off = gain_curve([0, 1000, 2000], [-120.0, -150.0, 0.0])
    assert is_silent_over((UNITY, off), 0, 1000)
    assert not is_silent_over((UNITY, off), 0, 1500)
    assert not is_silent_over((UNITY,), 0, 10)
    assert not fade(np.ones((1, 1001), np.float32), start_frame=0, gains=(off,)).any()
