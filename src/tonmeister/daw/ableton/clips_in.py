"""Audio clips of Live's arrangement: loops unrolled, warped ones played where the markers do not stretch them."""

from collections.abc import Iterator
from itertools import pairwise
from xml.etree.ElementTree import Element

from tonmeister.daw.ableton.parameters import value_of
from tonmeister.daw.reading import TempoMap, Unread, held, in_db, is_yes, number, seconds
from tonmeister.daw.session import Clip, Fade

SAME_SPEED = 1e-3
"""Sound whose warp markers stretch it by less than this is played as it is."""
_MOST_PIECES = 10_000
_STRETCHED = "it is warped to another speed; print it in Live (freeze and flatten)"
_PITCHED = "its pitch is shifted; print it in Live (freeze and flatten)"


def clips_of(track: Element, tempo: TempoMap, unread: Unread) -> Iterator[Clip]:
    """Yield the pieces of sound of a track's arrangement."""
    events = track.find("DeviceChain/MainSequencer/Sample/ArrangerAutomation/Events")
    for element in () if events is None else events.findall("AudioClip"):
        yield from _clip(element, tempo, unread)


def _clip(element: Element, tempo: TempoMap, unread: Unread) -> Iterator[Clip]:
    start, end = number(value_of(element, "CurrentStart")), number(value_of(element, "CurrentEnd"))
    if end <= start:
        return
    is_warped = is_yes(value_of(element, "IsWarped"))
    pieces = list(_pieces(element, end - start, unread) if is_warped else _plain(element, start, end, tempo))
    marks = sorted(
        (number(mark.get("BeatTime")), number(mark.get("SecTime")))
        for mark in element.findall("WarpMarkers/WarpMarker")
    )
    for place, (offset_beats, content, length_beats) in enumerate(pieces):
        at_beat = start + offset_beats
        at_s = tempo.seconds(at_beat)
        length_s = tempo.seconds(at_beat + length_beats) - at_s
        cannot = None
        offset_s = content
        if is_warped:
            offset_s, is_same = _unwarped(marks, content, length_beats, length_s)
            cannot = None if is_same else _STRETCHED
        yield _piece(
            element, at_s=at_s, length_s=length_s, offset_s=offset_s, cannot=cannot,
            is_first=place == 0, is_last=place == len(pieces) - 1,
        )  # fmt: skip


def _piece(
    element: Element,
    *,
    at_s: float,
    length_s: float,
    offset_s: float,
    cannot: str | None,
    is_first: bool,
    is_last: bool,
) -> Clip:
    if any(abs(number(value_of(element, name))) > 1e-6 for name in ("PitchCoarse", "PitchFine")):
        cannot = _PITCHED
    return Clip(
        name=value_of(element, "Name"),
        start_s=seconds(at_s),
        length_s=max(0.0, seconds(length_s)),
        offset_s=seconds(offset_s),
        media=media_of(element),
        gain_db=in_db(number(value_of(element, "SampleVolume", "1"), 1.0)),
        fade_in=_fade(element, "FadeInLength", length_s) if is_first else None,
        fade_out=_fade(element, "FadeOutLength", length_s) if is_last else None,
        is_muted=is_yes(value_of(element, "Disabled")),
        cannot=cannot,
    )


def _plain(element: Element, start: float, end: float, tempo: TempoMap) -> Iterator[tuple[float, float, float]]:
    """Yield the one piece of a clip that is not warped: (beats after its start, second of its sound, beats)."""
    del tempo
    loop = element.find("Loop")
    content_s = number(value_of(loop, "LoopStart")) + number(value_of(loop, "StartRelative"))
    yield 0.0, content_s, end - start


def _pieces(element: Element, length: float, unread: Unread) -> Iterator[tuple[float, float, float]]:
    """Yield the pieces of a warped clip: (beats after its start, beat of its content, beats)."""
    loop = element.find("Loop")
    first, last = number(value_of(loop, "LoopStart")), number(value_of(loop, "LoopEnd"))
    content, done = first + number(value_of(loop, "StartRelative")), 0.0
    if not is_yes(value_of(loop, "LoopOn")) or last - first <= 1e-6:
        yield 0.0, content, length
        return
    for _ in range(_MOST_PIECES):
        part = min(length - done, max(last - content, 0.0))
        if part > 1e-9:
            yield done, content, part
            done += part
        content = first
        if length - done <= 1e-9:
            return
    unread.add("A clip that repeats more than ten thousand times is cut short.")


def _unwarped(marks: list[tuple[float, float]], content: float, beats: float, length_s: float) -> tuple[float, bool]:
    """Return where in its sound a piece begins, and whether its markers leave the speed as it is."""
    if len(marks) < 2:
        return 0.0, False
    begins_s = _along(marks, content)
    per_beat_s = length_s / beats if beats > 0 else 0.0
    knots = [content, *(beat for beat, _ in marks if content < beat < content + beats), content + beats]
    is_same = all(
        abs(_along(marks, b) - _along(marks, a) - (b - a) * per_beat_s) <= SAME_SPEED * (b - a) * per_beat_s + 1e-9
        for a, b in pairwise(knots)
    )
    return begins_s, is_same


def _along(marks: list[tuple[float, float]], beat: float) -> float:
    pair = next(((a, b) for a, b in pairwise(marks) if beat <= b[0]), (marks[-2], marks[-1]))
    (b0, s0), (b1, s1) = pair
    return s0 if b1 <= b0 else s0 + (s1 - s0) * (beat - b0) / (b1 - b0)


def media_of(element: Element) -> str | None:
    """Return the sound file that a clip names: inside the project where it is said so, else by its whole path."""
    reference = element.find("SampleRef/FileRef")
    if reference is None:
        return None
    plain = value_of(reference, "RelativePath")
    if plain:
        return plain
    whole_path = value_of(reference, "Path")
    name = value_of(reference, "Name")
    parts = [part.get("Dir", "") for part in reference.findall("RelativePath/RelativePathElement")]
    if parts:
        return "/".join([part or ".." for part in parts] + [name])
    return whole_path or name or None


def _fade(element: Element, name: str, length_s: float) -> Fade | None:
    """Return a fade; Live counts it in seconds of the sound."""
    if not is_yes(value_of(element, "Fade"), otherwise=True):
        return None
    fade_s = held(number(value_of(element.find("Fades"), name)), 0.0, length_s)
    return Fade(length_s=round(fade_s, 6)) if fade_s > 1e-6 else None
