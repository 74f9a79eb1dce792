import pytest

from tests.deliver.song import make_mix
from tonmeister.deliver.strength import measure_strength_db
from tonmeister.document.move import Expectation, Measurement, Move


def _move(name: str) -> Move:
    return next(move for move in make_mix().moves if move.id == name)


def test_what_was_measured_counts_before_what_was_promised_and_that_before_what_is_set() -> None:
    ride = _move("automation.lead-vocal.ride")
    promise = Expectation(metric="relative_loudness_lu", value=-3.0, before=-6.0, tolerance=1, unit="LU", scope="mix")
    measured = ride.model_copy(
        update={"expects": promise, "measured": Measurement(value=-5.0, before=-6.0, kept=False)}
    )
    assert measure_strength_db(measured) == pytest.approx(1.0)
    assert measure_strength_db(measured.model_copy(update={"measured": None})) == pytest.approx(3.0)
    assert measure_strength_db(measured.model_copy(update={"expects": None, "measured": None})) == pytest.approx(2.2)


def test_a_promise_that_is_no_level_does_not_count_as_decibels() -> None:
    """A correlation that goes from −0.8 to 0.8 is no 1.6 dB; a flip is worth 6 dB."""
    assert measure_strength_db(_move("alignment.snare-bottom.polarity")) == 6.0


def test_no_move_of_a_mix_is_endless_and_nothing_to_do_is_nothing() -> None:
    strengths = {move.id: measure_strength_db(move) for move in make_mix().moves}
    assert all(0 <= strength <= 24 for strength in strengths.values())
    assert strengths["cleanup.nothing"] == 0
    assert strengths["panning.gtr-l.pan"] == pytest.approx(0.8 * 6)
