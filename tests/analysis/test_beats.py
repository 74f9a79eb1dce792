"""Beats and bars of onset curves whose beats are known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.structure import hit_f
from tonmeister.analysis.accents import Accents, combine_onsets, measure_accents
from tonmeister.analysis.bars import find_bars
from tonmeister.analysis.beats import find_beats
from tonmeister.analysis.pulse import carry_on, find_pulses
from tonmeister.analysis.track_meter import measure_track
from tonmeister.audio import Audio

Floats = NDArray[np.float64]


def onsets_at(times_s: Floats, heights: Floats | float, *, duration_s: float) -> Floats:
    curve = np.zeros(round(duration_s * 100))
    at = np.round(times_s * 100).astype(int)
    np.add.at(curve, at[at < curve.size], np.broadcast_to(heights, times_s.shape)[at < curve.size])
    return curve


def drum_pattern(beats_s: Floats, *, duration_s: float) -> Accents:
    """Kick and snare in turn on the beats, and weaker hits halfway, as a hi-hat plays."""
    half = (beats_s[:-1] + beats_s[1:]) / 2
    onsets = onsets_at(beats_s, 18.0, duration_s=duration_s) + onsets_at(half, 6.0, duration_s=duration_s)
    return backbeat(beats_s, onsets, duration_s=duration_s)


def backbeat(beats_s: Floats, onsets: Floats, *, duration_s: float) -> Accents:
    kick, snare = (onsets_at(beats_s[first::2], 1.0, duration_s=duration_s) for first in (0, 1))
    return Accents(onsets=onsets, low=15 * kick, kick=kick, snare=snare, kit="played")


@pytest.mark.parametrize("bpm", [72.0, 90.0, 100.5, 120.0, 133.3, 150.0, 174.0])
def test_a_steady_pulse_has_its_tempo_and_a_straight_grid(bpm: float) -> None:
    """A beat is right within 70 ms (mir_eval); a grid of 60 s averages the 10 ms steps away: 0.1 %."""
    beats = np.arange(0.2, 59, 60 / bpm)
    found = find_beats(drum_pattern(beats, duration_s=60))
    assert found is not None
    assert found.is_steady
    assert found.bpm == pytest.approx(bpm, rel=1e-3)
    assert hit_f(found.times_s, beats, window_s=0.03) > 0.97


def test_a_change_of_tempo_is_followed() -> None:
    """From 110 to 121 beats per minute within a bar, then on; the first beats after a change may be off."""
    gaps = np.concatenate([np.full(50, 60 / 110), np.linspace(60 / 110, 60 / 121, 4), np.full(60, 60 / 121)])
    beats = 0.3 + np.cumsum(gaps)
    found = find_beats(drum_pattern(beats, duration_s=float(beats[-1]) + 0.5))
    assert found is not None
    assert not found.is_steady
    inside = found.times_s[found.times_s > beats[0] - 0.1]
    assert hit_f(inside, beats, window_s=0.07) > 0.95


@pytest.mark.parametrize("jitter_s", [0.005, 0.012])
def test_human_timing_is_forgiven(jitter_s: float) -> None:
    """Players are some milliseconds off; the beats stay on the line."""
    beats = np.arange(0.4, 59, 0.6)
    played = beats + np.random.default_rng(1).normal(0, jitter_s, beats.size)
    found = find_beats(drum_pattern(played, duration_s=60))
    assert found is not None
    assert hit_f(found.times_s[found.times_s > 0.2], beats, window_s=0.04) > 0.95


def test_a_click_is_followed_through_a_part_that_only_hits_the_off_beat() -> None:
    """Twenty seconds without a beat, only off-beats: a straight grid goes on, and the off-beats do not become the beat."""
    beats = np.arange(0.3, 89, 60 / 124)
    half = (beats[:-1] + beats[1:]) / 2
    plays, rests = (beats < 35) | (beats > 55), (half > 35) & (half < 55)
    whole = drum_pattern(beats[plays], duration_s=90)
    onsets = onsets_at(beats[plays], 18.0, duration_s=90) + onsets_at(half[rests], 18.0, duration_s=90)
    found = find_beats(Accents(onsets=onsets, low=whole.low, kick=whole.kick, snare=whole.snare, kit="played"))
    assert found is not None
    assert found.is_steady
    assert hit_f(found.times_s, beats, window_s=0.04) > 0.97


def test_the_backbeat_tells_the_beat_from_the_off_beat() -> None:
    """As loud halfway as on the beat; kick and snare say which is which."""
    beats = np.arange(0.3, 59, 0.5)
    found = find_beats(backbeat(beats, onsets_at(np.arange(0.3, 59, 0.25), 15.0, duration_s=60), duration_s=60))
    assert found is not None
    assert hit_f(found.times_s, beats, window_s=0.04) > 0.95


def test_a_shuffle_does_not_move_the_beat() -> None:
    """The last third of each beat is hit as loud as the beat."""
    beats = np.arange(0.3, 59, 60 / 100)
    thirds = beats[:-1] + np.diff(beats) * 2 / 3
    onsets = onsets_at(beats, 18.0, duration_s=60) + onsets_at(thirds, 18.0, duration_s=60)
    found = find_beats(backbeat(beats, onsets, duration_s=60))
    assert found is not None
    assert hit_f(found.times_s, beats, window_s=0.04) > 0.95


def test_silence_and_very_short_sounds_have_no_beat() -> None:
    """None is an answer."""
    assert find_beats(Accents(np.zeros(3000), np.zeros(3000))) is None
    assert find_beats(Accents(np.ones(100), np.ones(100))) is None
    short = find_beats(drum_pattern(np.arange(0.3, 3.9, 0.5), duration_s=4))
    assert short is None or short.times_s.size < 20
    assert find_beats(Accents(combine_onsets([]), np.zeros(0))) is None


def test_pulses_are_found_at_the_tempo_and_its_relatives() -> None:
    """The best one has strength 0; a pulse at the tempo itself is among them, within 1 %."""
    pulses = find_pulses(drum_pattern(np.arange(0.2, 59, 0.5), duration_s=60).onsets)
    gaps = [float(np.median(np.diff(pulse.times_s))) for pulse in pulses]
    assert max(pulse.strength for pulse in pulses) == pytest.approx(0.0, abs=1e-9)
    assert min(abs(gap - 0.5) for gap in gaps) < 0.005


def test_a_kick_is_no_snare_and_a_snare_no_kick() -> None:
    """A drum loop in one file: 60 Hz with a click on beats 1 and 3, noise on 2 and 4; 6 dB apart is clearly told."""
    rate, chance = 44_100, np.random.default_rng(2)
    sound = np.zeros(rate * 8, np.float32)
    time = np.arange(rate // 5) / rate
    kick = np.sin(2 * np.pi * 60 * time) * np.exp(-time / 0.05) + 0.3 * np.exp(-time / 0.002)
    snare = chance.normal(0, 0.3, time.size) * np.exp(-time / 0.04)
    starts = (np.arange(1, 15) * 0.5 * rate).astype(int)
    for number, start in enumerate(starts):
        sound[start : start + time.size] += (kick if number % 2 == 0 else snare).astype(np.float32)
    accents = measure_accents([measure_track(Audio(sound[None], rate)).curves], ["drums"], ["drums"])
    at = np.round(starts / rate * 100).astype(int)
    kicks, snares = (np.array([curve[k - 2 : k + 4].max() for k in at]) for curve in (accents.kick, accents.snare))
    assert accents.kit == "played"
    assert kicks[::2].min() > 2 * kicks[1::2].max()
    assert snares[1::2].min() > 2 * snares[::2].max()


def bar_accents(beats_s: Floats, downbeats: NDArray[np.bool_], *, duration_s: float) -> Accents:
    low = onsets_at(beats_s[downbeats], 15.0, duration_s=duration_s)
    chroma = np.zeros((round(duration_s * 8), 12))
    number = np.clip(np.searchsorted(beats_s[downbeats], np.arange(len(chroma)) / 8, "right"), 0, None)
    chroma[np.arange(len(chroma)), (number * 5) % 12] = 1.0
    return Accents(onsets=onsets_at(beats_s, 15.0, duration_s=duration_s), low=low, chroma=chroma)


@pytest.mark.parametrize("beats_per_bar", [3, 4])
@pytest.mark.parametrize("first", [0, 1, 2])
def test_bars_begin_where_chords_change_and_kicks_fall(beats_per_bar: int, first: int) -> None:
    """In three and in four, whichever beat the file begins on."""
    beats = np.arange(0.25, 60, 0.5)
    downbeats = np.arange(beats.size) % beats_per_bar == first
    found = find_bars(beats, bar_accents(beats, downbeats, duration_s=61))
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
    found = find_bars(beats, bar_accents(beats, downbeats, duration_s=123))
    assert np.isin(np.flatnonzero(downbeats)[32:], found.first_beats).mean() > 0.95
    assert np.isin(np.flatnonzero(downbeats)[:28], found.first_beats).mean() > 0.95


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_pulses_are_not_carried_far(count: int) -> None:
    """A file of a second or two has no beat to carry on."""
    assert carry_on(np.arange(count, dtype=np.float64) * 0.5, 0.2).size <= count
