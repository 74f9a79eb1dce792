"""Clips of a DAWproject: nested, looped and warped content laid out as pieces of sound on the time line."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from xml.etree.ElementTree import Element

from tonmeister.daw.dawproject.channels_in import level_db
from tonmeister.daw.reading import TempoMap, Unread, held, is_yes, make_lane, number, seconds
from tonmeister.daw.session import Clip, Fade
from tonmeister.document.lane import Lane

SAME_SPEED = 1e-3
"""Sound whose warp markers stretch it by less than this is played as it is: over a bar that is under 2 ms."""
_MOST_PIECES = 10_000
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the content's own time that sounds, and where it stands in the song."""

    unit: str
    """Unit of the content's time: `beats` or `seconds`."""
    start: float
    """First moment of the content that sounds."""
    length: float
    at_s: float
    """Where in the song that moment is."""
    per_unit_s: float
    """Seconds of the song in one unit of the content's time."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a clip inherits from those around it."""

    name: str
    is_muted: bool
    fade_in: Fade | None = None
    fade_out: Fade | None = None
    gain: Lane | None = None


def read_clip(element: Element, unit: str, tempo: TempoMap, unread: Unread) -> list[Clip]:
    """Return the pieces of sound of a clip on the time line."""
    start, length = number(element.get("time")), max(0.0, number(element.get("duration")))
    at_s = tempo.seconds(start) if unit == "beats" else seconds(start)
    end_s = tempo.seconds(start + length) if unit == "beats" else seconds(start + length)
    per_unit_s = (end_s - at_s) / length if length > 0 else 1.0
    outer = Window(unit, start, length, at_s, per_unit_s)
    return list(_pieces(element, outer, Look("", is_muted=False), unread, depth=0))


def _pieces(element: Element, place: Window, look: Look, unread: Unread, *, depth: int) -> Iterator[Clip]:
    """Yield what a clip plays; `place` is where it stands, in the unit of the time around it."""
    content = element.get("contentTimeUnit") or place.unit
    per_unit_s = place.per_unit_s if content == place.unit else _other_unit_s(content, place)
    length_s = place.length * place.per_unit_s
    own = _look(element, look, place, length_s)
    holder = element.find("Lanes")
    inside = element if holder is None else holder
    own = replace(own, gain=own.gain or _gain(inside, content, per_unit_s))
    if element.get("reference"):
        unread.add("A clip that refers to another clip's content is left out.")
        return
    windows = list(_windows(element, content, per_unit_s, place.at_s, length_s, unread))
    for number_of, window in enumerate(windows):
        is_first, is_last = number_of == 0, number_of == len(windows) - 1
        part = replace(own, fade_in=own.fade_in if is_first else None, fade_out=own.fade_out if is_last else None)
        yield from _content(inside, window, part, unread, depth=depth)


def _content(holder: Element, window: Window, look: Look, unread: Unread, *, depth: int) -> Iterator[Clip]:
    for child in holder:
        if child.tag == "Audio":
            yield _audio(child, window, look, offset_s=window.start * window.per_unit_s)
        elif child.tag == "Warps":
            yield from _warped(child, window, look)
        elif child.tag == "Clips" and depth < _DEEPEST:
            for clip in child.findall("Clip"):
                yield from _inner(clip, window, look, unread, depth=depth)
        elif child.tag == "Video":
            unread.add("A video is left out.")


def _inner(clip: Element, window: Window, look: Look, unread: Unread, *, depth: int) -> Iterator[Clip]:
    """Yield the part of an inner clip that the window shows."""
    start, length = number(clip.get("time")), max(0.0, number(clip.get("duration")))
    first, last = max(start, window.start), min(start + length, window.start + window.length)
    if last - first <= 1e-9:
        return
    at_s = window.at_s + (start - window.start) * window.per_unit_s
    shown_s = (window.at_s + (first - window.start) * window.per_unit_s, (last - first) * window.per_unit_s)
    for piece in _pieces(
        clip, Window(window.unit, start, length, at_s, window.per_unit_s), look, unread, depth=depth + 1
    ):
        yield from _cut(piece, shown_s[0], shown_s[0] + shown_s[1])


def _cut(clip: Clip, from_s: float, to_s: float) -> Iterator[Clip]:
    """Yield the part of a clip between two moments of the song."""
    first, last = max(clip.start_s, from_s), min(clip.start_s + clip.length_s, to_s)
    if last - first <= 1e-9:
        return
    skipped = first - clip.start_s
    is_whole = skipped < 1e-9
    yield clip.model_copy(
        update={
            "start_s": first,
            "length_s": last - first,
            "offset_s": clip.offset_s + skipped,
            "fade_in": clip.fade_in if is_whole else None,
            "fade_out": clip.fade_out if abs(clip.start_s + clip.length_s - last) < 1e-9 else None,
        }
    )


def _windows(
    element: Element, unit: str, per_unit_s: float, at_s: float, length_s: float, unread: Unread
) -> Iterator[Window]:
    """Yield the parts of the content's time that a clip plays: one, or many where it loops."""
    length = length_s / per_unit_s if per_unit_s > 0 else 0.0
    start = number(element.get("playStart"))
    loop_end = element.get("loopEnd")
    loop_start = number(element.get("loopStart"))
    if loop_end is None or number(loop_end) - loop_start <= 1e-6:
        stop = number(element.get("playStop"), start + length)
        yield Window(unit, start, min(length, max(stop - start, 0.0)), at_s, per_unit_s)
        return
    end, done = number(loop_end), 0.0
    for _ in range(_MOST_PIECES):
        part = min(length - done, max(end - start, 0.0))
        if part > 1e-9:
            yield Window(unit, start, part, at_s + done * per_unit_s, per_unit_s)
            done += part
        start = loop_start
        if length - done <= 1e-9:
            return
    unread.add("A clip that repeats more than ten thousand times is cut short.")


def _audio(element: Element, window: Window, look: Look, *, offset_s: float, cannot: str | None = None) -> Clip:
    file = element.find("File")
    path = None if file is None else file.get("path")
    return Clip(
        name=look.name,
        start_s=seconds(window.at_s),
        length_s=max(0.0, seconds(window.length * window.per_unit_s)),
        offset_s=seconds(offset_s),
        media=path,
        is_inside=file is not None and not is_yes(file.get("external")),
        gain=look.gain,
        fade_in=look.fade_in,
        fade_out=look.fade_out,
        is_muted=look.is_muted,
        cannot=cannot,
    )


def _warped(element: Element, window: Window, look: Look) -> Iterator[Clip]:
    """Yield warped sound: as it is where its markers do not stretch it, else as a clip that cannot be played."""
    audio = element.find("Audio")
    if audio is None:
        return
    marks = sorted((number(w.get("time")), number(w.get("contentTime"))) for w in element.findall("Warp"))
    if element.get("contentTimeUnit", "seconds") == "beats" or len(marks) < 2:
        yield _audio(audio, window, look, offset_s=window.start * window.per_unit_s, cannot=_STRETCHED)
        return
    offset_s = _along(marks, window.start)
    end = window.start + window.length
    knots = [window.start, *(time for time, _ in marks if window.start < time < end), end]
    is_same = all(
        abs((_along(marks, b) - _along(marks, a)) - (b - a) * window.per_unit_s)
        <= SAME_SPEED * (b - a) * window.per_unit_s + 1e-9
        for a, b in pairwise(knots)
    )
    yield _audio(audio, window, look, offset_s=offset_s, cannot=None if is_same else _STRETCHED)


def _along(marks: list[tuple[float, float]], time: float) -> float:
    """Return where in the sound a moment of the clip is; outside the markers the nearest pair goes on."""
    pair = next(((a, b) for a, b in pairwise(marks) if time <= b[0]), (marks[-2], marks[-1]))
    (t0, s0), (t1, s1) = pair
    return s0 if t1 <= t0 else s0 + (s1 - s0) * (time - t0) / (t1 - t0)


def _other_unit_s(content: str, place: Window) -> float:
    """Return the seconds of a unit of the content's time where the time around it has another."""
    if content == "seconds":
        return 1.0
    return place.per_unit_s if place.unit == "beats" else 0.5


def _look(element: Element, around: Look, place: Window, length_s: float) -> Look:
    fade_unit_s = place.per_unit_s if element.get("fadeTimeUnit", place.unit) == place.unit else 1.0
    into = held(number(element.get("fadeInTime")) * fade_unit_s, 0.0, length_s)
    out = held(number(element.get("fadeOutTime")) * fade_unit_s, 0.0, length_s)
    return Look(
        name=element.get("name") or around.name,
        is_muted=around.is_muted or not is_yes(element.get("enable"), otherwise=True),
        fade_in=Fade(length_s=round(into, 6)) if into > 0 else around.fade_in,
        fade_out=Fade(length_s=round(out, 6)) if out > 0 else around.fade_out,
        gain=around.gain,
    )


def _gain(holder: Element, unit: str, per_unit_s: float) -> Lane | None:
    """Return the gain that a clip's own points say."""
    for points in holder.findall("Points"):
        target = points.find("Target")
        if target is None or target.get("expression") != "gain":
            continue
        scale = per_unit_s if points.get("timeUnit", unit) == unit else 1.0
        found = [
            (number(p.get("time")) * scale, level_db(number(p.get("value"), 1.0), points.get("unit", "linear")))
            for p in points.findall("RealPoint")
        ]
        if found:
            return make_lane(found, law="linear_gain", otherwise=0.0)
    return None


_STRETCHED = "it is stretched in time; print it in the DAW (bounce in place)"
