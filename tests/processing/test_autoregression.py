"""Autoregression: the model of a known process, the solution of the normal equations, gaps in what is predictable."""

import numpy as np
import pytest

from tonmeister.processing.autoregression import (
    fit_model,
    interpolate,
    learn_model,
    solve_missing,
    solve_positive,
    uncover,
)
from tonmeister.processing.gap_filling import solve_toeplitz

COUNT = 4000
TIME = np.arange(COUNT) / 48_000


def tones(noise: float = 0.0) -> np.ndarray:
    wave = sum(np.sin(2 * np.pi * f * TIME + f) for f in (440.0, 1130.0, 2750.0))
    return np.asarray(wave + noise * np.random.default_rng(0).standard_normal(COUNT))


def test_the_model_of_a_known_process_is_found() -> None:
    """Coefficients of 4000 samples scatter by 1 / sqrt(4000) = 0.016; three times that."""
    truth = np.array([1.0, -1.6, 0.9])
    drive = np.random.default_rng(1).standard_normal(COUNT)
    sound = np.zeros(COUNT)
    for n in range(2, COUNT):
        sound[n] = drive[n] - truth[1] * sound[n - 1] - truth[2] * sound[n - 2]
    assert fit_model([sound[:1500], sound[1500:]], 2) == pytest.approx(truth, abs=0.05)


def test_missing_samples_solve_the_normal_equations() -> None:
    """Against a dense least squares solution; the ridge of 1e-9 is the difference."""
    model = fit_model([tones(0.1)], 12)
    places = np.array([100, 101, 102, 109, 150, 151])
    window = tones(0.1)[:300]
    solved = window.copy()
    solve_missing(solved, places, model)
    rows = np.array([np.convolve(np.eye(300)[n], model)[: 300 + 12] for n in range(300)]).T
    known = np.delete(np.arange(300), places)
    wanted, *_ = np.linalg.lstsq(rows[:, places], -rows[:, known] @ window[known], rcond=None)
    assert solved[places] == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("length", [4, 40, 400])
def test_a_gap_in_tones_is_filled(length: int) -> None:
    """Three tones in noise 60 dB down are foretold to 40 dB by a model of 100 coefficients."""
    sound, missing = tones(1e-3), np.zeros(COUNT, np.bool_)
    missing[2000 : 2000 + length] = True
    filled = np.where(missing, 9.0, sound)
    interpolate(filled, missing, order=100, rounds=2)
    assert np.abs(filled - sound)[missing].max() < 1e-2 * np.abs(sound).max() * max(1, length / 40)
    assert np.array_equal(filled[~missing], sound[~missing])


def test_silence_is_filled_with_silence() -> None:
    window, missing = np.zeros(1000), np.zeros(1000, np.bool_)
    missing[500:510] = True
    window[500:510] = 1
    interpolate(window, missing, order=20, rounds=2)
    assert not window.any()


def test_what_is_heard_under_a_noise_counts_by_its_power() -> None:
    """Tones under 30 samples of noise: a noise of no power leaves them as they are, a known one brings them 10 dB nearer."""
    clean = tones(0.001)
    lost = np.zeros(COUNT, np.bool_)
    lost[2000:2030] = True
    hurt = clean + 0.3 * np.random.default_rng(2).standard_normal(COUNT) * lost
    learnt = learn_model(hurt, lost, order=40)
    assert learnt is not None
    out = uncover(hurt, lost, np.full(COUNT, 0.09), learnt)
    assert np.array_equal(out[~lost], hurt[~lost])
    assert np.square(out - clean).sum() < 0.1 * np.square(hurt - clean).sum()
    still = uncover(clean, lost, np.zeros(COUNT), learnt)
    assert still == pytest.approx(clean, abs=0.01)


def test_silence_around_a_noise_has_no_model() -> None:
    lost = np.zeros(COUNT, np.bool_)
    lost[2000:2030] = True
    assert learn_model(np.where(lost, 0.3, 0.0), lost, order=40) is None


def test_a_toeplitz_system_is_solved_as_a_dense_one() -> None:
    column = 0.8 ** np.arange(60.0)
    right = np.random.default_rng(3).standard_normal(60)
    dense = column[np.abs(np.subtract.outer(np.arange(60), np.arange(60)))]
    assert solve_toeplitz(column, right) == pytest.approx(np.linalg.solve(dense, right), rel=1e-9)


@pytest.mark.parametrize("band", [3, 40])
def test_a_banded_system_is_solved_as_by_lapack(band: int) -> None:
    """Within 1e-9: both lose 1e-16 times the condition of the system, which is below 1e4 here."""
    count, rng = 40, np.random.default_rng(2)
    half = np.tril(np.triu(rng.standard_normal((count, count))), band - 1) + 3 * np.eye(count)
    matrix, right = half.T @ half, rng.standard_normal(count)
    matrix[np.abs(np.subtract.outer(np.arange(count), np.arange(count))) >= band] = 0
    matrix += band * np.eye(count)
    told = right.copy()
    solve_positive(np.triu(matrix), told, np.minimum(np.arange(count) + band, count))
    assert told == pytest.approx(np.linalg.solve(matrix, right), rel=1e-9)
