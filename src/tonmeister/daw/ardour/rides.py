"""What moves a track or a bus right before its fader, in our box of tools: a ride in decibels, silences, a width.

A fader that automation holds can no longer be moved by hand while it plays, and before 8.10 Ardour moves it late by the latency of the
sound card (its fault 9780). The parameters of a plugin it moves in time, in every version. So the fader stands still at the level from
which the ride departs, and stays the person's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import log10

from tonmeister.daw.ardour.lanes import LANE_ERROR_DB, LOUDEST_GAIN, SUPERCLOCK_HZ, Points, plugin_points
from tonmeister.daw.ardour.plugins import RIDE_PORT, SILENT_PORT, WIDTH_PORT, Plugin, tools
from tonmeister.daw.lanes import Side, Value, Way, gain_of, gain_stray, plain_stray, plain_value, product_of, straight
from tonmeister.document.lane import Lane

RIDES = "fader lanes, as Ride of Strip Tools before the fader"
"""What an account calls them."""
FLOOR_DB = -90.0
"""Where the box is silent (see strip_tools.lua)."""
TOP_DB = 12.0
_FURTHEST_DB = 1.0
"""What moves by more over a run is a knob that jumped to the box."""
SHARE_ERROR = 3e-5
"""How far a pan or a width may stray between two points."""


@dataclass(frozen=True, slots=True)
class Ride:
    """Where a fader stands, and what the box before it does."""

    gain: float
    """The fader; what is above its top is for the box's still gain."""
    points: dict[str, Points] = field(default_factory=dict)
    """The box's parameters that move, by port."""


def ride_of(lanes: Sequence[Lane], values: Sequence[Value], mute: Lane, *, sample_rate_hz: int) -> Ride:
    """Return the fader and the ride of a product of gains with knots in these lanes, and the silences of a mute that steps."""
    product = product_of(values)
    moving = [lane for lane in lanes if not lane.is_constant]
    points: dict[str, Points] = {}
    if is_stepping(mute):
        frame = SUPERCLOCK_HZ // sample_rate_hz
        points[SILENT_PORT] = [(round(point.time_s * sample_rate_hz) * frame, point.value) for point in mute.points]
    if not moving:
        return Ride(product(0.0, "at"), points)
    knots = sorted({point.time_s for lane in moving for point in lane.points})
    loudest = max(product(time_s, side) for time_s in knots for side in ("at", "before"))
    stand = max(product(0.0, "at"), loudest / gain_of(TOP_DB))
    way = Way(_in_decibels(product, stand), straight, _decibel_stray)
    points[RIDE_PORT] = plugin_points(way, moving, sample_rate_hz=sample_rate_hz, furthest=_FURTHEST_DB)
    return Ride(stand, points)


def is_stepping(mute: Lane) -> bool:
    """Say whether a mute goes on and off, and nowhere between."""
    return not mute.is_constant and mute.law == "hold" and all(point.value in (0, 1) for point in mute.points)


def moving_box(width: Lane, ride: Ride, *, sample_rate_hz: int) -> tuple[Plugin | None, float]:
    """Return the box of tools that a strip needs before its fader, if it needs one, and where the fader stands."""
    excess_db = max(0.0, 20 * log10(ride.gain / LOUDEST_GAIN)) if ride.gain > 0 else 0.0
    is_wide = any(point.value != 1 for point in width.points)
    if not (is_wide or excess_db or ride.points):
        return None, ride.gain
    points = dict(ride.points)
    if not width.is_constant:
        way = Way(plain_value(width), straight, plain_stray(SHARE_ERROR))
        points[WIDTH_PORT] = plugin_points(way, [width], sample_rate_hz=sample_rate_hz)
    box = tools(width=width.points[0].value, gain_db=excess_db)
    starts = {port: those[0][1] for port, those in points.items()}
    return replace(box, ports={**box.ports, **starts}, points=points), min(ride.gain, LOUDEST_GAIN)


def _in_decibels(product: Value, stand: float) -> Value:
    def value(time_s: float, side: Side) -> float:
        gain = product(time_s, side) / stand if stand > 0 else 0.0
        return FLOOR_DB if gain <= gain_of(FLOOR_DB) else min(20 * log10(gain), TOP_DB)

    return value


_STRAY = gain_stray(gain_of(LANE_ERROR_DB) - 1)


def _decibel_stray(got_db: float, wanted_db: float) -> float:
    return _STRAY(gain_of(got_db), gain_of(wanted_db))
