"""A file that is finished already keeps its tone: where the limiter alone would bend it on the way up, the master stays quieter."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tonmeister.analysis.bands import THIRD_OCTAVE_CENTRES_HZ
from tonmeister.analysis.portrait import COMPARED_HZ
from tonmeister.analysis.track_meter import TrackMeasurement
from tonmeister.document.move import Move, Nothing
from tonmeister.engineer.master_verdict import OUTPUT
from tonmeister.knowledge import number
from tonmeister.knowledge.platforms import platforms
from tonmeister.tasks.mastering.finishing import Finishing

MOST_TRIES = 4
"""So often a master is written at most, quieter each time."""
_ROW = "finishing.tone_finished_db"
_HEARD_DB = -50.0
"""Third octaves further below the fullest are not counted."""
_NORMALISED_LUFS = -14.0
"""Louder than this a target is a wish for loudness."""
_LEAVES = frozenset((*OUTPUT, "mastering.low-end.sub"))
"""Moves that leave a file's sound as it is."""
_AIM = 0.9
"""Part of what is allowed that is aimed at."""


def third_octave_change_db(before: TrackMeasurement, after: TrackMeasurement) -> float:
    """Return the largest change of a third octave from 60 Hz to 12 kHz, at one level (the middle of the changes is 0)."""
    one, two = (m.curves.third_octave_db.astype(np.float64) for m in (before, after))
    inside = (COMPARED_HZ[0] <= THIRD_OCTAVE_CENTRES_HZ) & (COMPARED_HZ[1] >= THIRD_OCTAVE_CENTRES_HZ)
    there = inside & (one > one.max() + _HEARD_DB) & (two > two.max() + _HEARD_DB)
    change = (two - one)[there]
    return float(np.abs(change - np.median(change)).max()) if change.size else 0.0


def is_guarded(work: Finishing, moves: Sequence[Move]) -> bool:
    """Say whether the tone is to stay: of a file that is full to the top and has nothing to mend, when nobody asked for another sound.

    Only where whoever plays it makes all alike loud: there a quieter master loses nothing. A loudness that a person names is reached.
    """
    is_plain = work.comparison is None and work.character_name == "clean" and work.budget.name != "bold"
    is_normalised = work.target in {"streaming", *platforms()} and work.target_lufs <= _NORMALISED_LUFS
    is_left = all(
        move.id in _LEAVES for move in moves if move.state != "rejected" and not isinstance(move.change, Nothing)
    )
    plr = work.portrait.plr_db
    may_be_a_master = work.is_full and plr is not None and plr <= number("finishing.finished_plr_db").value
    return is_plain and may_be_a_master and is_normalised and is_left


def quieter(work: Finishing, moves: Sequence[Move], change_db: float) -> Finishing | None:
    """Return the work with a quieter target, where the tone moved too far on the way up; None where it may stay.

    The change is taken to grow in proportion from the loudness on at which the peaks reach the ceiling.
    """
    most, lufs, peak = number(_ROW).value, work.portrait.integrated_lufs, work.portrait.true_peak_dbtp
    if not is_guarded(work, moves) or lufs is None or peak is None or change_db <= most:
        return None
    free_lufs = lufs + work.ceiling_dbtp - peak
    rise = (work.target_lufs - free_lufs) * _AIM * most / change_db
    return replace(work, target_lufs=round(free_lufs + rise, 2)) if rise > 0 else None


def tell_quieter(asked_lufs: float, work: Finishing) -> tuple[str, ...]:
    """Say that the master is quieter than asked for, and why."""
    if work.target_lufs >= asked_lufs:
        return ()
    sentence = (
        f"The master aims at {work.target_lufs:.1f} LUFS instead of {asked_lufs:.1f}: the file is full to the top, and louder its limiter "
        f"would change the tone by more than the {number(_ROW).value:g} dB that a finished file may change. Say the loudness as a number, or --budget bold, to have it all the same."
    )
    return (sentence,)
