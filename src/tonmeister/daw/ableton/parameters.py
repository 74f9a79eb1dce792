"""Values in Live sets: what a parameter stands at, and how it moves; Live 8 writes both in one place, later ones in two."""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from tonmeister.daw.reading import is_yes, number

LONG_AGO = -1_000_000.0
"""Live writes the value that holds before the first event as one at -63072000 beats."""
SILENT_GAIN = 0.000317
"""Live's faders end at -70 dB, which means off."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a mixer or device."""

    value: str
    """What it stands at, as text."""
    moves: tuple[tuple[float, str], ...] = ()
    """Beats and values, where it moves."""

    @property
    def number(self) -> float:
        """What it stands at."""
        return number(self.value)

    @property
    def is_on(self) -> bool:
        """Whether it stands at true."""
        return is_yes(self.value)


Envelopes = Mapping[str, tuple[tuple[float, str], ...]]
"""Id of an automation target → its events."""


def envelopes_of(track: Element) -> dict[str, tuple[tuple[float, str], ...]]:
    """Return the automation of a track (Live 9 and later) by the id of its target."""
    found = {}
    for envelope in track.findall("AutomationEnvelopes/Envelopes/AutomationEnvelope"):
        target = envelope.find("EnvelopeTarget/PointeeId")
        events = envelope.find("Automation/Events")
        if target is not None and events is not None:
            found[target.get("Value", "")] = _events(events)
    return found


def parameter(holder: Element | None, name: str, envelopes: Envelopes) -> Parameter | None:
    """Return a parameter; None where the holder has none of that name."""
    element = None if holder is None else holder.find(name)
    if element is None:
        return None
    target = element.find("AutomationTarget")
    events = envelopes.get("" if target is None else target.get("Id", ""), ())
    old = element.find("ArrangerAutomation/Events")
    if old is not None:
        events = _events(old)
    manual = element.find("Manual")
    value = manual.get("Value", "") if manual is not None else (events[0][1] if events else element.get("Value", ""))
    later = [event for event in events if event[0] > LONG_AGO]
    if not later:
        return Parameter(value)
    first = [(0.0, events[0][1])] if events[0][0] <= LONG_AGO and later[0][0] > 0 else []
    return Parameter(value, tuple(first + later))


def value_of(holder: Element | None, name: str, otherwise: str = "") -> str:
    """Return a plain value, such as `<Name Value="x"/>`."""
    element = None if holder is None else holder.find(name)
    return otherwise if element is None else element.get("Value", otherwise)


def _events(events: Element) -> tuple[tuple[float, str], ...]:
    found = [
        (number(event.get("Time")), event.get("Value", ""))
        for event in events
        if event.tag in ("FloatEvent", "BoolEvent", "EnumEvent")
    ]
    return tuple(sorted(found, key=lambda event: event[0]))
