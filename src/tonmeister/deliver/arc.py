"""The arc of a song as a picture of its own: sections, how loud they are meant to be and are, and the lanes that do it."""

from collections.abc import Callable, Sequence
from math import ceil

from tonmeister.deliver.figures import ArcSection
from tonmeister.deliver.markup import Markup, join, table, tag
from tonmeister.deliver.words import tell_value
from tonmeister.document.lane import Lane
from tonmeister.document.mix import Mix
from tonmeister.document.move import FaderChange

_WIDTH, _LEFT, _RIGHT = 1000.0, 46.0, 8.0
_NAMES, _LEVELS, _LANES = 22.0, 150.0, 90.0
_LETTER = 6.6
_COLOURS = {"still": "#8a8f98", "planned": "#3b6fb6", "rendered": "#c4572d", "arc": "#3b6fb6", "ride": "#5b8c3a"}
_MOST_RIDES = 3
_MOST_TICKS = 7
_Across = Callable[[float], float]


def render_arc(mix: Mix, sections: Sequence[ArcSection]) -> Markup:
    """Return the picture with its heading, or the sentence that says why there is none."""
    heading = tag("h3", "The arc: planned and rendered", id="title-arc")
    if len(sections) < 2:
        said = "No sections were found, so there is no arc to show; only phrases are ridden."
        return tag("div", heading, tag("p", said, class_="absent"), class_="picture-absent")
    caption = (
        "Loudness of each section against their mean: without anything that moves, as planned with all lanes, and in mix.wav. "
        "Below: the lane of the arc and the rides of the leads, in dB."
    )
    return tag(
        "figure", heading, draw_arc(mix, sections), tag("figcaption", caption), _figures(sections), aria_labelledby="title-arc"
    )  # fmt: skip


def _figures(sections: Sequence[ArcSection]) -> Markup:
    """Return the same in numbers: what each section steps from the one before, as planned and as rendered, and how words stand out."""
    rows = []
    for place, section in enumerate(sections):
        before = sections[place - 1] if place else None
        planned = None if before is None else section.planned_lu - before.planned_lu
        both = before is not None and section.rendered_lu is not None and before.rendered_lu is not None
        rendered = (section.rendered_lu or 0.0) - (before.rendered_lu or 0.0) if both and before is not None else None
        rows.append([
            section.name, _signed(section.planned_lu, "LU"), _signed(section.rendered_lu, "LU"), _signed(planned, "LU"),
            _signed(rendered, "LU"), _signed(section.words_db, "dB"),
        ])  # fmt: skip
    headings = ("Section", "Planned", "mix.wav", "Step planned", "Step in mix.wav", "Words over the backing")
    return table(headings, rows, label="The arc in numbers", numbers=frozenset(range(1, 6)))


def _signed(value: float | None, unit: str) -> str:
    return "" if value is None else tell_value(value, unit, signed=True)


def draw_arc(mix: Mix, sections: Sequence[ArcSection]) -> Markup:
    """Return the picture as SVG that needs no style sheet."""
    end_s = max(mix.song.duration_s, sections[-1].end_s)

    def x(time_s: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * time_s / end_s

    levels = _levels(sections, x)
    lanes = _lanes(mix, x, end_s)
    height = _NAMES + _LEVELS + 24 + (_LANES + 20 if lanes else 0)
    names = [_name(section, x) for section in sections]
    return tag(
        "svg", *names, levels, lanes, viewBox=f"0 0 {_WIDTH:.0f} {height:.0f}", role="img", width="100%",
        aria_label=f"Arc over {len(sections)} sections", font_family="sans-serif", font_size="11", xmlns="http://www.w3.org/2000/svg",
    )  # fmt: skip


def _name(section: ArcSection, x: _Across) -> Markup:
    left, right = x(section.start_s), x(section.end_s)
    room = int((right - left - 6) / _LETTER)
    said = section.name if len(section.name) <= room else section.name[: max(0, room - 1)] + "…" if room > 3 else ""
    box = tag(
        "rect", tag("title", section.name), x=f"{left:.1f}", y="0", width=f"{max(0.0, right - left - 1):.1f}", height="18",
        fill="currentColor", opacity="0.12",
    )  # fmt: skip
    return join([box, tag("text", said, x=f"{left + 4:.1f}", y="13", fill="currentColor")])


def _levels(sections: Sequence[ArcSection], x: _Across) -> Markup:
    kinds: dict[str, list[float | None]] = {
        "still": [s.still_lu for s in sections], "planned": [s.planned_lu for s in sections],
        "rendered": [s.rendered_lu for s in sections],
    }  # fmt: skip
    values = [value for curve in kinds.values() for value in curve if value is not None]
    low = max(min(values), max(values) - 24) - 1
    y = _scale(low, max(values) + 1, _NAMES + _LEVELS, _NAMES + 4)
    drawn = [_axis(y, low, max(values) + 1)]
    for place, (kind, curve) in enumerate(kinds.items()):
        path, pen = "", "M"
        for section, value in zip(sections, curve, strict=True):
            if value is None:
                pen = "M"
                continue
            down = y(max(value, low))
            path += f"{pen}{x(section.start_s):.1f} {down:.1f}H{x(section.end_s):.1f}"
            pen = "L"
        drawn.append(_line(path, _COLOURS[kind], dash="5 3" if kind == "planned" else None))
        words = {"still": "without what moves", "planned": "planned, LU", "rendered": "mix.wav, LU"}[kind]
        drawn.append(_key(words, _COLOURS[kind], _LEFT + 170 * place, _NAMES + _LEVELS + 16))
    return join(drawn)


def _lanes(mix: Mix, x: _Across, end_s: float) -> Markup:
    """Return the lane of the arc and the rides of the leads, on one scale; nothing where nothing moves."""
    shown: list[tuple[str, str, Lane]] = []
    for move in mix.moves:
        if (
            move.state in ("accepted", "locked")
            and isinstance(move.change, FaderChange)
            and not move.change.change_db.is_constant
        ):
            if move.task == "pacing" and not any(kind == "arc" for kind, _, _ in shown):
                shown.append(("arc", "the arc, dB", move.change.change_db))
            elif move.id.endswith(".ride") and len(shown) < _MOST_RIDES:
                shown.append(("ride", f"{_track_name(mix, move.where.track)}, dB", move.change.change_db))
    if not shown:
        return Markup()
    values = [point.value for _, _, lane in shown for point in lane.points]
    top = _NAMES + _LEVELS + 28
    low, high = min(*values, -1.0) - 0.5, max(*values, 1.0) + 0.5
    y = _scale(low, high, top + _LANES - 16, top)
    drawn = [_axis(y, low, high)]
    for place, (kind, words, lane) in enumerate(shown):
        points = [(p.time_s, p.value) for p in lane.points] + [(end_s, lane.points[-1].value)]
        path = "".join(f"{'L' if number else 'M'}{x(t):.1f} {y(v):.1f}" for number, (t, v) in enumerate(points))
        drawn += [_line(path, _COLOURS[kind]), _key(words, _COLOURS[kind], _LEFT + 250 * place, top + _LANES)]
    return join(drawn)


def _track_name(mix: Mix, track_id: str | None) -> str:
    return next((track.name for track in mix.tracks if track.id == track_id), "")


def _scale(low: float, high: float, at_low: float, at_high: float) -> _Across:
    return lambda value: at_low + (at_high - at_low) * (value - low) / (high - low)


def _axis(y: _Across, low: float, high: float) -> Markup:
    step = next(size for size in (1, 2, 5, 10, 20) if (high - low) / size <= _MOST_TICKS)
    drawn = []
    for value in range(ceil(low / step) * step, int(high) + 1, step):
        down = f"{y(value):.1f}"
        drawn.append(
            tag(
                "line",
                x1=f"{_LEFT:.0f}",
                x2=f"{_WIDTH - _RIGHT:.0f}",
                y1=down,
                y2=down,
                stroke="currentColor",
                opacity="0.15",
            )
        )
        drawn.append(
            tag(
                "text",
                f"{value:+d}" if value else "0",
                x=f"{_LEFT - 6:.0f}",
                y=f"{y(value) + 4:.1f}",
                text_anchor="end",
                fill="currentColor",
            )
        )
    return join(drawn)


def _line(path: str, colour: str, *, dash: str | None = None) -> Markup:
    return tag("path", d=path, fill="none", stroke=colour, stroke_width="2", stroke_dasharray=dash)


def _key(words: str, colour: str, across: float, down: float) -> Markup:
    mark = tag("rect", x=f"{across:.0f}", y=f"{down - 8:.0f}", width="14", height="4", fill=colour)
    return join([mark, tag("text", words, x=f"{across + 20:.0f}", y=f"{down:.0f}", fill="currentColor")])
