"""Where the mix was meant to go: its references and moods, and the mix, the aim and what came out in figures and one picture."""

import numpy as np

from tonmeister.deliver.markup import Markup, table, tag
from tonmeister.deliver.tones import draw_tones
from tonmeister.deliver.words import tell_number, tell_span
from tonmeister.document.direction import Direction, DirectionFigure
from tonmeister.document.mix import Brief, Mix
from tonmeister.knowledge.moods import moods


def render_direction(mix: Mix) -> Markup:
    """Return the section of the page; nothing without references and moods."""
    if mix.direction is None:
        return Markup()
    said = "Tone is told at one level, each region over the references' (without any: over the mix before); the mix before is without its master."
    parts = [
        tag("h2", "References and moods", id="heading-direction"), *_names(mix.brief), tag("p", said, class_="caption"),
        _table(mix.direction), _tones(mix.brief, mix.direction), *_unreached(mix.direction),
    ]  # fmt: skip
    return tag("section", *parts, id="direction", aria_labelledby="heading-direction")


def _names(brief: Brief) -> list[Markup]:
    """Return what the direction is made of, a line each."""
    known = moods()
    lines = [f"{one.name}, weight {one.weight:g}" + (f", {one.genre}" if one.genre else "") for one in brief.references]
    lines += [f"{name}: {known[name].meaning}" for name in brief.moods if name in known]
    how = ", ".join(f"{name} {share:.0%}" for name, share in brief.amounts.model_dump().items())
    followed = [tag("p", f"References are followed in {how}.")] if brief.references else []
    return [tag("ul", *(tag("li", line) for line in lines)), *followed]


def _table(direction: Direction) -> Markup:
    rows = [
        [one.dimension, one.what, _number(one, one.mix), _number(one, one.aim), _number(one, one.after), one.unit, _place(one)]
        for one in direction.figures if not one.out_of_reach and one.aim is not None
    ]  # fmt: skip
    headings = ("Dimension", "What", "Mix before", "Aim", "Finished", "Unit", "Where it strays most")
    return table(headings, rows, label="References and moods", numbers=frozenset({2, 3, 4}))


def _number(figure: DirectionFigure, value: float | None) -> str:
    return "–" if value is None else tell_number(value, digits=2 if figure.unit == "share" else 1)


def _place(figure: DirectionFigure) -> str:
    return "" if figure.start_s is None else tell_span(figure.start_s, figure.end_s)


def _tones(brief: Brief, direction: Direction) -> Markup:
    if not direction.tone_db:
        return Markup()
    told = [("Mix before", direction.tone_db)]
    told += [("Finished", direction.after_db)] if direction.after_db else []
    known = [
        (np.array(one.portrait.tone_db) - (one.portrait.integrated_lufs or 0.0), one.weight)
        for one in brief.references
        if one.portrait.tone_db
    ]
    if known:
        mean = np.average([levels for levels, _ in known], axis=0, weights=[weight for _, weight in known])
        told.append(("References", tuple(mean.tolist())))
    return draw_tones(told)


def _unreached(direction: Direction) -> list[Markup]:
    lines = [f"{one.what}{_hz(one)}: {one.out_of_reach}" for one in direction.figures if one.out_of_reach]
    return [tag("p", "Out of reach:"), tag("ul", *(tag("li", line) for line in lines))] if lines else []


def _hz(figure: DirectionFigure) -> str:
    return "" if figure.low_hz is None or figure.high_hz is None else f" ({figure.low_hz:.0f}–{figure.high_hz:.0f} Hz)"
