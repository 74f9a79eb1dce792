"""How far the peaks stand out of the sound: what limiting takes away, whatever the level."""

from dataclasses import dataclass

import numpy as np

from tonmeister.analysis.track_meter import TrackMeasurement

_WINDOW_STEPS = 300  # 3 s, the short term of EBU Tech 3341
_HOP_STEPS = 10
_GATE_DB = 10.0  # windows further below the mean of all do not count, as in BS.1770-5
_MOST_PERCENT = 99.9


@dataclass(frozen=True, slots=True)
class Crest:
    """Crest figures of a sound; None for silence."""

    plr_db: float | None
    """True peak over integrated loudness."""
    short_term_db: float | None
    """99.9th percentile over all windows of 3 s of the largest sample over the RMS."""

    def loss_db(self, before: "Crest") -> float:
        """Return how much lower this is than it was, by the figure that lost more; 0 where nothing was lost."""
        pairs = ((before.plr_db, self.plr_db), (before.short_term_db, self.short_term_db))
        return max([0.0, *(was - now for was, now in pairs if was is not None and now is not None)])


def measure_crest(measured: TrackMeasurement) -> Crest:
    """Return the crest of a sound that was metered."""
    figures = measured.figures
    lufs, peak = figures.loudness.integrated_lufs, figures.true_peak_dbtp
    plr_db = None if lufs is None or peak is None else round(peak - lufs, 2)
    return Crest(plr_db, _short_term_db(measured))


def _short_term_db(measured: TrackMeasurement) -> float | None:
    power = measured.curves.rms_10ms.astype(np.float64) ** 2
    length = min(_WINDOW_STEPS, power.size)
    if length == 0:
        return None
    peaks = np.lib.stride_tricks.sliding_window_view(measured.curves.peak_10ms, length)[::_HOP_STEPS].max(axis=1)
    means = np.lib.stride_tricks.sliding_window_view(power, length)[::_HOP_STEPS].mean(axis=1)
    sounding = means > 1e-10
    if not sounding.any():
        return None
    loud = means > means[sounding].mean() * 10 ** (-_GATE_DB / 10)
    crest_db = 20 * np.log10(peaks[loud]) - 10 * np.log10(means[loud])
    return round(float(np.percentile(crest_db, _MOST_PERCENT)), 2)
