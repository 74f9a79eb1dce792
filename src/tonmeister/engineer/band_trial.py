"""What bands and widths do on a track's loudest part, and the threshold at which a moving band does what was promised."""

import numpy as np

from tonmeister.analysis.fourier import power_between
from tonmeister.audio import Audio
from tonmeister.document.move import Expectation
from tonmeister.processing import DynamicEqualiser, Equaliser, Width
from tonmeister.processing.registry import make_stream
from tonmeister.processing.stream import run_stream

_STEPS = 7
_REACH_DB = 24.0
_NEAR = 0.15


def measure_insert(
    settings: DynamicEqualiser | Equaliser | Width, audio: Audio, expects: Expectation, *, skip: int
) -> float:
    """Return by how much the power between the promise's edges changes, in dB; of a width, what mono loses there."""
    if expects.low_hz is None or expects.high_hz is None:
        raise ValueError("a band level is promised without a band")
    stream = make_stream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    out = run_stream(audio, stream)
    if isinstance(settings, Width):
        return _mono_loss_db(out, expects.low_hz, expects.high_hz, skip=skip)
    before, after = (
        power_between(
            sound.samples[:, skip:], sample_rate_hz=audio.sample_rate_hz, low_hz=expects.low_hz, high_hz=expects.high_hz
        )
        for sound in (audio, out)
    )
    return float(10 * np.log10(after / before)) if min(before, after) > 0 else 0.0


def tune_moving_band(settings: DynamicEqualiser, audio: Audio, expects: Expectation, *, skip: int) -> DynamicEqualiser:
    """Move the threshold of a single band until the change over the excerpt is as promised, or as near as it gets."""
    band = settings.bands[0]
    low, high = max(-90.0, band.threshold_db - _REACH_DB), min(0.0, band.threshold_db + _REACH_DB)
    best, nearest = settings, float("inf")
    threshold = band.threshold_db
    for _ in range(_STEPS):
        here = settings.model_copy(update={"bands": (band.model_copy(update={"threshold_db": round(threshold, 1)}),)})
        off = measure_insert(here, audio, expects, skip=skip) - expects.value
        best, nearest = (here, abs(off)) if abs(off) < nearest else (best, nearest)
        if nearest <= _NEAR * abs(expects.value):
            break
        low, high = (
            (low, threshold) if off > 0 else (threshold, high)
        )  # a cut that is too small needs a lower threshold
        threshold = (low + high) / 2
    return best


def _mono_loss_db(audio: Audio, low_hz: float, high_hz: float, *, skip: int) -> float:
    left, right = audio.samples[:, skip:]
    mid, side = (
        power_between(part[None], sample_rate_hz=audio.sample_rate_hz, low_hz=low_hz, high_hz=high_hz)
        for part in ((left + right) / 2, (left - right) / 2)
    )
    return float(10 * np.log10((mid + side) / mid)) if mid > 0 else 0.0
