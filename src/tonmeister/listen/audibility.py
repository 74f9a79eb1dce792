"""What covers what among a song's tracks, and how well the lead vocals' words come through."""

from dataclasses import replace

import numpy as np

from tonmeister.analysis.conflicts import find_conflicts
from tonmeister.analysis.intelligibility import find_phrases, measure_intelligibility
from tonmeister.analysis.spans import Span
from tonmeister.document.facts import SongFacts, TrackFacts


def hear_each_other(facts: SongFacts) -> SongFacts:
    """Add covers and phrases to the facts, at the levels that the stems came with; pairs and copies must be there."""
    places = {track.id: place for place, track in enumerate(facts.tracks)}
    together = [(copy.first, copy.second) for copy in facts.duplicates]
    together += [(places[pair.reference], places[pair.other]) for pair in (*facts.pairs, *facts.bleed)]
    conflicts = find_conflicts(
        [track.curves.erb_power for track in facts.tracks],
        priorities=[track.track.priority for track in facts.tracks],
        same_source=together,
    )
    return replace(_with_phrases(facts), conflicts=conflicts)


def _with_phrases(facts: SongFacts) -> SongFacts:
    leads = facts.leads
    if not leads:
        return facts
    length = max(len(track.curves.erb_power) for track in leads)
    voice = np.zeros((length, leads[0].curves.erb_power.shape[1]), np.float32)
    spans: list[Span] = []
    for track in leads:
        voice[: len(track.curves.erb_power)] += track.curves.erb_power
        spans += _sounding(facts, track)
    backing = [track.curves.erb_power for track in facts.tracks if track not in leads]
    phrases = find_phrases(sorted(spans, key=lambda span: span.start_s))
    return replace(facts, words=measure_intelligibility(voice, backing, phrases=phrases))


def _sounding(facts: SongFacts, track: TrackFacts) -> list[Span]:
    """Return where a lead sounds, in song time: a voice's phrases, as noise between them is no word."""
    sung = () if facts.time_line is None else facts.time_line.phrases.get(track.id, ())
    if sung:
        return [phrase.span for phrase in sung]
    late_s = track.track.start_frame / track.figures.sample_rate_hz
    return [Span(start_s=s.start_s + late_s, end_s=s.end_s + late_s) for s in track.figures.levels.active_spans]
