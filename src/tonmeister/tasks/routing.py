"""Groups: drums, music and vocals each on a bus of their own, so that a person can grab them."""

from collections.abc import Iterator

from tonmeister.document.move import BusChange, Evidence, Move, RouteChange, Where
from tonmeister.document.strip import MASTER, Bus
from tonmeister.tasks.work import Work

GROUPS = (
    ("drums", "Drums", ("drums",)),
    (
        "music",
        "Music",
        ("bass", "guitar", "keys", "synth", "strings", "brass", "woodwind", "effects", "unknown", "mix"),
    ),
    ("vocals", "Vocals", ("vocal",)),
)
"""Bus id, its name, the families that go there."""


def propose(work: Work) -> Iterator[Move]:
    """Make a bus for every group of at least two tracks; those that a person's session has in a group already stay there."""
    free = {track.id for track in work.mix.tracks if track.strip.output == MASTER}
    for bus_id, name, families in GROUPS:
        tracks = tuple(track for track in work.facts.of_family(*families) if track.id in free)
        if len(tracks) < 2:
            continue
        count = Evidence(
            what=f"tracks that belong to {name.lower()}",
            value=len(tracks),
            limit=2,
            unit="tracks",
            source="routing: groups need two",
        )
        bus_move = f"routing.{bus_id}.bus"
        yield Move(
            id=bus_move,
            task="balance",
            title=f"{name} bus",
            where=Where(bus=bus_id),
            change=BusChange(bus=Bus(id=bus_id, name=name)),
            because=(count,),
        )
        for track in tracks:
            yield Move(
                id=f"routing.{track.id}.output", task="balance", title=f"{track.track.name} goes to the {name.lower()} bus",
                where=Where(track=track.id), change=RouteChange(output=bus_id), because=(count,), depends_on=(bus_move,),
            )  # fmt: skip
