"""What a throw or a bloom came to: what it alone adds to its return, heard on the rendered bus."""

from dataclasses import dataclass

import numpy as np

from tonmeister.audio import Samples
from tonmeister.document.fold import fold
from tonmeister.document.mix import Mix
from tonmeister.document.move import Move, SendChange
from tonmeister.engineer.listeners import Collector
from tonmeister.engineer.options import Cancel
from tonmeister.render import Renderer

_LISTEN_S = 0.25
"""Behind the start of the next line so much is heard: a syllable."""
_SILENT = 1e-12


@dataclass(frozen=True, slots=True)
class Thrown:
    """The sound of a throw: the word where it enters the mix, the return with the throw and without it."""

    sample_rate_hz: int
    start_s: float
    """Song time of the first frame."""
    word: Samples
    with_it: Samples
    without: Samples

    def power(self, sound: Samples, start_s: float, end_s: float) -> float:
        """Return the mean power of a stretch of the song."""
        first = max(0, round((start_s - self.start_s) * self.sample_rate_hz))
        part = sound[:, first : max(first + 1, round((end_s - self.start_s) * self.sample_rate_hz))]
        return float(np.square(part, dtype=np.float64).mean()) if part.size else 0.0


def hear_throw(move: Move, mix: Mix, renderer: Renderer, *, cancel: Cancel | None) -> Thrown | None:
    """Return the sound around the first word that a move throws, up to a little behind the start of the next line."""
    word, room = move.because[:2]
    if (
        not isinstance(move.change, SendChange)
        or word.start_s is None
        or room.end_s is None
        or move.where.track is None
    ):
        return None
    rate, bus, track = mix.song.sample_rate_hz, f"bus:{move.change.send.bus}", f"track:{move.where.track}"
    start, end = round(word.start_s * rate), min(mix.song.frames, round((room.end_s + _LISTEN_S) * rate))
    without = fold(mix.model_copy(update={"moves": tuple(one for one in mix.moves if one.id != move.id)}))
    heard = []
    for one in (mix, without):
        ears = {point: Collector() for point in (bus, track)}
        listeners = {point: [ear] for point, ear in ears.items()}
        renderer.render(one, listeners=listeners, start_frame=start, end_frame=end, cancel=cancel)
        heard.append(ears)
    return Thrown(rate, start / rate, heard[0][track].samples, heard[0][bus].samples, heard[1][bus].samples)


def tail_result(move: Move, mix: Mix, renderer: Renderer, cancel: Cancel | None) -> tuple[float, float | None] | None:
    """Return how loud what is thrown still sounds where the next line begins, against the word."""
    thrown = hear_throw(move, mix, renderer, cancel=cancel)
    word, room = move.because[:2]
    if thrown is None or word.start_s is None or word.end_s is None or room.end_s is None:
        return None
    said = thrown.power(thrown.word, word.start_s, word.end_s)
    left = thrown.power(thrown.with_it - thrown.without, room.end_s, room.end_s + _LISTEN_S)
    return (10 * float(np.log10(max(left, _SILENT) / said)), None) if said > 0 else None


def bloom_result(move: Move, mix: Mix, renderer: Renderer, cancel: Cancel | None) -> tuple[float, float | None] | None:
    """Return by how much the space is louder right behind the word than without the bloom."""
    thrown = hear_throw(move, mix, renderer, cancel=cancel)
    room = move.because[1]
    if thrown is None or room.start_s is None or room.end_s is None:
        return None
    span = room.start_s, min(room.end_s, room.start_s + 2 * _LISTEN_S)
    now, before = (thrown.power(sound, *span) for sound in (thrown.with_it, thrown.without))
    return (10 * float(np.log10(now / before)), 0.0) if min(now, before) > 0 else None
