"""Filter design against its analogue prototypes and scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from tonmeister.processing.band import Band, Shape
from tonmeister.processing.filter_design import (
    analogue_magnitude,
    design_band,
    design_rbj,
    design_sections,
    magnitude_db,
    sections_magnitude_db,
)

CENTRES_HZ = (20, 50, 500, 2000, 5000, 8000, 12_000, 16_000, 20_000, 23_000)
WITH_GAIN: tuple[Shape, ...] = ("peak", "low_shelf", "high_shelf")


def error_db(band: Band, rate_hz: int) -> float:
    """Largest deviation from the analogue curve up to 0.8 Nyquist, where that lies above -40 dB."""
    frequencies = np.geomspace(10, 0.4 * rate_hz, 1500)
    wanted = analogue_magnitude(band.shape, frequencies / band.frequency_hz, gain_db=band.gain_db, q=band.q)
    got_db = magnitude_db((band,), frequencies, rate_hz)
    return float(np.max(np.abs(got_db - 20 * np.log10(np.maximum(wanted, 1e-12)))[wanted > 0.01], initial=0.0))


@pytest.mark.parametrize("shape", WITH_GAIN)
@pytest.mark.parametrize("gain_db", [-24.0, -12.0, -3.0, 3.0, 12.0, 24.0])
def test_matched_bells_and_shelves_follow_the_analogue_curve_to_0_8_nyquist(shape: Shape, gain_db: float) -> None:
    """0.3 dB is the bar of the issue."""
    qs = (0.1, 0.4, 0.7071, 2.0, 10.0) if shape == "peak" else (0.3, 0.5, 0.7071, 1.0)
    bands = [Band(shape=shape, frequency_hz=f, q=q, gain_db=gain_db) for f in CENTRES_HZ for q in qs]
    assert max(error_db(band, 48_000) for band in bands) < 0.3


@pytest.mark.parametrize(("shape", "qs"), [("low_pass", (0.4, 0.7071, 2.0, 10.0)), ("high_pass", (0.4, 0.7071, 1.307)), ("notch", (0.4, 2.0, 10.0))])  # fmt: skip
@pytest.mark.parametrize("rate_hz", [44_100, 96_000])
def test_matched_pass_filters_and_notches_follow_the_analogue_curve(
    shape: Shape, qs: tuple[float, ...], rate_hz: int
) -> None:
    """0.3 dB is the bar of the issue; resonant high-passes above 8 kHz miss it by design."""
    centres = [f for f in CENTRES_HZ if f < 0.49 * rate_hz]
    assert max(error_db(Band(shape=shape, frequency_hz=f, q=q), rate_hz) for f in centres for q in qs) < 0.3


def test_the_rbj_bell_is_cramped_where_the_matched_one_is_not() -> None:
    """A check that the bar above can be missed at all."""
    cramped = Band(frequency_hz=16_000, q=0.7071, gain_db=12, design="rbj")
    assert error_db(cramped, 48_000) > 1


@pytest.mark.parametrize("shape", ["peak", "low_shelf", "high_shelf", "low_pass", "high_pass", "notch"])
def test_rbj_is_the_bilinear_transform_of_the_prototype(shape: Shape) -> None:
    """Equal to scipy's own bilinear transform, pre-warped; 1e-10 leaves room for rounding only."""
    a, q, warp = 10 ** (6 / 40), 1.3, np.tan(np.pi * 0.1) * 2
    prototype = {
        "peak": ([1, a / q, 1], [1, 1 / (a * q), 1]),
        "low_shelf": ([a, a * np.sqrt(a) / q, a * a], [a, np.sqrt(a) / q, 1]),
        "high_shelf": ([a * a, a * np.sqrt(a) / q, a], [1, np.sqrt(a) / q, a]),
        "low_pass": ([1], [1, 1 / q, 1]),
        "high_pass": ([1, 0, 0], [1, 1 / q, 1]),
        "notch": ([1, 0, 1], [1, 1 / q, 1]),
    }[shape]
    b, c = signal.bilinear(*signal.lp2lp(*prototype, wo=warp), fs=1)
    assert np.allclose(design_rbj(shape, frequency=0.1, gain_db=6, q=q), [*b, *c[1:]], atol=1e-10)


@pytest.mark.parametrize("shape", ["high_pass", "low_pass"])
def test_24_db_pass_filters_are_butterworth(shape: Shape) -> None:
    """The fourth-order curve 1 / (1 + r^8) in closed form, within twice the 0.3 dB of one section."""
    frequencies = np.geomspace(40, 8000, 200)
    ratio = frequencies / 1000 if shape == "low_pass" else 1000 / frequencies
    wanted_db = -10 * np.log10(1 + ratio**8)
    got_db = magnitude_db((Band(shape=shape, frequency_hz=1000, slope_db_per_octave=24),), frequencies, 48_000)
    assert np.max(np.abs(got_db - wanted_db)[wanted_db > -60]) < 0.6
    assert len(design_band(Band(shape=shape, frequency_hz=1000, slope_db_per_octave=24), 48_000)) == 2


@given(
    band=st.builds(
        Band,
        shape=st.sampled_from(["peak", "low_shelf", "high_shelf", "low_pass", "high_pass", "notch"]),
        frequency_hz=st.floats(10, 40_000),
        gain_db=st.floats(-36, 36),
        q=st.floats(0.05, 100),
        design=st.sampled_from(["matched", "rbj"]),
    ),
    rate_hz=st.sampled_from([8000, 44_100, 48_000, 192_000]),
)
def test_every_band_that_can_be_asked_for_is_stable_and_finite(band: Band, rate_hz: int) -> None:
    sections = design_sections((band,), rate_hz)
    assert np.all(np.isfinite(sections))
    for section in sections:
        assert np.all(np.abs(np.roots([1, section[3], section[4]])) < 1)


@given(gain_db=st.floats(0.1, 24), frequency_hz=st.floats(20, 20_000), q=st.floats(0.1, 10))
def test_a_cut_undoes_a_boost(gain_db: float, frequency_hz: float, q: float) -> None:
    """Both are one filter and its inverse, so 1e-6 dB is rounding."""
    both = [Band(frequency_hz=frequency_hz, gain_db=sign * gain_db, q=q) for sign in (1, -1)]
    assert np.max(np.abs(magnitude_db(tuple(both), np.geomspace(20, 20_000, 100), 48_000))) < 1e-6


def test_the_predicted_magnitude_is_that_of_scipy() -> None:
    """Equal to freqz of the same coefficients; 1e-9 dB is rounding."""
    bands = (Band(frequency_hz=300, gain_db=4), Band(shape="high_pass", frequency_hz=60, slope_db_per_octave=24))
    sections, frequencies = design_sections(bands, 48_000), np.geomspace(10, 23_000, 300)
    response = np.ones(300, dtype=complex)
    for b0, b1, b2, a1, a2 in sections:
        response *= signal.freqz([b0, b1, b2], [1, a1, a2], worN=frequencies, fs=48_000)[1]
    assert np.allclose(magnitude_db(bands, frequencies, 48_000), 20 * np.log10(np.abs(response)), atol=1e-9)
    assert np.all(sections_magnitude_db(design_sections((), 48_000), frequencies, 48_000) == 0)
