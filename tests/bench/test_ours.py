"""What is read from our own results."""

import pytest

from bench.ours import group_gain_db, is_named


def bus(name: str, output: str, *values: float) -> dict[str, object]:
    points = [{"time_s": float(number), "value": value} for number, value in enumerate(values)]
    return {"id": name, "output": output, "fader_db": {"points": points}}


def test_the_faders_of_all_groups_on_the_way_add_up() -> None:
    document = {"buses": [bus("toms", "drums", -2.0), bus("drums", "master", 1.0, 2.0)]}
    assert group_gain_db(document, "toms") == pytest.approx(-0.5)
    assert group_gain_db(document, "drums") == pytest.approx(1.5)
    assert group_gain_db(document, "master") == 0.0


def test_a_track_is_known_by_its_file_with_or_without_suffix() -> None:
    assert is_named({"name": "6.Song_Stem_VOX LEAD.wav"}, "6.Song_Stem_VOX LEAD")
    assert is_named({"name": "Bass"}, "Bass")
    assert not is_named({"name": "Bass 2.wav"}, "Bass")
