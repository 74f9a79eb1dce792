"""Take the hit for a reinforcement from the sound, and find where exactly each layer goes."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Samples
from tonmeister.document.fold import fold
from tonmeister.document.mix import Mix
from tonmeister.document.move import InsertChange, Move
from tonmeister.files.cache import Cache
from tonmeister.files.probe import SoundFile
from tonmeister.files.sound import open_probed
from tonmeister.processing import Reinforcer
from tonmeister.processing.reinforcer import pack_hit, unpack_hit

_HIT_S = 0.25
_COMPARED_S = 0.04
_SEARCHED_S = 0.015
_LEAST_LIKE = 0.3
ReadSound = Callable[[int, int], Samples]
"""First frame of the file and how many → (channels, frames)."""


def fill_hits(mix: Mix, sources: Mapping[str, SoundFile], *, cache: Cache) -> Mix:
    """Give each reinforcement that has no hit yet the hit of its own track."""
    filled = tuple(_filled(move, mix, sources, cache) for move in mix.moves)
    if all(new is old for new, old in zip(filled, mix.moves, strict=True)):
        return mix
    return fold(mix.model_copy(update={"moves": filled}))


def _filled(move: Move, mix: Mix, sources: Mapping[str, SoundFile], cache: Cache) -> Move:
    change, name = move.change, move.where.track
    if not isinstance(change, InsertChange) or name is None or move.state != "accepted":
        return move
    settings = change.insert.processor
    if not isinstance(settings, Reinforcer) or settings.hit:
        return move
    with open_probed(sources[name], rate_hz=mix.song.sample_rate_hz, cache=cache) as reader:
        insert = change.insert.model_copy(update={"processor": with_hit(settings, reader.read)})
    return move.model_copy(update={"change": change.model_copy(update={"insert": insert})})


def with_hit(settings: Reinforcer, read: ReadSound) -> Reinforcer:
    """Return the settings with the hit itself, each layer at the lag at which it is most like the hit there.

    A place where nothing is like the hit gets no layer.
    """
    rate = settings.rate_hz
    hit = read(round(settings.from_s * rate), round(_HIT_S * rate))
    packed = settings.model_copy(update={"hit": pack_hit(hit)})
    shape = unpack_hit(packed.hit)[0, : round(_COMPARED_S * rate)].astype(np.float64)
    places = [_place(time_s, factor, shape, read, rate) for time_s, factor in settings.places]
    return packed.model_copy(update={"places": tuple(place for place in places if place[1])})


def _place(
    time_s: float, factor: float, shape: NDArray[np.float64], read: ReadSound, rate: int
) -> tuple[float, float]:  # fmt: skip
    reach = round(_SEARCHED_S * rate)
    first = max(0, round(time_s * rate) - reach)
    there = read(first, shape.size + 2 * reach)[0].astype(np.float64)
    if factor == 0 or there.size < shape.size:
        return time_s, 0.0
    scores = np.correlate(there, shape, "valid")
    best = int(np.argmax(scores))  # one microphone hears one drum one way up: an upside-down match is half a wave off
    part = there[best : best + shape.size]
    size = float(np.sqrt(np.square(part).sum() * np.square(shape).sum()))
    likeness = float(scores[best]) / size if size > 0 else 0.0
    return (round((first + best) / rate, 6), factor) if likeness >= _LEAST_LIKE else (time_s, 0.0)
