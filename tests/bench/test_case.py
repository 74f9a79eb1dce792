"""How cases become figures."""

import json
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.case import OURS, AbsentError, Case, Job, absences, attempt, mean_of, remember, summarise_means, systems_of


def case(name: str, **systems: dict[str, object]) -> Case:
    return Case(name, systems)


def test_the_mean_leaves_out_what_a_system_does_not_have() -> None:
    cases = [
        case("a", tonmeister={"mae_db": 1.0}),
        case("b", tonmeister={"mae_db": None}),
        case("c", tonmeister={"mae_db": 3.0}),
    ]
    assert mean_of(cases, OURS, "mae_db") == 2.0
    assert mean_of(cases, OURS, "lead_error_db") is None


def test_an_absent_system_is_named_with_its_reason_and_never_gets_figures() -> None:
    def fail() -> dict[str, object]:
        raise AbsentError("not installed")

    cases = [case("a", tonmeister={"x": 1.0}, libsonare=attempt(fail), equal={"x": 2.0})]
    assert cases[0].systems["libsonare"] == {"absent": "not installed"}
    assert systems_of(cases) == ("equal",)
    assert absences(cases) == ("libsonare: not installed",)
    assert summarise_means(cases, ("x",)).baselines == {"equal": {"x": 2.0}}


def test_a_baseline_is_worked_out_once_for_the_same_key(tmp_path: Path) -> None:
    job, runs = Job(data=tmp_path, out=tmp_path), []

    def work() -> dict[str, object]:
        runs.append(1)
        return {"mae_db": 2.5}

    assert [remember(job, "key", work) for _ in range(3)] == [{"mae_db": 2.5}] * 3
    assert len(runs) == 1
    remember(job, "another key", work)
    assert len(runs) == 2


def test_a_case_prints_one_json_object_with_the_same_keys_for_all() -> None:
    line = json.loads(case("song seed 1", tonmeister={"mae_db": 1.0}, equal={"mae_db": 2.0}).as_json("balance"))
    assert line == {
        "bench": "balance",
        "case": "song seed 1",
        "systems": {"tonmeister": {"mae_db": 1.0}, "equal": {"mae_db": 2.0}},
    }


def test_a_data_folder_without_cases_ends_with_2_and_invents_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()
    assert main(["balance", "--data", str(tmp_path / "data"), "--out", str(tmp_path / "out"), "--json"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "holds none of its cases" in said.err
