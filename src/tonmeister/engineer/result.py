"""What the engineer gives back; the same as JSON through every door."""

from pathlib import Path

from tonmeister.analysis.difference import ReferenceGap
from tonmeister.analysis.portrait import Portrait
from tonmeister.document.artefact import Artefact
from tonmeister.document.direction import Direction
from tonmeister.document.inventory import Incoming
from tonmeister.document.mix import Brief, BudgetUse, Song
from tonmeister.document.move import Move
from tonmeister.engineer.codecs import CodecPeak
from tonmeister.knowledge.session_notes import SessionNotes
from tonmeister.model import Db, Model, Seconds


class StageTime(Model):
    """What a stage cost."""

    wall_s: Seconds
    """Seconds that passed."""
    cpu_s: Seconds
    """Seconds of processor time, all threads together."""


class MasterFigures(Model):
    """What was measured on the finished master."""

    integrated_lufs: float | None
    true_peak_dbtp: Db | None
    """8x oversampled."""
    range_lu: float | None
    plr_db: Db | None
    """True peak minus integrated loudness."""
    drive_db: Db
    """Gain into the limiter."""
    max_gain_reduction_db: Db
    target_lufs: float
    ceiling_dbtp: Db


class MovesSummary(Model):
    """How the moves turned out."""

    total: int
    promised: int
    """Moves with an expectation."""
    kept: int
    """Promises that were measured and kept."""
    missed: tuple[str, ...]
    """Ids of moves whose promise was measured and not kept."""


class MixResult(Model):
    """A finished mix."""

    out: Path
    files: tuple[str, ...]
    """What was written, by name inside `out`."""
    song: Song
    brief: Brief
    direction: Direction | None = None
    """The mix against its references and moods, before and after; None without any."""
    """What was asked for, and the genre that it was mixed as."""
    incoming: tuple[Incoming, ...]
    """Everything that came in and what became of it."""
    mixed: int
    """Tracks in the mix."""
    is_premixed: bool
    """Whether the stems' own balance was kept."""
    moves: MovesSummary
    mix_lufs: float | None
    master: MasterFigures | None
    budget_use: tuple[BudgetUse, ...]
    artefacts: tuple[Artefact, ...]
    """What was looked for in the finished sound; one over its limit is told, and changes no exit code."""
    misses: tuple[str, ...]
    """Targets, budgets and tracks that were missed, in sentences; any of them is exit 3."""
    lessened: tuple[str, ...] = ()
    """What was lessened so that a budget holds, in sentences."""
    stages: dict[str, StageTime]
    computed: dict[str, int]
    """How many nodes were computed in the last render, by kind; the rest came from the cache."""


class MasterResult(Model):
    """A finished master of one file."""

    out: Path
    master: MasterFigures
    codecs: tuple[CodecPeak, ...] = ()
    """True peak after each codec, where that was asked for."""
    limit_dbtp: Db | None = None
    """Ceiling at which it was written so that codecs hold the one that was asked for; None without that."""
    verdict: str
    """What was done, or that there was little to do, in a sentence."""
    character: str
    """Name of the character."""
    before: Portrait
    """The file as it came."""
    after: Portrait
    """The master, as read back from the file."""
    tone_change_db: Db
    """Largest change of an ERB band from 60 Hz to 12 kHz, level-matched, as measured."""
    moves: tuple[Move, ...]
    """What was done and why, in the order of the work; those that change nothing say what was found."""
    differences: tuple[ReferenceGap, ...] = ()
    """How the references differ from the file."""
    misses: tuple[str, ...]
    stages: dict[str, StageTime]


class WrittenSession(Model):
    """A session that was written, and an account of it."""

    format: str
    """Its format, such as `ardour`."""
    folder: Path
    """Where it lies; about.txt in it says what is said here."""
    file: Path
    """What the DAW opens; of stems, what says how they are used."""
    carried: dict[str, int]
    """How many of each kind of thing are in it."""
    approximate: tuple[str, ...]
    """What is in it, but does not sound exactly as in the mix, in sentences."""
    errors_db: dict[str, Db]
    """Of what is approximate, the largest difference that can be computed."""
    printed: tuple[str, ...]
    """What is in it as sound, as the DAW has no device for it, in sentences."""
    lost: tuple[str, ...]
    """What the session could not carry, in sentences."""


class ExportResult(Model):
    """Sessions that were written."""

    path: Path
    """Folder of all sessions of the mix, `OUT/sessions`; each format has a folder of its name in it."""
    sessions: tuple[WrittenSession, ...]
    """One account a format, each format once, in the order in which they were asked for."""


class OptionalPart(Model):
    """A part of the installation that few need."""

    extra: str
    """Its name."""
    purpose: str
    installed: bool
    install: str
    """What to type to have it."""


class DoctorResult(Model):
    """What this installation can do, and what stands behind its sessions."""

    parts: tuple[OptionalPart, ...]
    sessions: dict[str, SessionNotes]
    """Notes by the name of the format."""
