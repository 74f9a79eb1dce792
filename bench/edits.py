"""Hand edits of a `mix.json`, as a person with an editor would make them."""

import json
from pathlib import Path

PLAIN_CHAIN = [
    {
        "id": "plain-eq",
        "slot": "corrective",
        "processor": {
            "kind": "equaliser",
            "bands": [
                {"shape": "high_pass", "frequency_hz": 80},
                {"shape": "peak", "frequency_hz": 250, "gain_db": -3, "q": 1.2},
                {"shape": "peak", "frequency_hz": 900, "gain_db": -2, "q": 1.5},
                {"shape": "peak", "frequency_hz": 3200, "gain_db": 2.5, "q": 1.0},
                {"shape": "peak", "frequency_hz": 6500, "gain_db": -2, "q": 2.5},
                {"shape": "high_shelf", "frequency_hz": 10000, "gain_db": 2, "q": 0.7},
            ],
        },
    },
    {
        "id": "plain-compressor",
        "slot": "dynamics",
        "processor": {"kind": "compressor", "threshold_db": -24, "ratio": 3, "attack_ms": 10, "release_ms": 120},
    },
]
"""What anchor (a), `programs/pedalboard_chain.py`, runs on every track."""


def give_plain_chain(out: Path) -> None:
    """Give every strip the chain of anchor (a), so that rendering all strips is the same work for both."""
    path = out / "mix.json"
    document = json.loads(path.read_text())
    for track in document["tracks"]:
        if track.get("used", True):
            track["strip"]["inserts"] = PLAIN_CHAIN
    path.write_text(json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def edit_all_trims(out: Path, *, by_db: float) -> None:
    """Change the trim of every track, so that every strip must be rendered again."""
    _edit(out, by_db=by_db, every=True)


def edit_one_fader(out: Path, *, by_db: float) -> None:
    """Change the fader of the first track in use."""
    _edit(out, by_db=by_db, every=False)


def _edit(out: Path, *, by_db: float, every: bool) -> None:
    path = out / "mix.json"
    document = json.loads(path.read_text())
    used = [track for track in document["tracks"] if track.get("used", True)]
    for track in used:
        if every:
            track["strip"]["trim_db"] += by_db
    if not every:
        for point in used[0]["strip"]["fader_db"]["points"]:
            point["value"] += by_db
    path.write_text(json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
