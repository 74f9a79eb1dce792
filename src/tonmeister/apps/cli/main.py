"""The commands, listed by hand, and the one place where errors become exit codes."""

import gc
import io
import sys
from typing import Annotated, cast

import typer

from tonmeister.apps.cli.ask import ask
from tonmeister.apps.cli.chat import chat
from tonmeister.apps.cli.check import check
from tonmeister.apps.cli.clean import clean
from tonmeister.apps.cli.deliver import deliver
from tonmeister.apps.cli.demo import demo
from tonmeister.apps.cli.diff import diff
from tonmeister.apps.cli.doctor import doctor
from tonmeister.apps.cli.export import export
from tonmeister.apps.cli.help import PlainCommand, PlainGroup
from tonmeister.apps.cli.listen import listen
from tonmeister.apps.cli.master import master
from tonmeister.apps.cli.mcp import mcp
from tonmeister.apps.cli.mix import mix
from tonmeister.apps.cli.moves import moves
from tonmeister.apps.cli.plugins import plugins
from tonmeister.apps.cli.render import render
from tonmeister.apps.cli.replace import replace
from tonmeister.apps.cli.revise import revise
from tonmeister.apps.cli.schema import schema
from tonmeister.apps.cli.session import session
from tonmeister.apps.cli.solve import solve
from tonmeister.apps.cli.taste import taste
from tonmeister.apps.cli.undo import undo
from tonmeister.apps.cli.versions import versions
from tonmeister.errors import CancelledError, InputError, TargetMissedError

COMMANDS = {
    "Make sound": (mix, render, master, clean, deliver, demo),
    "Look and listen": (listen, check, session, moves, diff),
    "Change a mix": (revise, solve, replace, undo, versions, export),
    "Ask": (ask, chat, plugins),
    "About you": (taste,),
    "For programs": (mcp, schema, doctor),
}
"""By the headings under which `tonmeister --help` shows them."""

STOPPED = 130
"""Exit code of a run that a person stopped, as shells have it."""

ALLOCATIONS_PER_COLLECTION = 200_000
"""Python's own 700 spends a sixth of the start-up on looking for garbage among things that stay (mypy does the same)."""

UsageError = cast("type[Exception]", typer.BadParameter.mro()[1])
"""What typer raises for a wrong command line; the class itself has no public name."""

app = typer.Typer(
    name="tonmeister",
    cls=PlainGroup,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ()},  # typer's own help option imports pydantic before any command runs
)
for heading, commands in COMMANDS.items():
    for command in commands:
        app.command(
            cls=PlainCommand, rich_help_panel=heading, context_settings={"help_option_names": ("--help", "-h")}
        )(command)


@app.callback(invoke_without_command=True)
def about(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
    show_help: Annotated[bool, typer.Option("--help", "-h", help="Print this and end.")] = False,
) -> None:
    """An open, local mixing engineer: stems in, a finished mix out, with the reason for every move."""
    if version:
        from importlib.metadata import version as version_of

        print(version_of("tonmeister"))
    elif show_help or context.invoked_subcommand is None:
        print(context.get_help())
    else:
        return
    raise typer.Exit


def main() -> None:
    """Run the command line and end the process with its exit code."""
    gc.set_threshold(ALLOCATIONS_PER_COLLECTION)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without → shows ?, it does not end the run
    try:
        code = app(prog_name="tonmeister", standalone_mode=False) or 0
    except InputError as error:
        _end(str(error), 2)
    except UsageError as error:
        _end(_sentence(error), 2)
    except TargetMissedError as error:
        _end(str(error), 3)
    except (CancelledError, KeyboardInterrupt, typer.Abort):
        code = STOPPED
    finally:
        gc.freeze()  # else Python looks through everything for garbage once more at its end: a third of a second
    if code == STOPPED:
        _end("Stopped; nothing half-written is left, and the next run goes on from the cache.", STOPPED)
    sys.exit(code)


def _sentence(error: Exception) -> str:
    """Return what is wrong with the command line, where, and where help is."""
    context = getattr(error, "ctx", None)
    command = getattr(context, "command_path", "tonmeister")
    message = str(getattr(error, "format_message", error.__str__)()).replace("\n", " ").rstrip(". ")
    return f"{command}: {message[:1].lower()}{message[1:]}; `{command} --help` says what there is."


def _end(sentence: str, code: int) -> None:
    print(sentence, file=sys.stderr)
    sys.exit(code)
