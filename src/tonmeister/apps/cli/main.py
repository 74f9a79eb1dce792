"""The commands, listed by hand, and the one place where errors become exit codes."""

import sys

import typer

from tonmeister.apps.cli.demo import demo
from tonmeister.apps.cli.diff import diff
from tonmeister.apps.cli.export import export
from tonmeister.apps.cli.listen import listen
from tonmeister.apps.cli.master import master
from tonmeister.apps.cli.mix import mix
from tonmeister.apps.cli.moves import moves
from tonmeister.apps.cli.render import render
from tonmeister.apps.cli.schema import schema
from tonmeister.apps.cli.solve import solve
from tonmeister.apps.cli.undo import undo
from tonmeister.errors import CancelledError, InputError, TargetMissedError

COMMANDS = (mix, render, listen, master, moves, solve, diff, undo, export, schema, demo)

app = typer.Typer(
    name="tonmeister",
    help="An open, local mixing engineer: stems in, a finished mix out, with the reason for every move.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in COMMANDS:
    app.command()(command)


@app.callback(invoke_without_command=True)
def about(*, version: bool = typer.Option(False, "--version", help="Print the version and end.")) -> None:
    """Mix music: give stems, get a mix, a master, a document you can argue with and a report."""
    if version:
        from importlib.metadata import version as version_of

        print(version_of("tonmeister"))
        raise typer.Exit


def main() -> None:
    """Run the command line and end the process with its exit code."""
    try:
        app()
    except InputError as error:
        _end(str(error), 2)
    except TargetMissedError as error:
        _end(str(error), 3)
    except (CancelledError, KeyboardInterrupt):
        _end("Stopped; nothing half-written is left, and the next run goes on from the cache.", 130)


def _end(sentence: str, code: int) -> None:
    print(sentence, file=sys.stderr)
    sys.exit(code)
