"""Sections of a song with names, from its form and from what only stems tell: who plays, who sings, who enters and leaves.

Names are cautious: what fits no rule stays unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.analysis.form import Form, activity_by_bar, find_form, mean_between
from tonmeister.analysis.novelty import find_changes
from tonmeister.analysis.track_meter import TrackCurves
from tonmeister.model import Db, Model, Seconds, Share

Floats = NDArray[np.float64]
SectionLabel = Literal[
    "intro", "verse", "pre_chorus", "chorus", "bridge", "drop", "breakdown", "outro", "instrumental", "unknown"
]
"""What a section may be called."""
CHORUS_OVER_VERSE_DB = 1.0
"""By how much a chorus is louder than the other repeated part (a lift of 3 to 5 dB is common, 1 the least that is heard)."""
SINGS = 0.35
"""A section in which a voice sounds in at least this share of the bars is sung."""
_PLAYS = 0.25
_SHORT_BARS = 4


class Section(Model):
    """A stretch of the song in which the same things happen."""

    start_s: Seconds = Field(ge=0)
    """Where it begins; on a bar line when the tempo is known and there are stems."""
    end_s: Seconds = Field(ge=0)
    """Where it ends: the next section's start, or the song's end."""
    group: str
    """Sections that hold the same music share a letter: A, B, C…"""
    label: SectionLabel = "unknown"
    """A cautious name."""
    confidence: Share
    """How sure the name is, 0..1; 0 for unknown."""
    clarity: Share = 1.0
    """How clearly it begins, 0..1."""
    level_db: Db
    """Power of the section relative to the whole song."""
    active_tracks: int = Field(ge=0)
    """Tracks that sound in at least a quarter of it."""
    sung_share: Share = 0.0
    """Share of its bars in which a voice sounds."""


@dataclass(slots=True)
class _Part:
    """What names are told from."""

    group: int
    bars: int
    level_db: float
    tracks: int
    sung: float
    drums: float
    label: SectionLabel = "unknown"
    confidence: float = 0.0

    def name(self, label: SectionLabel, confidence: float) -> None:
        self.label, self.confidence = label, min(0.9, max(0.0, confidence))


def find_sections(curves: Sequence[TrackCurves], families: Sequence[str], lines_s: Floats) -> tuple[Section, ...]:
    """Return the sections of a song; they follow each other without gaps. A silent or empty song has none.

    Args:
        curves: Of all tracks.
        families: Coarse role of each track; voices and drums tell of verse and chorus.
        lines_s: (bars + 1,) where bars begin, and the end of the song.
    """
    if lines_s.size < 2 or not any(track.rms_10ms.any() for track in curves):
        return ()
    if len(curves) == 1:  # without stems nobody enters or leaves, and bars are too unsure to cut by
        form, lines_s = find_changes(curves[0])
    else:
        form = find_form(curves, [family not in {"drums", "effects"} for family in families], lines_s)
    parts = _describe(curves, families, form, lines_s)
    name_parts(parts)
    spans = zip(form.cuts[:-1], form.cuts[1:], strict=True)
    return tuple(
        Section(
            start_s=round(float(lines_s[first]), 3),
            end_s=round(float(lines_s[last]), 3),
            group=chr(ord("A") + min(part.group, 25)),
            label=part.label,
            confidence=round(part.confidence, 2),
            clarity=round(clear, 2),
            level_db=round(part.level_db, 2) + 0.0,
            active_tracks=part.tracks,
            sung_share=round(part.sung, 2),
        )
        for (first, last), part, clear in zip(spans, parts, form.clarity, strict=True)
    )


def _describe(curves: Sequence[TrackCurves], families: Sequence[str], form: Form, lines_s: Floats) -> list[_Part]:
    power = sum(
        (mean_between(np.square(c.rms_10ms, dtype=np.float64), lines_s * 100) for c in curves),
        np.zeros(lines_s.size - 1),
    )
    playing = np.stack([activity_by_bar(c.rms_10ms, lines_s) for c in curves], axis=1) > 0.5
    sung, drums = (_any_of(playing, families, family) for family in ("vocal", "drums"))
    total = max(float(np.average(power, weights=np.diff(lines_s))), 1e-20)
    parts = []
    for first, last, group in zip(form.cuts[:-1], form.cuts[1:], form.groups, strict=True):
        level = 10 * np.log10(max(float(power[first:last].mean()), 1e-20) / total)
        tracks = int((playing[first:last].mean(axis=0) >= _PLAYS).sum())
        voice, beat = float(sung[first:last].mean()), float(drums[first:last].mean())
        parts.append(_Part(group, last - first, float(level), tracks, voice, beat))
    return parts


def _any_of(playing: NDArray[np.bool_], families: Sequence[str], family: str) -> NDArray[np.bool_]:
    chosen = [number for number, name in enumerate(families) if name == family]
    return np.asarray(playing[:, chosen].any(axis=1), np.bool_)


def name_parts(parts: list[_Part]) -> None:
    """Give names to the parts of a song, in place."""
    if len(parts) < 3:
        return
    chorus, lift = _find_chorus(parts)
    has_voice = any(part.sung >= SINGS for part in parts)
    if chorus is not None and has_voice:
        _name_song(parts, chorus, min(0.85, 0.4 + 0.1 * lift))
    elif chorus is not None:
        _name_track(parts, chorus, min(0.7, 0.3 + 0.1 * lift))
    _name_ends(parts, has_voice=has_voice)


def _find_chorus(parts: list[_Part]) -> tuple[int | None, float]:
    """Return the repeated group with most behind it, and how far it lies above the next, in dB; None where none stands out.

    Level counts in dB, a share of the tracks as much as 6 dB, a voice as much as 3 dB.
    """
    groups = [part.group for part in parts]
    repeated = [group for group in dict.fromkeys(groups) if groups.count(group) > 1]
    most = max(1, *(part.tracks for part in parts))

    def weight(group: int) -> float:
        chosen = [part for part in parts if part.group == group]
        short = 2.0 if max(part.bars for part in chosen) < _SHORT_BARS else 0.0
        return float(
            np.mean([part.level_db + 6 * part.tracks / most + 3 * (part.sung >= SINGS) - short for part in chosen])
        )

    weights = {group: weight(group) for group in repeated}
    ranked = sorted(repeated, key=lambda group: -weights[group])
    if not ranked:
        return None, 0.0
    rest = [
        weight(group)
        for group in dict.fromkeys(groups)
        if group != ranked[0] and (group in repeated or len(ranked) == 1)
    ]
    lift = weights[ranked[0]] - max(rest, default=weights[ranked[0]])
    return (ranked[0], lift) if lift >= CHORUS_OVER_VERSE_DB else (None, lift)


def _name_song(parts: list[_Part], chorus: int, sure: float) -> None:
    """Name the parts of a song with a voice."""
    places = [place for place, part in enumerate(parts) if part.group == chorus]
    before = {parts[place - 1].group for place in places if place > 0}
    for place, part in enumerate(parts):
        follows = place + 1 < len(parts) and parts[place + 1].group == chorus
        often = sum(other.group == part.group for other in parts) > 1
        if part.group == chorus:
            part.name("chorus", sure)
        elif part.sung < SINGS:
            if places[0] < place or often:
                part.name("instrumental", 0.5)
        elif (
            part.bars <= _SHORT_BARS
            and part.group in before
            and follows
            and place > 0
            and parts[place - 1].sung >= SINGS
        ):
            part.name("pre_chorus", sure * 0.7)
        elif often and any(place < other for other in places):
            part.name("verse", sure * 0.8)
        elif not often and place > len(parts) / 2 and places[0] < place:
            part.name("bridge", 0.5)
        elif place < places[0]:
            part.name("verse", sure * 0.6)


def _name_track(parts: list[_Part], drop: int, sure: float) -> None:
    """Name the parts of a piece without a voice: where it drops, and where the drums rest."""
    first = next(place for place, part in enumerate(parts) if part.group == drop)
    with_drums = any(part.drums >= 0.5 for part in parts)
    for place, part in enumerate(parts):
        if part.group == drop:
            part.name("drop" if with_drums and part.drums >= 0.5 else "chorus", sure * 0.8)
        elif place > first and with_drums and part.drums < _PLAYS:
            part.name("breakdown", 0.5)
        elif place > 0:
            part.name("instrumental", 0.3)


def _name_ends(parts: list[_Part], *, has_voice: bool) -> None:
    """Name what leads in and out: few tracks, low level, short, or no voice in a song that has one."""
    most, loudest = max(part.tracks for part in parts), max(part.level_db for part in parts)
    ends: tuple[tuple[_Part, SectionLabel], ...] = ((parts[0], "intro"), (parts[-1], "outro"))
    for part, label in ends:
        signs = (part.tracks <= 0.6 * most) + (part.level_db <= loudest - 6) + (part.bars <= 2)
        signs += 2 * (has_voice and part.sung < SINGS)
        alone = sum(other.group == part.group for other in parts) == 1
        if signs >= (1 if alone else 2) and part.label != "chorus":
            part.name(label, 0.4 + 0.1 * signs)
