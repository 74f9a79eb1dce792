"""What is known of pulses whose music is known."""

import numpy as np
import pytest

from tonmeister.analysis.accents import Accents
from tonmeister.analysis.beats import WEIGHTS
from tonmeister.analysis.pulse import Pulse
from tonmeister.analysis.pulse_figures import describe_pulses

BEATS = np.arange(0.5, 30, 0.5)


def curve_at(times: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    curve = np.zeros(3100)
    curve[np.round(times * 100).astype(int)] = 1.0
    return curve


def describe(*pulses: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[dict[str, float]]:
    """Snare on every other beat, others on the beat and a quarter before it, a new chord every four beats."""
    chroma = np.zeros((248, 12))
    chroma[np.arange(248), (np.searchsorted(BEATS[::4], np.arange(248) / 8 + 0.01) * 5) % 12] = 1.0
    accents = Accents(
        onsets=curve_at(BEATS), low=np.zeros(3100), snare=curve_at(BEATS[1::2]),
        others=np.maximum(curve_at(BEATS), curve_at(BEATS - 0.125)), chroma=chroma, kit="played",
    )  # fmt: skip
    return describe_pulses([Pulse(times, 0.0, is_steady=True) for times in pulses], accents)


def test_every_weight_has_its_figure() -> None:
    assert set(describe(BEATS)[0]) == set(WEIGHTS)


def test_parts_tell_the_beat_from_the_off_beat() -> None:
    """Who plays is loud on the beat and leads into it; chords change there, not halfway."""
    on, off = describe(BEATS, BEATS[:-1] + 0.25)
    assert on["all_on"] == pytest.approx(1.0)
    assert off["all_on"] == 0.0
    assert on["others_lead"] > 0.4
    assert on["chords_off_4"] > 0 > off["chords_off_4"]


def test_parts_tell_the_beat_from_its_half_and_its_double() -> None:
    """A snare on every other beat takes turns on the beat only; a start every two beats is one every half of a slow pulse."""
    beat, half, double = describe(BEATS, BEATS[1::2], np.arange(0.5, 29.5, 0.25))
    assert beat["snare_turn"] > 0.9
    assert half["snare_turn"] < 0.1
    assert beat["snare_starts"] == pytest.approx(1.0, abs=0.1)
    assert half["snare_starts"] == pytest.approx(0.0, abs=0.01)
    assert double["snare_starts"] == pytest.approx(4.0, abs=0.3)


def test_parts_that_nobody_plays_say_nothing() -> None:
    figures = describe(BEATS)[0]
    assert {figures[f"bass_{name}"] for name in ("on", "lead", "turn", "starts")} == {0.0}
