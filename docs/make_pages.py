"""Write the pages that say what the code says: run `python docs/make_pages.py` after a change; a test compares."""  # noqa: INP001 - run by its path, imported by nobody

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from tonmeister.apps.cli.main import COMMANDS
from tonmeister.document.direction import Amounts, Direction, DirectionFigure, Reference
from tonmeister.document.lane import Lane, Point
from tonmeister.document.mix import Brief, Budget, BudgetUse, Engine, Mix, Section, Song, TempoChange, Track
from tonmeister.document.move import Alternative, Change, Evidence, Expectation, Measurement, Move, Where
from tonmeister.document.strip import Bus, Insert, MasterChain, Send, Strip
from tonmeister.document.text import schema
from tonmeister.document.wishes import TrackWish
from tonmeister.knowledge import numbers, roles, sources, targets
from tonmeister.knowledge.characters import characters
from tonmeister.knowledge.genres import genres
from tonmeister.knowledge.moods import moods
from tonmeister.knowledge.platforms import platforms
from tonmeister.knowledge.playback import devices
from tonmeister.knowledge.rows import names, table
from tonmeister.knowledge.session_notes import session_notes
from tonmeister.knowledge.stock_plugins import DAWS, StockPlugin, stock_plugins
from tonmeister.knowledge.tone import regions
from tonmeister.model import field_meanings
from tonmeister.processing import Band, DynamicBand, Processor

DOCS = Path(__file__).parent
MADE = "<!-- Made by docs/make_pages.py; change the code, then run that. -->\n"
WIDTH = "100"
"""Columns of the terminal in which the help is printed."""

DOCUMENT = (
    Mix, Song, TempoChange, Section, Track, Strip, Insert, Send, Bus, MasterChain, Lane, Point, Move, Where, Evidence, Expectation,
    Measurement, Alternative, Budget, BudgetUse, Brief, Reference, Amounts, Direction, DirectionFigure, Engine,
)  # fmt: skip


def make_pages() -> dict[str, str]:
    """Return all generated pages by file name."""
    return {
        "commands.md": commands_page(),
        "processing.md": processing_page(),
        "knowledge.md": knowledge_page(),
        "document-fields.md": document_page(),
        "session-formats.md": sessions_page(),
        "mix.schema.json": json.dumps(schema(), indent=1, ensure_ascii=False) + "\n",
    }


def commands_page() -> str:
    """Return the help of every command, as a person sees it."""
    parts = [
        MADE + "# Commands\n",
        (
            "What `--help` prints. Exit codes: 0 done; 2 wrong input, with one sentence that says what, where and what to do;\n"
            "3 finished, but a target, a budget or a track was missed; 130 stopped by you; 1 a fault of ours.\n"
        ),
        _shown("tonmeister", ["--help"]),
    ]
    for commands in COMMANDS.values():
        for command in commands:
            name = command.__name__
            parts.append(f"## {name}\n\n" + _shown(f"tonmeister {name}", [name, "--help"]))
    return "\n".join(parts)


def _shown(typed: str, arguments: Sequence[str]) -> str:
    program = "from tonmeister.apps.cli import main; main()"
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program, *arguments], capture_output=True, check=True, encoding="utf-8",
        env={**os.environ, "COLUMNS": WIDTH, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    return f"```\n$ {typed} --help\n{done.stdout}```\n"


def processing_page() -> str:
    """Return a table of settings for each processor."""
    parts = [
        MADE + "# Processors\n",
        (
            "What can be an insert of a strip, a bus or the master: `processor.kind` in `mix.json` says which, the other fields\n"
            "are its settings. The unit is in the name. Each is a frozen model in `tonmeister.processing`, and a function of\n"
            "audio and settings in the module of its name.\n"
        ),
    ]
    for settings in (*get_args(Processor), Band, DynamicBand):
        parts.append(_model(settings, heading=_kind(settings)))
    return "\n".join(parts)


def _kind(settings: type[BaseModel]) -> str:
    kind = settings.model_fields.get("kind")
    return settings.__name__ if kind is None else f"{settings.__name__}: `{kind.default}`"


def document_page() -> str:
    """Return a table of fields for each part of the mix document."""
    parts = [
        MADE + "# Fields of the mix document\n",
        (
            "Every part of `mix.json`. How they work together stands in [The mix document](mix-document.md); the same for\n"
            "programs in [mix.schema.json](mix.schema.json), which `tonmeister schema` prints.\n"
        ),
        *(_model(part, heading=part.__name__) for part in DOCUMENT),
        "## Changes\n\nWhat a move can do: `change.kind`, and the fields beside it.\n",
        *(_model(change, heading=_kind(change), level=3) for change in get_args(get_args(Change)[0])),
        "## A row of the roles file\n",
        _model(TrackWish, heading="TrackWish", level=3),
    ]
    return "\n".join(parts)


def _model(model: type[BaseModel], *, heading: str, level: int = 2) -> str:
    described = model.model_json_schema(ref_template="{model}")
    rows = [
        (f"`{name}`", _values(field), _default(model, name), field.get("description", ""))
        for name, field in described.get("properties", {}).items()
        if name != "kind"
    ]
    text = f"{'#' * level} {heading}\n\n{(model.__doc__ or '').strip()}\n"
    return text + ("\n" + _table(("field", "values", "default", "meaning"), rows) if rows else "")


def _values(field: Mapping[str, Any]) -> str:
    """Return what a field may hold, in words."""
    choices = field.get("anyOf") or field.get("oneOf")
    if choices:
        return " or ".join(dict.fromkeys(_values(choice) for choice in choices))
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    if "$ref" in field:
        return str(field["$ref"])
    if field.get("type") == "array":
        most = f", at most {field['maxItems']}" if "maxItems" in field else ""
        return f"list of {_values(field.get('items', {}))}{most}"
    return _range(field) or {"number": "number", "integer": "whole number", "string": "text", "boolean": "true, false", "null": "null"}.get(
        str(field.get("type")), "any"
    )  # fmt: skip


def _range(field: Mapping[str, Any]) -> str:
    low, high = (field.get(name) for name in ("minimum", "maximum"))
    if "exclusiveMinimum" in field:
        return f"over {field['exclusiveMinimum']:g}"
    if low is None and high is None:
        return ""
    return f"{low:g} … {high:g}" if high is not None and low is not None else f"{low:g} or more"


def _default(model: type[BaseModel], name: str) -> str:
    field = model.model_fields[name]
    if field.is_required():
        return "must be given"
    value = field.get_default(call_default_factory=True)
    if value is None:
        return "null"
    if isinstance(value, Lane):
        return f"{value.points[0].value:g} throughout"
    if isinstance(value, BaseModel):
        return _told(value)
    return "none" if value == () else "empty" if value == "" else _cell(value)


def _told(value: BaseModel) -> str:
    """Return the settings of a model that are not its own defaults."""
    changed = value.model_dump(exclude_defaults=True)
    return ", ".join(f"{name} {_cell(item)}" for name, item in changed.items()) or "its defaults"


def knowledge_page() -> str:
    """Return every number with unit, source and meaning."""
    groups = dict.fromkeys(name.partition(".")[0] for name in numbers())
    parts = [
        MADE + "# Numbers\n",
        (
            "Every number that a task uses, by task. A guess is ours: a default that stands until a test on real songs speaks\n"
            "against it. The files are TOML, in `src/tonmeister/knowledge/`.\n"
        ),
    ]
    for group in groups:
        rows = [
            (f"`{name}`", f"{row.value:g} {row.unit}", row.meaning, _source(row.source))
            for name, row in numbers().items()
            if name.partition(".")[0] == group
        ]
        parts.append(f"## {group}\n\n" + _table(("number", "value", "meaning", "source"), rows))
    parts += [
        _rows("Roles", "What the mix does by default with a track of a role.", "role", roles()),
        _rows("Delivery targets", "What `--target` knows by name.", "target", targets()),
        _rows("Platforms", "What services and broadcasters do with a file, for `check`.", "platform", platforms()),
        _rows(
            "Loudspeakers",
            "Kinds of devices, for `check`; `hz` and `db` are the points of their curve.",
            "device",
            devices(),
        ),
        _rows("Characters of a master", "What `--character` knows by name.", "character", characters()),
        _rows(
            "Regions of the tone",
            "Broad regions in which a master is held against released music.",
            "region",
            regions(),
        ),
        _rows("Moods", "What `--mood` knows by name: changes of the mix as it is.", "mood", moods()),
        _rows("Genres", "What a genre changes; what is empty is as without a genre.", "genre", genres()),
        "## Budgets\n\nWhat `--budget` knows by name: how far the engine may go.\n\n" + _budgets(),
        "## Words of track names\n\nThe longest phrase wins, then a word that names before one that describes, then the first row.\n\n"
        + _table(
            ("role", "the words", "phrases"),
            [(row.role, "describe" if row.weak else "name", ", ".join(row.words)) for row in names()],
        ),
        "## Mean spectra\n\nThird octaves in dB against their own maximum; straight lines over log frequency between.\n\n"
        + _table(("family", "points (Hz: dB)"), list(_curves())),
        "## Sources\n\n"
        + _table(("key", "kind", "reference"), [(f"`{key}`", row.kind, row.text) for key, row in sources().items()]),
    ]
    return "\n".join(parts)


def _source(key: str) -> str:
    return f"{sources()[key].kind} `{key}`"


def _rows(title: str, meaning: str, what: str, rows: Mapping[str, BaseModel]) -> str:
    """Return a table of rows of one model, and what its columns mean."""
    model = type(next(iter(rows.values())))
    fields = model.model_fields
    told = [f"- `{name}`: {meaning}" for name, meaning in field_meanings(model).items()]
    cells = [(name, *(_cell(getattr(row, field)).strip("`") for field in fields)) for name, row in rows.items()]
    explained = "\n".join(told) + "\n\n" if told else ""
    return f"## {title}\n\n{meaning}\n\n{explained}" + _table((what, *fields), cells)


def _budgets() -> str:
    known = {name: Budget(name=name, **row) for name, row in table("budgets").items()}
    meanings = field_meanings(Budget)
    rows = [
        (f"`{name}`", *(_cell(getattr(row, name)) for row in known.values()), meanings.get(name, ""))
        for name in Budget.model_fields
        if name != "name"
    ]
    return _table(("field", *known, "meaning"), rows)


def _curves() -> Iterable[tuple[str, str]]:
    for family, row in table("curves").items():
        if isinstance(row, Mapping):
            yield family, ", ".join(f"{hz:g}: {db:g}" for hz, db in zip(row["hz"], row["db"], strict=True))


def sessions_page() -> str:
    """Return what stands behind each session format, and the rows of stock plugins."""
    parts = [
        MADE + "# Session formats\n",
        (
            "What sessions were validated against, what only the DAW can tell, and what to look at when one is opened for the first time;\n"
            "`tonmeister doctor` shows the same. How they are made: [Sessions out](sessions.md).\n"
        ),
    ]
    for name, notes in session_notes().items():
        lines = [f"## {name}\n", f"{notes.title}. Open {notes.opens}.\n"]
        for title, sentences in (
            ("Validated", notes.validated),
            ("Only the DAW can tell", notes.only_the_daw),
            ("Check", notes.check),
        ):
            lines.append(f"{title}:\n\n" + "".join(f"- {sentence}\n" for sentence in sentences))
        parts.append("\n".join(lines))
    parts.append("## Stock plugins\n\nWhat recipe pages say, from the sources in [Numbers](knowledge.md).\n")
    for daw, rows in stock_plugins().items():
        told = [[f"`{kind}`", row.plugin, _controls(row), row.note, _source(row.source)] for kind, row in rows.items()]
        parts.append(f"### {DAWS[daw]}\n\n" + _table(["ours", "plugin", "controls", "note", "source"], told))
    return "\n".join(parts)


def _controls(row: StockPlugin) -> str:
    """Return the controls of a plugin with their reach."""
    told = []
    for control in row.controls.values():
        known = control.least is not None and control.most is not None
        reach = f" {control.least:g} to {control.most:g}" if known else ""
        told.append(f"{control.name}{reach}{f' {control.unit}' if control.unit else ''}")
    return ", ".join(told)


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |\n" for line in lines
    )


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:.4g}"
    return "null" if value is None else f"`{value}`" if isinstance(value, str) else ", ".join(map(_cell, value))


def main() -> None:
    """Write the pages."""
    for name, text in make_pages().items():
        (DOCS / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
