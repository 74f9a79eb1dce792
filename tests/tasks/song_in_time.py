"""A song of noise whose lines, gaps and sections are known to the sample."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tests.facts import audio, shaped_noise, song_facts, track_facts
from tests.sounds import RATE_HZ
from tonmeister.audio import Audio
from tonmeister.document.facts import SongFacts, TrackFacts
from tonmeister.document.mix import Section

BEAT_S = 0.5
BAR_S = 2.0
_VOICE = ((100.0, -30.0), (300.0, 0.0), (3000.0, -6.0), (8000.0, -20.0))
_PAD = ((60.0, 0.0), (8000.0, -6.0))


def voice(lines: Sequence[tuple[float, float, float]], *, duration_s: float, role: str = "lead vocal") -> TrackFacts:
    """Return a voice that sounds from start to end at a level, for each of the lines."""
    return track_facts("vox", voice_sound(lines, duration_s=duration_s), role)


def band(levels: Sequence[tuple[float, float, float]], *, duration_s: float, name: str = "pad") -> TrackFacts:
    """Return an instrument that plays from start to end at a level."""
    return track_facts(name, band_sound(levels, duration_s=duration_s), "synth")


def voice_sound(lines: Sequence[tuple[float, float, float]], *, duration_s: float) -> Audio:
    """Return the sound of such a voice."""
    return audio(_gated(lines, _VOICE, duration_s, seed=1))


def band_sound(levels: Sequence[tuple[float, float, float]], *, duration_s: float) -> Audio:
    """Return the sound of such an instrument."""
    return audio(_gated(levels, _PAD, duration_s, seed=2))


def song(tracks: Sequence[TrackFacts], sections: Sequence[tuple[str, float, float]] = ()) -> SongFacts:
    """Return the facts of these tracks, with sections (label, start, end)."""
    facts = song_facts(tracks)
    found = tuple(
        Section.model_validate({
            "id": f"{label}-{place}", "label": label, "start_s": start, "end_s": end, "confidence": 0.8, "group": label[0].upper(),
        })
        for place, (label, start, end) in enumerate(sections)
    )  # fmt: skip
    return replace(facts, song=facts.song.model_copy(update={"sections": found}))


def _gated(
    spans: Sequence[tuple[float, float, float]], colour: Sequence[tuple[float, float]], duration_s: float, *, seed: int
) -> np.ndarray:
    sound = shaped_noise(colour, seed=seed, duration_s=duration_s).samples[0].astype(np.float64)
    gain = np.zeros(sound.size)
    for start_s, end_s, level_db in spans:
        gain[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)] = 10 ** (level_db / 20)
    return np.asarray(sound * gain)
