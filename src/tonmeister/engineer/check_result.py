"""What `check` gives back: findings with their evidence, what each platform and each device makes of the file, and what differs."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from tonmeister.analysis.spans import Span
from tonmeister.engineer.codecs import CodecPeak
from tonmeister.engineer.result import StageTime
from tonmeister.model import Db, Model, Seconds, Share

Grade = Literal["fault", "note", "good"]
"""fault: it should be mended before anybody gets it; note: worth knowing, perhaps meant so; good: looked at, nothing found."""


class Finding(Model):
    """One thing that was looked at."""

    id: str
    """Such as `peaks.true-peak`."""
    title: str
    """What was looked at, in a few words."""
    grade: Grade
    sentence: str
    """What was found, in one plain sentence."""
    value: float | None = None
    """What was measured."""
    limit: float | None = None
    """The number that it may not pass, for this grade; the nearest one where it is good."""
    unit: str = ""
    source: str = ""
    """Where the limit comes from."""
    spans: tuple[Span, ...] = ()
    """Where, at most twenty places; empty is everywhere or nowhere."""
    remedy: str = ""
    """The smallest thing that helps; empty where nothing is to be done."""


class PlatformPlay(Model):
    """What one platform does with the file."""

    name: str
    title: str
    does: Literal["turns down", "turns up", "leaves it", "turns up and limits"]
    gain_db: Db
    played_lufs: float
    """Loudness at which a listener gets it."""
    played_true_peak_dbtp: Db
    """True peak there, before any codec."""
    limited_db: Db = 0.0
    """How much the platform's limiter has to take from the highest peak."""
    asks_dbtp: Db
    """True peak that it wants of a file."""
    over_db: Db
    """How far the file is over that; 0 where it is not."""
    source: str


class DevicePlay(Model):
    """What one kind of loudspeaker makes of the file."""

    name: str
    title: str
    region_db: dict[str, Db]
    """Level of each region against the middle, as it comes out there."""
    bass_left: float
    """Part of the loudness of what lies below 160 Hz that is left; over 1 it is raised."""
    loudness_share: dict[str, Share]
    """Part of the whole loudness that each region has there."""
    mono_loss_db: Db | None = None
    """What summing to mono costs, where it does."""
    source: str


class Difference(Model):
    """One thing in which two versions differ, level-matched."""

    what: str
    where: str
    """The whole song, or a stretch of it in seconds."""
    value: float
    """This file minus the other."""
    unit: str
    sentence: str


class Compared(Model):
    """What differs from another version."""

    against: Path
    gain_db: Db
    """How much the other one was turned up to be as loud."""
    offset_s: Seconds
    """How much later the same music comes in the other."""
    residual_db: Db | None
    """What is left of the difference of both at the gain that fits best, against this one; None where they do not line up to the sample."""
    differences: tuple[Difference, ...]


class CheckedFile(Model):
    """Facts of the file."""

    path: Path
    container: str
    codec: str
    bits: int
    """As the file says; 0 where it is lossy."""
    used_bits: int | None
    """Shortest word that holds every sample; None where they lie on no grid."""
    sample_rate_hz: int
    channels: int
    duration_s: Seconds
    integrated_lufs: float | None
    true_peak_dbtp: Db | None
    """8x oversampled."""
    range_lu: float | None
    plr_db: Db | None
    """True peak minus integrated loudness."""
    crest_db: Db | None
    short_term_max_lufs: float | None


class CheckResult(Model):
    """Everything that was looked at in one file."""

    file: CheckedFile
    findings: tuple[Finding, ...]
    """In the order of the work; what is good is there as well."""
    platforms: tuple[PlatformPlay, ...]
    devices: tuple[DevicePlay, ...]
    codecs: tuple[CodecPeak, ...] = ()
    """Empty unless it was asked for."""
    compared: Compared | None = None
    previews: tuple[Path, ...] = ()
    """Files that play as the platforms would, where they were asked for."""
    report: Path | None = None
    misses: tuple[str, ...] = ()
    """The faults, in sentences; any of them is exit 3."""
    stages: dict[str, StageTime] = Field(default_factory=dict)
    """What each stage of the work cost."""
