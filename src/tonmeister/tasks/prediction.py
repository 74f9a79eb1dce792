"""How a strip will sound before its fader, from what was measured on its source: no sound is touched."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.document.facts import TrackFacts
from tonmeister.document.mix import Mix
from tonmeister.document.strip import Strip
from tonmeister.processing import Band, Compressor, Equaliser
from tonmeister.processing.filter_design import magnitude_db
from tonmeister.tasks.work import Heard

_STEPS_PER_HALF_SECOND = 5
_SINE_CREST_DB = 3.01
_AUDIBLE_HZ = ERB_CENTRES_HZ[(ERB_CENTRES_HZ >= 50) & (ERB_CENTRES_HZ <= 16000)]


def predict_heard(facts: TrackFacts, strip: Strip, *, sample_rate_hz: int) -> Heard:
    """Predict a strip's loudness steps and band powers after trim, equalisers and compressors.

    Equalisers act exactly, band by band; compressors as the static curve on the 10 ms level.
    """
    gain_db = np.full(ERB_CENTRES_HZ.shape, strip.trim_db)
    level_db = np.zeros(len(facts.curves.energies_100ms))
    for insert in strip.inserts:
        if isinstance(insert.processor, Equaliser) and insert.processor.channels != "side":
            gain_db += magnitude_db(insert.processor.bands, ERB_CENTRES_HZ, sample_rate_hz)
        elif isinstance(insert.processor, Compressor):
            level_db += _per_100ms(
                compressor_gain_db(insert.processor, level_10ms_db(facts, trim_db=strip.trim_db)), len(level_db)
            )
    source = facts.curves.erb_power.astype(np.float64) * facts.figures.channels
    shaped = source * 10 ** (gain_db / 10)
    weight = k_weight()
    before, after = source @ weight, shaped @ weight
    ratio = np.where(before > 0, after / np.where(before > 0, before, 1.0), 1.0)
    steps = np.minimum(np.arange(len(level_db)) // _STEPS_PER_HALF_SECOND, max(len(ratio) - 1, 0))
    dynamics = 10 ** (level_db / 10)
    energies = facts.curves.energies_100ms * (ratio[steps] if len(ratio) else 1.0) * dynamics
    halves = _per_half_second(dynamics, len(shaped))
    return Heard(energies_100ms=energies, erb_power=(shaped * halves[:, None]).astype(np.float32))


def mean_change_db(bands: Sequence[Band], *, sample_rate_hz: int) -> float:
    """Return the mean absolute change of a spectrum by bells and shelves, 50 Hz to 16 kHz, level-matched."""
    shaped = tuple(band for band in bands if band.shape in ("peak", "low_shelf", "high_shelf"))
    total = magnitude_db(shaped, _AUDIBLE_HZ, sample_rate_hz)
    return float(np.abs(total - np.median(total)).mean())


def strip_bands(strip: Strip) -> tuple[Band, ...]:
    """Return the bands of all equalisers of a strip."""
    return tuple(band for i in strip.inserts if isinstance(i.processor, Equaliser) for band in i.processor.bands)


def group_bands(mix: Mix, track_id: str) -> tuple[Band, ...]:
    """Return the bands that a track's group adds to it for the whole song; what is heard in some sections only is left out."""
    output = mix.track(track_id).strip.output
    inserts = next((bus.inserts for bus in mix.buses if bus.id == output), ())
    return tuple(
        band
        for insert in inserts
        if isinstance(insert.processor, Equaliser) and insert.processor.channels != "side" and insert.amount is None
        for band in insert.processor.bands
    )


def level_10ms_db(facts: TrackFacts, *, trim_db: float) -> NDArray[np.float64]:
    """Return the level of each 10 ms after the trim, in dBFS of a sine's peak.

    A peak detector with an attack time follows this; single peaks are higher, but too short for it.
    """
    return 20 * np.log10(np.maximum(facts.curves.rms_10ms.astype(np.float64), 1e-7)) + _SINE_CREST_DB + trim_db


def compressor_gain_db(settings: Compressor, level_db: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the static gain of a compressor for levels in dBFS, makeup and mix included (soft knee as in its kernel)."""
    heard_db = level_db - (_SINE_CREST_DB if settings.detector == "rms" else 0.0)
    over = heard_db - settings.threshold_db
    half = settings.knee_db / 2
    bent = np.clip(over + half, 0, settings.knee_db) ** 2 / (2 * settings.knee_db) if settings.knee_db else 0.0
    amount = bent + np.maximum(over - half, 0)
    wet = 10 ** (((1 / settings.ratio - 1) * amount + settings.makeup_db) / 20)
    mixed: NDArray[np.float64] = 20 * np.log10(settings.mix * wet + 1 - settings.mix)
    return mixed


def _per_100ms(gain_10ms_db: NDArray[np.float64], steps: int) -> NDArray[np.float64]:
    whole = gain_10ms_db[: steps * 10]
    padded = np.pad(whole, (0, steps * 10 - len(whole)), mode="edge") if len(whole) else np.zeros(steps * 10)
    means: NDArray[np.float64] = padded.reshape(steps, 10).mean(axis=1)
    return means


def _per_half_second(ratio_100ms: NDArray[np.float64], halves: int) -> NDArray[np.float64]:
    padded = np.pad(ratio_100ms, (0, max(0, halves * _STEPS_PER_HALF_SECOND - len(ratio_100ms))), constant_values=1.0)
    whole = padded[: halves * _STEPS_PER_HALF_SECOND].reshape(halves, _STEPS_PER_HALF_SECOND)
    means: NDArray[np.float64] = whole.mean(axis=1)
    return means


def k_weight() -> NDArray[np.float64]:
    """Return the power weight of K-weighting at the band centres (analogue form of BS.1770-5: shelf and high-pass)."""
    f2 = ERB_CENTRES_HZ**2
    high_pass = (f2 / (f2 + 38.1**2)) ** 2
    shelf = (1 + 1.585 * (f2 / 1682.0**2) ** 1.5) / (1 + (f2 / 1682.0**2) ** 1.5)
    return high_pass * shelf
