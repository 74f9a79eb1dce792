"""Peak and RMS levels in steps of 10 ms, activity, noise floor, crest, onsets."""

from pydantic import Field

from tonmeister.analysis.spans import Span
from tonmeister.model import Db, Hz, Model, Seconds, Share


class Levels(Model):
    """Levels of one track; None where nothing sounds.

    RMS is over all channels: the root of the mean power of the channels.
    """

    sample_peak_dbfs: Db | None = None
    """Largest sample of any channel."""
    active_rms_dbfs: Db | None = None
    """RMS over the active parts."""
    active_threshold_dbfs: Db | None = None
    """A 10 ms step above this level counts as active."""
    active_share: Share = 0.0
    """Active part of the whole length."""
    active_s: Seconds = Field(default=0.0, ge=0)
    """Active time in all."""
    active_spans: tuple[Span, ...] = ()
    """Where the track sounds; gaps under half a second are bridged."""
    noise_floor_dbfs: Db | None = None
    """RMS of the quietest steady parts between the active ones; None when there are none or they are digital silence."""
    crest_db: Db | None = None
    """Sample peak minus active RMS."""
    transient_crest_db: Db | None = None
    """Median over the active 100 ms steps of peak minus RMS: how percussive the track is."""
    onset_rate_hz: Hz = Field(default=0.0, ge=0)
    """Onsets per second of active time."""
    level_fluctuation_db: Db | None = None
    """Standard deviation of the 400 ms RMS level within the active parts."""
