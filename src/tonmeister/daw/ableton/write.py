"""The mix put into a person's own Live set: levels, pans, sends, mutes, fader rides, and devices that are already there.

Live is strict about ids and about devices, and we cannot ask it; so nothing is made that Live would have to accept, only values
are exchanged, and envelopes are added that point at targets which Live itself has numbered. Tracks are found by name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tonmeister.daw.ableton.devices import BANDS, eq_bands, is_stereo, set_compressor, set_eq_eight
from tonmeister.daw.ableton.patch import Patch, automated, broken_ids, target_of
from tonmeister.daw.ableton.tree import Node, parse_set, read_set, write_set
from tonmeister.daw.account import Account
from tonmeister.daw.desk import Desk, desk_of
from tonmeister.daw.handback import Handback
from tonmeister.daw.lanes import Line
from tonmeister.daw.media import MediaPlan, Place, Sources, write_media
from tonmeister.daw.pans import sine_of
from tonmeister.daw.words import summary_of, title_of
from tonmeister.document.mix import Mix
from tonmeister.document.strip import Bus, Insert, Strip
from tonmeister.errors import InputError
from tonmeister.files.atomic import output_errors
from tonmeister.files.cache import Cache
from tonmeister.processing import Compressor, Equaliser

LOUDEST = 1.99526238
_SOFTEST = 0.0003162277571
_LIVE_9 = 5
"""MajorVersion of the file since Live 9."""
_KINDS = {"AudioTrack": "track", "MidiTrack": "track", "GroupTrack": "bus", "ReturnTrack": "bus"}
_ENDINGS = (".wav", ".aif", ".aiff", ".flac", ".mp3", ".m4a", ".ogg")
_SAID = (
    "Rides are placed as if the song began at beat 1 of the set's arrangement, at the tempo that the set shows.",
    "Live's pan pot is taken to be one of sines with 0 dB at its centre, as its manual says.",
)


@dataclass(frozen=True, slots=True)
class _Owner:
    """A strip or bus of the mix."""

    name: str
    strip: Strip | Bus
    channels: int


def takes(insert: Insert) -> bool:
    """Say whether a device of Live's could take an insert, if the set has one."""
    settings = insert.processor
    if insert.key is not None or insert.amount is not None:
        return False
    return isinstance(settings, Compressor) or (isinstance(settings, Equaliser) and settings.channels == "stereo")


def write_ableton_files(
    mix: Mix,
    own_set: Path,
    place: Place,
    *,
    sources: Sources,
    printed: frozenset[str] = frozenset(),
    cache: Cache | None = None,
) -> Handback:
    """Write a copy of a Live set with the mix in it; the set itself is only read.

    Args:
        mix: What to write; inserts that no device takes are said.
        own_set: The person's set.
        place: Name inside the session's folder → where to write that file.
        sources: Sound of the tracks that are printed.
        printed: Tracks whose whole chain is printed, for what no device takes; they lie beside the set.
        cache: Where decoded sound is kept.

    Raises:
        InputError: If the set cannot be read, or holds none of the tracks.
        OutputError: If the file cannot be written.
    """
    live = read_set(own_set)
    account = Account(approximate=list(_SAID))
    patch = Patch(live)
    parts = _parts(mix)
    found = _find(live.set, parts)
    if not found:
        there = ", ".join(sorted(name for name in (_name_of(one) for one in _tracks(live.set)) if name)) or "no names"
        raise InputError(
            f"{own_set}: none of its tracks has the name of a track of the mix; it has {there}. Name them alike in Live and save."
        )
    before = broken_ids(live)
    to_beats = _clock(live.root, account)
    returns = [one for one in _tracks(live.set) if one.tag == "ReturnTrack"]
    numbers = {key: returns.index(node) for key, node in found.items() if node in returns}
    for key, node in found.items():
        _patch_track(patch, node, parts[key], numbers, to_beats, account, modern=_is_modern(live.root))
    account.lost += [
        f"{owner.name}: no track of this name is in the set." for key, owner in parts.items() if key not in found
    ]
    account.lost += [
        f"Master: its {title_of(one)} ({one.id}): {summary_of(one.processor)}; master.wav of the mix has it."
        for one in mix.master.inserts
    ]
    tracks = [one for one in mix.tracks if one.id in printed]
    media = write_media(tracks, sources, place, MediaPlan("Printed", mix.song.sample_rate_hz, cache, stays=printed))
    beside = tuple(
        f"{one.name} with its whole chain is Printed/{file.name}." for one, file in zip(tracks, media, strict=True)
    )
    text = patch.applied()
    after = broken_ids(parse_set(text, where=str(own_set)))
    if after != before:
        raise InputError(
            f"{own_set}: the mix cannot be put into it without breaking it ({after[0]}); nothing was written."
        )
    path = place(f"{own_set.stem} (mixed).als")
    with output_errors(path):
        write_set(path, text)
    return account.handback(path, mix).model_copy(update={"printed": beside})


def _parts(mix: Mix) -> dict[str, _Owner]:
    parts = {f"track:{one.id}": _Owner(one.name, one.strip, one.channels) for one in mix.tracks if one.used}
    return parts | {f"bus:{one.id}": _Owner(one.name, one, 2) for one in mix.buses}


def _tracks(live: Node) -> list[Node]:
    tracks = live.child("Tracks")
    return [] if tracks is None else [one for one in tracks.children if one.tag in _KINDS]


def _find(live: Node, parts: dict[str, _Owner]) -> dict[str, Node]:
    """Return the track of the set for each part of the mix, by name; two of one name go by their order."""
    free = _tracks(live)
    found: dict[str, Node] = {}
    for key, owner in parts.items():
        wanted = _plain(owner.name)
        match = next((one for one in free if _KINDS[one.tag] == key.split(":")[0] and wanted in _names_of(one)), None)
        if match is not None:
            found[key] = match
            free.remove(match)
    return found


def _names_of(node: Node) -> set[str]:
    names = {_plain(_name_of(node))}
    return names | {name.partition("-")[2] for name in names if node.tag == "ReturnTrack"}


def _name_of(node: Node) -> str:
    """Return the name that a track shows: a person's, Live's own, or that of its first clip."""
    name = node.child("Name")
    for tag in ("UserName", "EffectiveName"):
        said = None if name is None else name.child(tag)
        if said is not None and said.attributes.get("Value"):
            return said.attributes["Value"]
    clip = next((one for one in node.walk() if one.tag == "AudioClip"), None)
    said = None if clip is None else clip.child("Name")
    return "" if said is None else said.attributes.get("Value", "")


def _plain(name: str) -> str:
    plain = " ".join(name.casefold().replace("_", " ").split())
    return next((plain[: -len(ending)] for ending in _ENDINGS if plain.endswith(ending)), plain)


def _is_modern(root: Node) -> bool:
    return int(root.attributes.get("MajorVersion", "0")) >= _LIVE_9


def _clock(root: Node, account: Account) -> Callable[[float], float] | None:
    """Return seconds → beats at the set's tempo; None where the tempo itself moves."""
    tempo = next((one for one in root.walk() if one.tag == "Tempo" and one.children), None)
    master = next((one for one in root.walk() if one.tag in ("MainTrack", "MasterTrack")), None)
    events = None if tempo is None else tempo.at("ArrangerAutomation", "Events")
    single = events.children[0] if events is not None and len(events.children) == 1 else None
    stands = single if tempo is None else tempo.child("Manual") or single
    moving = master is not None and _moves(master, target_of(tempo))
    if stands is None or moving or (events is not None and single is None):
        account.lost.append("The set's tempo moves, so that no ride was placed; faders stand at their first value.")
        return None
    value = float(stands.attributes["Value"])
    return lambda time_s: time_s * value / 60


def _moves(track: Node, target: str | None) -> bool:
    """Say whether an envelope of more than one event points at a target."""
    envelopes = track.at("AutomationEnvelopes", "Envelopes")
    for one in [] if envelopes is None else envelopes.children:
        pointee, events = one.at("EnvelopeTarget", "PointeeId"), one.at("Automation", "Events")
        if pointee is not None and pointee.attributes.get("Value") == target and events is not None:
            return len(events.children) > 1
    return False


def _patch_track(
    patch: Patch, node: Node, owner: _Owner, numbers: dict[str, int], to_beats: Callable[[float], float] | None,
    account: Account, *, modern: bool,
) -> None:  # fmt: skip
    mixer = node.at("DeviceChain", "Mixer") or node.at("MasterChain", "Mixer") or node.child("Mixer")
    if mixer is None:
        account.lost.append(f"{owner.name}: its mixer was not found in the set.")
        return
    account.counts["tracks" if isinstance(owner.strip, Strip) else "buses"] += 1
    desk = desk_of(owner.strip, name=owner.name, channels=owner.channels, law=sine_of, loudest=LOUDEST, account=account)
    _set_fader(patch, node, mixer, desk, owner.name, to_beats, account)
    if isinstance(owner.strip, Strip) and not _set(patch, node, mixer.child("Pan"), desk.pan):
        account.lost.append(f"{owner.name}: its pan ({desk.pan:+.2f}) is automated in your set and stays.")
    if desk.pan_line:
        account.lost.append(f"{owner.name}: its pan moves in the mix; it stands at {desk.pan:+.2f}.")
    if not patch.set_value(mixer.child("Speaker"), "false" if desk.muted else "true"):
        account.lost.append(f"{owner.name}: its mute could not be set.")
    _set_sends(patch, node, mixer, desk, owner.name, numbers, account)
    _set_devices(patch, node, owner, account, modern=modern)


def _set(patch: Patch, track: Node, parameter: Node | None, value: float) -> bool:
    target = target_of(parameter)
    return (target is None or target not in automated(track)) and patch.set_value(parameter, f"{value:.10g}")


def _set_fader(
    patch: Patch,
    track: Node,
    mixer: Node,
    desk: Desk,
    name: str,
    to_beats: Callable[[float], float] | None,
    account: Account,
) -> None:
    volume = mixer.child("Volume")
    gain = max(desk.fader.gain, _SOFTEST)
    if desk.fader.line and to_beats is not None and volume is not None:
        line: Line = [(to_beats(at), max(value, _SOFTEST)) for at, value in desk.fader.line]
        target = target_of(volume)
        is_free = target is None or target not in automated(track)
        if is_free and (patch.set_events(volume, line) if target is None else patch.add_envelope(track, target, line)):
            account.counts["rides"] += 1
            if target is not None:
                patch.set_value(volume, f"{gain:.10g}")
            return
    elif _set(patch, track, volume, gain):
        account.counts["levels"] += 1
        return
    account.lost.append(f"{name}: its level is automated in your set and stays.")


def _set_sends(
    patch: Patch, track: Node, mixer: Node, desk: Desk, name: str, numbers: dict[str, int], account: Account
) -> None:
    sends = mixer.child("Sends")
    holders = [] if sends is None else sends.children
    for bus, level in desk.sends:
        number = numbers.get(f"bus:{bus}")
        holder = None if number is None or number >= len(holders) else holders[number].child("Send")
        if not _set(patch, track, holder, min(max(level.gain, _SOFTEST), 1.0)):
            account.lost.append(
                f"{name}: its send to {bus} has no return track of this name in the set, or is automated there."
            )
        if level.line:
            account.lost.append(f"{name}: its send to {bus} moves in the mix; it stands at its first value.")


def _set_devices(patch: Patch, track: Node, owner: _Owner, account: Account, *, modern: bool) -> None:
    """Set the first EQ Eight and the first Compressor of the track's own chain; say what no device takes."""
    chain = track.at("DeviceChain", "DeviceChain", "Devices") or track.at("DeviceChain", "Devices")
    devices = [] if chain is None else chain.children
    equaliser = next((one for one in devices if one.tag == "Eq8" and is_stereo(one)), None)
    compressor = next((one for one in devices if one.tag == "Compressor2"), None)
    left: list[Insert] = []
    bands: list[tuple[int, float, float, float]] = []
    for insert in owner.strip.inserts:
        settings = insert.processor
        own = eq_bands(settings.bands) if isinstance(settings, Equaliser) and takes(insert) else None
        if own is not None and equaliser is not None and modern and len(bands) + len(own) <= BANDS:
            bands += own
        elif isinstance(settings, Compressor) and takes(insert) and compressor is not None:
            missed = set_compressor(patch, track, compressor, settings, modern=modern)
            account.counts["compressors"] += 1
            account.lost += [f"{owner.name}: {what}." for what in missed]
            compressor = None
        else:
            left.append(insert)
    if bands and equaliser is not None:
        account.counts["equalisers"] += 1
        account.lost += [f"{owner.name}: {what}." for what in set_eq_eight(patch, track, equaliser, bands)]
    account.lost += [
        f"{owner.name}: its {title_of(one)} ({one.id}) is not in the set, as no device there takes it: {summary_of(one.processor)}."
        for one in left
    ]
