"""Budgets of tone, held before anything is rendered: bands that the engine made are lessened until they fit, and it is said."""

from collections.abc import Callable
from functools import partial

from tonmeister.document.facts import SongFacts
from tonmeister.document.fold import fold
from tonmeister.document.mix import Mix
from tonmeister.document.move import BandChange, Expectation, Move
from tonmeister.document.strip import MASTER
from tonmeister.document.text import canonical
from tonmeister.engineer.budgets import expected_tilt_db
from tonmeister.tasks.expecting import LEAST_DB
from tonmeister.tasks.prediction import group_bands, mean_change_db, strip_bands

_TONAL = ("peak", "low_shelf", "high_shelf")
_STEPS = 8
_SPARE_TILT_DB = 0.2  # what compressors and the limiter add is measured later
_SPARE = 0.97  # gains are rounded


def hold_tone(mix: Mix, facts: SongFacts) -> tuple[Mix, tuple[str, ...]]:
    """Return the mix within its budgets of EQ gain, EQ total, cuts and tilt, and a sentence for each that had to be lessened.

    Moves that a person locked or set are theirs, and count all the same.
    """
    said: list[str] = []
    for hold in (_hold_cuts, _hold_gains, _hold_totals, lambda one: _hold_tilt(one, facts)):
        mix, sentences = hold(mix)
        said += sentences
    return (canonical(fold(canonical(mix))), tuple(said)) if said else (mix, ())


def scaled(move: Move, share: float) -> Move:
    """Return a band with that share of its gain, and of its promise; under half a decibel nothing is promised."""
    if not isinstance(move.change, BandChange):
        return move
    band = move.change.band
    lesser = move.change.model_copy(
        update={"band": band.model_copy(update={"gain_db": round(band.gain_db * share, 2)})}
    )
    return move.model_copy(update={"change": lesser, "expects": _scaled_promise(move.expects, share), "measured": None})


def _scaled_promise(promise: Expectation | None, share: float) -> Expectation | None:
    if promise is None or promise.before is None:
        return promise
    change = (promise.value - promise.before) * share
    if abs(change) < LEAST_DB:
        return None
    return promise.model_copy(
        update={"value": round(promise.before + change, 2), "tolerance": round(promise.tolerance * share, 2)}
    )


def _is_ours(move: Move) -> bool:
    is_band = isinstance(move.change, BandChange) and move.change.band.shape in _TONAL
    return is_band and move.state == "accepted" and move.set_by == "engine"


def _gain_db(move: Move) -> float:
    return abs(move.change.band.gain_db) if isinstance(move.change, BandChange) else 0.0


def _changed(mix: Mix, change: Callable[[Move], Move]) -> Mix:
    return fold(mix.model_copy(update={"moves": tuple(change(m) if _is_ours(m) else m for m in mix.moves)}))


def _hold_cuts(mix: Mix) -> tuple[Mix, list[str]]:
    """Leave the smallest cuts for the sake of others out where a track has too many."""
    gone: set[str] = set()
    for track in mix.tracks:
        cuts = [
            m
            for m in mix.moves
            if m.task == "masking" and m.where.track == track.id and isinstance(m.change, BandChange)
        ]
        cuts = [m for m in cuts if m.state != "rejected"]
        ours = sorted((m for m in cuts if _is_ours(m)), key=_gain_db)
        gone |= {m.id for m in ours[: max(0, len(cuts) - mix.budget.masking_cuts)]}
    if not gone:
        return mix, []
    kept = tuple(move for move in mix.moves if move.id not in gone)
    return fold(mix.model_copy(update={"moves": kept})), [f"masking_cuts: left out {', '.join(sorted(gone))}"]


def _hold_gains(mix: Mix) -> tuple[Mix, list[str]]:
    limit = mix.budget.eq_gain_db
    over = {m.id: limit / _gain_db(m) for m in mix.moves if _is_ours(m) and _gain_db(m) > limit}
    said = [f"eq_gain_db: {name} has {limit:g} dB at most" for name in over]
    return (_changed(mix, lambda m: scaled(m, over[m.id]) if m.id in over else m), said) if over else (mix, said)


def _hold_totals(mix: Mix) -> tuple[Mix, list[str]]:
    """Lessen all bands of a track alike until its spectrum changes no more than allowed."""
    rate, limit, said = mix.song.sample_rate_hz, mix.budget.eq_total_db, []
    for name in [track.id for track in mix.tracks]:
        share = 1.0
        for _ in range(_STEPS):
            total = mean_change_db((*strip_bands(mix.track(name).strip), *group_bands(mix, name)), sample_rate_hz=rate)
            if total <= limit or not any(_is_ours(m) and m.where.track == name for m in mix.moves):
                break
            part = _SPARE * limit / total
            share *= part
            mix = _changed(mix, partial(_scaled_on, share=part, track=name))
        if share < 1:
            said.append(f"eq_total_db: all bands of {name} have {share:.0%} of their gain")
    return mix, said


def _scaled_on(move: Move, *, share: float, track: str) -> Move:
    return scaled(move, share) if move.where.track == track else move


def _hold_tilt(mix: Mix, facts: SongFacts) -> tuple[Mix, list[str]]:
    """Lessen the master's bands, and where that is not enough all bands alike."""
    mix, first = _lessened(mix, facts, _is_on_master, "the master's bands")
    mix, second = _lessened(mix, facts, lambda _: True, "all bands")
    return mix, first + second


def _lessened(mix: Mix, facts: SongFacts, is_meant: Callable[[Move], bool], name: str) -> tuple[Mix, list[str]]:
    limit = mix.budget.tilt_change_db - _SPARE_TILT_DB
    if abs(expected_tilt_db(mix, facts)) <= limit or not any(_is_ours(m) and is_meant(m) for m in mix.moves):
        return mix, []

    def with_share(share: float) -> Mix:
        return _changed(mix, lambda move: scaled(move, share) if is_meant(move) else move)

    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        fits = abs(expected_tilt_db(with_share(middle), facts)) <= limit
        low, high = (middle, high) if fits else (low, middle)
    return with_share(low), [f"tilt_change_db: {name} have {low:.0%} of their gain"]


def _is_on_master(move: Move) -> bool:
    return move.where.bus == MASTER
