"""Mix documents for tests, made by code."""

from collections.abc import Sequence

from tonmeister.document.fold import fold
from tonmeister.document.lane import Lane, Law, Point, constant
from tonmeister.document.mix import Budget, Engine, Mix, Song, Track
from tonmeister.document.move import (
    BusChange,
    Change,
    Evidence,
    FaderChange,
    InsertChange,
    Move,
    RouteChange,
    SendChange,
    State,
    TargetChange,
    Where,
)
from tonmeister.document.strip import MASTER, Bus, Insert, Send, Strip
from tonmeister.document.text import canonical
from tonmeister.processing import Reverb, TruePeakLimiter

MEASURED = Evidence(what="a measurement", value=1.0, unit="dB", source="a test")


def lane(*points: tuple[float, float], law: Law = "linear_db") -> Lane:
    """Return a lane of (time in s, value)."""
    return Lane(law=law, points=tuple(Point(time_s=time_s, value=value) for time_s, value in points))


def move(
    name: str,
    change: Change,
    *,
    track: str | None = None,
    bus: str | None = None,
    order: int = 10,
    state: State = "accepted",
    depends_on: tuple[str, ...] = (),
) -> Move:
    """Return a move of that id; without a track or bus it touches nothing."""
    return Move(
        id=name, task="balance", title=name, where=Where(track=track, bus=bus), change=change, because=(MEASURED,),
        order=order, state=state, depends_on=depends_on,
    )  # fmt: skip


def make_mix(moves: Sequence[Move] = (), *, tracks: Sequence[str] = ("bass", "vox"), base: Strip | None = None) -> Mix:
    """Return a folded, canonical mix of one-channel tracks with these moves."""
    rows = tuple(
        Track(id=name, name=f"{name}.wav", sha256=f"{place:064x}", channels=1, base=base or Strip())
        for place, name in enumerate(tracks)
    )
    mix = Mix(
        engine=Engine(version="0"), song=Song(sample_rate_hz=48_000, frames=480_000), tracks=rows,
        budget=Budget(name="balanced"), moves=tuple(moves),
    )  # fmt: skip
    return canonical(fold(canonical(mix)))


def usual_moves() -> tuple[Move, ...]:
    """Return a bit of everything: faders, a group, an effect with a send, a master with a limiter."""
    reverb = Insert(id="reverb", slot="tone", processor=Reverb(decay_s=1.2))
    limiter = Insert(id="limiter", slot="output", processor=TruePeakLimiter(drive_db=3.0))
    return (
        move("bus.low", BusChange(bus=Bus(id="low", name="Low")), bus="low", order=1),
        move("route.bass", RouteChange(output="low"), track="bass", order=2, depends_on=("bus.low",)),
        move("fader.bass", FaderChange(change_db=constant(-3.0)), track="bass", order=3),
        move("bus.plate", BusChange(bus=Bus(id="plate", name="Plate", kind="effect", inserts=(reverb,))), order=4),
        move("send.vox", SendChange(send=Send(bus="plate", level_db=constant(-12.0))), track="vox", order=5,
             depends_on=("bus.plate",)),
        move("target", TargetChange(target_lufs=-14.0, ceiling_dbtp=-1.0), bus=MASTER, order=6),
        move("limiter", InsertChange(insert=limiter), bus=MASTER, order=7),
    )  # fmt: skip
