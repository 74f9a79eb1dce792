"""Does the person stay in control?

Each song is mixed from scratch.  Counted are the moves with evidence, those that promise something above the threshold, the promises
that were measured and kept, and the budgets that were measured and held.  Then, `--seeds` times each, a random move is
locked and others are rejected, accepted or edited at random before `solve`: the locked move must stay byte for byte, `measured` apart;
and a random move is rejected before `solve`: strips that do not depend on it must stay byte for byte.
"""

import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.case import OURS, Case, Job, Summary, Values, absences, attempt, mean_of
from bench.control_counts import count_moves
from bench.control_edits import Document, changed_strips, dependents, edit_fader, is_note, tracks_near
from bench.ours import cache_environment, mix_stems, tonmeister
from bench.songs import Song, find_songs

QUESTION = "do moves keep what they promise, budgets hold, and do locked moves stay?"
KEYS = (
    "with_evidence", "promising", "promising_all", "kept", "budgets_held", "budgets_measured", "locked_stay", "rejected_alone",
)  # fmt: skip


def run(job: Job) -> Iterator[Case]:
    """Mix every song, count, and play with its moves."""
    for song in find_songs(job):
        work = job.out / "control" / song.name
        stems = _stems(song, work / "stems")
        out = mix_stems(stems, work / "mix", from_scratch=True)
        if job.wants_kind("moves"):
            yield Case(f"{song.name} moves", {OURS: count_moves(_read(out))}, {"song": song.name, "kind": "moves"})
        for kind, play in (("lock", _lock), ("reject", _reject)):
            for seed in job.draws if job.wants_kind(kind) else ():
                values = attempt(_played, out, play, seed)
                yield Case(
                    f"{song.name} {kind} {seed}", {OURS: values}, {"song": song.name, "kind": kind, "seed": seed}
                )
        shutil.rmtree(work, ignore_errors=True)


def summarise(cases: list[Case]) -> Summary:
    """Return the mean of each figure over the cases that have it."""
    notes = [f"{case.name}: {fault}" for case in cases for fault in case.systems[OURS].get("faults", ())]
    return Summary({key: mean_of(cases, OURS, key) for key in KEYS}, {}, (*notes, *absences(cases)))


def _stems(song: Song, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for stem in song.stems:
        (folder / f"{stem.name}.wav").symlink_to(stem.wav(song).resolve())
    return folder


def _played(out: Path, play: Callable[[Path, random.Random], Values], seed: int) -> Values:
    """Play with a copy of the mix, so that each draw begins from the same document."""
    copy = out.with_name("played")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(out, copy)
    return play(copy, random.Random(seed))


def _lock(out: Path, draw: random.Random) -> Values:
    """Lock one move, change others, solve again: the locked one and what it does must be as they were."""
    before = _read(out)
    moves = [move for move in before["moves"] if move["state"] == "accepted" and not is_note(move)]
    locked = draw.choice(moves)
    needed = dependents(before["moves"], locked["id"], upwards=True)
    _say(out, "moves", "lock", locked["id"])
    others = [move["id"] for move in moves if move["id"] not in needed]
    for action in ("reject", "accept", "reject"):
        chosen = draw.sample(others, min(len(others), draw.randint(1, 3)))
        _say(out, "moves", action, *chosen)
    strips = [t["id"] for t in before["tracks"] if t["used"] and t["id"] != locked["where"]["track"]]
    edit_fader(out, draw.choice(strips), by_db=draw.uniform(-3, 3))
    _say(out, "solve")
    after = _read(out)
    same = _bare(after, locked["id"]) == {**_bare(before, locked["id"]), "state": "locked", "set_by": "person"}
    return {"locked_stay": float(same), "move": locked["id"], "faults": [] if same else [f"{locked['id']} was touched"]}


def _reject(out: Path, draw: random.Random) -> Values:
    """Reject one move, solve again: only strips that have to do with it may differ."""
    first = out.with_name("before.json")
    before = _read(out)
    moves = [move for move in before["moves"] if move["state"] == "accepted" and not is_note(move)]
    rejected = draw.choice(moves)
    shutil.copyfile(out / "mix.json", first)
    _say(out, "moves", "reject", rejected["id"])
    _say(out, "solve")
    found = json.loads(tonmeister("diff", first, out, "--json").output)
    near = tracks_near(before, rejected)
    strips = changed_strips(found)
    astray = sorted(strips - near)
    aside = len(before["tracks"]) - len(near)
    faults = [f"rejecting {rejected['id']} changed {', '.join(astray)}"] if astray else []
    return {
        "rejected_alone": float(not astray),
        "strips_aside": aside,
        "strips_changed": len(strips),
        "move": rejected["id"],
        "faults": faults,
    }


def _bare(document: Document, move_id: str) -> Document:
    """Return a move without what verify writes into it."""
    move: Document = next((move for move in document["moves"] if move["id"] == move_id), {})
    return {name: value for name, value in move.items() if name != "measured"}


def _read(out: Path) -> Document:
    return dict(json.loads((out / "mix.json").read_text()))


def _say(out: Path, command: str, *words: str) -> None:
    tonmeister(command, out, *words, environment=cache_environment(out.parent / "cache"))
