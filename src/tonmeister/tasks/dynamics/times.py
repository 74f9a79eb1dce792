"""Attack and release: from the crest factor, bounded by how fast the notes come and by the tempo."""

import numpy as np

from tonmeister.document.facts import TrackFacts
from tonmeister.document.mix import Song
from tonmeister.knowledge import number

_RECOVERED = 2.3
"""Time constants in which a one-pole covers 90 % of a step."""
_SHORTEST_RELEASE_MS = 40.0
_LONGEST_RELEASE_MS = 400.0


def times_ms(transient_crest_db: float) -> tuple[float, float]:
    """Return attack and release in ms from the crest factor (Giannoulis, Massberg, Reiss 2013), within sane bounds."""
    crest_squared = 10 ** (transient_crest_db / 10)
    attack = 2 * number("dynamics.attack_window_ms").value / crest_squared
    release = 2 * number("dynamics.release_window_ms").value / crest_squared - attack
    return float(np.clip(attack, 2, 40)), float(np.clip(release, _SHORTEST_RELEASE_MS, _LONGEST_RELEASE_MS))


def next_note_ms(track: TrackFacts) -> float:
    """Return the release that has recovered by 90 % when the next note comes, by the measured onset rate."""
    rate_hz = max(track.figures.levels.onset_rate_hz, 0.5)
    return float(np.clip(1000 / rate_hz / _RECOVERED, _SHORTEST_RELEASE_MS, _LONGEST_RELEASE_MS))


def beat_ms(song: Song, *, beats: float) -> float | None:
    """Return the release that has recovered by 90 % after so many beats; None without a tempo one can trust."""
    if song.tempo_bpm is None or song.tempo_confidence < number("dynamics.tempo_confidence_least").value:
        return None
    return float(np.clip(60_000 / song.tempo_bpm * beats / _RECOVERED, _SHORTEST_RELEASE_MS, 800.0))


def fitting_times_ms(track: TrackFacts) -> tuple[float, float]:
    """Return attack and release of a track: the formula, drums late enough for the stroke, recovered before the next note."""
    attack, release = times_ms(track.figures.levels.transient_crest_db or 10.0)
    if track.track.family == "drums":
        attack = max(attack, number("dynamics.drum_attack_least_ms").value)
    return attack, min(release, next_note_ms(track))
