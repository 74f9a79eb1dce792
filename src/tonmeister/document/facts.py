"""What listening fills and tasks read: one record a track, one for the song."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.alignment import Alignment
from tonmeister.analysis.conflicts import Conflicts
from tonmeister.analysis.energy import Energy
from tonmeister.analysis.faults import Duplicate
from tonmeister.analysis.intelligibility import Phrase as SungPhrase
from tonmeister.analysis.phrases import Phrase
from tonmeister.analysis.rings import Ring
from tonmeister.analysis.track_meter import TrackCurves, TrackFigures
from tonmeister.document.mix import Song, Track
from tonmeister.document.repair import Repair

PRODUCED_STEREO_SHARE = 0.6
"""With more of the stems in true stereo somebody has worked on their sound already: microphones give mono files."""


@dataclass(frozen=True, slots=True, eq=False)
class TrackFacts:
    """Everything known about one stem."""

    track: Track
    """Name, role, priority, source; its base strip."""
    figures: TrackFigures
    """Single numbers, as measured on the source."""
    curves: TrackCurves
    """Arrays, as measured on the source."""
    repairs: tuple[Repair, ...] = ()
    """What was prepared against the recording's defects, in the order in which it is done."""
    rings: tuple[Ring, ...] = ()
    """What its narrow resonances do over time; empty before anybody looked."""

    @property
    def id(self) -> str:
        """The track's id."""
        return self.track.id

    @property
    def is_touchable(self) -> bool:
        """Whether a task may make moves for this track: in use, not silent, not to be left alone."""
        return self.track.used and not self.track.leave_alone and self.figures.loudness.integrated_lufs is not None

    @property
    def is_true_stereo(self) -> bool:
        """Whether its two channels differ."""
        return self.track.channels == 2 and (self.figures.stereo.correlation or 1.0) < 0.999


@dataclass(frozen=True, slots=True, eq=False)
class MicPair:
    """Two tracks that hear the same thing."""

    reference: str
    """Track id of the mic that stays."""
    other: str
    """Track id of the mic that may move."""
    alignment: Alignment
    """Delay and polarity of the other against the reference."""

    @classmethod
    def of(cls, reference: str, other: str, alignment: Alignment | dict[str, float]) -> "MicPair":
        """Return a pair from a fresh alignment or one that was kept as JSON."""
        return cls(reference, other, Alignment.model_validate(alignment))


@dataclass(frozen=True, slots=True, eq=False)
class TimeLine:
    """When things happen in a song."""

    beats_s: NDArray[np.float64]
    """(beats,) from start to end; empty where no beat was found."""
    beat_confidence: float
    """How far the onsets gather at the beats, 0..1."""
    is_steady: bool
    """Whether the beats are a straight grid, as with a click."""
    bars_s: NDArray[np.float64]
    """(bars + 1,) where bars begin, 0 and the end of the song; steps of two seconds where no beat was found."""
    downbeats_s: NDArray[np.float64]
    """(downbeats,) the beats on which bars begin; empty where no beat was found."""
    bar_confidence: float
    """How far the first beats of the bars stand out, 0..1."""
    beats_per_bar: int | None
    """None where no beat was found."""
    energy: Energy
    """Loudness, density, bandwidth, brightness, rhythm, width and register of each bar."""
    phrases: Mapping[str, tuple[Phrase, ...]]
    """Phrases of each vocal track, by track id."""


@dataclass(frozen=True, slots=True, eq=False)
class SongFacts:
    """Everything known about a song before anything is decided."""

    song: Song
    tracks: tuple[TrackFacts, ...]
    """Used tracks, in the document's order."""
    pairs: tuple[MicPair, ...] = ()
    """Tracks that hear the same source, with delay and polarity."""
    duplicates: tuple[Duplicate, ...] = ()
    """Tracks that hold the same recording, by their place in `tracks`."""
    bleed: tuple[MicPair, ...] = ()
    """Tracks of two instruments that share sound: what the other hears of the reference."""
    words: tuple[SungPhrase, ...] = ()
    """The lead vocals' phrases and how well their words come through."""
    conflicts: Conflicts | None = None
    """What covers what at the levels that the stems came with, by their place in `tracks`; None if nobody looked."""
    reference_third_octave_db: NDArray[np.float32] | None = None
    """(31,) mean spectrum of the reference recordings, if any were given."""
    is_premixed: bool = False
    """Whether these stems carry a human's balance already."""
    premixed_evidence: Mapping[str, float] | None = None
    """What says so."""
    time_line: TimeLine | None = None
    """Beats, bars, energy and phrases; None before the song was mapped."""

    def __getitem__(self, track_id: str) -> TrackFacts:
        """Return the facts of a track."""
        return next(track for track in self.tracks if track.id == track_id)

    def of_family(self, *families: str) -> tuple[TrackFacts, ...]:
        """Return the tracks of these families."""
        return tuple(track for track in self.tracks if track.track.family in families)

    @property
    def is_produced(self) -> bool:
        """Whether the stems' sound is finished, even where their balance is not: then their tone is their makers'."""
        share = (self.premixed_evidence or {}).get("stereo_share", 0.0)
        return self.is_premixed or share >= PRODUCED_STEREO_SHARE

    @property
    def leads(self) -> tuple[TrackFacts, ...]:
        """Return the lead vocals; without any, the tracks a person called lead."""
        vocals = tuple(track for track in self.tracks if track.track.role == "lead vocal")
        return vocals or tuple(track for track in self.tracks if track.track.priority >= 2)
