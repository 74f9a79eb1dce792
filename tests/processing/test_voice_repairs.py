"""Dewind, desibilance, derumble, extender: what each takes or adds, and what it leaves."""

import numpy as np
import pytest

from tests.sounds import noise, sine
from tonmeister.audio import Audio
from tonmeister.processing.derumble import Derumble, derumble
from tonmeister.processing.desibilance import Desibilance, Hiss, desibilance
from tonmeister.processing.dewind import Dewind, Gust, dewind
from tonmeister.processing.extender import Extender, extend
from tonmeister.processing.segments import take_residual

RATE_HZ = 48_000


def level_db(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-20))


def test_each_gust_has_its_own_top() -> None:
    """Two gusts in a tone of 150 Hz: the one that reaches 200 Hz takes it down by its 24 dB, the one up to 60 Hz by nothing."""
    tone = sine(frequency_hz=150, duration_s=3)
    gusts = (Gust(start_s=0.5, end_s=1, frequency_hz=60), Gust(start_s=2, end_s=2.5, frequency_hz=200))
    out = dewind(tone, Dewind(gusts=gusts)).samples
    low, high = slice(28_000, 44_000), slice(100_000, 116_000)
    assert level_db(out[:, low]) - level_db(tone.samples[:, low]) == pytest.approx(0, abs=0.1)
    assert level_db(out[:, high]) - level_db(tone.samples[:, high]) == pytest.approx(-24, abs=1)
    assert np.array_equal(out[:, 55_000:90_000], tone.samples[:, 55_000:90_000])


@pytest.mark.parametrize(("frequency_hz", "change_db"), [(8000, -6), (2500, 0)])
def test_a_hissed_consonant_goes_down_above_the_border_alone(frequency_hz: float, change_db: float) -> None:
    """Half a decibel is the ripple of the split."""
    tone = sine(frequency_hz=frequency_hz, duration_s=1)
    out = desibilance(tone, Desibilance(hisses=(Hiss(start_s=0.4, end_s=0.6, gain_db=-6),))).samples
    inside = slice(round(0.42 * RATE_HZ), round(0.58 * RATE_HZ))
    assert level_db(out[:, inside]) - level_db(tone.samples[:, inside]) == pytest.approx(change_db, abs=0.5)


def test_half_the_amount_is_half_the_decibels() -> None:
    tone = sine(frequency_hz=8000, duration_s=1)
    hiss = Hiss(start_s=0.4, end_s=0.6, gain_db=-12)
    out = desibilance(tone, Desibilance(hisses=(hiss,), amount=0.5)).samples
    inside = slice(round(0.42 * RATE_HZ), round(0.58 * RATE_HZ))
    assert level_db(out[:, inside]) - level_db(tone.samples[:, inside]) == pytest.approx(-6, abs=0.3)


def test_rumble_goes_and_notes_keep_level_and_phase() -> None:
    """Linear phase: what is left of a note a third above the border is the note itself, to -40 dB, over a border of segments."""
    note, rumble = sine(frequency_hz=80, duration_s=5), sine(frequency_hz=20, duration_s=5)
    heard = Audio((note.samples + rumble.samples).astype(np.float32), RATE_HZ)
    out = derumble(heard, Derumble(frequency_hz=50))
    middle = slice(RATE_HZ, 4 * RATE_HZ)
    assert level_db((out.samples - note.samples)[:, middle]) < level_db(rumble.samples) - 28
    assert level_db((take_residual(heard, out).samples - rumble.samples)[:, middle]) < level_db(rumble.samples) - 28


def test_a_narrow_band_gets_a_quiet_octave_and_keeps_what_it_had() -> None:
    """Below the edge the spectrum stays to -50 dB, what the Hann window leaks; the new octave lies below the old one."""
    spectrum = np.fft.rfft(noise(duration_s=3).samples)
    frequency = np.fft.rfftfreq(3 * RATE_HZ, 1 / RATE_HZ)
    heard = np.fft.irfft(spectrum * (frequency < 6000), 3 * RATE_HZ).astype(np.float32)
    out = extend(Audio(heard, RATE_HZ), Extender(edge_hz=6000, amount=1)).samples
    change = np.abs(np.fft.rfft(out - heard)) ** 2
    before = np.abs(np.fft.rfft(heard)) ** 2
    assert change[0, frequency < 5500].sum() < 1e-5 * before.sum()
    added, below = (
        change[0, (frequency > 6200) & (frequency < 11_500)],
        before[0, (frequency > 3000) & (frequency < 5800)],
    )
    assert -12 < 10 * np.log10(added.mean() / below.mean()) < 0
    assert change[0, frequency > 13_000].sum() < 1e-3 * change.sum()
