"""Render every strip once, and hear what came out before the fader."""

from collections.abc import Callable, Mapping

import numpy as np

from tonmeister.analysis.loudness import LoudnessMeter
from tonmeister.document.mix import Mix
from tonmeister.engineer.listeners import LoudnessListener
from tonmeister.engineer.options import Cancel
from tonmeister.render import Renderer
from tonmeister.tasks import Heard

_STEPS_PER_HALF_SECOND = 5


def hear_strips(
    mix: Mix,
    predicted: Mapping[str, Heard],
    renderer: Renderer,
    *,
    progress: Callable[[float], None],
    cancel: Cancel | None,
) -> dict[str, Heard]:
    """Render all strips (which fills the cache) and return their measured loudness.

    Band powers are the predicted ones, scaled in every half second to the measured loudness.
    """
    rate = mix.song.sample_rate_hz
    listeners = {track.id: LoudnessListener(rate, track.channels) for track in mix.tracks if track.used}
    renderer.render(
        mix,
        listeners={f"strip:{name}": [listener] for name, listener in listeners.items()},
        progress=progress,
        cancel=cancel,
    )
    return {name: _scaled(predicted[name], listener.meter) for name, listener in listeners.items()}


def _scaled(predicted: Heard, meter: LoudnessMeter) -> Heard:
    measured = meter.energies_100ms()
    halves = len(predicted.erb_power)
    ratio = np.ones(halves)
    for half in range(halves):
        part = slice(half * _STEPS_PER_HALF_SECOND, (half + 1) * _STEPS_PER_HALF_SECOND)
        before, after = predicted.energies_100ms[part].sum(), measured[part].sum()
        if before > 0 and after > 0:
            ratio[half] = after / before
    power = predicted.erb_power * ratio[:, None].astype(np.float32)
    return Heard(energies_100ms=measured, erb_power=power)
