"""What the cleaning of recordings gives back; the same as JSON through every door."""

from pathlib import Path

from tonmeister.analysis.speech_flow import Break
from tonmeister.document.repair import Repair, RepairKind
from tonmeister.engineer.result import StageTime
from tonmeister.model import Db, Model, Seconds, Share
from tonmeister.processing import Debreath, Declick, Denoiser, Deplosive


class DoneRepair(Model):
    """One repair, in figures."""

    kind: RepairKind
    title: str
    """What was found."""
    found: float
    unit: str
    places: int | None = None
    """How many places were mended; None where it is everywhere."""
    before_dbfs: Db | None = None
    """Level of the defect where most was done."""
    after_dbfs: Db | None = None
    harm_db: Db
    """Wanted sound in what was taken away, relative to what stays, at most."""
    amount: Share
    """Part of it that was done; 0 where the harm test stopped it."""
    voice_model: Share = 0.0
    """Part of the voice model in it."""

    @classmethod
    def of(cls, repair: Repair) -> "DoneRepair":
        """Return the figures of a repair without its settings."""
        return cls(
            kind=repair.kind, title=repair.title, found=repair.found, unit=repair.unit, places=_places(repair),
            before_dbfs=repair.before_dbfs, after_dbfs=repair.after_dbfs, harm_db=repair.harm_db, amount=repair.amount,
            voice_model=repair.processor.voice if isinstance(repair.processor, Denoiser) else 0.0,
        )  # fmt: skip


class CleanedFile(Model):
    """One recording, cleaned."""

    source: Path
    out: Path
    is_voice: bool
    """Whether one voice was heard to speak or sing alone."""
    role: str
    """What it was heard to be."""
    sample_rate_hz: int
    channels: int
    duration_s: Seconds
    repairs: tuple[DoneRepair, ...]
    """In the order in which they were done."""
    identical: bool
    """Whether the samples are those that came in: clean, nothing to do."""
    evidence: tuple[str, ...]
    """Where nothing was done: what was looked at, in sentences."""
    residual_db: Db | None
    """Level of all that was taken away, relative to what came in; None where nothing was."""
    gain_db: Db
    """Gain of the whole, where rebuilt peaks needed room."""
    levelled: bool
    """Whether it was brought to the loudness of a podcast."""
    lufs_before: float | None
    lufs_after: float | None
    true_peak_dbtp: Db | None
    """Of the result."""
    breaks: tuple[Break, ...] = ()
    """Long pauses and candidates for filled ones, in podcast mode: listed, never cut."""


class CleanResult(Model):
    """Recordings, cleaned."""

    out: Path
    files: tuple[CleanedFile, ...]
    skipped: tuple[str, ...] = ()
    """What else was in the folder, and why it was left."""
    residual: Path | None = None
    report: Path | None = None
    misses: tuple[str, ...] = ()
    """Targets that were missed, in sentences."""
    stages: dict[str, StageTime]


def _places(repair: Repair) -> int | None:
    if isinstance(repair.processor, Declick | Deplosive):
        return len(repair.processor.regions)
    return len(repair.processor.breaths) if isinstance(repair.processor, Debreath) else None
