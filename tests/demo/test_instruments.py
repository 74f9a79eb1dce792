"""Strings, keys, drums and filters: each kernel against plain arithmetic or a property that only the right one has."""

import numpy as np
import pytest
from scipy.signal import lfilter

from tonmeister.demo.drums import make_kit
from tonmeister.demo.filters import bell, driven, filtered, high_pass, low_pass, room
from tonmeister.demo.groove import play_groove
from tonmeister.demo.keys import _add_piano_note, record_lead
from tonmeister.demo.score import FULL_FORM, Note, frequency_hz, lay_out, seconds
from tonmeister.demo.strings import ACOUSTIC_TONE, BASS_TONE, ELECTRIC_TONE, StringTone, pluck_string

RATE_HZ = 48_000


def pitch_hz(samples: np.ndarray, near_hz: float) -> float:
    size = 1 << 20
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size), size))
    at_hz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    near = (at_hz > 0.9 * near_hz) & (at_hz < 1.1 * near_hz)
    return float(at_hz[near][np.argmax(spectrum[near])])


@pytest.mark.parametrize(
    ("tone", "pitch"), [(BASS_TONE, 28), (BASS_TONE, 38), (ELECTRIC_TONE, 52), (ACOUSTIC_TONE, 66)]
)
def test_strings_are_in_tune(tone: StringTone, pitch: int) -> None:
    """2 cents: less than anybody hears; the transform's bins are 0.05 Hz apart."""
    score = lay_out((("intro", 2),))
    sound = pluck_string([Note(0.1, 3.5, pitch, 0.8)], score, tone=tone, rng=np.random.default_rng(0))
    found_hz = pitch_hz(sound[RATE_HZ // 3 : 3 * RATE_HZ], frequency_hz(pitch))
    assert 1200.0 * np.log2(found_hz / frequency_hz(pitch)) == pytest.approx(0.0, abs=2.0)


def test_a_stopped_string_is_soon_silent() -> None:
    """60 dB in 0.1 s by its tone; half a second later nothing is left."""
    score = lay_out((("intro", 1),))
    sound = pluck_string([Note(0.1, 0.5, 45, 0.8)], score, tone=ELECTRIC_TONE, rng=np.random.default_rng(0))
    before = np.abs(sound[round(0.4 * RATE_HZ) : round(0.6 * RATE_HZ)]).max()
    after = np.abs(sound[round(1.1 * RATE_HZ) : round(1.3 * RATE_HZ)]).max()
    assert before > 0.01
    assert after < 1e-4 * before


@pytest.mark.parametrize("biquad", [low_pass(900.0), high_pass(80.0, q=1.2), bell(2000.0, gain_db=9.0, q=0.7)])
def test_a_filter_is_its_difference_equation(biquad: tuple[float, float, float, float, float]) -> None:
    """Float64 both; an offset of 1e-25 keeps denormals away."""
    noise = np.random.default_rng(3).standard_normal(4000)
    expected = lfilter(biquad[:3], (1.0, *biquad[3:]), noise)
    np.testing.assert_allclose(filtered(noise, biquad), expected, atol=1e-9)


def test_a_driven_slow_signal_follows_tanh() -> None:
    """Antialiasing averages over one step: half a frame late, second order in the step of at most 3e-3."""
    slow = np.sin(2.0 * np.pi * 20.0 * np.arange(9600) / RATE_HZ)
    middle = 0.5 * (slow[1:] + slow[:-1])
    expected = np.tanh(2.0 * middle + 0.3) - np.tanh(0.3)
    np.testing.assert_allclose(driven(slow, gain_db=20.0 * np.log10(2.0), bias=0.3)[1:], expected, atol=1e-5)


def test_driving_a_tone_aliases_far_less_than_plain_tanh() -> None:
    """A second of 1900 Hz has its true partials at multiples of 1900; all else below 10 kHz is alias: 10 dB less of it."""
    tone = 8.0 * np.sin(2.0 * np.pi * 1900.0 * np.arange(RATE_HZ) / RATE_HZ)
    alias = np.arange(10_000) % 1900 != 0
    ours = np.square(np.abs(np.fft.rfft(driven(tone, gain_db=0.0))))[:10_000][alias].sum()
    plain = np.square(np.abs(np.fft.rfft(np.tanh(tone))))[:10_000][alias].sum()
    assert ours < 0.1 * plain


def test_a_room_dies_away_as_told_and_has_two_different_sides() -> None:
    """Between 0.1 and 0.3 s a decay of 0.5 s falls 24 dB; damping makes it faster, never slower."""
    click = np.zeros((2, RATE_HZ))
    click[:, 0] = 1.0
    wet = room(click, decay_s=0.5)
    early = np.square(wet[0, 4800:7200]).sum()
    late = np.square(wet[0, 14_400:16_800]).sum()
    assert -45.0 < 10.0 * np.log10(late / early) < -20.0
    likeness = float(np.dot(wet[0], wet[1]) / np.sqrt(np.square(wet[0]).sum() * np.square(wet[1]).sum()))
    assert abs(likeness) < 0.5


def test_a_piano_note_is_its_equation() -> None:
    """The kernel multiplies its decays up frame by frame; 12,000 roundings of 1e-16 are far below 1e-9."""
    frames, step, velocity, ring = 12_000, 0.03, 0.7, 9000.0
    track = np.zeros(frames)
    _add_piano_note(track, 0, frames, step, velocity, ring)
    age = np.arange(frames)
    turn = step * age
    index = (0.35 + 2.6 * velocity**2) * np.exp(-age / (0.25 * ring)) + 0.12
    body = np.exp(-age / ring) * np.sin(turn + index * np.sin(turn))
    tine = np.exp(-age / (0.6 * ring)) * np.sin(turn + 0.9 * velocity * np.exp(-age / 2400.0) * np.sin(14.0 * turn))
    damper = np.minimum(np.minimum(1.0, age / 72.0), (frames - age) / 5760.0)
    np.testing.assert_allclose(track, 0.22 * velocity * damper * (body + 0.6 * tine), atol=1e-9)


def test_the_synth_lead_is_in_tune() -> None:
    """Two oscillators 5 cents below and 6 above: what is heard is between them."""
    score = lay_out((("intro", 1),))
    sound = record_lead([Note(0.1, 1.5, 73, 0.8)], score, rng=np.random.default_rng(0))
    found_hz = pitch_hz(sound[: 2 * RATE_HZ], frequency_hz(73))
    assert 1200.0 * np.log2(found_hz / frequency_hz(73)) == pytest.approx(0.0, abs=8.0)


def test_every_variation_of_a_drum_differs_and_ends_quietly() -> None:
    kit = make_kit(np.random.default_rng(1))
    for takes in kit.values():
        assert len({take.tobytes() for take in takes if take.any()}) > 1
        assert all(np.abs(take[-48:]).max() < 0.03 * np.abs(take).max() for take in takes)


def test_the_drummer_fills_before_each_chorus_and_keeps_human_time() -> None:
    score = lay_out(FULL_FORM)
    hits = play_groove(score, rng=np.random.default_rng(1))
    for section in score.sections[1:]:
        if section.kind == "chorus":
            starts_s = seconds(section.start_beat)
            assert any(hit.drum == "crash" and abs(hit.time_s - starts_s) < 0.03 for hit in hits)
            assert (
                sum(
                    hit.drum in ("snare", "high tom", "low tom") and -1.1 < hit.time_s - starts_s < -0.02
                    for hit in hits
                )
                >= 5
            )
    sixteenth_s = seconds(0.25)
    kicks = np.array([hit.time_s for hit in hits if hit.drum == "kick"])
    off_s = (kicks + 0.5 * sixteenth_s) % sixteenth_s - 0.5 * sixteenth_s
    assert 0.002 < np.std(off_s) < 0.005
