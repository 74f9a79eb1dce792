"""Are a client's words understood?

Annotated feedback sentences are read without a model.  Each sentence is held against its intents: the parts it is about, and what is to
change in which direction; then whether an acceptable family of moves is among the readings, and whether open words get at least two
readings of different mechanism.  A fixed hash of the row's name keeps two thirds for tuning; the figures are of the last third, unless
the file is one that nobody has tuned on (`--kinds all` reports every row).  Wishes of our own (`wishes.txt`) need no data: those that were
looked at while the vocabulary grew, and fresh ones in wilder words; `wild_wishes.txt` has two thousand more, which say how far it reaches.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.case import OURS, Case, Job, Summary, Values
from tonmeister.assistant.readings.templates import first_readings, mechanisms
from tonmeister.assistant.understanding.understand import understand

QUESTION = "are a client's words understood?"
_PARTS = 3
TARGET_F1, ATTRIBUTE_F1, FAMILY, DIFFERENT = 0.85, 0.80, 0.90, 0.90
"""Bars of the issue."""


def run(job: Job) -> Iterator[Case]:
    """Read every sentence."""
    for path in sorted(job.data.rglob("phrases*.jsonl")):
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for row in rows:
            if is_reported(row["id"]) or (job.wants_kind("tuning") and job.kinds) or "all" in job.kinds:
                yield Case(row["id"], {OURS: judge(row)}, {"language": row["lang"], "reported": is_reported(row["id"])})
    for part, wishes in own_wishes().items():
        counts = [_counted(text, wanted) for text, wanted in wishes]
        total = {key: sum(int(one[key]) for one in counts) for key in counts[0]}
        yield Case(f"own, {part}", {OURS: {"own": part, **total}}, {"reported": part != "tuned"})
    yield Case("mail", {OURS: _judge_mails(job.data)}, {"reported": True})


def is_reported(name: str) -> bool:
    """Say whether a row is of the third that nobody tunes on."""
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % _PARTS == 0


_DIRECTIONS = {"+": "increase", "-": "decrease", "!": "fix", "=": "keep", "?": "unclear"}


def own_wishes() -> dict[str, list[tuple[str, list[tuple[str, str, str]]]]]:
    """Return our own sentences with what they ask for, by part of the files."""
    found: dict[str, list[tuple[str, list[tuple[str, str, str]]]]] = {}
    files = [Path(__file__).with_name(name) for name in ("wishes.txt", "wild_wishes.txt")]
    for line in (line for file in files for line in file.read_text("utf-8").splitlines()):
        if line.startswith("["):
            found[line.strip("[]")] = []
        elif not line.startswith("#"):
            wishes, _, text = line.partition(" | ")
            pairs = [wish.split(".", 1) for wish in wishes.split()]
            found[list(found)[-1]].append((text, [(a, b[:-1], _DIRECTIONS[b[-1]]) for a, b in pairs]))
    return found


def _counted(text: str, wanted: list[tuple[str, str, str]]) -> dict[str, int]:
    """Return what was found of one sentence of ours."""
    said = {(intent.target, intent.attribute, intent.direction) for intent in understand(text).intents}
    pairs, truth = {wish[1:] for wish in said}, {wish[1:] for wish in wanted}
    targets, parts = {wish[0] for wish in said}, {wish[0] for wish in wanted}
    return {
        "targets_hit": len(targets & parts), "targets_said": len(targets), "targets_wanted": len(parts),
        "pairs_hit": len(pairs & truth), "pairs_said": len(pairs), "pairs_wanted": len(truth),
    }  # fmt: skip


def judge(row: Mapping[str, Any]) -> Values:
    """Return what was found of one sentence, as counts."""
    found = understand(row["text"])
    wanted_targets = {intent["target"] for intent in row["intents"]}
    wanted = {(intent["attribute"], intent["direction"]) for intent in row["intents"]}
    targets = {intent.target for intent in found.intents}
    pairs = {(intent.attribute, intent.direction) for intent in found.intents}
    readings = [first_readings(intent) for intent in found.intents]
    families = {family for those in readings for one in those for family in one.families}
    acceptable = {family for one in row["interpretations"] for family in one["families"]}
    is_open = row["ambiguity"]["level"] != "low"
    return {
        "targets_hit": len(targets & wanted_targets), "targets_said": len(targets), "targets_wanted": len(wanted_targets),
        "pairs_hit": len(pairs & wanted), "pairs_said": len(pairs), "pairs_wanted": len(wanted),
        "family": bool(families & acceptable), "different": len(mechanisms([r for those in readings for r in those])) > 1 if is_open else None,
        "lost": not found.intents and all(note.courtesy for note in found.notes),
    }  # fmt: skip


def _judge_mails(data: Path) -> Values:
    """Count the notes of mails, made of ten sentences each, that are neither acted on nor listed as open."""
    lost = notes = 0
    for path in sorted(data.rglob("phrases*.jsonl")):
        texts = [json.loads(line)["text"].replace("\n", " ") for line in path.read_text("utf-8").splitlines()]
        for first in range(0, len(texts), 10):
            mail = texts[first : first + 10]
            found = understand("\n".join(f"{number}. {text}" for number, text in enumerate(mail, 1)))
            heard = " ".join(note.text for note in found.notes if not note.courtesy)
            notes += len(mail)
            lost += sum(1 for text in mail if not _is_in(text, heard))
    return {"mail_notes": notes, "mail_lost": lost}


def _is_in(text: str, heard: str) -> bool:
    """Say whether the words of a note are among the notes."""
    words = [word for word in text.casefold().split() if word.isalpha()]
    inside = heard.casefold()
    return all(word in inside for word in words)


def summarise(cases: list[Case]) -> Summary:
    """Return F1, precision and recall of parts and of attribute with direction, and the shares of acceptable and of different readings."""
    rows = [case.systems[OURS] for case in cases if "family" in case.systems[OURS]]
    own = {str(values["own"]): values for case in cases if "own" in (values := case.systems[OURS])}
    mail = next((case.systems[OURS] for case in cases if "mail_notes" in case.systems[OURS]), {})
    opened = [row["different"] for row in rows if row["different"] is not None]
    figures: Values = {
        "sentences": len(rows), "target_f1": _f1(rows, "targets"), "attribute_direction_f1": _f1(rows, "pairs"),
        "target_precision": _rate(rows, "targets", "said"), "target_recall": _rate(rows, "targets", "wanted"),
        "attribute_direction_precision": _rate(rows, "pairs", "said"), "attribute_direction_recall": _rate(rows, "pairs", "wanted"),
        "acceptable_family": _share([row["family"] for row in rows]), "two_mechanisms": _share(opened),
        "notes_lost": sum(row["lost"] for row in rows) + int(mail.get("mail_lost", 0)), "mail_notes": mail.get("mail_notes"),
    } | {
        f"own_{part}_{name}": _f1([values], key)
        for part, values in own.items() for name, key in (("target_f1", "targets"), ("attribute_direction_f1", "pairs"))
    }  # fmt: skip
    bars = (
        ("target_f1", TARGET_F1),
        ("attribute_direction_f1", ATTRIBUTE_F1),
        ("acceptable_family", FAMILY),
        ("two_mechanisms", DIFFERENT),
    )
    notes = [
        f"{name} {figures[name]:.3f} is below {bar}"
        for name, bar in bars
        if figures[name] is not None and figures[name] < bar
    ]
    return Summary(figures, {}, tuple(notes))


def _f1(rows: list[Values], name: str) -> float | None:
    said = sum(row[f"{name}_said"] for row in rows) + sum(row[f"{name}_wanted"] for row in rows)
    return round(2 * sum(row[f"{name}_hit"] for row in rows) / said, 4) if said else None


def _rate(rows: list[Values], name: str, of: str) -> float | None:
    """Return the share of what was said that was wanted, or of what was wanted that was said."""
    whole = sum(row[f"{name}_{of}"] for row in rows)
    return round(sum(row[f"{name}_hit"] for row in rows) / whole, 4) if whole else None


def _share(values: list[bool]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None
