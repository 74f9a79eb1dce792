"""Versions and stems of a mix: which tracks sound in each, as documents that the renderer plays."""

from collections.abc import Callable
from dataclasses import dataclass

from tonmeister.document.lane import constant
from tonmeister.document.mix import Mix, Track
from tonmeister.document.strip import MASTER, Bus
from tonmeister.engineer.deliver_options import VersionName
from tonmeister.processing import Aligner, Delay, Equaliser, Gain, Processor, RemoveDc, Reverb, Width

_LEAD, _VOCAL = "lead vocal", "vocal"
_ADDS_UP: tuple[type[Processor], ...] = (Aligner, Delay, Equaliser, Gain, RemoveDc, Reverb, Width)
"""Processors of which the sum's output is the sum of the outputs."""


@dataclass(frozen=True, slots=True, eq=False)
class Stem:
    """One stem: the mix with everything else muted, or one point of the mix as it is."""

    name: str
    mix: Mix
    point: str = "mix"


def is_in(version: VersionName) -> Callable[[Track], bool]:
    """Return which tracks sound in a version."""
    rules: dict[str, Callable[[Track], bool]] = {
        "instrumental": lambda track: track.family != _VOCAL,
        "acappella": lambda track: track.family == _VOCAL,
        "tv": lambda track: track.role != _LEAD,
    }
    return rules.get(version, lambda _: True)


def version_of(mix: Mix, version: VersionName) -> Mix | None:
    """Return the document of a version; None where it would hold nothing, or everything."""
    sounds = is_in(version)
    used = [track for track in mix.tracks if track.used]
    if version != "main" and len({sounds(track) for track in used}) < 2:
        return None
    return with_only(mix, {track.id for track in used if sounds(track)})


def with_only(mix: Mix, ids: set[str], *, silent_effects: frozenset[str] = frozenset()) -> Mix:
    """Return a mix in which only these tracks sound, and effects only by their sends; keys still hear every track."""
    off = constant(1.0, law="hold")

    def tuned(track: Track) -> Track:
        return (
            track
            if track.id in ids
            else track.model_copy(update={"strip": track.strip.model_copy(update={"mute": off})})
        )

    def of_bus(bus: Bus) -> Bus:
        return bus.model_copy(update={"mute": off}) if bus.id in silent_effects else bus

    return mix.model_copy(update={"tracks": tuple(map(tuned, mix.tracks)), "buses": tuple(map(of_bus, mix.buses))})


def plan_stems(mix: Mix) -> tuple[tuple[Stem, ...], tuple[str, ...]]:
    """Return the stems, which add up to the mix, and what has to be said about them.

    Each top group is a stem, with what it sends to reverbs and delays; tracks without a group go by their family. An effect
    that does not add up (a compressor on a return) becomes a stem of its own.
    """
    alone = frozenset(bus.id for bus in mix.buses if bus.kind == "effect" and not _adds_up(bus))
    members: dict[str, set[str]] = {}
    for track in mix.tracks:
        if track.used:
            members.setdefault(_top(mix, track), set()).add(track.id)
    stems = [Stem(name, with_only(mix, ids, silent_effects=alone)) for name, ids in members.items()]
    stems += [
        Stem(f"effect {bus.name}", mix, point=f"bus:{bus.id}")
        for bus in mix.buses
        if bus.id in alone and bus.output == MASTER
    ]
    notes = [
        f"The return {bus.name!r} does not add up ({', '.join(i.processor.kind for i in bus.inserts)}), so it is a stem of its own."
        for bus in mix.buses
        if bus.id in alone
    ]
    if any(bus.output != MASTER for bus in mix.buses if bus.id in alone):
        notes.append("A return that does not add up goes through a group; the stems cannot carry it.")
    return tuple(stems), tuple(notes)


def _top(mix: Mix, track: Track) -> str:
    """Return the name of the group through which a track reaches the master, or its family."""
    buses = {bus.id: bus for bus in mix.buses}
    place = track.strip.output
    if place == MASTER:
        return track.family
    while buses[place].output != MASTER:
        place = buses[place].output
    return buses[place].name


def _adds_up(bus: Bus) -> bool:
    return all(
        isinstance(insert.processor, _ADDS_UP)
        and insert.key is None
        and not getattr(insert.processor, "ducking_db", 0.0)
        for insert in bus.inserts
    )
