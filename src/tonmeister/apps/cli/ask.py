"""`tonmeister ask`: a question in words, answered with numbers and the controls of the asked processor."""

from pathlib import Path
from typing import Annotated, Any

import typer

from tonmeister.apps.cli.options import AsJson
from tonmeister.apps.cli.show import hand_over
from tonmeister.errors import InputError

Question = Annotated[str, typer.Argument(metavar="QUESTION", help="The question, in quotes.")]
Mix = Annotated[
    Path | None,
    typer.Option("--in", metavar="OUT", help="Folder of a mix: the answer also says what was measured there."),
]
HowDeep = Annotated[
    str,
    typer.Option(
        metavar="DEPTH", help="short: the answer; why: with its reasons; exercise: with a way to learn to hear it."
    ),
]
_DEPTHS = ("short", "why", "exercise")


def ask(question: Question, mix: Mix = None, depth: HowDeep = "short", as_json: AsJson = False) -> None:
    """Answer a question about mixing, recording, mastering or a processor.

    From what is known here, without a language model and without the network. A processor that is not in the table is said to be
    unknown, and nothing is made up about it. Example: tonmeister ask "what attack on a CL 1B for a ballad vocal?"
    """
    from tonmeister.assistant.guidance.asking import ask as answer_question

    if depth not in _DEPTHS:
        raise InputError(f"--depth {depth}: use {', '.join(_DEPTHS)}.")
    answer = answer_question(question, out=mix, depth=depth)  # type: ignore[arg-type]  # checked above
    hand_over(answer, _show, as_json=as_json)


def _show(answer: Any) -> None:
    print(answer.text)
