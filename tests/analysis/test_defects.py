"""What repair may work on is found where it was planted."""

import numpy as np
import pytest

from tests.sounds import noise, pink_noise, sine
from tonmeister.analysis.defects import Defects
from tonmeister.analysis.track_meter import measure_track
from tonmeister.audio import Audio, Samples

RATE_HZ = 48_000


def defects_of(samples: Samples) -> Defects:
    return measure_track(Audio(np.ascontiguousarray(samples, dtype=np.float32), RATE_HZ)).figures.defects


def bursts(decay_s: float, *, seconds: int = 12) -> Samples:
    """Return one burst of noise a second that dies away by 60 dB in the time given."""
    time = np.arange(seconds * RATE_HZ) % RATE_HZ / RATE_HZ
    wave = noise(duration_s=seconds, rms_db=-20, seed=5).samples
    return np.asarray(wave * np.where(time < 0.2, 1, 10 ** (-3 * (time - 0.2) / decay_s)), dtype=np.float32)


@pytest.mark.parametrize("decay_s", [0.4, 0.8])
def test_the_rate_of_decay_is_told(decay_s: float) -> None:
    """Blind figures from few decays scatter by a quarter."""
    found = defects_of(bursts(decay_s))
    assert found.decays >= 8
    assert found.decay_s == pytest.approx(decay_s, rel=0.25)


def test_pops_are_found_where_they_are() -> None:
    """Three bursts of 60 Hz, 80 ms long, 10 dB over a voice-like tone."""
    samples = sine(frequency_hz=440, peak_db=-20, duration_s=8).samples.copy()
    time = np.arange(round(0.08 * RATE_HZ)) / RATE_HZ
    pop = 0.4 * np.sin(2 * np.pi * 60 * time) * np.hanning(time.size)
    for start_s in (1.0, 3.5, 6.0):
        samples[0, round(start_s * RATE_HZ) :][: pop.size] += pop.astype(np.float32)
    found = defects_of(samples).pops
    assert [round(span.start_s, 1) for span in found] == pytest.approx([1.0, 3.5, 6.0], abs=0.1)


def test_sharp_consonants_are_told_from_a_dull_voice() -> None:
    voice = sine(frequency_hz=300, peak_db=-15, duration_s=6).samples.copy()
    assert defects_of(voice).sibilance_db is None
    spectrum = np.fft.rfft(noise(duration_s=6, rms_db=-10, seed=6).samples[0])
    frequency = np.fft.rfftfreq(6 * RATE_HZ, 1 / RATE_HZ)
    spectrum[(frequency < 6000) | (frequency > 9000)] = 0
    hiss = np.fft.irfft(spectrum)
    gate = (np.arange(6 * RATE_HZ) / RATE_HZ) % 2 < 0.3
    found = defects_of(np.where(gate, hiss, voice[0])[None].astype(np.float32))
    assert len(found.sibilants) == 3
    assert found.sibilance_db is not None


def test_a_lone_narrow_peak_is_a_resonance_and_noise_has_none() -> None:
    music = pink_noise(duration_s=6, rms_db=-25, seed=7).samples
    assert defects_of(music).resonances == ()
    ringing = music + sine(frequency_hz=1234, peak_db=-30, duration_s=6).samples
    (peak,) = defects_of(ringing).resonances
    assert peak.frequency_hz == pytest.approx(1234, abs=12)  # a bin is 11.7 Hz wide


def test_silence_has_no_defects() -> None:
    assert defects_of(np.zeros((1, RATE_HZ * 2), np.float32)) == Defects()
