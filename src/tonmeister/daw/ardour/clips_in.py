"""Ardour's regions as clips: layers that cover each other, fades with their curves, gain envelopes."""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import numpy as np

from tonmeister.daw.ardour.clock import Clock
from tonmeister.daw.reading import Unread, in_db, is_yes, make_lane, number, whole
from tonmeister.daw.session import Clip, Fade, FadeShape
from tonmeister.document.lane import Lane

DEFAULT_FADE_FRAMES = 64
"""A region whose fade is the default one is faded over so many samples."""
_CURVES: dict[FadeShape, float] = {
    "linear": 0.5, "equal_power": 0.7071, "fast": 0.75, "slow": 0.25, "s_curve": 0.5, "exponential": 0.0316,
}  # fmt: skip
"""Gain of each curve at half its way."""


@dataclass(frozen=True, slots=True)
class Source:
    """A channel of a sound file."""

    name: str
    channel: int
    is_sound: bool


def sources_of(root: Element) -> dict[str, Source]:
    """Return the sound sources of a session by id."""
    found = {}
    for element in root.findall("Sources/Source"):
        origin, name = element.get("origin", ""), element.get("name", "")
        is_plain = "/" in origin or "\\" in origin
        found[element.get("id", "")] = Source(
            origin if is_plain and not name else name,
            whole(element.get("channel")),
            element.get("type", "audio") == "audio",
        )
    return found


def clips_of(playlist: Element, sources: Mapping[str, Source], clock: Clock, unread: Unread) -> tuple[Clip, ...]:
    """Return the regions of a playlist, the lowest layer first."""
    regions = sorted(
        playlist.findall("Region"), key=lambda region: (number(region.get("layering-index")), region.get("id", ""))
    )
    found = [_clip(region, sources, clock, unread) for region in regions]
    return tuple(clip for clip in found if clip is not None)


def _clip(region: Element, sources: Mapping[str, Source], clock: Clock, unread: Unread) -> Clip | None:
    channels = [sources.get(region.get(f"source-{place}", "")) for place in range(2) if region.get(f"source-{place}")]
    known = [source for source in channels if source is not None and source.is_sound]
    length_s, at_s = clock.length(region.get("length"))
    start_s = clock.seconds(region.get("position")) if at_s is None else at_s
    if len(known) != len(channels) or not known:
        unread.add("A region whose source is not there, or is made of others, is left out: bounce it in Ardour.")
        return None
    media, right, channel = _files(known)
    if region.get("source-2"):
        unread.add("Of a region of more than two channels only the first two are read.")
    return Clip(
        name=region.get("name", ""),
        start_s=start_s,
        length_s=max(0.0, length_s),
        offset_s=clock.seconds(region.get("start")),
        media=media,
        right_media=right,
        channel=channel,
        polarity_inverted=number(region.get("scale-amplitude"), 1.0) < 0,
        gain_db=in_db(abs(number(region.get("scale-amplitude"), 1.0))),
        gain=_envelope(region, clock),
        fade_in=_fade(region, "FadeIn", clock, length_s),
        fade_out=_fade(region, "FadeOut", clock, length_s),
        is_muted=is_yes(region.get("muted")),
        covers=is_yes(region.get("opaque"), otherwise=True),
    )


def _files(known: list[Source]) -> tuple[str, str | None, int | None]:
    """Return the file, the file of the right side where it is another one, and the channel where only one is played."""
    if len(known) == 1:
        return known[0].name, None, known[0].channel
    first, second = known[0], known[1]
    if first.name != second.name:
        return first.name, second.name, None
    return first.name, None, (first.channel if first.channel == second.channel else None)


def _points(holder: Element | None, clock: Clock) -> list[tuple[float, float]]:
    """Return the events of an automation list: seconds and values."""
    events = None if holder is None else holder.find("AutomationList/events")
    if events is None and holder is not None:
        events = holder.find("events")
    words = (events.text or "").split() if events is not None else []
    return [(clock.seconds(time), number(value)) for time, value in zip(words[::2], words[1::2], strict=False)]


def _fade(region: Element, tag: str, clock: Clock, length_s: float) -> Fade | None:
    name = "fade-in" if tag == "FadeIn" else "fade-out"
    if not is_yes(region.get(f"{name}-active"), otherwise=True):
        return None
    points = _points(region.find(tag), clock)
    fade_s = points[-1][0] - points[0][0] if len(points) > 1 else 0.0
    if is_yes(region.get(f"default-{name}")) or fade_s <= 0:
        fade_s, points = DEFAULT_FADE_FRAMES / clock.sample_rate_hz, []
    shape: FadeShape = "linear"
    if len(points) > 2:
        times, values = np.array(points).T
        half = float(np.interp((times[0] + times[-1]) / 2, times, values))
        shape = min(_CURVES, key=lambda curve: abs(_CURVES[curve] - half))
    return Fade(length_s=round(min(fade_s, max(length_s, 0.0)), 9), shape=shape)


def _envelope(region: Element, clock: Clock) -> Lane | None:
    if not is_yes(region.get("envelope-active")):
        return None
    points = [(t, in_db(v)) for t, v in _points(region.find("Envelope"), clock)]
    moves = any(value != 0 for _, value in points)
    return make_lane(points, law="linear_gain", otherwise=0.0) if moves else None
