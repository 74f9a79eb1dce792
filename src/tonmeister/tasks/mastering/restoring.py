"""What over-limiting took away, given back within limits: peaks that were cut off are rebuilt, attacks that were flattened raised."""

from collections.abc import Iterator

import numpy as np

from tonmeister.document.move import Evidence, Move, Nothing
from tonmeister.knowledge import number
from tonmeister.processing import Declip, TransientShaper
from tonmeister.tasks.mastering.finishing import HERE, Finishing, insert_move
from tonmeister.tasks.work import evidence

_SHARE = 0.75
_ROOM_LU = 2.0
"""So much quieter than the file the target must be: attacks need room."""


def propose(work: Finishing) -> Iterator[Move]:
    """Rebuild clipped peaks, and raise attacks where a crushed sound is to become quieter."""
    yield from _declip(work)
    yield from _attacks(work)


def _declip(work: Finishing) -> Iterator[Move]:
    fault = next((fault for fault in work.measured.figures.faults if fault.kind == "clipping"), None)
    if fault is None or fault.value < number("finishing.declip_runs").value or work.clip_level is None:
        return
    because = (evidence("runs of clipped samples", fault.value, against="finishing.declip_runs"),)
    title = f"Cut off in {fault.value:.0f} places: the peaks are rebuilt"
    yield insert_move(work, "restore.declip", title, "cleanup", Declip(ceiling=work.clip_level), because)


def _attacks(work: Finishing) -> Iterator[Move]:
    plr, lufs = work.portrait.plr_db, work.portrait.integrated_lufs
    least = number("finishing.crushed_plr_db").value
    if plr is None or lufs is None or plr >= least:
        return
    because = (evidence("true peak over loudness", plr, against="finishing.crushed_plr_db"),)
    if work.target_lufs > lufs - _ROOM_LU:
        yield Move(
            id="mastering.restore.no-room", task="mastering", where=HERE, change=Nothing(), because=because, confidence=0.6,
            title="The file is crushed; at this loudness nothing can be given back. A target 2 LU below the file leaves room",
        )  # fmt: skip
        return
    gain = round(min(number("finishing.restore_most_db").value, float(np.ceil(_SHARE * (least - plr) * 10) / 10)), 1)
    room = Evidence(
        what="room below the file's loudness",
        value=round(lufs - work.target_lufs, 1),
        limit=_ROOM_LU,
        unit="LU",
        source="guess",
    )
    yield insert_move(
        work, "restore.attacks", f"The file is crushed: attacks come up by {gain:.1f} dB", "dynamics",
        TransientShaper(attack_db=gain), (*because, room), confidence=0.5,
    )  # fmt: skip
