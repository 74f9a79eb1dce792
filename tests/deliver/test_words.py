from typing import get_args

import pytest

from tests.deliver.song import make_mix
from tonmeister.deliver.words import (
    _CHANGES,
    tell_change,
    tell_insert,
    tell_pan,
    tell_span,
    tell_time,
    tell_value,
    tell_where,
)
from tonmeister.document.lane import Lane, Point
from tonmeister.document.move import Change, DelayChange, FaderChange, Where
from tonmeister.document.strip import Insert
from tonmeister.processing import Band, DynamicBand, DynamicEqualiser, Equaliser


@pytest.mark.parametrize(
    ("value", "unit", "signed", "words"),
    [
        (-3.04, "dB", True, "−3.0\xa0dB"),
        (-0.04, "dB", True, "0.0\xa0dB"),
        (2.5, "dB", True, "+2.5\xa0dB"),
        (-1.034, "dBTP", False, "−1.03\xa0dBTP"),
        (2580.0, "Hz", False, "2.58\xa0kHz"),
        (82.0, "Hz", False, "82\xa0Hz"),
        (140.0, "ms", False, "140\xa0ms"),
        (0.8123, "correlation", False, "0.81"),
    ],
)
def test_a_value_has_its_unit_and_as_many_digits_as_can_be_told_apart(
    value: float, unit: str, *, signed: bool, words: str
) -> None:
    assert tell_value(value, unit, signed=signed) == words


def test_times_and_places_read_as_a_person_says_them() -> None:
    assert (tell_time(59.4), tell_time(59.6), tell_time(3600)) == ("0:59", "1:00", "60:00")
    assert (tell_span(None, None), tell_span(62, None), tell_span(0, 90)) == ("", "1:02–the end", "0:00–1:30")
    assert (tell_pan(-0.8), tell_pan(0.001), tell_pan(1)) == ("80\xa0%\xa0left", "centre", "100\xa0%\xa0right")


def test_a_place_is_named_with_its_section() -> None:
    mix = make_mix()
    assert tell_where(Where(track="bass-di", section="chorus-3"), mix) == "Bass DI, chorus 0:56–1:24"
    assert tell_where(Where(bus="master"), mix) == "Master"
    assert tell_where(Where(start_s=10, end_s=20), mix) == "Whole song, 0:10–0:20"


def test_every_kind_of_change_has_words() -> None:
    union = get_args(Change)[0]
    assert set(_CHANGES) == set(get_args(union))


def test_changes_tell_their_numbers() -> None:
    mix = make_mix()
    ride = Lane(points=(Point(time_s=0, value=-1.5), Point(time_s=9, value=2)))
    assert tell_change(FaderChange(change_db=ride), mix) == "Fader −1.5\xa0dB to +2.0\xa0dB, 2 points"
    assert tell_change(DelayChange(delay_frames=-48), mix) == "48 frames (1.00 ms) earlier"


def test_an_insert_tells_what_is_not_the_default_down_to_its_bands() -> None:
    mix = make_mix()
    bands = (Band(frequency_hz=300, gain_db=-2), Band(shape="high_pass", frequency_hz=80))
    equaliser = Insert(id="eq", slot="tone", processor=Equaliser(bands=bands))
    moving = DynamicEqualiser(bands=(DynamicBand(frequency_hz=3000, range_db=-4),))
    keyed = Insert(id="duck", slot="masking", processor=moving, key="lead-vocal")
    assert (
        tell_insert(equaliser, mix)
        == "Equaliser: Bell −2.0\xa0dB at 300\xa0Hz, Q 0.71; High-pass at 80\xa0Hz, 12 dB/octave"
    )
    assert tell_insert(keyed, mix) == "Dynamic equaliser: frequency 3\xa0kHz · range −4.0\xa0dB; listens to Lead Vocal"
