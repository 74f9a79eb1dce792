"""Which part a second voice sings: a double, a harmony, an ad-lib, or something of its own."""

from dataclasses import dataclass
from typing import Literal

from tonmeister.analysis.track_meter import TrackMeasurement
from tonmeister.analysis.vocal_parts import Relation, relate_voices
from tonmeister.document.facts import SongFacts, TrackFacts
from tonmeister.document.move import Evidence
from tonmeister.knowledge import number
from tonmeister.tasks.work import evidence

PartKind = Literal["double", "harmony", "ad-lib", "own"]
LAYERS: tuple[PartKind, ...] = ("double", "harmony")
_ADLIB_WORDS = ("adlib", "ad lib", "ad-lib", "ad_lib")


@dataclass(frozen=True, slots=True)
class Part:
    """What a second voice is to the lead."""

    kind: PartKind
    because: tuple[Evidence, ...]

    @property
    def is_layer(self) -> bool:
        """Whether it sings along with the lead."""
        return self.kind in LAYERS


def part_of(facts: SongFacts, track: TrackFacts) -> Part | None:
    """Return the part of a second voice by how it goes with the lead; None for other tracks and without a lead."""
    leads = [lead for lead in facts.leads if lead.track.family == "vocal" and lead.figures.levels.active_s > 0]
    if track.track.role != "backing vocal" or not leads or track.figures.levels.active_s <= 0:
        return None
    rate = facts.song.sample_rate_hz
    related = [
        relate_voices(
            TrackMeasurement(lead.figures, lead.curves), TrackMeasurement(track.figures, track.curves),
            lead_start_s=lead.track.start_frame / rate, other_start_s=track.track.start_frame / rate,
        )
        for lead in leads
    ]  # fmt: skip
    return _name(track, max(related, key=lambda relation: relation.overlap))


def _name(track: TrackFacts, relation: Relation) -> Part:
    overlap = evidence("time in which the lead sings too", relation.overlap, against="voices.layer_overlap_least")
    is_with = relation.overlap >= number("voices.layer_overlap_least").value
    together = relation.together or 0.0
    if not is_with or together < number("voices.layer_together_least").value:
        name = track.track.name.lower()
        is_adlib = track.track.role_confidence < 1 and any(word in name for word in _ADLIB_WORDS)
        return Part("ad-lib" if is_adlib else "own", (overlap,))
    because = (
        overlap,
        evidence("level against the lead's, correlated", together, against="voices.layer_together_least"),
    )
    if relation.same_notes is None:
        return Part("own", because)
    notes = evidence("pitch classes as the lead's", relation.same_notes, against="voices.same_notes_least")
    is_same = relation.same_notes >= number("voices.same_notes_least").value
    return Part("double" if is_same else "harmony", (*because, notes))


def level_lu(part: Part | None) -> float:
    """Return how much softer a part stands than a voice of its own."""
    if part is None or not part.is_layer:
        return 0.0
    is_double = part.kind == "double"
    return number("voices.double_level_lu" if is_double else "voices.harmony_level_lu").value
