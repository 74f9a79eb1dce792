"""What is said of a master once it stands: how much its tone changed, what each move brought, and whether there was much to do."""

from collections.abc import Sequence

import numpy as np

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.analysis.portrait import COMPARED_HZ, Portrait, tone_difference_db
from tonmeister.document.move import Measurement, Move, Nothing
from tonmeister.engineer.result import MasterFigures
from tonmeister.tasks.mastering.finishing import Finishing

LITTLE_DB = 1.0
"""Up to this a master's tone is as it was."""
_HEARD_DB = -40.0
"""Bands further below the loudest are not counted: what a limiter spreads there is no change of tone."""
OUTPUT = ("mastering.target", "mastering.limiter", "mastering.clip")
"""What every master has."""
VOCAL = "mastering.vocal"
"""What was done before the chain: it is told, though no setting of the chain stands for it."""


def tone_change_db(before: Portrait, after: Portrait) -> float:
    """Return the largest change of a band between 60 Hz and 12 kHz at one level."""
    if not before.tone_db:
        return 0.0
    levels = np.array(before.tone_db)
    change = np.where(levels > levels.max() + _HEARD_DB, tone_difference_db(before.tone_db, after.tone_db), np.nan)
    inside = np.isfinite(change) & (COMPARED_HZ[0] <= ERB_CENTRES_HZ) & (COMPARED_HZ[1] >= ERB_CENTRES_HZ)
    return round(float(np.abs(change[inside]).max()), 2) if inside.any() else 0.0


def with_measured(
    moves: Sequence[Move], work: Finishing, after: Portrait, figures: MasterFigures, reference: Portrait | None
) -> tuple[Move, ...]:
    """Return the moves, with what was measured for those that promise something."""
    del work, after, reference
    out = []
    for move in moves:
        value = None
        if move.expects is not None:
            value = getattr(figures, move.expects.metric, None)
        if move.expects is None or value is None:
            out.append(move)
            continue
        over = value - move.expects.value
        kept = over <= 1e-6 if move.expects.metric == "true_peak_dbtp" else abs(over) <= move.expects.tolerance
        out.append(move.model_copy(update={"measured": Measurement(value=value, kept=kept)}))
    return tuple(out)


def verdict(moves: Sequence[Move], work: Finishing, change_db: float, lufs: float | None) -> str:
    """Say in a sentence what was done."""
    done = [
        move
        for move in moves
        if move.id == VOCAL
        or (move.id not in OUTPUT and move.state != "rejected" and not isinstance(move.change, Nothing))
    ]
    level = _level(work, work.target_lufs if lufs is None else lufs)
    if not done and change_db > LITTLE_DB:
        return f"Only its level: no change of tone, dynamics or width, but on the way the limiter moves a band by up to {change_db:.1f} dB. {level}"
    if not done:
        state = "a finished master already" if work.is_finished else "inside the band of released music"
        return f"Little to do: this is {state}. No change of tone, dynamics or width; measured, no band moves by more than {change_db:.1f} dB. {level}"
    names = "; ".join(move.title for move in done)
    few = (len(done) <= 2 or work.is_full) and all(move.id != VOCAL for move in done)
    if change_db <= LITTLE_DB and few and work.character_name == "clean" and work.comparison is None:
        return f"Little to do: {names}. No band moves by more than {change_db:.1f} dB. {level}"
    return f"{len(done)} {'change' if len(done) == 1 else 'changes'}: {names}. The tone moves by up to {change_db:.1f} dB. {level}"


def _level(work: Finishing, lufs: float) -> str:
    rise = lufs - (work.portrait.integrated_lufs or lufs)
    sentence = f"Loudness {rise:+.1f} LU to {lufs:.1f} LUFS"
    if work.louder_lufs is None:
        return f"{sentence}."
    return f"{sentence}, so that its peaks stand out as those of the reference do; --target {work.target} makes it {work.louder_lufs:.1f}."
