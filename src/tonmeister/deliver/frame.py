"""What every page is made in: its parts from the package, one script, and a policy that lets nothing else run."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from string import Template

from tonmeister.deliver.markup import Markup, tag

_TRANSPORT = Markup('  <div id="transport" class="transport" hidden></div>\n')
_STATUS = Markup('<p id="said" class="said" role="status"></p>\n')


@dataclass(frozen=True, slots=True)
class Page:
    """What one kind of page has around its parts."""

    template: str
    """Its sections, in `page/`."""
    kind: str
    """Over its title."""
    suffix: str
    """Behind the title in the browser's bar."""
    skip_to: str
    """What the first link leads to, in words."""
    links: tuple[tuple[str, str], ...]
    """Id and name of each section that the bar leads to."""
    foot: str
    """What is said at the end, one sentence."""
    scripts: tuple[str, ...] = ()
    has_player: bool = False
    """Whether the bar holds a player."""


def fill_page(page: Page, parts: Mapping[str, str], *, below_title: str = "", data: str | None = None) -> str:
    """Return a page as HTML text, its style and scripts inside; parts, below_title and data (JSON for its scripts) are HTML already."""
    style, script = read_part("report.css"), join_scripts(page.scripts)
    links = [Markup("    ") + tag("a", words, href=f"#{section}") for section, words in page.links]
    island = "" if data is None else f'<script type="application/json" id="figures">{data}</script>\n'
    own = {
        "policy": write_policy(style, script), "style": style, "script": script, "title": parts["title"], "facts": parts["facts"],
        "kind": escape(page.kind), "suffix": escape(page.suffix), "first": page.links[0][0], "skip_to": escape(page.skip_to),
        "links": "\n".join(links), "foot": escape(page.foot), "below_title": below_title and f"  {below_title}\n",
        "transport": _TRANSPORT if page.has_player else "", "after": (_STATUS if page.has_player else "") + island,
        "main": Template(read_part(page.template)).substitute(parts),
    }  # fmt: skip
    return Template(read_part("frame.html")).substitute(own)


def read_part(name: str) -> str:
    """Return a file of the page's parts."""
    return files(__package__).joinpath("page", name).read_text("utf-8")


def join_scripts(names: Iterable[str]) -> str:
    """Return scripts as one function, so that no name leaks."""
    return '(() => {\n"use strict";\n' + "\n".join(read_part(name) for name in names) + "})();\n"


def write_policy(style: str, script: str) -> str:
    """Return a policy that forbids the browser every connection, and every script and style but ours."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; media-src data:; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
