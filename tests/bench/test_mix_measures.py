"""The limits that a mix must hold: on sounds whose figures are known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.mix_measures import (
    MixSound,
    bars_held,
    lead_held_by,
    lead_in_band_with_others,
    lead_off_lu,
    measure_mix,
    mono_loss_lu,
    slope_db_per_octave,
)

RATE = 24000
Sound = NDArray[np.float32]


def noise(*, slope_db: float = -4.5, seconds: int = 12, seed: int = 0) -> Sound:
    """Return mono noise in both channels, at -26 dB RMS, whose power density falls by so much an octave."""
    rng = np.random.default_rng(seed)
    white = np.fft.rfft(rng.standard_normal(RATE * seconds))
    hz = np.maximum(np.fft.rfftfreq(RATE * seconds, 1 / RATE), 30.0)
    wave = np.fft.irfft(white * hz ** (slope_db / 20 / np.log10(2)), RATE * seconds)
    return np.tile((wave / wave.std() * 0.05).astype(np.float32), (2, 1))


@pytest.mark.parametrize("slope_db", [-3.0, -4.5, -6.0])
def test_the_slope_is_that_of_the_power_density(slope_db: float) -> None:
    """0.15 dB: what chance leaves of 12 s in the lowest third octave, over 5.3 octaves."""
    assert slope_db_per_octave(noise(slope_db=slope_db), RATE) == pytest.approx(slope_db, abs=0.15)


def test_mono_takes_nothing_of_the_middle_3_lu_of_unrelated_channels_and_all_of_opposite_ones() -> None:
    middle = noise()
    assert mono_loss_lu(middle, RATE) == pytest.approx(0.0, abs=0.01)
    assert mono_loss_lu(np.stack([middle[0], noise(seed=1)[0]]), RATE) == pytest.approx(3.01, abs=0.1)
    assert mono_loss_lu(np.stack([middle[0], -middle[0]]), RATE) > 40


def test_a_lead_at_half_the_power_is_3_lu_below_the_mix_and_in_its_band() -> None:
    lead, rest = noise(seed=2), noise(seed=3)
    found = measure_mix(MixSound(lead + rest, lead, RATE), unity=lead + rest)
    assert found["lead_lu"] == pytest.approx(-3.0, abs=0.1)
    assert found["lead_in_band"] == 1.0
    assert (found["plr_loss_db"], found["crest_loss_db"]) == (0.0, 0.0)
    assert all(bars_held(found, {}).values())


def test_a_buried_lead_fails_unless_it_is_nearer_to_the_artists_than_equal_loudness_is() -> None:
    lead, rest = noise(seed=2), noise(seed=3)
    truth = MixSound(lead * np.float32(0.3) + rest, lead * np.float32(0.3), RATE)
    mine = MixSound(lead * np.float32(0.4) + rest, lead * np.float32(0.4), RATE)
    found = {**measure_mix(mine, unity=mine.mix), "lead_off_lu": lead_off_lu(mine, truth)}
    assert found["lead_in_band"] == 0.0
    assert bars_held(found, {"lead_off_lu": 5.0})["lead"]
    assert not bars_held(found, {"lead_off_lu": 0.5})["lead"]
    assert lead_held_by(found, {"lead_off_lu": 5.0}) == "nearer to the artists than equal"
    assert lead_held_by(found, {"lead_off_lu": 0.5}) == "neither"
    assert lead_held_by({**found, "lead_in_band": 0.8}, {}) == "band"


def test_clipped_peaks_count_as_loss() -> None:
    sound = noise()
    flat = np.clip(sound, -0.06, 0.06)
    found = measure_mix(MixSound(flat, None, RATE), unity=sound)
    assert found["plr_loss_db"] > 3
    assert found["crest_loss_db"] > 3
    assert not bars_held(found, {})["peaks"]
    assert "lead" not in bars_held(found, {})


def test_what_a_lead_sings_alone_is_no_matter_of_its_band() -> None:
    """Alone in the second half: half of the time in the band, all of it where others play; a lead over them is out in both."""
    lead, rest = noise(seed=2), noise(seed=3)
    rest[:, rest.shape[1] // 2 :] = 0
    truth = MixSound(lead + rest, lead, RATE)
    assert measure_mix(truth, unity=truth.mix)["lead_in_band"] < 0.65
    assert lead_in_band_with_others(truth, truth) == pytest.approx(1.0, abs=0.25)  # windows across the border
    loud = MixSound(4 * lead + rest, 4 * lead, RATE)
    assert lead_in_band_with_others(loud, truth) == 0.0
