"""A mix as one DAW can build it: what it has no device for is printed as sound, the rest stays editable.

A track plays its print and keeps every device, fader, pan, send and lane behind it; the take as it came lies muted beside it.
An effect whose device is not there is printed as its return, which plays instead of the muted, empty bus.
A group cannot be both editable and printed: it plays its tracks, and its print lies muted beside it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tonmeister.daw.names import without_ending
from tonmeister.daw.words import summary_of, title_of
from tonmeister.document.lane import Lane, add_lanes, constant
from tonmeister.document.mix import Mix, Track
from tonmeister.document.strip import MASTER, Bus, Insert, Strip
from tonmeister.processing import Compressor, Expander, Gate
from tonmeister.processing.registry import is_neutral

_MUTED = constant(1.0, law="hold")
_PLAIN = constant(1.0, law="linear_gain")
_LOWEST_DB = {Compressor: -80.0, Expander: -100.0, Gate: -100.0}
"""How far down the thresholds of our settings go."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a DAW can build."""

    builds: Callable[[Insert, int], bool]
    """Whether it has a device for an insert on so many channels."""
    keys: bool = False
    """Whether inserts that listen to another track may stay in the chain."""
    width: bool = False
    """Whether it can set, and move, the stereo width of a strip."""
    trim: bool = True
    """Whether there is a gain before the devices; else it goes into thresholds and fader, which sounds the same."""
    polarity: bool = True
    """Whether a track can be turned over."""
    sends: bool = True
    """Whether there are sends; else every effect is printed."""
    sketches: frozenset[str] = frozenset()
    """Kinds of processors that it only nearly has: they are printed, and lie in the muted effect bus for who wants to go on."""
    takes: bool = True
    """Whether the take as it came is wanted beside its print."""


@dataclass(frozen=True, slots=True)
class Print:
    """A sound that has to be printed."""

    track_id: str
    """The track of the prepared mix that plays it."""
    point: str
    """Point of the mix's graph."""
    width: Lane | None = None
    """Stereo width to print as well."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A mix that a DAW can build, and what had to be done for that."""

    mix: Mix
    prints: tuple[Print, ...] = ()
    same_sound: tuple[tuple[str, str], ...] = ()
    """New track, track of the mix whose file it plays as it came."""
    printed: tuple[str, ...] = ()
    """What is printed, in sentences."""
    lost: tuple[str, ...] = ()
    """What is neither built nor printed, in sentences."""


def prepare(mix: Mix, abilities: Abilities) -> Prepared:
    """Return the mix as a DAW of these abilities can build it."""
    mix = mix.model_copy(update={"tracks": tuple(_named(track) for track in mix.tracks)})
    work = _Work(mix, abilities)
    tracks = [one for track in mix.tracks for one in (work.track(track) if track.used else [track])]
    buses = [work.bus(bus) for bus in mix.buses]
    inserts = work.master(_ordered(mix.master.inserts))
    master = mix.master.model_copy(update={"inserts": inserts})
    made = mix.model_copy(
        update={"tracks": (*tracks, *work.more_tracks), "buses": tuple(buses), "master": master, "moves": ()}
    )
    if len({change.bpm for change in mix.song.tempo_changes}) > 1:
        work.lost.append(
            "The tempo moves in the song, the session has one: its grid of bars drifts away, no sound does."
        )
    return Prepared(
        made, tuple(work.prints), tuple(work.same_sound), printed=tuple(work.printed), lost=tuple(work.lost)
    )


def _named(track: Track) -> Track:
    """Return the track under the name that it has on a desk: that of its file without the ending."""
    return track.model_copy(update={"name": without_ending(track.name)})


class _Work:
    def __init__(self, mix: Mix, abilities: Abilities) -> None:
        self._mix, self._can = mix, abilities
        self._ids = {track.id for track in mix.tracks}
        self.more_tracks: list[Track] = []
        self.prints: list[Print] = []
        self.same_sound: list[tuple[str, str]] = []
        self.printed: list[str] = []
        self.lost: list[str] = []

    def track(self, track: Track) -> list[Track]:
        """Return a track that can be built, and its take beside it where it plays a print."""
        strip = track.strip.model_copy(update={"inserts": _ordered(track.strip.inserts)})
        last = self._last_unbuilt(strip.inserts, track.channels)
        width = strip.width if self._has_width(strip, track.channels) and not self._can.width else None
        if last is None and width is None and (self._can.polarity or not strip.polarity_inverted):
            return [track.model_copy(update={"strip": self._without_trim(strip)})]
        done = strip.inserts if width is not None else strip.inserts[: 0 if last is None else last + 1]
        point = f"insert:track:{track.id}:{done[-1].id}" if done else f"source:{track.id}"
        self.prints.append(Print(track.id, point, width))
        self.printed.append(
            f"{track.name} plays a print with {_listed(done, width, source='its polarity turned over')}."
        )
        rest = {
            "inserts": strip.inserts[len(done) :], "trim_db": 0.0, "delay_frames": 0, "polarity_inverted": False,
            "width": _PLAIN if width is not None else strip.width,
        }  # fmt: skip
        played = track.model_copy(update={"strip": strip.model_copy(update=rest), "start_frame": 0, "stream": 0})
        return [played, self._take(track, strip)] if self._can.takes and done else [played]

    def bus(self, bus: Bus) -> Bus:
        """Return a bus that can be built; what it cannot build is printed as a track of its own."""
        inserts = _ordered(bus.inserts)
        last = self._last_unbuilt(inserts, 2)
        width = bus.width if self._has_width(bus, 2) and not self._can.width else None
        bus = bus.model_copy(update={"inserts": inserts})
        if last is None and width is None and (self._can.sends or bus.kind == "group"):
            return bus
        done = inserts if width is not None else inserts[: 0 if last is None else last + 1]
        is_effect = bus.kind == "effect"
        left = tuple(one for one in inserts if self._stays(one, is_effect=is_effect))
        new_id = self._new_id(f"{bus.id}-printed")
        point = f"insert:bus:{bus.id}:{done[-1].id}" if done else f"sum:{bus.id}"
        self.prints.append(Print(new_id, point, width))
        told = _listed(done, width, source="")
        if is_effect:
            self.printed.append(
                f"{bus.name} plays as a printed return, “{bus.name} (printed)”, with {told}; the bus beside it is muted."
            )
        else:
            self.printed.append(
                f"{bus.name} plays without {_listed([i for i in done if i not in left], width, source='')}; “{bus.name} (printed)” "
                f"has it and lies muted beside it: unmute it and mute the group."
            )
        strip = Strip(
            inserts=inserts[len(done) :], fader_db=bus.fader_db, mute=bus.mute if is_effect else _MUTED,
            width=_PLAIN if width is not None else bus.width, output=bus.output, sends=() if is_effect else bus.sends,
        )  # fmt: skip
        self.more_tracks.append(
            Track(id=new_id, name=f"{bus.name} (printed)", sha256="", channels=2, family="effects", strip=strip)
        )
        return bus.model_copy(
            update={"inserts": left, "width": bus.width if width is None else _PLAIN}
            | ({"mute": _MUTED} if is_effect else {})
        )

    def master(self, inserts: tuple[Insert, ...]) -> tuple[Insert, ...]:
        """Return what of the master chain can be built; the rest is said, and lies in master.wav."""
        kept = tuple(insert for insert in inserts if insert.amount is None and self._can.builds(insert, 2))
        self.lost += [
            f"Master: its {title_of(insert)} ({insert.id}): {summary_of(insert.processor)}; master.wav of the mix has it."
            for insert in inserts
            if insert not in kept
        ]
        return kept

    def _last_unbuilt(self, inserts: Sequence[Insert], channels: int) -> int | None:
        unbuilt = [
            place
            for place, insert in enumerate(inserts)
            if self._hears_what_the_target_lacks(insert) or not self._can.builds(insert, channels)
        ]
        return unbuilt[-1] if unbuilt else None

    def _stays(self, insert: Insert, *, is_effect: bool) -> bool:
        sketched = is_effect and insert.processor.kind in self._can.sketches
        return not self._hears_what_the_target_lacks(insert) and (sketched or self._can.builds(insert, 2))

    def _hears_what_the_target_lacks(self, insert: Insert) -> bool:
        """Say whether an insert listens to a key that the target cannot give, or is heard in a share that moves."""
        return insert.amount is not None or (insert.key is not None and not self._can.keys)

    def _has_width(self, owner: Strip | Bus, channels: int) -> bool:
        return channels == 2 and any(point.value != 1 for point in owner.width.points)

    def _take(self, track: Track, strip: Strip) -> Track:
        """Return the take as it came: muted, in the same place, without sends."""
        take_id = self._new_id(f"{track.id}-take")
        self.same_sound.append((take_id, track.id))
        base = Strip(
            trim_db=strip.trim_db, delay_frames=strip.delay_frames, fader_db=strip.fader_db, pan=strip.pan,
            polarity_inverted=strip.polarity_inverted and self._can.polarity, output=strip.output, mute=_MUTED,
        )  # fmt: skip
        return track.model_copy(
            update={"id": take_id, "name": f"{track.name} (take)", "strip": self._without_trim(base)}
        )

    def _without_trim(self, strip: Strip) -> Strip:
        """Move a gain before the chain behind it: thresholds move the other way, so that the sound stays what it was."""
        if self._can.trim or strip.trim_db == 0:
            return strip
        inserts = tuple(shifted(insert, -strip.trim_db) for insert in strip.inserts)
        fader_db = add_lanes(strip.fader_db, constant(strip.trim_db))
        return strip.model_copy(update={"inserts": inserts, "fader_db": fader_db, "trim_db": 0.0})

    def _new_id(self, wanted: str) -> str:
        found, number = wanted, 2
        while found in self._ids:
            found, number = f"{wanted}-{number}", number + 1
        self._ids.add(found)
        return found


def _ordered(inserts: Sequence[Insert]) -> tuple[Insert, ...]:
    """Return what a chain runs, in the order in which it runs: cleanup first."""
    running = [insert for insert in inserts if not is_neutral(insert.processor)]
    return tuple(sorted(running, key=lambda insert: insert.slot != "cleanup"))


def shifted(insert: Insert, shift_db: float) -> Insert:
    """Return an insert that does the same to sound that comes louder by so much."""
    settings = insert.processor
    if not isinstance(settings, Compressor | Expander | Gate):
        return insert
    threshold_db = min(max(settings.threshold_db + shift_db, _LOWEST_DB[type(settings)]), 0.0)
    return insert.model_copy(update={"processor": settings.model_copy(update={"threshold_db": threshold_db})})


def _listed(inserts: Sequence[Insert], width: Lane | None, *, source: str) -> str:
    words = [f"{title_of(insert)}{f' (keyed by {insert.key})' if insert.key else ''}" for insert in inserts] + (
        ["its stereo width"] if width is not None else []
    )
    return ", ".join(words) or source


def routes_to_master(mix: Mix, output: str) -> list[Bus]:
    """Return the group buses from an output up to the master."""
    buses = {bus.id: bus for bus in mix.buses}
    found = []
    while output != MASTER:
        found.append(buses[output])
        output = buses[output].output
    return found
