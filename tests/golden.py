"""Recorded figures of small mixes: compared by tests, written again by `make bless` as a diff to review."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "records"


def check_golden(
    name: str, figures: Mapping[str, float], *, tolerances: Mapping[str, float], folder: Path = FOLDER
) -> None:
    """Compare figures with those recorded under the name; with BLESS=1 record them instead.

    Args:
        name: The mix, as records/NAME.json names it.
        figures: What was measured, the unit in each key.
        tolerances: How far each figure may be off, of the same keys; the test says where each comes from.
        folder: Where the records are.
    """
    assert figures.keys() == tolerances.keys(), "each figure has a tolerance of its own"
    record = folder / f"{name}.json"
    if os.environ.get("BLESS"):
        folder.mkdir(exist_ok=True)
        record.write_text(json.dumps(dict(figures), indent=2, sort_keys=True) + "\n", encoding="utf-8")
    recorded = json.loads(record.read_text(encoding="utf-8"))
    assert figures.keys() == recorded.keys(), f"recorded: {sorted(recorded)}"
    off = {
        key: f"{value} instead of {recorded[key]} ± {tolerances[key]}"
        for key, value in figures.items()
        if value != pytest.approx(recorded[key], abs=tolerances[key], rel=0)
    }
    assert off == {}, off
