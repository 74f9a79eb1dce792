"""Whole files as clips of a project that is handed back: printed returns and new takes."""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from tonmeister.daw.dawproject.xml import Ids, add, number


@dataclass(frozen=True, slots=True)
class WholeFile:
    """A whole file as a clip."""

    name: str
    start_s: float
    length_s: float
    channels: int
    sample_rate_hz: int


def add_whole_file(lanes: Element, ids: Ids, file: str, place: WholeFile) -> None:
    """Add a file of the archive to the lanes of a track."""
    clips = add(lanes, "Clips", {"id": ids.take(), "timeUnit": "seconds"})
    length = number(place.length_s)
    what = {
        "time": number(place.start_s),
        "duration": length,
        "contentTimeUnit": "seconds",
        "playStart": "0.0",
        "name": place.name,
    }
    what |= {"fadeTimeUnit": "seconds", "fadeInTime": "0.0", "fadeOutTime": "0.0"}
    audio = {"channels": str(place.channels), "sampleRate": str(place.sample_rate_hz), "duration": length}
    add(add(add(clips, "Clip", what), "Audio", {**audio, "id": ids.take()}), "File", {"path": file})
