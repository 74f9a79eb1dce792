"""Tempos and grids that were planted, and those of real songs."""

import numpy as np
import pytest

from tonmeister.analysis.tempo import Tempo, measure_tempo


def onsets(bpm: float, *, duration_s: float = 60, phase_s: float = 0.0, seed: int = 0) -> list[np.ndarray]:
    """Return the onset curves of a kick on 1 and 3, a snare on 2 and 4, hats in eighths with misses, and a free voice."""
    rng, steps, beat = np.random.default_rng(seed), round(duration_s * 100), 60 / bpm
    curves = [np.zeros(steps, np.float32) for _ in range(4)]
    for number, start in enumerate(np.arange(phase_s, duration_s, beat / 2)):
        step = min(steps - 1, int(start * 100 + rng.normal(0, 0.3)))
        curves[2][step] = rng.choice([0, 12, 15])
        if number % 2 == 0:
            curves[0 if number % 4 == 0 else 1][step] = 25
        if number % 8 == 0:
            curves[3][step] = 20
    curves[3][rng.integers(0, steps, 60)] = 10
    return curves


@pytest.mark.parametrize("bpm", [85, 97.3, 120, 128, 150])
def test_a_planted_tempo_is_found(bpm: float) -> None:
    """0.1 % over 60 s is 60 ms at the end; half or double would fail."""
    tempo = measure_tempo(onsets(bpm))
    assert tempo is not None
    assert tempo.bpm == pytest.approx(bpm, rel=1e-3)


@pytest.mark.parametrize("bpm", [63, 72, 174, 190])
def test_a_slow_or_fast_tempo_may_be_felt_an_octave_nearer_to_120(bpm: float) -> None:
    """Onsets alone do not tell 174 from 87: both grids lie on beats."""
    tempo = measure_tempo(onsets(bpm))
    assert tempo is not None
    assert min(abs(tempo.bpm / bpm / octave - 1) for octave in (0.5, 1, 2)) < 1e-3


@pytest.mark.parametrize("phase_s", [0.0, 0.13, 0.4])
def test_the_grid_lies_on_the_beats(phase_s: float) -> None:
    """One step of 10 ms either way."""
    tempo = measure_tempo(onsets(120, phase_s=phase_s))
    assert tempo is not None
    assert tempo.first_beat_s == pytest.approx(phase_s, abs=0.0151)


def test_the_bar_begins_where_most_comes_together() -> None:
    """Kick, hat and voice on the one."""
    tempo = measure_tempo(onsets(120, phase_s=0.2))
    assert tempo is not None
    assert tempo.first_bar_s == pytest.approx(0.2, abs=0.0151)
    assert tempo.bar_confidence > 0


def test_onsets_without_a_beat_have_no_tempo() -> None:
    """Random onsets: nothing repeats."""
    rng = np.random.default_rng(3)
    curve = np.zeros(6000, np.float32)
    curve[rng.integers(0, 6000, 200)] = 15
    assert measure_tempo([curve]) is None


@pytest.mark.parametrize("curves", [[], [np.zeros(3000, np.float32)], [np.full(200, 9, np.float32)]])
def test_silence_and_short_sounds_have_no_tempo(curves: list[np.ndarray]) -> None:
    """Six seconds are the least."""
    assert measure_tempo(curves) is None


def test_a_bar_is_four_beats() -> None:
    """At 120 a beat lasts half a second."""
    tempo = Tempo(bpm=120, first_beat_s=0, first_bar_s=0, confidence=1, bar_confidence=1)
    assert (tempo.beat_s, tempo.bar_s) == (0.5, 2.0)
