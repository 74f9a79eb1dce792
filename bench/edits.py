"""Hand edits of a `mix.json`, as a person with an editor would make them."""

import json
from pathlib import Path


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
