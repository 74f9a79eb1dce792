"""`tonmeister chat`: talk about a mix; plain commands without a language model."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from tonmeister.apps.cli.options import ResultFolder
from tonmeister.errors import MissingExtraError

ModelName = Annotated[
    str | None,
    typer.Option("--model", metavar="NAME", help="A language model; default: TONMEISTER_MODEL, else plain commands."),
]
Server = Annotated[
    str | None,
    typer.Option(
        "--server",
        metavar="URL",
        help="Its OpenAI-compatible server, such as http://localhost:11434/v1; default: TONMEISTER_MODEL_SERVER.",
    ),
]


def chat(out: ResultFolder, model: ModelName = None, server: Server = None) -> None:
    """Talk about a mix: look, ask, propose, apply, undo, render.

    Without a language model it understands commands (say help) and questions. With one, the model plans with the same tools and writes
    prose; every number it writes is checked against what the tools returned, and nothing is written before you agree. Nothing leaves
    this machine unless you name a model on a server elsewhere. Example: tonmeister chat out/
    """
    say = _with_model(out, model, server) or _commands(out)
    is_person = sys.stdin.isatty()
    print("Say help for what there is, quit to end." if is_person else "", end="\n" if is_person else "")
    while True:
        print("> " if is_person else "", end="", flush=True)
        line = sys.stdin.readline()
        if not line or line.strip().lower() in {"quit", "exit", "bye"}:
            return
        if line.strip():
            print(say(line.strip()), flush=True)


def _commands(out: Path) -> Callable[[str], str]:
    from tonmeister.assistant.chat.commands import CommandChat

    return CommandChat(out).answer


def _with_model(out: Path, name: str | None, server: str | None) -> Callable[[str], str] | None:
    import os

    if not (name or server or os.environ.get("TONMEISTER_MODEL")):
        return None  # without a word about a model its packages are not loaded
    try:
        from tonmeister.assistant.chat.model_chat import ModelChat, open_model
    except ImportError as error:
        raise MissingExtraError(what="A language model", extra="llm") from error
    chosen = open_model(name, server)
    if chosen is None:
        return None
    talk = ModelChat(out, chosen, confirm=_agree)
    return lambda line: talk.say(line).text


def _agree(sentence: str) -> bool:
    print(f"{sentence}\nDo it? (y/n) ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes", "j", "ja", "s", "si", "o", "oui"}
