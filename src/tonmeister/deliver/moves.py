"""The moves as HTML: one line each that opens to evidence, promise, effect and what to type."""

import shlex

from tonmeister.deliver.markup import Markup, bar, join, table, tag
from tonmeister.deliver.strength import measure_strength_db
from tonmeister.deliver.words import SPACE, tell_change, tell_name, tell_number, tell_span, tell_value, tell_where
from tonmeister.document.mix import Mix
from tonmeister.document.move import Evidence, Expectation, Measurement, Move

_SCOPES = {"strip": "on the strip", "mix": "in the mix", "master": "on the master"}
_FULL_BAR_DB = 6.0


def render_moves(mix: Mix) -> Markup:
    """Return every move, grouped by task in the order of the work, strongest first within each."""
    if not mix.moves:
        return tag("p", "No moves: the mix is as it came in.", class_="absent")
    tasks = list(dict.fromkeys(move.task for move in sorted(mix.moves, key=lambda move: move.order)))
    return join(_group(task, mix) for task in tasks)


def _group(task: str, mix: Mix) -> Markup:
    places = [place for place, move in enumerate(mix.moves) if move.task == task]
    places.sort(key=lambda place: (-round(measure_strength_db(mix.moves[place]), 2), mix.moves[place].order, place))
    heading = tag("h3", tell_name(task).capitalize(), " ", tag("small", str(len(places))))
    return tag("section", heading, *(_move(place, mix) for place in places), class_="group")


def _move(place: int, mix: Mix) -> Markup:
    move = mix.moves[place]
    return tag(
        "details", _summary(move, mix), tag("div", *_body(move), class_="body"),
        class_=f"move {move.state}", id=f"move-{move.id}", data_index=place,
    )  # fmt: skip


def _summary(move: Move, mix: Mix) -> Markup:
    strength = measure_strength_db(move)
    known = [tell_number(strength), bar(strength / _FULL_BAR_DB, label=f"strength {strength:.1f} dB")]
    return tag(
        "summary",
        tag("span", *(known if strength else ["–"]), class_="size", title="Strength in dB"),
        tag(
            "span", tag("b", move.title), " ",
            tag("span", tell_where(move.where, mix), class_="where"),
            tag("span", _tell_evidence(move.because[0]), class_="why"), class_="what",
        ),
        tag("span", tell_change(move.change, mix), class_="change"),
        tag("span", _effect(move), class_="effect"),
        tag("span", _state(move), class_="state"),
    )  # fmt: skip


def _state(move: Move) -> Markup:
    by = "" if move.set_by == "engine" else f" by {move.set_by}"
    sure = tag("span", f"{move.confidence * 100:.0f} % sure", class_="sure")
    return join([tag("span", move.state + by, class_=f"badge {move.state}"), sure])


def _effect(move: Move) -> Markup:
    """Return the change of the metric in short: measured if it was, else promised."""
    expects, measured = move.expects, move.measured
    if expects is None:
        return tag("span", "no promise", class_="quiet")
    before = expects.before if measured is None or measured.before is None else measured.before
    after = expects.value if measured is None else measured.value
    first = "" if before is None else f"{_bare(before, expects.unit)} → "
    return join([tag("span", f"{first}{tell_value(after, expects.unit)}", class_="figures"), _verdict(measured)])


def _verdict(measured: Measurement | None) -> Markup:
    if measured is None:
        return tag("span", "promised, not measured", class_="quiet")
    return tag("span", "✓ kept" if measured.kept else "✗ missed", class_="kept" if measured.kept else "missed")


def _bare(value: float, unit: str) -> str:
    return tell_value(value, unit).removesuffix(f"{SPACE}{unit}")


def _tell_evidence(evidence: Evidence) -> str:
    limit = "" if evidence.limit is None else f" against {tell_value(evidence.limit, evidence.unit)}"
    return f"{evidence.what}: {tell_value(evidence.value, evidence.unit)}{limit}"


def _body(move: Move) -> list[Markup]:
    parts = [tag("h4", "Why"), _evidence(move.because), tag("h4", "Promise and effect"), _promise(move)]
    if move.alternatives:
        others = [tag("li", tag("b", other.title), f": {other.trade_off}") for other in move.alternatives]
        parts += [tag("h4", "Would serve too"), tag("ul", *others)]
    if move.depends_on:
        links = [tag("a", name, href=f"#move-{name}", class_="to-move") for name in move.depends_on]
        parts.append(tag("p", "Makes sense only with ", join(links, ", "), "."))
    parts.append(_commands(move))
    return parts


def _evidence(because: tuple[Evidence, ...]) -> Markup:
    rows = [
        [
            piece.what, tell_value(piece.value, piece.unit),
            "" if piece.limit is None else tell_value(piece.limit, piece.unit),
            tell_span(piece.start_s, piece.end_s) or "whole song", piece.source,
        ]
        for piece in because
    ]  # fmt: skip
    headings = ("Measured", "Found", "Held against", "When", "Where that comes from")
    return table(headings, rows, label="Evidence", numbers=frozenset({1, 2}))


def _promise(move: Move) -> Markup:
    expects, measured = move.expects, move.measured
    if expects is None:
        return tag("p", "It promises no figure.")
    tolerance = f"± {tell_value(expects.tolerance, expects.unit)}"
    promised = "" if expects.before is None else f"{tell_value(expects.before, expects.unit)} without, "
    promised += f"{tell_value(expects.value, expects.unit)} {tolerance} with it"
    if measured is None:
        found: str = "not measured"
    else:
        found = "" if measured.before is None else f"{tell_value(measured.before, expects.unit)} without, "
        found += f"{tell_value(measured.value, expects.unit)} with it"
    rows = [[_tell_metric(expects), promised, found, _verdict(measured)]]
    return table(("Metric", "Promised", "Measured", ""), rows, label="Promise and effect", numbers=frozenset())


def _tell_metric(expects: Expectation) -> str:
    band = ""
    if expects.low_hz is not None and expects.high_hz is not None:
        band = f", {tell_value(expects.low_hz, 'Hz')}–{tell_value(expects.high_hz, 'Hz')}"
    return f"{tell_name(expects.metric)} {_SCOPES[expects.scope]}{band}"


def _commands(move: Move) -> Markup:
    verb = "reject" if move.state in ("accepted", "locked") else "accept"
    command = f"tonmeister moves OUT {verb} {shlex.quote(move.id)}"
    return tag(
        "p", tag("code", move.id), _copy(move.id, "Copy id"), tag("code", command, class_="command"),
        _copy(command, f"Copy command to {verb}"), class_="commands",
    )  # fmt: skip


def _copy(text: str, label: str) -> Markup:
    return tag("button", label, type="button", class_="copy needs-script", data_copy=text, hidden="")
