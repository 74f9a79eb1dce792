"""What an arc comes to in the mix: per section level and width, from powers added."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tonmeister.document.facts import TrackFacts
from tonmeister.document.fold import change_bus, change_strip
from tonmeister.document.mix import Mix
from tonmeister.document.move import Move
from tonmeister.knowledge import number
from tonmeister.tasks.pacing.arc import Scene
from tonmeister.tasks.pacing.form import Part, energies_of, sides
from tonmeister.tasks.work import Work

Floats = NDArray[np.float64]
EXCERPT_S = 10.0
_LEAST_S, _FAINT_LU = 4.0, 20.0


def with_moves(mix: Mix, moves: Sequence[Move]) -> Mix:
    """Return the mix with lanes laid over strips and buses, unchecked: to look at what they would do."""
    strips = {track.id: track.strip for track in mix.tracks}
    buses = {bus.id: bus for bus in mix.buses}
    for move in moves:
        if move.where.track is not None:
            strips[move.where.track] = change_strip(strips[move.where.track], move.change)
        elif move.where.bus in buses:
            buses[move.where.bus] = change_bus(buses[move.where.bus], move.change)
    tracks = tuple(track.model_copy(update={"strip": strips[track.id]}) for track in mix.tracks)
    return mix.model_copy(update={"tracks": tracks, "buses": tuple(buses.values())})


def excerpt_of(part: Part) -> tuple[float, float]:
    """Return the stretch of a section on which a lift is promised and measured: its start, before anything moves on."""
    return part.start_s, min(part.end_s, part.start_s + EXCERPT_S)


def telling(scenes: Sequence[Scene]) -> tuple[Scene, Scene]:
    """Return the most and the least lifted of the sections that are long and loud enough to tell."""
    loudest = max(scene.part.loudness_lufs for scene in scenes)
    long = [
        s for s in scenes if s.part.end_s - s.part.start_s >= _LEAST_S and s.part.loudness_lufs > loudest - _FAINT_LU
    ]
    ordered = sorted(long or scenes, key=lambda scene: scene.level_db)
    return ordered[-1], ordered[0]


def lifts_db(work: Work, after: Mix, spans_s: Sequence[tuple[float, float]]) -> list[float]:
    """Return by how much each stretch becomes louder; 0 for silence."""
    curves = [energies_of(work, work.facts.tracks, mix) for mix in (work.mix, after)]
    lifts = []
    for start_s, end_s in spans_s:
        here = slice(int(10 * start_s), max(int(10 * start_s) + 1, int(10 * end_s)))
        before, now = (float(curve[here].sum()) for curve in curves)
        lifts.append(10 * float(np.log10(now / before)) if before > 0 and now > 0 else 0.0)
    return lifts


class Sides(NamedTuple):
    """Mid and side power of a section: of what may be widened, and of the rest."""

    mid: float
    side: float
    rest_mid: float
    rest_side: float

    @property
    def share(self) -> float:
        """The side signal's part that may be widened, of all power; 0 for silence."""
        return self.side / sum(self) if sum(self) > 0 else 0.0


def all_sides(work: Work, scenes: Sequence[Scene], movable: Sequence[TrackFacts], weight: Floats) -> list[Sides]:
    """Return the powers that make the width of each section, weighted by ERB band."""
    others = [track for track in work.facts.tracks if track.track.used and track not in movable]
    return [
        Sides(*sides(work, movable, scene.part, weight), *sides(work, others, scene.part, weight)) for scene in scenes
    ]


def side_gains(
    powers: Sequence[Sides], shares: Sequence[float], scenes: Sequence[Scene], *, most: float
) -> list[float]:
    """Return the gain on the side signal of some tracks that brings each section of the whole to its planned width.

    Args:
        powers: Of each section.
        shares: The same side signal's part of each section's loudness.
        scenes: What the arc asks of each section.
        most: No gain goes further, nor below its inverse.
    """
    gains = []
    for scene, share, (mid, side, rest_mid, rest_side) in zip(scenes, shares, powers, strict=True):
        whole = mid + side + rest_mid + rest_side
        own = (side + rest_side) / whole if whole > 0 else 0.0
        is_wide = scene.width > 0 and own >= number("pacing.wide_enough").value
        if scene.width == 0 or side <= 0 or whole <= 0 or is_wide:
            gains.append(1.0)
            continue
        wanted = min(0.45, max(0.0, own + scene.width))
        needed = (wanted * (mid + rest_mid) - (1 - wanted) * rest_side) / (1 - wanted)
        gain = float(np.clip(np.sqrt(max(needed, 0.0) / side), 1 / most, most))
        gains.append(round(_held(gain, share), 2))
    return gains


def _held(gain: float, share: float) -> float:
    """Return the gain on the side signal, held to where it changes the loudness of the section too little to bend the plan."""
    most = 10 ** (number("pacing.width_loudness_most_lu").value / 10) - 1
    reach = most / max(share, 1e-9)
    low, high = max(0.0, 1 - reach), 1 + reach
    return float(np.sqrt(np.clip(gain**2, low, high)))


def section_widths(powers: Sequence[Sides], gains: Sequence[float]) -> list[float]:
    """Return the width of each section with the side signal of some tracks raised by a gain each."""
    widths = []
    for (mid, side, rest_mid, rest_side), gain in zip(powers, gains, strict=True):
        whole = mid + rest_mid + rest_side + side * gain**2
        widths.append((rest_side + side * gain**2) / whole if whole > 0 else 0.0)
    return widths
