"""How far peaks stand out, whatever the level."""

import numpy as np
import pytest

from tests.sounds import RATE_HZ, pink_noise
from tonmeister.analysis.crest import Crest, measure_crest
from tonmeister.analysis.track_meter import measure_track
from tonmeister.audio import Audio


def crest(sound: Audio) -> Crest:
    return measure_crest(measure_track(sound))


def test_a_gain_changes_nothing() -> None:
    """Level-matched by construction; the figures are rounded to hundredths."""
    sound = pink_noise(rms_db=-20, duration_s=6.0, seed=1)
    quieter = Audio(sound.samples * np.float32(0.25), RATE_HZ)
    first, second = crest(sound), crest(quieter)
    assert second.plr_db == pytest.approx(first.plr_db, abs=0.03)
    assert second.short_term_db == pytest.approx(first.short_term_db, abs=0.02)
    assert second.loss_db(first) <= 0.03


def test_clipped_peaks_are_a_loss_of_as_much_as_was_cut() -> None:
    sound = pink_noise(rms_db=-20, duration_s=6.0, seed=1)
    limit = np.abs(sound.samples).max() * 10 ** (-6 / 20)
    clipped = Audio(np.clip(sound.samples, -limit, limit), RATE_HZ)
    lost = crest(clipped).loss_db(crest(sound))
    assert lost == pytest.approx(6.0, abs=0.6)  # clipping costs a little loudness, true peaks pass the limit a little


def test_the_figure_that_lost_more_counts_and_a_rise_is_no_loss() -> None:
    assert Crest(12.0, 15.0).loss_db(Crest(13.0, 18.0)) == 3.0
    assert Crest(14.0, 19.0).loss_db(Crest(13.0, 18.0)) == 0.0


def test_silence_has_no_crest_and_loses_none() -> None:
    silent = crest(Audio(np.zeros((2, RATE_HZ), np.float32), RATE_HZ))
    assert silent == Crest(None, None)
    assert silent.loss_db(silent) == 0.0
