"""Beats and bars of onset curves whose beats are known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.structure import hit_f
from tonmeister.analysis.bars import BarCurves, find_bars, prefers_off_beats
from tonmeister.analysis.beats import between_beats, combine_onsets, find_beats

Floats = NDArray[np.float64]


def onsets_at(times_s: Floats, heights: Floats | float, *, duration_s: float) -> Floats:
    curve = np.zeros(round(duration_s * 100))
    at = np.round(times_s * 100).astype(int)
    np.add.at(curve, at[at < curve.size], np.broadcast_to(heights, times_s.shape)[at < curve.size])
    return curve


def drum_pattern(beats_s: Floats, *, duration_s: float) -> Floats:
    """Onsets on every beat and weaker ones halfway, as a hi-hat plays."""
    half = (beats_s[:-1] + beats_s[1:]) / 2
    return onsets_at(beats_s, 18.0, duration_s=duration_s) + onsets_at(half, 6.0, duration_s=duration_s)


@pytest.mark.parametrize("bpm", [72.0, 90.0, 100.5, 120.0, 133.3, 150.0, 174.0])
def test_a_steady_pulse_has_its_tempo_and_a_straight_grid(bpm: float) -> None:
    """A beat is right within 70 ms (mir_eval); a grid of 60 s averages the 10 ms steps away: 0.1 %."""
    beats = np.arange(0.2, 59, 60 / bpm)
    found = find_beats(drum_pattern(beats, duration_s=60), with_drums=True)
    assert found is not None
    assert found.is_steady
    assert found.bpm == pytest.approx(bpm, rel=1e-3)
    assert hit_f(found.times_s, beats, window_s=0.03) > 0.97


def test_a_change_of_tempo_is_followed() -> None:
    """From 110 to 121 beats per minute within a bar, then on; the first beats after a change may be off."""
    gaps = np.concatenate([np.full(50, 60 / 110), np.linspace(60 / 110, 60 / 121, 4), np.full(60, 60 / 121)])
    beats = 0.3 + np.cumsum(gaps)
    found = find_beats(drum_pattern(beats, duration_s=float(beats[-1]) + 0.5), with_drums=True)
    assert found is not None
    assert not found.is_steady
    inside = found.times_s[found.times_s > beats[0] - 0.1]
    assert hit_f(inside, beats, window_s=0.07) > 0.95


@pytest.mark.parametrize("jitter_s", [0.005, 0.012])
def test_human_timing_is_forgiven(jitter_s: float) -> None:
    """Players are some milliseconds off; the beats stay on the line."""
    beats = np.arange(0.4, 59, 0.6)
    played = beats + np.random.default_rng(1).normal(0, jitter_s, beats.size)
    found = find_beats(drum_pattern(played, duration_s=60), with_drums=True)
    assert found is not None
    assert hit_f(found.times_s[found.times_s > 0.2], beats, window_s=0.04) > 0.95


def test_silence_and_very_short_sounds_have_no_beat() -> None:
    """None is an answer."""
    assert find_beats(np.zeros(3000)) is None
    assert find_beats(np.ones(100)) is None
    short = find_beats(drum_pattern(np.arange(0.3, 3.9, 0.5), duration_s=4))
    assert short is None or short.times_s.size < 20
    assert find_beats(combine_onsets([])) is None


def bar_curves(beats_s: Floats, downbeats: NDArray[np.bool_], *, duration_s: float) -> BarCurves:
    low = onsets_at(beats_s[downbeats], 15.0, duration_s=duration_s)
    rms = np.full(round(duration_s * 100), 0.1, np.float32)
    chroma = np.zeros((round(duration_s * 8), 12))
    number = np.clip(np.searchsorted(beats_s[downbeats], np.arange(len(chroma)) / 8, "right"), 0, None)
    chroma[np.arange(len(chroma)), (number * 5) % 12] = 1.0
    return BarCurves(
        onsets_at(beats_s, 15.0, duration_s=duration_s), low, np.zeros(rms.size), [rms], chroma, np.zeros((0, 12))
    )


@pytest.mark.parametrize("beats_per_bar", [3, 4])
@pytest.mark.parametrize("first", [0, 1, 2])
def test_bars_begin_where_chords_change_and_kicks_fall(beats_per_bar: int, first: int) -> None:
    """In three and in four, whichever beat the file begins on."""
    beats = np.arange(0.25, 60, 0.5)
    downbeats = np.arange(beats.size) % beats_per_bar == first
    found = find_bars(beats, bar_curves(beats, downbeats, duration_s=61))
    assert found.beats_per_bar == beats_per_bar
    assert found.first_beats.tolist() == np.flatnonzero(downbeats).tolist()
    assert found.confidence > 0.5


def test_a_bar_of_two_beats_between_shifts_the_bars_after_it() -> None:
    """A shift has its price, and thirty bars on either side pay it."""
    beats = np.arange(0.25, 122, 0.5)
    downbeats = np.zeros(beats.size, bool)
    downbeats[0:120:4] = True
    downbeats[122::4] = True
    downbeats[120] = True
    found = find_bars(beats, bar_curves(beats, downbeats, duration_s=123))
    assert np.isin(np.flatnonzero(downbeats)[32:], found.first_beats).mean() > 0.95
    assert np.isin(np.flatnonzero(downbeats)[:28], found.first_beats).mean() > 0.95


def test_off_beats_are_told_by_chords_that_change_on_the_beat() -> None:
    """As loud on the off-beat as on it, but chords and kicks are on the beat."""
    beats = np.arange(0.25, 60, 0.5)
    curves = bar_curves(beats, np.arange(beats.size) % 4 == 0, duration_s=61)
    even = BarCurves(
        onsets_at(np.arange(0.25, 60, 0.25), 15.0, duration_s=61), curves.low_onsets, curves.drum_low, curves.rms, curves.chroma, curves.bass
    )  # fmt: skip
    off_beats = beats[:-1] + 0.25
    assert prefers_off_beats(off_beats, beats, even)
    assert not prefers_off_beats(beats, off_beats, even)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_between_few_beats_there_are_fewer(count: int) -> None:
    """A file of a second or two has no beat to carry on."""
    assert between_beats(np.arange(count, dtype=np.float64) * 0.5, 0.2).size <= count
