"""How the song goes, and what hears what: tempo, key, sections, mic pairs, and whether a human has mixed it already."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Literal

import numpy as np

from tonmeister.analysis.faults import find_duplicates
from tonmeister.analysis.key import find_key
from tonmeister.analysis.loudness import integrated_from_energies
from tonmeister.analysis.sections import Section as FoundSection
from tonmeister.document.facts import PRODUCED_STEREO_SHARE, SongFacts, TimeLine
from tonmeister.document.mix import Section, Song
from tonmeister.files.cache import Cache
from tonmeister.files.sound import SoundReader
from tonmeister.listen.audibility import hear_each_other
from tonmeister.listen.known_map import keep_map, recall_map
from tonmeister.listen.pairs import find_pairs
from tonmeister.listen.time_line import draw_time_line, tempo_changes

_HUMAN_LEAD_LU = (-10.0, 0.0)


def map_song(
    facts: SongFacts,
    *,
    start: Literal["as-is", "from-scratch", "auto"],
    read: Callable[[str], SoundReader],
    cache: Cache,
) -> SongFacts:
    """Add tempo, key, sections, mic pairs, covers and the state of the stems to the facts; a known map from the cache."""
    mapped = recall_map(facts, cache)
    if mapped is None:
        mapped = _hear(facts, read=read, cache=cache)
        keep_map(mapped, cache)
    premixed, evidence = find_human_balance(mapped)
    is_premixed = premixed if start == "auto" else start == "as-is"
    return replace(mapped, is_premixed=is_premixed, premixed_evidence=evidence)


def _hear(facts: SongFacts, *, read: Callable[[str], SoundReader], cache: Cache) -> SongFacts:
    copies = find_duplicates(
        [track.curves.rms_10ms for track in facts.tracks], [track.curves.third_octave_db for track in facts.tracks]
    )
    with ThreadPoolExecutor(1) as beside:
        aligned = beside.submit(find_pairs, facts, copies=copies, read=read, cache=cache)
        song, line = _map_time(facts)
        pairs, bleed = aligned.result()
    return hear_each_other(replace(facts, song=song, time_line=line, pairs=pairs, bleed=bleed, duplicates=copies))


def _map_time(facts: SongFacts) -> tuple[Song, TimeLine]:
    """Return the song with tempo, meter, key and sections, and the time line that they are from."""
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
    return song, line


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
    stereo = sum(track.is_true_stereo for track in tracks) / len(tracks)
    lead_lu = _lead_place_lu(facts)
    evidence = {"stereo_share": round(stereo, 3)} | ({} if lead_lu is None else {"lead_lu": round(lead_lu, 2)})
    fits = lead_lu is None or _HUMAN_LEAD_LU[0] <= lead_lu <= _HUMAN_LEAD_LU[1]
    return stereo >= PRODUCED_STEREO_SHARE and fits, evidence


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
