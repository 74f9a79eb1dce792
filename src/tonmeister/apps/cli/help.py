"""Help as plain text, in groups: drawing it with rich would cost more than everything else that `--help` does."""

import shutil
from textwrap import wrap
from typing import Any

from typer.core import TyperCommand, TyperGroup

_NARROWEST, _WIDEST = 40, 100
_LONGEST_NAME = 24
"""A longer name gets a line of its own."""
_STACKED_BELOW = 64
"""In a narrower terminal each explanation stands under its name."""

_Rows = dict[str, list[tuple[str, str]]]


class PlainCommand(TyperCommand):
    """A command whose help is plain text."""

    def get_help(self, ctx: Any) -> str:
        """Return the help of the command."""
        return _page(self, ctx, _usage(self, ctx), _parameters(self, ctx))


class PlainGroup(TyperGroup):
    """The program: its help lists the commands by their group."""

    def get_help(self, ctx: Any) -> str:
        """Return the help of the program."""
        rows: _Rows = {}
        for name in self.list_commands(ctx):
            command: Any = self.get_command(ctx, name)
            rows.setdefault(command.rich_help_panel, []).append((name, command.help.partition("\n\n")[0]))
        return _page(self, ctx, f"{ctx.command_path} COMMAND …", rows | _parameters(self, ctx))


def _page(command: Any, ctx: Any, usage: str, rows: _Rows) -> str:
    width = max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size().columns - 1))
    lines = [*wrap(usage, width, subsequent_indent="    "), ""]
    for paragraph in (command.help or "").split("\n\n"):
        lines += [*wrap(paragraph, width - 2, initial_indent="  ", subsequent_indent="  "), ""]
    longest = min(_LONGEST_NAME, max(len(name) for group in rows.values() for name, _ in group))
    for title, group in rows.items():
        lines += [*([title] if title else []), *(line for row in group for line in _row(*row, longest, width)), ""]
    if isinstance(command, TyperGroup):
        lines += wrap(f"`{ctx.command_path} COMMAND --help` explains a command.", width)
    return "\n".join(lines).rstrip()


def _row(name: str, text: str, longest: int, width: int) -> list[str]:
    if width < _STACKED_BELOW:
        return [f"  {name}", *wrap(text, width, initial_indent="      ", subsequent_indent="      ")]
    explained = wrap(text, width - longest - 4)
    if len(name) > longest:
        return [f"  {name}", *(f"  {'':<{longest}}  {line}" for line in explained)]
    names = (name, *("" for _ in explained))
    return [f"  {shown:<{longest}}  {line}" for shown, line in zip(names, explained, strict=False)]


def _usage(command: Any, ctx: Any) -> str:
    """Return what must be given, in the order in which people type it."""
    pieces = [ctx.command_path]
    for param in command.get_params(ctx):
        name = _metavar(param)
        if param.param_type_name == "argument":
            pieces.append((name if param.required else f"[{name}]") + ("…" if param.nargs == -1 else ""))
        elif param.required:
            pieces.append(f"{min(param.opts, key=len)} {name}")
    return " ".join([*pieces, "[OPTIONS]"])


def _parameters(command: Any, ctx: Any) -> _Rows:
    """Return arguments, then options by their group, as (name, explanation)."""
    arguments: _Rows = {}
    options: _Rows = {}
    last: _Rows = {}
    for param in command.get_params(ctx):
        if getattr(param, "hidden", False):
            continue
        if param.param_type_name == "argument":
            arguments.setdefault("", []).append((_metavar(param), param.help or ""))
            continue
        names = ", ".join(sorted(param.opts, key=len))
        name = names if param.is_flag else f"{names} {_metavar(param)}"
        group = last if param.rich_help_panel is None else options
        group.setdefault(param.rich_help_panel or "General", []).append((name, (param.help or "") + _default(param)))
    return arguments | options | last


def _metavar(param: Any) -> str:
    return str(param.metavar or param.name.upper())


def _default(param: Any) -> str:
    return "" if param.is_flag or param.default in (None, "", ()) else f" [{param.default}]"
