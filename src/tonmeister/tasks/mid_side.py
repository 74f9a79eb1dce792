"""Where a problem lives: in what both channels share, or in how they differ; then only that half is equalised."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tonmeister.analysis.stereo import WIDTH_EDGES_HZ
from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import Expectation, InsertChange, Move, Where
from tonmeister.document.strip import Insert
from tonmeister.knowledge import number
from tonmeister.processing import Band, Equaliser
from tonmeister.tasks.work import evidence

_SURE_DB = 0.5
_BELL_SHARE = 0.75
"""What a bell takes of its region, against what it takes at its centre."""


@dataclass(frozen=True, slots=True)
class Half:
    """The half of a stereo track in which a region's power lies."""

    name: Literal["mid", "side"]
    side: float
    """Side against the whole in the region."""

    @property
    def share(self) -> float:
        """Part of the region's power that is in this half."""
        return self.side if self.name == "side" else 1 - self.side


def half_of(track: TrackFacts, low_hz: float, high_hz: float) -> Half | None:
    """Return the half in which a region lives; None where it lives in both, or the track has no second one.

    The middle is named only for a track that is wide elsewhere: there is a side to spare.
    """
    bands = track.figures.stereo.width_by_band
    if not track.is_true_stereo or not bands:
        return None
    edges = np.array(WIDTH_EDGES_HZ)
    overlap = np.log2(np.minimum(edges[1:], high_hz) / np.maximum(edges[:-1], low_hz))
    inside = np.flatnonzero(overlap > 0)
    known = [bands[place] for place in inside if bands[place] is not None]
    if len(known) < len(inside) or not known:
        return None
    side, whole = float(np.average(np.array(known, float), weights=overlap[inside])), track.figures.stereo.width or 0.0
    if side >= number("equalisation.side_share_least").value:
        return Half("side", side)
    is_wide = whole >= number("equalisation.wide_least").value
    return Half("mid", side) if is_wide and side <= number("equalisation.mid_side_most").value else None


def half_move(
    track: TrackFacts, band: Band, name: str, half: Half, *, over: tuple[str, float], span_hz: tuple[float, float]
) -> Move:
    """Return the band on one half, with what it does to the whole track."""
    gain = 10 ** (_BELL_SHARE * band.gain_db / 10)
    change_db = round(float(10 * np.log10(1 - half.share * (1 - gain))), 2)
    promise = None
    if abs(change_db) >= _SURE_DB:
        promise = Expectation(
            metric="band_level_db", value=change_db, before=0.0, tolerance=abs(change_db) / 2, unit="dB", scope="strip", low_hz=span_hz[0],
            high_hz=span_hz[1],
        )  # fmt: skip
    row = "equalisation.side_share_least" if half.name == "side" else "equalisation.mid_side_most"
    settings = Equaliser(bands=(band,), channels=half.name)
    words = "in the side" if half.name == "side" else "in the middle"
    return Move(
        id=f"eq.{track.id}.{half.name}-{name}", task="equalisation", title=f"{track.track.name}: too much {name} {words} alone",
        where=Where(track=track.id), change=InsertChange(insert=Insert(id=f"{half.name}-{name}", slot="corrective", processor=settings)),
        because=(evidence(over[0], over[1], against="equalisation.band_tolerance_db"), evidence("side against the whole there", half.side, against=row)),
        expects=promise, confidence=0.6,
    )  # fmt: skip
