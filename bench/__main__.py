"""The one door: `python -m bench NAME… --data FOLDER --out FOLDER --json`."""

import argparse
import json
import platform
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.case import Case, Job, Summary, say

BENCHMARKS = (
    "intake",
    "roles",
    "sections",
    "balance",
    "rides",
    "features",
    "masking",
    "unmasking",
    "words",
    "questions",
    "agent",
    "phrases",
    "readings",
    "taste",
    "repair",
    "repair_damage",
    "repair_voice",
    "master",
    "limiters",
    "matching",
    "control",
    "sessions",
    "speed",
    "same",
)
"""Every benchmark, in the order in which `all` runs them; each is the module of that name."""
WRONG_INPUT = 2


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks that were asked for; 2 if the data folder holds no case of one that was named, or of any for `all`."""
    options = _parser().parse_args(arguments)
    names = BENCHMARKS if "all" in options.name else tuple(options.name)
    job = Job(
        data=options.data,
        out=options.out,
        songs=tuple(options.songs),
        systems=tuple(options.systems),
        kinds=tuple(options.kinds),
        seeds=options.seeds,
        first_seed=options.first_seed,
        rounds=options.rounds,
        stems=options.stems,
        seconds=options.seconds,
    )
    job.out.mkdir(parents=True, exist_ok=True)
    empty = [name for name in names if not _run(name, job, as_json=options.json)]
    return WRONG_INPUT if empty and (len(empty) == len(names) or "all" not in options.name) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Judge sound and speed against baselines.")
    parser.add_argument("name", nargs="+", choices=(*BENCHMARKS, "all"), help="benchmark")
    parser.add_argument("--data", type=Path, required=True, help="folder with the songs")
    parser.add_argument("--out", type=Path, required=True, help="folder for work files and kept baseline results")
    parser.add_argument("--json", action="store_true", help="one JSON object a case; the summary is the last line")
    parser.add_argument("--songs", nargs="*", default=[], help="only these songs")
    parser.add_argument("--systems", nargs="*", default=[], help="only these systems (tonmeister, or baselines)")
    parser.add_argument(
        "--kinds", nargs="*", default=[], help="only cases of these kinds (repair_damage: clicks, gaps, ...)"
    )
    parser.add_argument("--seeds", type=int, default=3, help="draws of anything random")
    parser.add_argument(
        "--first-seed", type=int, default=1, help="seed of the first draw (intake, masking, balance, repair_damage)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="runs of anything timed")
    parser.add_argument("--stems", type=int, default=24, help="stems of the typical job (speed)")
    parser.add_argument("--seconds", type=float, default=240.0, help="length of the typical job (speed)")
    return parser


def _run(name: str, job: Job, *, as_json: bool) -> bool:
    """Run one benchmark; return whether the data folder held any of its cases."""
    bench = import_module(f"bench.{name}")
    say(f"{name}: {bench.QUESTION}")
    cases: list[Case] = []
    for case in bench.run(job):
        cases.append(case)
        print(case.as_json(name), flush=True)
    if not cases:
        say(f"{name}: {job.data} holds none of its cases")
        return False
    _show(name, bench.summarise(cases), len(cases), as_json=as_json)
    return True


def _show(name: str, summary: Summary, cases: int, *, as_json: bool) -> None:
    for note in summary.notes:
        say(f"  note: {note}")
    result: dict[str, Any] = {
        "bench": name,
        "cases": cases,
        "figures": _rounded(summary.figures),
        "baselines": _rounded(summary.baselines),
        "notes": summary.notes,
        "commit": _commit(),
        "machine": _machine(),
    }
    if as_json:
        print(json.dumps(result), flush=True)
        return
    for system, figures in (("tonmeister", result["figures"]), *result["baselines"].items()):
        print(f"{system:<12} " + "  ".join(f"{key} {value}" for key, value in figures.items()), flush=True)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    return value


def _commit() -> str | None:
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() or None


def _machine() -> dict[str, Any]:
    import os

    model = platform.processor() or platform.machine()
    cpu_info = Path("/proc/cpuinfo")
    if cpu_info.exists():
        names = [
            line.split(":", 1)[1].strip() for line in cpu_info.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else model
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
    }


if __name__ == "__main__":
    sys.exit(main())
