from math import log

import numpy as np
import pytest

from tonmeister.daw.ardour.equaliser import bandwidth_of, fit_bands, split_bands
from tonmeister.daw.ardour.plugins import Chain, carry_inserts
from tonmeister.document.strip import Insert
from tonmeister.processing import Band, Equaliser


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
def test_what_tasks_ask_for_fits_within_half_a_decibel(rate_hz: int) -> None:
    """Half a decibel is what this format promises; test_ardour_real.py checks the curve itself on a real Ardour."""
    bands = (
        Band(frequency_hz=300, gain_db=-3, q=1.0),
        Band(frequency_hz=3200, gain_db=2, q=1.4),
        Band(shape="high_shelf", frequency_hz=8000, gain_db=3),
        Band(shape="low_shelf", frequency_hz=120, gain_db=-4),
    )
    assert fit_bands(bands, rate_hz).error_db < 0.5


def test_a_gain_beyond_the_port_is_held_and_the_error_is_told() -> None:
    fit = fit_bands((Band(frequency_hz=1000, gain_db=-24, q=1),), 48_000)
    assert fit.ports["g1"] == -20
    assert fit.error_db == pytest.approx(4, abs=0.5)


def test_bands_beyond_one_equaliser_go_into_the_next() -> None:
    bells = tuple(Band(frequency_hz=100 * n, gain_db=1) for n in range(1, 7))
    shelves = (
        Band(shape="low_shelf", frequency_hz=100, gain_db=1),
        Band(shape="low_shelf", frequency_hz=90, gain_db=1),
    )
    assert [len(group) for group in split_bands((*bells, *shelves))] == [5, 3]


@pytest.mark.parametrize("q", [0.3, 0.7, 1.0, 4.0, 14.0])
def test_the_bandwidth_is_that_of_the_cookbook(q: float) -> None:
    """RBJ: 1 / Q = 2 sinh(ln 2 / 2 * bandwidth), analogue."""
    assert 1 / q == pytest.approx(2 * np.sinh(log(2) / 2 * bandwidth_of(q)))


def test_what_it_cannot_carry_is_said() -> None:
    """A curve on the side alone is lost; linear phase becomes minimum phase."""
    band = Band(frequency_hz=3000, gain_db=-3)

    def carried(**fields: str) -> Chain:
        settings = Equaliser.model_validate({"bands": (band,), **fields})
        insert = Insert(id="eq", slot="corrective", processor=settings)
        return carry_inserts((insert,), channels=2, sample_rate_hz=48_000)

    side, linear, plain = carried(channels="side"), carried(phase="linear"), carried()
    assert side.plugins == []
    assert len(side.lost) == 1
    assert "side alone" in side.lost[0]
    assert "3000" in side.lost[0]
    assert [one for one in linear.approximate if "minimum phase" in one]
    assert (len(plain.plugins), plain.lost, plain.approximate) == (1, [], [])
