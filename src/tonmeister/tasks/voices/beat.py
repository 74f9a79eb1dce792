"""A voice over a finished beat: the beat keeps its balance, and gives way in one band only while the voice sings."""

from collections.abc import Iterator

import numpy as np

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import Expectation, InsertChange, Move, Where
from tonmeister.document.strip import Insert
from tonmeister.knowledge import number
from tonmeister.processing import DynamicBand, DynamicEqualiser
from tonmeister.tasks.work import Work, evidence

_POCKET_HZ = (1500.0, 5000.0)
_REACH = 0.7
"""Part of the range that the band reaches while the voice is loud."""


def propose(work: Work) -> Iterator[Move]:
    """Open a pocket in a beat that is one stereo track, where it covers the lead."""
    beats = [track for track in work.facts.of_family("mix") if track.is_touchable]
    leads = [lead for lead in work.facts.leads if lead.track.family == "vocal" and lead.is_touchable]
    others = [track for track in work.facts.tracks if track.track.family not in ("mix", "vocal")]
    if len(beats) != 1 or not leads or others:
        return
    centre_hz, over_db = _worst_band(work, beats[0], leads[0])
    least_db = number("voices.pocket_over_least_db").value
    if over_db < least_db:
        return
    range_db = min(number("voices.pocket_most_db").value, 1 + (over_db - least_db) / 2, work.budget.eq_gain_db)
    band = DynamicBand(
        frequency_hz=round(centre_hz), q=1.0, range_db=round(-range_db, 1), threshold_db=_threshold_dbfs(work, leads[0], centre_hz),
        attack_ms=10.0, release_ms=200.0,
    )  # fmt: skip
    insert = Insert(
        id="pocket", slot="masking", processor=DynamicEqualiser(bands=(band,)), key=leads[0].id,
    )  # fmt: skip
    yield Move(
        id=f"voices.{beats[0].id}.pocket", task="vocal_balance", title=f"Room for {leads[0].track.name} in the beat, while it sings",
        where=Where(track=beats[0].id), change=InsertChange(insert=insert),
        because=(evidence(f"beat over voice around {centre_hz:.0f} Hz while it sings", over_db, against="voices.pocket_over_least_db"),),
        expects=Expectation(
            metric="audibility_db", value=round(_REACH * range_db, 2), before=0.0, tolerance=round(_REACH * range_db / 2, 2),
            unit="dB", scope="mix", track=leads[0].id, low_hz=round(centre_hz / 1.2, 1), high_hz=round(centre_hz * 1.2, 1),
        ),
        confidence=0.6,
    )  # fmt: skip


def _worst_band(work: Work, beat: TrackFacts, lead: TrackFacts) -> tuple[float, float]:
    """Return the band in which the beat stands highest over the voice, at equal loudness of both, and by how much."""
    powers = [work.heard[track.id].erb_power.astype(np.float64) for track in (beat, lead)]
    halves = min(len(power) for power in powers)
    total = powers[1][:halves].sum(axis=1)
    sung = total > 0.05 * total.max() if halves and total.max() > 0 else np.zeros(halves, bool)
    inside = (_POCKET_HZ[0] <= ERB_CENTRES_HZ) & (_POCKET_HZ[1] >= ERB_CENTRES_HZ)
    if not sung.any():
        return float(ERB_CENTRES_HZ[inside][0]), -120.0
    means = [power[:halves][sung].mean(axis=0) for power in powers]
    shares = [mean / max(float(mean.sum()), 1e-20) for mean in means]
    over = 10 * np.log10(np.maximum(shares[0], 1e-20) / np.maximum(shares[1], 1e-20))[inside]
    place = int(np.argmax(over))
    return float(ERB_CENTRES_HZ[inside][place]), float(over[place])


def _threshold_dbfs(work: Work, lead: TrackFacts, centre_hz: float) -> float:
    """Return a level that the voice passes in that band while it sings: 6 dB under its mean there."""
    power = work.heard[lead.id].erb_power.astype(np.float64)
    near = (centre_hz / 1.4 <= ERB_CENTRES_HZ) & (centre_hz * 1.4 >= ERB_CENTRES_HZ)
    total = power.sum(axis=1)
    sung = power[total > 0.05 * total.max()][:, near].sum(axis=1)
    return round(float(np.clip(10 * np.log10(sung.mean() + 1e-12) - 6, -79, 0)), 1)
