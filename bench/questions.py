"""Does an answer hold what a correct answer needs?

Each question of a list has key points, numbers and errors that fail an answer.  A key point counts as held when most of its content
words, by stem and synonym, and all its numbers are in the answer.  That is a ruler with limits: it takes words for meaning, so it
passes a point that is said of something else and fails one in other words; nobody has read the answers for it.  The sample that is
printed is for reading.  Two thirds of the questions, by a fixed hash of their ids, are for tuning; the figures of the last third
(`held`) are for reporting only.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.case import OURS, Case, Job, Summary, Values, mean_of, say

QUESTION = "does an answer hold what a correct answer needs?"
PARTS = 3
"""One of so many parts is for reporting only."""
MOST_WORDS = 0.6
"""Share of a key point's content words that must be there; short points need more than half, long ones may be put in other words."""
TOLERANCE = 0.2
"""Numbers in the material are ranges of practice: the project's rule for such questions is normal tolerance."""
SAMPLE = 4
"""Answers that are printed for reading."""
SLOWEST_S = 1.5


def run(job: Job) -> Iterator[Case]:
    """Ask every question."""
    from tonmeister.assistant.guidance import ask

    ask("How do I set a compressor?", owned=())  # reads the knowledge once: times are those of a warm process
    shown = 0
    for row in _rows(job.data):
        part = "held" if is_held(str(row["id"])) else "tuning"
        if not job.wants_kind(part):
            continue
        begin = perf_counter()
        text = ask(str(row["question"]), owned=()).text
        values = judge(row, text) | {"seconds": perf_counter() - begin}
        values["points_why"] = judge(row, ask(str(row["question"]), owned=(), depth="why").text)["points"]
        if shown < SAMPLE and part == "tuning":
            shown += 1
            say(f"\n--- {row['question']}\n{text}\n--- key points: {row['key_points']}\n")
        yield Case(str(row["id"]), {OURS: values}, {"part": part, "topic": row["topic"], "question": row["question"]})


def summarise(cases: list[Case]) -> Summary:
    """Return the means for tuning and held-out questions apart; `points_why` are those of answers at the depth `why`."""
    figures: Values = {}
    for part in ("tuning", "held"):
        chosen = [case for case in cases if case.about["part"] == part]
        figures |= {f"{part}_questions": len(chosen)}
        for key in ("points", "numbers", "complete", "points_why", "words"):
            figures[f"{part}_{key}"] = mean_of(chosen, OURS, key)
    times = [float(case.systems[OURS]["seconds"]) for case in cases]
    figures["slowest_s"] = max(times, default=None)
    notes = ("points are judged by words and numbers, not by meaning; read the answers",)
    return Summary(figures, {}, notes)


def is_held(question_id: str) -> bool:
    """Say whether a question is for reporting only."""
    return int(hashlib.sha256(question_id.encode()).hexdigest(), 16) % PARTS == 0


def judge(row: dict[str, Any], text: str) -> Values:
    """Return the shares of key points and numbers that an answer holds."""
    from tonmeister.assistant.guidance.words import terms

    words = set(terms(text))
    spans = _spans(text)
    missed = [point for point in row["key_points"] if not _holds(str(point), words, spans)]
    numbers = [value for told in row.get("numbers", []) for value in _numbers(str(told))]
    absent = [value for value in numbers if not _has(value, spans)]
    points = 1 - len(missed) / len(row["key_points"])
    return {
        "points": points,
        "numbers": 1 - len(absent) / len(numbers) if numbers else None,
        "complete": float(points >= 0.75 and not absent),
        "missed": missed,
        "absent": absent,
        "words": len(text.split()),
    }


def _holds(point: str, words: set[str], spans: list[tuple[float, float]]) -> bool:
    from tonmeister.assistant.guidance.words import terms

    wanted = {word for word in terms(point) if not word[0].isdigit() and len(word) > 1}
    there = len(wanted & words) / len(wanted) if wanted else 1.0
    return there >= MOST_WORDS and all(_has(value, spans) for value in _numbers(point))


def _numbers(text: str) -> list[float]:
    return [abs(float(found)) for found in re.findall(r"(?<![\w.])[-−]?\d+(?:\.\d+)?", text.replace("−", "-"))]


def _spans(text: str) -> list[tuple[float, float]]:
    plain = text.replace("−", "-").replace("–", "-")
    spans = [(value, value) for value in _numbers(plain)]
    for low, high in re.findall(r"(\d+(?:\.\d+)?)(?::1)?\s*(?:-|to)\s*(\d+(?:\.\d+)?)", plain):
        spans.append((min(float(low), float(high)), max(float(low), float(high))))
    return spans


def _has(value: float, spans: list[tuple[float, float]]) -> bool:
    """Say whether a number is told, or lies in a range that is, within the tolerance or in thousands (kHz, seconds)."""
    return any(
        low * (1 - TOLERANCE) <= scaled <= high * (1 + TOLERANCE)
        for scaled in (value, value * 1000, value / 1000)
        for low, high in spans
    )


def _rows(data: Path) -> list[dict[str, Any]]:
    files = sorted({*data.glob("questions_*.jsonl"), *data.parent.glob("knowledge/questions_*.jsonl")})
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines() if line]
