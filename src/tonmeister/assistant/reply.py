"""The change report and the draft of a reply, in plain words with the numbers that were measured."""

from collections.abc import Iterator, Sequence

from tonmeister.assistant.readings.reading import Reading
from tonmeister.assistant.revision import Action


def change_report(readings: Sequence[Reading]) -> tuple[str, ...]:
    """Return one sentence for each change that was made."""
    return tuple(_changed(reading) for reading in readings)


def _changed(reading: Reading) -> str:
    return f"{reading.says} Measured: {reading.evidence}." if reading.proof is not None else reading.says


def draft_reply(
    actions: Sequence[Action], readings: Sequence[Reading], *, question: str | None, version: int | None
) -> str:
    """Return a draft that a person edits and sends: what was done, what stays, what is asked, what was declined and why."""
    lines = ["Thanks for the notes." if version is None else f"Thanks for the notes. Version {version} is ready:"]
    by_number = {reading.number: reading for reading in readings}
    for action in actions:
        lines += [f"{action.number}. {_quoted(action.said)} – {text}" for text in _answers(action, by_number)]
    if question is not None and all(question not in line for line in lines):
        lines.append(question)
    return "\n".join(lines) + "\n"


def _quoted(said: str) -> str:
    return f"\u201c{said.strip().rstrip('.')}\u201d"


def _answers(action: Action, readings: dict[int, Reading]) -> Iterator[str]:
    if action.state == "done":
        for number in action.readings:
            reading = readings[number]
            moved = "" if reading.proof is None else f" ({reading.proof.metric} {reading.proof.change:+.1f} dB)"
            yield f"done: {reading.says}{moved} Unchanged: {reading.protects}."
    elif action.state == "proposed":
        options = " / ".join(readings[number].says for number in action.readings)
        yield f"there is more than one way: {options}"
    elif action.state == "kept":
        yield "noted, that stays as it is."
    elif action.state == "asked":
        yield f"one question first: {action.reason}"
    elif action.state == "declined":
        yield f"not done: {action.reason}"
    else:
        yield "I am not sure what this asks for; could you say it in other words?"
