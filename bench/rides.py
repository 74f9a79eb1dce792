"""Does the mix move as it should: rides, arcs, and what is left of them?

Each song with a lead vocal, as it is and rearranged by code so that its form is another (`bench.forms`), is mixed with an arc.
Rejecting the arc gives the mix with rides only, rejecting the rides too the static mix; both are rendered again.  Rides are
judged on rendered sound: each lead where it enters the sum, against the mix with all leads muted.  Planned lifts come from the
lanes in `mix.json` and the power of what they move, in the mix without the arc; lifts that came about from `mix.wav` and
`master.wav` with and without it.  `--seeds` and `--first-seed` draw the forms.  Cases of the kind `arcs` (as it is) and
`arcs_rearranged` try every arc on a song, and judge the lifts in the mix alone.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.case import OURS, AbsentError, Case, Job, Summary, Values, absences, attempt, mean_of
from bench.forms import GRIDS, draw_form, look_at_bars, write_stem
from bench.measures import k_weight
from bench.ours import cache_environment, python, tonmeister
from bench.process import PROGRAMS, ProgramFailedError, run_program
from bench.songs import find_songs
from bench.sound import read
from tonmeister.knowledge.rows import arcs

QUESTION = "does the mix move as it should?"
ARC = "second-chorus-bigger"
GRID_S = 0.06
"""A border counts as on a bar or on a phrase within this."""
KEYS = (
    "spread_static_db", "spread_ridden_db", "spread_fall", "fastest_db_per_s", "lift_error_lu", "width_error", "left_in_master",
    "chorus_over_verse", "later_over_first", "borders_on_grid", "loudness_bias_lu",
)  # fmt: skip
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Heard:
    """A stereo file: power of each 100 ms, K-weighted, and of middle and side."""

    loudness: Floats
    mid: Floats
    side: Floats

    def lufs(self, start_s: float, end_s: float) -> float:
        """Return the level of a stretch; -inf for silence."""
        power = self.loudness[int(10 * start_s) : int(10 * end_s)]
        with np.errstate(divide="ignore"):
            return float(-0.691 + 10 * np.log10(power.mean())) if power.size else -np.inf

    def width(self, start_s: float, end_s: float) -> float:
        """Return side power over all power in a stretch."""
        here = slice(int(10 * start_s), int(10 * end_s))
        mid, side = self.mid[here].sum(), self.side[here].sum()
        return float(side / max(mid + side, 1e-20))


def run(job: Job) -> Iterator[Case]:
    """Judge every song with a lead vocal, as it is and rearranged."""
    for song in find_songs(job):
        if not any("lead vocal" in stem.roles for stem in song.stems) or song.seconds() < 60:
            continue
        out = job.out / "rides" / song.name
        if job.wants_kind("as_it_is"):
            yield Case(song.name, {OURS: attempt(_judge, song.folder, out)}, {"kind": "as_it_is", "song": song.name})
        if job.wants_kind("arcs"):
            about: Values = {"kind": "arcs", "song": song.name}
            yield Case(f"{song.name} every arc", {OURS: attempt(_judge_arcs, song.folder, out)}, about)
        kinds = [kind for kind in ("rearranged", "arcs_rearranged") if job.wants_kind(kind)]
        if song.name not in GRIDS or not kinds:
            continue
        files = {stem.name: stem.wav(song) for stem in song.stems}
        levels, colours = look_at_bars(files, GRIDS[song.name])
        for seed in job.draws:
            form = draw_form(levels, colours, GRIDS[song.name], seed=seed)
            stems = job.out / "rides" / f"{song.name}_{seed}_stems"
            stems.mkdir(parents=True, exist_ok=True)
            for source in files.values():
                write_stem(source, stems / f"{source.stem}.wav", form)
            for kind in kinds:
                about = {"kind": kind, "song": song.name, "seed": seed, "form": "".join(form.labels)}
                judge = _judge if kind == "rearranged" else _judge_arcs
                name = f"{song.name} seed {seed}" + ("" if kind == "rearranged" else " every arc")
                yield Case(name, {OURS: attempt(judge, stems, out.with_name(f"{song.name}_{seed}"))}, about)
            shutil.rmtree(stems, ignore_errors=True)


def summarise(cases: list[Case]) -> Summary:
    """Return the means of all figures, and how alike the arcs of different songs are."""
    figures: Values = {key: mean_of(cases, OURS, key) for key in KEYS}
    for kind in ("as_it_is", "rearranged"):
        of_kind = [case for case in cases if case.about.get("kind") == kind]
        figures |= {
            f"{kind}_{key}": mean_of(of_kind, OURS, key) for key in ("spread_fall", "lift_error_lu", "left_in_master")
        }
    curves = {case.name: case.systems[OURS].get("arc_curve") for case in cases if case.about.get("kind") == "as_it_is"}
    alike = [
        float(np.corrcoef(a, b)[0, 1])
        for a, b in combinations([c for c in curves.values() if c], 2)
        if np.std(a) and np.std(b)
    ]
    figures["arcs_alike_most"] = max(alike) if alike else None
    figures["every_arc_lift_error_lu"] = max(
        (error for case in cases for error in (case.systems[OURS].get("lift_errors_lu") or {}).values() if error),
        default=None,
    )
    return Summary(figures, {}, absences(cases))


def _judge(stems: Path, out: Path) -> Values:
    """Mix with an arc, then without it, then without rides, and compare."""
    cache = out.parent / "cache"
    shutil.rmtree(out, ignore_errors=True)
    arc, rides, still = (out / name for name in ("arc", "rides", "still"))
    environment = cache_environment(cache)
    words = ["--arc", ARC, "--start", "from-scratch", "--sessions", "none", "--no-report", "--json"]
    tonmeister("mix", stems, "-o", arc, *words, environment=environment)
    for source, target, rejected in ((arc, rides, "pacing.*"), (rides, still, "automation.*")):
        shutil.copytree(source, target)
        document = json.loads((target / "mix.json").read_text())
        if any(move["id"].startswith(rejected[:-1]) for move in document["moves"]):
            tonmeister("moves", target, "reject", rejected, environment=environment)
            tonmeister("render", target, "--json", environment=environment)
    try:
        done = run_program([python(), PROGRAMS / "in_time.py", still, rides], environment=environment)
    except ProgramFailedError as failed:
        raise AbsentError(f"the mixes cannot be measured: {failed}") from failed
    heard = json.loads(done.output.strip().splitlines()[-1])
    document = json.loads((arc / "mix.json").read_text())
    values = _ride_figures(document, heard["leads"]) | _arc_figures(document, heard, arc, rides)
    values["loudness_bias_lu"] = round(_bias(rides, still), 3)
    values |= _throw_figures(document)
    shutil.rmtree(out, ignore_errors=True)
    return values


def _judge_arcs(stems: Path, out: Path) -> Values:
    """Mix once, then decide again with every arc, and hold the lifts in the mix against the lanes."""
    environment = cache_environment(out.parent / "cache")
    shutil.rmtree(out, ignore_errors=True)
    words = ["--arc", "none", "--start", "from-scratch", "--sessions", "none", "--no-report", "--no-master", "--json"]
    tonmeister("mix", stems, "-o", out, *words, environment=environment)
    found = {}
    for name in arcs():
        tonmeister("solve", out, "--arc", name, "--json", environment=environment)
        try:
            done = run_program([python(), PROGRAMS / "arc_lifts.py", out], environment=environment)
        except ProgramFailedError as failed:
            raise AbsentError(f"the mix cannot be measured: {failed}") from failed
        found[name] = json.loads(done.output.strip().splitlines()[-1])
    shutil.rmtree(out, ignore_errors=True)
    return {
        "lift_errors_lu": {name: one["lift_error_lu"] for name, one in found.items()},
        "width_errors": {name: one["width_error"] for name, one in found.items()},
    }


def _bias(rides: Path, still: Path) -> float:
    """Return by how much rides make the mix as a whole louder."""
    first, second = (hear(out / "mix.wav") for out in (rides, still))
    return first.lufs(0, 1e4) - second.lufs(0, 1e4)


def _ride_figures(document: Mapping[str, Any], leads: Mapping[str, Any]) -> Values:
    """Return how far the lines lie from their plan, and how fast faders move while somebody sings."""
    before, after, weights, fastest = [], [], [], [0.0]
    for name, lead in leads.items():
        rows = np.array(lead["lines"])
        if len(rows) < 2:
            continue
        weight = rows[:, 5]
        off = rows[:, 3:5] - rows[:, 2:3]
        off = off - np.average(off, axis=0, weights=weight)
        before += (off[:, 0] ** 2).tolist()
        after += (off[:, 1] ** 2).tolist()
        weights += weight.tolist()
        points = next(t for t in document["tracks"] if t["id"] == name)["strip"]["fader_db"]["points"]
        fastest += [_fastest(points, start + 0.02, end - 0.02) for start, end in lead["phrases"]]
    if not weights:
        return {}
    static, ridden = (float(np.sqrt(np.average(values, weights=weights))) for values in (before, after))
    return {
        "spread_static_db": round(static, 3), "spread_ridden_db": round(ridden, 3), "spread_fall": round(1 - ridden / static, 3),
        "fastest_db_per_s": round(max(fastest), 2), "lines": len(weights),
    }  # fmt: skip


def _fastest(points: Sequence[Mapping[str, float]], start_s: float, end_s: float) -> float:
    moving = [
        abs(b["value"] - a["value"]) / (b["time_s"] - a["time_s"])
        for a, b in pairwise(points)
        if b["time_s"] > start_s and a["time_s"] < end_s
    ]
    return max(moving, default=0.0)


def _arc_figures(document: Mapping[str, Any], heard: Mapping[str, Any], arc: Path, rides: Path) -> Values:
    """Return how near the lifts of sections are to their plan, and what is left of them in the master."""
    sections = [s for s in document["song"]["sections"] if s["end_s"] - s["start_s"] >= 4]
    lanes = lanes_of(document)
    if len(sections) < 2 or not lanes:
        return {"arc": "none: no sections"}
    files = {name: [hear(out / f"{name}.wav") for out in (arc, rides)] for name in ("mix", "master")}
    spans = [(s["start_s"], s["end_s"]) for s in sections]
    loud = [files["mix"][1].lufs(*span) for span in spans]
    kept = [place for place, lufs in enumerate(loud) if lufs > max(loud) - 25]
    spans, sections = [spans[place] for place in kept], [sections[place] for place in kept]
    planned = np.array([planned_lift(heard["members"], lanes, span) for span in spans])
    lifts = {
        name: np.array([with_.lufs(*span) - without.lufs(*span) for span in spans])
        for name, (with_, without) in files.items()
    }
    top, bottom = int(np.argmax(planned)), int(np.argmin(planned))
    contrast = lifts["mix"][top] - lifts["mix"][bottom]
    weights = np.array([end - start for start, end in spans])
    around = planned - np.average(planned, weights=weights)
    slope = float(np.sum(weights * around * lifts["master"]) / np.sum(weights * around**2))
    values: Values = {
        "lift_error_lu": round(float(np.abs(planned - lifts["mix"]).max()), 3),
        "lift_error_mean_lu": round(float(np.abs(planned - lifts["mix"]).mean()), 3),
        "contrast_lu": round(float(contrast), 2),
        "left_in_master": round(slope, 3),
        "left_between_extremes": round(float((lifts["master"][top] - lifts["master"][bottom]) / contrast), 3),
        "borders_on_grid": _borders_on_grid(document),
        "arc_curve": [round(float(v), 3) for v in _curve(document)],
    }
    return values | _width_figures(document, files["mix"]) | _order_figures(sections, heard["kinds"], files["mix"][0])


def _throw_figures(document: Mapping[str, Any]) -> Values:
    """Return what the engine heard of its throws and blooms on the rendered buses; nothing where nothing was thrown."""
    found = {}
    for metric in ("throw_tail_db", "bloom_lift_db"):
        moves = [m for m in document["moves"] if (m["expects"] or {}).get("metric") == metric and m["measured"]]
        if moves:
            found[metric] = max(move["measured"]["value"] for move in moves)
            found[f"{metric}_kept"] = all(move["measured"]["kept"] for move in moves)
    return found


def lanes_of(document: Mapping[str, Any]) -> dict[str, Sequence[Mapping[str, float]]]:
    """Return the arc's lane of each point that it moves."""
    found = {}
    for move in document["moves"]:
        if move["task"] == "pacing" and move["change"]["kind"] == "fader" and move["state"] == "accepted":
            where = move["where"]
            found[f"track:{where['track']}" if where["track"] else f"bus:{where['bus']}"] = move["change"]["change_db"][
                "points"
            ]
    return found


def planned_lift(
    members: Mapping[str, Sequence[float]],
    lanes: Mapping[str, Sequence[Mapping[str, float]]],
    span: tuple[float, float],
) -> float:
    """Return the lift of a section by the lanes, powers added."""
    before = after = 0.0
    for point, power in members.items():
        here = np.array(power[int(10 * span[0]) : int(10 * span[1])])
        before += here.sum()
        after += float((here * 10 ** (_at(lanes.get(point), span[0] + 0.05 + np.arange(here.size) / 10) / 10)).sum())
    return 10 * float(np.log10(after / before)) if before > 0 else 0.0


def _at(points: Sequence[Mapping[str, float]] | None, times_s: Floats) -> Floats:
    if points is None:
        return np.zeros(times_s.size)
    return np.interp(times_s, [p["time_s"] for p in points], [p["value"] for p in points])


def _width_figures(document: Mapping[str, Any], files: Sequence[Heard]) -> Values:
    """Return how far the promised change of width was missed."""
    move = next((m for m in document["moves"] if m["id"] == "pacing.music.width" and m["expects"]), None)
    if move is None:
        return {}
    span = move["because"][0]["start_s"], min(move["because"][0]["end_s"], move["because"][0]["start_s"] + 10)
    gained = files[0].width(*span) - files[1].width(*span)
    planned = move["expects"]["value"] - move["expects"]["before"]
    return {"width_planned": round(planned, 3), "width_error": round(abs(gained - planned), 4)}


def _order_figures(sections: Sequence[Mapping[str, Any]], kinds: Mapping[str, str], mix: Heard) -> Values:
    """Return shares: choruses louder than the verse before them, the second one not below the first; None without such kinds.

    Kinds are what the arc takes a section for: its name where it was found with confidence, else what its energy is like.
    """
    levels = [(kinds.get(s["id"], s["label"]), mix.lufs(s["start_s"], s["end_s"])) for s in sections]
    over: list[bool] = []
    later: list[bool] = []
    first: float | None = None
    verse: float | None = None
    for label, lufs in levels:
        if label == "verse":
            verse = lufs
        elif label == "chorus":
            over += [] if verse is None else [lufs > verse]
            later += [] if first is None else [lufs >= first - 0.05]
            first = lufs if first is None else first
    return {
        "chorus_over_verse": float(np.mean(over)) if over else None,
        "later_over_first": float(np.mean(later[:1])) if later else None,
    }


def _borders_on_grid(document: Mapping[str, Any]) -> float:
    """Return the share of points of arcs and rides that lie on bars (as the document counts them) or at ends of lines."""
    song = document["song"]
    beat_s = 60 / song["tempo_bpm"] if song["tempo_bpm"] else 0.5
    bar_s = beat_s * int((song["meter"] or "4/4").split("/")[0])
    first = song["first_bar_s"] or 0.0
    points = [p["time_s"] for lane in lanes_of(document).values() for p in lane[1:]]
    edges = [s["start_s"] for s in song["sections"]]
    near = [
        abs((t - first + bar_s / 2) % bar_s - bar_s / 2) <= GRID_S
        or min((abs(t - e) for e in edges), default=9.0) <= GRID_S
        for t in points
    ]
    return round(float(np.mean(near)), 3) if near else 1.0


def _curve(document: Mapping[str, Any]) -> Floats:
    """Return the arc of the first group over the song, 200 values from start to end."""
    points = next(iter(lanes_of(document).values()))
    return _at(points, np.linspace(0, document["song"]["frames"] / document["song"]["sample_rate_hz"], 200))


def hear(path: Path) -> Heard:
    """Measure a stereo file."""
    samples, rate = read(path)
    hop = rate // 10
    count = samples.shape[1] // hop * hop

    def steps(power: Floats) -> Floats:
        return np.asarray(power[:count].reshape(-1, hop).mean(axis=1))

    left, right = samples[0].astype(np.float64), samples[-1].astype(np.float64)
    weighted = np.square(k_weight(samples, rate)).sum(axis=0)
    return Heard(steps(weighted), steps((left + right) ** 2), steps((left - right) ** 2))
