"""What would it take: the cheapest change set that reaches what a person asks for, and its price; applied only when asked."""

from pathlib import Path

import numpy as np

from tonmeister.document.fold import fold
from tonmeister.document.mix import Mix
from tonmeister.document.move import Evidence, Move
from tonmeister.document.scope import find_scope
from tonmeister.document.text import canonical
from tonmeister.engineer.decide import work_on
from tonmeister.engineer.documents import check_sources, load_mix, load_sources, save_mix
from tonmeister.engineer.rerender import render
from tonmeister.engineer.whatif_plans import Desk, Plan, find_plans, has_way
from tonmeister.engineer.whatif_words import Asked, Constraint, Wish, read_what_if
from tonmeister.errors import InputError
from tonmeister.files.cache import open_cache
from tonmeister.listen import recall_facts
from tonmeister.model import Model

_OTHERS_SHOWN = 3


class WhatIf(Model):
    """What it would take."""

    text: str
    wishes: tuple[Wish, ...]
    constraints: tuple[Constraint, ...]
    plan: Plan
    """The cheapest way, as predicted."""
    others: tuple[Plan, ...]
    """Dearer ways that would serve, too."""
    moves: tuple[str, ...] = ()
    """Ids of the moves that were added; empty unless it was applied."""
    misses: tuple[str, ...] = ()
    """Targets and budgets that the applied mix misses."""


def what_if(out: Path, text: str, *, apply: bool = False) -> WhatIf:
    """Return the cheapest change set for a wish in words; with `apply`, make it moves of the person and render.

    Raises:
        InputError: If the words are not understood, or nothing within the budget reaches them.
    """
    mix, cache = load_mix(out), open_cache()
    sources = load_sources(out, mix)
    asked = read_what_if(text, is_name=lambda said: _is_name(mix, said))
    check_sources(mix, sources, cache=cache)
    heard = work_on(mix, recall_facts(mix, sources, cache=cache), None).heard
    desk = Desk(mix, {name: one.erb_power.astype(np.float64).mean(axis=0) for name, one in heard.items()})
    for wish in asked.wishes:
        if not has_way(desk, wish):
            raise InputError(
                f"--what-if {text!r}: {wish.target} has no {wish.attribute} that can change by {wish.by_db:+g} dB (a single channel has no "
                "width, a track without sends no reverb); ask for something else."
            )
    plans = find_plans(desk, asked)
    if not plans:
        raise InputError(
            f"--what-if {text!r}: nothing reaches that within the budget {mix.budget.name!r} and what must stay; ask for less, "
            "or let more change."
        )
    found = WhatIf(
        text=text,
        wishes=asked.wishes,
        constraints=asked.constraints,
        plan=plans[0],
        others=tuple(plans[1 : 1 + _OTHERS_SHOWN]),
    )
    return _applied(out, mix, found, asked) if apply else found


def _is_name(mix: Mix, said: str) -> bool:
    try:
        return bool(find_scope(mix, (said,)).tracks)
    except InputError:
        return False


def _applied(out: Path, mix: Mix, found: WhatIf, asked: Asked) -> WhatIf:
    moves = _moves(mix, found, asked)
    changed = canonical(fold(mix.model_copy(update={"moves": (*mix.moves, *moves)})))
    save_mix(out, changed, why=f"what-if {found.text}")
    result = render(out)
    return found.model_copy(update={"moves": tuple(move.id for move in moves), "misses": result.misses})


def _moves(mix: Mix, found: WhatIf, asked: Asked) -> tuple[Move, ...]:
    """Return the changes as moves that the person set, behind all others."""
    number = 1 + len({move.id.split(".")[1] for move in mix.moves if move.id.startswith("what-if.")})
    order = max((move.order for move in mix.moves), default=0) + 1
    wanted = ", ".join(f"{wish.target} {wish.attribute} {wish.by_db:+g} dB" for wish in asked.wishes)
    because = Evidence(
        what=f"asked for: {wanted}; the cheapest of {1 + len(found.others)} ways", value=found.plan.price.total_db, unit="dB",
        source="the person: what-if",
    )  # fmt: skip
    return tuple(
        Move(
            id=f"what-if.{number}.{place}", task="communication", title=planned.title, where=planned.where, change=planned.change,
            because=(because,), order=order, set_by="person",
        )
        for place, planned in enumerate(found.plan.changes, start=1)
    )  # fmt: skip
