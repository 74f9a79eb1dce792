"""What a person sees: progress on standard error, results as text or as JSON on standard output."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

MISSED = 3
"""Exit code of work that is finished, but missed a target, a budget or a track."""

COMPILING = "Compiling kernels once (about 30 s of processor time); later runs start at once."
_NARROW = 60
"""Columns of a terminal below which the bar gives way to what is being done."""


def show_json(value: Any) -> None:
    """Print one JSON value."""
    is_unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    print(json.dumps(value, indent=1, ensure_ascii=not is_unicode))


def hand_over(result: Any, show: Callable[[Any], None], *, as_json: bool) -> None:
    """Print a result as JSON or as text; one that missed a target, a budget or a track ends the command with 3."""
    if as_json:
        show_json(_plain(result))
    else:
        show(result)
    if getattr(result, "misses", ()):
        raise typer.Exit(MISSED)


def _plain(result: Any) -> Any:
    return [_plain(item) for item in result] if isinstance(result, tuple | list) else result.model_dump(mode="json")


@contextmanager
def progress_bar() -> Iterator[Callable[[str, str, float], None]]:
    """Show stage, what is being done and the elapsed time on standard error: bars in a terminal, lines in a log.

    Yields a function of (stage, what, share 0..1).
    """
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeElapsedColumn
    from rich.table import Column

    console = Console(stderr=True)
    columns: list[ProgressColumn] = [TextColumn("{task.description:<9}", markup=False)]
    if console.width >= _NARROW:
        columns.append(BarColumn(bar_width=20))
    columns += [TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn()]
    what_column = Column(ratio=1, no_wrap=True, overflow="ellipsis")
    columns.append(TextColumn("{task.fields[what]}", markup=False, table_column=what_column))
    with Progress(*columns, console=console, expand=True) as bars:
        yield _Bars(bars)


class _Lines:
    """One line a stage, with the time since the start, for logs."""

    def __init__(self) -> None:
        self._stage = ""
        self._start = time.monotonic()

    def __call__(self, stage: str, what: str, share: float) -> None:
        if not self._stage and must_compile():
            self._say(COMPILING)
        if stage != self._stage:
            self._stage = stage
            self._say(stage)

    def _say(self, words: str) -> None:
        print(f"{time.monotonic() - self._start:6.1f} s  {words}", file=sys.stderr, flush=True)


class _Bars:
    """One bar a stage; a stage that comes again goes on where it was."""

    def __init__(self, bars: Any) -> None:
        self._bars = bars
        self._tasks: dict[str, Any] = {}

    def __call__(self, stage: str, what: str, share: float) -> None:
        if not self._tasks and must_compile():
            self._bars.console.print(COMPILING)
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=1.0, what="")
        self._bars.update(self._tasks[stage], completed=share, what=what if share < 1 else "")


def must_compile() -> bool:
    """Say whether numba's cache holds nothing yet, so that the first run takes longer."""
    from tonmeister.processing.width import scale_side

    place = scale_side.stats.cache_path  # all kernels of a folder are kept in one place
    return place is not None and not any(Path(place).glob("*.nbi"))
