"""Doubles and harmonies: a narrower spectrum than the lead's, so that the words stay with one voice."""

from collections.abc import Iterator

import numpy as np

from tonmeister.analysis.bands import THIRD_OCTAVE_CENTRES_HZ
from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import BandChange, Expectation, Move, Where
from tonmeister.knowledge import number
from tonmeister.processing import Band
from tonmeister.processing.filter_design import magnitude_db
from tonmeister.tasks.prediction import mean_change_db, strip_bands
from tonmeister.tasks.voices.parts import Part, part_of
from tonmeister.tasks.work import Work


def propose(work: Work) -> Iterator[Move]:
    """Thin out what sings along with the lead."""
    if work.facts.is_premixed:
        return
    for track in work.facts.of_family("vocal"):
        part = part_of(work.facts, track) if track.is_touchable else None
        if part is None or not part.is_layer:
            continue
        name = track.track.name
        if _low_share_db(track) >= number("equalisation.rumble_share_db").value:
            yield _move(work, track, part, _low(), "body", f"{name} is a {part.kind}: its lows belong to the lead")
        presence = _presence(work, track)
        if presence is not None:
            yield _move(
                work, track, part, presence, "presence", f"{name} is a {part.kind}: the consonants belong to the lead"
            )


def _low() -> Band:
    return Band(shape="high_pass", frequency_hz=number("voices.layer_high_pass_hz").value, slope_db_per_octave=12)


def _low_share_db(track: TrackFacts) -> float:
    """Return the power below the layer's high-pass against the whole voice; where there is none nothing is cut."""
    power = 10 ** (track.curves.third_octave_db.astype(np.float64) / 10)
    low = power[number("voices.layer_high_pass_hz").value > THIRD_OCTAVE_CENTRES_HZ].sum()
    return float(10 * np.log10(max(float(low), 1e-20) / max(float(power.sum()), 1e-20)))


def _presence(work: Work, track: TrackFacts) -> Band | None:
    """Return the cut of the lead's presence, within the budget; None where there is no room for it."""
    gain_db = -min(number("voices.layer_presence_cut_db").value, work.budget.eq_gain_db)
    band = Band(frequency_hz=number("voices.layer_presence_hz").value, gain_db=gain_db, q=0.7)
    bands = (*strip_bands(work.mix.track(track.id).strip), band)
    is_held = mean_change_db(bands, sample_rate_hz=work.facts.song.sample_rate_hz) <= work.budget.eq_total_db
    return band if is_held else None


def _move(work: Work, track: TrackFacts, part: Part, band: Band, name: str, title: str) -> Move:
    centre = band.frequency_hz
    span = (0.5 * centre, centre) if band.shape == "high_pass" else (centre / 1.4, centre * 1.4)
    change_db = _change_db(work, track, band, span)
    promise = Expectation(
        metric="band_level_db", value=round(change_db, 2), before=0.0, tolerance=max(abs(change_db) / 2, 0.1), unit="dB",
        scope="strip", low_hz=span[0], high_hz=span[1],
    )  # fmt: skip
    return Move(
        id=f"voices.{track.id}.{name}", task="vocal_balance", title=title, where=Where(track=track.id),
        change=BandChange(slot="tone", band=band), because=part.because,
        expects=promise if abs(change_db) >= 0.5 else None, confidence=0.6,
    )  # fmt: skip


def _change_db(work: Work, track: TrackFacts, band: Band, span_hz: tuple[float, float]) -> float:
    inside = (span_hz[0] <= THIRD_OCTAVE_CENTRES_HZ) & (span_hz[1] >= THIRD_OCTAVE_CENTRES_HZ)
    centres = THIRD_OCTAVE_CENTRES_HZ[inside]
    power = 10 ** (track.curves.third_octave_db[inside].astype(np.float64) / 10)
    gain = 10 ** (magnitude_db((band,), centres, work.facts.song.sample_rate_hz) / 10)
    return float(10 * np.log10((power * gain).sum() / power.sum())) if power.sum() > 0 else 0.0
