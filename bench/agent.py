"""Can an agent work with the tools?

A scripted model, without any network, mixes the stems of a song, lifts a voice by 1 dB, exports a session and measures the master,
through the same chat and tools that a real model has.  Then it lies about the loudness, which must be withheld.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.case import OURS, Case, Job, Summary, Values, absences, attempt, mean_of

QUESTION = "can an agent mix, revise and export a song with the tools?"
LIE = "The master is at -3.3 LUFS."
_CALLS = ("list_mixes", "mix_song", "mix_song", "list_tracks", "propose", "apply", "export", "measure")


def run(job: Job) -> Iterator[Case]:
    """Play the script on the stems of a folder."""
    stems = job.data / "stems"
    if stems.is_dir() and job.wants_song("stems"):
        yield Case("stems", {OURS: attempt(_play, stems, job.out / "agent")})


def summarise(cases: list[Case]) -> Summary:
    """Return the shares of what worked."""
    keys = ("called", "mixed", "revised", "exported", "lie_withheld")
    return Summary({key: mean_of(cases, OURS, key) for key in keys}, {}, absences(cases))


def _play(stems: Path, work: Path) -> Values:
    from tonmeister.assistant.chat.model_chat import ModelChat
    from tonmeister.engineer import load_mix

    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(
        stems, work / "stems", ignore=lambda _, names: [name for name in names if not name.endswith(".wav")]
    )
    with ModelChat(work, _scripted(), confirm=lambda _: True) as chat:
        done = chat.say("Mix it, lift the lead vocal by 1 dB, export it.")
        lie = chat.say("How loud is it?")
    out = work / "agent mix"
    moves = load_mix(out).moves
    return {
        "called": float(done.calls == _CALLS),
        "mixed": float((out / "master.wav").is_file()),
        "revised": float(any(move.id.startswith("what-if.") for move in moves)),
        "exported": float(any((out / "sessions" / "ardour").rglob("*.ardour"))),
        "lie_withheld": float("-3.3" not in lie.text),
        "calls": list(done.calls),
    }


def _scripted() -> Any:
    """Return a model that plays the script; it reads the lead's id and the ticket from what the tools returned."""
    from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
    from pydantic_ai.models.function import AgentInfo, FunctionModel

    said = {"turn": 0}

    def play(messages: list[ModelMessage], _: AgentInfo) -> ModelResponse:
        back = [part for message in messages for part in message.parts if isinstance(part, ToolReturnPart)]
        told = {part.tool_name: json.loads(json.dumps(part.content)) for part in back}
        turn = said["turn"]
        said["turn"] += 1
        if turn >= len(_CALLS):
            return ModelResponse(parts=[TextPart("Done." if turn == len(_CALLS) else LIE)])
        wish = {}
        if "list_tracks" in told:
            lead = next(row["id"] for row in told["list_tracks"] if row["role"] == "lead vocal")
            wish = {"mix": "agent mix", "wish": f"{lead} +1 dB"}
        song = {"source": "stems", "new_name": "agent mix"}
        arguments: list[dict[str, Any]] = [
            {}, song, {**song, "dry_run": False}, {"mix": "agent mix"}, wish,
            {**wish, "ticket": told.get("propose", {}).get("ticket")}, {"mix": "agent mix", "to": "ardour", "dry_run": False},
            {"mix": "agent mix"},
        ]  # fmt: skip
        return ModelResponse(parts=[ToolCallPart(_CALLS[turn], arguments[turn])])

    return FunctionModel(play)
