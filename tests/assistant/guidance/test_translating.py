"""Settings go into the controls of other processors and back; what cannot be expressed is said."""

import pytest

from tonmeister.assistant.guidance import read_settings, translate_settings
from tonmeister.assistant.guidance.translating import ours_for
from tonmeister.errors import InputError
from tonmeister.knowledge.plugins import plugins
from tonmeister.processing import Band, Compressor, Equaliser


def test_a_compressor_goes_into_a_stepped_bus_compressor_by_its_nearest_steps() -> None:
    result = translate_settings(
        Compressor(ratio=2, attack_ms=25, release_ms=270, knee_db=0), "SSL G-series bus compressor"
    )
    told = {setting.control: setting.value for setting in result.settings}
    assert told["Ratio"] == "2:1"
    assert told["Attack"].startswith("30 ms")
    assert told["Release"].startswith("0.3 s")
    assert any("attack 25 ms" in line for line in result.lost)


def test_an_1176_is_read_back_by_its_reversed_dials() -> None:
    """7 is 20 us and 50 ms, 1 is 800 us and 1100 ms."""
    fast = read_settings("1176", {"Attack": "7", "Release": "7", "Ratio": "4:1"}).ours
    slow = read_settings("1176", {"Attack": "1", "Release": "1"}).ours
    assert (fast["attack_ms"], fast["release_ms"], fast["ratio"]) == pytest.approx((0.02, 50, 4))
    assert (slow["attack_ms"], slow["release_ms"]) == pytest.approx((0.8, 1100))


def test_times_survive_the_way_there_and_back() -> None:
    """Printed with four figures, so within 0.1 %."""
    ours = Compressor(ratio=3, attack_ms=20, release_ms=500)
    there = translate_settings(ours, "CL 1B")
    told = {setting.control: setting.value for setting in there.settings if setting.exact and setting.control}
    back = read_settings("CL 1B", {name: told[name] for name in ("Attack", "Release", "Ratio")}).ours
    assert (back["attack_ms"], back["release_ms"], back["ratio"]) == pytest.approx((20, 500, 3), rel=0.001)


def test_a_pultec_gets_a_shelf_at_one_of_its_frequencies_and_no_band_it_lacks() -> None:
    bands = (Band(shape="low_shelf", frequency_hz=60, gain_db=3), Band(frequency_hz=500, gain_db=-3))
    result = translate_settings(Equaliser(bands=bands), "Pultec EQP-1A")
    assert result.settings[0].value.startswith("60 Hz, boost about 3 dB")
    assert any("peak at 500 Hz" in line for line in result.lost)


def test_a_width_in_octaves_is_converted() -> None:
    """Q 1.414 is one octave between the half-gain points (2/ln 2 asinh(1/2Q))."""
    result = translate_settings(Equaliser(bands=(Band(frequency_hz=1000, gain_db=2, q=1.4142),)), "ReaEQ")
    assert "Bandwidth 1 oct" in result.settings[0].value


def test_a_threshold_on_another_scale_is_set_by_reduction() -> None:
    result = translate_settings(Compressor(threshold_db=-22), "API 2500")
    assert "not dBFS" in next(s.value for s in result.settings if s.control == "Threshold")


@pytest.mark.parametrize("plugin", [p.name for p in plugins() if "compressor" in ours_for(p) and not p.is_type])
def test_every_compressor_of_the_table_takes_our_settings_without_a_control_it_lacks(plugin: str) -> None:
    result = translate_settings(Compressor(), plugin)
    facts = next(p for p in plugins() if p.name == result.processor)
    assert {setting.control for setting in result.settings} <= {control.name for control in facts.controls}
    assert result.caveat


def test_unknown_names_wrong_kinds_and_wrong_positions_are_clear_sentences() -> None:
    with pytest.raises(InputError, match="no such processor"):
        translate_settings(Compressor(), "Zorblax 9")
    with pytest.raises(InputError, match="have no place in it"):
        translate_settings(Compressor(), "Pultec EQP-1A")
    with pytest.raises(InputError, match="no control 'Wobble'"):
        read_settings("1176", {"Wobble": "3"})
    with pytest.raises(InputError, match="no position of it"):
        read_settings("1176", {"Attack": "9"})
    with pytest.raises(InputError, match="ratio"):
        translate_settings({"kind": "compressor", "ratio": 99}, "CL 1B")
