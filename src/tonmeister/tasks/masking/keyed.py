"""Cuts and ducking that follow another track: settings, and how far they go at each moment."""

import numpy as np

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.document.facts import TrackFacts
from tonmeister.processing import Compressor, DynamicBand, DynamicEqualiser
from tonmeister.tasks.masking.remedies import Remedy
from tonmeister.tasks.masking.scene import Covered, Floats
from tonmeister.tasks.work import Work

STEPS_PER_HALF = 50
_RATIO = 4.0
_PEAK_OVER_RMS_DB = 4.0  # the detector hears peaks of 16 frames: between a sine's 3 dB and noise
_LOW_QUANTILE = 10.0  # of the covered track's level while it sounds: above it the cut is as deep as it goes
_MARGIN_DB = 3.0
_ATTACK_MS, _RELEASE_MS = 5.0, 200.0
_KICK_ATTACK_MS, _KICK_RELEASE_MS = 2.0, 120.0
_HIT_DB = 10.0  # hits lie within so much of the loudest
_TINY = 1e-9


def key_level_db(work: Work, key: TrackFacts, centre_hz: float | None, q: float) -> Floats:
    """Return (steps of 10 ms,) what a detector hears of a track where keys tap it, in dBFS; None hears all of it."""
    trim_db = work.mix.track(key.id).strip.trim_db
    level = 20 * np.log10(np.maximum(key.curves.rms_10ms.astype(np.float64), _TINY)) + trim_db + _PEAK_OVER_RMS_DB
    if centre_hz is None:
        return np.asarray(level)
    power = key.curves.erb_power.astype(np.float64)
    pass_band = 1 / (1 + np.square(q * (ERB_CENTRES_HZ / centre_hz - centre_hz / ERB_CENTRES_HZ)))
    share_db = 10 * np.log10(np.maximum(power @ pass_band, _TINY**2) / np.maximum(power.sum(axis=1), _TINY**2))
    steps = np.minimum(np.arange(level.size) // STEPS_PER_HALF, len(share_db) - 1)
    return np.asarray(level + share_db[steps])


def keyed_band(work: Work, key: TrackFacts, remedy: Remedy) -> DynamicEqualiser:
    """Return a band that is as deep as it goes for nine tenths of the time in which the key sounds there."""
    is_kick = key.track.role == "kick"
    level = key_level_db(work, key, remedy.centre_hz, remedy.q)
    sounding = level[level > level.max() - (_HIT_DB if is_kick else 30.0)]
    low = float(np.percentile(sounding, _LOW_QUANTILE))
    threshold = low - remedy.depth_db / (1 - 1 / _RATIO) - _MARGIN_DB
    band = DynamicBand(
        frequency_hz=remedy.centre_hz, q=remedy.q, threshold_db=round(float(np.clip(threshold, -90, 0)), 1), ratio=_RATIO,
        range_db=-remedy.depth_db, attack_ms=_KICK_ATTACK_MS if is_kick else _ATTACK_MS,
        release_ms=_KICK_RELEASE_MS if is_kick else _RELEASE_MS,
    )  # fmt: skip
    return DynamicEqualiser(bands=(band,))


def ducker(work: Work, key: TrackFacts, remedy: Remedy) -> Compressor:
    """Return a compressor that takes the depth at a usual hit of the key."""
    level = key_level_db(work, key, None, 0.0)
    hits = level[level > level.max() - _HIT_DB]
    usual = float(np.median(hits))
    threshold = usual - remedy.depth_db / (1 - 1 / _RATIO)
    return Compressor(
        threshold_db=round(float(np.clip(threshold, -80, 0)), 1), ratio=_RATIO, knee_db=0.0, attack_ms=_KICK_ATTACK_MS,
        release_ms=_KICK_RELEASE_MS,
    )  # fmt: skip


def depth_10ms(work: Work, key: TrackFacts, processor: DynamicEqualiser | Compressor) -> Floats:
    """Return (steps of 10 ms,) how many decibels it takes, from the level of the key and its times."""
    if isinstance(processor, Compressor):
        over = np.maximum(key_level_db(work, key, None, 0.0) - processor.threshold_db, 0.0)
        wanted, times = over * (1 - 1 / processor.ratio), (processor.attack_ms, processor.release_ms)
    else:
        (band,) = processor.bands
        over = np.maximum(key_level_db(work, key, band.frequency_hz, band.q) - band.threshold_db, 0.0)
        wanted, times = np.minimum(over * (1 - 1 / band.ratio), abs(band.range_db)), (band.attack_ms, band.release_ms)
    rise, fall = (1 - np.exp(-10.0 / time) for time in times)
    out, now = np.empty(wanted.size), 0.0
    for step, goal in enumerate(wanted.tolist()):
        now += (rise if goal > now else fall) * (goal - now)
        out[step] = now
    return out


def depth_by_half(depth: Floats, span: tuple[int, int]) -> Floats:
    """Return (half seconds, steps) of a stretch: the depth of each step of 10 ms."""
    first, last = span[0] * STEPS_PER_HALF, span[1] * STEPS_PER_HALF
    part = depth[first:last]
    return np.pad(part, (0, last - first - part.size)).reshape(-1, STEPS_PER_HALF)


def key_of(covered: Covered, tracks: tuple[TrackFacts, ...]) -> TrackFacts:
    """Return the track that steers."""
    return tracks[covered.place]
