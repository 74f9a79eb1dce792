"""What every dynamics and space processor must hold: cutting, silence, shape, input, latency."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.sounds import drums, noise, silence
from tonmeister.audio import Samples
from tonmeister.processing.compressor import Compressor, CompressorStream
from tonmeister.processing.deesser import DeEsser, DeEsserStream
from tonmeister.processing.delay import Delay, DelayStream
from tonmeister.processing.expander import Expander, ExpanderStream
from tonmeister.processing.gate import Gate, GateStream
from tonmeister.processing.limiter import TruePeakLimiter, TruePeakLimiterStream
from tonmeister.processing.multiband import Multiband, MultibandStream
from tonmeister.processing.reverb import Reverb, ReverbStream
from tonmeister.processing.stream import Stream
from tonmeister.processing.transient_shaper import TransientShaper, TransientShaperStream
from tonmeister.processing.upward_compressor import UpwardCompressor, UpwardCompressorStream

RATE_HZ = 48_000
FRAMES = 6000
SQUEEZE = Compressor(threshold_db=-40, ratio=4, lookahead_ms=3)
MAKERS: dict[str, Callable[[int], Stream]] = {
    "compressor": lambda n: CompressorStream(SQUEEZE, sample_rate_hz=RATE_HZ, channels=n),
    "compressor rms": lambda n: CompressorStream(
        Compressor(threshold_db=-40, detector="rms", mix=0.5), sample_rate_hz=RATE_HZ, channels=n
    ),
    "expander": lambda n: ExpanderStream(Expander(threshold_db=-10), sample_rate_hz=RATE_HZ, channels=n),
    "gate": lambda n: GateStream(Gate(threshold_db=-15, hold_ms=1, lookahead_ms=2), sample_rate_hz=RATE_HZ, channels=n),
    "transient shaper": lambda n: TransientShaperStream(
        TransientShaper(attack_db=6, sustain_db=-4, mix=0.9), sample_rate_hz=RATE_HZ, channels=n
    ),
    "upward compressor": lambda n: UpwardCompressorStream(
        UpwardCompressor(threshold_db=-10, range_db=8, mix=0.9), sample_rate_hz=RATE_HZ, channels=n
    ),
    "de-esser": lambda n: DeEsserStream(DeEsser(threshold_db=-50, lookahead_ms=1), sample_rate_hz=RATE_HZ, channels=n),
    "multiband": lambda n: MultibandStream(
        Multiband(low=SQUEEZE, mid=Compressor(threshold_db=-40), mix=0.8), sample_rate_hz=RATE_HZ, channels=n
    ),
    "limiter": lambda n: TruePeakLimiterStream(TruePeakLimiter(drive_db=20), sample_rate_hz=RATE_HZ, channels=n),
    "reverb": lambda n: ReverbStream(Reverb(pre_delay_ms=5), sample_rate_hz=RATE_HZ, channels=n),
    "delay": lambda n: DelayStream(Delay(time_ms=11, ping_pong=True, ducking_db=6), sample_rate_hz=RATE_HZ, channels=n),
}
SOUND = {
    n: drums(duration_s=FRAMES / RATE_HZ, channels=n).samples + noise(duration_s=FRAMES / RATE_HZ, channels=n).samples
    for n in (1, 2)
}


def in_parts(stream: Stream, sound: Samples, cuts: list[int], key: Samples | None) -> Samples:
    """Run a stream over the sound, cut at the given frames."""
    borders = sorted({0, sound.shape[1], *cuts})
    parts = []
    for start, end in pairwise(borders):
        key_part = None if key is None else np.ascontiguousarray(key[:, start:end])
        parts.append(stream.process(np.ascontiguousarray(sound[:, start:end]), key_part))
    return np.concatenate(parts, axis=1)


@pytest.mark.parametrize("name", MAKERS)
@given(
    cuts=st.lists(st.integers(1, FRAMES - 1), max_size=5),
    channels=st.sampled_from([1, 2]),
    key_channels=st.sampled_from([0, 1, 2]),
)
@hypothesis_settings(max_examples=12)
def test_cutting_changes_no_bit(name: str, cuts: list[int], channels: int, key_channels: int) -> None:
    """Block size may never change a byte (ARCHITECTURE.md); a cut next to a cut makes blocks of one frame."""
    key = SOUND[key_channels] if key_channels else None
    whole = in_parts(MAKERS[name](channels), SOUND[channels], [], key)
    parts = in_parts(MAKERS[name](channels), SOUND[channels], [*cuts, *(cut + 1 for cut in cuts)], key)
    assert np.array_equal(whole, parts)


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("channels", [1, 2])
def test_silence_stays_silent_and_the_shape_stays(name: str, channels: int) -> None:
    out = MAKERS[name](channels).process(silence(duration_s=0.3, channels=channels).samples)
    assert out.shape == (channels, 14_400)
    assert out.dtype == np.float32
    assert not np.any(out)


@pytest.mark.parametrize("name", MAKERS)
def test_the_input_is_left_as_it_is(name: str) -> None:
    block, key = SOUND[2].copy(), SOUND[1].copy()
    out = MAKERS[name](2).process(block, key)
    out[:] = 7
    assert np.array_equal(block, SOUND[2])
    assert np.array_equal(key, SOUND[1])


@pytest.mark.parametrize("name", [n for n in MAKERS if n not in ("reverb", "delay")])
def test_nothing_comes_before_the_latency_and_the_onset_comes_with_it(name: str) -> None:
    sound = np.zeros((2, FRAMES), np.float32)
    sound[:, 1000:] = SOUND[2][:, 1000:]
    stream = MAKERS[name](2)
    onset = np.flatnonzero(np.any(stream.process(sound) != 0, axis=0))[0]
    assert onset == 1000 + stream.latency_frames


@pytest.mark.parametrize("name", MAKERS)
def test_an_empty_block_is_an_empty_block(name: str) -> None:
    assert MAKERS[name](2).process(np.zeros((2, 0), np.float32)).shape == (2, 0)
