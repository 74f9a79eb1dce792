"""Values between samples: against the sinc sum in float64 and against tones whose peak is known."""

import numpy as np
import pytest

from tonmeister.processing.interpolation import design_phases, find_peaks, refine_peaks

PHASES = design_phases(factor=4, taps=24, beta=6.0)
FINE = design_phases(factor=8, taps=64, beta=9.0)


def test_every_filter_passes_dc_and_its_mirror_is_the_other_side() -> None:
    np.testing.assert_allclose(PHASES.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(PHASES[0], PHASES[2][::-1], atol=1e-7)


def test_peaks_are_the_largest_points_of_each_frame() -> None:
    """Float32 sums of 24 products: 1e-6 of a unit."""
    x = np.random.default_rng(0).standard_normal((2, 300)).astype(np.float32)
    peaks = np.empty(200, np.float32)
    find_peaks(x, 40, PHASES, 0.01, peaks)
    for i in range(200):
        window = x[:, 40 + i - 11 : 40 + i + 13].astype(np.float64)
        between = np.abs(PHASES.astype(np.float64) @ window.T).max()
        assert peaks[i] == pytest.approx(max(between, np.abs(x[:, 40 + i]).max()), abs=1e-5)


def test_what_cannot_pass_the_limit_is_not_looked_at() -> None:
    x = np.random.default_rng(0).uniform(-0.1, 0.1, (1, 300)).astype(np.float32)
    peaks = np.empty(200, np.float32)
    find_peaks(x, 40, PHASES, 0.9, peaks)
    assert np.array_equal(peaks, np.abs(x[0, 40:240]))


@pytest.mark.parametrize("frequency", [1 / 4, 1 / 5.1, 0.35, 0.4])
@pytest.mark.parametrize("phase", [0.0, 0.4, np.pi / 4])
def test_the_refined_peak_of_a_tone_is_its_amplitude(frequency: float, phase: float) -> None:
    """0.02 dB (0.23 %): the passband ripple of the 64-tap filter and the parabola's error at 8x."""
    x = np.sin(2 * np.pi * frequency * np.arange(500) + phase).astype(np.float32)[None]
    peaks = np.empty(300, np.float32)
    find_peaks(x, 100, PHASES, 0.5, peaks)
    refine_peaks(x, 100, FINE, 0.5, peaks)
    assert peaks.max() == pytest.approx(1, abs=0.0023)
