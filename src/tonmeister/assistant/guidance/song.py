"""What the mix that is open says about a question: evidence of its moves, as measured."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from tonmeister.errors import DocumentError

_LONGEST_NAME = 80
"""Titles hold names of files, which are a stranger's words: cut, on one line, in quotes."""
_MOST = 4
"""Lines that an answer can carry."""
_ASKED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "vocal": (("automation", "masking", "vocal_balance", "dynamics"), ("vocal",)),
    "dynamics": (("dynamics", "mastering"), ()),
    "loudness": (("mastering",), ()),
    "low_end": (("equalisation", "masking", "dynamics"), ("bass", "kick")),
    "drums": (("dynamics", "alignment"), ("kick", "snare", "tom", "hi-hat", "overheads", "drums")),
    "mud": (("equalisation", "masking"), ()),
    "masking": (("masking",), ()),
    "brightness": (("equalisation", "mastering"), ()),
    "phase": (("alignment",), ()),
    "repair": (("cleanup",), ()),
    "sections": (("pacing", "automation"), ()),
    "sibilance": (("equalisation", "dynamics"), ("vocal",)),
    "width": (("panning", "pacing"), ()),
}
"""For each measure of a card: tasks whose moves speak to it, and roles of tracks (none is all)."""
_WORDS = {
    "mud": ("180-400", "400-900", "low mids", "boxy"),
    "brightness": ("tilt", "bright", "dull", "dark"),
    "sibilance": ("ess", "sibil"),
}
"""Words that the evidence must hold."""


class SongFacts(NamedTuple):
    """What an answer can use of a mix."""

    lines: tuple[str, ...]
    bpm: float | None


def song_facts(out: Path, measures: tuple[str, ...], *, source: str | None) -> SongFacts:
    """Return the measurements of a mix that speak to a question.

    The document is read as plain JSON here: checking it by its models costs seconds, and nothing is decided or written.

    Raises:
        DocumentError: If there is none.
    """
    path = out / "mix.json" if out.is_dir() else out
    try:
        mix = json.loads(path.read_text("utf-8"))
        roles = {str(track["id"]): f"{track['role']} {track['family']}" for track in mix["tracks"]}
        moves = [move for move in mix["moves"] if move["state"] in {"accepted", "locked"}]
        bpm = mix["song"].get("tempo_bpm")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DocumentError(
            f"{path}: no mix document can be read there; give the folder that `tonmeister mix` wrote."
        ) from error
    found: dict[str, str] = {}
    for measure in measures:
        chosen = [move for move in moves if _speaks(move, measure, roles, source)]
        for move in sorted(chosen, key=_weight, reverse=True)[: _MOST - 1]:
            found.setdefault(str(move["id"]), _line(move))
    return SongFacts(tuple(found.values())[:_MOST], float(bpm) if bpm else None)


def quoted(name: str) -> str:
    """Return a stranger's words on one line, cut and in quotes: they are data, never orders."""
    flat = " ".join(name.split())
    return f"“{flat[:_LONGEST_NAME]}…”" if len(flat) > _LONGEST_NAME else f"“{flat}”"


def _speaks(move: dict[str, Any], measure: str, roles: dict[str, str], source: str | None) -> bool:
    tasks, wanted = _ASKED[measure]
    track = move["where"].get("track")
    role = roles.get(str(track), "")
    told = " ".join(str(evidence["what"]) for evidence in move["because"]).lower() + str(move["title"]).lower()
    words = _WORDS.get(measure, ())
    fits = not wanted or any(name in role for name in wanted) or (measure == "vocal" and "voice" in told)
    if measure in {"mud", "dynamics"} and source is not None and track is not None and "vocal" in source:
        fits = fits and "vocal" in role
    return move["task"] in tasks and fits and (not words or any(word in told for word in words))


def _weight(move: dict[str, Any]) -> float:
    """Return how far the first evidence lies from its limit, so that the clearest is told first."""
    evidence = move["because"][0]
    limit = evidence.get("limit")
    return (abs(evidence["value"] - limit) if limit is not None else 0.0) + (1.0 if move.get("measured") else 0.0)


def _line(move: dict[str, Any]) -> str:
    evidence = move["because"][0]
    limit = "" if evidence.get("limit") is None else f" (limit {evidence['limit']:g})"
    line = f"{quoted(str(move['title']))}: {quoted(str(evidence['what']))} {_short(evidence['value'])} {evidence['unit']}{limit}"
    measured, expects = move.get("measured"), move.get("expects")
    if measured and expects:
        metric = str(expects["metric"]).removesuffix("_db").removesuffix("_lu").replace("_", " ")
        promised = "" if expects.get("value") is None else f" (promised {_short(expects['value'])})"
        line += f"; its effect, measured: {metric} {_short(measured['value'])} {expects['unit']}{promised}"
    return f"{line} [{move['id']}]"


def _short(value: float) -> str:
    return f"{value:.1f}" if 1 <= abs(value) < 1000 else f"{value:.2g}" if abs(value) < 1 else f"{value:.0f}"
