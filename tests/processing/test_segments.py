"""Segments with context: the grid, the crossfade, the bytes."""

import numpy as np
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.sounds import noise, silence
from tonmeister.audio import Audio, Samples
from tonmeister.processing.segments import Repair, SegmentStream, take_residual
from tonmeister.processing.stream import run_stream

FRAMES = 3000
SOUND = noise(duration_s=FRAMES / 48_000, channels=2)


def stream_of(repair: Repair) -> SegmentStream:
    return SegmentStream(repair, segment_frames=400, context_frames=150, crossfade_frames=32, channels=2)


def halve_by_own_mean(samples: Samples, start: int) -> Samples:
    """Depend on everything that is handed in, so that a wrong window shows."""
    return samples * np.float32(0.5) + np.float32(np.mean(samples) + start * 1e-6)


@given(cuts=st.lists(st.integers(1, FRAMES - 1), max_size=6))
@hypothesis_settings(max_examples=25)
def test_cutting_changes_no_bit(cuts: list[int]) -> None:
    whole = stream_of(halve_by_own_mean).process(SOUND.samples)
    stream = stream_of(halve_by_own_mean)
    parts = [stream.process(np.ascontiguousarray(part)) for part in np.split(SOUND.samples, sorted(cuts), axis=1)]
    assert np.array_equal(np.concatenate(parts, axis=1), whole)


def test_a_function_that_changes_nothing_gives_the_input_bytes() -> None:
    assert np.array_equal(run_stream(SOUND, stream_of(lambda samples, _: samples)).samples, SOUND.samples)


def test_the_function_learns_where_its_window_lies() -> None:
    """The place that it is told is the place that the samples came from; before the song there is silence."""
    seen: list[int] = []

    def look(samples: Samples, start: int) -> Samples:
        seen.append(start)
        inside = samples[:, max(0, -start) :]
        at = max(0, start)
        expected = SOUND.samples[:, at : at + inside.shape[1]]
        assert np.array_equal(inside[:, : expected.shape[1]], expected)
        assert not inside[:, expected.shape[1] :].any()
        assert not samples[:, : max(0, -start)].any()
        return samples

    run_stream(SOUND, stream_of(look))
    assert seen == [-150 + 400 * k for k in range(len(seen))]
    assert seen[-1] + 150 + 400 >= FRAMES


def test_segments_that_disagree_meet_in_a_straight_line() -> None:
    ones = Audio(np.ones((2, FRAMES), np.float32), 48_000)
    out = run_stream(ones, stream_of(lambda samples, start: samples * np.float32((start + 150) // 400))).samples[0]
    assert out[399] == 0
    assert np.all(out[432:800] == 1)
    assert np.all(np.diff(out[400:432]) > 0)


def test_silence_is_left_alone_even_by_a_function_that_adds() -> None:
    quiet = silence(channels=2, duration_s=0.1)
    assert not run_stream(quiet, stream_of(lambda samples, _: samples + np.float32(1))).samples.any()


def test_the_residual_and_the_output_are_the_input() -> None:
    out = Audio(SOUND.samples * np.float32(0.25), 48_000)
    assert np.array_equal(take_residual(SOUND, out).samples + out.samples, SOUND.samples)
