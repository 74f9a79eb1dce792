"""Voices made by code: the same words on the same notes, on others, and in the pauses."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.facts import audio
from tonmeister.analysis.track_meter import TrackMeasurement, measure_track
from tonmeister.analysis.vocal_parts import relate_voices

RATE_HZ = 48_000
NOTES_HZ = (220.0, 262.0, 330.0, 294.0, 247.0, 196.0)


def sung(*, transposed: float = 1.0, late_s: float = 0.0, pauses: bool = False, seed: int = 0) -> NDArray[np.float64]:
    """Return twelve seconds of notes of half a second, with swells, in every other two seconds or in the rest."""
    time_s = np.arange(12 * RATE_HZ) / RATE_HZ - late_s
    note = np.array(NOTES_HZ)[(np.maximum(time_s, 0) // 0.5).astype(int) % len(NOTES_HZ)] * transposed
    phase = 2 * np.pi * np.cumsum(note * (1 + 0.003 * np.sin(2 * np.pi * (5 + seed) * time_s))) / RATE_HZ
    tone = np.asarray(sum(np.sin(k * phase) / k for k in range(1, 8)))
    syllable = np.clip(np.sin(np.pi * (time_s % 0.5) / 0.5), 0, 1) ** 0.5
    is_first = (np.maximum(time_s, 0) % 4 < 2) & (time_s >= 0)
    return np.asarray(0.1 * tone * syllable * (~is_first if pauses else is_first))


def heard(wave: NDArray[np.float64]) -> TrackMeasurement:
    return measure_track(audio(wave))


def test_a_double_sings_the_same_notes_at_the_same_time() -> None:
    related = relate_voices(heard(sung()), heard(0.4 * sung(late_s=0.03, transposed=1.006, seed=1)))
    assert related.overlap > 0.8
    assert related.together is not None
    assert related.together > 0.6
    assert related.same_notes is not None
    assert related.same_notes > 0.7


@pytest.mark.parametrize("semitones", [3, 4, 7])
def test_a_harmony_sings_others(semitones: int) -> None:
    related = relate_voices(heard(sung()), heard(sung(transposed=2 ** (semitones / 12), seed=1)))
    assert related.together is not None
    assert related.together > 0.6
    assert related.same_notes is not None
    assert related.same_notes < 0.6


def test_an_answer_sings_in_the_pauses() -> None:
    related = relate_voices(heard(sung()), heard(sung(pauses=True)))
    assert related.overlap < 0.1


def test_where_a_file_begins_in_the_song_counts() -> None:
    """The same file two seconds later sings in the lead's pauses."""
    together = relate_voices(heard(sung()), heard(sung()))
    later = relate_voices(heard(sung()), heard(sung()), other_start_s=2.0)
    assert together.overlap == pytest.approx(1.0)
    assert later.overlap < 0.2
