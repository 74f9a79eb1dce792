"""The pages say what the code says: none is out of date, no link is broken, every command in them is one that works."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer.main
from pydantic import BaseModel

import tonmeister
from docs.make_pages import make_pages
from tonmeister.apps.cli.main import app
from tonmeister.document.move import Metric
from tonmeister.knowledge import numbers
from tonmeister.model import field_meanings
from tonmeister.processing import Band, DynamicBand, Processor

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
WRITTEN = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md")])
SETTINGS: tuple[type[BaseModel], ...] = (*get_args(Processor), Band, DynamicBand)
EXTERNAL = re.compile(r"https?://|mailto:")


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return make_pages()


@pytest.mark.parametrize(
    "name",
    ["commands.md", "processing.md", "knowledge.md", "document-fields.md", "mix.schema.json", "session-formats.md"],
)
def test_a_made_page_is_current(name: str, pages: dict[str, str]) -> None:
    """Run `python docs/make_pages.py` when this fails."""
    assert (DOCS / name).read_text("utf-8") == pages[name]


def test_every_made_page_is_compared(pages: dict[str, str]) -> None:
    assert sorted(pages) == [
        "commands.md",
        "document-fields.md",
        "knowledge.md",
        "mix.schema.json",
        "processing.md",
        "session-formats.md",
    ]


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda settings: settings.__name__)
def test_every_setting_has_a_meaning_and_an_entry(settings: type[BaseModel], pages: dict[str, str]) -> None:
    section = pages["processing.md"].split(f"## {settings.__name__}")[1].split("\n## ")[0]
    for name in settings.model_fields:
        if name != "kind":
            assert field_meanings(settings)[name]
            assert f"| `{name}` |" in section


def test_every_command_has_an_entry(pages: dict[str, str]) -> None:
    assert [name for name in _commands() if f"\n## {name}\n" not in pages["commands.md"]] == []


def test_every_number_has_an_entry(pages: dict[str, str]) -> None:
    assert [name for name in numbers() if f"| `{name}` |" not in pages["knowledge.md"]] == []


def test_every_metric_is_explained_with_unit_scope_and_who_promises_it() -> None:
    rows = {row[0].strip("` "): row for row in _table_rows(DOCS / "metrics.md")}
    assert set(rows) == set(get_args(Metric))
    tasks = ROOT / "src/tonmeister/tasks"
    for path in sorted(tasks.rglob("*.py")):
        for metric in re.findall(r'metric="(\w+)"', path.read_text("utf-8")):
            assert path.relative_to(tasks).with_suffix("").parts[0] in rows[metric][4], metric
    for name, row in rows.items():
        promised = [task.strip() for task in row[4].split(",") if task.strip() != "nobody yet"]
        for task in promised:
            files = [tasks / f"{task}.py", *(tasks / task).glob("*.py")]
            assert any(f'metric="{name}"' in path.read_text("utf-8") for path in files if path.exists())


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if EXTERNAL.match(link):
            continue
        place, _, heading = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        if not target.exists() or (heading and heading not in _headings(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_every_command_line_in_a_page_is_one_that_the_program_takes(page: Path) -> None:
    for line in _command_lines(page):
        name, *arguments = shlex.split(line, comments=True)[1:]
        command = _commands()[name]
        command.make_context(name, arguments)  # raises where an option or an argument is wrong


def test_the_guide_calls_the_program_at_least_ten_times() -> None:
    """So that the test above has something to fail on."""
    assert len(list(_command_lines(DOCS / "getting-started.md"))) >= 10


@pytest.mark.parametrize("page", [page for page in WRITTEN if page.name != "style.md"], ids=lambda page: page.name)
def test_python_in_a_page_compiles_and_names_what_there_is(page: Path) -> None:
    for code in _blocks(page, language="python"):
        compile(code, page.name, "exec")
        for name in re.findall(r"\btonmeister\.(\w+)", code):
            assert name in tonmeister.__all__


def _command_lines(page: Path) -> Iterator[str]:
    """Return the lines of a page's blocks that call the program with a command."""
    for block in _blocks(page, language=""):
        for line in block.splitlines():
            called = re.match(r"(?:\$ )?(?:\.venv/bin/)?(tonmeister [a-z].*)", line)
            if called and "--help" not in line and not re.search(r"[A-Z]{3}", line):
                yield called[1]


def _blocks(page: Path, *, language: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return [text for name, text in found if name == language]


def _headings(page: Path) -> set[str]:
    """Return the anchors of a page, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def _table_rows(page: Path) -> list[list[str]]:
    lines = [line for line in page.read_text("utf-8").splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def _commands() -> dict[str, Any]:
    group: Any = typer.main.get_command(app)
    return dict(group.commands)
