"""Render every strip once, and hear what came out before the fader."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from tonmeister.audio import Samples
from tonmeister.document.mix import Mix, Track
from tonmeister.engineer.options import Cancel
from tonmeister.engineer.strip_listener import StripListener
from tonmeister.render import Listener, Renderer
from tonmeister.tasks import Heard


def hear_strips(
    mix: Mix,
    predicted: Mapping[str, Heard],
    renderer: Renderer,
    *,
    progress: Callable[[float], None],
    cancel: Cancel | None,
) -> dict[str, Heard]:
    """Render all strips (which fills the cache) and return what is heard of them before cuts for the sake of others.

    What a track gives up for another is meant: no fader is to make up for it.
    """
    rate = mix.song.sample_rate_hz
    listeners = {track.id: StripListener(rate, track.channels) for track in mix.tracks if track.used}
    points: dict[str, list[Listener]] = {f"strip:{name}": [] for name in listeners}
    for name, listener in listeners.items():
        points.setdefault(_before_masking(mix.track(name)), []).append(listener)
    points = {point: those or [_hear_nothing] for point, those in points.items()}
    renderer.render(mix, listeners=points, progress=progress, cancel=cancel)
    return {name: _as_long(listener.heard(), predicted[name]) for name, listener in listeners.items()}


def _before_masking(track: Track) -> str:
    """Return the point of a strip before its cuts for the sake of others; the strip's end where there are none."""
    slots = [insert.slot for insert in track.strip.inserts]
    if "masking" not in slots:
        return f"strip:{track.id}"
    first = slots.index("masking")
    return f"insert:track:{track.id}:{track.strip.inserts[first - 1].id}" if first else f"source:{track.id}"


def _hear_nothing(start_frame: int, block: Samples) -> None:
    """Let a strip be rendered to its end, so that it is kept."""


def _as_long(heard: Heard, predicted: Heard) -> Heard:
    """Return what was heard for as many half seconds as the track's own sound has."""
    halves = len(predicted.erb_power)
    power = heard.erb_power[:halves]
    return replace(heard, erb_power=np.pad(power, ((0, halves - len(power)), (0, 0))))
