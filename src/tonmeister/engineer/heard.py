"""What listening gives back; the same as JSON through every door."""

from pathlib import Path

from pydantic import Field

from tonmeister.analysis.defects import Defects
from tonmeister.analysis.faults import Fault
from tonmeister.analysis.intelligibility import Phrase as SungPhrase
from tonmeister.analysis.phrases import Phrase
from tonmeister.document.inventory import Incoming
from tonmeister.document.mix import Song
from tonmeister.engineer.result import StageTime
from tonmeister.model import Db, Hz, Model, Ms, Seconds, Share


class HeardPair(Model):
    """Two microphones that hear one source."""

    reference: str
    """Track id of the mic that stays."""
    other: str
    """Track id of the mic that may move."""
    delay_ms: Ms
    """By how much the other comes later."""
    polarity: int
    """-1 where the other is upside down."""
    confidence: Share


class HeardCopy(Model):
    """Two tracks that hold the same recording."""

    first: str
    second: str
    kind: str
    level_difference_db: Db


class HeardCover(Model):
    """One track over another in a band for a while."""

    masker: str
    """Track id of what covers."""
    maskee: str
    """Track id of what is covered."""
    centre_hz: Hz
    low_hz: Hz
    high_hz: Hz
    start_s: Seconds
    end_s: Seconds
    excess_db: Db
    """Level of the masker over the maskee there."""
    kept: Share
    """Part of the maskee's loudness in the band that is left (partial over full loudness)."""
    harmful: bool
    """False where it is mere overlap."""


class HeardMasking(Model):
    """What covers what, at the levels that the stems came with."""

    findings: tuple[HeardCover, ...]
    """Worst first, at most the first 200."""
    harmful: int
    """How many do harm, all counted."""
    overlaps: int
    """How many are mere overlap, all counted."""
    margin_db: Db | None
    """What is missing to the nearest harm; negative by how much the worst exceeds the limit; None for a single track."""


class HeardBleed(Model):
    """One instrument in another's track."""

    source: str
    """Track id of what is heard."""
    heard_in: str
    """Track id of the other instrument."""
    delay_ms: Ms
    """By how much it arrives later."""
    shared: Share
    """Part of the sound that both tracks share (mean coherence)."""


class HeardTrack(Model):
    """Facts of one track."""

    id: str
    name: str
    role: str
    family: str
    role_confidence: float
    integrated_lufs: float | None
    true_peak_dbtp: Db | None
    crest_db: Db | None
    active_share: float
    centroid_hz: float | None
    width: float | None
    channels: int
    """Channels that are mixed; an exact dual mono has one."""
    faults: tuple[Fault, ...]
    defects: Defects
    """What repair may work on."""
    sha256: str


class HeardSong(Model):
    """Facts of a song."""

    song: Song
    is_premixed: bool
    incoming: tuple[Incoming, ...]
    tracks: tuple[HeardTrack, ...]
    pairs: tuple[HeardPair, ...]
    duplicates: tuple[HeardCopy, ...]
    beats_s: tuple[Seconds, ...] = ()
    """Every beat; none where no beat was found."""
    bars_s: tuple[Seconds, ...] = ()
    """Where each bar begins, and the end of the song; steps of two seconds where no beat was found."""
    downbeats_s: tuple[Seconds, ...] = ()
    """The beats on which bars begin; none where no beat was found."""
    energy: dict[str, tuple[float, ...]] = Field(default_factory=dict)
    """Energy (0..1) of each bar, and what it is made of: loudness, density, bandwidth, brightness, rhythm, width, register."""
    phrases: dict[str, tuple[Phrase, ...]] = Field(default_factory=dict)
    """Phrases of each voice, by track id."""
    bleed: tuple[HeardBleed, ...] = ()
    """Which instrument is heard in whose track."""
    words: tuple[SungPhrase, ...] = ()
    """The lead vocals' phrases and how well their words come through."""
    masking: HeardMasking
    report: Path | None = None
    """The page with pictures, if one was asked for."""
    stages: dict[str, StageTime]
