"""What a person sees: progress on standard error, results as a table or as JSON on standard output."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def show_json(value: Any) -> None:
    """Print one JSON value."""
    print(json.dumps(value, indent=1, ensure_ascii=False))


@contextmanager
def progress_bar() -> Iterator[Any]:
    """Show stage, what is being done and the elapsed time; silent when standard error is no terminal.

    Yields a function of (stage, what, share 0..1).
    """
    if not sys.stderr.isatty():
        yield _PlainProgress()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<10}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn(),
               TextColumn("{task.fields[what]}"))  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, Any] = {}

        def tell(stage: str, what: str, share: float) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=1.0, what="")
            bars.update(tasks[stage], completed=share, what=what if share < 1 else "")

        yield tell


class _PlainProgress:
    """One line a stage, for logs."""

    def __init__(self) -> None:
        self._stage = ""

    def __call__(self, stage: str, what: str, share: float) -> None:
        if stage != self._stage:
            self._stage = stage
            print(f"{stage} …", file=sys.stderr, flush=True)
