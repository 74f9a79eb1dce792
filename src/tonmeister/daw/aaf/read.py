"""An AAF composition as a session: tracks, clips, gains, pans and crossfades (Pro Tools, Media Composer, Resolve)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from tonmeister.daw.opening import COMPOUND_FILE, SessionError, head_of
from tonmeister.daw.reading import Unread, held, in_db, make_lane, seconds
from tonmeister.daw.session import Clip, DawSession, Fade, SessionTrack
from tonmeister.document.lane import Lane, constant
from tonmeister.errors import MissingExtraError

_GAIN = "9d2ea894-0968-11d3-8a38-0050040ef7d2"
_PAN = "9d2ea893-0968-11d3-8a38-0050040ef7d2"
_SOUND = ("sound", "legacysound")
_DEEPEST = 12
_LEAD_IN_S = 60.0
"""A time line on which nothing sounds for longer begins at its first clip: Pro Tools' begin at an hour."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a component stands, and what is done to it."""

    at_s: float
    unit_s: float
    gain_db: float = 0.0
    gain: Lane | None = None
    right: str | None = None


@dataclass(slots=True)
class _Track:
    """What is found on the way through one slot."""

    clips: list[Clip] = field(default_factory=list)
    pan: Lane | None = None


def read_aaf(path: Path) -> DawSession:
    """Read an AAF file.

    Raises:
        MissingExtraError: If pyaaf2 is not installed.
        SessionError: If it is no AAF, damaged or without sound.
    """
    try:
        import aaf2  # noqa: PLC0415 - comes with the extra `aaf`
    except ImportError as error:
        raise MissingExtraError(what="Reading AAF", extra="aaf") from error
    advice = "Copy it again from where it came, or export it anew."
    if not head_of(path).startswith(COMPOUND_FILE):
        raise SessionError(path, "It is no whole AAF file", advice)
    try:
        with aaf2.open(str(path), "r") as file:
            return _session(file)
    except Exception as error:  # pyaaf2 raises whatever a broken file makes it stumble over
        raise SessionError(path, "It is no whole AAF file", advice) from error


def _session(file: Any) -> DawSession:
    unread = Unread()
    composition = next(iter(file.content.toplevel()), None)
    if composition is None:
        composition = next(iter(file.content.compositionmobs()))
    tracks = [_slot(slot, unread) for slot in composition.slots if _is_sound(slot)]
    starts = [clip.start_s for track in tracks for clip in track.clips]
    first_s = min(starts, default=0.0)
    if first_s > _LEAD_IN_S:
        tracks = [_moved(track, -first_s) for track in tracks]
        unread.add(f"Its first sound is at {first_s:.3f} s; times count from there.")
    unread.add("AAF holds no tempo, sends, buses or plugin settings that can be read.")
    return DawSession(format="aaf", title=composition.name or "", tracks=tuple(tracks), unread=unread.sentences)


def _is_sound(slot: Any) -> bool:
    return str(getattr(slot.segment, "media_kind", None)).lower() in _SOUND


def _slot(slot: Any, unread: Unread) -> SessionTrack:
    rate = float(getattr(slot, "edit_rate", 0) or 1)
    found = _Track()
    _walk(slot.segment, _Place(0.0, 1 / rate), found, unread, depth=0)
    number = slot.slot_id
    return SessionTrack(
        id=str(number),
        name=slot.name or f"Track {number}",
        pan=found.pan or constant(0.0, law="linear_gain"),
        clips=tuple(found.clips),
    )


def _moved(track: SessionTrack, by_s: float) -> SessionTrack:
    return track.model_copy(
        update={"clips": tuple(clip.model_copy(update={"start_s": clip.start_s + by_s}) for clip in track.clips)}
    )


def _walk(component: Any, place: _Place, found: _Track, unread: Unread, *, depth: int) -> None:
    kind = type(component).__name__
    if depth > _DEEPEST:
        unread.add("A part that is nested too deep is left out.")
    elif kind == "Sequence":
        _sequence(component, place, found, unread, depth=depth)
    elif kind == "OperationGroup":
        _operation(component, place, found, unread, depth=depth)
    elif kind == "SourceClip":
        _clip(component, place, found)
    elif kind in ("Selector", "NestedScope", "EssenceGroup"):
        _walk(_chosen(component), place, found, unread, depth=depth + 1)
    elif kind not in ("Filler", "Transition", "NoneType"):
        unread.add(f"A part of kind {kind} is left out.")


def _chosen(component: Any) -> Any:
    if component.get("Selected") is not None:
        return component["Selected"].value
    return next(iter(getattr(component, "slots", None) or ()), None)


def _sequence(component: Any, place: _Place, found: _Track, unread: Unread, *, depth: int) -> None:
    """Walk along a sequence; a transition overlaps what is beside it, which gives both a fade."""
    at_s, fade_s = place.at_s, 0.0
    for part in component.components:
        length_s = float(part.length or 0) * place.unit_s
        if type(part).__name__ == "Transition":
            at_s -= length_s
            fade_s = length_s
            if found.clips:
                found.clips[-1] = found.clips[-1].model_copy(update={"fade_out": Fade(length_s=round(length_s, 6))})
            continue
        before = len(found.clips)
        _walk(part, replace(place, at_s=at_s), found, unread, depth=depth + 1)
        if fade_s and len(found.clips) > before:
            found.clips[before] = found.clips[before].model_copy(update={"fade_in": Fade(length_s=round(fade_s, 6))})
        at_s, fade_s = at_s + length_s, 0.0


def _operation(component: Any, place: _Place, found: _Track, unread: Unread, *, depth: int) -> None:
    auid, parts = str(component.operation.auid).lower(), list(component.segments)
    if not parts:
        return
    name = component.operation.name or "effect"
    if auid == _GAIN:
        still_db, lane = _values(component, ("Amplitude", ""), place, component.length, in_db)
        place = replace(place, gain_db=place.gain_db + still_db, gain=lane or place.gain)
    elif auid == _PAN:
        still, lane = _values(component, ("Pan", "Pan value"), place, component.length, _pan)
        found.pan = lane or constant(still, law="linear_gain")
    elif "combiner" in name.lower() and len(parts) > 1:
        other = next((clip for clip in _source_clips(parts[1])), None)
        place = replace(place, right=None if other is None else _file(other)[0])
    elif "fade" not in name.lower():
        unread.add(f"The effect {name!r} is left out.")
    _walk(parts[0], place, found, unread, depth=depth + 1)


def _pan(value: float) -> float:
    return round(held(2 * value - 1, -1.0, 1.0), 6)


def _values(
    group: Any, names: tuple[str, ...], place: _Place, length: float, convert: Callable[[float], float]
) -> tuple[float, Lane | None]:
    """Return the still value and the moving one of a parameter; times are shares of the group's length."""
    for parameter in group.parameters:
        definition = parameter.parameterdef
        if (definition.name or "") not in names:
            continue
        if parameter.get("PointList") is None:
            return convert(float(parameter.value)), None
        span_s = float(length) * place.unit_s
        points = [(float(p.time) * span_s, convert(float(p.value))) for p in parameter["PointList"]]
        values = {value for _, value in points}
        if len(values) == 1:
            return values.pop(), None
        at_s = place.at_s if convert is _pan else 0.0
        shifted = [(seconds(at_s + t), v) for t, v in points]
        return 0.0, make_lane(shifted, law="linear_gain", otherwise=0.0)
    return 0.0, None


def _source_clips(component: Any) -> Iterator[Any]:
    if type(component).__name__ == "SourceClip":
        yield component
    for part in (*(getattr(component, "components", None) or ()), *(getattr(component, "segments", None) or ())):
        yield from _source_clips(part)


def _clip(component: Any, place: _Place, found: _Track) -> None:
    media, offset_s, is_inside = _file(component)
    found.clips.append(
        Clip(
            name=getattr(component.mob, "name", None) or "",
            start_s=seconds(place.at_s),
            length_s=max(0.0, seconds(float(component.length or 0) * place.unit_s)),
            offset_s=seconds(offset_s + float(component.start or 0) * place.unit_s),
            media=media,
            right_media=place.right if place.right != media else None,
            is_inside=is_inside,
            gain_db=held(place.gain_db, -120.0, 48.0),
            gain=place.gain,
            cannot=None if media is not None else "its sound file is not named",
        )
    )


def _file(clip: Any) -> tuple[str | None, float, bool]:
    """Return the file behind a source clip, by how much the way to it shifts the sound, and whether the AAF holds it."""
    offset_s = 0.0
    for _ in range(_DEEPEST):
        mob = clip.mob
        if mob is None:
            return None, offset_s, False
        descriptor = getattr(mob, "descriptor", None)
        if descriptor is not None:
            for locator in descriptor.get("Locator", None) or ():
                url = locator.get("URLString")
                if url is not None and url.value:
                    return _path(str(url.value)), offset_s, False
            if getattr(mob, "essence", None) is not None:
                return f"{mob.mob_id}", offset_s, True
        slot = clip.slot
        following = None if slot is None else next(_source_clips(slot.segment), None)
        if following is None:
            return None, offset_s, False
        offset_s += float(following.start or 0) / float(slot.edit_rate or 1)
        clip = following
    return None, offset_s, False


def _path(url: str) -> str:
    """Return the path of a file URL; Windows drives lose the slash before them."""
    parsed = urlparse(url)
    if parsed.scheme != "file":
        return unquote(url)
    path = unquote(parsed.path)
    return path[1:] if path[2:3] == ":" else path
