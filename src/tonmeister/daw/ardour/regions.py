"""Sound on the time line: sources, regions and playlists."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from tonmeister.daw.ardour.lanes import SUPERCLOCK_HZ
from tonmeister.daw.ardour.xml import Numbers, add
from tonmeister.daw.media import Media, Span
from tonmeister.document.mix import Track


@dataclass(frozen=True, slots=True)
class Clip:
    """A track's sound on the time line."""

    name: str
    """Of the track's route."""
    track_id: str
    playlist_id: str
    channels: int
    media: Media
    source_ids: tuple[str, ...]
    start_frame: int
    """Where in the song it starts."""
    skip_frames: int
    """How much of the sound lies before the song and is left out."""
    frames: int


def make_clip(track: Track, media: Media, span: Span, *, name: str, track_id: str, numbers: Numbers) -> Clip:
    """Return a track's clip."""
    sources = tuple(numbers.take() for _ in range(track.channels))
    return Clip(
        name, track_id, numbers.take(), track.channels, media, sources, span.start_frame, span.skip_frames, span.frames
    )


def part(root: Element, tag: str) -> Element:
    """Return a part of a session, made where it has none."""
    found = root.find(tag)
    return add(root, tag) if found is None else found


def add_sources(root: Element, clips: Sequence[Clip]) -> None:
    """Add the sound files: Ardour has a source for each channel. An exact dual mono uses its first channel only.

    A file outside the session goes by its whole path.
    """
    sources = part(root, "Sources")
    for clip in clips:
        for channel, source_id in enumerate(clip.source_ids):
            name = clip.media.name if clip.media.linked is None else str(clip.media.linked)
            attributes = {"name": name, "take-id": "", "type": "audio", "flags": "", "id": source_id}
            add(sources, "Source", {**attributes, "channel": str(channel), "origin": "", "gain": "1"})


def add_regions(root: Element, numbers: Numbers, clips: Sequence[Clip], *, sample_rate_hz: int) -> None:
    """Add the regions that stand for whole files."""
    regions = part(root, "Regions")
    for clip in clips:
        _add_region(regions, numbers, clip, sample_rate_hz, whole=True)


def add_playlists(root: Element, numbers: Numbers, clips: Sequence[Clip], *, sample_rate_hz: int) -> None:
    """Add what each track plays."""
    playlists = part(root, "Playlists")
    for clip in clips:
        attributes = {"id": clip.playlist_id, "name": clip.name, "type": "audio", "orig-track-id": clip.track_id}
        playlist = add(playlists, "Playlist", {**attributes, "frozen": "0", "combine-ops": "0"})
        _add_region(playlist, numbers, clip, sample_rate_hz, whole=False)


def _add_region(parent: Element, numbers: Numbers, clip: Clip, sample_rate_hz: int, *, whole: bool) -> None:
    def clocks(frames: int) -> str:
        return f"a{frames * SUPERCLOCK_HZ // sample_rate_hz}"

    skip, at, frames = (0, 0, clip.media.frames) if whole else (clip.skip_frames, clip.start_frame, clip.frames)
    length = f"{clocks(frames)}@{clocks(at)}"
    attributes = {
        "name": clip.name, "muted": "0", "opaque": "1", "locked": "0", "whole-file": str(int(whole)), "hidden": "0",
        "start": clocks(skip), "length": length, "sync-position": clocks(skip), "ancestral-start": "a0",
        "ancestral-length": f"{clocks(clip.media.frames)}@a0", "stretch": "1", "shift": "1", "layering-index": "0",
        "envelope-active": "0", "default-fade-in": "0", "default-fade-out": "0", "fade-in-active": "0",
        "fade-out-active": "0", "scale-amplitude": "1", "id": numbers.take(), "type": "audio", "first-edit": "nothing",
        "channels": str(clip.channels),
    }  # fmt: skip
    for channel, source_id in enumerate(clip.source_ids):
        attributes |= {f"source-{channel}": source_id, f"master-source-{channel}": source_id}
    add(parent, "Region", attributes)
