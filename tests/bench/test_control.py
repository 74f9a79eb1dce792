"""Counting promises, and telling what hangs on what, from the text of a document."""

from typing import Any

from bench.control_counts import count_moves, promises_enough
from bench.control_edits import changed_strips, dependents, is_order, tracks_near


def move(
    name: str, *, track: str | None = None, bus: str | None = None, kind: str = "fader", **fields: Any
) -> dict[str, Any]:
    return {
        "id": name, "where": {"track": track, "bus": bus}, "change": {"kind": kind}, "because": ["found"], "state": "accepted",
        "depends_on": [], "expects": None, "measured": None, **fields,
    }  # fmt: skip


def promise(value: float, before: float | None, tolerance: float, unit: str = "dB") -> dict[str, Any]:
    return {"value": value, "before": before, "tolerance": tolerance, "unit": unit}


def test_a_promise_of_little_or_with_a_wide_tolerance_does_not_count() -> None:
    assert promises_enough(move("a", expects=promise(-1.0, 0.0, 0.5)))
    assert not promises_enough(move("a", expects=promise(-0.4, 0.0, 0.2)))
    assert not promises_enough(move("a", expects=promise(-1.0, 0.0, 0.9)))
    assert not promises_enough(move("a"))


def test_notes_and_plain_routing_are_left_out_and_unmeasured_promises_count_as_missed() -> None:
    moves = [
        move("note", kind="nothing"), move("way", kind="route"), move("silent"),
        move("kept", expects=promise(2.0, 0.0, 0.5), measured={"value": 2.1, "kept": True}),
        move("open", expects=promise(2.0, 0.0, 0.5)),
    ]  # fmt: skip
    counted = count_moves({"moves": moves, "budget_use": [{"budget": "x", "held": True}]})
    assert (counted["sounding"], counted["promising"], counted["kept"]) == (3, 2 / 3, 0.5)
    assert counted["faults"] == ["open was not measured"]
    assert counted["budgets_measured"] == 1 / 8


def test_a_group_that_does_nothing_is_order_and_an_effect_is_not() -> None:
    bus = {"kind": "group", "inserts": [], "sends": [], "width": 1.0}
    assert is_order({"change": {"kind": "bus", "bus": bus}})
    assert not is_order({"change": {"kind": "bus", "bus": {**bus, "kind": "effect"}}})


def test_what_hangs_on_a_bus_is_near_it() -> None:
    moves = [move("plate", bus="plate"), move("send", track="vox", depends_on=["plate"]), move("pan", track="keys")]
    strip = {"output": "master", "sends": []}
    tracks = [{"id": "vox", "strip": {**strip, "sends": [{"bus": "plate"}]}}, {"id": "keys", "strip": strip}]
    assert dependents(moves, "plate") == {"plate", "send"}
    assert dependents(moves, "send", upwards=True) == {"plate", "send"}
    assert tracks_near({"moves": moves, "tracks": tracks}, moves[0]) == {"vox"}
    assert changed_strips([{"where": "tracks.vox.strip.fader_db"}, {"where": "tracks.keys.role"}]) == {"vox"}
