"""The aligner against where the samples should be."""

from itertools import pairwise

import numpy as np
import pytest

from tests.sounds import noise
from tonmeister.audio import Audio
from tonmeister.processing.aligner import Aligner, AlignerStream, align_phrases, is_neutral

RATE_HZ = 48_000


def test_each_stretch_is_moved_by_its_own_shift_and_the_rest_stays() -> None:
    """Outside the crossfades of 20 ms the samples are the very same ones, so many frames away."""
    audio = noise(duration_s=4, channels=2)
    moved = align_phrases(audio, Aligner(points=((1.0, 30.0), (2.0, -50.0), (3.0, 0.0))))
    for start_s, end_s, shift_ms in ((0, 1, 0), (1, 2, 30), (2, 3, -50), (3, 4, 0)):
        first, last = round((start_s + 0.011) * RATE_HZ), round((end_s - 0.011) * RATE_HZ)
        shift = round(shift_ms * RATE_HZ / 1000)
        assert np.array_equal(moved.samples[:, first:last], audio.samples[:, first - shift : last - shift])


def test_a_steady_sound_has_no_jump_where_the_shift_changes() -> None:
    """A crossfade of 20 ms of two equal tones: no step between samples beyond those of the tone and of the fade."""
    time_s = np.arange(2 * RATE_HZ) / RATE_HZ
    tone = Audio(0.5 * np.sin(2 * np.pi * 100 * time_s)[None].astype(np.float32), RATE_HZ)
    moved = align_phrases(tone, Aligner(points=((1.0, 37.0),)))
    steps = np.abs(np.diff(moved.samples[0, RATE_HZ // 2 :]))
    assert steps.max() < 2 * np.pi * 100 / RATE_HZ * 0.5 + 1.0 / 960 + 1e-4


@pytest.mark.parametrize("cuts", [[1000], [1, 2, 3], [47_000, 48_000, 48_001, 49_500], [96_000]])
def test_cutting_changes_no_bit(cuts: list[int]) -> None:
    sound = noise(duration_s=3, channels=2).samples
    settings = Aligner(points=((1.0, 30.0), (1.02, -80.0), (2.0, 0.0)), start_s=0.01)
    whole = AlignerStream(settings, sample_rate_hz=RATE_HZ, channels=2).process(sound)
    stream = AlignerStream(settings, sample_rate_hz=RATE_HZ, channels=2)
    borders = [0, *cuts, sound.shape[1]]
    parts = [stream.process(np.ascontiguousarray(sound[:, a:b])) for a, b in pairwise(borders)]
    assert np.array_equal(np.concatenate(parts, axis=1), whole)


def test_a_stream_that_starts_late_moves_what_the_whole_would() -> None:
    """From half a second of run-up on, the excerpt is that of the whole."""
    audio = noise(duration_s=3)
    settings = Aligner(points=((0.5, -40.0), (2.0, 25.0)))
    stream = AlignerStream(settings, sample_rate_hz=RATE_HZ, channels=1)
    late = stream.latency_frames
    stream.start_at(RATE_HZ)
    part = stream.process(np.ascontiguousarray(audio.samples[:, RATE_HZ:]))[:, late:]
    whole = align_phrases(audio, settings).samples[:, RATE_HZ:]
    assert np.array_equal(part[:, RATE_HZ // 2 :], whole[:, RATE_HZ // 2 : part.shape[1]])


@pytest.mark.parametrize("settings", [Aligner(), Aligner(points=((1.0, 0.0), (2.0, 0.0)))])
def test_neutral_settings_return_the_input_bytes(settings: Aligner) -> None:
    audio = noise(duration_s=0.1, channels=2)
    assert is_neutral(settings)
    assert np.array_equal(align_phrases(audio, settings).samples, audio.samples)
