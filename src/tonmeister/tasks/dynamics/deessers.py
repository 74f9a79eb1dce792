"""De-essers: vocals whose esses stand over their vowels."""

from collections.abc import Iterator

import numpy as np

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import Expectation, InsertChange, Move, Where
from tonmeister.document.strip import Insert
from tonmeister.knowledge import number
from tonmeister.processing import DeEsser
from tonmeister.tasks.voices.parts import part_of
from tonmeister.tasks.work import Work, evidence

ESSES_HZ = (5000.0, 10_000.0)
VOWELS_HZ = (300.0, 3000.0)


def propose(work: Work, track: TrackFacts) -> Iterator[Move]:
    """De-ess a vocal that hisses."""
    if track.track.family != "vocal":
        return
    heard = work.heard[track.id].erb_power.astype(np.float64)
    esses, vowels = (
        heard[:, (low <= ERB_CENTRES_HZ) & (high >= ERB_CENTRES_HZ)].sum(axis=1)
        for low, high in (ESSES_HZ, VOWELS_HZ)
    )  # fmt: skip
    sung = vowels > 1e-3 * vowels.max() if vowels.size and vowels.max() > 0 else np.zeros(0, bool)
    if sung.sum() < 4:
        return
    worst_db = float(np.percentile(10 * np.log10(np.maximum(esses[sung], 1e-20) / vowels[sung]), 98))
    part = part_of(work.facts, track)
    more_db = number("voices.layer_deess_more_db").value if part is not None and part.is_layer else 0.0
    over_db = worst_db - number("dynamics.sibilance_over_db").value + more_db
    if over_db < 0:
        return
    hiss_dbfs = 10 * np.log10(float(np.percentile(esses[sung], 98)) + 1e-20)
    range_db = number("dynamics.deess_range_db").value + more_db
    settings = DeEsser(
        frequency_hz=5500.0, threshold_db=round(float(np.clip(hiss_dbfs + 6, -70, -1)), 1), range_db=range_db
    )
    yield Move(
        id=f"dynamics.{track.id}.de-esser", task="dynamics", title=f"Soften the esses of {track.track.name}", where=Where(track=track.id),
        change=InsertChange(insert=Insert(id="de-esser", slot="dynamics", processor=settings)),
        because=(
            evidence("loudest esses (5-10 kHz) against the vowels", worst_db, against="dynamics.sibilance_over_db"),
            *(part.because if part is not None and part.is_layer else ()),
        ),
        expects=_promise(worst_db, min(1 + over_db / 2, 0.6 * range_db)), confidence=0.7,
    )  # fmt: skip


def _promise(worst_db: float, less_db: float) -> Expectation:
    return Expectation(
        metric="sibilance_db", value=round(worst_db - less_db, 2), before=round(worst_db, 2), tolerance=round(less_db / 2, 2),
        unit="dB", scope="strip", low_hz=ESSES_HZ[0], high_hz=ESSES_HZ[1],
    )  # fmt: skip
