"""What the report shows that is not in the mix document: filled by whoever measured it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Audio
from tonmeister.document.artefact import Artefact
from tonmeister.document.inventory import Incoming
from tonmeister.model import Db, Seconds

Curve = NDArray[np.float32] | NDArray[np.float64]
"""(steps,) values over time or frequency; NaN and infinities are gaps."""


@dataclass(frozen=True, slots=True)
class MasterFigures:
    """One whole mix in four numbers; None where it could not be measured."""

    integrated_lufs: float | None = None
    """Integrated loudness."""
    true_peak_dbtp: Db | None = None
    """True peak."""
    range_lu: float | None = None
    """Loudness range (LRA)."""
    plr_db: Db | None = None
    """True peak minus integrated loudness."""


@dataclass(frozen=True, slots=True)
class TrackOutcome:
    """One track as it sounds in the mix, after its fader and pan."""

    id: str
    """Track id."""
    loudness_lufs: float | None = None
    """Integrated loudness of its share of the mix."""
    peak_dbfs: Db | None = None
    """Its highest sample or true peak."""
    pan: float | None = None
    """Where its power lies: -1 left … +1 right."""
    width: float | None = None
    """Side power over mid plus side power: 0 mono, 0.5 unrelated channels, 1 opposite polarity."""


@dataclass(frozen=True, slots=True)
class ReductionFigures:
    """What one compressor, de-esser, gate or limiter took away."""

    where: str
    """Id of the track or bus, or `master`."""
    insert: str
    """Id of the insert in its chain."""
    mean_reduction_db: Db
    """Mean while it works, a positive number."""
    max_reduction_db: Db
    """Deepest, a positive number."""
    active_share: float
    """Share of the time in which it works, 0..1."""


@dataclass(frozen=True, slots=True)
class ArcSection:
    """One section of the song: how loud it was, was meant to be and became, against the mean of all sections."""

    name: str
    """Its name, such as `chorus-2`."""
    start_s: Seconds
    end_s: Seconds
    still_lu: float
    """In the mix without anything that moves, powers added."""
    planned_lu: float
    """With all lanes, powers added."""
    rendered_lu: float | None = None
    """In mix.wav; None where it was not rendered, or is silent."""
    words_db: float | None = None
    """How far the words of the leads stand out of the backing, with all lanes; None where nobody sings."""


@dataclass(frozen=True, slots=True)
class StageTiming:
    """How long one stage of the work took."""

    name: str
    duration_s: Seconds


@dataclass(frozen=True, slots=True, eq=False)
class Excerpt:
    """The same part of the song twice, as long as each other; the page plays at most 30 s of it."""

    before: Audio
    """The stems as they came, summed."""
    after: Audio
    """The master."""
    start_s: Seconds = 0.0
    """Where in the song it starts."""


@dataclass(frozen=True, slots=True, eq=False)
class ReportFigures:
    """Everything measured that the page shows; what is None or empty is left out with a sentence.

    `before` is always the sum of the stems as they came (base strips, no moves), `after` the master.
    """

    incoming: tuple[Incoming, ...] = ()
    """Everything found in the source."""
    before: MasterFigures | None = None
    """The sum as it came."""
    after: MasterFigures | None = None
    """The master."""
    loudness_step_s: Seconds = 0.1
    """Time between two values of the loudness curves."""
    loudness_before_lufs: Curve | None = None
    """(steps,) short-term loudness; value k stands for k x loudness_step_s."""
    loudness_after_lufs: Curve | None = None
    """(steps,) the same of the master."""
    third_octave_before_db: Curve | None = None
    """(31,) mean level of each third octave 20 Hz..20 kHz, as `analysis.spectrum.third_octave_levels` returns it."""
    third_octave_after_db: Curve | None = None
    """(31,) the same of the master."""
    target_db: Curve | None = None
    """(31,) third octaves of a reference; None is the slope of released music in knowledge/."""
    masking_tracks: tuple[str, ...] = ()
    """Track ids of the rows and columns of the masking matrices."""
    masking_db: NDArray[np.float32] | NDArray[np.float64] | None = None
    """(maskers, maskees) worst level of the row's track over the column's in a band that the latter needs, in the mix."""
    masking_before_db: NDArray[np.float32] | NDArray[np.float64] | None = None
    """The same among the stems as they came."""
    tracks: tuple[TrackOutcome, ...] = ()
    """The stereo field and the levels."""
    reductions: tuple[ReductionFigures, ...] = ()
    """What each dynamic processor took away."""
    arc: tuple[ArcSection, ...] = ()
    """The song by sections; empty where none were found."""
    limiter_step_s: Seconds = 0.1
    """Time between two values of the limiter's curve."""
    limiter_reduction_db: Curve | None = None
    """(steps,) deepest gain reduction of the master limiter in each step, positive numbers."""
    waveform_step_s: Seconds = 0.1
    """Time between two values of the waveform."""
    waveform_peaks: Curve | None = None
    """(steps,) largest magnitude of the master in each step, full scale 1.0."""
    excerpt: Excerpt | None = None
    """What the players play."""
    timings: tuple[StageTiming, ...] = ()
    """The stages, in their order."""
    artefacts: tuple[Artefact, ...] = ()
    """What was looked for in the finished sound."""
    misses: tuple[str, ...] = ()
    """Targets, budgets and tracks that were missed, one plain sentence each."""
