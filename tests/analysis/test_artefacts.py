"""Each figure on a sound with that harm planted, and on the same sound without it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.facts import audio
from tests.sounds import drums, noise
from tonmeister.analysis.artefacts import (
    clipped_samples,
    crest_db,
    held_share,
    mono_losses_db,
    pumping_db,
    top_loss_db,
    transient_loss_db,
)
from tonmeister.analysis.track_meter import TrackMeasurement, measure_track
from tonmeister.processing import Compressor, TruePeakLimiter
from tonmeister.processing.registry import make_stream
from tonmeister.processing.stream import run_stream

RATE_HZ = 48_000


def kit() -> NDArray[np.float64]:
    """Return twelve seconds of drums over a bed of noise, two channels."""
    bed = noise(rms_db=-45, duration_s=12, channels=2, seed=3).samples
    return drums(duration_s=12, channels=2).samples.astype(np.float64) + bed


def measured(wave: NDArray[np.float64]) -> TrackMeasurement:
    return measure_track(audio(wave))


def limited(drive_db: float) -> TrackMeasurement:
    sound = audio(kit())
    settings = TruePeakLimiter(drive_db=drive_db, ceiling_dbtp=-1)
    return measure_track(run_stream(sound, make_stream(settings, sample_rate_hz=RATE_HZ, channels=2)))


def test_a_limiter_driven_hard_flattens_and_holds() -> None:
    """A gain alone changes no crest; 24 dB into a limiter does, and with 40 even the bed stands at the ceiling."""
    came = measured(kit())
    assert crest_db(measured(kit() * 0.3)) == pytest.approx(crest_db(came), abs=0.05)
    before, after = crest_db(came), crest_db(limited(24))
    assert before is not None
    assert after is not None
    assert before - after > 6
    assert held_share(limited(40).curves) > 0.15
    assert held_share(came.curves) < 0.05


def test_flat_tops_are_counted() -> None:
    assert clipped_samples(measured(kit()).figures) == 0
    wave = kit()
    assert clipped_samples(measured(np.clip(wave, -0.3 * wave.max(), 0.3 * wave.max())).figures) > 0


def test_a_gain_that_swings_with_the_beat_pumps_and_one_that_wanders_does_not() -> None:
    """Folded over 60 beats, a swing of 3 dB is found within a quarter; chance of 3 dB leaves the mean of 60."""
    beats_s: NDArray[np.float64] = np.linspace(0, 30, 61)
    time_s = (np.arange(305) + 0.5) / 10
    swinging = 1.5 + 1.5 * np.cos(2 * np.pi * time_s / 0.5)
    found = pumping_db(swinging, beats_s)
    assert found == pytest.approx(3, rel=0.25)
    chance = pumping_db(np.random.default_rng(0).uniform(0, 3, 305), beats_s)
    assert chance is not None
    assert chance < 0.7
    assert pumping_db(np.full(305, 4.0), beats_s) == pytest.approx(0, abs=1e-9)
    assert pumping_db(swinging, beats_s[:4]) is None


def test_channels_of_opposite_polarity_are_lost_in_mono() -> None:
    """Unrelated channels lose 3 dB; half of one channel turned over loses most where it is turned."""
    middle = noise(rms_db=-20, duration_s=6).samples[0].astype(np.float64)
    other = noise(rms_db=-20, duration_s=6, seed=9).samples[0].astype(np.float64)
    same, apart = (mono_losses_db(measured(np.stack([middle, right]))) for right in (middle, other))
    assert same == pytest.approx((0, 0), abs=0.01)
    assert apart is not None
    assert apart[0] == pytest.approx(3.0, abs=0.2)
    against = mono_losses_db(measured(np.stack([middle, -0.9 * middle])))
    assert against is not None
    assert against[0] > 20
    assert mono_losses_db(measured(middle)) is None


def test_strokes_that_were_smoothed_are_missed() -> None:
    came = measured(kit())
    assert transient_loss_db(came.curves, came.curves) == 0
    assert transient_loss_db(came.curves, measured(kit() * 0.2).curves) == pytest.approx(0, abs=0.3)
    squashed = run_stream(
        audio(kit()),
        make_stream(
            Compressor(threshold_db=-50, ratio=20, attack_ms=0, release_ms=30), sample_rate_hz=RATE_HZ, channels=2
        ),
    )
    lost = transient_loss_db(came.curves, measure_track(squashed).curves)
    assert lost is not None
    assert lost > 3


def test_a_top_that_was_cut_is_dull() -> None:
    """6 dB off above 6 kHz, in the frequency domain."""
    wave = noise(rms_db=-20, duration_s=6).samples.astype(np.float64)
    spectrum = np.fft.rfft(wave)
    dull = np.fft.irfft(
        spectrum * np.where(np.fft.rfftfreq(wave.shape[1], 1 / RATE_HZ) > 5600, 0.5, 1.0), wave.shape[1]
    )
    assert top_loss_db(measured(wave).curves, measured(dull).curves) == pytest.approx(6.02, abs=0.1)
