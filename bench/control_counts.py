"""How many moves have evidence, promise something and keep it, and how many budgets hold; told from a `mix.json` alone."""

from collections.abc import Mapping, Sequence
from typing import Any

from bench.case import Values
from bench.control_edits import Document, is_note, is_order

LEAST = {"dB": 0.5, "LU": 0.5, "LUFS": 0.5, "dBFS": 0.5}
"""A smaller change is no promise, by unit; other units have no such threshold."""
BUDGETS = 8
"""How many budgets a document has."""


def count_moves(document: Document) -> Values:
    """Return shares of moves and of budgets, with what fell short by name.

    A note changes nothing and a route to a group without processing changes no sound: neither can promise anything.  `promising` leaves
    both out, `promising_all` only the notes.
    """
    applied = [move for move in document["moves"] if move["state"] in ("accepted", "locked")]
    moves = [move for move in applied if not is_note(move)]
    sounding = [move for move in moves if not is_order(move)]
    promised = [move for move in moves if move["expects"] is not None]
    kept = [move for move in promised if move["measured"] is not None and move["measured"]["kept"]]
    uses = document["budget_use"]
    return {
        "moves": len(applied), "sounding": len(sounding), "promised": len(promised),
        "with_evidence": _share([move for move in applied if move["because"]], applied),
        "promising": _share([move for move in sounding if promises_enough(move)], sounding),
        "promising_all": _share([move for move in moves if promises_enough(move)], moves),
        "kept": _share(kept, promised),
        "budgets_held": _share([use for use in uses if use["held"]], uses),
        "budgets_measured": len(uses) / BUDGETS,
        "faults": [*_missed(promised), *(f"{use['budget']} {use['used']} of {use['limit']}" for use in uses if not use["held"])],
        "silent": [move["id"] for move in sounding if not promises_enough(move)],
    }  # fmt: skip


def promises_enough(move: Mapping[str, Any]) -> bool:
    """Whether a move promises a change that can be heard; a tolerance of more than half of it is no promise."""
    promise = move["expects"]
    if promise is None:
        return False
    if promise["before"] is None:
        return True
    change = abs(promise["value"] - promise["before"])
    return bool(change >= LEAST.get(promise["unit"], 0.0) and promise["tolerance"] <= change / 2 + 0.006)


def _missed(promised: Sequence[Mapping[str, Any]]) -> list[str]:
    found = []
    for move in promised:
        measured = move["measured"]
        if measured is None:
            found.append(f"{move['id']} was not measured")
        elif not measured["kept"]:
            found.append(f"{move['id']} promised {move['expects']['value']:g}, measured {measured['value']:g}")
    return found


def _share(part: Sequence[object], whole: Sequence[object]) -> float | None:
    return len(part) / len(whole) if whole else None
