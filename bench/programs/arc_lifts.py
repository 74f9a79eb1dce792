"""Print how near the lifts of an arc come to its lanes: `OUT`, a result of `tonmeister mix --arc NAME`.

{arc, sections: [[id, planned_lu, heard_lu]], lift_error_lu, width_error}; lift_error_lu is the worst section's, None without an arc.  The mix is
rendered with the arc and without it; planned lifts are those of `bench.rides`, from the lanes and the power of what they move.
"""

import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from bench.rides import lanes_of, planned_lift
from tonmeister.analysis.loudness import LoudnessMeter
from tonmeister.document.fold import fold
from tonmeister.document.mix import Mix
from tonmeister.document.strip import MASTER
from tonmeister.engineer.documents import load_mix, load_sources
from tonmeister.files.cache import open_cache
from tonmeister.render import Renderer, SourceFile

LEAST_S, QUIET_LU = 4.0, 25.0
"""Sections that are shorter, or lie further under the loudest one, tell nothing."""


class Ear:
    """Hears the K-weighted power of a point of the mix, and its middle and side."""

    def __init__(self, rate_hz: int) -> None:
        self.loudness = LoudnessMeter(rate_hz, 2)

    def __call__(self, start_frame: int, block: NDArray[np.float32]) -> None:
        """Take the next block."""
        self.loudness.add(block)


def main() -> int:
    """Render with the arc and without it, and compare."""
    out = Path(sys.argv[1])
    mix, document = load_mix(out), json.loads((out / "mix.json").read_text())
    lanes = lanes_of(document)
    plain = fold(mix.model_copy(update={"moves": tuple(move for move in mix.moves if move.task != "pacing")}))
    points = [f"bus:{bus.id}" for bus in mix.buses if bus.output == MASTER]
    points += [f"track:{track.id}" for track in mix.tracks if track.used and track.strip.output == MASTER]
    sources = load_sources(out, mix)
    files = {name: SourceFile(sound.path, sound.stream) for name, sound in sources.items()}
    with Renderer(files, cache=open_cache()) as renderer:
        before = _hear(plain, [*points, "mix"], renderer)
        after = _hear(mix, ["mix"], renderer)["mix"]
    spans = {s.id: (s.start_s, s.end_s) for s in mix.song.sections if s.end_s - s.start_s >= LEAST_S}
    levels = {name: (_lufs(before["mix"], span), _lufs(after, span)) for name, span in spans.items()}
    loudest = max((level for level, _ in levels.values()), default=0.0)
    members = {point: before[point].tolist() for point in points}
    rows: list[tuple[str, float, float]] = [
        (name, round(planned_lift(members, lanes, spans[name]), 3), round(now - was, 3))
        for name, (was, now) in levels.items()
        if was > loudest - QUIET_LU
    ]
    width = next((move.measured for move in mix.moves if move.id == "pacing.music.width"), None)
    promised = next((move.expects for move in mix.moves if move.id == "pacing.music.width"), None)
    error = max((abs(planned - heard) for _, planned, heard in rows), default=None)
    print(
        json.dumps(
            {
                "arc": mix.brief.arc,
                "sections": rows,
                "lift_error_lu": None if error is None or not lanes else round(error, 3),
                "width_error": None
                if width is None or promised is None
                else round(abs(width.value - promised.value), 4),
            }
        )
    )
    return 0


def _hear(mix: Mix, points: list[str], renderer: Renderer) -> dict[str, NDArray[np.float64]]:
    ears = {point: Ear(mix.song.sample_rate_hz) for point in points}
    renderer.render(mix, listeners={point: [ear] for point, ear in ears.items()})
    return {point: ear.loudness.energies_100ms() for point, ear in ears.items()}


def _lufs(power: NDArray[np.float64], span_s: tuple[float, float]) -> float:
    here = power[int(10 * span_s[0]) : int(10 * span_s[1])]
    mean = float(here.mean()) if here.size else 0.0
    return 10 * float(np.log10(max(mean, 1e-20)))


if __name__ == "__main__":
    sys.exit(main())
