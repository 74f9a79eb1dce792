"""Lines over time or frequency as plain SVG, for pages without a script."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from tonmeister.deliver.markup import Markup, join, tag

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 1000.0, 220.0, 52.0, 22.0
_MOST_TICKS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One curve; what is not finite is a gap."""

    words: str
    """What it is, under the picture."""
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    kind: str = "after"
    """Its class in the style: after, before or target."""


def draw_lines(
    lines: Sequence[Line], *, ticks: Sequence[tuple[float, str]], bounds: tuple[float, float], log_x: bool, label: str
) -> Markup:
    """Return curves on one scale, with ticks of the horizontal axis at (place, words); outside bounds they are held at them."""
    places = [float(value) for line in lines for value in (line.x.min(), line.x.max())]
    first, last = min(places), max(places)
    low, high = bounds

    def across(value: float) -> float:
        share = np.log(value / first) / np.log(last / first) if log_x else (value - first) / max(last - first, 1e-9)
        return _LEFT + (_WIDTH - _LEFT) * float(share)

    def down(value: float) -> float:
        return _HEIGHT * (high - min(max(value, low), high)) / (high - low)

    step = next(size for size in (1, 2, 5, 10, 20, 50) if (high - low) / size <= _MOST_TICKS)
    drawn = [
        join([
            tag("line", x1=f"{_LEFT:.0f}", x2=f"{_WIDTH:.0f}", y1=f"{down(value):.1f}", y2=f"{down(value):.1f}", class_="grid"),
            tag("text", f"{value:g}", x=f"{_LEFT - 6:.0f}", y=f"{down(value) + 4:.1f}", text_anchor="end"),
        ])
        for value in range(ceil(low / step) * step, int(high) + 1, step)
    ]  # fmt: skip
    drawn += [
        tag("text", words, x=f"{across(place):.1f}", y=f"{_HEIGHT + 16:.0f}", text_anchor="middle")
        for place, words in ticks
        if first <= place <= last
    ]
    for line in lines:
        path, pen = "", "M"
        for x, y in zip(line.x.tolist(), line.y.tolist(), strict=True):
            if not np.isfinite(y):
                pen = "M"
                continue
            path, pen = f"{path}{pen}{across(x):.1f} {down(y):.1f}", "L"
        drawn.append(tag("path", d=path, class_=f"line {line.kind}"))
    box = f"0 -6 {_WIDTH + 4:.0f} {_HEIGHT + _BOTTOM + 8:.0f}"
    picture = tag("div", tag("svg", join(drawn), viewBox=box, role="img", aria_label=label), class_="canvas")
    keys = [tag("span", tag("span", class_=f"key {line.kind}"), line.words) for line in lines]
    return join([picture, tag("p", *keys, class_="legend")])
