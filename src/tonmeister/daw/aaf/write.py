"""The mix as an AAF composition, the one file that Pro Tools, Logic, Resolve and Media Composer open.

An AAF knows clips, their gain, gain over time and pan, and nothing else of a mix: all processing is printed, the faders of groups
are in those of their tracks, effects come as printed returns. A stereo track is two mono ones. Ids of operations and parameters
are those of the AAF object specification 1.1 and of files that Pro Tools and Resolve wrote. The same mix gives the same bytes: every
date is the same one, and ids follow from names and sound.
"""

import struct
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from tonmeister.daw.aaf.sounds import FOLDER, Voice, write_voices
from tonmeister.daw.account import Account
from tonmeister.daw.handback import Handback
from tonmeister.daw.lanes import Line, Value, gain_line, gain_value, heard, plain_line, plain_value
from tonmeister.daw.media import Media, Span
from tonmeister.daw.names import clean_name, printable_text
from tonmeister.daw.order import Order
from tonmeister.daw.pans import sides_of
from tonmeister.daw.prepare import routes_to_master
from tonmeister.document.lane import Lane
from tonmeister.document.mix import Mix, Track
from tonmeister.document.strip import Bus, Strip
from tonmeister.errors import MissingExtraError
from tonmeister.files.atomic import output_errors

_NAMESPACE = uuid5(NAMESPACE_URL, "tonmeister-aaf")
_DATE = datetime(2000, 1, 1)  # noqa: DTZ001 - a date of an AAF has no time zone
"""The only date in an AAF of ours."""
_SOUND = "sound"
_AMPLITUDE = "e4962321-2267-11d3-8a4c-0050040ef7d2"
_PAN = "e4962322-2267-11d3-8a4c-0050040ef7d2"
_GAIN_OPERATION = "9d2ea894-0968-11d3-8a38-0050040ef7d2"
_PAN_OPERATION = "9d2ea893-0968-11d3-8a38-0050040ef7d2"
_LINEAR = "5b6c85a4-0ede-11d3-80a9-006008143e6f"
_FINEST = 1 << 20
_SAID = (
    "Clip gain and pan are all that an AAF holds: fader rides are gain over time, stereo tracks are two mono ones.",
    "The pan law is the DAW's own; ours turns the centre of a mono track down by 3 dB, as Pro Tools does.",
)


def write_aaf_files(order: Order, *, final_folder: Path) -> Handback:
    """Write a mix of which everything but levels and pans is printed as an AAF with its sound beside it.

    Args:
        order: What to write.
        final_folder: Where the session's folder will be: an AAF names its sound by the whole path.

    Raises:
        MissingExtraError: If pyaaf2 is not installed.
        NoTracksError: If the sources do not hold a track.
        UnreadableFileError: If a sound cannot be read.
        OutputError: If a file cannot be written.
    """
    aaf2 = _library()
    song_name, mix, tracks = clean_name(order.name, otherwise="Mix"), order.mix, order.tracks
    rate = mix.song.sample_rate_hz
    voices = write_voices(tracks, order.sources, order.place, sample_rate_hz=rate, cache=order.cache)
    account = Account(approximate=list(_SAID))
    path = order.place(f"{song_name}.aaf")
    with output_errors(path):
        path.unlink(missing_ok=True)
        with aaf2.open(str(path), "w") as file:
            _introduce(file, mix.engine.version, song_name)
            writer = _Writer(file, rate, final_folder, song_name)
            for track in tracks:
                media = Media(track.name, track.channels, voices[track.id][0].frames)
                span = order.span(track, media)
                _add_track(writer, mix, track, voices[track.id], span, account)
            _add_markers(account, mix)
    return account.handback(path, mix)


def _library() -> ModuleType:
    try:
        import aaf2  # noqa: PLC0415 - comes with the extra `aaf`, needed by this format only
    except ImportError as error:
        raise MissingExtraError(what="Writing AAF", extra="aaf") from error
    return aaf2  # type: ignore[no-any-return,unused-ignore]  # it ships no types


def _introduce(file: Any, version: str, name: str) -> None:
    """Say which program wrote the file; pyaaf2 would put in itself, the hour and a drawn number."""
    writer = file.header["IdentificationList"].value[0]
    writer["CompanyName"].value = writer["ProductName"].value = "Tonmeister"
    writer["ProductVersionString"].value = version
    writer["ProductID"].value = _NAMESPACE
    writer["GenerationAUID"].value = uuid5(_NAMESPACE, name)
    writer["Date"].value = file.header["LastModified"].value = _DATE


def _add_markers(account: Account, mix: Mix) -> None:
    if mix.song.sections:
        names = ", ".join(f"{section.label} {section.start_s:.1f} s" for section in mix.song.sections)
        account.lost.append(f"The sections are not in the AAF: {names}.")
    for bus in mix.buses:
        if bus.kind == "group":
            account.approximate.append(f"{bus.name}: there are no groups; its fader is in those of its tracks.")


def _add_track(
    writer: "_Writer", mix: Mix, track: Track, voices: Sequence[Voice], span: Span, account: Account
) -> None:
    """Add a slot for each channel; its gain holds the faders and mutes of the track and of its groups."""
    owners: list[Strip | Bus] = [track.strip, *routes_to_master(mix, track.strip.output)]
    lanes: list[Lane] = []
    values: list[Value] = []
    for owner in owners:
        lanes += [owner.fader_db, owner.mute]
        values += [gain_value(owner.fader_db), heard(owner.mute)]
    account.counts["tracks"] += 1
    account.counts["pans"] += any(point.value for point in track.strip.pan.points)
    is_muted = all(point.value >= 1 for point in track.strip.mute.points)
    account.counts["silenced tracks"] += is_muted
    pan, pan_line = 0.5 + track.strip.pan.points[0].value / 2, Line()
    if len(voices) == 1:
        value = plain_value(track.strip.pan)
        pan_line = plain_line(lambda time_s, side: 0.5 + value(time_s, side) / 2, track.strip.pan)
        account.counts["pan lanes"] += bool(pan_line)
    for side, voice in enumerate(voices):
        here, those = list(lanes), list(values)
        if len(voices) == 2:
            here.append(track.strip.pan)
            those.append(_side(track.strip.pan, side))
            pan = float(side)
        gain, line = gain_line(here, those)
        account.counts["gain lanes"] += bool(line)
        writer.add(
            voice, span, gain=(gain * voice.gain, [(at, value * voice.gain) for at, value in line]), pan=(pan, pan_line)
        )


def _side(pan: Lane, side: int) -> Value:
    value = plain_value(pan)
    return lambda time_s, when: sides_of(value(time_s, when), 2)[side]


class _Writer:
    """One composition; pyaaf2 has no types, so its objects are anything."""

    def __init__(self, file: Any, rate_hz: int, folder: Path, name: str) -> None:
        self._file, self._rate, self._folder, self._name = file, rate_hz, folder, name
        self._slots = 0
        amplitude, pan = self._parameter(_AMPLITUDE, "Amplitude"), self._parameter(_PAN, "Pan value")
        self._gain = self._operation(_GAIN_OPERATION, "Mono Audio Gain", amplitude), amplitude
        self._pan = self._operation(_PAN_OPERATION, "Mono Audio Pan", pan), pan
        self._linear = file.create.InterpolationDef(_LINEAR, "LinearInterp", "")
        file.dictionary.register_def(self._linear)
        self._top = file.create.CompositionMob(name)
        self._identify(self._top, "composition")
        self._top.usage = "Usage_TopLevel"
        file.content.mobs.append(self._top)

    def add(self, voice: Voice, span: Span, *, gain: tuple[float, Line], pan: tuple[float, Line]) -> None:
        """Add a channel as a slot: silence up to its start, its clip within gain and pan."""
        master, slot_id = self._master(voice)
        clip = master.create_source_clip(slot_id, start=span.skip_frames, length=span.frames)
        segment = self._wrapped(clip, span, self._gain, gain)
        segment = self._wrapped(segment, span, self._pan, pan)
        self._slots += 1
        slot = self._top.create_timeline_slot(self._rate)
        slot.name = printable_text(voice.name)
        slot["PhysicalTrackNumber"].value = self._slots
        sequence = self._file.create.Sequence(media_kind=_SOUND)
        if span.start_frame:
            sequence.components.append(self._file.create.Filler(_SOUND, span.start_frame))
        sequence.components.append(segment)
        sequence.length = span.start_frame + span.frames
        slot.segment = sequence

    def _master(self, voice: Voice) -> tuple[Any, int]:
        """Return the mob of a sound file, and the number of its slot."""
        file = self._file
        source = file.create.SourceMob(printable_text(voice.name))
        self._identify(source, "source", voice.name, f"{voice.fingerprint:08x}", f"{voice.frames}")
        descriptor = file.create.WAVEDescriptor()
        descriptor["SampleRate"].value = self._rate
        descriptor["Summary"].value = bytearray(_summary(voice.frames, self._rate))
        descriptor["Length"].value = voice.frames
        descriptor["ContainerFormat"].value = file.dictionary.lookup_containerdef("AAF")
        locator = file.create.NetworkLocator()
        whole = (self._folder / FOLDER / voice.file).as_posix()
        locator["URLString"].value = f"file://{'' if whole.startswith('/') else '/'}{quote(whole)}"
        descriptor["Locator"].append(locator)
        source.descriptor = descriptor
        source_slot = source.create_timeline_slot(self._rate)
        source_slot.segment = file.create.SourceClip(media_kind=_SOUND, length=voice.frames)
        file.content.mobs.append(source)
        master = file.create.MasterMob(printable_text(voice.name))
        self._identify(master, "master", voice.name, f"{voice.fingerprint:08x}", f"{voice.frames}")
        slot = master.create_timeline_slot(self._rate)
        slot.segment = source.create_source_clip(source_slot.slot_id, start=0, length=voice.frames)
        file.content.mobs.append(master)
        return master, slot.slot_id

    def _identify(self, mob: Any, *what: str) -> None:
        number = mob.mob_id
        number.material = uuid5(_NAMESPACE, "/".join((self._name, *what)))
        mob.mob_id = number
        mob["CreationTime"].value = mob["LastModified"].value = _DATE

    def _parameter(self, number: str, name: str) -> Any:
        made = self._file.create.ParameterDef(number, name, "", self._file.dictionary.lookup_typedef("Rational"))
        self._file.dictionary.register_def(made)
        return made

    def _operation(self, number: str, name: str, parameter: Any) -> Any:
        made = self._file.create.OperationDef(number, name, "")
        made.media_kind = _SOUND
        made["NumberInputs"].value, made["IsTimeWarp"].value, made["Bypass"].value = 1, False, 0
        made["ParametersDefined"].extend([parameter])
        self._file.dictionary.register_def(made)
        return made

    def _wrapped(self, segment: Any, span: Span, operation: tuple[Any, Any], level: tuple[float, Line]) -> Any:
        """Return the segment within an operation whose value stands still or moves."""
        value, line = level
        group = self._file.create.OperationGroup(operation[0], span.frames, _SOUND)
        group.segments.append(segment)
        if not line:
            group.parameters.append(self._file.create.ConstantValue(operation[1], _rational(value)))
            return group
        moving = self._file.create.VaryingValue()
        moving.parameterdef = operation[1]
        moving["Interpolation"].value = self._linear
        for share, at in _within(line, span, self._rate):
            point = self._file.create.ControlPoint()
            point["Time"].value, point["EditHint"].value = _rational(share), "Proportional"
            point["Value"].value = _rational(at)
            moving["PointList"].append(point)
        group.parameters.append(moving)
        return group


def _within(line: Line, span: Span, rate_hz: int) -> Line:
    """Return the points of a line that lie within a clip, as shares of it, with one at each end."""
    start_s, length_s = span.start_frame / rate_hz, span.frames / rate_hz
    inside = [((at - start_s) / length_s, value) for at, value in line]
    kept = [(share, value) for share, value in inside if 0 < share < 1]
    return [(0.0, _at(inside, 0.0)), *kept, (1.0, _at(inside, 1.0))]


def _at(line: Line, share: float) -> float:
    before = [point for point in line if point[0] <= share]
    after = [point for point in line if point[0] > share]
    if not before or not after:
        return (before or after)[-1 if before else 0][1]
    (left, low), (right, high) = before[-1], after[0]
    return low + (share - left) / (right - left) * (high - low)


def _summary(frames: int, rate_hz: int) -> bytes:
    """Return the head of a mono 24-bit WAV file, up to its format."""
    form = struct.pack("<2H2I2H", 1, 1, rate_hz, 3 * rate_hz, 3, 24)
    return (
        b"RIFF"
        + struct.pack("<I", min(36 + 3 * frames, 0xFFFFFFFF))
        + b"WAVEfmt "
        + struct.pack("<I", len(form))
        + form
    )


def _rational(value: float) -> Any:
    from aaf2.rational import AAFRational  # noqa: PLC0415 - comes with the extra `aaf`

    near = Fraction(value).limit_denominator(_FINEST)
    return AAFRational(near.numerator, near.denominator)
