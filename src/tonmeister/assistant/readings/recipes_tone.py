"""Recipes that change the spectrum: shelves, bells, bands that move, room for another part, saturation."""

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np

from tonmeister.assistant.readings.metrics import band_db, band_frames_db, loudness_db
from tonmeister.assistant.readings.planning import Recipe, Wanted, open_tracks, places, planned_insert, sound_into
from tonmeister.assistant.readings.scene import Scene
from tonmeister.audio import Audio, Samples
from tonmeister.document.move import BandChange, Where
from tonmeister.engineer.whatif_plans import Planned
from tonmeister.processing import Band, DeEsser, DynamicBand, DynamicEqualiser, Equaliser, Saturator
from tonmeister.processing.registry import make_stream
from tonmeister.processing.stream import run_stream

_MOST_BANDS = 8
_MASKERS = 6
_FRAME_TO_PEAK_DB = 6.0
"""Peaks of a narrow range over the mean level of its frames, about: detectors read peaks."""
_BANDS: Mapping[str, Band] = {
    "high_shelf": Band(shape="high_shelf", frequency_hz=6500),
    "low_shelf": Band(shape="low_shelf", frequency_hz=110),
    "presence": Band(frequency_hz=3200, q=0.7),
    "body": Band(frequency_hz=210, q=0.8),
    "mud_cut": Band(frequency_hz=320, q=0.8),
    "harsh_cut": Band(frequency_hz=3200, q=0.9),
    "thump": Band(frequency_hz=75, q=0.8),
}
_MOVING: Mapping[str, tuple[float, float, float, float]] = {
    "dynamic_harsh": (3200, 0.8, 2000, 5000),
    "dynamic_mud": (320, 0.8, 200, 500),
    "dynamic_low": (80, 0.7, 30, 140),
    "dynamic_ess": (7000, 1.2, 5000, 10000),
}
"""Centre, Q, and the range that is listened to."""
_SPECIAL_HZ = {"boxy": 500.0, "nasal": 1000.0, "clicky": 4000.0}
"""Where a word says more than its attribute."""


def _band(wanted: Wanted, *, name: str) -> Iterator[Planned]:
    shape = _BANDS[name]
    update: dict[str, object] = {"gain_db": wanted.signed_db}
    named_hz = wanted.scene.intent.frequency_hz or _SPECIAL_HZ.get(wanted.scene.intent.detail or "")
    if named_hz is not None and shape.shape == "peak":
        update["frequency_hz"] = named_hz
    band = shape.model_copy(update=update)
    for where, who in places(wanted.scene):
        says = f"{wanted.signed_db:+.1f} dB at {band.frequency_hz:.0f} Hz ({band.shape.replace('_', ' ')})"
        if where.bus is not None or _bands_of(wanted.scene, where) < _MOST_BANDS:
            yield Planned(where=where, change=BandChange(slot="tone", band=band), title=f"{who}: {says}")
        else:
            yield planned_insert(wanted, where, who, "eq", "tone", Equaliser(bands=(band,)), says)


def _bands_of(scene: Scene, where: Where) -> int:
    strip = scene.mix.track(where.track or "").strip
    return max((len(i.processor.bands) for i in strip.inserts if isinstance(i.processor, Equaliser)), default=0)


def _moving(wanted: Wanted, *, name: str) -> Iterator[Planned]:
    centre_hz, q, low_hz, high_hz = _MOVING[name]
    centre_hz = wanted.scene.intent.frequency_hz or _SPECIAL_HZ.get(wanted.scene.intent.detail or "", centre_hz)
    for where, who in places(wanted.scene):
        sound = sound_into(wanted.scene, where)
        band = DynamicBand(
            frequency_hz=centre_hz, q=q, threshold_db=_threshold(sound, wanted.scene, low_hz, high_hz, 50), ratio=4,
            range_db=-round(min(24.0, 1.6 * wanted.db), 1), attack_ms=8, release_ms=120,
        )  # fmt: skip
        says = f"up to {-band.range_db:.1f} dB less at {centre_hz:.0f} Hz, only above {band.threshold_db:.0f} dBFS"
        yield planned_insert(wanted, where, who, name.replace("_", "-"), "tone", DynamicEqualiser(bands=(band,)), says)


def _threshold(sound: Samples, scene: Scene, low_hz: float, high_hz: float, percentile: float) -> float:
    levels = band_frames_db(sound, scene.mix.song.sample_rate_hz, low_hz, high_hz)
    active = levels[levels > levels.max() - 40]
    return round(float(np.clip(np.percentile(active, percentile) + _FRAME_TO_PEAK_DB / 2, -85, -3)), 1)


def _deess(wanted: Wanted) -> Iterator[Planned]:
    for name in open_tracks(wanted.scene):
        sound = wanted.scene.taps[name]
        threshold = _threshold(sound, wanted.scene, 5500, 12000, 85) - 3
        settings = DeEsser(
            frequency_hz=5500, threshold_db=max(-80, round(threshold, 1)), range_db=round(2 * wanted.db, 1)
        )
        track = wanted.scene.mix.track(name)
        says = f"de-esser above 5.5 kHz, at most {settings.range_db:.1f} dB"
        yield planned_insert(wanted, Where(track=name), track.name, "de-esser", "tone", settings, says)


def _carve(wanted: Wanted, *, low_hz: float, high_hz: float, centre_hz: float) -> Iterator[Planned]:
    """Let what is strongest in the range step back while the part plays."""
    scene = wanted.scene
    if scene.is_whole:
        return
    rate = scene.mix.song.sample_rate_hz
    levels = {
        name: band_db(sound, rate, low_hz, high_hz)
        for name, sound in scene.before.tracks.items()
        if name not in scene.tracks and not scene.mix.track(name).leave_alone
    }
    maskers = sorted(levels, key=lambda name: -levels[name])[:_MASKERS]
    if not maskers:
        return
    key = max(scene.tracks, key=lambda name: band_db(scene.before.tracks[name], rate, low_hz, high_hz))
    threshold = _threshold(scene.taps[key], scene, low_hz, high_hz, 25)
    for name in maskers:
        band = DynamicBand(
            frequency_hz=centre_hz, q=1.1, threshold_db=max(-90.0, threshold - 6), ratio=4, range_db=-round(wanted.db, 1),
            attack_ms=15, release_ms=180,
        )  # fmt: skip
        track = scene.mix.track(name)
        says = f"up to {wanted.db:.1f} dB less at {centre_hz:.0f} Hz while {scene.mix.track(key).name} plays"
        yield planned_insert(
            wanted,
            Where(track=name),
            track.name,
            f"room-{key}",
            "masking",
            DynamicEqualiser(bands=(band,)),
            says,
            key=key,
        )


def _saturate(wanted: Wanted, *, shape: str) -> Iterator[Planned]:
    for where, who in places(wanted.scene):
        sound = sound_into(wanted.scene, where)
        peak_db = 20 * np.log10(max(1e-5, float(np.percentile(np.abs(sound), 99.9))))
        ceiling = round(float(np.clip(peak_db, -36, 0)), 1)
        bare = Saturator.model_validate(
            {"shape": shape, "drive_db": round(min(24.0, 2.0 + 1.5 * wanted.db), 1), "ceiling_db": ceiling}
        )
        settings = bare.model_copy(update={"output_db": _lost_db(bare, sound, wanted.scene)})
        yield planned_insert(
            wanted,
            where,
            who,
            "harmonics",
            "tone",
            settings,
            f"{shape} saturation, {settings.drive_db:.0f} dB of drive",
        )


def _lost_db(settings: Saturator, sound: Samples, scene: Scene) -> float:
    """Return the loudness that it takes, which its output gives back."""
    rate = scene.mix.song.sample_rate_hz
    audio = Audio(np.ascontiguousarray(sound), rate)
    after = run_stream(audio, make_stream(settings, sample_rate_hz=rate, channels=audio.channels)).samples
    return round(float(np.clip(loudness_db(sound, rate) - loudness_db(after, rate), -36, 36)), 2)


RECIPES: Mapping[str, Recipe] = {
    **{name: partial(_band, name=name) for name in _BANDS},
    **{name: partial(_moving, name=name) for name in _MOVING},
    "deess": _deess,
    "carve": partial(_carve, low_hz=2000, high_hz=4000, centre_hz=2800),
    "carve_low": partial(_carve, low_hz=30, high_hz=120, centre_hz=75),
    "saturate": partial(_saturate, shape="tube"),
    "saturate_low": partial(_saturate, shape="tube"),
    "tape": partial(_saturate, shape="tape"),
}
"""By the name that the table of readings uses."""
