"""Pans of sessions in our words: our position with the same ratio of left to right, and the gain that is left over."""

from collections.abc import Callable
from math import log10, pi, sin

from tonmeister.daw.pans import sides_of
from tonmeister.daw.session import DawSession
from tonmeister.document.lane import Lane, Point, add_lanes, constant

Sides = tuple[float, float]
Law = Callable[[float], Sides]
"""Position of a pan pot, -1 … 1 → gains of left and right."""
_STEPS = 48
_SILENT = 1e-9
_ARDOUR_SCALE = 2 - 4 * 10 ** (-3 / 20)
"""Of Ardour's law for one channel (ardour/lanes.py)."""


def _balance(position: float) -> Sides:
    """Return a pot that turns the far side down in a straight line: REAPER with its usual law, stereo channels elsewhere."""
    return min(1.0, 1 - position), min(1.0, 1 + position)


def _sines(position: float) -> Sides:
    """Return a pot of sines with 0 dB at its centre: Live."""
    right = (1 + position) / 2
    return 2**0.5 * sin((1 - right) * pi / 2), 2**0.5 * sin(right * pi / 2)


def _ardour(position: float) -> Sides:
    """Return Ardour's pot for one channel: -3 dB at the centre, straight in between with a bend."""
    right = (1 + position) / 2
    left = 1 - right
    return left * (_ARDOUR_SCALE * left + 1 - _ARDOUR_SCALE), right * (_ARDOUR_SCALE * right + 1 - _ARDOUR_SCALE)


def law_of(session: DawSession, channels: int) -> Law:
    """Return position → gains of left and right, as the session's DAW turns them."""
    if session.format == "ableton":
        return _sines
    if session.format == "ardour" and channels == 1:
        return _ardour
    if channels == 1 and session.mono_centre_db < 0:
        gain = 10 ** (session.mono_centre_db / 20)
        return lambda position: _with_centre(position, gain)
    return _balance


def _with_centre(position: float, gain: float) -> Sides:
    """Return a straight pot whose centre lies lower than its ends."""
    left, right = _balance(position)
    scale = gain + (1 - gain) * abs(position)
    return left * scale, right * scale


def our_pan(position: float, channels: int, law: Law) -> tuple[float, float]:
    """Return our pan with the same ratio of the sides, and the gain in dB that the DAW has besides."""
    return _same_ratio(law(position), lambda pan: sides_of(pan, channels))


def session_pan(pan: float, channels: int, law: Law) -> tuple[float, float]:
    """Return the DAW's position with the same ratio of the sides as our pan, and the gain in dB that we have besides."""
    return _same_ratio(sides_of(pan, channels), law)


def _same_ratio(wanted: Sides, law: Law) -> tuple[float, float]:
    low, high = -1.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        here = law(middle)
        if here[1] * wanted[0] < wanted[1] * here[0]:
            low = middle
        else:
            high = middle
    found = round((low + high) / 2, 6)
    return found, 20 * log10(max(*wanted, _SILENT) / max(*law(found), _SILENT))


def converted(pan: Lane, fader_db: Lane, convert: Callable[[float], tuple[float, float]]) -> tuple[Lane, Lane]:
    """Return pan and fader in other words: each pan converted, the gain that is left over put onto the fader."""
    found = [(point.time_s, *convert(point.value)) for point in pan.points]
    moved = Lane(law=pan.law, points=tuple(Point(time_s=t, value=p) for t, p, _ in found))
    gains = {round(gain_db, 3) for _, _, gain_db in found}
    if len(gains) == 1:
        return moved, add_lanes(fader_db, constant(round(gains.pop(), 4)))
    moving = Lane(points=tuple(Point(time_s=t, value=round(g, 4)) for t, _, g in found))
    return moved, add_lanes(fader_db, moving)
