"""Clicks, mouth clicks, clipping, plosives, breaths, bleed, wow, motors: found where planted, not where there are none."""

import numpy as np
import pytest

from tests.sounds import drums, noise, pink_noise, silence, sine
from tonmeister.analysis.bleed import learn_bleed
from tonmeister.analysis.breaths import find_breaths
from tonmeister.analysis.clip_level import find_clip_level
from tonmeister.analysis.impulses import find_impulses, prediction_errors
from tonmeister.analysis.motor_tone import find_motor_tone
from tonmeister.analysis.mouth_clicks import find_mouth_moments
from tonmeister.analysis.plosives import find_plosives
from tonmeister.analysis.slow import slow_down
from tonmeister.analysis.wow import find_wow
from tonmeister.audio import Audio, Samples

RATE_HZ = 48_000


def chord(*, duration_s: float = 2.0) -> Samples:
    tones = [sine(frequency_hz=f, peak_db=-14, duration_s=duration_s).samples for f in (220, 557, 1501)]
    return np.float32(sum(tones)) + noise(rms_db=-70, duration_s=duration_s).samples


def vowels(*, duration_s: float = 6.0) -> Samples:
    """Return pulses of 110 Hz through two resonances, half a second on, half a second off, in a soft room."""
    count = round(duration_s * RATE_HZ)
    pulses = np.zeros(count)
    pulses[:: RATE_HZ // 110] = 1
    time = np.arange(2000) / RATE_HZ
    ring = np.exp(-time / 0.004) * (np.sin(2 * np.pi * 600 * time) + 0.4 * np.sin(2 * np.pi * 1300 * time))
    wave = np.convolve(pulses, ring)[:count] * 0.3
    wave *= np.arange(count) // (RATE_HZ // 2) % 2 == 1
    return (wave[None] + noise(rms_db=-75, duration_s=duration_s).samples).astype(np.float32)


CLEAN = {
    "silence": silence(duration_s=2),
    "noise": noise(duration_s=2),
    "drums": drums(duration_s=4),
    "chord": Audio(chord(), RATE_HZ),
    "vowels": Audio(vowels(), RATE_HZ),
    "empty": Audio(np.zeros((2, 0), np.float32), RATE_HZ),
}


@pytest.mark.parametrize("name", CLEAN)
def test_nothing_is_found_in_clean_sound(name: str) -> None:
    audio = CLEAN[name]
    assert find_impulses(audio) == ()
    assert find_mouth_moments(audio) == ()
    assert find_clip_level(audio) is None
    assert find_wow(audio) is None
    if name != "drums":  # these are meant for voices
        assert find_plosives(audio) == ()
        assert find_breaths(audio) == ()
        assert find_motor_tone(audio) is None


@pytest.mark.parametrize("seed", [1, 2])
def test_clicks_are_found_with_their_lengths(seed: int) -> None:
    """Eight clicks of six samples; the soft ends of one may look like the chord, so that a border may be off by four."""
    rng = np.random.default_rng(seed)
    sound, starts = chord(), np.arange(10_000, 90_000, 10_000)
    for start in starts:
        sound[0, start : start + 6] += rng.choice([-1, 1], 6).astype(np.float32) * 0.1
    found = find_impulses(Audio(sound, RATE_HZ))
    assert [round(click.start_s * RATE_HZ) for click in found] == pytest.approx(starts, abs=4)
    assert [round(click.end_s * RATE_HZ) for click in found] == pytest.approx(starts + 6, abs=4)


def test_the_smaller_error_of_both_directions_is_that_of_the_definition() -> None:
    """A click in white noise: the model is flat, so that the error is the sound itself to within its 1 / sqrt(1920)."""
    sound = noise(rms_db=-40, duration_s=0.5).samples[0]
    sound[12_000] = 0.5
    errors = prediction_errors(sound, 4, 960)
    assert errors[12_000] == pytest.approx(0.5, abs=0.05)
    assert np.median(errors) < 0.01


def test_mouth_clicks_in_pauses_are_found_and_pulses_are_not() -> None:
    sound, time = vowels(), np.arange(200) / RATE_HZ
    starts = [round(s * RATE_HZ) for s in (0.2, 1.25, 2.2, 3.3)]
    for start in starts:
        sound[0, start : start + 200] += np.float32(0.02 * np.exp(-time / 5e-4) * np.sin(2 * np.pi * 3500 * time))
    found = find_mouth_moments(Audio(sound, RATE_HZ))
    assert len(found) == 4
    assert all(click.start_s * RATE_HZ < start + 15 for click, start in zip(found, starts, strict=True))
    assert all(click.end_s * RATE_HZ > start + 50 for click, start in zip(found, starts, strict=True))


def test_a_mouth_click_in_digital_silence_is_found() -> None:
    sound, time = vowels(), np.arange(200) / RATE_HZ
    sound[0, 2 * RATE_HZ : 3 * RATE_HZ] = 0
    start = round(2.5 * RATE_HZ)
    sound[0, start : start + 200] += np.float32(0.02 * np.exp(-time / 5e-4) * np.sin(2 * np.pi * 3500 * time))
    (found,) = find_mouth_moments(Audio(sound, RATE_HZ))
    assert found.start_s * RATE_HZ == pytest.approx(start, abs=30)


@pytest.mark.parametrize("over_db", [1, 3, 9])
def test_the_level_of_clipping_is_found(over_db: float) -> None:
    sound = chord()
    ceiling = float(np.abs(sound).max() * 10 ** (-over_db / 20))
    level = find_clip_level(Audio(np.clip(sound, -ceiling, ceiling), RATE_HZ))
    assert level is not None
    assert level.high == pytest.approx(ceiling, rel=2e-3)
    assert level.low == pytest.approx(ceiling, rel=2e-3)


def test_one_side_may_be_clipped_alone() -> None:
    sound = np.minimum(chord(), np.float32(0.2))
    level = find_clip_level(Audio(sound, RATE_HZ))
    assert level is not None
    assert level.high == pytest.approx(0.2, rel=2e-3)
    assert level.low > -float(sound.min())


def test_plosives_are_found_where_they_are() -> None:
    sound, time = vowels(), np.arange(5000) / RATE_HZ
    for start in (24_000, 120_000, 216_000):
        sound[0, start : start + 5000] += np.float32(0.5 * np.exp(-time / 0.03) * np.sin(2 * np.pi * 50 * time))
    spans = find_plosives(Audio(sound, RATE_HZ))
    assert [round(span.start_s, 1) for span in spans] == [0.5, 2.5, 4.5]
    assert all(span.end_s - span.start_s < 0.2 for span in spans)


def test_breaths_before_phrases_are_found() -> None:
    """Noise from 1 to 6 kHz, 20 dB below the voice, a quarter of a second before each phrase."""
    sound = vowels()
    spectrum, frequency = np.fft.rfft(noise(duration_s=6).samples), np.fft.rfftfreq(6 * RATE_HZ, 1 / RATE_HZ)
    hiss = np.fft.irfft(spectrum * ((frequency > 1000) & (frequency < 6000)))
    hiss *= 10 ** (-40 / 20) / hiss.std()
    where = (np.arange(sound.shape[1]) % RATE_HZ > 0.15 * RATE_HZ) & (
        np.arange(sound.shape[1]) % RATE_HZ < 0.42 * RATE_HZ
    )
    found = find_breaths(Audio((sound + hiss * where).astype(np.float32), RATE_HZ))
    assert len(found) == 6
    assert found[1].start_s == pytest.approx(1.15, abs=0.05)
    assert found[1].end_s == pytest.approx(1.42, abs=0.05)
    assert find_breaths(Audio(sound, RATE_HZ)) == ()


def test_what_comes_through_is_learnt_band_by_band() -> None:
    """-20 dB everywhere; percentiles of noise put it within 3 dB."""
    key = pink_noise(duration_s=6, seed=3).samples * np.float32(1) * (np.sin(np.arange(6 * RATE_HZ) / 4000) > 0)
    source = pink_noise(duration_s=6, rms_db=-15, seed=4).samples
    source[:, 2 * RATE_HZ : 5 * RATE_HZ] = 0
    bleed = learn_bleed(
        Audio((source + np.float32(0.1) * key).astype(np.float32), RATE_HZ), Audio(key.astype(np.float32), RATE_HZ)
    )
    assert bleed is not None
    assert np.median(bleed.transfer_db) == pytest.approx(-20, abs=3)


def test_tracks_that_do_not_follow_each_other_have_no_bleed() -> None:
    one, other = (pink_noise(duration_s=4, seed=s) for s in (1, 2))
    assert learn_bleed(one, other) is None


@pytest.mark.parametrize("rate_hz", [0.56, 1.3])
def test_a_swinging_speed_is_found_with_its_phase(rate_hz: float) -> None:
    """0.5 % is to be left at 0.1 % or less: the bar of repair."""
    time = np.arange(12 * RATE_HZ) / RATE_HZ
    ahead_s = 0.005 / (2 * np.pi * rate_hz) * np.sin(2 * np.pi * rate_hz * time + 1)
    tones = sum(0.1 * np.sin(2 * np.pi * f * (time + ahead_s)) for f in (220.0, 331.0, 440.0, 663.0, 1100.0))
    sound = np.asarray(tones)[None].astype(np.float32) + noise(rms_db=-60, duration_s=12).samples
    track = find_wow(Audio(sound, RATE_HZ))
    assert track is not None
    assert track.depth == pytest.approx(0.005, abs=0.001)
    found = np.interp(time, np.arange(len(track.ahead_ms)) * track.knot_s, np.array(track.ahead_ms) / 1000)
    left = np.gradient(ahead_s - found) * RATE_HZ
    assert np.abs(left[RATE_HZ:-RATE_HZ]).max() < 0.001


def test_the_noise_of_a_motor_is_found_in_the_pauses_of_a_voice() -> None:
    """Noise 1 Hz wide at 59 Hz, 20 dB over a soft room."""
    slow = np.repeat(np.random.default_rng(5).standard_normal(13), RATE_HZ // 2)[: 6 * RATE_HZ]
    other = np.repeat(np.random.default_rng(6).standard_normal(13), RATE_HZ // 2)[: 6 * RATE_HZ]
    turn = 2 * np.pi * 59 * np.arange(6 * RATE_HZ) / RATE_HZ
    motor = 1e-3 * (slow * np.cos(turn) + other * np.sin(turn))
    tone = find_motor_tone(Audio((vowels() + motor).astype(np.float32), RATE_HZ))
    assert tone is not None
    assert tone.frequency_hz == pytest.approx(59, abs=1)


def test_slowing_down_keeps_what_is_low_in_time_and_level() -> None:
    """The pass band is flat to 0.05 dB; the first frames lack what was before."""
    audio = sine(frequency_hz=100, duration_s=0.5)
    slow, rate = slow_down(audio, least_hz=1000)
    assert rate == 1000
    assert slow[0, 30:-30] == pytest.approx(audio.samples[0, ::48][30:-30], abs=0.003)
