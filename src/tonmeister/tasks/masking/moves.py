"""From remedies to moves: each with its evidence, its promise and what else would serve."""

from collections.abc import Iterator, Sequence

from tonmeister.document.facts import TrackFacts
from tonmeister.document.lane import constant
from tonmeister.document.move import (
    Alternative,
    BandChange,
    Change,
    Evidence,
    Expectation,
    FaderChange,
    InsertChange,
    Move,
    Where,
)
from tonmeister.document.strip import Insert
from tonmeister.processing import Band
from tonmeister.tasks.masking.keyed import ducker, keyed_band
from tonmeister.tasks.masking.promise import Keyed, Promise, promise, set_to_work
from tonmeister.tasks.masking.remedies import Remedy
from tonmeister.tasks.masking.scene import Scene
from tonmeister.tasks.work import Work, evidence

_LEAST_GAIN_DB = 0.5  # a smaller change of the covered track against the rest is no promise


def as_moves(work: Work, scene: Scene, remedies: Sequence[Remedy]) -> Iterator[Move]:
    """Yield the moves that promise enough; what promises too little is left out, and the others are predicted without it."""
    kept = list(remedies)
    while True:
        processors = {place: made for place, r in enumerate(kept) if (made := _processor(work, scene, r)) is not None}
        working = set_to_work(work, scene, kept, processors)
        promises = [promise(working, kept, place) for place in range(len(kept))]
        gains = [0.0 if one is None else one.gain_db for one in promises]
        if not gains or min(gains) >= _LEAST_GAIN_DB:
            break
        kept.pop(gains.index(min(gains)))
    for place, (remedy, told) in enumerate(zip(kept, promises, strict=True)):
        if told is not None:
            yield _move(scene, remedy, told, processors.get(place))


def _processor(work: Work, scene: Scene, remedy: Remedy) -> Keyed | None:
    key = scene.tracks[remedy.covered.place]
    if remedy.kind == "keyed":
        return keyed_band(work, key, remedy)
    return ducker(work, key, remedy) if remedy.kind == "side_chain" else None


def _move(scene: Scene, remedy: Remedy, told: Promise, processor: Keyed | None) -> Move:
    masker, maskee = scene.tracks[remedy.masker], scene.tracks[remedy.covered.place]
    name, title = _words(remedy, masker.track.name, maskee.track.name)
    return Move(
        id=f"masking.{masker.id}.{maskee.id}-{name}", task="masking", title=title, where=Where(track=masker.id),
        change=_change(remedy, maskee, processor), because=(reason(scene, remedy, told),),
        expects=expectation(scene, remedy, told), confidence=0.6,
        alternatives=_alternatives(remedy, masker, maskee, told.gain_db),
    )  # fmt: skip


def reason(scene: Scene, remedy: Remedy, told: Promise) -> Evidence:
    """Return what was found before anything was done."""
    masker, maskee = scene.tracks[remedy.masker].track.name, scene.tracks[remedy.covered.place].track.name
    who = "several of them together" if remedy.kind == "rise" else f"{masker} the strongest"
    return evidence(
        f"all others over {maskee} between {told.low_hz:.0f} and {told.high_hz:.0f} Hz, {who}",
        round(told.excess_db, 2), against="masking.harmful_excess_db", start_s=told.start_s, end_s=told.end_s,
    )  # fmt: skip


def expectation(scene: Scene, remedy: Remedy, told: Promise) -> Expectation:
    """Return the covered track's place against all others, before and after."""
    return Expectation(
        metric="audibility_db", value=round(told.after_db, 2), before=round(told.before_db, 2),
        tolerance=round(told.gain_db / 2, 3), unit="dB", scope="mix", track=scene.tracks[remedy.covered.place].id,
        low_hz=told.low_hz, high_hz=told.high_hz,
    )  # fmt: skip


def _words(remedy: Remedy, masker: str, maskee: str) -> tuple[str, str]:
    """Return the end of the move's id, and its title."""
    if remedy.kind == "cut":
        return f"{remedy.centre_hz:.0f}", f"{masker} covers {maskee} at {remedy.centre_hz:.0f} Hz"
    if remedy.kind == "keyed":
        return f"{remedy.centre_hz:.0f}", f"{masker} gives way at {remedy.centre_hz:.0f} Hz while {maskee} sounds"
    if remedy.kind == "high_pass":
        return "high-pass", f"{masker} leaves the lows to {maskee}"
    if remedy.kind == "rise":
        return "rise", f"{maskee} up by {remedy.depth_db:.1f} dB: several tracks cover it together"
    if remedy.kind == "side_chain":
        return "side-chain", f"{maskee} ducks {masker}"
    return "level", f"{masker} covers {maskee} as a whole: {-remedy.depth_db:.1f} dB"


def _change(remedy: Remedy, key: TrackFacts, processor: Keyed | None) -> Change:
    if processor is not None:
        name = f"unmask-{key.id}" + (f"-{remedy.centre_hz:.0f}" if remedy.kind == "keyed" else "")
        return InsertChange(insert=Insert(id=name, slot="masking", processor=processor, key=key.id))
    if remedy.kind == "high_pass":
        return BandChange(slot="masking", band=Band(shape="high_pass", frequency_hz=remedy.centre_hz))
    if remedy.kind in ("level", "rise"):
        return FaderChange(change_db=constant(-remedy.depth_db if remedy.kind == "level" else remedy.depth_db))
    return BandChange(slot="masking", band=Band(frequency_hz=remedy.centre_hz, gain_db=-remedy.depth_db, q=remedy.q))


def _alternatives(remedy: Remedy, masker: TrackFacts, maskee: TrackFacts, gain_db: float) -> tuple[Alternative, ...]:
    """Return what else would make about as much room, with what it costs."""
    down = Alternative(
        title=f"{masker.track.name} {gain_db:.1f} dB down",
        trade_off="Its tone stays, its place in the balance does not",
    )
    fixed = Alternative(
        title=f"A fixed cut of {remedy.depth_db:.1f} dB", trade_off=f"Thinner also where {maskee.track.name} is silent"
    )
    keyed = Alternative(
        title=f"The same cut only while {maskee.track.name} sounds",
        trade_off="Its tone moves with the other track, and rendering takes longer",
    )
    cuts = Alternative(title="Small cuts on each of the others", trade_off="Many tracks change for little each")
    note = Alternative(
        title="Another register or another place in the arrangement",
        trade_off="Only the person who wrote it can do that",
    )
    return {
        "cut": (keyed, down), "keyed": (fixed, down, note), "high_pass": (down,), "level": (note,), "rise": (cuts, note), "side_chain": (down,),
    }[remedy.kind]  # fmt: skip
