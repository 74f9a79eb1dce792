"""Does the figure for sung words follow the voice?

Whole songs with a lead vocal are listened to with its level changed by known gains, everything else as it is.  In every phrase
the ratio in the consonants' bands must rise with each step, and the index too, as far as it is not at its end (0 or 1).
"""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from bench.case import OURS, AbsentError, Case, Job, Summary, Values, absences, attempt, mean_of
from bench.ours import facts_of
from bench.songs import Song, Stem, find_songs
from bench.sound import read, write

QUESTION = "does the figure for sung words follow the voice?"
GAINS_DB = (-6.0, -3.0, 0.0, 3.0, 6.0)
SAME_PLACE_S = 0.05
"""A phrase is the same one when it begins and ends so near; levels are told in steps of 10 ms."""


def run(job: Job) -> Iterator[Case]:
    """Change the level of every lead vocal."""
    for song in find_songs(job):
        voices = [stem for stem in song.stems if stem.role == "lead vocal"]
        if voices and len(song.stems) > len(voices):
            values = attempt(_judge, song, voices, job.out / "words" / song.name)
            yield Case(song.name, {OURS: values}, {"song": song.name, "voices": [stem.name for stem in voices]})


def summarise(cases: list[Case]) -> Summary:
    """Return the shares of phrases that follow, over all phrases of all songs, and how closely they do."""
    phrases = sum(int(case.systems[OURS].get("phrases", 0)) for case in cases)
    figures: Values = {"phrases": phrases}
    for key in ("ratio_follows", "index_follows"):
        count = sum(int(case.systems[OURS].get(key, 0)) for case in cases)
        figures[key] = count / phrases if phrases else None
    figures["ratio_db_per_db"] = mean_of(cases, OURS, "ratio_db_per_db")
    figures["index_per_db"] = mean_of(cases, OURS, "index_per_db")
    return Summary(figures, {}, absences(cases))


def _judge(song: Song, voices: Sequence[Stem], work: Path) -> Values:
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    for stem in song.stems:
        if stem not in voices:
            os.link(stem.wav(song), work / f"{stem.name}.wav")
    ladder = []
    for gain_db in GAINS_DB:
        for stem in voices:
            sound, rate = read(stem.wav(song))
            louder = np.asarray(sound * np.float32(10 ** (gain_db / 20)))
            write(work / f"{stem.name}.wav", louder, rate, subtype="FLOAT")
        ladder.append(facts_of(work)["words"])
    shutil.rmtree(work)
    return judge_ladder(ladder)


def judge_ladder(ladder: Sequence[Sequence[Mapping[str, Any]]]) -> Values:
    """Return how many phrases follow the gains; a phrase that is not there at every gain does not.

    Raises:
        AbsentError: If no phrase was found as the voice came.
    """
    middle = ladder[GAINS_DB.index(0.0)]
    if not middle:
        raise AbsentError("no phrase was found")
    rows = [[_same(phrase, other) for other in ladder] for phrase in middle]
    whole = [[one for one in row if one is not None] for row in rows if None not in row]
    ratios = [[one["ratio_db"] for one in row] for row in whole]
    indices = [[one["index"] for one in row] for row in whole]
    span_db = GAINS_DB[-1] - GAINS_DB[0]
    return {
        "phrases": len(rows),
        "ratio_follows": sum(all(a < b for a, b in pairwise(row)) for row in ratios),
        "index_follows": sum(all(a < b or a == b in (0, 1) for a, b in pairwise(row)) for row in indices),
        "index_at_its_end": sum(row[0] == row[-1] for row in indices),
        "ratio_db_per_db": float(np.mean([row[-1] - row[0] for row in ratios])) / span_db if ratios else None,
        "index_per_db": float(np.mean([row[-1] - row[0] for row in indices])) / span_db if indices else None,
        "failed": [
            [phrase["start_s"], phrase["end_s"]]
            for phrase, row in zip(middle, rows, strict=True)
            if None in row or not all(a["ratio_db"] < b["ratio_db"] for a, b in pairwise(filter(None, row)))
        ],
    }


def _same(phrase: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the phrase at the same place, None where there is none."""
    near = (one for one in others if all(abs(one[end] - phrase[end]) <= SAME_PLACE_S for end in ("start_s", "end_s")))
    return next(near, None)
