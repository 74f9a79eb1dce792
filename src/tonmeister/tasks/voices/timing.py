"""Doubles and harmonies in time: offsets against the lead told phrase by phrase, mended only where a person asks for it."""

from collections.abc import Iterator

import numpy as np

from tonmeister.analysis.voice_timing import PhraseOffset, measure_offsets
from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import Alternative, Expectation, InsertChange, Move, Nothing, Where
from tonmeister.document.strip import Insert
from tonmeister.knowledge import number
from tonmeister.processing.aligner import Aligner, ShiftPoint
from tonmeister.tasks.voices.parts import part_of
from tonmeister.tasks.work import Work, evidence

_FADE_S = 0.02


def propose(work: Work) -> Iterator[Move]:
    """Tell how far each layer is off the lead; move its phrases in their gaps where that was asked for."""
    for track in work.facts.of_family("vocal"):
        part = part_of(work.facts, track) if track.is_touchable else None
        if part is None or not part.is_layer:
            continue
        lead = _lead_of(work, track)
        known = sure_offsets(lead, track, sample_rate_hz=work.facts.song.sample_rate_hz)
        if len(known) < number("voices.timing_phrases_least").value:
            continue
        yield from _moves(work, track, lead, known)


def sure_offsets(lead: TrackFacts, track: TrackFacts, *, sample_rate_hz: int) -> tuple[PhraseOffset, ...]:
    """Return the phrases whose offset against the lead is beyond doubt."""
    late_s = (track.track.start_frame - lead.track.start_frame) / sample_rate_hz
    found = measure_offsets(lead.curves.rms_10ms, track.curves.rms_10ms, other_starts_s=late_s)
    return tuple(o for o in found if o.agreement >= number("voices.timing_agreement_least").value)


def shift_points(offsets: tuple[PhraseOffset, ...]) -> tuple[ShiftPoint, ...]:
    """Return where what is moved by how much: only phrases that are off, each from the middle of the gap before it on."""
    least_ms = number("voices.timing_least_ms").value
    points: list[ShiftPoint] = []
    until_s, shift_ms = 0.0, 0.0
    for phrase in offsets:
        wanted_ms = -phrase.offset_ms if abs(phrase.offset_ms) >= least_ms else 0.0
        begins_s = phrase.start_s + min(0.0, wanted_ms / 1000)
        if wanted_ms != shift_ms and begins_s - until_s >= 2 * _FADE_S:
            points.append((round(max(_FADE_S, (until_s + begins_s) / 2), 3), round(wanted_ms, 1)))
            shift_ms = wanted_ms
        until_s = phrase.end_s + max(0.0, shift_ms / 1000)
    return tuple(points)


def _lead_of(work: Work, track: TrackFacts) -> TrackFacts:
    """Return the lead with which a layer has most sure phrases in common."""
    rate = work.facts.song.sample_rate_hz
    leads = [lead for lead in work.facts.leads if lead.track.family == "vocal"]
    return max(leads, key=lambda lead: len(sure_offsets(lead, track, sample_rate_hz=rate)))


def _moves(work: Work, track: TrackFacts, lead: TrackFacts, known: tuple[PhraseOffset, ...]) -> Iterator[Move]:
    least_ms = number("voices.timing_least_ms").value
    off = [o for o in known if abs(o.offset_ms) >= least_ms]
    middle_ms = float(np.median([abs(o.offset_ms) for o in known]))
    because = (
        evidence(f"median offset of {len(known)} phrases against {lead.track.name}", middle_ms, against="voices.timing_least_ms"),
        evidence("largest offset, late is positive", max((o.offset_ms for o in known), key=abs), against="voices.timing_least_ms"),
    )  # fmt: skip
    told = f"{track.track.name}: {len(off)} of {len(known)} phrases are {least_ms:.0f} ms or more off the lead"
    if not (work.mix.brief.align_doubles or track.track.align) or not off:
        yield Move(
            id=f"voices.{track.id}.timing", task="vocal_balance", title=told, where=Where(track=track.id), change=Nothing(),
            because=because, confidence=0.7,
            alternatives=(Alternative(title="--align-doubles moves them", trade_off="a tight double sounds less like a second take"),) if off else (),
        )  # fmt: skip
        return
    points = shift_points(known)
    if not points:
        return
    hoped_ms = number("voices.timing_hoped_ms").value
    yield Move(
        id=f"voices.{track.id}.timing", task="vocal_balance", title=f"{told}; moved in their gaps, as asked", where=Where(track=track.id),
        change=InsertChange(insert=Insert(id="aligner", slot="cleanup", processor=Aligner(points=points, fade_ms=1000 * _FADE_S))),
        because=because,
        expects=Expectation(
            metric="offset_ms", value=hoped_ms, before=round(middle_ms, 1), tolerance=hoped_ms, unit="ms", scope="mix", track=lead.id,
        ) if middle_ms >= 3 * hoped_ms else None,
        confidence=0.7,
    )  # fmt: skip
