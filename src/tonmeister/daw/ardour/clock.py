"""Ardour's times in seconds: samples before Ardour 7, superclocks (a…) and ticks of beats (b…) from then on."""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from tonmeister.daw.ardour.lanes import SUPERCLOCK_HZ
from tonmeister.daw.reading import USUAL_BPM, Beat, TempoMap, held, number, seconds, tempo_map, whole
from tonmeister.daw.session import Meter, Tempo

TICKS = 1920.0
"""Ticks of a quarter note."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Reads times of one session."""

    sample_rate_hz: int
    tempo: TempoMap

    def seconds(self, text: str | None) -> float:
        """Return a moment, or a length from the song's start, in seconds."""
        if not text:
            return 0.0
        if text.startswith("a"):
            return seconds(number(text[1:]) / SUPERCLOCK_HZ)
        if text.startswith("b"):
            return self.tempo.seconds(number(text[1:]) / TICKS)
        return seconds(number(text) / self.sample_rate_hz)

    def length(self, text: str | None) -> tuple[float, float | None]:
        """Return a length and where it begins, if it says so (`length@position`)."""
        long, _, at = (text or "").partition("@")
        if not at:
            return self.seconds(long), None
        start_s = self.seconds(at)
        if long.startswith("b") and at.startswith("b"):
            end_s = self.tempo.seconds((number(long[1:]) + number(at[1:])) / TICKS)
            return end_s - start_s, start_s
        return self.seconds(long), start_s


def clock_of(root: Element) -> Clock:
    """Return the clock of a session."""
    rate = whole(root.get("sample-rate"), 48_000)
    rate = rate if 1000 <= rate <= 1_000_000 else 48_000
    first = next(iter(_tempo_elements(root)), None)
    bpm = USUAL_BPM if first is None else _bpm(first)
    marks = []
    for element in _tempo_elements(root):
        beat = _quarters(element.get("quarters"))
        if beat is not None:
            marks.append(Beat(beat, _bpm(element), is_ramp=_is_ramp(element)))
    return Clock(rate, tempo_map(marks, bpm=bpm))


def tempos_of(root: Element, clock: Clock) -> tuple[Tempo, ...]:
    """Return the tempos of a session."""
    found = [
        Tempo(time_s=round(_at_s(element, clock), 6), bpm=round(_bpm(element), 6), is_ramp=_is_ramp(element))
        for element in _tempo_elements(root)
    ]
    return tuple(sorted(found, key=lambda tempo: tempo.time_s))


def meters_of(root: Element, clock: Clock) -> tuple[Meter, ...]:
    """Return the time signatures of a session."""
    found = []
    for element in root.findall("TempoMap//Meter"):
        top = held(number(element.get("divisions-per-bar"), 4), 1, 256)
        bottom = held(number(element.get("note-value") or element.get("note-type"), 4), 1, 256)
        found.append(Meter(time_s=round(_at_s(element, clock), 6), numerator=int(top), denominator=int(bottom)))
    return tuple(sorted(found, key=lambda meter: meter.time_s))


def _tempo_elements(root: Element) -> list[Element]:
    return [element for element in root.findall("TempoMap//Tempo") if _bpm(element) > 0]


def _bpm(element: Element) -> float:
    """Return quarter notes per minute; the file counts notes of a type of its own."""
    notes = number(element.get("npm") or element.get("beats-per-minute"), USUAL_BPM)
    return held(notes * 4 / held(number(element.get("note-type"), 4), 1, 64), 1.0, 10_000.0)


def _is_ramp(element: Element) -> bool:
    end = element.get("enpm") or element.get("end-beats-per-minute")
    start = element.get("npm") or element.get("beats-per-minute")
    is_active = element.get("active", "1") == "1" and element.get("clamped", "0") == "0"
    return end is not None and is_active and abs(number(end) - number(start)) > 1e-6


def _at_s(element: Element, clock: Clock) -> float:
    if element.get("sclock") is not None:
        return max(0.0, seconds(number(element.get("sclock")) / SUPERCLOCK_HZ))
    return max(0.0, seconds(number(element.get("frame") or element.get("sample")) / clock.sample_rate_hz))


def _quarters(text: str | None) -> float | None:
    """Return beats written as `beats:ticks`."""
    if text is None:
        return None
    beats, _, ticks = text.partition(":")
    return number(beats) + number(ticks) / TICKS
