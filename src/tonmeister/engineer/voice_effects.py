"""What moving a voice's phrases came to, measured on what is heard behind the cleanup."""

import numpy as np

from tonmeister.analysis.energy_steps import loudest_span_s
from tonmeister.analysis.track_meter import measure_track
from tonmeister.analysis.voice_timing import measure_offsets
from tonmeister.audio import Audio
from tonmeister.document.facts import SongFacts
from tonmeister.document.mix import Mix
from tonmeister.document.move import Move
from tonmeister.engineer.listeners import Collector
from tonmeister.engineer.options import Cancel
from tonmeister.knowledge import number
from tonmeister.render import Renderer

_EXCERPT_S = 30.0


def measure_timing(
    move: Move, mix: Mix, facts: SongFacts, renderer: Renderer, *, cancel: Cancel | None
) -> tuple[float, float | None] | None:
    """Return the median offset of a layer's phrases against the lead as the mix has them, where the layer is loudest."""
    expects, name = move.expects, move.where.track
    if expects is None or expects.track is None or name is None:
        return None
    rate = mix.song.sample_rate_hz
    start_s, end_s = loudest_span_s(facts[name].curves.energies_100ms, length_s=_EXCERPT_S)
    late_s = facts[name].track.start_frame / rate
    ears = {point: Collector() for point in (f"tap:{expects.track}", f"tap:{name}")}
    renderer.render(
        mix, listeners={point: [ear] for point, ear in ears.items()}, start_frame=round((start_s + late_s) * rate),
        end_frame=min(mix.song.frames, round((end_s + late_s) * rate)), cancel=cancel,
    )  # fmt: skip
    lead, layer = (measure_track(Audio(np.ascontiguousarray(ear.samples), rate)).curves for ear in ears.values())
    found = measure_offsets(lead.rms_10ms, layer.rms_10ms)
    sure = [abs(o.offset_ms) for o in found if o.agreement >= number("voices.timing_agreement_least").value]
    return (float(np.median(sure)), expects.before) if sure else None
