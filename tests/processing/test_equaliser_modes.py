"""The equaliser on the middle or the side alone, and in linear phase."""

import numpy as np
import pytest

from tests.sounds import RATE_HZ, noise
from tonmeister.audio import Audio
from tonmeister.processing.band import Band
from tonmeister.processing.equaliser import Equaliser, EqualiserStream, Phase, equalise
from tonmeister.processing.filter_design import magnitude_db

BANDS = (
    Band(shape="high_pass", frequency_hz=80),
    Band(frequency_hz=400, q=1.0, gain_db=-4),
    Band(frequency_hz=3120, q=8.0, gain_db=-4),
    Band(shape="high_shelf", frequency_hz=8000, gain_db=2),
)


def parts(sound: Audio) -> tuple[np.ndarray, np.ndarray]:
    """Return the middle and the side, in float64."""
    left, right = sound.samples.astype(np.float64)
    return (left + right) / 2, (left - right) / 2


def off_db(got: np.ndarray, wanted: np.ndarray) -> float:
    return float(20 * np.log10(np.std(got - wanted) / np.std(wanted)))


@pytest.mark.parametrize("phase", ["minimum", "linear"])
@pytest.mark.parametrize(("part", "touched"), [("mid", 0), ("side", 1)])
def test_one_half_is_filtered_and_the_other_comes_through(part: str, touched: int, phase: Phase) -> None:
    """-130 dB: the two halves are rounded to float32 on the way."""
    sound = noise(duration_s=1.0, channels=2)
    got = equalise(sound, Equaliser.model_validate({"bands": BANDS, "channels": part, "phase": phase}))
    alone = Audio(parts(sound)[touched][None].astype(np.float32), RATE_HZ)
    wanted = equalise(alone, Equaliser(bands=BANDS, phase=phase)).samples[0]
    assert off_db(parts(got)[touched], wanted) < -130
    assert off_db(parts(got)[1 - touched], parts(sound)[1 - touched]) < -130


def test_one_channel_is_all_middle() -> None:
    sound = noise(duration_s=0.2)
    plain, mid, side = (
        equalise(sound, Equaliser.model_validate({"bands": BANDS, "channels": part})).samples
        for part in ("stereo", "mid", "side")
    )
    assert np.array_equal(plain, mid)
    assert np.array_equal(side, sound.samples)


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_linear_phase_has_the_same_curve_and_a_response_that_is_its_own_mirror(rate: int) -> None:
    """0.5 dB from 60 Hz to 16 kHz: the window spreads each frequency over about 12 Hz, which the high-pass shows."""
    stream = EqualiserStream(Equaliser(bands=BANDS, phase="linear"), sample_rate_hz=rate, channels=1)
    click = np.zeros((1, 2 * stream.latency_frames + 1), np.float32)
    click[0, 0] = 1
    response = stream.process(click)[0].astype(np.float64)
    middle = stream.latency_frames
    reach = stream.tail_frames // 2
    before, after = response[middle - reach : middle][::-1], response[middle + 1 : middle + 1 + reach]
    assert np.abs(before - after).max() < 1e-7
    hz = np.geomspace(60, 16_000, 200)
    turn = np.exp(-2j * np.pi * np.outer(hz, np.arange(response.size)) / rate)
    got_db = 20 * np.log10(np.abs(turn @ response))
    assert np.abs(got_db - magnitude_db(BANDS, hz, rate)).max() < 0.5


@pytest.mark.parametrize("part", ["stereo", "mid", "side"])
def test_cuts_never_change_a_byte_of_linear_phase(part: str) -> None:
    sound = noise(duration_s=1.0, channels=2)
    settings = Equaliser.model_validate({"bands": BANDS, "channels": part, "phase": "linear"})
    whole = EqualiserStream(settings, sample_rate_hz=RATE_HZ, channels=2).process(sound.samples)
    stream = EqualiserStream(settings, sample_rate_hz=RATE_HZ, channels=2)
    pieces = np.split(sound.samples, [1, 700, 8191, 8192, 20_000, 31_003], axis=1)
    assert np.array_equal(np.hstack([stream.process(np.ascontiguousarray(piece)) for piece in pieces]), whole)


def test_linear_phase_comes_in_time_once_its_latency_is_taken_out() -> None:
    sound = noise(duration_s=1.0, channels=2)
    gentle = Equaliser(bands=(Band(frequency_hz=1000, q=1, gain_db=0.1),), phase="linear")
    assert off_db(equalise(sound, gentle).samples, sound.samples.astype(np.float64)) < -40
