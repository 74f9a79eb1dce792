"""The order of the work: from facts to a mix document, and again when something was changed."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from tonmeister.document.facts import SongFacts
from tonmeister.document.fold import MOVING, applied_moves, fold
from tonmeister.document.mix import Brief, Budget, Engine, Mix, Track
from tonmeister.document.move import BandChange, BusChange, InsertChange, Move, RouteChange, StripEdit
from tonmeister.document.strip import Strip
from tonmeister.document.text import canonical
from tonmeister.engineer.scoping import hold_outside, is_inside, scope_of, within_scope
from tonmeister.errors import InputError
from tonmeister.knowledge.rows import arcs, table
from tonmeister.processing import Compressor, DeEsser
from tonmeister.tasks import MIX_TASKS, STRIP_TASKS, Heard, Propose, Work, direction, dynamics, masking
from tonmeister.tasks.expecting import promise_rest
from tonmeister.tasks.prediction import predict_heard

_ORDER_STEP = 10
CARRIED = "like."
"""Begins the ids of moves that came over from another song; no task makes them, so a re-solve cannot make them again."""


def open_mix(facts: SongFacts, unused: tuple[Track, ...], *, brief: Brief, budget: Budget) -> Mix:
    """Return the base document: what came in, nothing decided."""
    tracks = tuple(track.track for track in facts.tracks) + unused
    stems: Literal["raw", "balanced"] = "balanced" if facts.is_premixed else "raw"
    return Mix(
        engine=Engine(version=version("tonmeister")),
        brief=brief,
        song=facts.song,
        stems=stems,
        tracks=tracks,
        budget=budget,
    )


def read_arc(name: str) -> str:
    """Return the name of an arc as the tables have it; spaces, apostrophes and capitals do not matter.

    Raises:
        InputError: If there is no such arc.
    """
    plain = "-".join(re.sub("['’]s?", "", name.lower()).replace("-", " ").split()).removesuffix("-arc")
    known = ("auto", "none", *arcs())
    if plain not in known:
        raise InputError(f"--arc {name}: no such arc; use {', '.join(known)}.")
    return plain


def read_budget(name: str) -> Budget:
    """Return a budget by name, or from a TOML file; what the file leaves out is as in `balanced`.

    Raises:
        InputError: If there is no such budget, or the file does not hold one.
    """
    known = table("budgets")
    if name in known:
        return Budget(name=name, **known[name])
    path = Path(name)
    if not path.is_file():
        raise InputError(f"--budget {name}: no such budget; use {', '.join(known)} or a TOML file.")
    try:
        fields = tomllib.loads(path.read_text("utf-8"))
        return Budget(**{**known["balanced"], "name": path.stem, **fields})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(
            f"--budget {name}: {place}: {first['msg']}; fields are {', '.join(name for name in Budget.model_fields if name != 'name')}."
        ) from error
    except (tomllib.TOMLDecodeError, OSError, UnicodeDecodeError) as error:
        raise InputError(f"--budget {name}: not TOML ({error}).") from error


def keep_settled(mix: Mix) -> Mix:
    """Return the mix with only the moves that a re-solve may not touch: locked, rejected, set by a person, or carried over."""
    kept = tuple(
        move
        for move in mix.moves
        if move.state in ("locked", "rejected") or move.set_by != "engine" or move.id.startswith(CARRIED)
    )
    settled = hold_outside(mix.model_copy(update={"moves": kept}), mix, scope_of(mix))
    return canonical(fold(canonical(settled)))


def decide_strips(mix: Mix, facts: SongFacts) -> Mix:
    """Add the moves that shape each strip before its fader."""
    finished = replace(facts, is_premixed=True)
    for place, propose in enumerate(STRIP_TASKS):
        # Stems that come produced are compressed already, also where their balance is to be made anew.
        told = finished if facts.is_produced and propose is dynamics.propose else facts
        mix = _ask(mix, told, propose, order=(1 + place) * _ORDER_STEP, heard=None)
    if facts.is_produced:
        kept = tuple(move for move in mix.moves if not _squeezes_finished(move, facts))
        mix = fold(mix.model_copy(update={"moves": kept}))
    return _settled(mix)


def _squeezes_finished(move: Move, facts: SongFacts) -> bool:
    """Say whether a new move compresses or de-esses a produced stereo stem: its maker mixed it with its dynamics as they are."""
    change, track = move.change, move.where.track
    if move.task != "dynamics" or track is None or not isinstance(change, InsertChange) or move.state == "locked":
        return False
    by_engine = move.set_by == "engine" and isinstance(change.insert.processor, Compressor | DeEsser)
    return by_engine and facts[track].is_true_stereo


def ask_tasks(
    mix: Mix, facts: SongFacts, tasks: tuple[Propose, ...], *, track_id: str, heard: Mapping[str, Heard] | None = None
) -> Mix:
    """Let only some of the tasks propose, for one track."""
    brief = mix.brief
    mix = mix.model_copy(update={"brief": brief.model_copy(update={"touch": (track_id,)})})
    for propose in tasks:
        order = (1 + (*STRIP_TASKS, *MIX_TASKS).index(propose)) * _ORDER_STEP
        mix = _ask(mix, facts, propose, order=order, heard=heard)
    return _settled(mix.model_copy(update={"brief": brief}))


def decide_mix(mix: Mix, facts: SongFacts, heard: Mapping[str, Heard] | None, *, but: tuple[Propose, ...] = ()) -> Mix:
    """Add the moves that place the strips against each other, without some tasks.

    `heard` is what was measured of every strip before cuts for the sake of others; without it strips are predicted.
    """
    for place, propose in enumerate(MIX_TASKS):
        if propose in but:
            continue
        mix = _ask(mix, facts, propose, order=(1 + len(STRIP_TASKS) + place) * _ORDER_STEP, heard=heard)
    return _settled(promise_rest(work_on(mix, facts, heard)))


def ask_direction(mix: Mix, facts: SongFacts, heard: Mapping[str, Heard], sound: direction.MixSound) -> Mix:
    """Add the moves that references and moods ask for, by the mix as it sounds without them."""
    order = (1 + len(STRIP_TASKS) + len(MIX_TASKS)) * _ORDER_STEP
    mix = _ask(mix, facts, partial(direction.propose, sound=sound), order=order, heard=heard)
    return _settled(promise_rest(work_on(mix, facts, heard)))


def _settled(mix: Mix) -> Mix:
    """Return the mix as it will be read back."""
    return canonical(fold(canonical(mix)))


def predict_all(mix: Mix, facts: SongFacts) -> dict[str, Heard]:
    """Predict every strip before its cuts for the sake of others and its fader."""
    rate = facts.song.sample_rate_hz

    def bare(strip: Strip) -> Strip:
        return strip.model_copy(update={"inserts": tuple(i for i in strip.inserts if i.slot != "masking")})

    return {t.id: predict_heard(t, bare(mix.track(t.id).strip), sample_rate_hz=rate) for t in facts.tracks}


def work_on(mix: Mix, facts: SongFacts, heard: Mapping[str, Heard] | None) -> Work:
    """Return the state of the work, every strip as it sounds after what it gave up for others."""
    before = Work(facts=facts, mix=mix, heard=predict_all(mix, facts) if heard is None else heard)
    return replace(before, heard=masking.give_way(before))


def _ask(mix: Mix, facts: SongFacts, propose: Propose, *, order: int, heard: Mapping[str, Heard] | None) -> Mix:
    """Let one task propose, and fold what it says; an id that is there already keeps its state and its settings.

    A strip that a person edited by hand is theirs: moves on it would have no effect.
    """
    work = work_on(mix, facts, heard)
    there = {move.id for move in mix.moves}
    theirs = {move.where.track for move in applied_moves(mix.moves) if isinstance(move.change, StripEdit)}
    new: list[Move] = [
        _in_phase(move, mix.brief).model_copy(update={"order": order})
        for move in within_scope(work, list(propose(work)), scope_of(mix))
        if move.id not in there and move.where.track not in theirs
    ]
    return fold(mix.model_copy(update={"moves": (*mix.moves, *new)}))


def _in_phase(move: Move, brief: Brief) -> Move:
    """Return a band with the phase that the brief asks for."""
    if brief.phase == "minimum" or not isinstance(move.change, BandChange):
        return move
    return move.model_copy(update={"change": move.change.model_copy(update={"phase": brief.phase})})


def place_again(mix: Mix, facts: SongFacts, heard: Mapping[str, Heard]) -> Mix:
    """Make the moves that place the strips anew by what was heard, and those that let tracks give way for each other."""
    scope = scope_of(mix)
    kept = tuple(m for m in mix.moves if not _is_placing(m) or (scope is not None and not is_inside(m, scope)))
    return decide_mix(canonical(fold(mix.model_copy(update={"moves": kept}))), facts, heard)


def _is_placing(move: Move) -> bool:
    placing = move.task in ("balance", "masking", "panning", "space", "mastering") and not isinstance(
        move.change, RouteChange | BusChange
    )
    if move.task == "panning" and isinstance(move.change, InsertChange):
        return False  # a width is part of the strip that was heard
    if move.task in MOVING:  # what is only proposed is proposed anew
        return move.state != "locked" and move.set_by == "engine"
    return (placing or move.task == "space") and move.state == "accepted" and move.set_by == "engine"
