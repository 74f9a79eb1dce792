"""What hangs on what in a `mix.json`, told from its text alone, and a hand edit."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Document = dict[str, Any]


def is_note(move: Mapping[str, Any]) -> bool:
    """Whether a move changes nothing: a finding for a person."""
    return bool(move["change"]["kind"] == "nothing")


def is_order(move: Mapping[str, Any]) -> bool:
    """Whether a move only puts the mix in order: a way to a bus, or a group that does nothing to the sound."""
    change = move["change"]
    if change["kind"] == "route":
        return True
    bus = change.get("bus", {})
    return (
        change["kind"] == "bus"
        and bus["kind"] == "group"
        and not bus["inserts"]
        and not bus["sends"]
        and bus["width"] == 1
    )


def dependents(moves: Sequence[Mapping[str, Any]], move_id: str, *, upwards: bool = False) -> set[str]:
    """Return a move's id and those of all that depend on it; upwards, of all on which it depends."""
    needs = {move["id"]: set(move["depends_on"]) for move in moves}
    found, fresh = {move_id}, {move_id}
    while fresh:
        if upwards:
            fresh = set().union(*(needs.get(name, set()) for name in fresh)) - found
        else:
            fresh = {name for name, needed in needs.items() if needed & fresh} - found
        found |= fresh
    return found


def tracks_near(document: Document, move: Mapping[str, Any]) -> set[str]:
    """Return the tracks that have to do with a move: its own, those of its dependents, those that its bus or promise names.

    Also those that give way for the sake of one of them, or are keyed by it: they hang on how it sounds.
    """
    moves = {one["id"]: one for one in document["moves"]}
    near: set[str] = set()
    for name in dependents(document["moves"], move["id"]):
        one = moves[name]
        near |= {one["where"]["track"], (one["expects"] or {}).get("track")} - {None}
        bus = one["where"]["bus"]
        for track in document["tracks"]:
            strip = track["strip"]
            if bus is not None and (strip["output"] == bus or bus in {send["bus"] for send in strip["sends"]}):
                near.add(track["id"])
    return near | {one["where"]["track"] for one in document["moves"] if _for_the_sake_of(one) & near} - {None}


def _for_the_sake_of(move: Mapping[str, Any]) -> set[str | None]:
    """Return the tracks that a move serves or listens to."""
    return {(move["expects"] or {}).get("track"), move["change"].get("insert", {}).get("key")} - {None}


def changed_strips(differences: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the tracks whose strips differ, from `tonmeister diff --json`."""
    found = set()
    for difference in differences:
        path = str(difference["where"])
        if path.startswith("tracks.") and ".strip" in path:
            found.add(path.split(".")[1])
    return found


def edit_fader(out: Path, track_id: str, *, by_db: float) -> None:
    """Move one fader by hand."""
    path = out / "mix.json"
    document = json.loads(path.read_text())
    track = next(track for track in document["tracks"] if track["id"] == track_id)
    for point in track["strip"]["fader_db"]["points"]:
        point["value"] = round(point["value"] + by_db, 2)
    path.write_text(json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
