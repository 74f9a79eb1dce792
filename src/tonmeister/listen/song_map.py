"""How the song goes, and what hears what: tempo, key, sections, mic pairs, and whether a human has mixed it already."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np

from tonmeister.analysis.faults import find_duplicates
from tonmeister.analysis.key import find_key
from tonmeister.analysis.loudness import integrated_from_energies
from tonmeister.analysis.sections import Section as FoundSection
from tonmeister.analysis.sections import find_sections
from tonmeister.analysis.tempo import Tempo, measure_tempo
from tonmeister.document.facts import SongFacts
from tonmeister.document.mix import Section
from tonmeister.files.cache import Cache
from tonmeister.files.sound import SoundReader
from tonmeister.listen.audibility import hear_each_other
from tonmeister.listen.pairs import find_pairs

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
    tempo = measure_tempo([track.curves.onset_10ms for track in facts.tracks])
    pitched = [track for track in facts.tracks if track.track.family not in ("drums", "effects")] or list(facts.tracks)
    key = find_key([track.curves.chroma for track in pitched])
    rms = [track.curves.rms_10ms for track in facts.tracks]
    sections = find_sections(rms, [track.curves.erb_power for track in facts.tracks], tempo=tempo)
    song = facts.song.model_copy(
        update={
            "tempo_bpm": None if tempo is None else tempo.bpm,
            "tempo_confidence": 0.0 if tempo is None else tempo.confidence,
            "key": None if key is None or key.confidence < 0.1 else f"{key.tonic} {key.mode}",
            "sections": name_sections(sections, duration_s=facts.song.duration_s, tempo=tempo),
        }
    )
    facts = replace(facts, song=song)
    premixed, evidence = find_human_balance(facts)
    is_premixed = premixed if start == "auto" else start == "as-is"
    copies = find_duplicates(rms, [track.curves.third_octave_db for track in facts.tracks])
    pairs, bleed = find_pairs(facts, copies=copies, read=read, cache=cache)
    facts = replace(facts, is_premixed=is_premixed, premixed_evidence=evidence)
    return hear_each_other(replace(facts, pairs=pairs, bleed=bleed, duplicates=copies))


def name_sections(found: tuple[FoundSection, ...], *, duration_s: float, tempo: Tempo | None) -> tuple[Section, ...]:
    """Give sections ids; a song in which only one part was found has none."""
    if len(found) < 2 or tempo is None:
        return ()
    counts: dict[str, int] = {}
    sections = []
    for part in found:
        label = {"unknown": "section", "pre_chorus": "pre-chorus"}.get(part.label, part.label)
        counts[label] = counts.get(label, 0) + 1
        fields = {
            "id": f"{label}-{counts[label]}", "label": label, "start_s": part.start_s, "end_s": min(part.end_s, round(duration_s, 3)),
            "confidence": part.confidence,
        }  # fmt: skip
        sections.append(Section.model_validate(fields))
    return tuple(sections)


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
