"""The limiter: the ceiling holds between the samples, quiet sound passes, loud sound stays loud."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import signal

from tests.sounds import drums, noise, pink_noise, sine
from tonmeister.audio import Audio
from tonmeister.processing.limiter import GUARD_DB, TruePeakLimiter, TruePeakLimiterStream, is_neutral, limit

RATE_HZ = 48_000


def true_peak_db(samples: NDArray[np.float32], factor: int) -> float:
    """Highest point of the sound interpolated by scipy, with 64 taps on either side."""
    taps = signal.firwin(128 * factor + 1, 1 / factor, window=("kaiser", 9.0)) * factor
    padded = np.pad(samples.astype(np.float64), ((0, 0), (200, 200)))
    return float(20 * np.log10(np.abs(signal.upfirdn(taps, padded, up=factor, axis=1)).max()))


def in_band(wave: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the wave without what lies above 20 kHz, where no two interpolators agree."""
    spectrum = np.fft.rfft(wave)
    spectrum[int(wave.size * 20_000 / RATE_HZ) :] = 0
    return np.fft.irfft(spectrum, wave.size)


TIME = np.arange(RATE_HZ // 4)
CHANCE = np.random.default_rng(1)
CASES = {
    "a quarter of the rate at 45 degrees": np.sin(2 * np.pi * TIME / 4 + np.pi / 4),
    "a burst of it after silence": np.sin(2 * np.pi * TIME / 4 + np.pi / 4) * (TIME > 6000),
    "a third of the rate": np.sin(2 * np.pi * TIME / 3 + 0.3),
    "clipped noise": in_band(np.clip(CHANCE.standard_normal(TIME.size) * 3, -1, 1)),
    "noise": in_band(CHANCE.standard_normal(TIME.size)),
    "clicks of alternating sign": (TIME % 977 == 0) * (-1.0) ** TIME,
    "two equal samples": (TIME % 977 < 2) * 1.0,
    "a square": in_band(np.sign(np.sin(2 * np.pi * 1003 * TIME / RATE_HZ))),
    "a gated tone": np.sin(2 * np.pi * 997 * TIME / RATE_HZ) * np.where(TIME // 3000 % 2, 1, 0.001),
}


@pytest.mark.parametrize("drive_db", [0.0, 14.0, 30.0])
@pytest.mark.parametrize("case", CASES)
def test_no_point_passes_the_ceiling(case: str, drive_db: float) -> None:
    """At 8x not at all. 64x looks between the points of 8x: 0.02 dB is the parabola's error near 20 kHz."""
    wave = CASES[case] / np.abs(CASES[case]).max()
    audio = Audio(np.pad(np.stack((wave, wave * 0.5)), ((0, 0), (100, 2000))).astype(np.float32), RATE_HZ)
    out = limit(audio, TruePeakLimiter(drive_db=drive_db)).samples
    assert true_peak_db(out, 8) <= -1.0
    assert true_peak_db(out, 64) <= -0.98


@pytest.mark.parametrize("sample_rate_hz", [8000, 44_100, 96_000, 192_000])
def test_it_holds_at_any_rate(sample_rate_hz: int) -> None:
    audio = noise(rms_db=-10, duration_s=0.2, sample_rate_hz=sample_rate_hz, channels=2)
    audio = Audio(np.stack([in_band(c) for c in audio.samples.astype(np.float64)]).astype(np.float32), sample_rate_hz)
    out = limit(audio, TruePeakLimiter(drive_db=10, ceiling_dbtp=-3, lookahead_ms=2)).samples
    assert true_peak_db(out, 8) <= -3.0


def test_dense_music_stays_as_loud_as_the_ceiling_allows() -> None:
    """Driven 12 dB over its ceiling the beat comes out 11 dB louder at least, and reaches the ceiling within the guard."""
    mix = drums(peak_db=-3, duration_s=2, channels=2).samples + pink_noise(rms_db=-30, duration_s=2, channels=2).samples
    mix = np.stack([in_band(channel) for channel in mix.astype(np.float64)])
    audio = Audio((mix * 10 ** (-20 / 20)).astype(np.float32), RATE_HZ)
    out = limit(audio, TruePeakLimiter(drive_db=32)).samples
    assert true_peak_db(out, 8) == pytest.approx(-1 - GUARD_DB, abs=0.02)
    assert 20 * np.log10(np.std(out) / np.std(audio.samples)) > 28


def test_under_the_ceiling_it_is_a_plain_gain() -> None:
    audio = noise(rms_db=-30, duration_s=0.3, channels=2)
    assert np.array_equal(limit(audio, TruePeakLimiter()).samples, audio.samples)
    driven = limit(audio, TruePeakLimiter(drive_db=6)).samples
    np.testing.assert_array_equal(driven, audio.samples * np.float32(10 ** (6 / 20)))


def test_channels_share_one_gain() -> None:
    loud = noise(rms_db=-3, duration_s=0.2).samples
    out = limit(Audio(np.concatenate((loud, loud * np.float32(0.25))), RATE_HZ), TruePeakLimiter()).samples
    np.testing.assert_allclose(out[1], out[0] * 0.25, rtol=3e-7)


def test_a_short_peak_is_forgotten_ten_times_faster_than_a_long_one() -> None:
    """Time to come back to 1 dB: a click's is the fast part, a second of tone leaves a share to the slow part."""
    settings = TruePeakLimiter(release_ms=400, drive_db=12)
    tone = sine(frequency_hz=1000, peak_db=-24, duration_s=3).samples

    def recovery_ms(loud_frames: int) -> float:
        wave = tone.copy()
        wave[:, 24_000 : 24_000 + loud_frames] *= np.float32(10 ** (24 / 20))
        gain = limit(Audio(wave, RATE_HZ), settings).samples / (wave * np.float32(10 ** (12 / 20)) + 1e-12)
        after = gain[0, 24_000 + loud_frames + 12 :: 48]  # the tone's crests, one each millisecond
        return float(np.argmax(after > 10 ** (-1 / 20)))

    assert recovery_ms(48) < 0.5 * recovery_ms(48_000)


def test_a_tone_held_down_stays_clean() -> None:
    """A steady tone must not be bent: −60 dB of harmonics at 13 dB of reduction."""
    out = limit(sine(frequency_hz=1000, peak_db=0, duration_s=2), TruePeakLimiter(drive_db=12)).samples[0, -RATE_HZ:]
    spectrum = np.abs(np.fft.rfft(out.astype(np.float64)))
    rest = np.delete(spectrum, range(990, 1011))
    assert 20 * np.log10(np.sqrt(np.sum(rest**2)) / spectrum[1000]) < -60


def test_it_tells_what_it_took_away() -> None:
    """0 dB tone, 6 dB of drive, ceiling −1 with its guard: 7.03 dB."""
    stream = TruePeakLimiterStream(TruePeakLimiter(drive_db=6), sample_rate_hz=RATE_HZ, channels=1)
    stream.process(sine(peak_db=0).samples)
    assert stream.reduction.max_reduction_db == pytest.approx(7.03, abs=0.05)
    assert stream.reduction.active_share > 0.95
    assert not is_neutral(TruePeakLimiter())


@pytest.mark.shared
def test_a_real_song_driven_14_db_holds_the_ceiling(shared_data: object) -> None:
    """The bar of the issue, on the loudest ten seconds of a funk band."""
    import soundfile

    folder = shared_data / "multitracks" / "mdn_funk"  # type: ignore[operator]  # the fixture gives a path or skips
    stems = [soundfile.read(path, dtype="float32", always_2d=True)[0].T for path in sorted(folder.glob("*.mp3"))]
    frames = min(stem.shape[1] for stem in stems)
    mix = sum(stem[:, :frames] for stem in stems)[:, 20 * 44_100 : 30 * 44_100]
    mix = mix * np.float32(10 ** (-20 / 20) / np.std(mix))
    out = limit(Audio(np.ascontiguousarray(mix), 44_100), TruePeakLimiter(drive_db=14)).samples
    assert true_peak_db(out, 8) <= -1.0
