"""The anchors of `speed`, under one roof; nothing heavy is imported, so that spawned processes start small."""

import sys
from pathlib import Path

from bench.baselines.environment import installed_versions
from bench.case import AbsentError
from bench.process import PROGRAMS, Cost, ProgramFailedError, run_baseline_program, run_program

NAMES = ("decode", "pedalboard", "ffmpeg", "libsonare", "matchering")


def decode_only(stems: Path) -> Cost:
    """Anchor (b): read every stem by soundfile."""
    return run_program([sys.executable, PROGRAMS / "decode_only.py", stems])


def plain_chain(stems: Path, target: Path) -> Cost:
    """Anchor (a): pedalboard's plain chain over every stem, one thread, no analysis."""
    return _run("pedalboard", "pedalboard_chain.py", stems, target, "1")


def whole_graph(stems: Path, target: Path) -> Cost:
    """Anchor (c): ffmpeg's one graph with loudnorm."""
    from bench.baselines import ffmpeg_graph

    return ffmpeg_graph.run(stems, target)


def suggest_and_render(stems: Path, target: Path) -> Cost:
    """Run libsonare's suggestion and its mixer."""
    return _run("libsonare", "libsonare_mix.py", target, *sorted(stems.glob("*.wav")))


def match(mix: Path, target: Path) -> Cost:
    """Run matchering, the mix against itself turned over in time: the cost does not depend on the sound."""
    reference = mix.with_name("reference_for_matchering.wav")
    if not reference.exists():
        run_program([sys.executable, PROGRAMS / "make_reference.py", mix, reference])
    return _run("matchering", "matchering_master.py", mix, target, reference)


def plain_mix(stems: Path, target: Path) -> Path:
    """Return the plain sum of a folder of stems as 24-bit WAV, made once."""
    if not target.exists():
        run_program([sys.executable, PROGRAMS / "make_sum.py", target, *sorted(stems.glob("*.wav"))])
    return target


def _run(package: str, program: str, *words: str | Path) -> Cost:
    if package not in installed_versions():
        raise AbsentError("not installed")
    try:
        return run_baseline_program(program, *words)
    except ProgramFailedError as failed:
        raise AbsentError(str(failed)) from failed
