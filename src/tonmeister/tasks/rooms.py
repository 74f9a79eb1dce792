"""The shared spaces of a song: how long they ring, how late they come, by its tempo and by how much plays at once."""

import numpy as np

from tonmeister.document.facts import SongFacts
from tonmeister.knowledge import number
from tonmeister.processing import Delay, Reverb

WET_GAIN_DB = 3.0
"""Loudness of our reverbs over what goes in: +2.9 to +3.5 LU for voices and instruments of real songs, which have less low end than
pink noise (+1.2 to +2.1 LU)."""
_USUAL_TEMPO_BPM = 100.0
_USUAL_TRACKS = 8.0
_LONGEST_REPEAT_MS = 450.0

CHECKED_STEPS = 160
"""So many steps of 100 ms are listened to for what a space comes to: those in which most is sent to it."""


def tracks_at_once(facts: SongFacts) -> float:
    """Return how many tracks play at once, on average over the song."""
    return float(sum(track.figures.levels.active_share for track in facts.tracks if track.track.used))


def beat_s(facts: SongFacts) -> float:
    """Return the length of a beat; that of the usual tempo where none was found."""
    return 60.0 / (facts.song.tempo_bpm or _USUAL_TEMPO_BPM)


def plate(facts: SongFacts) -> Reverb:
    """Return the voices' plate: it has rung out on a beat, and comes a sixteenth of a beat late."""
    decay_s = _in_time(facts, number("space.plate_decay_s").value, least_s=0.9, most_s=2.6)
    return Reverb(decay_s=decay_s, pre_delay_ms=_late_ms(facts, 16, 15, 50), low_cut_hz=200, high_cut_hz=9000)


def hall(facts: SongFacts) -> Reverb:
    """Return the hall of slow, sustained sounds, for songs with room for it."""
    decay_s = _in_time(facts, number("space.hall_decay_s").value, least_s=1.5, most_s=3.6)
    late_ms = _late_ms(facts, 8, 25, 70)
    return Reverb(decay_s=decay_s, pre_delay_ms=late_ms, size=0.8, low_cut_hz=250, high_cut_hz=7000)


def room(facts: SongFacts) -> Reverb:
    """Return the short room that everything but the voices shares; in a dense song it is shorter."""
    decay_s = number("space.room_decay_s").value * _density(facts)
    return Reverb(
        decay_s=round(decay_s, 2), pre_delay_ms=5, size=0.3, low_cut_hz=150, high_cut_hz=8000, early_db=0.0
    )  # fmt: skip


def echo(facts: SongFacts) -> Delay:
    """Return the delay: a quarter note, or an eighth where that would be too far apart; turned down while its singer sings."""
    quarter_ms = 1000 * beat_s(facts)
    time_ms = quarter_ms if quarter_ms < _LONGEST_REPEAT_MS else quarter_ms / 2
    return Delay(
        time_ms=round(time_ms, 2), feedback=0.25, ping_pong=True, low_cut_hz=250, high_cut_hz=5000, ducking_db=6.0
    )  # fmt: skip


def _density(facts: SongFacts) -> float:
    """Return a factor of decays: shorter where much plays at once."""
    return float(np.clip((_USUAL_TRACKS / max(tracks_at_once(facts), 1.0)) ** 0.25, 0.75, 1.25))


def _in_time(facts: SongFacts, usual_s: float, *, least_s: float, most_s: float) -> float:
    """Return a decay by tempo and density, as whole beats after the pre-delay where that is within a third of it."""
    beat = beat_s(facts)
    wanted = float(np.clip(usual_s * beat * _USUAL_TEMPO_BPM / 60.0 * _density(facts), least_s, most_s))
    whole = max(1, round(wanted / beat)) * beat
    return round(whole if abs(whole - wanted) <= wanted / 3 and least_s <= whole <= most_s else wanted, 2)


def _late_ms(facts: SongFacts, part: int, least_ms: float, most_ms: float) -> float:
    return round(float(np.clip(1000 * beat_s(facts) / part, least_ms, most_ms)), 1)
