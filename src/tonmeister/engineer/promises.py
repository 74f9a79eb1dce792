"""Verify: what every promise came to in the mix and on the master, and whether the budgets hold."""

from collections.abc import Callable, Mapping

import numpy as np

from tonmeister.analysis.alignment import Alignment, find_common_excerpt, measure_alignment
from tonmeister.analysis.loudness import integrated_from_energies
from tonmeister.audio import Audio
from tonmeister.document.facts import SongFacts
from tonmeister.document.fold import MOVING, applied_moves, still
from tonmeister.document.mix import Mix
from tonmeister.document.move import Expectation, FaderChange, Measurement, Move
from tonmeister.engineer.audibility import Audibility
from tonmeister.engineer.bus_effects import measure_bus_spread
from tonmeister.engineer.listeners import Collector
from tonmeister.engineer.mastering import Mastered
from tonmeister.engineer.options import Cancel
from tonmeister.engineer.place_promises import measure_places
from tonmeister.engineer.space_check import SpaceCheck
from tonmeister.engineer.throw_promises import bloom_result, tail_result
from tonmeister.engineer.time_promises import contrast_result, level_result, ride_result, width_result
from tonmeister.engineer.trial import loudest_excerpt_s
from tonmeister.engineer.voice_effects import measure_timing
from tonmeister.render import Renderer
from tonmeister.tasks import Heard

_AT_MOST = ("true_peak_dbtp", "throw_tail_db")
"""Metrics whose promise is a limit: less is as good."""


def verify(
    mix: Mix,
    facts: SongFacts,
    heard: Mapping[str, Heard],
    mastered: Mastered | None,
    renderer: Renderer,
    *,
    cancel: Cancel | None,
) -> Mix:
    """Write what was measured into every move that promised something about faders, places, the mix or the master."""
    # What makes room and what a space is to be was promised for faders that stand still.
    at_rest = still(mix)
    room, space = Audibility(at_rest, facts, renderer, cancel), SpaceCheck(at_rest, facts, renderer, cancel=cancel)
    spaces = {bus.id for bus in mix.buses if any(insert.id == "reverb" for insert in bus.inserts)}
    elsewhere = [move for move in mix.moves if _is_open(move) and move.where.bus not in spaces]
    places = measure_places(mix, facts, elsewhere, renderer, cancel=cancel)
    checks: dict[str, Callable[[Move], tuple[float, float | None] | None]] = {
        "strip_loudness_lu": lambda move: _fader_result(move, mix, heard),
        "correlation": lambda move: _polarity_result(_pair_now(move, mix, facts, renderer, cancel)),
        "delay_ms": lambda move: _delay_result(_pair_now(move, mix, facts, renderer, cancel)),
        "audibility_db": room.measure,
        "offset_ms": lambda move: measure_timing(move, mix, facts, renderer, cancel=cancel),
        "level_spread_db": lambda move: _bus_result(move, mix, facts, renderer, cancel),
        "reverb_level_lu": lambda move: space.level_lu(move) if move.where.bus in spaces else places.get(move.id),
        "gain_reduction_db": lambda move: space.duck_db(move) if move.where.bus in spaces else places.get(move.id),
        "audibility_spread_db": lambda move: ride_result(move, mix, facts, heard),
        "section_contrast_lu": lambda move: contrast_result(move, mix, renderer, cancel),
        "section_width": lambda move: width_result(move, mix, renderer, cancel),
        "section_level_db": lambda move: level_result(move, mix, renderer, cancel),
        "throw_tail_db": lambda move: tail_result(move, mix, renderer, cancel),
        "bloom_lift_db": lambda move: bloom_result(move, mix, renderer, cancel),
        "integrated_lufs": lambda _: None if mastered is None else _pair(mastered.figures.integrated_lufs),
        "true_peak_dbtp": lambda _: None if mastered is None else _pair(mastered.figures.true_peak_dbtp),
    }

    def checked(move: Move) -> Move:
        if move.expects is None or not _is_open(move):
            return move
        check = checks.get(move.expects.metric)
        found = places.get(move.id) if check is None else check(move)
        if found is None:
            return move
        return move.model_copy(update={"measured": measurement_of(move.expects, *found)})

    return mix.model_copy(update={"moves": tuple(checked(move) for move in mix.moves)})


def measurement_of(expects: Expectation, value: float, before: float | None) -> Measurement:
    """Return what was measured of a promise, and whether it is kept."""
    off = value - expects.value
    kept = off <= expects.tolerance if expects.metric in _AT_MOST else abs(off) <= expects.tolerance
    return Measurement(value=round(value, 3), before=before, kept=kept)


def _is_open(move: Move) -> bool:
    """Say whether a move promises something that nobody has measured yet."""
    return move.expects is not None and move.measured is None and move.state in ("accepted", "locked")


def _pair(value: float | None) -> tuple[float, None] | None:
    return None if value is None else (value, None)


def _fader_result(move: Move, mix: Mix, heard: Mapping[str, Heard]) -> tuple[float, float | None] | None:
    """Return the loudness behind the fader as this move and those before it set it, and without this move."""
    name = move.where.track
    if not isinstance(move.change, FaderChange) or name is None or name not in heard:
        return None
    before = integrated_from_energies(heard[name].energies_100ms)
    if before is None:
        return None
    before += mix.track(name).base.fader_db.points[0].value
    for other in applied_moves(mix.moves):
        if other.id == move.id:
            break
        if isinstance(other.change, FaderChange) and other.where.track == name and other.task not in MOVING:
            before += other.change.change_db.points[0].value
    return before + move.change.change_db.points[0].value, round(before, 3)


def _pair_now(
    move: Move, mix: Mix, facts: SongFacts, renderer: Renderer, cancel: Cancel | None
) -> tuple[Alignment, Alignment] | None:
    """Return how a microphone stands to its partner in the mix, and how it came."""
    pair = next((pair for pair in facts.pairs if pair.other == move.where.track), None)
    if pair is None:
        return None
    span = find_common_excerpt(facts[pair.reference].curves.rms_10ms, facts[pair.other].curves.rms_10ms)
    rate = mix.song.sample_rate_hz
    ears = {name: Collector() for name in (pair.reference, pair.other)}
    renderer.render(
        mix, listeners={f"source:{name}": [ear] for name, ear in ears.items()}, start_frame=round(span.start_s * rate),
        end_frame=round(span.end_s * rate), preroll_s=0.0, cancel=cancel,
    )  # fmt: skip
    first, second = (Audio(np.ascontiguousarray(ear.samples), rate) for ear in ears.values())
    return measure_alignment(first, second), pair.alignment


def _polarity_result(found: tuple[Alignment, Alignment] | None) -> tuple[float, float | None] | None:
    return None if found is None else (float(found[0].polarity), float(found[1].polarity))


def _delay_result(found: tuple[Alignment, Alignment] | None) -> tuple[float, float | None] | None:
    return None if found is None else (found[0].delay_ms, round(found[1].delay_ms, 3))


def _bus_result(
    move: Move, mix: Mix, facts: SongFacts, renderer: Renderer, cancel: Cancel | None
) -> tuple[float, float | None] | None:
    """Return what a bus's processor does where the loudest of its tracks is loudest."""
    members = [track for track in facts.tracks if mix.track(track.id).strip.output == move.where.bus]
    if not members:
        return None
    loudest = max(members, key=lambda track: track.figures.loudness.integrated_lufs or -120.0)
    start_s, _ = loudest_excerpt_s(loudest)
    return measure_bus_spread(move, mix, renderer, start_s=start_s, cancel=cancel)
