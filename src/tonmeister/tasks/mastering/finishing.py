"""What a master of one finished file is decided by."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tonmeister.analysis.difference import Comparison
from tonmeister.analysis.portrait import Portrait
from tonmeister.analysis.track_meter import TrackMeasurement
from tonmeister.document.mix import Budget
from tonmeister.document.move import Evidence, InsertChange, Move, Nothing, Where
from tonmeister.document.strip import MASTER, Insert, Slot
from tonmeister.knowledge import number
from tonmeister.knowledge.characters import Character
from tonmeister.knowledge.rows import source_text
from tonmeister.processing import Processor

HERE = Where(bus=MASTER)
AMOUNTS: Mapping[str, float] = {"tone": 1.0, "dynamics": 0.5, "width": 1.0, "loudness": 0.0, "vocal": 0.0}
"""How far a reference is followed in what, where nobody says so; in loudness and the level of the vocal only where it is asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class StemShare:
    """How much of each band comes from one stem."""

    name: str
    share: tuple[float, ...]
    """(40,) part of the power of all stems in each ERB band, 0..1."""
    side: tuple[float, ...] = ()
    """(6,) part of the side power of all stems in each band of the width; empty where it is not known."""


@dataclass(frozen=True, slots=True, eq=False)
class Finishing:
    """One file on its way to a master."""

    measured: TrackMeasurement
    portrait: Portrait
    target: str
    """Name of the target, or the loudness as it was said."""
    target_lufs: float
    ceiling_dbtp: float
    target_source: str
    budget: Budget
    character_name: str
    character: Character
    comparison: Comparison | None = None
    """Against references, if there are any."""
    amounts: Mapping[str, float] = field(default_factory=lambda: dict(AMOUNTS))
    """How far they are followed, by dimension."""
    stems: tuple[StemShare, ...] = ()
    """Where the stems are known: what can be mended there is not mended on the whole."""
    clip_level: float | None = None
    """Magnitude at which the file was cut off, where it was."""
    louder_lufs: float | None = None
    """The usual target, where a quieter one was taken that leaves the peaks standing; None where a loudness was asked for."""

    @property
    def is_finished(self) -> bool:
        """Whether the file has been mastered before: loud and full to the top."""
        lufs = self.portrait.integrated_lufs
        return self.is_full and lufs is not None and lufs >= number("finishing.finished_lufs").value

    @property
    def is_full(self) -> bool:
        """Whether the file is full to the top, as quiet masters are too: mixes are left with room above them."""
        peak = self.portrait.true_peak_dbtp
        return peak is not None and peak >= number("finishing.finished_peak_dbtp").value

    @property
    def loud_db(self) -> float:
        """Level of the loud parts of one channel, in dBFS RMS."""
        energies = self.measured.curves.energies_100ms
        return float(10 * np.log10(np.percentile(energies, 90) / 2 + 1e-12))

    @property
    def tone_most_db(self) -> float:
        """How much the tone may change at any frequency; of a file that may be a master, quiet or loud, no more than of one."""
        row = "finishing.tone_finished_db" if self.is_full else "finishing.tone_most_db"
        return min(number(row).value, self.budget.eq_gain_db, self.budget.tilt_change_db)


STEM_SHARE = 0.5
"""A stem that holds half of what is wrong is where it is mended."""


def side_stem(work: Finishing, band: int) -> tuple[str, float] | None:
    """Return the stem that makes most of the side in a band of the width, where one does, and its part."""
    known = [(stem.name, stem.side[band]) for stem in work.stems if stem.side]
    name, share = max(known, key=lambda pair: pair[1], default=("", 0.0))
    return (name, share) if share >= STEM_SHARE else None


def stem_fix(name: str, title: str, because: tuple[Evidence, ...], stem: tuple[str, float], what: str) -> Move:
    """Return the move that says what to do to a stem; the master leaves it alone."""
    share = Evidence(
        what=f"part of {what} that comes from {stem[0]}", value=round(stem[1], 2), limit=STEM_SHARE, unit="share", source="guess"
    )  # fmt: skip
    return Move(
        id=f"mastering.stem.{name}", task="mastering", title=f"Mend it in the stem, not here: {title}", where=HERE, change=Nothing(),
        because=(*because, share), confidence=0.6,
    )  # fmt: skip


def insert_move(
    work: Finishing, name: str, title: str, slot: Slot, processor: Processor, because: tuple[Evidence, ...], *, confidence: float = 0.6
) -> Move:  # fmt: skip
    """Return the move that puts a processor into the chain."""
    del work
    return Move(
        id=f"mastering.{name}", task="mastering", title=title, where=HERE,
        change=InsertChange(insert=Insert(id=name.replace(".", "-"), slot=slot, processor=processor)), because=because,
        confidence=confidence,
    )  # fmt: skip


def character_evidence(work: Finishing, what: str, value: float, unit: str) -> Evidence:
    """Say that a character asks for something, and what it was set by."""
    source = f"characters.{work.character_name}: {source_text(work.character.source)}"
    return Evidence(what=what, value=round(value, 2), unit=unit, source=source)
