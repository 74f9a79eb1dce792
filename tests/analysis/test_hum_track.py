"""A hum followed in phase: frequency, lines, how much of it is left after subtraction, and where there is none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy import signal

from tests.sounds import drums, noise, pink_noise, silence, sine
from tonmeister.analysis.hum_amplitudes import CELL_S, first_weights, fit_amplitudes, smooth_bends
from tonmeister.analysis.hum_track import HumTrack, track_hum
from tonmeister.audio import Audio

RATE_HZ = 48_000
DURATION_S = 20.0


def hum(frequency_hz: float, *, drift: float = 0.0, lines: int = 6, level: float = 0.003) -> np.ndarray:
    time = np.arange(round(DURATION_S * RATE_HZ)) / RATE_HZ
    turns = np.cumsum(frequency_hz * (1 + drift * np.sin(2 * np.pi * time / 9))) / RATE_HZ
    return np.asarray(sum(level / k * np.cos(2 * np.pi * k * turns + k) for k in range(1, lines + 1)))


def rebuilt(track: HumTrack, frames: int) -> np.ndarray:
    """Return the hum that a track describes, by its own definition."""
    time = np.arange(frames) / RATE_HZ
    turns = track.frequency_hz * time + np.interp(
        time, np.arange(len(track.phase_turns)) * track.knot_s, track.phase_turns
    )
    total = np.zeros(frames)
    for line in track.lines:
        knots = np.arange(line.values.shape[1]) * line.knot_s
        value = np.interp(time, knots, line.values[0].real) + 1j * np.interp(time, knots, line.values[0].imag)
        total += (value * np.exp(2j * np.pi * line.multiple * turns)).real
    return total


@pytest.mark.parametrize(("frequency_hz", "drift"), [(50.0, 0.0), (60.0, 0.0005), (49.3, 0.001)])
def test_a_hum_under_drums_is_followed(frequency_hz: float, drift: float) -> None:
    """25 dB is the bar of repair; the hum lies 35 dB below the drums' peaks, a beat is silent for half its length.

    A drift needs some of its periods: the last second of twelve was lost, not that of twenty.
    """
    music = drums(duration_s=DURATION_S).samples[0]
    planted = hum(frequency_hz, drift=drift)
    track = track_hum(Audio((music + planted)[None].astype(np.float32), RATE_HZ))
    assert track is not None
    assert track.frequency_hz == pytest.approx(frequency_hz, abs=0.1)
    assert [line.multiple for line in track.lines][:6] == [1, 2, 3, 4, 5, 6]
    left = planted - rebuilt(track, planted.size)
    assert 10 * np.log10(np.mean(left**2) / np.mean(planted**2)) < -25
    assert track.level_dbfs == pytest.approx(10 * np.log10(np.mean(planted**2)), abs=0.5)


def test_a_hum_under_a_roar_is_followed_from_pause_to_pause() -> None:
    """15 s of noise 9 dB over the hum (up to 700 Hz) between 2 and 3 s without; one step after the other lost it there (-12 dB)."""
    roar = noise(rms_db=-26, duration_s=DURATION_S).samples[0].astype(np.float64)
    roar = signal.sosfilt(signal.butter(2, (35, 700), "bandpass", fs=RATE_HZ, output="sos"), roar)
    roar[: 2 * RATE_HZ] = roar[17 * RATE_HZ :] = 0
    planted = hum(50.0, drift=0.0005)
    track = track_hum(Audio((roar + planted)[None].astype(np.float32), RATE_HZ))
    assert track is not None
    left = planted - rebuilt(track, planted.size)
    assert 10 * np.log10(np.mean(left**2) / np.mean(planted**2)) < -20


def test_both_channels_have_their_own_levels() -> None:
    planted = hum(50.0)
    both = np.stack([planted, -0.25 * planted]) + noise(rms_db=-60, duration_s=DURATION_S, channels=2).samples
    track = track_hum(Audio(both.astype(np.float32), RATE_HZ))
    assert track is not None
    ratio = track.lines[0].values[1].mean() / track.lines[0].values[0].mean()
    assert ratio == pytest.approx(-0.25, abs=0.02)


@pytest.mark.parametrize(
    "audio",
    [
        silence(duration_s=8),
        pink_noise(duration_s=8),
        drums(duration_s=8),
        sine(frequency_hz=440, duration_s=8),
        noise(duration_s=1),
        Audio(np.zeros((1, 0), np.float32), RATE_HZ),
    ],
    ids=["silence", "noise", "drums", "tone", "short", "empty"],
)
def test_where_there_is_none_none_is_found(audio: Audio) -> None:
    assert track_hum(audio) is None


@given(stiff=st.floats(0.01, 1e4), order=st.integers(1, 3), seed=st.integers(0, 9))
@hypothesis_settings(max_examples=20, deadline=None)
def test_smoothing_of_bends_solves_its_equations(stiff: float, order: int, seed: int) -> None:
    """Against the dense matrix; 1e-7 of the condition of the stiffest."""
    rng = np.random.default_rng(seed)
    values, weight = rng.standard_normal(30), rng.uniform(0.1, 2, 30)
    differences = np.diff(np.eye(30), order, axis=0)
    wanted = np.linalg.solve(np.diag(weight) + stiff * differences.T @ differences, weight * values)
    assert smooth_bends(values, weight, stiff, order) == pytest.approx(wanted, abs=1e-7)


@pytest.mark.parametrize("wandering", [0.003, 0.3])
def test_amplitudes_solve_their_equations(wandering: float) -> None:
    """The last of the reweighted rounds, against the dense matrix of its weights, line by line."""
    rng = np.random.default_rng(5)
    beats = (1 + 0.3 * rng.standard_normal((2, 3, 80))).view(np.complex128)
    noise, sounding = rng.uniform(0.01, 0.1, beats.shape), np.arange(40) % 7 > 0
    start = first_weights(beats, noise, sounding)
    amplitude, weight = start * 0, start
    for _ in range(4):
        size = np.abs((weight * beats).sum(axis=2) / weight.sum(axis=2)) + 1e-9
        stiff = 1 / (np.square(wandering * size) * CELL_S)
        amplitude = np.array(
            [[_dense(*one) for one in zip(*rows, strict=True)] for rows in zip(beats, weight, stiff, strict=True)]
        )
        left = np.pad(np.square(np.abs(beats - amplitude)), ((0, 0), (0, 0), (2, 2)), mode="edge")
        left = np.lib.stride_tricks.sliding_window_view(left, 5, axis=2).mean(axis=3)
        weight = np.where(sounding, 1 / (noise + left), 1e-12)
    found, final = fit_amplitudes(beats, start, noise, sounding, wandering)
    assert found == pytest.approx(amplitude, abs=1e-9)
    assert final == pytest.approx(weight, rel=1e-9)


def _dense(values: np.ndarray, weight: np.ndarray, stiff: float) -> np.ndarray:
    differences = np.diff(np.eye(values.size), axis=0)
    return np.linalg.solve(np.diag(weight) + stiff * differences.T @ differences, weight * values)
