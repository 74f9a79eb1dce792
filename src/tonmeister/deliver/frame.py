"""What every page is made in: its parts from the package, one script, and a policy that lets nothing else run."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from string import Template


def fill_page(template: str, scripts: Iterable[str], parts: Mapping[str, str]) -> str:
    """Return a page as HTML text, its style and scripts inside; `parts` are HTML already."""
    style, script = read_part("report.css"), join_scripts(scripts)
    own = {"policy": write_policy(style, script), "style": style, "script": script}
    return Template(read_part(template)).substitute(own | dict(parts))


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
