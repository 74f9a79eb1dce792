"""What lanes do to strips over time, as curves: no sound is touched."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.audibility import Part
from tonmeister.document.lane import Lane
from tonmeister.document.mix import Mix
from tonmeister.document.strip import MASTER
from tonmeister.tasks.work import Heard

Floats = NDArray[np.float64]


def lane_values(lane: Lane, times_s: Floats) -> Floats:
    """Return the plain values of a lane at these times (ramps of gain are taken as ramps of decibels)."""
    times = np.array([point.time_s for point in lane.points])
    values: Floats = np.array([point.value for point in lane.points])
    if lane.law == "hold":
        held: Floats = values[np.maximum(np.searchsorted(times, times_s, side="right") - 1, 0)]
        return held
    return np.interp(times_s, times, values)


def gain_db(mix: Mix, track_id: str, times_s: Floats) -> Floats:
    """Return the gain from behind a strip to the mix at these times: its fader and mute, and those of its groups."""
    strip = mix.track(track_id).strip
    total = lane_values(strip.fader_db, times_s) + _mute_db(strip.mute, times_s)
    buses = {bus.id: bus for bus in mix.buses}
    here = strip.output
    while here != MASTER and here in buses:
        bus = buses[here]
        total = total + lane_values(bus.fader_db, times_s) + _mute_db(bus.mute, times_s)
        here = bus.output
    return total


def sum_parts(mix: Mix, heard: Heard | None, tracks: Iterable[tuple[str, Heard]]) -> Part:
    """Return tracks at their places in the mix, added up by power; `heard` gives the length, None takes the longest."""
    parts = list(tracks)
    lengths = [heard] if heard is not None else [part for _, part in parts]
    steps = max((part.energies_100ms.size for part in lengths), default=0)
    halves = max((len(part.erb_power) for part in lengths), default=0)
    energies, power = np.zeros(steps), np.zeros((halves, 40))
    for name, part in parts:
        count, rows = min(steps, part.energies_100ms.size), min(halves, len(part.erb_power))
        fine = 10 ** (gain_db(mix, name, np.arange(count) / 10 + 0.05) / 10)
        coarse = 10 ** (gain_db(mix, name, np.arange(rows) / 2 + 0.25) / 10)
        energies[:count] += part.energies_100ms[:count] * fine
        power[:rows] += part.erb_power[:rows] * coarse[:, None]
    return Part(power, energies)


def _mute_db(mute: Lane, times_s: Floats) -> Floats:
    if mute.is_constant and mute.points[0].value == 0:
        return np.zeros(times_s.size)
    return 20 * np.log10(np.maximum(1 - np.clip(lane_values(mute, times_s), 0, 1), 1e-6))
