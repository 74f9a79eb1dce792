"""The dereverberation: the room goes, the sound stays."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from tests.sounds import drums, noise, silence
from tonmeister.audio import Audio, Samples
from tonmeister.processing.dereverb import Dereverb, DereverbStream, dereverberate, is_neutral
from tonmeister.processing.late_reverb import _solve, estimate_late_power, predict_late

RATE_HZ = 16_000


def room(decay_s: float, *, channels: int = 1) -> NDArray[np.float64]:
    """Return the response of a made room: the sound itself and decaying noise at the same energy."""
    time = np.arange(round(decay_s * RATE_HZ)) / RATE_HZ
    tail = np.random.default_rng(4).standard_normal((channels, time.size)) * 10 ** (-3 * time / decay_s)
    tail /= np.sqrt(np.square(tail).sum(axis=1, keepdims=True))
    tail[:, 0] += 1
    return tail


def syllables(*, seconds: int = 10) -> NDArray[np.float64]:
    """Return bursts of coloured noise, 120 ms long, five in two seconds, each of another colour."""
    rng, out = np.random.default_rng(8), np.zeros(seconds * RATE_HZ)
    size = round(0.12 * RATE_HZ)
    for start in range(0, out.size - size, round(0.4 * RATE_HZ)):
        at = rng.uniform(0.02, 0.2)
        wave = np.sin(np.cumsum(2 * np.pi * at * (1 + 0.2 * rng.standard_normal(size))))
        out[start : start + size] = wave * np.hanning(size)
    return out * 0.2


def wet_and_early(*, channels: int = 1) -> tuple[Audio, Samples]:
    """Return the sound in the room, and what of it comes within 50 ms."""
    dry, response = syllables(), room(0.8, channels=channels)
    early = response * (np.arange(response.shape[1]) < 0.05 * RATE_HZ)
    wet, near = (np.stack([fftconvolve(dry, row)[: dry.size] for row in h]) for h in (response, early))
    return Audio(wet.astype(np.float32), RATE_HZ), near.astype(np.float32)


@pytest.mark.parametrize("channels", [1, 2])
def test_late_sound_goes_and_early_sound_stays(channels: int) -> None:
    """What is nearer to the early part than before has lost room, not sound; the late sound after the end is 6 dB down."""
    wet, early = wet_and_early(channels=channels)
    out = dereverberate(wet, Dereverb(decay_s=0.8)).samples
    assert ratio_db(early, out) > ratio_db(early, wet.samples) + 1
    assert np.sum(out * early) / np.square(early).sum() == pytest.approx(0.85, abs=0.15)
    gap = np.arange(out.shape[1]) % round(0.4 * RATE_HZ) > 0.25 * RATE_HZ
    assert np.square(out[:, gap]).sum() < 0.25 * np.square(wet.samples[:, gap]).sum()


def test_two_channels_predict_better_than_one() -> None:
    """With prediction alone the second channel is worth more than 1 dB."""
    gain_db = []
    for channels in (1, 2):
        wet, early = wet_and_early(channels=channels)
        out = dereverberate(wet, Dereverb(decay_s=0.8, reduction_db=0)).samples
        gain_db.append(ratio_db(early, out) - ratio_db(early, wet.samples))
    assert gain_db[1] > gain_db[0] + 1


def ratio_db(early: Samples, heard: Samples) -> float:
    e, h = early.ravel().astype(float), heard.ravel().astype(float)
    near = (e @ h) / (e @ e) * e
    return float(10 * np.log10((near @ near) / np.square(h - near).sum()))


@pytest.mark.parametrize("settings", [Dereverb(amount=0), Dereverb(decay_s=0), Dereverb(reduction_db=0, predict=False)])
def test_where_there_is_nothing_to_do_the_bytes_stay(settings: Dereverb) -> None:
    sound = drums(duration_s=1, channels=2)
    assert is_neutral(settings)
    assert np.array_equal(dereverberate(sound, settings).samples, sound.samples)


def test_cutting_changes_no_bit_and_silence_stays() -> None:
    sound = noise(rms_db=-20, duration_s=15, sample_rate_hz=8000, channels=2).samples
    whole = DereverbStream(Dereverb(), sample_rate_hz=8000, channels=2).process(sound)
    stream = DereverbStream(Dereverb(), sample_rate_hz=8000, channels=2)
    cuts = pairwise([0, 1, 4000, 71_001, sound.shape[1]])
    parts = [stream.process(np.ascontiguousarray(sound[:, a:b])) for a, b in cuts]
    assert np.array_equal(np.concatenate(parts, axis=1), whole)
    assert np.any(whole)
    assert not dereverberate(silence(duration_s=9, sample_rate_hz=8000), Dereverb()).samples.any()


@pytest.mark.parametrize("rate_hz", [44_100, 96_000])
def test_other_rates_have_no_holes(rate_hz: int) -> None:
    out = dereverberate(noise(duration_s=2, sample_rate_hz=rate_hz), Dereverb(decay_s=0.3, reduction_db=6)).samples
    assert np.isfinite(out).all()
    loud_db = 10 * np.log10(np.square(out).mean()) + 20
    assert -9 < loud_db < 0.5


def test_a_pure_echo_is_predicted_away() -> None:
    """x(t) = s(t) + 0.6 x(t - 4) in one bin: with the coefficient found, s is left (its own power is the limit)."""
    rng = np.random.default_rng(5)
    dry = (rng.standard_normal(900) + 1j * rng.standard_normal(900)) * rng.exponential(size=900)
    wet = dry.copy()
    for t in range(4, 900):
        wet[t] += 0.6 * wet[t - 4]
    late = predict_late(wet.astype(np.complex64)[None, None], 2, 6)[0, 0]
    assert np.square(np.abs(wet - late - dry)).sum() < 0.02 * np.square(np.abs(dry)).sum()


def test_the_solver_is_linalg_solve() -> None:
    rng = np.random.default_rng(6)
    half = rng.standard_normal((9, 9)) + 1j * rng.standard_normal((9, 9))
    matrix = (half @ half.conj().T + np.eye(9)).astype(np.complex128)
    right = rng.standard_normal((9, 2)).astype(np.complex128)
    expected = np.linalg.solve(matrix, right)
    _solve(matrix.copy(), right)
    np.testing.assert_allclose(right, expected, rtol=1e-9)


def test_decaying_power_is_late_and_weaker() -> None:
    """A half of the power feeds the room, which keeps a quarter from step to step of half of what it had."""
    power = np.zeros((20, 3), np.float32)
    power[2] = 1
    late = estimate_late_power(power, 4, 0.25, 0.5)
    assert not late[:6].any()
    assert late[6] == pytest.approx(0.25**4 * 0.5)
    assert late[7] == pytest.approx(0.25**5 * 0.25)


def test_a_held_note_is_less_late_where_the_direct_sound_feeds_the_room_little() -> None:
    """Steady power p leaves fed * a / (1 - a * (1 - fed)) of itself in the room, and a^3 of that three steps later."""
    late = [estimate_late_power(np.ones((200, 1), np.float32), 4, 0.8, fed)[-1, 0] for fed in (1.0, 0.25)]
    assert late == pytest.approx([0.8**4, 0.8**3 * 0.25 * 0.8 / (1 - 0.8 * 0.75)], rel=1e-4)
