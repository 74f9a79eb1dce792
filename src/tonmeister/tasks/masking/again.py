"""What former moves of this task promise among tracks that others have changed since."""

from collections.abc import Iterator, Sequence

import numpy as np

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.document.move import BandChange, FaderChange, InsertChange, Move
from tonmeister.knowledge import number
from tonmeister.processing import Compressor, DynamicEqualiser
from tonmeister.tasks.masking.moves import expectation, reason
from tonmeister.tasks.masking.promise import Keyed, promise, set_to_work
from tonmeister.tasks.masking.remedies import Kind, Remedy, bell, high_pass_shape
from tonmeister.tasks.masking.scene import Covered, Scene, look
from tonmeister.tasks.work import Work


def promise_anew(work: Work, moves: Sequence[Move]) -> Iterator[Move]:
    """Yield the moves with what they promise now, in their order; what promises too little now keeps its former promise.

    `work` holds the mix without them.
    """
    scene = look(work)
    read = {} if scene is None else {move.id: one for move in moves if (one := read_remedy(scene, move)) is not None}
    if scene is None or not read:
        yield from moves
        return
    names, remedies = list(read), list(read.values())
    processors = {place: made for place, name in enumerate(names) if (made := _processor(moves, name)) is not None}
    working = set_to_work(work, scene, remedies, processors)
    for move in moves:
        told = promise(working, remedies, names.index(move.id)) if move.id in read else None
        if told is None or told.gain_db < number("masking.promise_least_db").value:
            yield move
            continue
        remedy = read[move.id]
        found = {"because": (reason(scene, remedy, told),), "expects": expectation(scene, remedy, told)}
        yield move.model_copy(update={**found, "measured": None})


def read_remedy(scene: Scene, move: Move) -> Remedy | None:
    """Return what a move of this task does; None for a pan, a note, or where the covered track is no longer looked after."""
    places = {track.id: place for place, track in enumerate(scene.tracks)}
    covered = next(
        (one for one in scene.covered if move.expects and scene.tracks[one.place].id == move.expects.track), None
    )
    masker, change = places.get(move.where.track or ""), move.change
    if masker is None or covered is None:
        return None
    if isinstance(change, FaderChange):
        change_db = change.change_db.points[0].value
        kind: Kind = "level" if change_db < 0 else "rise"
        return Remedy(kind, masker, covered, np.sign(change_db) * np.ones(ERB_CENTRES_HZ.size), abs(change_db))
    if isinstance(change, BandChange) and change.band.shape == "high_pass":
        return Remedy(
            "high_pass", masker, covered, high_pass_shape(change.band.frequency_hz), 1.0, change.band.frequency_hz
        )
    if isinstance(change, BandChange):
        return _bell("cut", masker, covered, change.band.frequency_hz, change.band.q, -change.band.gain_db)
    if not isinstance(change, InsertChange):
        return None
    processor = change.insert.processor
    if isinstance(processor, DynamicEqualiser):
        band = processor.bands[0]
        return _bell("keyed", masker, covered, band.frequency_hz, band.q, -band.range_db)
    depth_db = number("masking.side_chain_most_db").value
    return Remedy("side_chain", masker, covered, -np.ones(ERB_CENTRES_HZ.size), depth_db)


def _bell(kind: Kind, masker: int, covered: Covered, centre_hz: float, q: float, depth_db: float) -> Remedy:
    return Remedy(kind, masker, covered, bell(centre_hz, q), depth_db, centre_hz, q)


def _processor(moves: Sequence[Move], name: str) -> Keyed | None:
    change = next(move.change for move in moves if move.id == name)
    processor = change.insert.processor if isinstance(change, InsertChange) else None
    return processor if isinstance(processor, DynamicEqualiser | Compressor) else None
