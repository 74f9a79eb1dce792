"""HTML that escapes by itself: whatever is no Markup is text, wherever it came from."""

from collections.abc import Iterable
from html import escape


class Markup(str):
    """Text that is HTML already; everything else is escaped on its way into a page."""

    __slots__ = ()


def tag(name: str, *children: str, **attributes: str | float | None) -> Markup:
    """Return an element; `class_` gives `class`, an underscore a hyphen, None no attribute at all."""
    written = "".join(map(_attribute, attributes, attributes.values()))
    return Markup(f"<{name}{written}>{join(children)}</{name}>")


def join(parts: Iterable[str], separator: str = "") -> Markup:
    """Return parts one after the other, escaped where they are plain text."""
    return Markup(_safe(separator).join(_safe(part) for part in parts))


def table(headings: Iterable[str], rows: Iterable[Iterable[str]], *, label: str, numbers: frozenset[int]) -> Markup:
    """Return a table that scrolls by itself on a narrow screen; `numbers` are the columns set to the right."""

    def cells(name: str, row: Iterable[str]) -> Markup:
        return join(
            tag(name, cell, class_="number" if place in numbers else None, scope="col" if name == "th" else None)
            for place, cell in enumerate(row)
        )

    head = tag("thead", tag("tr", cells("th", headings)))
    body = tag("tbody", *(tag("tr", cells("td", row)) for row in rows))
    return tag("div", tag("table", head, body), class_="scroll", role="region", aria_label=label, tabindex="0")


def bar(share: float, *, label: str, warns: bool = False) -> Markup:
    """Return a small bar, filled by a share; more than 1 fills it."""
    filled = f"{100 * min(1.0, max(0.0, share)):.1f}"
    ground = tag("rect", width="100", height="6", class_="ground")
    fill = tag("rect", width=filled, height="6", class_="over" if warns else "fill")
    return tag(
        "svg", ground, fill, class_="bar", viewBox="0 0 100 6", preserveAspectRatio="none", role="img", aria_label=label
    )


def picture(name: str, *, title: str, caption: str, absent: str | None) -> Markup:
    """Return the place of a picture that the script paints, or the sentence that says why there is none."""
    heading = tag("h3", title, id=f"title-{name}")
    if absent is not None:
        return tag("div", heading, tag("p", absent, class_="absent"), class_="picture-absent")
    legend = tag("figcaption", caption)
    canvas = tag("div", class_="canvas", id=f"picture-{name}")
    return tag("figure", heading, canvas, legend, aria_labelledby=f"title-{name}")


def _attribute(key: str, value: str | float | None) -> str:
    if value is None:
        return ""
    name = key if key in ("viewBox", "preserveAspectRatio") else key.rstrip("_").replace("_", "-")
    return f' {name}="{escape(str(value))}"'


def _safe(text: str) -> str:
    return text if isinstance(text, Markup) else escape(text)
