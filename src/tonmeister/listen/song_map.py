"""How the song goes, and what hears what: tempo, key, sections, mic pairs, and whether a human has mixed it already."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np

from tonmeister.analysis.alignment import find_common_excerpt, measure_alignment
from tonmeister.analysis.faults import find_duplicates
from tonmeister.analysis.key import find_key
from tonmeister.analysis.loudness import integrated_from_energies
from tonmeister.analysis.sections import Section as FoundSection
from tonmeister.audio import Audio
from tonmeister.document.facts import MicPair, SongFacts, TimeLine, TrackFacts
from tonmeister.document.mix import Section
from tonmeister.errors import AudioTooShortError
from tonmeister.files.cache import Cache, key_of
from tonmeister.files.sound import SoundReader
from tonmeister.listen.time_line import draw_time_line, tempo_changes

MAP_VERSION = 1
"""Part of the cache key of mic pairs; raised when their measurement changes."""

_PAIRED_ROLES = (("kick", "kick"), ("snare", "snare"), ("snare", "overheads"), ("kick", "overheads"), ("bass", "bass"))
"""Roles of two tracks that may hear one source: in and out, top and bottom, close and far, line and amp."""
_HUMAN_STEREO_SHARE = 0.6
_HUMAN_LEAD_LU = (-10.0, 0.0)


def map_song(
    facts: SongFacts,
    *,
    start: Literal["as-is", "from-scratch", "auto"],
    read: Callable[[str], SoundReader],
    cache: Cache,
) -> SongFacts:
    """Add tempo, key, sections, mic pairs and the state of the stems to the facts."""
    line, found = draw_time_line(facts.tracks, facts.song.duration_s)
    changes = tempo_changes(line)
    pitched = [track for track in facts.tracks if track.track.family not in ("drums", "effects")] or list(facts.tracks)
    key = find_key([track.curves.chroma_125ms for track in pitched])
    song = facts.song.model_copy(
        update={
            "tempo_bpm": round(60 / float(np.median(np.diff(line.beats_s))), 2) if changes else None,
            "tempo_confidence": round(line.beat_confidence, 3) if changes else 0.0,
            "tempo_changes": changes,
            "meter": None if line.beats_per_bar is None else f"{line.beats_per_bar}/4",
            "first_bar_s": None if line.beats_per_bar is None else _first_bar_s(line),
            "key": None if key is None else f"{key.tonic} {key.mode}",
            "key_confidence": 0.0 if key is None else key.confidence,
            "sections": name_sections(found, duration_s=facts.song.duration_s),
        }
    )
    facts = replace(facts, song=song, time_line=line)
    premixed, evidence = find_human_balance(facts)
    is_premixed = premixed if start == "auto" else start == "as-is"
    pairs = () if is_premixed else find_pairs(facts, read=read, cache=cache)
    copies = find_duplicates(
        [track.curves.rms_10ms for track in facts.tracks], [track.curves.third_octave_db for track in facts.tracks]
    )
    return replace(facts, pairs=pairs, duplicates=copies, is_premixed=is_premixed, premixed_evidence=evidence)


def name_sections(found: tuple[FoundSection, ...], *, duration_s: float) -> tuple[Section, ...]:
    """Give sections ids; a song in which only one part was found has none."""
    if len(found) < 2:
        return ()
    counts: dict[str, int] = {}
    sections = []
    for part in found:
        label = {"unknown": "section", "pre_chorus": "pre-chorus"}.get(part.label, part.label)
        counts[label] = counts.get(label, 0) + 1
        fields = {
            "id": f"{label}-{counts[label]}", "label": label, "start_s": part.start_s, "end_s": min(part.end_s, round(duration_s, 3)),
            "confidence": part.confidence, "group": part.group,
        }  # fmt: skip
        sections.append(Section.model_validate(fields))
    return tuple(sections)


def _first_bar_s(line: TimeLine) -> float:
    """Return the first bar line, 0 where the file begins on one."""
    bars = line.bars_s
    usual = float(np.median(np.diff(bars)))
    return 0.0 if abs(float(bars[1] - bars[0]) - usual) < 0.05 * usual else round(float(bars[1]), 3)


def find_human_balance(facts: SongFacts) -> tuple[bool, dict[str, float]]:
    """Say whether these stems look balanced already: mostly true stereo, and the lead sits where leads sit."""
    tracks = facts.tracks
    stereo = sum(t.track.channels == 2 and (t.figures.stereo.correlation or 1.0) < 0.999 for t in tracks) / len(tracks)
    lead_lu = _lead_place_lu(facts)
    evidence = {"stereo_share": round(stereo, 3)} | ({} if lead_lu is None else {"lead_lu": round(lead_lu, 2)})
    fits = lead_lu is None or _HUMAN_LEAD_LU[0] <= lead_lu <= _HUMAN_LEAD_LU[1]
    return stereo >= _HUMAN_STEREO_SHARE and fits, evidence


def _lead_place_lu(facts: SongFacts) -> float | None:
    leads = [track.id for track in facts.leads]
    length = max(len(track.curves.energies_100ms) for track in facts.tracks)
    total, lead = np.zeros(length), np.zeros(length)
    for track in facts.tracks:
        energies = track.curves.energies_100ms
        total[: len(energies)] += energies
        if track.id in leads:
            lead[: len(energies)] += energies
    alone = integrated_from_energies(lead)
    if alone is None:
        return None
    sings = lead > 0.1 * 10 ** ((alone + 0.691) / 10)
    return float(10 * np.log10(lead[sings].sum() / total[sings].sum())) if sings.any() else None


def find_pairs(facts: SongFacts, *, read: Callable[[str], SoundReader], cache: Cache) -> tuple[MicPair, ...]:
    """Measure delay and polarity between the tracks that may hear one source, by role and common loudness."""
    pairs: list[MicPair] = []
    for reference_role, other_role in _PAIRED_ROLES:
        turned = {pair.other for pair in pairs}  # a mic that will itself be moved is no reference
        references = [t for t in facts.tracks if t.track.role == reference_role and t.id not in turned]
        others = [track for track in facts.tracks if track.track.role == other_role]
        for reference in references[:1]:
            for other in others:
                if other.id == reference.id or any(pair.other == other.id for pair in pairs):
                    continue
                pair = _measure_pair(_louder_first(reference, other, same=reference_role == other_role), read, cache)
                if pair is not None:
                    pairs.append(pair)
    return tuple(pairs)


def _louder_first(first: TrackFacts, second: TrackFacts, *, same: bool) -> tuple[TrackFacts, TrackFacts]:
    """Return the pair with the reference first: of two equals the louder one (by hash when equally loud)."""
    if not same:
        return first, second
    level = [-(track.figures.loudness.integrated_lufs or -70.0) for track in (first, second)]
    return (first, second) if (level[0], first.track.sha256) <= (level[1], second.track.sha256) else (second, first)


def _measure_pair(
    pair: tuple[TrackFacts, TrackFacts], read: Callable[[str], SoundReader], cache: Cache
) -> MicPair | None:
    reference, other = pair
    key = key_of(
        "pair",
        MAP_VERSION,
        *((t.track.sha256, t.track.stream, t.track.start_frame) for t in pair),
        reference.figures.sample_rate_hz,
    )
    known = cache.get_json(key)
    if known is None:
        span = find_common_excerpt(reference.curves.rms_10ms, other.curves.rms_10ms)
        try:
            known = measure_alignment(
                _excerpt(reference, read, span.start_s, span.end_s), _excerpt(other, read, span.start_s, span.end_s)
            )
        except AudioTooShortError:
            return None
        cache.put_json(key, known.model_dump(mode="json"))
    return MicPair.of(reference.id, other.id, known)


def _excerpt(track: TrackFacts, read: Callable[[str], SoundReader], start_s: float, end_s: float) -> Audio:
    with read(track.id) as reader:
        rate = reader.sample_rate_hz
        start = round(start_s * rate) - track.track.start_frame
        return Audio(reader.read(max(0, start), round((end_s - start_s) * rate)), rate)
