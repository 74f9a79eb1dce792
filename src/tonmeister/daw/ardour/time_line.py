"""The time line: the song's range, its sections as markers and ranges, its tempo."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from tonmeister.daw.ardour.lanes import SUPERCLOCK_HZ, superclocks
from tonmeister.daw.ardour.xml import Numbers, add, number
from tonmeister.daw.sections import USUAL_BPM, section_names
from tonmeister.document.mix import Mix, Song
from tonmeister.document.strip import Insert
from tonmeister.processing.registry import is_neutral, make_stream

_LONGEST_TAIL_S = 10.0


def tail_frames(mix: Mix) -> int:
    """Return how long sound rings on behind the song, as our renderer counts it, at most ten seconds."""
    used = [track.strip.inserts for track in mix.tracks if track.used]
    chains = [_chain_frames(mix, inserts) for inserts in used]
    buses = [_chain_frames(mix, bus.inserts) for bus in mix.buses]
    longest = max(chains, default=0) + max(buses, default=0)
    return min(longest, round(_LONGEST_TAIL_S * mix.song.sample_rate_hz))


def _chain_frames(mix: Mix, inserts: Sequence[Insert]) -> int:
    rate = mix.song.sample_rate_hz
    streams = [
        make_stream(i.processor, sample_rate_hz=rate, channels=2) for i in inserts if not is_neutral(i.processor)
    ]
    return sum(stream.tail_frames for stream in streams)


def add_locations(root: Element, numbers: Numbers, song: Song, *, end_frame: int) -> None:
    """Add the range of the session, and each section as a marker and a range."""
    locations = add(root, "Locations")
    end = end_frame * SUPERCLOCK_HZ // song.sample_rate_hz
    _add_location(locations, numbers, "session", 0, end, "IsSessionRange")
    for section, name in zip(song.sections, section_names(song), strict=True):
        start = superclocks(section.start_s)
        _add_location(locations, numbers, name, start, start, "IsMark")
        _add_location(locations, numbers, name, start, superclocks(section.end_s), "IsRangeMarker")


def add_tempo_map(root: Element, song: Song) -> None:
    """Add the tempo, in 4/4 from the first frame on."""
    tempo = number(USUAL_BPM if song.tempo_bpm is None else song.tempo_bpm)
    element = add(root, "TempoMap", {"superclocks-per-second": str(SUPERCLOCK_HZ)})
    start = {"sclock": "0", "quarters": "0:0", "bbt": "1|1|0"}
    kind = {"note-type": "4", "type": "Tempo::Constant", "active": "1", "locked-to-meter": "0", "continuing": "0"}
    add(add(element, "Tempos"), "Tempo", {"npm": tempo, "enpm": tempo, **kind, **start, "omega": "0"})
    add(add(element, "Meters"), "Meter", {"note-value": "4", "divisions-per-bar": "4", **start})
    add(element, "MusicTimes")


def _add_location(parent: Element, numbers: Numbers, name: str, start: int, end: int, flags: str) -> None:
    attributes = {"id": numbers.take(), "name": name, "start": f"a{start}", "end": f"a{end}", "flags": flags}
    add(parent, "Location", {**attributes, "locked": "0", "timestamp": "0"})
