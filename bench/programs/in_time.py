"""Print what rides did, heard on rendered sound: `STATIC RIDDEN`, two results of one song.

{leads: {id: {lines: [[start_s, end_s, planned_db, static_db, ridden_db, weight]], phrases: [[start_s, end_s]]}}, members: {point: [power of 100 ms]}} of RIDDEN,
kinds: {section: what an arc takes it for}}.
"""

import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from bench.measures import RunningLoudness
from tonmeister.analysis.audibility import Part, measure_audibility
from tonmeister.analysis.phrases import find_phrases
from tonmeister.analysis.track_meter import TrackCurves, TrackMeter
from tonmeister.document.lane import constant
from tonmeister.document.mix import Mix
from tonmeister.document.strip import MASTER
from tonmeister.engineer.decide import predict_all
from tonmeister.engineer.documents import load_mix, load_sources
from tonmeister.files.cache import open_cache
from tonmeister.listen import recall_facts
from tonmeister.render import Renderer, SourceFile
from tonmeister.tasks import Work
from tonmeister.tasks.automation.lines import find_lines, plan
from tonmeister.tasks.pacing.form import find_parts


class Meter:
    """Measures a point of the mix."""

    def __init__(self, rate_hz: int) -> None:
        self.meter = TrackMeter(rate_hz, 2)

    def __call__(self, start_frame: int, block: NDArray[np.float32]) -> None:
        """Take the next block."""
        self.meter.add(block)

    def curves(self) -> TrackCurves:
        """Return what was measured."""
        return self.meter.result().curves


class Ear:
    """Hears the power of a point of the mix."""

    def __init__(self, rate_hz: int) -> None:
        self.loudness = RunningLoudness(rate_hz, 2)

    def __call__(self, start_frame: int, block: NDArray[np.float32]) -> None:
        """Take the next block."""
        self.loudness.add(block)


def main() -> int:
    """Render both and listen."""
    outs = [Path(word) for word in sys.argv[1:3]]
    static, ridden = (load_mix(out) for out in outs)
    sources = load_sources(outs[0], static)
    files = {name: SourceFile(sound.path, sound.stream) for name, sound in sources.items()}
    with Renderer(files, cache=open_cache()) as renderer:
        before, after = (_hear_leads(mix, renderer) for mix in (static, ridden))
        members = _hear_members(ridden, renderer)
    leads = {}
    for name, (own, rest) in before.items():
        lines = find_lines(find_phrases(own.rms_10ms), _standing(own, rest), own.energies_100ms)
        planned = plan(lines, static.song.sections) if lines else []
        curve = _standing(*after[name])
        rows = []
        for line in planned:
            here = curve[int(10 * line.start_s) : max(int(10 * line.start_s) + 1, round(10 * line.end_s))]
            if np.isfinite(here).any():
                rows.append(
                    [
                        line.start_s,
                        line.end_s,
                        line.planned_db,
                        line.audibility_db,
                        float(np.nanmean(here)),
                        line.weight,
                    ]
                )
        sung = [[phrase.start_s, phrase.end_s] for phrase in find_phrases(own.rms_10ms)]
        leads[name] = {"lines": rows, "phrases": sung}
    facts = recall_facts(static, sources, cache=open_cache())
    parts = find_parts(Work(facts=facts, mix=static, heard=predict_all(static, facts)))
    kinds = {part.id: part.kind for part in parts}
    print(json.dumps({"leads": leads, "members": members, "kinds": kinds}))
    return 0


def _standing(own: TrackCurves, rest: TrackCurves) -> NDArray[np.float64]:
    """Return the audibility of a voice against the rest, both as rendered."""
    parts = [Part(2 * curves.erb_power.astype(np.float64), curves.energies_100ms) for curves in (own, rest)]
    return measure_audibility(*parts)


def _hear_leads(mix: Mix, renderer: Renderer) -> dict[str, tuple[TrackCurves, TrackCurves]]:
    """Return each lead as it enters the mix, and the mix without any lead."""
    names = [track.id for track in mix.tracks if track.used and track.role == "lead vocal"]
    rate = mix.song.sample_rate_hz
    own = {name: Meter(rate) for name in names}
    renderer.render(mix, listeners={f"track:{name}": [meter] for name, meter in own.items()})
    muted = tuple(
        track.model_copy(update={"strip": track.strip.model_copy(update={"mute": constant(1.0, law="hold")})})
        if track.id in names
        else track
        for track in mix.tracks
    )
    rest = Meter(rate)
    renderer.render(mix.model_copy(update={"tracks": muted}), listeners={"mix": [rest]})
    others = rest.curves()
    return {name: (meter.curves(), others) for name, meter in own.items()}


def _hear_members(mix: Mix, renderer: Renderer) -> dict[str, list[float]]:
    """Return the power of everything that goes to the mix bus, by its point."""
    points = [f"bus:{bus.id}" for bus in mix.buses if bus.output == MASTER]
    points += [f"track:{track.id}" for track in mix.tracks if track.used and track.strip.output == MASTER]
    ears = {point: Ear(mix.song.sample_rate_hz) for point in points}
    renderer.render(mix, listeners={point: [ear] for point, ear in ears.items()})
    return {point: ear.loudness.power_100ms().tolist() for point, ear in ears.items()}


if __name__ == "__main__":
    sys.exit(main())
