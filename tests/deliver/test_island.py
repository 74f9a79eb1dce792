import json
from dataclasses import replace

import numpy as np
import pytest

from tests.deliver.song import make_figures, make_mix
from tests.sounds import pink_noise
from tonmeister.analysis.bands import THIRD_OCTAVE_CENTRES_HZ
from tonmeister.analysis.track_meter import measure_track
from tonmeister.deliver.figures import ReportFigures
from tonmeister.deliver.island import MOST_MASKING_TRACKS, MOST_STEPS, collect_data, to_island


def test_a_long_curve_is_joined_and_keeps_its_largest_values() -> None:
    curve = np.zeros(MOST_STEPS * 3 - 1)
    curve[[100, -1]] = [4.5, 2.5]
    limiter = collect_data(make_mix(), ReportFigures(limiter_reduction_db=curve), None)["limiter"]
    assert limiter["step"] == pytest.approx(0.3)
    assert len(limiter["values"]) == MOST_STEPS
    assert (limiter["values"][33], limiter["values"][-1], sum(limiter["values"])) == (4.5, 2.5, 7.0)


def test_gaps_and_infinities_become_null() -> None:
    curve = np.array([np.nan, -np.inf, -20.04, -19.96])
    loudness = collect_data(make_mix(), ReportFigures(loudness_after_lufs=curve), None)["loudness"]
    assert loudness["after"]["values"] == [None, None, -20.0, -20.0]
    assert loudness["before"] is None


def test_pink_noise_falls_by_3_db_per_octave_and_the_target_by_4_5() -> None:
    """Pink noise has equal third octaves, so its density falls by 3.01 dB; 0.15 dB is its chance over 4 s above 200 Hz."""
    levels = measure_track(pink_noise(duration_s=4.0)).curves.third_octave_db
    spectrum = collect_data(make_mix(), ReportFigures(third_octave_after_db=levels), None)["spectrum"]
    octaves, inside = np.log2(THIRD_OCTAVE_CENTRES_HZ), THIRD_OCTAVE_CENTRES_HZ > 200
    slope = np.polyfit(octaves[inside], np.array(spectrum["after"])[inside], 1)[0]
    assert slope == pytest.approx(-3.01, abs=0.15)
    assert np.polyfit(octaves, spectrum["target"], 1)[0] == pytest.approx(-4.5, abs=0.01)


def test_of_very_many_tracks_those_that_cover_most_are_shown() -> None:
    count = MOST_MASKING_TRACKS + 5
    matrix = np.full((count, count), -20.0)
    matrix[44, 3] = 9.0
    names = tuple(f"track {place}" for place in range(count))
    masking = collect_data(make_mix(), ReportFigures(masking_tracks=names, masking_db=matrix), None)["masking"]
    assert {"track 44", "track 3"} <= set(masking["names"])
    assert (len(masking["names"]), masking["left"], np.array(masking["after"]).max()) == (MOST_MASKING_TRACKS, 5, 9.0)


def test_lanes_are_those_that_move() -> None:
    lanes = collect_data(make_mix(), ReportFigures(), None)["lanes"]
    assert [(lane["name"], lane["what"], lane["hold"]) for lane in lanes] == [
        ("Lead Vocal", "fader", False), ("Lead Vocal", "send to Hall", True),
    ]  # fmt: skip


def test_the_island_is_json_that_cannot_end_its_element() -> None:
    data = collect_data(make_mix(), replace(make_figures(with_sound=False)), None)
    data["moves"][0]["id"] = "</script><!--\u2028"
    text = to_island(data)
    assert "<" not in text
    assert "\u2028" not in text
    assert json.loads(text) == data
