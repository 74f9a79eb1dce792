import numpy as np
import pytest
from numpy.typing import NDArray

from tonmeister.analysis.intonation import notes_of, off_pitch_cents, plan_correction
from tonmeister.analysis.pitch import PitchTrack

C_MAJOR = notes_of("C", "major")


def sung(semitones: NDArray[np.float64]) -> PitchTrack:
    return PitchTrack(440 * 2 ** ((semitones - 69) / 12))


def vibrato(note: float, *, cents: float = 40.0, steps: int = 150) -> PitchTrack:
    return sung(note + cents / 100 * np.sin(2 * np.pi * 6 * np.arange(steps) / 100))


@pytest.mark.parametrize(
    ("tonic", "mode", "notes"), [("C", "major", "0 2 4 5 7 9 11"), ("A", "minor", "9 11 0 2 4 5 7"), ("C#", "minor", "1 3 4 6 8 9 11")]
)  # fmt: skip
def test_the_notes_of_a_key(tonic: str, mode: str, notes: str) -> None:
    assert notes_of(tonic, mode).tolist() == [int(note) for note in notes.split()]  # type: ignore[arg-type]  # a mode


def test_a_note_between_the_keys_notes_is_off_by_its_distance() -> None:
    """F is a note of C major, F sharp none: it lies a semitone from both neighbours."""
    assert off_pitch_cents(sung(np.full(100, 65.3)), C_MAJOR) == pytest.approx(30, abs=0.1)
    assert off_pitch_cents(sung(np.full(100, 66.0)), C_MAJOR) == pytest.approx(100, abs=0.1)
    assert off_pitch_cents(PitchTrack(np.zeros(100)), C_MAJOR) is None


def test_a_held_note_goes_to_its_note_and_keeps_its_vibrato() -> None:
    """30 cents flat with a vibrato of 6 Hz: the correction is 0.8 of 30 and swings by less than a quarter of the vibrato."""
    (stretch,) = plan_correction(vibrato(64.7), C_MAJOR, amount=0.8, speed_ms=80)
    late = stretch.cents[40:-20]
    assert late.mean() == pytest.approx(24, abs=1.5)
    assert np.ptp(late) < 0.25 * 80


def test_a_note_in_tune_is_left_alone() -> None:
    assert plan_correction(vibrato(64.03), C_MAJOR, amount=1.0, speed_ms=50) == ()


def test_the_target_stays_until_another_note_is_clearly_nearer() -> None:
    """Hardly past the middle between E and F the target is still E."""
    slow = sung(np.concatenate([np.full(60, 64.2), np.full(60, 64.55)]))
    (stretch,) = plan_correction(slow, C_MAJOR, amount=1.0, speed_ms=0)
    assert (stretch.cents <= 0).all()


def test_short_sounds_and_pauses_part_the_stretches() -> None:
    hz = np.concatenate([np.full(50, 450.0), np.zeros(20), np.full(5, 450.0), np.zeros(20), np.full(50, 450.0)])
    stretches = plan_correction(PitchTrack(hz), C_MAJOR, amount=1.0, speed_ms=0)
    assert [stretch.first for stretch in stretches] == [0, 95]
