"""What a reading promises to move, measured on an excerpt before and after."""

from collections.abc import Callable
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.fourier import power_between
from tonmeister.analysis.loudness import LoudnessMeter
from tonmeister.assistant.readings.scene import Heard, Scene, hear_wet, into_limiter, limited
from tonmeister.audio import Samples
from tonmeister.document.mix import Mix

Kind = Literal["level_db", "tone_db", "space_db", "width_db", "dynamics_db", "clarity_db", "loudness_lu", "contrast_lu"]
FRAME_S = 0.05
_FLOOR_DB = -60.0
_ACTIVE_DB = 40.0
"""A frame this far below the loudest is a pause."""


def power_db(power: float) -> float:
    """Return a power in decibels; silence is -120."""
    return float(10 * np.log10(max(power, 1e-12)))


def band_db(samples: Samples, rate: int, low_hz: float, high_hz: float) -> float:
    """Return the level of a part of the spectrum."""
    return power_db(power_between(samples, sample_rate_hz=rate, low_hz=low_hz, high_hz=min(high_hz, 0.49 * rate)))


def loudness_db(samples: Samples, rate: int) -> float:
    """Return the K-weighted mean level (ITU-R BS.1770 weighting, without a gate: both sides are the same excerpt)."""
    meter = LoudnessMeter(rate, samples.shape[0])
    meter.add(samples)
    return power_db(float(np.mean(meter.energies_100ms()))) if samples.shape[1] >= rate // 2 else power_db(0.0)


def frames_db(samples: Samples, rate: int, *, frame_s: float = FRAME_S) -> NDArray[np.float64]:
    """Return the level of each short frame."""
    step = round(frame_s * rate)
    count = samples.shape[1] // step
    power = np.square(samples[:, : count * step], dtype=np.float64).sum(axis=0).reshape(count, step).mean(axis=1)
    levels: NDArray[np.float64] = 10 * np.log10(np.maximum(power, 1e-12))
    return levels


def band_frames_db(samples: Samples, rate: int, low_hz: float, high_hz: float) -> NDArray[np.float64]:
    """Return the level of a part of the spectrum in each short frame."""
    step = round(FRAME_S * rate)
    count = samples.shape[1] // step
    frames = samples[:, : count * step].astype(np.float64).reshape(samples.shape[0], count, step) * np.hanning(step)
    spectrum = np.square(np.abs(np.fft.rfft(frames, axis=2))).sum(axis=0)
    hz = np.fft.rfftfreq(step, 1 / rate)
    inside = (hz >= low_hz) & (hz < high_hz)
    levels: NDArray[np.float64] = 10 * np.log10(np.maximum(spectrum[:, inside].sum(axis=1) * 2 / step**2, 1e-12))
    return levels


def own_sound(scene: Scene, heard: Heard, mix: Mix) -> Samples:
    """Return the sound of what is meant: the sum of its tracks, or the finished master at equal loudness."""
    if scene.is_whole:
        return mastered(scene, heard, mix)
    return part(scene, heard)


def part(scene: Scene, heard: Heard) -> Samples:
    """Return the sound of the tracks that are meant, together: their bus, or their sum."""
    return heard.group if heard.group is not None else sum_of(heard, scene.tracks)


def sum_of(heard: Heard, tracks: tuple[str, ...]) -> Samples:
    """Return the sum of some tracks."""
    total: Samples = np.sum([heard.tracks[name] for name in tracks], axis=0, dtype=np.float32)
    return total


def mastered(scene: Scene, heard: Heard, mix: Mix) -> Samples:
    """Return the excerpt behind the master chain; the drive is solved again, as far as an excerpt tells, as the target has it."""
    before = _mastered_before(scene)
    if heard is scene.before and mix is scene.mix:
        return before
    samples = into_limiter(mix, heard.mix)
    if mix.master.target_lufs is None:
        return limited(mix, samples, gain_db=0.0)
    rate = scene.mix.song.sample_rate_hz
    asked = mix.master.target_lufs - (scene.mix.master.target_lufs or mix.master.target_lufs)
    wanted_db = loudness_db(before, rate) + asked
    gain_db = asked + loudness_db(into_limiter(scene.mix, scene.before.mix), rate) - loudness_db(samples, rate)
    out = limited(mix, samples, gain_db=gain_db)
    # What the limiter takes of a gain is not known beforehand: one correction comes near enough.
    return limited(mix, samples, gain_db=gain_db + wanted_db - loudness_db(out, rate))


@lru_cache(maxsize=16)
def _mastered_before(scene: Scene) -> Samples:
    return limited(scene.mix, into_limiter(scene.mix, scene.before.mix), gain_db=0.0)


Measure = Callable[[Scene, Heard, Mix], float]


def _rate(scene: Scene) -> int:
    return scene.mix.song.sample_rate_hz


def _band(low_hz: float, high_hz: float) -> Measure:
    def measure(scene: Scene, heard: Heard, mix: Mix) -> float:
        sound = own_sound(scene, heard, mix)
        level = band_db(sound, _rate(scene), low_hz, high_hz)
        return level - band_db(sound, _rate(scene), 20, 20000) if scene.is_whole else level

    return measure


def _loud_band(low_hz: float, high_hz: float, share: float) -> Measure:
    """Measure a range where it is loud: what a band that moves holds down."""

    def measure(scene: Scene, heard: Heard, mix: Mix) -> float:
        levels = band_frames_db(own_sound(scene, heard, mix), _rate(scene), low_hz, high_hz)
        return power_db(float(np.mean(10 ** (np.sort(levels)[int(share * levels.size) :] / 10))))

    return measure


def _level(scene: Scene, heard: Heard, mix: Mix) -> float:  # noqa: ARG001 - every measure has the same words
    return loudness_db(part(scene, heard), _rate(scene))


def _against_rest(low_hz: float, high_hz: float) -> Measure:
    def measure(scene: Scene, heard: Heard, mix: Mix) -> float:  # noqa: ARG001 - all metrics have one signature
        rest = tuple(name for name in heard.tracks if name not in scene.tracks)
        own = band_db(part(scene, heard), _rate(scene), low_hz, high_hz)
        return own - (band_db(sum_of(heard, rest), _rate(scene), low_hz, high_hz) if rest else _FLOOR_DB)

    return measure


def _crest(scene: Scene, heard: Heard, mix: Mix) -> float:
    sound = own_sound(scene, heard, mix)
    peak = float(np.percentile(np.abs(sound), 99.95))
    return 2 * power_db(peak) - power_db(float(np.square(sound, dtype=np.float64).mean()))


def _spread(scene: Scene, heard: Heard, mix: Mix) -> float:
    levels = frames_db(own_sound(scene, heard, mix), _rate(scene), frame_s=0.2)
    return float(np.std(levels[_active(scene, 0.2, _ACTIVE_DB / 2)]))


def _active(scene: Scene, frame_s: float, below_db: float) -> NDArray[np.bool_]:
    """Return the frames in which the part played before the change: the same ones on both sides."""
    levels = frames_db(own_sound(scene, scene.before, scene.mix), _rate(scene), frame_s=frame_s)
    active: NDArray[np.bool_] = levels > levels.max() - below_db
    return active


def _density(scene: Scene, heard: Heard, mix: Mix) -> float:
    """What lies between the hits, against the hits."""
    levels = frames_db(own_sound(scene, heard, mix), _rate(scene))
    active = levels[_active(scene, FRAME_S, _ACTIVE_DB)]
    return float(np.percentile(active, 40) - np.percentile(active, 97))


def _gaps(scene: Scene, heard: Heard, mix: Mix) -> float:
    return float(np.percentile(frames_db(own_sound(scene, heard, mix), _rate(scene)), 5))


def _wet(low_hz: float = 20, high_hz: float = 20000) -> Measure:
    def measure(scene: Scene, heard: Heard, mix: Mix) -> float:
        dry = band_db(part(scene, heard), _rate(scene), 20, 20000)
        return max(_FLOOR_DB, band_db(hear_wet(scene, mix), _rate(scene), low_hz, high_hz) - dry)

    return measure


def side_db(samples: Samples) -> float:
    """Return the side against the middle."""
    wide = samples.astype(np.float64)
    middle, side = np.square(wide[0] + wide[1]).sum(), np.square(wide[0] - wide[1]).sum()
    return float(np.clip(power_db(side) - power_db(middle), _FLOOR_DB, -_FLOOR_DB))


def _width(scene: Scene, heard: Heard, mix: Mix) -> float:
    return side_db(own_sound(scene, heard, mix))


def _low_width(scene: Scene, heard: Heard, mix: Mix) -> float:
    sound = own_sound(scene, heard, mix).astype(np.float64)
    rate = _rate(scene)
    middle = (sound[0] + sound[1])[None].astype(np.float32)
    side = (sound[0] - sound[1])[None].astype(np.float32)
    return max(_FLOOR_DB, band_db(side, rate, 20, 120) - band_db(middle, rate, 20, 120))


def _pan(scene: Scene, heard: Heard, mix: Mix) -> float:
    power = np.square(own_sound(scene, heard, mix), dtype=np.float64).sum(axis=1)
    return float(np.clip(power_db(power[1]) - power_db(power[0]), _FLOOR_DB, -_FLOOR_DB))


def _harmonics(scene: Scene, heard: Heard, mix: Mix) -> float:
    """What was added that is no gain of the sound itself: the rest of a least-squares fit, against the sound."""
    if heard is scene.before:
        return _FLOOR_DB
    own, came = (
        own_sound(scene, heard, mix).astype(np.float64),
        own_sound(scene, scene.before, scene.mix).astype(np.float64),
    )
    gain = float((own * came).sum() / max(1e-12, (came * came).sum()))
    rest = own - gain * came
    return max(_FLOOR_DB, power_db(float(np.square(rest).sum())) - power_db(float(np.square(own).sum())))


def _loudness(scene: Scene, heard: Heard, mix: Mix) -> float:
    return loudness_db(mastered(scene, heard, mix), _rate(scene))


def _contrast(scene: Scene, heard: Heard, mix: Mix) -> float:  # noqa: ARG001 - all metrics have one signature
    """The place that is meant; the rest of the song keeps its level, as the lane is zero there."""
    return loudness_db(heard.mix, _rate(scene))


METRICS: dict[str, tuple[Measure, Kind, str]] = {
    "level": (_level, "level_db", "loudness of the part"),
    "clarity": (_against_rest(2000, 4000), "clarity_db", "level at 2-4 kHz against everything else"),
    "low_clarity": (_against_rest(30, 120), "clarity_db", "level below 120 Hz against everything else"),
    "bright": (_band(6000, 16000), "tone_db", "level above 6 kHz"),
    "presence": (_band(2000, 5000), "tone_db", "level at 2-5 kHz"),
    "body": (_band(120, 350), "tone_db", "level at 120-350 Hz"),
    "mud": (_loud_band(200, 500, 0.6), "tone_db", "level at 200-500 Hz where it is strongest"),
    "low": (_loud_band(30, 140, 0.6), "tone_db", "level below 140 Hz where it is strongest"),
    "harsh": (_loud_band(2000, 5000, 0.6), "tone_db", "level at 2-5 kHz where it is loudest"),
    "ess": (_loud_band(5000, 10000, 0.9), "tone_db", "level at 5-10 kHz on the esses"),
    "harmonics": (_harmonics, "space_db", "what saturation adds, against the sound"),
    "crest": (_crest, "dynamics_db", "peaks over mean level"),
    "spread": (_spread, "dynamics_db", "spread of level over 0.2 s"),
    "density": (_density, "dynamics_db", "level between the hits against the hits"),
    "gaps": (_gaps, "tone_db", "level in the pauses"),
    "wet": (_wet(), "space_db", "reverb and delay against the dry sound"),
    "wet_bright": (_wet(4000, 16000), "space_db", "reverb above 4 kHz against the dry sound"),
    "wet_mud": (_wet(150, 500), "space_db", "reverb at 150-500 Hz against the dry sound"),
    "width": (_width, "width_db", "side against middle"),
    "low_width": (_low_width, "width_db", "side against middle below 120 Hz"),
    "pan": (_pan, "width_db", "right against left"),
    "loudness": (_loudness, "loudness_lu", "loudness of the master"),
    "contrast": (_contrast, "contrast_lu", "loudness of the place against the rest of the song"),
}
"""Each measurement, what of it can be heard, and its name in words."""
