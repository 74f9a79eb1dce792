"""What our box of tools does right before a fader, as lanes: part of the fader, and of the mute."""

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from tonmeister.daw.ardour.clock import Clock
from tonmeister.daw.ardour.known import is_tools
from tonmeister.daw.ardour.plugins import RIDE_PORT, SILENT_PORT
from tonmeister.daw.ardour.rides import FLOOR_DB
from tonmeister.daw.reading import is_yes, make_lane, number
from tonmeister.document.lane import SILENT_DB, Lane, add_lanes, constant

PLAYS = ("Play", "Touch", "Latch")
"""States of an automation list in which it steers its control."""
_HELPS_FRAMES = 17.5
"""Points so short behind another tell our box a slope (see lanes.py); they are no points of a person's."""
_SAME_DB = 0.001


def automation(holder: Element | None, name: str) -> Element | None:
    """Return an automation list that steers its control."""
    lists = [] if holder is None else holder.findall("Automation/AutomationList")
    found = next((item for item in lists if item.get("automation-id") == name), None)
    return found if found is not None and found.get("state") in PLAYS and found.find("events") is not None else None


def points_of(found: Element, clock: Clock) -> list[tuple[float, float]]:
    """Return the points of an automation list: seconds and values."""
    events = found.find("events")
    words = ("" if events is None else events.text or "").split()
    return [(clock.seconds(time), number(value)) for time, value in zip(words[::2], words[1::2], strict=False)]


def ride_of_boxes(processors: Sequence[Element], clock: Clock) -> Lane:
    """Return the decibels that our boxes of tools ride."""
    total = constant(0.0)
    for box in _running(processors):
        found = automation(box, f"parameter-{RIDE_PORT}")
        points = [] if found is None else _without_helpers(points_of(found, clock), clock)
        still = _decibels(_port(box, RIDE_PORT))
        ride = make_lane([(t, _decibels(v)) for t, v in points], law="linear_db", otherwise=still)
        total = add_lanes(total, ride)
    return total


def silence_of_boxes(processors: Sequence[Element], clock: Clock) -> Lane | None:
    """Return when our boxes of tools are silent; None where they never are."""
    for box in _running(processors):
        found = automation(box, f"parameter-{SILENT_PORT}")
        points = [] if found is None else points_of(found, clock)
        still = float(_port(box, SILENT_PORT) > 0.5)
        if points or still:
            return make_lane([(t, float(v > 0.5)) for t, v in points], law="hold", otherwise=still)
    return None


def _running(processors: Sequence[Element]) -> Iterator[Element]:
    for box in filter(is_tools, processors):
        if is_yes(box.get("active"), otherwise=True) and _port(box, "12", 1.0) > 0:
            yield box


def _port(box: Element, port: str, otherwise: float = 0.0) -> float:
    found = next((value for value in box.findall("luaproc/Port") if value.get("id") == port), None)
    return otherwise if found is None else number(found.get("value"), otherwise)


def _decibels(ride_db: float) -> float:
    return SILENT_DB if ride_db <= FLOOR_DB else round(ride_db, 4)


def _without_helpers(points: list[tuple[float, float]], clock: Clock) -> list[tuple[float, float]]:
    near_s = _HELPS_FRAMES / clock.sample_rate_hz
    kept = points[:1]
    for place, (time_s, value) in enumerate(points[1:], 1):
        (from_s, start), (to_s, end) = kept[-1], points[min(place + 1, len(points) - 1)]
        share = (time_s - from_s) / (to_s - from_s) if to_s > from_s else 0.0
        is_last = place + 1 == len(points)
        on_the_way = start if is_last else start + share * (end - start)
        if time_s - from_s > near_s or abs(on_the_way - value) > _SAME_DB:
            kept.append((time_s, value))
    return kept
