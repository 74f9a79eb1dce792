"""Offsets that were put in are found again, phrase by phrase."""

from itertools import pairwise

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from tests.conftest import SHARED
from tests.facts import audio
from tonmeister.analysis.phrases import find_phrases
from tonmeister.analysis.track_meter import measure_track
from tonmeister.analysis.voice_timing import measure_offsets
from tonmeister.audio import Audio
from tonmeister.processing.aligner import Aligner, align_phrases

RATE_HZ = 48_000
VOICES = ("multitracks/clingo_rawband/vox.flac", "voice_noise/vocals/vocadito_1.wav")


def words(*, seed: int = 0) -> NDArray[np.float64]:
    """Return eight phrases of syllables of uneven length, a second apart; the seed changes the voice, not the words."""
    lengths = np.random.default_rng(7)
    voice = np.random.default_rng(100 + seed)
    parts = [np.zeros(RATE_HZ)]
    for _ in range(8):
        for _ in range(6):
            size = int(lengths.integers(4000, 12_000))
            shape = np.sin(np.pi * np.arange(size) / size) ** 0.4 * lengths.uniform(0.3, 1)
            parts += [0.2 * shape * voice.standard_normal(size), np.zeros(int(lengths.integers(200, 3500)))]
        parts.append(np.zeros(RATE_HZ))
    return np.concatenate(parts)


def rms(wave: NDArray[np.float64]) -> NDArray[np.float32]:
    return measure_track(audio(wave)).curves.rms_10ms


@pytest.mark.parametrize("late_ms", [-120.0, -33.0, 0.0, 27.0, 140.0])
def test_one_offset_is_found_for_every_phrase(late_ms: float) -> None:
    """Another voice with the same words; between steps of 10 ms by a parabola: 4 ms."""
    other = np.roll(words(seed=1), round(late_ms * RATE_HZ / 1000))
    found = measure_offsets(rms(words()), rms(other))
    assert len(found) >= 6
    assert np.median([o.offset_ms for o in found]) == pytest.approx(late_ms, abs=4)
    assert min(o.agreement for o in found) > 0.8


def test_a_file_that_begins_later_is_no_late_voice() -> None:
    other = words(seed=1)[RATE_HZ // 2 :]
    found = measure_offsets(rms(words()), rms(other), other_starts_s=0.5)
    assert np.median([o.offset_ms for o in found]) == pytest.approx(0, abs=4)


def test_other_words_agree_with_nothing() -> None:
    noise = np.random.default_rng(3)
    steps = np.repeat(noise.uniform(0.01, 1, 200), 3000)
    other = 0.1 * steps * noise.standard_normal(steps.size)
    assert all(o.agreement < 0.8 for o in measure_offsets(rms(words()), rms(other)))


@pytest.mark.shared
@pytest.mark.parametrize("name", VOICES)
def test_offsets_drawn_by_phrase_are_found_on_real_voices(name: str) -> None:
    """A copy at another level over noise; nine of ten phrases within 10 ms, the step of the curves."""
    samples, rate = soundfile.read(SHARED / "data" / name, dtype="float32", always_2d=True)
    lead = Audio(np.ascontiguousarray(samples[: 30 * rate, :1].T), rate)
    curve = measure_track(lead).curves.rms_10ms
    phrases = find_phrases(curve)
    shifts = np.random.default_rng(11).uniform(-80, 80, len(phrases)).round(1).tolist()
    starts = [0.0, *((a.end_s + b.start_s) / 2 for a, b in pairwise(phrases))]
    moved = align_phrases(lead, Aligner(points=tuple(zip(starts, shifts, strict=True))))
    noise = np.random.default_rng(5).standard_normal(moved.samples.shape).astype(np.float32) * np.float32(2e-4)
    other = measure_track(Audio(moved.samples * np.float32(0.4) + noise, rate)).curves.rms_10ms
    errors = []
    for found in measure_offsets(curve, other):
        near = [k for k, p in enumerate(phrases) if abs(p.start_s + shifts[k] / 1000 - found.start_s) < 0.06]
        if near and found.agreement >= 0.8:
            errors.append(abs(found.offset_ms - shifts[near[0]]))
    assert len(errors) >= 5
    assert np.percentile(errors, 90) < 10
