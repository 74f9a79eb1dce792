"""What an insert does on an excerpt, against what is known of the sound; and that tuning reaches what was promised."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from tests.conftest import SHARED
from tests.facts import ask, audio, song_facts, track_facts
from tests.sounds import noise
from tonmeister.audio import Audio
from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import Expectation, InsertChange, Metric
from tonmeister.engineer.trial_effects import Spot, measure_effect, run_insert, spread_change_db, tune
from tonmeister.processing import DeEsser, Gain, Gate, Saturator, TransientShaper, UpwardCompressor
from tonmeister.tasks import dynamics

RATE_HZ = 48_000
KIT = SHARED / "data/multitracks/clingo_rawband"


def hits(*, every_s: float = 0.5, noise_db: float = -60.0) -> Audio:
    """Return hits that die with 40 ms over steady noise, for ten seconds."""
    time_s = np.arange(round(every_s * RATE_HZ)) / RATE_HZ
    hit = 0.5 * np.sin(2 * np.pi * 180 * time_s) * np.exp(-time_s / 0.04)
    wave = np.tile(hit, round(10 / every_s))
    return audio(wave + noise(rms_db=noise_db, duration_s=10).samples[0, : wave.size])


def spot(sound: Audio, role: str) -> Spot:
    return Spot(track_facts("x", sound, role), first_frame=0, skip=0)


def promise(
    metric: Metric, value: float, *, before: float = 0.0, band: tuple[float, float] | None = None
) -> Expectation:
    low, high = band or (None, None)
    return Expectation(
        metric=metric, value=value, before=before, tolerance=1, unit="dB", scope="strip", low_hz=low, high_hz=high
    )


def test_a_gate_lowers_the_gaps_by_its_range() -> None:
    """Where it has been closed for twice its release only noise is left; an eighth of the way is still to go at most."""
    sound = hits()
    gate = Gate(threshold_db=-30, range_db=10, hold_ms=20, release_ms=30, lookahead_ms=2)
    assert measure_effect(gate, promise("gap_level_db", -9), sound, spot(sound, "kick")) == pytest.approx(-10, abs=0.5)


def test_a_sound_without_gaps_says_nothing_about_a_gate() -> None:
    sound = noise(rms_db=-10, duration_s=5)
    assert measure_effect(Gate(threshold_db=-40), promise("gap_level_db", -9), sound, spot(sound, "kick")) is None


@pytest.mark.parametrize("wanted_db", [-3.0, 2.0, 3.0])
def test_a_shaper_is_tuned_until_the_strokes_have_moved(wanted_db: float) -> None:
    sound = hits()
    here, expects = spot(sound, "snare"), promise("attack_db", 20 + wanted_db, before=20.0)
    tuned = tune(TransientShaper(attack_db=wanted_db), expects, sound, here)
    got = measure_effect(tuned, expects, sound, here)
    assert got == pytest.approx(wanted_db, rel=0.25)


def test_a_gain_changes_no_spread_and_a_lift_does() -> None:
    sound = audio(np.tile(np.repeat([0.3, 0.02], RATE_HZ // 2), 10) * noise(rms_db=-10, duration_s=10).samples[0])
    assert spread_change_db(sound, run_insert(Gain(gain_db=-7), sound)) == pytest.approx(0, abs=1e-3)
    lift = UpwardCompressor(threshold_db=-30, range_db=3, floor_db=-80, release_ms=50)
    change = spread_change_db(sound, run_insert(lift, sound))
    assert change == pytest.approx(-3, abs=0.3)


def test_saturation_is_tuned_to_the_overtones_and_stays_as_loud() -> None:
    wave = 0.3 * np.sin(2 * np.pi * 80 * np.arange(8 * RATE_HZ) / RATE_HZ) + noise(rms_db=-65, duration_s=8).samples[0]
    sound = audio(wave)
    here, expects = spot(sound, "bass"), promise("band_level_db", 3.0, band=(250, 1500))
    tuned = tune(Saturator(drive_db=6, ceiling_db=-4), expects, sound, here)
    assert isinstance(tuned, Saturator)
    assert measure_effect(tuned, expects, sound, here) == pytest.approx(3.0, abs=1.0)
    rms = [np.sqrt(np.mean(np.square(s.samples))) for s in (sound, run_insert(tuned, sound))]
    assert 20 * np.log10(rms[1] / rms[0]) == pytest.approx(0, abs=0.5)


def test_a_de_esser_is_tuned_to_the_esses() -> None:
    """A low voice with a hiss at 7 kHz in each second."""
    time_s = np.arange(10 * RATE_HZ) / RATE_HZ
    vowels = 0.1 * np.sin(2 * np.pi * 500 * time_s)
    hiss = 0.25 * np.sin(2 * np.pi * 7000 * time_s) * (time_s % 1 > 0.7)
    sound = audio(vowels + hiss)
    here, expects = spot(sound, "lead vocal"), promise("sibilance_db", 3.0, before=6.0, band=(5000, 10_000))
    tuned = tune(DeEsser(frequency_hz=5500, threshold_db=-10, range_db=6), expects, sound, here)
    assert measure_effect(tuned, expects, sound, here) == pytest.approx(-3, abs=0.6)


def kit_track(name: str, role: str) -> tuple[Audio, TrackFacts]:
    samples, rate = soundfile.read(KIT / f"{name}.flac", dtype="float32", always_2d=True)
    sound = Audio(np.ascontiguousarray(samples.T), rate)
    return sound, track_facts(name, sound, role)


@pytest.mark.shared
@pytest.mark.parametrize(("name", "role"), [("kick", "kick"), ("snare", "snare"), ("tomTwo", "toms")])
def test_gates_on_a_raw_kit_take_the_bleed_and_leave_the_hits(name: str, role: str) -> None:
    """The strokes keep their peak and their first 100 ms within 0.5 dB, what can just be heard; the gaps fall by over 6 dB."""
    assert Path(KIT).is_dir()
    sound, facts = kit_track(name, role)
    moves = ask(dynamics.propose, song_facts([facts]))
    (move,) = [m for m in moves if m.id.endswith("gate")]
    assert isinstance(move.change, InsertChange)
    assert move.expects is not None
    gate = move.change.insert.processor
    assert isinstance(gate, Gate)
    change = measure_effect(gate, move.expects, sound, Spot(facts, 0, 0))
    assert change is not None
    assert change < -6
    gated = run_insert(gate, sound)
    losses = _hit_losses_db(sound, gated, threshold_db=gate.threshold_db + 1)
    assert len(losses) >= 3
    assert np.abs(losses).max() < 0.5


def _hit_losses_db(before: Audio, after: Audio, *, threshold_db: float) -> NDArray[np.float64]:
    """Return peak and RMS change of the 100 ms from each crossing of the level on, at least 250 ms apart."""
    rate = before.sample_rate_hz
    over = np.flatnonzero(np.abs(before.samples[0]) > 10 ** (threshold_db / 20))
    starts = over[np.diff(over, prepend=-rate) > rate // 4]
    changes = []
    for start in starts:
        parts = [s.samples[0, start : start + rate // 10].astype(np.float64) for s in (before, after)]
        changes += [
            20 * np.log10(np.abs(parts[1]).max() / np.abs(parts[0]).max()),
            10 * np.log10(np.mean(parts[1] ** 2) / np.mean(parts[0] ** 2)),
        ]
    return np.array(changes)
