"""An Ableton Live set as a session (.als of Live 8 to 12)."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from xml.etree.ElementTree import Element

from tonmeister.daw.ableton.clips_in import clips_of
from tonmeister.daw.ableton.devices_in import devices_of
from tonmeister.daw.ableton.parameters import SILENT_GAIN, Envelopes, Parameter, envelopes_of, parameter, value_of
from tonmeister.daw.opening import SessionError, parse_xml, read_gzip
from tonmeister.daw.reading import Beat, TempoMap, Unread, held, in_db, is_yes, make_lane, meters_of, number, tempo_map
from tonmeister.daw.session import DawSession, Marker, Meter, SessionSend, SessionTrack, TrackKind
from tonmeister.document.lane import SILENT_DB, Lane, constant

MASTER_ID = "master"
_KINDS: dict[str, TrackKind] = {
    "AudioTrack": "audio", "MidiTrack": "notes", "GroupTrack": "group", "ReturnTrack": "return",
}  # fmt: skip
_MASTERS = ("MainTrack", "MasterTrack")


def read_ableton(path: Path) -> DawSession:
    """Read a Live set.

    Raises:
        SessionError: If it is none, damaged or hostile.
    """
    root = parse_xml(read_gzip(path), path, what="text")
    live = root.find("LiveSet")
    if root.tag != "Ableton" or live is None:
        raise SessionError(path, "It does not begin as a Live set does", "Give a set that Live saved.")
    return live_session(live, program=root.get("Creator", "Ableton Live"))


def live_session(live: Element, *, program: str) -> DawSession:
    """Return the session of a parsed set."""
    master = next((found for name in _MASTERS if (found := live.find(name)) is not None), None)
    tempo, meters = _time(master)
    unread = Unread()
    elements = [element for element in live.findall("Tracks/*") if element.tag in _KINDS]
    returns = [_id(element) for element in elements if element.tag == "ReturnTrack"]
    pre = [is_yes(found.get("Value")) for found in live.findall("SendsPre/SendPreBool")]
    names = _names(elements)
    tracks = [
        _track(element, name, (returns, pre), tempo, unread) for element, name in zip(elements, names, strict=True)
    ]
    return DawSession(
        format="ableton",
        program=program,
        tracks=(*tracks, _master(master)),
        tempos=tempo.tempos,
        meters=meters,
        markers=_markers(live, tempo),
        unread=unread.sentences,
    )


def _id(element: Element) -> str:
    return element.get("Id", "")


def _track(
    element: Element, name: str, sends: tuple[Sequence[str], Sequence[bool]], tempo: TempoMap, unread: Unread
) -> SessionTrack:
    mixer, envelopes = _mixer(element), envelopes_of(element)
    kind = _KINDS[element.tag]
    clips = tuple(clips_of(element, tempo, unread)) if kind == "audio" else ()
    if kind == "notes":
        unread.add("A track of notes (MIDI) is not heard: freeze and flatten it in Live.")
    if element.find(".//ClipSlotList//AudioClip") is not None:
        unread.add("Clips of the session view are left out: only the arrangement is mixed.")
    output, is_heard = _output(element)
    return SessionTrack(
        id=_id(element),
        name=name,
        kind=kind,
        fader_db=_level(parameter(mixer, "Volume", envelopes), tempo),
        pan=_pan(parameter(mixer, "Pan", envelopes), tempo),
        mute=_mute(parameter(mixer, "Speaker", envelopes), tempo),
        is_soloed=is_yes(value_of(mixer, "SoloSink")),
        output=output,
        is_heard=is_heard,
        sends=tuple(_sends(mixer, envelopes, *sends, tempo)),
        devices=devices_of(element),
        clips=clips,
    )


def _mixer(element: Element) -> Element | None:
    """Return the mixer of a track; Live 8 keeps the master's elsewhere."""
    found = element.find("DeviceChain/Mixer")
    return element.find("MasterChain/Mixer") if found is None else found


def _name(element: Element) -> str:
    names = element.find("Name")
    return value_of(names, "UserName") or value_of(names, "EffectiveName") or element.get("Name", "")


def _names(elements: Sequence[Element]) -> list[str]:
    """Return the tracks' names; one without gets the name under which Live shows it: its number and its kind."""
    named = {"AudioTrack": "Audio", "MidiTrack": "MIDI", "GroupTrack": "Group"}
    found = []
    returns = 0
    for place, element in enumerate(elements, 1):
        is_return = element.tag == "ReturnTrack"
        shown = f"{chr(ord('A') + returns % 26)}-Return" if is_return else f"{place}-{named[element.tag]}"
        returns += is_return
        found.append(_name(element) or shown)
    return found


def _output(element: Element) -> tuple[str | None, bool]:
    """Return the track that one goes to, and whether it is heard at all."""
    group = value_of(element, "TrackGroupId", "-1")
    target = value_of(element.find("DeviceChain/AudioOutputRouting"), "Target", "AudioOut/Main")
    if target.endswith("GroupTrack") and group != "-1":
        return group, True
    if "/Track." in target:
        return target.partition("/Track.")[2].partition("/")[0], True
    return None, not target.endswith(("/None", "Sends Only"))


def _sends(
    mixer: Element | None, envelopes: Envelopes, returns: Sequence[str], pre: Sequence[bool], tempo: TempoMap
) -> Iterator[SessionSend]:
    holders = [] if mixer is None else mixer.findall("Sends/TrackSendHolder")
    for place, (holder, to) in enumerate(zip(holders, returns, strict=False)):
        is_on = is_yes(value_of(holder, "Active"), otherwise=True) and is_yes(value_of(holder, "EnabledByUser", "true"))
        level = _level(parameter(holder, "Send", envelopes), tempo)
        yield SessionSend(to=to, level_db=level, is_pre_fader=place < len(pre) and pre[place], is_on=is_on)


def _level(found: Parameter | None, tempo: TempoMap) -> Lane:
    if found is None:
        return constant(0.0)
    if not found.moves:
        return constant(_gain_db(found.number))
    points = [(tempo.seconds(beat), _gain_db(number(value, 1.0))) for beat, value in found.moves]
    return make_lane(points, law="linear_gain", otherwise=0.0)


def _gain_db(gain: float) -> float:
    return SILENT_DB if gain <= SILENT_GAIN else in_db(gain)


def _pan(found: Parameter | None, tempo: TempoMap) -> Lane:
    if found is None or not found.moves:
        return constant(0.0 if found is None else round(held(found.number, -1.0, 1.0), 6), law="linear_gain")
    points = [(tempo.seconds(beat), round(held(number(value), -1.0, 1.0), 6)) for beat, value in found.moves]
    return make_lane(points, law="linear_gain", otherwise=0.0)


def _mute(found: Parameter | None, tempo: TempoMap) -> Lane:
    if found is None or not found.moves:
        return constant(float(found is not None and not found.is_on), law="hold")
    points = [(tempo.seconds(beat), float(not is_yes(value))) for beat, value in found.moves]
    return make_lane(points, law="hold", otherwise=0.0)


def _master(element: Element | None) -> SessionTrack:
    if element is None:
        return SessionTrack(id=MASTER_ID, name="Master", kind="master")
    mixer, flat = _mixer(element), tempo_map(())
    return SessionTrack(
        id=MASTER_ID,
        name=_name(element) or "Master",
        kind="master",
        fader_db=constant(_level(parameter(mixer, "Volume", {}), flat).points[0].value),
        pan=_pan(parameter(mixer, "Pan", {}), flat),
        devices=devices_of(element),
    )


def _time(master: Element | None) -> tuple[TempoMap, tuple[Meter, ...]]:
    """Return the tempo over the beats, and the time signatures."""
    if master is None:
        return tempo_map(()), ()
    envelopes = envelopes_of(master)
    mixer = _mixer(master)
    found = parameter(mixer, "Tempo", envelopes)
    bpm = 120.0 if found is None else found.number
    moves = [] if found is None else [(beat, number(value)) for beat, value in found.moves]
    marks = [
        Beat(a[0], a[1], is_ramp=b is not None and b[1] != a[1] and b[0] > a[0])
        for a, b in pairwise([*moves, None])
        if a
    ]
    tempo = tempo_map(marks, bpm=bpm)
    signature = parameter(mixer, "TimeSignature", envelopes)
    signs = [] if signature is None else [(0.0, signature.value), *signature.moves]
    return tempo, meters_of((tempo.seconds(beat), *_signature(number(value))) for beat, value in signs)


def _signature(code: float) -> tuple[float, float]:
    """Return the time signature that Live writes as one number: 99 for each doubling of the denominator, and the numerator."""
    whole = max(0, int(code))
    return whole % 99 + 1, 2.0 ** min(whole // 99, 6)


def _markers(live: Element, tempo: TempoMap) -> tuple[Marker, ...]:
    found = [
        Marker(time_s=round(tempo.seconds(number(value_of(locator, "Time"))), 6), name=value_of(locator, "Name"))
        for locator in live.iter("Locator")
    ]
    return tuple(sorted(found, key=lambda marker: marker.time_s))
