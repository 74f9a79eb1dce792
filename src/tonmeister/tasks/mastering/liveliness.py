"""How loud a master becomes after references where nobody names a loudness: no louder than leaves its peaks standing."""

from dataclasses import replace

import numpy as np

from tonmeister.analysis.portrait import Portrait
from tonmeister.knowledge import number
from tonmeister.tasks.mastering.finishing import Finishing

_GROWTH_DB = 1.0
"""So much further an equaliser may let the song's own peaks stand out; what is not needed is raised again."""
_ROOM_DB = 0.3
"""Room below the ceiling that is worth another pass."""


def lively_lufs(song: Portrait, reference: Portrait, *, usual_lufs: float, ceiling_dbtp: float) -> float:
    """Return the usual loudness, or less where the limiter would hold the peaks lower over it than those of the reference, and a margin.

    Peaks that the song itself does not have ask for no room.
    """
    own, theirs = song.plr_db, reference.plr_db
    if own is None or theirs is None:
        return usual_lufs
    kept = min(own + _GROWTH_DB, theirs + number("finishing.reference_plr_over_db").value)
    lowest = min(usual_lufs, number("finishing.reference_quietest_lufs").value)
    return round(float(np.clip(ceiling_dbtp - kept, lowest, usual_lufs)), 2)


def raised(work: Finishing, true_peak_dbtp: float | None) -> Finishing | None:
    """Return the work with a louder target where the peaks of the master leave room that nothing asks for; None where they do not."""
    if work.louder_lufs is None or true_peak_dbtp is None:
        return None
    lufs = round(min(work.louder_lufs, work.target_lufs + work.ceiling_dbtp - true_peak_dbtp), 2)
    is_worth_it = lufs - work.target_lufs > _ROOM_DB
    return replace(work, target_lufs=lufs) if is_worth_it else None
