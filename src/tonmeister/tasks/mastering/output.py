"""The end of the chain: loudness and ceiling, peaks clipped where the character says so, the true-peak limiter."""

from collections.abc import Iterator

from tonmeister.document.move import Evidence, Expectation, InsertChange, Move, TargetChange
from tonmeister.document.strip import Insert
from tonmeister.processing import Saturator, TruePeakLimiter
from tonmeister.tasks.mastering.finishing import HERE, Finishing, character_evidence

CLIP = "clip"
"""Id of the clip stage: its level follows the drive into the limiter."""


def propose(work: Finishing) -> Iterator[Move]:
    """Set the target, clip the shortest peaks, hold every true peak."""
    because = Evidence(
        what="loudness asked for", value=work.target_lufs, limit=work.budget.loudest_master_lufs, unit="LUFS", source=work.target_source
    )  # fmt: skip
    yield Move(
        id="mastering.target", task="mastering", where=HERE,
        title=f"Master to {work.target_lufs:.1f} LUFS, true peak at most {work.ceiling_dbtp:.1f} dBTP",
        change=TargetChange(target_lufs=work.target_lufs, ceiling_dbtp=work.ceiling_dbtp), because=(because,),
        expects=Expectation(metric="integrated_lufs", value=work.target_lufs, tolerance=0.1, unit="LUFS", scope="master"),
    )  # fmt: skip
    over = work.character.clip_over_db
    if over is not None and work.target != "vinyl":
        yield Move(
            id="mastering.clip", task="mastering", title="The shortest peaks are clipped before the limiter", where=HERE,
            change=InsertChange(insert=Insert(id=CLIP, slot="output", processor=Saturator(shape="peak_clip", drive_db=0.0, mix=0.0))),
            because=(character_evidence(work, "over the limiter's ceiling at least", over, "dB"),), depends_on=("mastering.target",),
        )  # fmt: skip
    limiter = TruePeakLimiter(
        ceiling_dbtp=work.ceiling_dbtp, release_ms=work.character.release_ms, lookahead_ms=work.character.lookahead_ms
    )
    yield Move(
        id="mastering.limiter", task="mastering", title=f"Hold every true peak at {work.ceiling_dbtp:.1f} dBTP", where=HERE,
        change=InsertChange(insert=Insert(id="limiter", slot="output", processor=limiter)), because=(because,),
        expects=Expectation(metric="true_peak_dbtp", value=work.ceiling_dbtp, tolerance=0.05, unit="dBTP", scope="master"),
        depends_on=("mastering.target",),
    )  # fmt: skip
