"""What may be asked of a delivery, and what it gives back."""

from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field

from tonmeister.engineer.result import StageTime
from tonmeister.errors import InputError
from tonmeister.files.encode_delivery import ENDINGS, DeliveryFormat, WordLength
from tonmeister.files.tags import Tags
from tonmeister.model import Db, Model, Seconds
from tonmeister.processing.quantiser import DitherKind

Name = TypeVar("Name", bound=str)
"""One of a list of names."""
VersionName = Literal["main", "instrumental", "acappella", "tv", "stems"]
VERSIONS: tuple[VersionName, ...] = ("main", "instrumental", "acappella", "tv", "stems")
FORMATS: tuple[DeliveryFormat, ...] = tuple(ENDINGS)
_RATES_HZ = (8000, 384_000)


class DeliverOptions(Model):
    """Wishes for one delivery."""

    formats: tuple[DeliveryFormat, ...] = ("wav",)
    """Kinds of files."""
    versions: tuple[VersionName, ...] = ("main",)
    """What is delivered; a single file has only main."""
    rate_hz: int | None = Field(default=None, ge=_RATES_HZ[0], le=_RATES_HZ[1])
    """Sample rate; None keeps that of the song. Opus is always 48 kHz, MP3 at most that."""
    bits: WordLength | None = None
    """Word length; None is 24, and 32-bit float for stems as WAV."""
    dither: DitherKind = "tpdf"
    """What is added before whole numbers."""
    tags: Tags = Field(default_factory=Tags)
    """What the files say about themselves."""
    cover: Path | None = None
    """A JPEG or PNG for the files that carry one."""


class DeliveredFile(Model):
    """One file, as it was read back."""

    name: str
    """Path inside the folder."""
    version: str
    """main, instrumental, acappella, tv, or the stem's name."""
    format: DeliveryFormat
    sample_rate_hz: int
    bits: WordLength | Literal["lossy"]
    frames: int
    duration_s: Seconds
    integrated_lufs: float | None
    """Measured on the file; None for silence."""
    true_peak_dbtp: Db | None
    """Of the file, decoded, 8x oversampled."""
    gain_db: Db = 0.0
    """By how much it was turned down so that nothing is cut off; 0 nearly always."""
    sha256: str
    size_bytes: int
    problems: tuple[str, ...] = ()
    """What its check found; empty is a pass."""


class StemSum(Model):
    """How near the stems, added up, come to the mix."""

    stems: tuple[str, ...]
    peak_residual_dbfs: Db
    """Largest sample of the difference; -200 for none at all."""
    rms_residual_dbfs: Db
    limit_dbfs: Db
    """The promise for the RMS of the difference."""


class DeliverResult(Model):
    """A finished delivery."""

    out: Path
    files: tuple[DeliveredFile, ...]
    others: tuple[str, ...]
    """Checksums, manifest, cover."""
    stem_sum: StemSum | None = None
    """None without stems."""
    notes: tuple[str, ...] = ()
    """What is worth knowing, in sentences: what does not sum, what was left out and why."""
    misses: tuple[str, ...] = ()
    """What did not pass, in sentences; any of them is exit 3."""
    stages: dict[str, StageTime] = Field(default_factory=dict)
    """What each stage of the work cost."""


def read_formats(text: str) -> tuple[DeliveryFormat, ...]:
    """Return formats of a list with commas.

    Raises:
        InputError: If there is no such format.
    """
    return _read("--formats", text, FORMATS)


def read_versions(text: str) -> tuple[VersionName, ...]:
    """Return versions of a list with commas; `all` is all of them.

    Raises:
        InputError: If there is no such version.
    """
    return VERSIONS if text.strip() == "all" else _read("--versions", text, VERSIONS)


def _read(option: str, text: str, known: tuple[Name, ...]) -> tuple[Name, ...]:
    said = [name.strip().lower().replace(" ", "") for name in text.split(",") if name.strip()]
    unknown = [name for name in said if name not in known]
    if unknown or not said:
        raise InputError(f"{option} {text}: no such {option[2:-1]}; there are {', '.join(known)}.")
    return tuple(name for name in known if name in said)
