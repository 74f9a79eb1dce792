"""A voice's chain from the recording to the mix: every step in the order in which it runs, with its reason."""

from tonmeister.deliver.markup import Markup, join, tag
from tonmeister.deliver.words import tell_change, tell_insert, tell_lane, tell_pan, tell_value
from tonmeister.document.fold import applied_moves
from tonmeister.document.mix import Mix, Track
from tonmeister.document.move import (
    BandChange,
    DelayChange,
    FaderChange,
    InsertChange,
    Move,
    PanChange,
    PolarityChange,
    SendChange,
    TrimChange,
)
from tonmeister.document.strip import Insert
from tonmeister.model import Model


class Step(Model):
    """One step of a chain."""

    what: str
    """Its settings in words."""
    why: str
    """What was measured; empty where no move stands behind it (a hand edit)."""
    move: str | None = None
    """Id of the move."""


class Chain(Model):
    """What happens to one track, in order."""

    track: str
    """Track id."""
    name: str
    role: str
    steps: tuple[Step, ...]


def vocal_chains(mix: Mix) -> tuple[Chain, ...]:
    """Return the chain of every voice in the mix, leads first."""
    voices = [track for track in mix.tracks if track.used and track.family == "vocal"]
    return tuple(chain_of(mix, track) for track in sorted(voices, key=lambda track: -track.priority))


def chain_of(mix: Mix, track: Track) -> Chain:
    """Return what happens to a track: polarity, time and trim, inserts, fader, pan, sends."""
    moves = [move for move in applied_moves(mix.moves) if move.where.track == track.id]
    before = [_of_move(m, mix) for m in moves if isinstance(m.change, PolarityChange | DelayChange | TrimChange)]
    inserts = [step for insert in track.strip.inserts for step in _of_insert(insert, moves, mix)]
    placed = [_of_move(m, mix) for m in moves if isinstance(m.change, FaderChange | PanChange | SendChange)]
    if not any(isinstance(m.change, PanChange) for m in moves):
        placed.append(Step(what=f"Pan {tell_lane(track.strip.pan, tell_pan)}", why=""))
    return Chain(track=track.id, name=track.name, role=track.role, steps=(*before, *inserts, *placed))


def _of_insert(insert: Insert, moves: list[Move], mix: Mix) -> list[Step]:
    """Return one step for a processor, one for each band of an equaliser that moves made."""
    bands = [m for m in moves if isinstance(m.change, BandChange) and f"{m.change.slot}-eq" == insert.id]
    if bands:
        return [_of_move(move, mix) for move in bands]
    made = [m for m in moves if isinstance(m.change, InsertChange) and m.change.insert.id == insert.id]
    if made:
        return [_of_move(made[-1], mix)]
    return [Step(what=tell_insert(insert, mix), why="")]


def _of_move(move: Move, mix: Mix) -> Step:
    return Step(what=tell_change(move.change, mix), why=f"{move.title}: {_because(move)}", move=move.id)


def _because(move: Move) -> str:
    first = move.because[0]
    limit = "" if first.limit is None else f", limit {tell_value(first.limit, first.unit)}"
    return f"{first.what} {tell_value(first.value, first.unit)}{limit}"


def render_chains(mix: Mix) -> Markup:
    """Return the chain of every voice as a list in its order; nothing without voices."""
    chains = vocal_chains(mix)
    if not chains:
        return Markup()
    return join([tag("h3", "Vocal chains"), *(_render(chain) for chain in chains)])


def _render(chain: Chain) -> Markup:
    items = [tag("li", tag("b", step.what), " ", tag("span", step.why, class_="quiet")) for step in chain.steps]
    heading = tag("summary", tag("b", chain.name), f" {chain.role}, {len(chain.steps)} steps")
    return tag("details", heading, tag("ol", *items))
