"""Line charts as SVG that need no script: curves over time or frequency, with a scale and a key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.deliver.markup import Markup, tag

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 1000.0, 260.0, 46.0, 10.0, 8.0, 44.0
COLOURS = ("#8a8f98", "#c4572d", "#3b6fb6", "#5b8c3a")
"""Before, after, reference, and what else there is; on light and dark ground alike."""
_MOST_POINTS = 900


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One curve of a chart."""

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    """NaN is a gap."""
    colour: str
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Axes:
    """What a chart spans."""

    low: float
    high: float
    """Of the upright axis."""
    step: float
    """Between two of its lines."""
    unit: str
    ticks: tuple[tuple[float, str], ...]
    """Places along the other axis, and what stands there."""
    log: bool = False
    """Whether the other axis is that of a logarithm."""


def draw_chart(lines: Sequence[Line], axes: Axes, *, label: str) -> Markup:
    """Return the chart; what lies outside the axes is cut at them."""
    across, up = _scales(lines, axes)
    levels = np.arange(np.ceil(axes.low / axes.step) * axes.step, axes.high + 1e-9, axes.step)
    ground = [_rule(up(level), f"{level:g}") for level in levels]
    ticks = [_tick(across(place), words) for place, words in axes.ticks]
    curves = [_curve(line, axes, across, up) for line in lines]
    keys = [_key(line, place) for place, line in enumerate(lines)]
    unit = tag("text", axes.unit, x="4", y=f"{_HEIGHT - _BOTTOM + 32:.0f}", fill="currentColor", opacity="0.7")
    return tag(
        "svg", *ground, *ticks, *curves, *keys, unit, viewBox=f"0 0 {_WIDTH:.0f} {_HEIGHT:.0f}", role="img", width="100%", aria_label=label,
        font_family="sans-serif", font_size="11", xmlns="http://www.w3.org/2000/svg",
    )  # fmt: skip


def _scales(lines: Sequence[Line], axes: Axes) -> tuple[Callable[[float], float], Callable[[float], float]]:
    first = min(float(line.x[0]) for line in lines)
    last = max(float(line.x[-1]) for line in lines)
    bend: Callable[[float], float] = (lambda x: float(np.log2(x))) if axes.log else float

    def across(x: float) -> float:
        share = (bend(x) - bend(first)) / max(bend(last) - bend(first), 1e-9)
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * share

    def up(y: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - _TOP) * (y - axes.low) / (axes.high - axes.low)

    return across, up


def _rule(y: float, words: str) -> Markup:
    line = tag("path", d=f"M{_LEFT:.0f} {y:.1f}H{_WIDTH - _RIGHT:.0f}", stroke="currentColor", opacity="0.15")
    said = tag("text", words, x=f"{_LEFT - 6:.0f}", y=f"{y + 4:.1f}", text_anchor="end", fill="currentColor")
    return tag("g", line, said)


def _tick(x: float, words: str) -> Markup:
    line = tag("path", d=f"M{x:.1f} {_TOP:.0f}V{_HEIGHT - _BOTTOM:.0f}", stroke="currentColor", opacity="0.08")
    said = tag(
        "text", words, x=f"{x:.1f}", y=f"{_HEIGHT - _BOTTOM + 16:.0f}", text_anchor="middle", fill="currentColor"
    )
    return tag("g", line, said)


def _curve(line: Line, axes: Axes, across: Callable[[float], float], up: Callable[[float], float]) -> Markup:
    thin = max(1, -(-line.x.size // _MOST_POINTS))
    path, pen = "", "M"
    for x, y in zip(line.x[::thin], line.y[::thin], strict=True):
        if not np.isfinite(y):
            pen = "M"
            continue
        path += f"{pen}{across(float(x)):.1f} {up(float(np.clip(y, axes.low, axes.high))):.1f}"
        pen = "L"
    return tag(
        "path", d=path or f"M{_LEFT:.0f} {_TOP:.0f}", fill="none", stroke=line.colour, stroke_width="1.6", stroke_linejoin="round",
        stroke_dasharray="5 4" if line.dashed else None,
    )  # fmt: skip


def _key(line: Line, place: int) -> Markup:
    x, y = _LEFT + 220 * place, _HEIGHT - 6
    mark = tag(
        "path",
        d=f"M{x:.0f} {y - 4:.0f}h18",
        stroke=line.colour,
        stroke_width="3",
        stroke_dasharray="5 4" if line.dashed else None,
    )
    return tag("g", mark, tag("text", line.name, x=f"{x + 24:.0f}", y=f"{y:.0f}", fill="currentColor"))
