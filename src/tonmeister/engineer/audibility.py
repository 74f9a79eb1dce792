"""How a covered track stands against all others with and without a move: what moves for its sake have promised."""

from dataclasses import dataclass

import numpy as np

from tonmeister.analysis.fourier import power_between
from tonmeister.audio import Samples
from tonmeister.document.facts import SongFacts
from tonmeister.document.fold import fold
from tonmeister.document.mix import Mix
from tonmeister.document.move import Expectation, Move, PanChange
from tonmeister.document.strip import MASTER
from tonmeister.engineer.listeners import Collector
from tonmeister.engineer.options import Cancel
from tonmeister.engineer.trial import loudest_excerpt_s
from tonmeister.render import Renderer

_LONGEST_S = 13.0
_PREROLL_S = 2.0
Span = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class _Heard:
    """Points of the mix over a stretch."""

    whole: Samples
    tracks: dict[str, Samples]


class Audibility:
    """Renders each stretch once for all moves that promised something there; then only the strip that a move changes."""

    def __init__(self, mix: Mix, facts: SongFacts, renderer: Renderer, cancel: Cancel | None) -> None:
        self._mix, self._facts, self._renderer, self._cancel = mix, facts, renderer, cancel
        self._heard: dict[Span, _Heard] = {}

    def measure(self, move: Move) -> tuple[float, float | None] | None:
        """Return the covered track against the rest in the promised band, with and without the move; None if it is no such promise.

        What the move changes in the sends of the track is left out; so is what its bus does, unless the bus does something.
        """
        expects, name = move.expects, move.where.track
        if expects is None or expects.track is None or expects.low_hz is None or name is None:
            return None
        span = self._span(move, expects.track)
        here = self._hear(span, (expects.track, name))
        own = here.tracks[expects.track]
        rest = here.whole - own
        without = fold(self._mix.model_copy(update={"moves": tuple(m for m in self._mix.moves if m.id != move.id)}))
        own_before = own
        if name == expects.track:
            before, (own_before,) = rest, self._render(without, span, (f"track:{name}",))
        elif self._is_plain(name):
            (changed,) = self._render(without, span, (f"track:{name}",))
            before = rest - here.tracks[name] + changed
        else:
            whole, alone = self._render(without, span, ("mix", f"track:{expects.track}"))
            before = whole - alone
        with_db = self._place_db(own, rest, expects, move)
        without_db = self._place_db(own_before, before, expects, move)
        if with_db is None or without_db is None:
            return None
        # The promise stands beside what else was decided since: compare the change.
        promised = expects.before if expects.before is not None else 0.0
        return promised + with_db - without_db, round(promised, 3)

    def _span(self, move: Move, covered: str) -> Span:
        """Return where it was promised, else the covered track's loudest stretch."""
        found = move.because[0]
        if found.start_s is None or found.end_s is None or found.end_s - found.start_s > _LONGEST_S:
            return loudest_excerpt_s(self._facts[covered])
        return found.start_s, found.end_s

    def _hear(self, span: Span, names: tuple[str, ...]) -> _Heard:
        if span not in self._heard:
            self._heard[span] = _Heard(self._render(self._mix, span, ("mix",))[0], {})
        here = self._heard[span]
        new = [name for name in dict.fromkeys(names) if name not in here.tracks]
        points = tuple(f"track:{name}" for name in new)
        here.tracks.update(zip(new, self._render(self._mix, span, points) if points else (), strict=True))
        return here

    def _is_plain(self, name: str) -> bool:
        """Say whether a track comes into the mix as it leaves its strip: through buses that do nothing."""
        buses = {bus.id: bus for bus in self._mix.buses}
        here = self._mix.track(name).strip.output
        while here != MASTER:
            bus = buses[here]
            lanes = (*bus.fader_db.points, *bus.mute.points)
            is_wide = any(point.value != 1.0 for point in bus.width.points)
            if bus.inserts or is_wide or any(point.value != 0.0 for point in lanes):
                return False
            here = bus.output
        return True

    def _render(self, mix: Mix, span: Span, points: tuple[str, ...]) -> list[Samples]:
        rate = mix.song.sample_rate_hz
        ears = {point: Collector() for point in points}
        self._renderer.render(
            mix, listeners={point: [ear] for point, ear in ears.items()}, start_frame=round(span[0] * rate),
            end_frame=round(span[1] * rate), preroll_s=_PREROLL_S, cancel=self._cancel,
        )  # fmt: skip
        return [ear.samples for ear in ears.values()]

    def _place_db(self, own: Samples, rest: Samples, expects: Expectation, move: Move) -> float | None:
        """Return own over rest in the band; for a pan on the side on which the track stands out more."""
        rate, low_hz = self._mix.song.sample_rate_hz, expects.low_hz or 0.0
        high_hz = expects.high_hz or low_hz
        sides = [slice(0, 1), slice(1, 2)] if isinstance(move.change, PanChange) else [slice(0, 2)]
        found = []
        for side in sides:
            powers = [
                power_between(sound[side], sample_rate_hz=rate, low_hz=low_hz, high_hz=high_hz) for sound in (own, rest)
            ]
            if min(powers) > 0:
                found.append(float(10 * np.log10(powers[0] / powers[1])))
        return max(found, default=None)
