"""Fused sums against one addition after the other, to the bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sounds import noise
from tonmeister.audio import Samples
from tonmeister.render.sums import PLAIN, LeafGain, Shape, Summer, shifted


def shapes(leaves: int) -> st.SearchStrategy[Shape]:
    if leaves == 1:
        return st.just(0)
    return st.integers(1, leaves - 1).flatmap(
        lambda left: st.tuples(shapes(left), shapes(leaves - left).map(lambda shape: shifted(shape, left)))
    )


def plain_leaf(block: Samples, gain: LeafGain) -> Samples:
    if gain.left is not None:
        block = np.stack((block[0] * np.float32(gain.left), block[-1] * np.float32(gain.right)))
    return block if gain.send is None else block * np.float32(gain.send)


def plain_sum(shape: Shape, leaves: list[Samples | None]) -> Samples | None:
    if isinstance(shape, int):
        return leaves[shape]
    first, second = plain_sum(shape[0], leaves), plain_sum(shape[1], leaves)
    if first is None or second is None:
        return first if second is None else second
    return first + second


GAINS = st.sampled_from(
    [PLAIN, LeafGain(left=0.3, right=0.7), LeafGain(send=0.25001), LeafGain(left=0.9, right=0.1, send=1.7)]
)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), count=st.integers(1, 8), frames=st.sampled_from([1, 1023, 1024, 2500]))
def test_a_fused_sum_is_its_additions_one_by_one(data: st.DataObject, count: int, frames: int) -> None:
    shape = data.draw(shapes(count))
    gains = data.draw(st.lists(GAINS, min_size=count, max_size=count))
    silent = data.draw(st.lists(st.booleans(), min_size=count, max_size=count))
    blocks: list[Samples | None] = []
    for number, gain in enumerate(gains):
        channels = 1 if gain.left is not None and number % 2 else 2
        sound = noise(duration_s=2500 / 48_000, channels=channels, seed=number).samples[:, :frames]
        blocks.append(None if silent[number] else np.ascontiguousarray(sound))
    expected = plain_sum(shape, [None if b is None else plain_leaf(b, g) for b, g in zip(blocks, gains, strict=True)])
    found = Summer(shape, gains).add(blocks)
    assert (found is None) == (expected is None)
    if found is not None and expected is not None:
        assert found.tobytes() == expected.tobytes()


def test_minus_zero_never_comes_out_of_a_gain() -> None:
    """Then leaving a silent block out of a sum gives the same bits as adding zeros."""
    block = np.full((2, 4), -0.0, np.float32)
    found = Summer((0, 1), [LeafGain(left=1.0, right=0.5), LeafGain(send=0.5)]).add([block, np.abs(block)])
    assert found is not None
    assert not np.signbit(found).any()


@pytest.mark.parametrize("gain", [PLAIN, LeafGain(send=1.0)])
def test_silence_gives_silence(gain: LeafGain) -> None:
    assert Summer((0, 1), [gain, gain]).add([None, None]) is None
