"""Recipes that change how level moves: attacks, tails, compression more or less, pauses."""

from collections.abc import Iterator, Mapping

import numpy as np

from tonmeister.assistant.readings.metrics import frames_db
from tonmeister.assistant.readings.planning import Recipe, Wanted, open_tracks, places, planned_insert, sound_into
from tonmeister.assistant.readings.scene import Scene
from tonmeister.audio import Audio, Samples
from tonmeister.document.move import InsertChange, Where
from tonmeister.engineer.trial import tune_threshold
from tonmeister.engineer.whatif_plans import Planned
from tonmeister.processing import Compressor, Gate, TransientShaper, UpwardCompressor

_ROOM_DB = 12.0


def _audio(scene: Scene, where: Where) -> Audio:
    return Audio(np.ascontiguousarray(sound_into(scene, where)), scene.mix.song.sample_rate_hz)


def _attack(wanted: Wanted) -> Iterator[Planned]:
    settings = TransientShaper(attack_db=float(np.clip(1.5 * wanted.signed_db, -15, 15)))
    for where, who in places(wanted.scene):
        yield planned_insert(
            wanted, where, who, "attack", "dynamics", settings, f"attacks {settings.attack_db:+.1f} dB"
        )


def _sustain(wanted: Wanted) -> Iterator[Planned]:
    settings = TransientShaper(sustain_db=float(np.clip(1.5 * wanted.signed_db, -15, 15)))
    for where, who in places(wanted.scene):
        yield planned_insert(
            wanted, where, who, "sustain", "dynamics", settings, f"tails {settings.sustain_db:+.1f} dB"
        )


def _level_out(wanted: Wanted) -> Iterator[Planned]:
    for where, who in places(wanted.scene):
        bare = Compressor(
            threshold_db=_middle_db(sound_into(wanted.scene, where), wanted.scene), ratio=3, attack_ms=10, release_ms=150, detector="rms",
            rms_window_ms=30,
        )  # fmt: skip
        settings = tune_threshold(bare, _audio(wanted.scene, where), wanted_db=wanted.db)
        says = f"evened out by {wanted.db:.1f} dB, above {settings.threshold_db:.0f} dBFS"
        yield planned_insert(wanted, where, who, "level", "dynamics", settings, says)


def _middle_db(sound: Samples, scene: Scene) -> float:
    levels = frames_db(sound, scene.mix.song.sample_rate_hz)
    active = levels[levels > levels.max() - 40]
    return round(float(np.clip(np.median(active), -60, -6)), 1)


def _parallel(wanted: Wanted) -> Iterator[Planned]:
    """Lift what is quiet, as a compressed copy beneath does, and leave the peaks."""
    for where, who in places(wanted.scene):
        threshold = _middle_db(sound_into(wanted.scene, where), wanted.scene)
        settings = UpwardCompressor(
            threshold_db=threshold, ratio=2.0, range_db=round(min(_ROOM_DB, 1.5 * wanted.db), 1)
        )
        says = f"up to {settings.range_db:.1f} dB more below {threshold:.0f} dBFS"
        yield planned_insert(wanted, where, who, "parallel", "dynamics", settings, says)


def _comp_less(wanted: Wanted) -> Iterator[Planned]:
    """Raise the thresholds of the compressors that are there."""
    scene = wanted.scene
    if scene.is_whole:
        chains = [(Where(bus="master"), "Master", scene.mix.master.inserts)]
    else:
        chains = [
            (Where(track=n), scene.mix.track(n).name, scene.mix.track(n).strip.inserts) for n in open_tracks(scene)
        ]
    for where, who, inserts in chains:
        for one in inserts:
            if not isinstance(one.processor, Compressor) or one.key is not None:
                continue
            share = 1 - wanted.db / (wanted.db + 4)
            settings = one.processor.model_copy(
                update={
                    "threshold_db": round(min(0.0, one.processor.threshold_db + 1.5 * wanted.db), 1),
                    "makeup_db": round(one.processor.makeup_db * share, 1),
                }
            )
            change = InsertChange(insert=one.model_copy(update={"processor": settings}))
            says = f"compressor from {one.processor.threshold_db:.0f} to {settings.threshold_db:.0f} dBFS"
            yield Planned(where=where, change=change, title=f"{who}: {says}")


def _expander(wanted: Wanted) -> Iterator[Planned]:
    for name in open_tracks(wanted.scene):
        levels = frames_db(wanted.scene.taps[name], wanted.scene.mix.song.sample_rate_hz)
        top, bottom = float(np.percentile(levels, 95)), float(np.percentile(levels, 5))
        if top - bottom < _ROOM_DB:
            continue  # no pauses: there is nothing to close
        threshold = round(float(np.clip(bottom + 0.35 * (top - bottom), -100, -10)), 1)
        settings = Gate(
            threshold_db=threshold, range_db=round(3 * wanted.db, 1), attack_ms=2, hold_ms=80, release_ms=180
        )
        track = wanted.scene.mix.track(name)
        says = f"pauses {settings.range_db:.0f} dB down, below {threshold:.0f} dBFS"
        yield planned_insert(wanted, Where(track=name), track.name, "pauses", "dynamics", settings, says)


RECIPES: Mapping[str, Recipe] = {
    "attack": _attack, "sustain_down": _sustain, "sustain_up": _sustain, "level_out": _level_out, "parallel": _parallel,
    "parallel_drums": _parallel, "comp_less": _comp_less, "expander": _expander,
}  # fmt: skip
"""By the name that the table of readings uses."""
