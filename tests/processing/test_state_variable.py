"""The moving filter: its curve at rest, its definition in motion, and that no motion clicks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import signal

from tests.sounds import noise, sine
from tonmeister.audio import Samples
from tonmeister.processing.band import Shape
from tonmeister.processing.filter_design import design_rbj
from tonmeister.processing.state_variable import SHAPE_CODES, StateVariableStream

RATE_HZ = 48_000
SHAPES: tuple[Shape, ...] = tuple(SHAPE_CODES)
Floats = NDArray[np.float64]


def reference(shape: Shape, sound: Samples, frequency_hz: Floats, gain_db: Floats, q: Floats) -> Floats:
    """Simper's equations as printed, one channel."""
    out, first, second = np.empty(len(frequency_hz)), 0.0, 0.0
    a = 10 ** (gain_db / 40)
    g = np.tan(np.pi * frequency_hz / RATE_HZ) * {"low_shelf": a**-0.5, "high_shelf": a**0.5}.get(shape, 1 + 0 * a)
    k = 1 / (q * a) if shape == "peak" else 1 / q
    mix = {
        "peak": (1 + 0 * a, k * (a * a - 1), 0 * a),
        "low_shelf": (1 + 0 * a, k * (a - 1), a * a - 1),
        "high_shelf": (a * a, k * (1 - a) * a, 1 - a * a),
        "high_pass": (1 + 0 * a, -k, -1 + 0 * a),
        "low_pass": (0 * a, 0 * a, 1 + 0 * a),
        "notch": (1 + 0 * a, -k, 0 * a),
    }[shape]
    for i, x in enumerate(sound.astype(np.float64)):
        band = (g[i] * (x - second) + first) / (1 + g[i] * (g[i] + k[i]))
        low = second + g[i] * band
        first, second = 2 * band - first, 2 * low - second
        out[i] = mix[0][i] * x + mix[1][i] * band + mix[2][i] * low
    return out


def level_db(difference: Floats, wanted: Floats) -> float:
    return float(20 * np.log10(np.std(difference) / np.std(wanted)))


@pytest.mark.parametrize("shape", SHAPES)
def test_at_rest_it_is_the_rbj_filter(shape: Shape) -> None:
    """Scipy in float64; -140 dB is the bar of the issue."""
    audio = noise(duration_s=0.3, channels=2)
    stream = StateVariableStream(shape, sample_rate_hz=RATE_HZ, channels=2)
    got = stream.process(audio.samples, frequency_hz=3000.0, gain_db=7.0, q=1.4)
    b0, b1, b2, a1, a2 = design_rbj(shape, frequency=3000 / RATE_HZ, gain_db=7.0, q=1.4)
    wanted = signal.lfilter([b0, b1, b2], [1, a1, a2], audio.samples.astype(np.float64))
    assert level_db(got - wanted, wanted) < -140


@pytest.mark.parametrize("shape", SHAPES)
def test_in_motion_it_follows_the_printed_equations(shape: Shape) -> None:
    audio = noise(duration_s=0.05)
    moving = [
        np.geomspace(50, 15_000, audio.frames),
        np.linspace(-9, 12, audio.frames),
        np.linspace(4, 0.3, audio.frames),
    ]
    wanted = reference(shape, audio.samples[0], *moving)
    stream = StateVariableStream(shape, sample_rate_hz=RATE_HZ, channels=1)
    got = stream.process(audio.samples, frequency_hz=moving[0], gain_db=moving[1], q=moving[2])
    assert level_db(got[0] - wanted, wanted) < -140


def splatter_db(frequency_hz: Floats, gain_db: Floats) -> float:
    """Peak above 8 kHz that a moving bell makes of a 200 Hz sine of full scale."""
    audio = sine(frequency_hz=200, peak_db=0, duration_s=len(gain_db) / RATE_HZ)
    stream = StateVariableStream("peak", sample_rate_hz=RATE_HZ, channels=1)
    out = stream.process(audio.samples, frequency_hz=frequency_hz, gain_db=gain_db, q=2.0)[0]
    high = signal.sosfilt(signal.butter(8, 8000, "high", fs=RATE_HZ, output="sos"), out.astype(np.float64))
    return float(20 * np.log10(np.max(np.abs(high[2000:]))))


def test_moving_frequency_and_gain_does_not_click() -> None:
    """-96 dB: below the last bit of a CD. The same gain in one step is above -60 dB: the test can fail."""
    frames, way = 24_000, np.clip((np.arange(24_000) - 6000) / 4800, 0, 1)
    glide = 0.5 - 0.5 * np.cos(np.pi * way)
    assert splatter_db(100 * 40**glide, np.full(frames, 12.0)) < -96
    assert splatter_db(np.full(frames, 250.0), 12 * glide) < -96
    assert splatter_db(np.full(frames, 250.0), np.where(way > 0, 12.0, 0.0)) > -60


@given(cuts=st.lists(st.integers(0, 4000), max_size=5), shape=st.sampled_from(SHAPES))
def test_cuts_never_change_a_byte(cuts: list[int], shape: Shape) -> None:
    audio = noise(duration_s=4000 / RATE_HZ, channels=2)
    frequency_hz = np.geomspace(50, 15_000, 4000)
    frequency_hz[1000:2000] = 700.0
    whole = StateVariableStream(shape, sample_rate_hz=RATE_HZ, channels=2).process(
        audio.samples, frequency_hz=frequency_hz, gain_db=-5.0
    )
    stream = StateVariableStream(shape, sample_rate_hz=RATE_HZ, channels=2)
    pieces = [
        stream.process(np.ascontiguousarray(audio.samples[:, part]), frequency_hz=frequency_hz[part], gain_db=-5.0)
        for part in np.split(np.arange(4000), sorted(cuts))
    ]
    assert np.array_equal(np.hstack(pieces), whole)


def test_no_gain_passes_the_bytes_and_silence_stays_silent() -> None:
    audio = noise(duration_s=0.1)
    stream = StateVariableStream("peak", sample_rate_hz=RATE_HZ, channels=1)
    assert (
        stream.process(audio.samples, frequency_hz=np.linspace(99, 9000, audio.frames)).tobytes()
        == audio.samples.tobytes()
    )
    fresh = StateVariableStream("low_shelf", sample_rate_hz=RATE_HZ, channels=1)
    assert not fresh.process(np.zeros((1, 999), np.float32), frequency_hz=100.0, gain_db=12.0).any()
