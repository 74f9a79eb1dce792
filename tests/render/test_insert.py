"""One insert in song time, asleep where nothing sounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sounds import noise
from tonmeister.audio import Samples
from tonmeister.render.align import CELL_FRAMES, whole_cells
from tonmeister.render.insert import REST_FRAMES, InsertStage, Times


class Counting:
    """A late stream that adds to every frame how many frames it has heard: so it shows when it was made."""

    def __init__(self, latency_frames: int, tail_frames: int) -> None:
        self.latency_frames, self.tail_frames = latency_frames, tail_frames
        self._past = np.zeros((1, latency_frames), np.float32)
        self._heard = 0

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        joined = np.concatenate((self._past, block), axis=1)
        self._past = joined[:, block.shape[1] :]
        out = joined[:, : block.shape[1]].copy()
        count = np.arange(self._heard, self._heard + block.shape[1], dtype=np.float32)
        self._heard += block.shape[1]
        return np.where(out != 0, out + count * 1e-6, 0).astype(np.float32)


def run(sound: Samples, blocks: list[int], *, latency: int, tail: int, end_frame: int | None = None) -> Samples:
    """Feed a sound ahead in blocks of so many cells, and return what comes out."""
    times = Times(latency, tail)
    stage = InsertStage(
        lambda _: Counting(latency, tail), times, start_frame=0, end_frame=times.end_after(end_frame or sound.shape[1]),
        channels=1, keyed=False,
    )  # fmt: skip
    fed = np.pad(sound, ((0, 0), (0, 2_000_000)))
    out, position = [], 0
    for number, cells in enumerate(blocks):
        frames = cells * CELL_FRAMES + (times.ahead_frames if number == 0 else 0)
        block = fed[:, position : position + frames].copy()
        made = stage.process(block if block.any() else None, None, frames)
        due = cells * CELL_FRAMES
        out.append(np.zeros((1, due), np.float32) if made is None else made)
        assert out[-1].shape[1] == due
        position += frames
    return np.concatenate(out, axis=1)


def paused(*lengths: int) -> Samples:
    """Return noise and silence by turns, of so many frames each."""
    parts = [
        noise(duration_s=length / 48_000, seed=n).samples if n % 2 == 0 else np.zeros((1, length), np.float32)
        for n, length in enumerate(lengths)
    ]
    return np.concatenate(parts, axis=1)


@pytest.mark.parametrize("latency", [0, 1, 1024, 1500])
def test_what_comes_out_is_in_song_time(latency: int) -> None:
    sound = paused(20_000)
    found = run(sound, [8, 8, 8], latency=latency, tail=0)[:, :20_000]
    count = np.arange(latency, latency + 20_000, dtype=np.float32) * 1e-6
    assert np.abs(found - sound - count).max() < 1e-6  # float32's rounding near 1


def test_after_a_long_rest_the_next_sound_meets_a_fresh_stream() -> None:
    rest = whole_cells(300) + REST_FRAMES
    first = 10 * CELL_FRAMES
    sound = paused(first, rest, 5000)
    found = run(sound, [200, 200, 200], latency=0, tail=300)
    again = found[:, first + rest :][:, :5000] - sound[:, first + rest :]
    assert again[0, 0] < 1e-6
    one_cell_less = paused(first, rest - CELL_FRAMES, 5000)
    kept = run(one_cell_less, [200, 200, 200], latency=0, tail=300)
    assert (kept - np.pad(one_cell_less, ((0, 0), (0, kept.shape[1] - one_cell_less.shape[1]))))[0, -1] == 0
    still = kept[:, first + rest - CELL_FRAMES :][:, :5000] - one_cell_less[:, first + rest - CELL_FRAMES :]
    assert still[0, 0] == pytest.approx((first + rest - CELL_FRAMES) * 1e-6, rel=1e-3)


@settings(max_examples=25, deadline=None)
@given(
    blocks=st.lists(st.integers(1, 256), min_size=4, max_size=40),
    latency=st.sampled_from([0, 77, 1024, 3000]),
    gap=st.integers(REST_FRAMES - 5000, REST_FRAMES + 9000),
    offset=st.integers(0, 5000),
)
def test_blocks_never_change_a_byte_around_a_rest(blocks: list[int], latency: int, gap: int, offset: int) -> None:
    sound = paused(12_345 + offset, gap, 7000, 3000, 4000)
    total = whole_cells(sound.shape[1] + 5000) // CELL_FRAMES
    cut: list[int] = []
    while sum(cut) < total:
        cut.append(min(blocks[len(cut) % len(blocks)], total - sum(cut)))
    whole = [min(256, total - start) for start in range(0, total, 256)]
    found = run(sound, cut, latency=latency, tail=500)
    assert found.tobytes() == run(sound, whole, latency=latency, tail=500).tobytes()


def test_behind_its_end_it_is_silent_whatever_comes() -> None:
    sound = paused(50 * CELL_FRAMES)
    found = run(sound, [60], latency=10, tail=20, end_frame=10 * CELL_FRAMES - 30)
    assert found[:, : 10 * CELL_FRAMES - 10].any()
    assert not found[:, 11 * CELL_FRAMES :].any()


def test_a_stream_that_is_woken_is_told_where_in_the_song_it_is() -> None:
    """Repairs of marked places need it; the sound begins at a cell's border, where silence ends."""
    told: list[int] = []

    def make(frame: int) -> Counting:
        told.append(frame)
        return Counting(0, 0)

    stage = InsertStage(make, Times(0, 0), start_frame=3 * CELL_FRAMES, end_frame=10**7, channels=1, keyed=False)
    stage.process(None, None, 2 * CELL_FRAMES)
    block = paused(4 * CELL_FRAMES)
    block[:, : 2 * CELL_FRAMES] = 0
    stage.process(block, None, 4 * CELL_FRAMES)
    assert told == [3 * CELL_FRAMES, 7 * CELL_FRAMES]
