"""Azimuth, declick, declip, deplosive, debreath, debleed, inpaint, remove_dc, unwow: what each takes away and what it leaves."""

import numpy as np
import pytest

from tests.sounds import noise, pink_noise, sine
from tonmeister.audio import Audio, Samples
from tonmeister.processing.azimuth import Azimuth, correct_azimuth
from tonmeister.processing.debleed import Debleed, debleed
from tonmeister.processing.debreath import Breath, Debreath, debreath
from tonmeister.processing.declick import Declick, declick
from tonmeister.processing.declip import Declip, declip
from tonmeister.processing.deplosive import Deplosive, deplosive
from tonmeister.processing.inpaint import Inpaint, inpaint
from tonmeister.processing.regions import Region
from tonmeister.processing.remove_dc import RemoveDc, remove_dc
from tonmeister.processing.unwow import Unwow, unwow

RATE_HZ = 48_000


def chord(*, duration_s: float = 1.0, channels: int = 1) -> Samples:
    """Return three tones and noise 60 dB below them."""
    tones = [sine(frequency_hz=f, peak_db=-12, duration_s=duration_s).samples for f in (220, 557, 1501)]
    return np.float32(sum(tones)) + noise(rms_db=-75, duration_s=duration_s, channels=channels).samples


def energy_db(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.square(samples, dtype=np.float64).sum() + 1e-20))


def test_a_click_is_told_from_its_neighbours() -> None:
    """Eight samples of a chord are foretold to its noise, 60 dB down, give or take 15 dB for the edges of the model."""
    clean = chord()
    hurt = clean.copy()
    hurt[:, 20_000:20_008] += np.float32(0.5)
    out = declick(Audio(hurt, RATE_HZ), Declick(regions=(Region(start_s=20_000 / RATE_HZ, end_s=20_008 / RATE_HZ),)))
    assert energy_db(out.samples - clean) < energy_db(hurt - clean) - 40


def test_a_click_of_one_channel_leaves_the_other_its_bytes() -> None:
    hurt = chord(channels=2)
    region = Region(start_s=0.4, end_s=0.4005, channel=1)
    out = declick(Audio(hurt, RATE_HZ), Declick(regions=(region,))).samples
    assert np.array_equal(out[0], hurt[0])
    assert not np.array_equal(out[1], hurt[1])


def test_a_mouth_click_goes_and_the_low_voice_below_it_stays() -> None:
    """A ringing of 3 kHz over a 120 Hz tone, by what is still heard under it, or by telling what is above 700 Hz anew."""
    time = np.arange(300) / RATE_HZ
    clean = sine(frequency_hz=120, peak_db=-12).samples + noise(rms_db=-80).samples
    hurt = clean.copy()
    hurt[:, 20_000:20_300] += np.float32(0.1 * np.exp(-time / 0.0006) * np.sin(2 * np.pi * 3000 * time))
    region = Region(start_s=19_990 / RATE_HZ, end_s=20_300 / RATE_HZ)
    for settings in (Declick(regions=(region,), lowest_hz=700), Declick(regions=(region,), ringing=True)):
        out = declick(Audio(hurt, RATE_HZ), settings).samples
        assert energy_db(out - clean) < energy_db(hurt - clean) - 15


@pytest.mark.parametrize("over_db", [3.0, 6.0, 9.0])
def test_clipped_tones_are_rebuilt(over_db: float) -> None:
    """The bar of repair: 6 dB better at 3 to 9 dB of clipping."""
    clean = chord()
    ceiling = float(np.abs(clean).max() * 10 ** (-over_db / 20))
    hurt = np.clip(clean, -ceiling, ceiling)
    out = declip(Audio(hurt, RATE_HZ), Declip(ceiling=ceiling)).samples
    assert energy_db(out - clean) < energy_db(hurt - clean) - 6
    assert np.abs(out[np.abs(hurt) >= ceiling]).min() >= ceiling * 0.999
    assert np.array_equal(out[np.abs(hurt) < ceiling * 0.999], hurt[np.abs(hurt) < ceiling * 0.999])


def test_what_never_reaches_the_ceiling_keeps_its_bytes() -> None:
    clean = chord()
    assert np.array_equal(declip(Audio(clean, RATE_HZ), Declip(ceiling=2.0)).samples, clean)


def test_a_trim_moves_the_ceiling() -> None:
    clean = chord()
    hurt = np.clip(clean, -0.3, 0.3)
    plain = declip(Audio(hurt, RATE_HZ), Declip(ceiling=0.3)).samples
    turned = declip(Audio(np.float32(-0.5) * hurt, RATE_HZ), Declip(ceiling=0.3, gain=-0.5)).samples
    assert turned == pytest.approx(-0.5 * plain, abs=1e-4)


def test_a_gap_in_a_chord_is_filled() -> None:
    """20 ms; the bar is 10 dB better than silence for recordings, tones do far better."""
    clean = chord()
    hurt = clean.copy()
    hurt[:, 20_000:20_960] = 0
    region = Region(start_s=20_000 / RATE_HZ, end_s=20_960 / RATE_HZ)
    out = inpaint(Audio(hurt, RATE_HZ), Inpaint(regions=(region,))).samples
    assert energy_db(out - clean) < energy_db(hurt - clean) - 25


def test_the_low_end_goes_down_while_the_plosive_lasts_and_the_rest_stays() -> None:
    """-20 dB below 100 Hz in the middle of the place; a tone of 300 Hz changes by 0.1 dB at most."""
    low, high = sine(frequency_hz=60, duration_s=1).samples, sine(frequency_hz=300, duration_s=1).samples
    regions = (Region(start_s=0.4, end_s=0.6),)
    out = [deplosive(Audio(x, RATE_HZ), Deplosive(regions=regions)).samples for x in (low, high)]
    inside, outside = slice(round(0.42 * RATE_HZ), round(0.58 * RATE_HZ)), slice(0, round(0.38 * RATE_HZ))
    assert energy_db(out[0][:, inside]) - energy_db(low[:, inside]) == pytest.approx(-20, abs=0.5)
    assert energy_db(out[1][:, inside]) - energy_db(high[:, inside]) == pytest.approx(0, abs=0.1)
    assert np.array_equal(out[0][:, outside], low[:, outside])


def test_a_breath_goes_down_between_soft_edges() -> None:
    breath = noise(duration_s=1).samples
    out = debreath(
        Audio(breath, RATE_HZ), Debreath(breaths=(Breath(start_s=0.3, end_s=0.7, gain_db=-9),), edge_ms=50)
    ).samples
    gain = out[0] / breath[0]
    assert 20 * np.log10(gain[round(0.5 * RATE_HZ)]) == pytest.approx(-9, abs=0.01)
    assert gain[: round(0.3 * RATE_HZ)].tolist() == [1.0] * round(0.3 * RATE_HZ)
    assert np.abs(np.diff(gain)).max() < 0.002  # 9 dB over 2400 frames, at most pi / 2 times the mean slope


def test_bleed_goes_down_in_the_gaps_and_the_source_keeps_its_level() -> None:
    """The bars: -10 dB in the gaps, half a decibel while the source plays."""
    key = pink_noise(duration_s=3, seed=3).samples
    source = pink_noise(duration_s=3, rms_db=-15, seed=4).samples
    source[:, RATE_HZ : 2 * RATE_HZ] = 0
    heard = (source + np.float32(0.1) * key).astype(np.float32)
    settings = Debleed(edges_hz=(20.0, 500.0, 3000.0, 20_000.0), transfer_db=(-20.0, -20.0, -20.0))
    out = debleed(Audio(heard, RATE_HZ), settings, key=Audio(key, RATE_HZ)).samples
    gap, plays = slice(round(1.2 * RATE_HZ), round(1.95 * RATE_HZ)), slice(round(0.1 * RATE_HZ), round(0.9 * RATE_HZ))
    assert energy_db(out[:, gap]) - energy_db(heard[:, gap]) < -10
    assert energy_db(out[:, plays]) - energy_db(heard[:, plays]) == pytest.approx(0, abs=0.1)


def test_a_silent_key_leaves_the_bytes() -> None:
    source = pink_noise(duration_s=0.5).samples
    settings = Debleed(edges_hz=(20.0, 20_000.0), transfer_db=(-10.0,))
    out = debleed(Audio(source, RATE_HZ), settings, key=Audio(np.zeros_like(source), RATE_HZ)).samples
    assert np.array_equal(out, source)


def test_an_offset_goes_and_rumble_goes_and_music_stays() -> None:
    music = sine(frequency_hz=440, duration_s=2).samples
    rumble = sine(frequency_hz=8, duration_s=2).samples
    out = remove_dc(Audio(music + rumble + np.float32(0.03), RATE_HZ), RemoveDc(offsets=(0.03,), rumble_hz=30)).samples
    settled = slice(RATE_HZ, 2 * RATE_HZ)
    assert abs(float(out[:, settled].mean())) < 1e-4
    spectrum = np.abs(np.fft.rfft(out[0, settled])) * 2 / RATE_HZ
    assert 20 * np.log10(spectrum[8]) < -46  # 24 dB an octave over 1.9 octaves
    assert 20 * np.log10(spectrum[440]) == pytest.approx(-6, abs=0.02)


def test_a_swinging_speed_is_evened() -> None:
    """A tone whose speed swings by 0.5 %: off by up to 0.28 ms, to 1e-3 of the wave after the correction."""
    time = np.arange(4 * RATE_HZ) / RATE_HZ
    ahead_s = 0.005 / (2 * np.pi * 0.6) * np.sin(2 * np.pi * 0.6 * time)
    swinging = np.sin(2 * np.pi * 500 * (time + ahead_s))[None].astype(np.float32)
    knots = np.arange(0, 4.05, 0.05)
    settings = Unwow(knot_s=0.05, ahead_ms=tuple(1000 * 0.005 / (2 * np.pi * 0.6) * np.sin(2 * np.pi * 0.6 * knots)))
    out = unwow(Audio(swinging, RATE_HZ), settings).samples
    middle = slice(RATE_HZ // 10, -RATE_HZ // 10)
    assert np.abs(out[0, middle] - np.sin(2 * np.pi * 500 * time)[middle]).max() < 2e-3


def test_no_shift_at_knots_of_zero_gives_the_bytes() -> None:
    music = noise(duration_s=0.2).samples
    assert np.array_equal(unwow(Audio(music, RATE_HZ), Unwow(ahead_ms=(0.0, 0.0))).samples, music)


@pytest.mark.parametrize("delay_us", [-61.0, 17.0])
def test_a_channel_that_came_late_comes_in_time(delay_us: float) -> None:
    """Noise that ends at 0.85 of the Nyquist frequency, up to which the interpolator promises -80 dB; 60 are asked for."""
    frames = RATE_HZ
    frequency = np.fft.rfftfreq(frames, 1 / RATE_HZ)
    spectrum = np.fft.rfft(noise(duration_s=1).samples[0]) * (frequency < 0.85 * RATE_HZ / 2)
    late = spectrum * np.exp(-2j * np.pi * frequency * delay_us * 1e-6)
    hurt = np.fft.irfft(np.stack([spectrum, late]), frames).astype(np.float32)
    out = correct_azimuth(Audio(hurt, RATE_HZ), Azimuth(delay_us=delay_us)).samples
    middle = slice(1000, -1000)
    assert energy_db((out[1] - out[0])[middle]) < energy_db(out[0][middle]) - 60
    assert energy_db((out[0] - hurt[0])[middle]) < energy_db(out[0][middle]) - 100


def test_the_duller_channel_is_lifted_and_the_other_is_not() -> None:
    """3 dB from 1 kHz to 10 kHz, so half of that at their geometric mean; 127 taps ripple by 0.1 dB."""
    mid = float(np.sqrt(1000 * 10_000))
    for frequency_hz, lift_db in ((300.0, 0.0), (mid, 1.5), (12_000.0, 3.0)):
        tone = sine(frequency_hz=frequency_hz, duration_s=1, channels=2).samples
        out = correct_azimuth(Audio(tone, RATE_HZ), Azimuth(tilt_db=-3)).samples
        middle = slice(1000, -1000)
        assert energy_db(out[0][middle]) == pytest.approx(energy_db(tone[0][middle]), abs=0.01)
        assert energy_db(out[1][middle]) - energy_db(tone[1][middle]) == pytest.approx(lift_db, abs=0.1)


def test_a_gap_is_filled_by_what_was_played_before() -> None:
    """A pattern of noise that comes every half second cannot be foretold, only recalled: 15 dB are asked of 40 to be had."""
    pattern = noise(duration_s=0.5, rms_db=-20).samples[0]
    clean = (np.tile(pattern, 6) + noise(duration_s=3, rms_db=-60).samples[0])[None].astype(np.float32)
    hurt = clean.copy()
    hurt[:, 70_000:72_400] = 0
    region = Region(start_s=70_000 / RATE_HZ, end_s=72_400 / RATE_HZ)
    out = inpaint(Audio(hurt, RATE_HZ), Inpaint(regions=(region,))).samples
    assert energy_db(out - clean) < energy_db(hurt - clean) - 15


def test_a_gap_that_is_still_to_come_is_no_witness() -> None:
    """What stands in a second gap changes nothing in the first one."""
    hurt = chord()
    regions = tuple(Region(start_s=s / RATE_HZ, end_s=(s + 900) / RATE_HZ) for s in (20_000, 24_050))
    hurt[:, 24_050:24_950] = 0
    loud = hurt.copy()
    loud[:, 24_050:24_950] = 0.7
    first = [inpaint(Audio(x, RATE_HZ), Inpaint(regions=regions)).samples[:, 20_000:20_900] for x in (hurt, loud)]
    assert np.array_equal(first[0], first[1])
