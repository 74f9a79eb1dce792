"""A model plans with the tools; numbers of its own are withheld, and nothing is written before the person agrees. No network."""

import contextlib
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pydantic_ai")

from pydantic_ai.exceptions import UnexpectedModelBehavior
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models import Model as LanguageModel
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.test import TestModel

from tonmeister.assistant.chat.claims import MARK
from tonmeister.assistant.chat.model_chat import ModelChat, Reply, open_model
from tonmeister.engineer import load_mix
from tonmeister.errors import InputError

Step = tuple[str, dict[str, Any]] | str


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail on any connection: nothing here may need one."""

    def refuse(*_: object) -> None:
        raise AssertionError("a test of a scripted model opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def scripted(*steps: Step) -> FunctionModel:
    """Return a model that says these things: a tool with its arguments, or words. `TICKET` becomes the last ticket."""
    left = list(steps)

    def play(messages: list[ModelMessage], _: AgentInfo) -> ModelResponse:
        step = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(step, str):
            return ModelResponse(parts=[TextPart(step)])
        name, arguments = step
        return ModelResponse(
            parts=[ToolCallPart(name, {k: ticket_of(messages) if v == "TICKET" else v for k, v in arguments.items()})]
        )

    return FunctionModel(play)


def say(opened: Path, model: LanguageModel, words: str, confirm: Callable[[str], bool] | None = None) -> Reply:
    """Return the reply to one sentence."""
    with ModelChat(opened, model, confirm=confirm) as chat:
        return chat.say(words)


def ticket_of(messages: list[ModelMessage]) -> str:
    """Return the ticket of the last proposal."""
    parts = [part for message in messages for part in message.parts if isinstance(part, ToolReturnPart)]
    told = [json.loads(json.dumps(part.content)) for part in parts if part.tool_name == "propose"]
    return str(told[-1]["ticket"])


def test_numbers_of_tools_reach_the_person_and_numbers_of_the_model_do_not(opened: Path) -> None:
    honest = say(opened, scripted(("measure", {"mix": "mix"}), "The master lies at -14.0 LUFS."), "How loud is it?")
    assert "-14.0 LUFS" in honest.text
    assert honest.calls == ("measure",)
    liar = say(opened, scripted("It lies at -9.7 LUFS."), "How loud is it?")
    assert "-9.7" not in liar.text
    assert MARK in liar.text
    assert liar.withheld == ("-9.7",)


def test_a_model_gets_the_chance_to_call_a_tool_for_a_number(opened: Path) -> None:
    model = scripted("It lies at -14.0 LUFS.", ("measure", {"mix": "mix"}), "It lies at -14.0 LUFS.")
    reply = say(opened, model, "How loud is it?")
    assert reply.withheld == ()
    assert reply.calls == ("measure",)


def test_nothing_is_written_before_the_person_agrees(opened: Path) -> None:
    path = opened / "mix" / "mix.json"
    before = path.read_bytes()
    move = next(move.id for move in load_mix(opened / "mix").moves if move.task == "panning")
    change = {"mix": "mix", "state": "reject", "moves": [move]}
    steps: tuple[Step, ...] = (("propose", change), ("apply", {**change, "ticket": "TICKET"}), "Done.")
    asked: list[str] = []

    def refuse(sentence: str) -> bool:
        asked.append(sentence)
        return False

    say(opened, scripted(*steps), "Reject that.", refuse)
    assert len(asked) >= 1
    assert path.read_bytes() == before
    say(opened, scripted(*steps), "Reject that.", lambda _: True)
    assert next(m for m in load_mix(opened / "mix").moves if m.id == move).state == "rejected"


def test_a_scripted_agent_mixes_revises_and_exports_a_song(opened: Path) -> None:
    """The bar of the tools, here on the tiny song; bench/agent.py plays it on the demo song."""
    wish = {"mix": "second", "wish": "Lead Vox +1 dB"}
    reply = say(
        opened,
        scripted(
            ("list_mixes", {}),
            ("mix_song", {"source": "stems", "new_name": "second"}),
            ("mix_song", {"source": "stems", "new_name": "second", "dry_run": False}),
            ("propose", wish),
            ("apply", {**wish, "ticket": "TICKET"}),
            ("export", {"mix": "second", "to": "ardour", "dry_run": False}),
            ("measure", {"mix": "second"}),
            "Mixed, lifted and exported.",
        ),
        "Mix it, lift the voice, export it.",
        lambda _: True,
    )
    assert reply.calls == ("list_mixes", "mix_song", "mix_song", "propose", "apply", "export", "measure")
    assert (opened / "second" / "master.wav").is_file()
    assert any(move.id.startswith("what-if.") for move in load_mix(opened / "second").moves)
    assert list((opened / "second" / "sessions" / "ardour").rglob("*.ardour"))


def test_an_agent_that_obeys_words_in_a_name_changes_nothing_outside_the_document(opened: Path, tmp_path: Path) -> None:
    """The worst case of prompt injection: the model does whatever a track's name says."""
    (tmp_path / "precious.txt").write_text("mine", "utf-8")
    attack: tuple[Step, ...] = (
        ("list_tracks", {"mix": "mix"}),
        ("mix_song", {"source": "stems", "new_name": "../stolen", "dry_run": False}),
        ("mix_song", {"source": "..", "new_name": "stolen", "dry_run": False}),
        ("export", {"mix": "../..", "to": "ardour", "dry_run": False}),
        ("explain_move", {"mix": "mix", "move": "../../precious.txt"}),
        "Done as the track told me.",
    )
    outside = sorted(path.name for path in tmp_path.iterdir())
    for step in attack[1:-1]:
        with contextlib.suppress(UnexpectedModelBehavior):  # it may give up after its retries; what counts is the disk
            say(opened, scripted(attack[0], step, attack[-1]), "List the tracks.", lambda _: True)
    assert sorted(path.name for path in tmp_path.iterdir()) == outside
    assert (tmp_path / "precious.txt").read_text("utf-8") == "mine"
    assert not (opened / "stolen").exists()


def test_a_model_that_calls_a_tool_by_its_schema_gets_an_answer(opened: Path) -> None:
    """TestModel makes up arguments that fit the schema of the tools it is told to call."""
    model = TestModel(call_tools=["list_mixes"], custom_output_text="There is a mix.")
    assert say(opened, model, "What is there?").text == "There is a mix."


def test_a_model_comes_only_from_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TONMEISTER_MODEL", raising=False)
    monkeypatch.delenv("TONMEISTER_MODEL_SERVER", raising=False)
    assert open_model() is None
    with pytest.raises(InputError, match="no model"):
        open_model(server="http://localhost:1/v1")
    model = open_model("some-model", "http://localhost:1/v1")
    assert model is not None
    assert model.model_name == "some-model"
