"""Keys of chords whose key is known."""

import numpy as np
import pytest

from tests.sounds import noise
from tonmeister.analysis.key import find_key
from tonmeister.analysis.track_meter import measure_track
from tonmeister.audio import Audio

RATE_HZ = 48_000
NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def cadence(tonic: int, *, minor: bool) -> np.ndarray:
    """Return the chroma of I IV V I with four overtones a note."""
    third = 3 if minor else 4
    chords = [(0, third, 7), (5, 5 + third, 12), (7, 11, 14), (0, third, 7)]
    time = np.arange(2 * RATE_HZ) / RATE_HZ
    parts = []
    for chord in chords:
        notes = [261.63 * 2 ** ((tonic + note) / 12) for note in chord]
        parts.append(sum(0.03 / k * np.sin(2 * np.pi * f * k * time) for f in notes for k in (1, 2, 3, 4)))
    return measure_track(Audio(np.concatenate(parts)[None].astype(np.float32), RATE_HZ)).curves.chroma_125ms


@pytest.mark.parametrize("minor", [False, True])
@pytest.mark.parametrize("tonic", [0, 3, 7, 10])
def test_a_cadence_has_its_key(*, tonic: int, minor: bool) -> None:
    """Albrecht and Shanahan's profiles."""
    key = find_key([cadence(tonic, minor=minor)])
    assert key is not None
    assert (key.tonic, key.mode) == (NAMES[tonic], "minor" if minor else "major")


def test_a_track_turned_down_counts_less() -> None:
    """Two keys at once: the louder wins."""
    both = [cadence(0, minor=False), cadence(6, minor=False)]
    for gains_db, tonic in (([0.0, -30.0], "C"), ([-30.0, 0.0], "F#")):
        key = find_key(both, gains_db=gains_db)
        assert key is not None
        assert key.tonic == tonic


def test_silence_has_no_key_and_noise_no_sure_one() -> None:
    """Unknown is allowed."""
    assert find_key([]) is None
    assert find_key([np.zeros(12, np.float32)]) is None
    key = find_key([measure_track(noise(duration_s=20, seed=1)).curves.chroma_125ms])
    assert key is None or key.confidence < 0.5
