"""Render every strip once, and hear what came out before the fader."""

from collections.abc import Callable, Mapping

import numpy as np

from tonmeister.analysis.loudness import LoudnessMeter
from tonmeister.audio import Samples
from tonmeister.document.mix import Mix, Track
from tonmeister.engineer.listeners import LoudnessListener
from tonmeister.engineer.options import Cancel
from tonmeister.render import Listener, Renderer
from tonmeister.tasks import Heard

_STEPS_PER_HALF_SECOND = 5
_SILENT = 1e-15  # predicted power that says nothing about what was measured


def hear_strips(
    mix: Mix,
    predicted: Mapping[str, Heard],
    renderer: Renderer,
    *,
    progress: Callable[[float], None],
    cancel: Cancel | None,
) -> dict[str, Heard]:
    """Render all strips (which fills the cache) and return their measured loudness before cuts for the sake of others.

    What a track gives up for another is meant: no fader is to make up for it. Band powers are the predicted ones, scaled in every half second to the measured loudness.
    """
    rate = mix.song.sample_rate_hz
    listeners = {track.id: LoudnessListener(rate, track.channels) for track in mix.tracks if track.used}
    points: dict[str, list[Listener]] = {f"strip:{name}": [] for name in listeners}
    for name, listener in listeners.items():
        points.setdefault(_before_masking(mix.track(name)), []).append(listener)
    points = {point: those or [_hear_nothing] for point, those in points.items()}
    renderer.render(mix, listeners=points, progress=progress, cancel=cancel)
    return {name: _scaled(predicted[name], listener.meter) for name, listener in listeners.items()}


def _before_masking(track: Track) -> str:
    """Return the point of a strip before its cuts for the sake of others; the strip's end where there are none."""
    slots = [insert.slot for insert in track.strip.inserts]
    if "masking" not in slots:
        return f"strip:{track.id}"
    first = slots.index("masking")
    return f"insert:track:{track.id}:{track.strip.inserts[first - 1].id}" if first else f"source:{track.id}"


def _hear_nothing(start_frame: int, block: Samples) -> None:
    """Let a strip be rendered to its end, so that it is kept."""


def _scaled(predicted: Heard, meter: LoudnessMeter) -> Heard:
    measured = meter.energies_100ms()
    halves = len(predicted.erb_power)
    ratio = np.ones(halves)
    for half in range(halves):
        part = slice(half * _STEPS_PER_HALF_SECOND, (half + 1) * _STEPS_PER_HALF_SECOND)
        before, after = predicted.energies_100ms[part].sum(), measured[part].sum()
        if before > _SILENT and after > 0:
            ratio[half] = after / before
    power = predicted.erb_power * ratio[:, None].astype(np.float32)
    return Heard(energies_100ms=measured, erb_power=power)
