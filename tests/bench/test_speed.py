"""The arithmetic of costs, and the edits that are timed."""

import json
import sys
from pathlib import Path

import pytest

from bench.case import AbsentError, Case
from bench.edits import edit_all_trims, edit_one_fader
from bench.process import ProgramFailedError, run_program
from bench.speed import stages_of, summarise


def a_round(name: str, *, ours: float, anchor: float) -> Case:
    mine = {
        "whole_cpu_s": ours,
        "rerender_cpu_s": 10.0,
        "edit_cold_cpu_s": 2.0,
        "wall_cpu": 0.6,
        "whole_peak_mib": 300.0,
    }
    systems = {"tonmeister": mine, "pedalboard": {"whole_cpu_s": anchor}, "libsonare": {"whole_cpu_s": 5.0}}
    return Case(name, systems, {"stems": 24, "seconds": 240.0})


def test_ratios_are_taken_inside_a_round_and_the_median_of_the_rounds_counts() -> None:
    summary = summarise(
        [a_round("1", ours=10, anchor=10), a_round("2", ours=40, anchor=20), a_round("3", ours=30, anchor=20)]
    )
    assert summary.figures["whole_pedalboard"] == 1.5
    assert summary.figures["edit_cold"] == pytest.approx(0.2)
    assert summary.figures["mix_peak_mib"] == 300.0


def test_libsonare_is_scaled_by_stem_seconds_and_what_was_not_measured_is_none() -> None:
    """24 stems x 240 s are twelve times 8 x 60 s: 30 / (5 x 12) = 0.5."""
    summary = summarise([a_round("1", ours=30, anchor=10)])
    assert summary.figures["whole_libsonare"] == pytest.approx(0.5)
    assert summary.figures["whole_ffmpeg"] is None
    assert summary.figures["edit_warm"] is None


def test_a_mix_that_tells_no_stages_cannot_be_compared_with_one_pass() -> None:
    assert stages_of('{"stages": {"listen": {"cpu_s": 1.0, "wall_s": 0.6}}}')["listen"]["cpu_s"] == 1.0
    with pytest.raises(AbsentError):
        stages_of("{}")


def test_a_program_tells_what_it_cost() -> None:
    cost = run_program(
        [sys.executable, "-c", "x = bytearray(64 << 20)\nfor i in range(3_000_000): pass\nprint('done')"]
    )
    assert cost.output == "done\n"
    assert cost.peak_mib > 64
    assert 0 < cost.cpu_s <= cost.wall_s * 1.5


def test_a_program_that_fails_says_so_with_its_code_and_its_words() -> None:
    with pytest.raises(ProgramFailedError, match="no such luck") as failed:
        run_program([sys.executable, "-c", "import sys; sys.stderr.write('no such luck'); sys.exit(5)"])
    assert failed.value.code == 5
    assert run_program([sys.executable, "-c", "raise SystemExit(3)"], accept=(0, 3)).code == 3


def test_edits_touch_what_they_say(tmp_path: Path) -> None:
    strip = {"trim_db": 1.0, "fader_db": {"points": [{"time_s": 0.0, "value": -3.0}]}}
    tracks = [{"used": False, "strip": strip}, {"used": True, "strip": strip}, {"used": True, "strip": strip}]
    (tmp_path / "mix.json").write_text(json.dumps({"tracks": tracks}))
    edit_all_trims(tmp_path, by_db=-0.5)
    edit_one_fader(tmp_path, by_db=1.0)
    after = [track["strip"] for track in json.loads((tmp_path / "mix.json").read_text())["tracks"]]
    assert [one["trim_db"] for one in after] == [1.0, 0.5, 0.5]
    assert [one["fader_db"]["points"][0]["value"] for one in after] == [-3.0, -2.0, -3.0]
