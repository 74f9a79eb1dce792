"""What rides, arcs and throws came to."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.fourier import power_between
from tonmeister.audio import Samples
from tonmeister.document.facts import SongFacts
from tonmeister.document.fold import applied_moves, fold, still
from tonmeister.document.mix import Mix
from tonmeister.document.move import Evidence, FaderChange, Move, SendRideChange
from tonmeister.engineer.listeners import Collector, LoudnessListener
from tonmeister.engineer.options import Cancel
from tonmeister.render import Listener, Renderer
from tonmeister.tasks import Heard, Work
from tonmeister.tasks.automation.lines import Line, audibility_of, spread_db
from tonmeister.tasks.automation.vocal_rides import planned_lines
from tonmeister.tasks.pacing.lifts import EXCERPT_S


def ride_result(
    move: Move, mix: Mix, facts: SongFacts, heard: Mapping[str, Heard]
) -> tuple[float, float | None] | None:
    """Return how far a lead's lines lie from their plan with all lanes of the mix, and without this ride."""
    name = None if move.expects is None else move.expects.track
    if name is None or name not in heard:
        return None
    without = fold(mix.model_copy(update={"moves": tuple(m for m in mix.moves if m.id != move.id)}))
    lines = planned_lines(Work(facts=facts, mix=still(mix), heard=heard), facts[name])
    if not lines:
        return None
    found = [_spread(lines, audibility_of(one, facts, heard, facts[name])) for one in (mix, without)]
    return found[0], round(found[1], 3)


def contrast_result(
    move: Move, mix: Mix, renderer: Renderer, cancel: Cancel | None
) -> tuple[float, float | None] | None:
    """Return what the most lifted section of an arc gains on the least lifted one, from the mix with and without the arc."""
    spans = [span for found in move.because[:2] if (span := _span(found)) is not None]
    if len(spans) < 2:
        return None
    levels = [[_loudness(mix_, span, renderer, cancel) for span in spans] for mix_ in (mix, _without(mix, move))]
    if any(level is None for row in levels for level in row):
        return None
    (top, bottom), (top_before, bottom_before) = ((row[0] or 0.0, row[1] or 0.0) for row in levels)
    return (top - bottom) - (top_before - bottom_before), 0.0


def width_result(move: Move, mix: Mix, renderer: Renderer, cancel: Cancel | None) -> tuple[float, float | None] | None:
    """Return the width that a section gains, added to what was promised without the move: effects are no part of a promise."""
    span = _span(move.because[0])
    if span is None or move.expects is None or move.expects.before is None:
        return None
    now, before = (_width(one, span, renderer, cancel) for one in (mix, _without(mix, move)))
    return move.expects.before + now - before, round(move.expects.before, 3)


def level_result(move: Move, mix: Mix, renderer: Renderer, cancel: Cancel | None) -> tuple[float, float | None] | None:
    """Return by how much the level changes in a section where a move acts, in its band if it names one, with the move and without it."""
    span, expects = _span(move.because[0]), move.expects
    if span is None or expects is None:
        return None
    point = f"strip:{move.where.track}" if move.where.bus is None else f"bus:{move.where.bus}"
    if isinstance(move.change, SendRideChange):
        point = f"bus:{move.change.bus}"
    rate, band = mix.song.sample_rate_hz, (expects.low_hz or 0.0, expects.high_hz or mix.song.sample_rate_hz / 2)
    powers = []
    for one in (mix, _without(mix, move)):
        ear = Collector()
        renderer.render(
            one, listeners={point: [ear]}, start_frame=round(span[0] * rate), end_frame=min(mix.song.frames, round(span[1] * rate)),
            cancel=cancel,
        )  # fmt: skip
        powers.append(power_between(ear.samples, sample_rate_hz=rate, low_hz=band[0], high_hz=band[1]))
    now, before = powers
    return (10 * float(np.log10(now / before)), 0.0) if min(now, before) > 0 else None


def furthest_section_db(mix: Mix) -> float:
    """Return the most by which an arc moves anything but an effect."""
    effects = {bus.id for bus in mix.buses if bus.kind == "effect"}
    return max(
        (
            abs(point.value)
            for move in applied_moves(mix.moves)
            if move.task == "pacing" and isinstance(move.change, FaderChange) and move.where.bus not in effects
            for point in move.change.change_db.points
        ),
        default=0.0,
    )


def _without(mix: Mix, move: Move) -> Mix:
    """Return the mix without a move and all that depends on it."""
    return fold(mix.model_copy(update={"moves": tuple(m for m in mix.moves if m.id != move.id)}))


def _span(found: Evidence) -> tuple[float, float] | None:
    if found.start_s is None or found.end_s is None:
        return None
    return found.start_s, min(found.end_s, found.start_s + EXCERPT_S)


def _hear(mix: Mix, span_s: tuple[float, float], listener: Listener, renderer: Renderer, cancel: Cancel | None) -> None:
    rate = mix.song.sample_rate_hz
    renderer.render(
        mix, listeners={"mix": [listener]}, start_frame=round(span_s[0] * rate),
        end_frame=min(mix.song.frames, round(span_s[1] * rate)), cancel=cancel,
    )  # fmt: skip


def _loudness(mix: Mix, span_s: tuple[float, float], renderer: Renderer, cancel: Cancel | None) -> float | None:
    listener = LoudnessListener(mix.song.sample_rate_hz, 2)
    _hear(mix, span_s, listener, renderer, cancel)
    energies = listener.meter.energies_100ms()
    power = float(energies.mean()) if energies.size else 0.0
    return 10 * float(np.log10(power)) if power > 0 else None


def _width(mix: Mix, span_s: tuple[float, float], renderer: Renderer, cancel: Cancel | None) -> float:
    powers = np.zeros(2)

    def add(start_frame: int, block: Samples) -> None:
        del start_frame
        left, right = block.astype(np.float64)
        powers[0] += float(np.square(left + right).sum())
        powers[1] += float(np.square(left - right).sum())

    _hear(mix, span_s, add, renderer, cancel)
    return float(powers[1] / max(powers.sum(), 1e-20))


def _spread(lines: list[Line], audibility_db: NDArray[np.float64]) -> float:
    """Return the spread of the lines as they stand in this curve."""
    means = []
    for line in lines:
        here = audibility_db[int(10 * line.start_s) : max(int(10 * line.start_s) + 1, round(10 * line.end_s))]
        means.append(float(np.nanmean(here)))
    return spread_db(lines, means)
