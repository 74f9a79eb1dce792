"""How long, how much memory?

The typical job (24 stereo stems, 4 minutes, 48 kHz, 24-bit) through us and through the anchors, all in the same run: (a)
pedalboard's plain chain without analysis, (b) decoding alone, (c) ffmpeg's one graph, libsonare's suggestion and render,
matchering.  Costs are CPU seconds of whole processes; a ratio is taken inside each round, then the median of the rounds.
Nothing heavy is imported here: the spawning is done by a bare interpreter.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from bench import ours
from bench.baselines import anchors
from bench.case import OURS, AbsentError, Case, Job, Summary, Values, absences, attempt, say
from bench.edits import edit_all_trims, edit_one_fader, give_plain_chain
from bench.process import PROGRAMS, Cost, run_program

QUESTION = "how long, how much memory?"
SONARE_STEMS, SONARE_SECONDS = 8, 60.0
"""libsonare is measured on this much and scaled by stem-seconds; its cost grows faster than that, so it is flattered."""
AFTER_ONE_PASS = ("verify", "report", "sessions")
"""Stages of `mix` that the single pass (listen, decide, render, master) does not have."""
HELP_RUNS = 5


def run(job: Job) -> Iterator[Case]:
    """Make the typical job, warm everything up once, then take rounds of all programs in turn."""
    stems = typical_job(job, job.stems, job.seconds)
    small = typical_job(job, SONARE_STEMS, min(SONARE_SECONDS, job.seconds))
    work = job.out / "speed"
    if job.wants(OURS):
        say("  warming up (kernels compile once)")
        attempt(_ours_round, small, work / "warm")
    for number in range(1, job.rounds + 1):
        systems: dict[str, Values] = {}
        if job.wants(OURS):
            systems[OURS] = attempt(_ours_round, stems, work / "ours")
        for name, anchor in _anchors(stems, small, work).items():
            if job.wants(name):
                systems[name] = attempt(_anchor_round, anchor)
        yield Case(f"round {number}", systems, {"stems": job.stems, "seconds": job.seconds})


def summarise(cases: list[Case]) -> Summary:
    """Return the medians over the rounds of our cost divided by theirs, and of memory."""
    scale = (
        cases[0].about["stems"]
        * cases[0].about["seconds"]
        / (SONARE_STEMS * min(SONARE_SECONDS, cases[0].about["seconds"]))
    )

    def ratio(ours_key: str, theirs: str, *, their_scale: float = 1.0, their_key: str = "whole_cpu_s") -> float | None:
        return _median(
            case.systems[OURS][ours_key] / (case.systems[theirs][their_key] * their_scale)
            for case in cases
            if ours_key in case.systems.get(OURS, {}) and their_key in case.systems.get(theirs, {})
        )

    def own(key: str) -> float | None:
        return _median(case.systems[OURS][key] for case in cases if key in case.systems.get(OURS, {}))

    figures: Values = {
        "onepass_pedalboard": ratio("onepass_cpu_s", "pedalboard"),
        "whole_pedalboard": ratio("whole_cpu_s", "pedalboard"),
        "whole_libsonare": ratio("whole_cpu_s", "libsonare", their_scale=scale),
        "whole_ffmpeg": ratio("whole_cpu_s", "ffmpeg"),
        "listen_decode": ratio("listen_cpu_s", "decode"),
        "rerender_pedalboard": ratio("rerender_cpu_s", "pedalboard"),
        "edit_warm": ratio("edit_warm_cpu_s", OURS, their_key="rerender_cpu_s"),
        "edit_cold": ratio("edit_cold_cpu_s", OURS, their_key="rerender_cpu_s"),
        "wall_cpu": own("wall_cpu"),
        "mix_peak_mib": own("whole_peak_mib"),
        "master_matchering": ratio("master_cpu_s", "matchering"),
        "master_peak_mib": own("master_peak_mib"),
        "help_cpu_s": own("help_cpu_s"),
    }
    theirs = {
        name: {
            key: _median(case.systems[name][key] for case in cases if key in case.systems.get(name, {}))
            for key in ("whole_cpu_s", "whole_wall_s", "whole_peak_mib")
        }
        for name in anchors.NAMES
    }
    note = f"libsonare: {SONARE_STEMS} stems x {SONARE_SECONDS:g} s, scaled by {scale:g} in whole_libsonare"
    known = {name: values for name, values in theirs.items() if values["whole_cpu_s"] is not None}
    return Summary(figures, known, (note, *absences(cases)))


def _median(values: Iterator[float]) -> float | None:
    found = list(values)
    return median(found) if found else None


def typical_job(job: Job, stems: int, seconds: float) -> Path:
    """Return the folder of the typical job, made where it is not there."""
    folder = job.out / "speed" / f"stems-{stems}x{seconds:g}"
    if not (folder / ".complete").exists():
        run_program([sys.executable, PROGRAMS / "typical_job.py", folder, str(stems), str(seconds)])
        (folder / ".complete").touch()
    return folder


def _anchors(stems: Path, small: Path, work: Path) -> dict[str, Callable[[], Cost]]:
    mix = work / "mix_for_masters.wav"
    return {
        "decode": lambda: anchors.decode_only(stems),
        "pedalboard": lambda: anchors.plain_chain(stems, work / "anchor_a.wav"),
        "ffmpeg": lambda: anchors.whole_graph(stems, work / "anchor_c.wav"),
        "libsonare": lambda: anchors.suggest_and_render(small, work / "anchor_libsonare.wav"),
        "matchering": lambda: anchors.match(anchors.plain_mix(stems, mix), work / "anchor_matchering.wav"),
    }


def _anchor_round(anchor: Callable[[], Cost]) -> Values:
    return _costs({"whole": anchor()})


def _costs(costs: dict[str, Cost]) -> Values:
    return {
        f"{name}_{key}": getattr(cost, key) for name, cost in costs.items() for key in ("cpu_s", "wall_s", "peak_mib")
    }


def _ours_round(stems: Path, work: Path) -> Values:
    """Run all our commands once: cold, listening alone, everything rendered again, one fader, the master, help."""
    import shutil

    shutil.rmtree(work, ignore_errors=True)
    out, warm = work / "out", ours.cache_environment(work / "cache")
    _bring_to_memory(stems)
    # From scratch: these stems are stereo and would else pass for a human's balance, with less to do for every strip.
    whole = ours.tonmeister("mix", stems, "-o", out, "--start", "from-scratch", "--json", environment=warm)
    costs = {
        "whole": whole,
        "listen": ours.tonmeister("listen", stems, "--json", environment=ours.cache_environment(work / "cache-listen")),
    }
    give_plain_chain(out)  # the same work for every strip as in anchor (a)
    ours.tonmeister("render", out, environment=warm)
    edit_all_trims(out, by_db=-0.5)
    costs["rerender"] = ours.tonmeister("render", out, environment=warm)
    edit_one_fader(out, by_db=1.0)
    costs["edit_cold"] = ours.tonmeister("render", out, environment=warm)
    warm_edit = run_program([ours.python(), PROGRAMS / "edit_warm.py", out], environment=warm)
    mix = anchors.plain_mix(stems, work.parent / "mix_for_masters.wav")
    costs["master"] = ours.tonmeister("master", mix, "-o", work / "master.wav", environment=warm)
    stages = stages_of(whole.output)
    return {
        **_costs(costs),
        "onepass_cpu_s": whole.cpu_s - sum(stages.get(name, {}).get("cpu_s", 0.0) for name in AFTER_ONE_PASS),
        "wall_cpu": whole.wall_s / whole.cpu_s,
        "stages": stages,
        "edit_warm_cpu_s": json.loads(warm_edit.output.strip().splitlines()[-1])["cpu_s"],
        "help_cpu_s": _help_cpu_s(),
    }


def _bring_to_memory(stems: Path) -> None:
    """Read the stems once and let the disk finish: how long the work takes must not hang on what ran before it."""
    os.sync()
    for path in sorted(stems.glob("*.wav")):
        with path.open("rb", buffering=0) as file:
            while file.read(1 << 24):
                pass


def stages_of(output: str) -> dict[str, Any]:
    """Return what `mix --json` says each stage cost: {"listen": {"wall_s", "cpu_s"}, …}.

    Raises:
        AbsentError: If it does not say it; without it the single pass cannot be told from the rest.
    """
    stages = json.loads(output).get("stages")
    if not stages:
        raise AbsentError("`mix --json` gives no stages")
    return dict(stages)


def _help_cpu_s() -> float:
    bare = median(run_program([ours.python(), "-c", "pass"]).cpu_s for _ in range(HELP_RUNS))
    return median(ours.tonmeister("--help").cpu_s for _ in range(HELP_RUNS)) - bare
