"""Saturation: overtones for a bass that small speakers would not play."""

from collections.abc import Iterator

import numpy as np

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import Expectation, InsertChange, Move, Where
from tonmeister.document.strip import Insert
from tonmeister.knowledge import number
from tonmeister.processing import Saturator
from tonmeister.tasks.work import Work, evidence

OVERTONES_HZ = (250.0, 1500.0)
"""What a small speaker plays of a bass."""
_START_DRIVE_DB = 6.0
_OVER_PEAK_DB = 6.0
"""The curve flattens out so far over the peaks: without drive it is nearly a straight line."""


def propose(work: Work, track: TrackFacts) -> Iterator[Move]:
    """Drive a bass that has little above its fundamentals; a bold budget drives more basses."""
    if work.facts.is_premixed or track.track.role != "bass" or work.budget.gain_reduction_db < 3:
        return
    power = work.heard[track.id].erb_power.astype(np.float64).sum(axis=0)
    inside = (OVERTONES_HZ[0] <= ERB_CENTRES_HZ) & (OVERTONES_HZ[1] >= ERB_CENTRES_HZ)
    peak_dbfs = track.figures.levels.sample_peak_dbfs
    if power.sum() <= 0 or peak_dbfs is None:
        return
    share_db = float(10 * np.log10(max(power[inside].sum() / power.sum(), 1e-12)))
    row = "dynamics.overtones_bold_db" if work.budget.name == "bold" else "dynamics.overtones_least_db"
    lack_db = number(row).value - share_db
    if lack_db < 1:
        return
    wanted_db = round(min(max(1.0, lack_db / 2), number("dynamics.overtones_most_db").value), 2)
    ceiling = float(np.clip(peak_dbfs + work.mix.track(track.id).strip.trim_db + _OVER_PEAK_DB, -36, 0))
    settings = Saturator(shape="tanh", drive_db=_START_DRIVE_DB, ceiling_db=round(ceiling, 1))
    yield Move(
        id=f"dynamics.{track.id}.overtones", task="dynamics", title=f"Overtones for {track.track.name} on small speakers",
        where=Where(track=track.id), change=InsertChange(insert=Insert(id="overtones", slot="tone", processor=settings)),
        because=(evidence("power at 250-1500 Hz against the whole bass", share_db, against=row),),
        expects=Expectation(
            metric="band_level_db", value=wanted_db, before=0.0, tolerance=wanted_db / 2, unit="dB", scope="strip",
            low_hz=OVERTONES_HZ[0], high_hz=OVERTONES_HZ[1],
        ),
        confidence=0.6,
    )  # fmt: skip
