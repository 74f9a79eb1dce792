"""What recipes share: where a change goes, and how it is named."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from tonmeister.assistant.readings.scene import Scene, find_tracks
from tonmeister.audio import Samples
from tonmeister.document.move import BusChange, Change, InsertChange, Where
from tonmeister.document.strip import MASTER, Insert, Slot
from tonmeister.engineer.whatif_plans import Planned
from tonmeister.processing import Processor


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much of a recipe, and which way."""

    scene: Scene
    db: float
    """Amount, always positive."""
    sign: int
    number: int
    """Number of the revision, so that its inserts get names of their own."""

    @property
    def signed_db(self) -> float:
        """The amount with its sign."""
        return round(self.sign * self.db, 2)


Recipe = Callable[[Wanted], Iterator[Planned]]
"""Yields the changes; nothing where it cannot be done in this song."""
OTHER_PARTS: Mapping[str, str] = {
    "parallel_drums": "drums", "fader_low": "low_end", "fader_rhythm": "drums", "saturate_low": "low_end",
}  # fmt: skip
"""Recipes that are about another part than the words."""


def scene_for(recipe: str, scene: Scene) -> Scene | None:
    """Return the scene that a recipe is about; None where the song has no such part."""
    other = OTHER_PARTS.get(recipe)
    if other is None or not scene.is_whole:
        return scene
    intent = scene.intent.model_copy(update={"target": other})
    tracks = find_tracks(scene.mix, intent)
    return replace(scene, intent=intent, tracks=tracks) if tracks else None


def insert(
    wanted: Wanted, name: str, slot: Slot, processor: Processor, says: str, *, key: str | None = None
) -> Iterator[Planned]:
    """Yield a processor on each track that is meant, on their bus, or on the master."""
    for where, who in places(wanted.scene):
        yield planned_insert(wanted, where, who, name, slot, processor, says, key=key)


def planned_insert(
    wanted: Wanted,
    where: Where,
    who: str,
    name: str,
    slot: Slot,
    processor: Processor,
    says: str,
    *,
    key: str | None = None,
) -> Planned:
    """Return a processor at one place."""
    made = Insert(id=f"words-{wanted.number}-{name}", slot=slot, processor=processor, key=key)
    return Planned(where=where, change=InsertChange(insert=made), title=f"{who}: {says}")


def places(scene: Scene) -> Iterator[tuple[Where, str]]:
    """Yield where a processor goes, and what a person calls the place."""
    if scene.is_whole:
        yield Where(bus=MASTER), "Master"
        return
    if scene.bus is not None:
        yield Where(bus=scene.bus), next(bus.name for bus in scene.mix.buses if bus.id == scene.bus)
        return
    for name in scene.tracks:
        track = scene.mix.track(name)
        if not track.leave_alone:
            yield Where(track=name), track.name


def on_track(scene: Scene, name: str, change: Change, says: str) -> Planned:
    """Return a change of one track."""
    return Planned(where=Where(track=name), change=change, title=f"{scene.mix.track(name).name}: {says}")


def on_bus(scene: Scene, name: str, change: Change, says: str) -> Planned:
    """Return a change of one bus."""
    bus = next((bus.name for bus in scene.mix.buses if bus.id == name), name)
    where = Where(bus=change.bus.id) if isinstance(change, BusChange) else Where(bus=name)
    return Planned(where=where, change=change, title=f"{bus}: {says}")


def sound_into(scene: Scene, where: Where) -> Samples:
    """Return what goes into a chain: of the master the mix bus."""
    if where.track is not None:
        return scene.taps[where.track]
    return scene.before.mix if where.bus == MASTER else scene.into_bus


def open_tracks(scene: Scene) -> tuple[str, ...]:
    """Return the tracks that are meant and may be touched."""
    return tuple(name for name in scene.tracks if not scene.mix.track(name).leave_alone)
