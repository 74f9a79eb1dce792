"""What is compared when two mixes are compared, always at equal integrated loudness."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from bench.measures import crest_db, gated_lufs, loudness_range_lu, short_term_lufs
from bench.sound import Sound

Floats = NDArray[np.float64]

THIRD_OCTAVES_HZ = 1000 * 2 ** (np.arange(-13, 11) / 3)
"""50 Hz to 10 kHz: what a master of 24 kHz rate still holds."""
WIDTH_BANDS_HZ = ((100, 300), (300, 1000), (1000, 3000), (3000, 10000))
SIDE_FLOOR_DB = -30.0
"""A side signal weaker than this against the middle is heard as mono."""
SCALES = {"loudness": 2.0, "crest": 3.0, "spectrum": 3.0, "width": 6.0, "panning": 2.0, "dynamics": 3.0}
"""A clear difference of each part, in dB or LU: ours by ear and convention, frozen with the first published figure."""
CODEC_EDGE_DB = 15.0
"""A truth whose third octave above 4 kHz lies so far under the one below was cut there by its codec; music falls by a few dB."""


@dataclass(frozen=True)
class FeatureSet:
    """The features of one mix."""

    course_lu: Floats
    """Short-term loudness once a second against the integrated loudness."""
    crest_db: float
    spectrum_db: Floats
    """Third octaves, mean removed."""
    width_db: Floats
    """Side against middle in each band."""
    panning_db: Floats
    """Left against right in each band."""
    range_lu: float
    """Loudness range."""
    starts_s: float
    """Where it begins in the time of the stems."""


def measure_features(samples: Sound, rate_hz: int, *, starts_s: float = 0.0) -> FeatureSet:
    """Measure stereo sound; `starts_s` says where it begins in the time of the stems."""
    loudness = gated_lufs(samples, rate_hz)
    course = short_term_lufs(samples, rate_hz) - (loudness if loudness is not None else 0.0)
    frequencies, power = signal.welch(samples.astype(np.float64), rate_hz, nperseg=8192, axis=-1)
    middle_side = np.stack([samples[0] + samples[1], samples[0] - samples[1]]).astype(np.float64) / 2
    _, ms_power = signal.welch(middle_side, rate_hz, nperseg=8192, axis=-1)
    spectrum = np.array(
        [_band(power.sum(axis=0), frequencies, f / 2 ** (1 / 6), f * 2 ** (1 / 6)) for f in THIRD_OCTAVES_HZ]
    )
    width = [_band(ms_power[1], frequencies, *b) - _band(ms_power[0], frequencies, *b) for b in WIDTH_BANDS_HZ]
    panning = [_band(power[0], frequencies, *b) - _band(power[1], frequencies, *b) for b in WIDTH_BANDS_HZ]
    return FeatureSet(
        course_lu=course,
        crest_db=crest_db(samples),
        spectrum_db=spectrum - spectrum.mean(),
        width_db=np.maximum(width, SIDE_FLOOR_DB),
        panning_db=np.array(panning),
        range_lu=loudness_range_lu(samples, rate_hz),
        starts_s=starts_s,
    )


def _band(power: Floats, frequencies: Floats, low_hz: float, high_hz: float) -> float:
    inside = (frequencies >= low_hz) & (frequencies < high_hz)
    return float(10 * np.log10(power[inside].sum() + 1e-20))


def distances(mine: FeatureSet, truth: FeatureSet, *, same_song: bool) -> dict[str, float]:
    """Return the distance in each part, in clear differences."""
    raw = {
        "loudness": _course_distance(mine, truth) if same_song else _spread_distance(mine, truth),
        "crest": abs(mine.crest_db - truth.crest_db),
        "spectrum": float(np.abs(mine.spectrum_db - truth.spectrum_db).mean()),
        "width": float(np.abs(mine.width_db - truth.width_db).mean()),
        "panning": float(np.abs(mine.panning_db - truth.panning_db).mean()),
        "dynamics": abs(mine.range_lu - truth.range_lu),
    }
    return {key: value / SCALES[key] for key, value in raw.items()}


def held_spectrum(mine: FeatureSet, truth: FeatureSet) -> float:
    """Return the distance in the spectrum over the third octaves that the truth's codec has left, in clear differences."""
    steps = np.diff(truth.spectrum_db)
    cut = np.flatnonzero((steps < -CODEC_EDGE_DB) & (THIRD_OCTAVES_HZ[1:] > 4000))
    off = (mine.spectrum_db - truth.spectrum_db)[: cut[0] + 1 if cut.size else None]
    return float(np.abs(off - off.mean()).mean()) / SCALES["spectrum"]


def _course_distance(mine: FeatureSet, truth: FeatureSet) -> float:
    """Compare the course of the same song second by second, where both are heard."""
    shift = round(truth.starts_s - mine.starts_s)
    first, second = mine.course_lu[max(shift, 0) :], truth.course_lu[max(-shift, 0) :]
    length = min(first.size, second.size)
    pair = np.stack([first[:length], second[:length]])
    heard = (pair > -40).all(axis=0)
    return float(np.abs(pair[0, heard] - pair[1, heard]).mean()) if heard.any() else 0.0


def _spread_distance(mine: FeatureSet, truth: FeatureSet) -> float:
    """Compare how loudness is spread over another song: its 10th, 50th and 95th percentile."""

    def spread(course: Floats) -> Floats:
        return np.percentile(course[course > -40], [10, 50, 95]) if (course > -40).any() else np.zeros(3)

    return float(np.abs(spread(mine.course_lu) - spread(truth.course_lu)).mean())


def lag_s(stems_sum: Sound, human: Sound, rate_hz: int) -> float:
    """Return where the human mix begins in the time of the stems, by the best match of their 10 ms levels."""
    hop = rate_hz // 100

    def envelope(samples: Sound) -> Floats:
        mono = samples.mean(axis=0, dtype=np.float64)
        level = np.sqrt(np.square(mono[: mono.size // hop * hop].reshape(-1, hop)).mean(axis=1))
        level = np.maximum(np.diff(np.log(level + 1e-4)), 0)  # rises only: level and compression differ, onsets do not
        return np.asarray(level - level.mean())

    a, b = envelope(stems_sum), envelope(human)
    match = signal.correlate(a, b, mode="full", method="fft")
    return float(int(np.argmax(match)) - (b.size - 1)) / 100
