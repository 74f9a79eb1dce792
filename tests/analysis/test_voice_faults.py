"""Pops and gusts, hissed consonants, rumble, edges of bandwidth: found where planted, not where there are none."""

import numpy as np
import pytest

from tests.analysis.test_damage import RATE_HZ, vowels
from tests.sounds import drums, noise, silence, sine
from tonmeister.analysis.bandwidth import find_edge_hz
from tonmeister.analysis.low_bursts import SOFT_BURST_DB, find_low_bursts
from tonmeister.analysis.plosives import find_gusts, find_plosives
from tonmeister.analysis.rumble import find_rumble
from tonmeister.analysis.sibilants import find_sibilants
from tonmeister.audio import Audio, Samples


def low_noise(seconds: float, *, rms_db: float, between_hz: tuple[float, float]) -> Samples:
    count = round(seconds * RATE_HZ)
    spectrum = np.fft.rfft(np.random.default_rng(7).standard_normal(count))
    frequency = np.fft.rfftfreq(count, 1 / RATE_HZ)
    wave = np.fft.irfft(spectrum * ((frequency > between_hz[0]) & (frequency < between_hz[1])), count)
    return np.asarray(10 ** (rms_db / 20) * wave / wave.std(), np.float32)[None]


def with_hiss(rms_db: float) -> Audio:
    """Return vowels with a consonant of 0.1 s in each pause."""
    sound = vowels()
    hiss = low_noise(0.1, rms_db=rms_db, between_hz=(5000, 9000))
    for second in range(6):
        start = second * RATE_HZ + 9600
        sound[:, start : start + hiss.shape[1]] += hiss
    return Audio(sound, RATE_HZ)


def test_a_gust_is_long_and_a_pop_is_short() -> None:
    sound = vowels()
    sound[:, 24_000:72_000] += (
        3 * low_noise(1.0, rms_db=-20, between_hz=(15, 60)) * np.hanning(48_000).astype(np.float32)
    )
    time = np.arange(5000) / RATE_HZ
    sound[0, 200_000:205_000] += np.float32(0.5 * np.exp(-time / 0.03) * np.sin(2 * np.pi * 50 * time))
    gusts, pops = find_gusts(Audio(sound, RATE_HZ)), find_plosives(Audio(sound, RATE_HZ))
    assert len(gusts) == len(pops) == 1
    assert gusts[0].start_s < 0.8
    assert gusts[0].end_s > 1.2
    assert pops[0].start_s == pytest.approx(200_000 / RATE_HZ, abs=0.03)
    assert pops[0].top_hz >= 90


def test_soft_pops_are_found_by_those_who_ask_for_them_alone() -> None:
    """A pop with half the power of the active parts."""
    sound, time = vowels(), np.arange(5000) / RATE_HZ
    active = np.square(sound[0, 24_000:48_000]).mean()
    pop = np.exp(-time / 0.03) * np.sin(2 * np.pi * 50 * time)
    sound[0, 100_000:105_000] += np.float32(pop * np.sqrt(0.5 * active / np.square(pop[:3000]).mean()))
    assert find_low_bursts(Audio(sound, RATE_HZ)) == ()
    assert len(find_low_bursts(Audio(sound, RATE_HZ), least_db=SOFT_BURST_DB)) == 1


def test_a_low_voice_is_no_burst() -> None:
    """90 Hz, half a second on and off."""
    tone = sine(frequency_hz=90, duration_s=6).samples * (np.arange(6 * RATE_HZ) // (RATE_HZ // 2) % 2 == 1)
    assert find_low_bursts(Audio(tone.astype(np.float32), RATE_HZ), least_db=SOFT_BURST_DB) == ()


@pytest.mark.parametrize("rms_db", [-30.0, -20.0])
def test_consonants_are_measured_against_the_vowels(rms_db: float) -> None:
    """Six, each 0.1 s from 0.2 s on; the level is that of the noise over that of the pulses, to half a decibel."""
    audio = with_hiss(rms_db)
    found = find_sibilants(audio)
    assert len(found) == 6
    sound = vowels()[0]
    voiced_db = 10 * np.log10(np.square(sound[24_000:48_000]).mean())
    for second, one in enumerate(found):
        assert one.start_s == pytest.approx(second + 0.2, abs=0.01)
        assert one.end_s == pytest.approx(second + 0.3, abs=0.01)
        assert one.over_vowels_db == pytest.approx(rms_db - voiced_db, abs=2.5)


def test_a_consonant_ten_decibels_louder_measures_ten_decibels_more() -> None:
    soft, loud = (find_sibilants(with_hiss(level))[2].over_vowels_db for level in (-30.0, -20.0))
    assert loud - soft == pytest.approx(10, abs=0.5)


def test_rumble_is_told_from_notes() -> None:
    """Noise of 10 to 25 Hz at -20 dB under a bass of 55 Hz that comes and goes."""
    bass = sine(frequency_hz=55, duration_s=20).samples * (np.arange(20 * RATE_HZ) // RATE_HZ % 2)
    assert find_rumble(Audio(bass.astype(np.float32), RATE_HZ)) is None
    heard = (bass + low_noise(20, rms_db=-24, between_hz=(10, 25))).astype(np.float32)
    found = find_rumble(Audio(heard, RATE_HZ))
    assert found is not None
    assert 20 < found.lowest_note_hz <= 55


@pytest.mark.parametrize("edge_hz", [4000, 8000, 12_000, 16_000])
def test_an_edge_is_found_where_it_is(edge_hz: float) -> None:
    heard = low_noise(3, rms_db=-20, between_hz=(50, edge_hz))
    assert find_edge_hz(Audio(heard, RATE_HZ)) == pytest.approx(edge_hz, rel=0.04)


@pytest.mark.parametrize(
    "audio", [noise(duration_s=2), drums(duration_s=4), silence(duration_s=2), Audio(vowels(), RATE_HZ)]
)
def test_nothing_is_found_where_there_is_nothing(audio: Audio) -> None:
    assert find_edge_hz(audio) is None
    assert find_rumble(audio) is None
    if audio.channels == 1 and audio.samples.any() and audio.duration_s > 4:
        assert find_low_bursts(audio) == ()
        assert find_sibilants(audio) == ()


def test_a_bass_that_comes_and_goes_is_no_voice() -> None:
    """Notes of 50 Hz with partials, over a soft hum of the same: what lies between the notes is low as well."""
    time = np.arange(6 * RATE_HZ) / RATE_HZ
    notes = np.sin(2 * np.pi * 50 * time) + 0.2 * np.sin(2 * np.pi * 150 * time)
    level = np.where(np.arange(time.size) // (RATE_HZ // 8) % 8 == 0, 0.5, 0.05)
    assert find_low_bursts(Audio((notes * level)[None].astype(np.float32), RATE_HZ)) == ()
