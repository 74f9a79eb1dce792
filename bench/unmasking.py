"""Is what matters uncovered, at what cost in tone?

Every session is mixed twice by our own engine, from scratch, with the true roles given: without its masking task (before) and as it
is (after).  The ruler (`bench/unmasking_ruler.py`) listens to each track as it goes to its bus: lead vocals (in a song without words
the stem called lead) against all that is not lead, kicks against all that is no drum, in third octaves and sections of eight
seconds.  Sessions are the shared songs as they are, excerpts with a planted cover, and excerpts in which nothing is covered.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean
from typing import Any, Literal

import numpy as np

from bench.case import OURS, AbsentError, Case, Job, Summary, Values, absences, attempt
from bench.ours import cache_environment, python
from bench.process import PROGRAMS, ProgramFailedError, run_program
from bench.songs import find_songs
from bench.sound import write
from bench.unmasking_ruler import HARM_LEAST_DB, Protected, harm_db, is_on_offender, read_moves, tonal_cost_db
from bench.unmasking_sessions import DRUMS, LEAD, Session, plants, whole

QUESTION = "is what matters uncovered, at what cost in tone?"
SHORTEST_S = 20.0
CLEAN = ("apart", "in turn", "few")


def run(job: Job) -> Iterator[Case]:
    """Judge every song as it is, and what is planted in it for every seed."""
    for song in find_songs(job):
        if len(song.stems) < 4 or song.seconds() < SHORTEST_S:
            continue
        if job.wants_kind("whole"):
            yield _case(job, whole(song), 0)
        for seed in job.draws:
            for session in plants(song, seed):
                if job.wants_kind(session.kind):
                    yield _case(job, session, seed)


def summarise(cases: list[Case]) -> Summary:
    """Return reduction and cost over all sessions with harm, and how often clean ones were left alone."""
    values = [case.systems[OURS] for case in cases if "absent" not in case.systems[OURS]]
    harmed = [one for one in values if one["reduction"] is not None]
    clean = [one for one in values if one["kind"] in CLEAN and one["harm_before"] == 0]
    costs = [cost for one in values for cost in one["costs_db"].values()]
    promises = [one["kept"] for one in values]
    figures: Values = {
        "harmful_reduction": fmean(one["reduction"] for one in harmed) if harmed else None,
        "tonal_cost_db": fmean(costs) if costs else None,
        "worst_tonal_cost_db": max(costs, default=None),
        "on_offender": _share(sum(one["on_offender"] for one in values), sum(one["moves"] for one in values)),
        "abstention": _share(sum(one["touched"] == 0 for one in clean), len(clean)),
        "promises_kept": _share(sum(kept for kept, _ in promises), sum(count for _, count in promises)),
        "level_change_db": fmean(changes)
        if (changes := [c for one in values for c in one["levels_db"].values()])
        else None,
    }
    notes = tuple(
        f"{kind}: reduction {fmean(those):.2f} over {len(those)}"
        for kind in sorted({one["kind"] for one in harmed})
        if (those := [one["reduction"] for one in harmed if one["kind"] == kind])
    )
    return Summary(figures, {}, (*notes, *absences(cases)))


def _share(part: float, total: float) -> float | None:
    return part / total if total else None


def _case(job: Job, session: Session, seed: int) -> Case:
    work = job.out / "unmasking" / f"{session.name} {seed}".replace("/", "-")
    return Case(session.name, {OURS: attempt(_judge, session, work)}, {"seed": seed, "kind": session.kind})


def _judge(session: Session, work: Path) -> Values:
    shutil.rmtree(work, ignore_errors=True)
    for name, sound in session.sounds.items():
        write(work / "stems" / f"{name}.wav", sound, session.rates[name])
    wishes = {f"{name}.wav": {"role": role} for name, role in session.roles.items()}
    for name, priority in session.priorities.items():
        wishes[f"{name}.wav"] |= {"priority": priority}  # type: ignore[dict-item]  # a number beside words
    (work / "roles.json").write_text(json.dumps(wishes))
    program = [python(), PROGRAMS / "unmasked_bands.py", work / "stems", work, work / "roles.json"]
    try:
        run_program(program, environment=cache_environment(work / "cache"))
    except ProgramFailedError as failed:
        raise AbsentError(str(failed)) from failed
    document = json.loads((work / "after" / "mix.json").read_text())
    before, after = (dict(np.load(work / f"{name}.npz")) for name in ("before", "after"))
    shutil.rmtree(work)
    return {"kind": session.kind, **judge_bands(session, document, before, after)}


def judge_bands(session: Session, document: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> Values:
    """Hold both mixes against each other."""
    ids = [str(name) for name in after["tracks"]]
    names = {track["id"]: track["name"].removesuffix(".wav") for track in document["tracks"]}
    order = [list(before["tracks"]).index(name) for name in ids]
    steps = min(before["power"].shape[1], after["power"].shape[1])
    was, now = before["power"][order][:, :steps], after["power"][:, :steps]
    protected = protect(session, [names[name] for name in ids])
    moves = read_moves(document, {name: place for place, name in enumerate(ids)})
    others = [move for move in moves if move.track not in [one.place for one in protected]]
    touched = sorted({move.track for move in moves})
    harm = [harm_db(power, protected) for power in (was, now)]
    told = [
        move["measured"]["kept"] for move in document["moves"] if move["task"] == "masking" and move.get("measured")
    ]
    return {
        "harm_before": round(harm[0], 4),
        "harm_after": round(harm[1], 4),
        "reduction": 1 - harm[1] / harm[0] if harm[0] >= HARM_LEAST_DB else None,
        "costs_db": {ids[track]: round(tonal_cost_db(was[track], now[track]), 3) for track in touched},
        "levels_db": {ids[track]: round(_level_change_db(was[track], now[track]), 3) for track in touched},
        "moves": len(others),
        "touched": len(touched),
        "on_offender": sum(is_on_offender(move, was, now, protected) for move in others),
        "off": [
            [ids[move.track], move.kind, round(move.low_hz)]
            for move in others
            if not is_on_offender(move, was, now, protected)
        ],
        "kinds": sorted(move.kind for move in moves),
        "kept": [sum(told), len(told)],
    }


def _level_change_db(before: np.ndarray, after: np.ndarray) -> float:
    return abs(float(10 * np.log10(max(after.sum(), 1e-20) / max(before.sum(), 1e-20))))


def protect(session: Session, names: list[str]) -> list[Protected]:
    """Return the protected tracks of a session, by their place among the names."""
    leads = tuple(place for place, name in enumerate(names) if session.priorities.get(name, 1.0) >= 2)
    kit = tuple(place for place, name in enumerate(names) if session.roles.get(name) in DRUMS)
    found = []
    for place, name in enumerate(names):
        if name in session.priorities:
            weight, role = session.priorities[name], session.roles[name]
            kind: Literal["voice", "kick", "other"] = "voice" if role == LEAD else "kick" if role == "kick" else "other"
            found.append(Protected(place, weight, kind, beside=leads if weight >= 2 else kit))
    return found
