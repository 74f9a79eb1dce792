"""Pitch of tones, of noise, and of a singer whose notes were written down."""

import csv

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from tests.conftest import SHARED
from tests.sounds import noise
from tonmeister.analysis.pitch import track_pitch

RATE_HZ = 48_000
SINGER = SHARED / "data/voice_noise/vocals/vocadito_1.wav"


def tone(hz: float, *, rate: int = RATE_HZ) -> NDArray[np.float32]:
    time_s = np.arange(rate) / rate
    return np.asarray(sum(np.sin(2 * np.pi * hz * k * time_s) / k for k in range(1, 8)))[None].astype(np.float32) * 0.1


@pytest.mark.parametrize("hz", [82.4, 110.0, 220.0, 440.0, 880.0])
@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_a_tone_has_its_pitch_within_five_cents(hz: float, rate: int) -> None:
    """The parabola between lags of a sixteenth of a millisecond: 5 cents, less than can be heard."""
    found = track_pitch(tone(hz, rate=rate), sample_rate_hz=rate).hz[5:-5]
    assert (found > 0).all()
    assert np.abs(1200 * np.log2(found / hz)).max() < 5.5


def test_noise_and_silence_have_no_pitch() -> None:
    assert (track_pitch(noise(duration_s=1).samples, sample_rate_hz=RATE_HZ).hz > 0).mean() < 0.05
    assert not track_pitch(np.zeros((1, RATE_HZ), np.float32), sample_rate_hz=RATE_HZ).hz.any()
    assert track_pitch(np.zeros((1, 10), np.float32), sample_rate_hz=RATE_HZ).hz.size == 0


@pytest.mark.shared
def test_a_singers_notes_are_those_that_were_written_down() -> None:
    """vocadito: no octave errors, nine of ten notes within 30 cents of the annotation, which is one value a note."""
    samples, rate = soundfile.read(SINGER, dtype="float32", always_2d=True)
    hz = track_pitch(np.ascontiguousarray(samples.T), sample_rate_hz=rate).hz
    errors = []
    with (SINGER.parent / "vocadito_1_notesA1.csv").open() as rows:
        for onset_s, note_hz, length_s in (map(float, row) for row in csv.reader(rows)):
            held = hz[int((onset_s + 0.05) * 100) : int((onset_s + length_s - 0.05) * 100)]
            if held.size >= 3 and held.any():
                errors.append(abs(1200 * np.log2(np.median(held[held > 0]) / note_hz)))
    assert len(errors) > 40
    assert max(errors) < 600
    assert np.percentile(errors, 90) < 30
