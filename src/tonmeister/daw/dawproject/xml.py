"""The pieces of a DAWproject file: elements with ids, parameters with units.

Element order and attributes follow the format's schema (DAWproject 1.0); units are those that Bitwig Studio writes and expects,
which the schema does not say: equaliser frequencies in semitones (69 is 440 Hz), ratios in percent of what is taken away.
"""

from collections.abc import Mapping
from math import log2
from xml.etree.ElementTree import Element, SubElement

HIGHEST_VOLUME = 2.0
"""Top of a fader, linear: 6 dB."""
_LOWEST_HZ, _HIGHEST_HZ = 20.0, 20_000.0


class Ids:
    """Counts the ids of a file; one that has some already goes on behind its last."""

    def __init__(self, last: int = 0) -> None:
        self._last = last

    def take(self) -> str:
        """Return the next id."""
        self._last += 1
        return f"id{self._last}"


def add(parent: Element, tag: str, attributes: Mapping[str, str] | None = None) -> Element:
    """Return a new last child."""
    return SubElement(parent, tag, dict(attributes or {}))


def number(value: float) -> str:
    """Return a number as the format writes it."""
    return f"{value + 0.0:.6f}"


def add_real(
    parent: Element,
    ids: Ids,
    tag: str,
    value: float,
    unit: str,
    *,
    reach: tuple[float, float] | None = None,
    name: str = "",
) -> str:
    """Add a parameter, held within its reach, and return its id."""
    known = {}
    if reach is not None:
        known = {"max": number(reach[1]), "min": number(reach[0])}
        value = min(max(value, reach[0]), reach[1])
    made = ids.take()
    add(parent, tag, {**known, "unit": unit, "value": number(value), "id": made, **({"name": name} if name else {})})
    return made


def add_bool(parent: Element, ids: Ids, tag: str, *, value: bool, name: str = "") -> str:
    """Add a switch and return its id."""
    made = ids.take()
    add(parent, tag, {"value": "true" if value else "false", "id": made, **({"name": name} if name else {})})
    return made


def semitones(frequency_hz: float) -> float:
    """Return a frequency as a pitch."""
    return 69.0 + 12.0 * log2(frequency_hz / 440.0)


def taken_percent(ratio: float) -> float:
    """Return a ratio as the share of the excess that is taken away: 2:1 is 50."""
    return 100.0 * (1.0 - 1.0 / ratio)


FREQUENCY_REACH = semitones(_LOWEST_HZ), semitones(_HIGHEST_HZ)
