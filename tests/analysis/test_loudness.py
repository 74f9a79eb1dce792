"""The test signals of EBU Tech 3341 and 3342 are made by code from their tables; tolerances are the tables'."""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import signal

from tests.sounds import noise, pink_noise, silence, sine
from tonmeister.analysis.loudness import (
    Loudness,
    LoudnessMeter,
    design_k_weighting,
    gated_loudness_from_energies,
    integrated_from_energies,
    measure_loudness,
    momentary_curve,
    short_term_curve,
)
from tonmeister.audio import Audio
from tonmeister.errors import AudioFormatError, AudioTooShortError

RATE_HZ = 48_000
SILENT_DB = -np.inf


def tones(*parts: tuple[float, float], channels: int = 2) -> Audio:
    """Return 1 kHz tones of (seconds, peak dBFS) one after the other, in phase in all channels, as Tech 3341 case 1."""
    frames = [round(seconds * RATE_HZ) for seconds, _ in parts]
    gain = np.repeat([0.0 if db == SILENT_DB else 10 ** (db / 20) for _, db in parts], frames)
    wave = gain * np.sin(2 * np.pi * 1000 * np.arange(gain.size) / RATE_HZ)
    return Audio(np.tile(wave.astype(np.float32), (channels, 1)), RATE_HZ)


def fine_energies(audio: Audio) -> NDArray[np.float64]:
    meter = LoudnessMeter(audio.sample_rate_hz, audio.channels)
    meter.add(audio.samples)
    return meter.energies_10ms()


@pytest.mark.parametrize(("case", "level"), [(1, -23.0), (2, -33.0)])
def test_a_steady_tone_measures_its_level_on_all_three_scales(case: int, level: float) -> None:
    """Tech 3341 cases 1 and 2: M, S, I ±0.1 LUFS."""
    audio = tones((20, level))
    loudness = measure_loudness(audio)
    assert loudness.integrated_lufs == pytest.approx(level, abs=0.1), case
    assert loudness.momentary_max_lufs == pytest.approx(level, abs=0.1)
    assert loudness.short_term_max_lufs == pytest.approx(level, abs=0.1)


@pytest.mark.parametrize(
    ("case", "parts"),
    [
        (3, [(10, -36.0), (60, -23.0), (10, -36.0)]),
        (4, [(10, -72.0), (10, -36.0), (60, -23.0), (10, -36.0), (10, -72.0)]),
        (5, [(20, -26.0), (20.1, -20.0), (20, -26.0)]),
    ],
)
def test_gates_leave_quiet_parts_out(case: int, parts: list[tuple[float, float]]) -> None:
    """Tech 3341 cases 3 to 5: I = −23.0 ±0.1 LUFS."""
    assert measure_loudness(tones(*parts)).integrated_lufs == pytest.approx(-23.0, abs=0.1), case


def test_energies_of_five_channels_add_up_with_their_weights() -> None:
    """Tech 3341 case 6 (5.0): I = −23.0 ±0.1 LUFS; surround channels weigh 1.41 (BS.1770-5 table 3)."""
    front, centre, surround = (fine_energies(tones((20, db), channels=1)) for db in (-28.0, -24.0, -30.0))
    total = (2 * front + centre + 2 * 1.41 * surround).reshape(-1, 10).mean(axis=1)
    assert integrated_from_energies(total) == pytest.approx(-23.0, abs=0.1)


def test_short_term_loudness_is_constant_over_its_window() -> None:
    """Tech 3341 case 9: S = −23.0 ±0.1 LUFS, constant after 3 s."""
    curve = short_term_curve(fine_energies(tones(*[(1.34, -20.0), (1.66, -30.0)] * 5)), steps_per_s=100)
    assert curve.size == 1201
    np.testing.assert_allclose(curve, -23.0, atol=0.1)


@pytest.mark.parametrize("number", range(20))
def test_the_loudest_three_seconds_are_found_wherever_they_begin(number: int) -> None:
    """Tech 3341 case 10: max S = −23.0 ±0.1 LUFS for each segment."""
    audio = tones((number * 0.15, SILENT_DB), (3, -23.0), (1, SILENT_DB))
    assert measure_loudness(audio).short_term_max_lufs == pytest.approx(-23.0, abs=0.1)


def running_maxima(curve: NDArray[np.float64], *, segment_steps: int, window_steps: int, segments: int) -> list[float]:
    """Return the largest value seen when each segment has ended; a curve step stands for the window it begins."""
    return [float(curve[: (k + 1) * segment_steps - window_steps + 1].max()) for k in range(segments)]


def test_the_short_term_maximum_follows_a_rising_sequence() -> None:
    """Tech 3341 case 11: max S = −38.0, −37.0 … −19.0 ±0.1 LUFS, successive values."""
    parts = [p for i in range(20) for p in ((i * 0.15, SILENT_DB), (3, -38.0 + i), (3 - i * 0.15, SILENT_DB))]
    curve = short_term_curve(fine_energies(tones(*parts)), steps_per_s=100)
    found = running_maxima(curve, segment_steps=600, window_steps=300, segments=20)
    np.testing.assert_allclose(found, np.arange(-38.0, -18.0), atol=0.1)


def test_momentary_loudness_is_constant_over_its_window() -> None:
    """Tech 3341 case 12: M = −23.0 ±0.1 LUFS, constant after 1 s."""
    curve = momentary_curve(fine_energies(tones(*[(0.18, -20.0), (0.22, -30.0)] * 25)), steps_per_s=100)
    np.testing.assert_allclose(curve[60:], -23.0, atol=0.1)


@pytest.mark.parametrize("number", range(20))
def test_the_loudest_400_ms_are_found_wherever_they_begin(number: int) -> None:
    """Tech 3341 case 13: max M = −23.0 ±0.1 LUFS for each segment."""
    audio = tones((number * 0.02, SILENT_DB), (0.4, -23.0), (1, SILENT_DB))
    assert measure_loudness(audio).momentary_max_lufs == pytest.approx(-23.0, abs=0.1)


def test_the_momentary_maximum_follows_a_rising_sequence() -> None:
    """Tech 3341 case 14: max M = −38.0, −37.0 … −19.0 ±0.1 LUFS, successive values."""
    parts = [p for i in range(20) for p in ((i * 0.02, SILENT_DB), (0.4, -38.0 + i), (0.4 - i * 0.02, SILENT_DB))]
    curve = momentary_curve(fine_energies(tones(*parts)), steps_per_s=100)
    found = running_maxima(curve, segment_steps=80, window_steps=40, segments=20)
    np.testing.assert_allclose(found, np.arange(-38.0, -18.0), atol=0.1)


@pytest.mark.parametrize(
    ("case", "levels", "expected"),
    [
        (1, (-20.0, -30.0), 10.0),
        (2, (-20.0, -15.0), 5.0),
        (3, (-40.0, -20.0), 20.0),
        (4, (-50.0, -35.0, -20.0, -35.0, -50.0), 15.0),
    ],
)
def test_loudness_range_of_tones_is_their_distance(case: int, levels: Sequence[float], expected: float) -> None:
    """Tech 3342 cases 1 to 4: LRA ±1 LU. Cases 5 and 6 are recorded programmes and cannot be made by code."""
    assert measure_loudness(tones(*[(20, level) for level in levels])).range_lu == pytest.approx(expected, abs=1), case


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "integrated", "range_lu"),
    [
        ("seq-3341-1-16bit.flac", -23.0, None),
        ("seq-3341-2-16bit.flac", -33.0, None),
        ("seq-3341-3-16bit-v02.flac", -23.0, None),
        ("seq-3341-5-16bit-v02.flac", -23.0, None),
        ("seq-3342-1-16bit.flac", None, 10.0),
        ("seq-3342-3-16bit.flac", None, 20.0),
        ("1770-2_Comp_RelGateTest.wav", -10.0, None),
    ],
)
def test_the_files_of_the_ebu_and_itu_measure_what_they_should(
    shared_data: Path, name: str, integrated: float | None, range_lu: float | None
) -> None:
    """Tech 3341 and ITU-R BS.2217: I ±0.1 LU; Tech 3342: LRA ±1 LU."""
    samples, rate_hz = soundfile.read(shared_data / "loudness" / name, dtype="float32", always_2d=True)
    loudness = measure_loudness(Audio(np.ascontiguousarray(samples.T), rate_hz))
    if integrated is not None:
        assert loudness.integrated_lufs == pytest.approx(integrated, abs=0.1)
    if range_lu is not None:
        assert loudness.range_lu == pytest.approx(range_lu, abs=1)


def test_a_full_scale_997_hz_sine_in_one_channel_measures_minus_3_01_lufs() -> None:
    """ITU-R BS.1770 calibration point; it gives the constant to two decimals."""
    loudness = measure_loudness(sine(frequency_hz=997, peak_db=0, duration_s=2))
    assert loudness.integrated_lufs == pytest.approx(-3.01, abs=0.01)


def test_k_weighting_at_48_khz_is_the_table_of_the_standard() -> None:
    """BS.1770-5 tables 1 and 2; eleven decimals are those that survive the bilinear transform's rounding."""
    weighting = design_k_weighting(48_000)
    shelf = [1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585]
    np.testing.assert_allclose(weighting.shelf, shelf, atol=1e-11)
    np.testing.assert_allclose(weighting.high_pass[3:], [-1.99004745483398, 0.99007225036621], atol=1e-11)


@pytest.mark.parametrize("rate_hz", [24_000, 44_100, 96_000])
def test_k_weighting_passes_as_much_at_other_rates_as_at_48_khz(rate_hz: int) -> None:
    """A file and its copy at another rate must measure alike; 0.02 dB is what the warped shelf leaves at 24 kHz."""
    at_hz = np.array([100.0, 400.0, 1000.0])

    def passes_db(rate: int) -> NDArray[np.float64]:
        weighting = design_k_weighting(rate)
        rows = [
            signal.freqz(part[:3], [1.0, *part[3:]], worN=at_hz, fs=rate)[1]
            for part in (weighting.shelf, weighting.high_pass)
        ]
        return np.asarray(20 * np.log10(np.abs(rows[0] * rows[1])))

    np.testing.assert_allclose(passes_db(rate_hz), passes_db(48_000), atol=0.02)


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000, 22_050])
@pytest.mark.parametrize("channels", [1, 2])
def test_the_kernel_agrees_with_a_plain_filter(rate_hz: int, channels: int) -> None:
    """scipy.signal as oracle in float64; 1e-9 relative is rounding of 10^5 recursive steps."""
    audio = noise(duration_s=2.5, channels=channels, sample_rate_hz=rate_hz, seed=1)
    weighting = design_k_weighting(rate_hz)
    sections = [
        [*weighting.shelf[:3], 1, *weighting.shelf[3:]],
        [*weighting.high_pass[:3], 1, *weighting.high_pass[3:]],
    ]
    power = np.square(signal.sosfilt(sections, audio.samples.astype(np.float64), axis=1)).sum(axis=0)
    edges = np.arange(251) * rate_hz // 100
    expected = np.add.reduceat(power, edges[:-1])[:250] / np.diff(edges)
    expected[-1] = power[edges[-2] : edges[-1]].mean()
    np.testing.assert_allclose(fine_energies(audio), expected, rtol=1e-9)


def test_channels_that_repeat_each_other_are_3_01_lu_louder_than_one() -> None:
    """Energies add; the shortcut for equal channels must not show. 1e-9 is float64 rounding."""
    one = pink_noise(duration_s=3, seed=2)
    both = Audio(np.tile(one.samples, (2, 1)), one.sample_rate_hz)
    np.testing.assert_allclose(fine_energies(both), 2 * fine_energies(one), rtol=1e-9)


def test_channels_that_part_after_a_while_are_measured_on() -> None:
    """The shortcut for equal channels hands its filter state on."""
    left, right = pink_noise(duration_s=4, seed=3).samples[0], pink_noise(duration_s=4, seed=4).samples[0]
    right[: 2 * RATE_HZ] = left[: 2 * RATE_HZ]
    both = fine_energies(Audio(np.stack([left, right]), RATE_HZ))
    apart = [fine_energies(Audio(channel[None].copy(), RATE_HZ)) for channel in (left, right)]
    np.testing.assert_allclose(both, apart[0] + apart[1], rtol=1e-9)


@given(cuts=st.lists(st.integers(1, 130_000), min_size=0, max_size=8), channels=st.sampled_from([1, 2]))
def test_blocks_never_change_a_bit(cuts: list[int], channels: int) -> None:
    """The promise of every meter."""
    audio = pink_noise(duration_s=3.3, channels=channels, seed=5)
    whole, cut = LoudnessMeter(RATE_HZ, channels), LoudnessMeter(RATE_HZ, channels)
    whole.add(audio.samples)
    for part in np.split(audio.samples, sorted(min(c, audio.frames) for c in cuts), axis=1):
        cut.add(part)
    assert np.array_equal(whole.energies_10ms(), cut.energies_10ms())
    assert whole.result() == cut.result()


def test_a_result_may_be_asked_for_on_the_way() -> None:
    """Asking does not disturb what follows."""
    audio = pink_noise(duration_s=2.6, channels=2, seed=6)
    asked, plain = LoudnessMeter(RATE_HZ, 2), LoudnessMeter(RATE_HZ, 2)
    plain.add(audio.samples)
    for part in np.array_split(audio.samples, 7, axis=1):
        asked.add(np.ascontiguousarray(part))
        asked.result()
    assert asked.result() == plain.result()


def test_silence_has_no_loudness() -> None:
    """None, never minus infinity."""
    assert measure_loudness(silence(duration_s=5, channels=2)) == Loudness()


def test_sound_after_silence_measures_as_if_the_filter_had_rested() -> None:
    """Skipped seconds leave no trace; 1e-12 is what 1 s of decay at 38 Hz leaves far behind."""
    sound, pause = pink_noise(duration_s=2, seed=7), silence(duration_s=4)
    joined = Audio(np.concatenate([sound.samples, pause.samples, sound.samples], axis=1), RATE_HZ)
    energies = fine_energies(joined)
    np.testing.assert_allclose(energies[600:], energies[:200], rtol=1e-12)
    assert not energies[300:600].any()


def test_silence_between_two_sounds_costs_no_more_than_sound() -> None:
    sparse = np.zeros((2, 10 * 48000), np.float32)
    sparse[:, ::12000] = 0.5

    def quickest_s(samples: NDArray[np.float32]) -> float:
        times = []
        for _ in range(5):
            meter, start = LoudnessMeter(48000, 2), time.thread_time()
            meter.add(samples)
            times.append(time.thread_time() - start)
        return min(times)

    quickest_s(sparse)  # compiles
    assert quickest_s(sparse) < 4 * quickest_s(
        noise(duration_s=10.0, channels=2).samples
    )  # denormals made it fifty times on some processors


def test_gain_moves_the_loudness_by_as_much() -> None:
    """Energies can be scaled instead of the sound; 1e-9 LU is rounding."""
    energies = fine_energies(pink_noise(duration_s=6, rms_db=-23, seed=8)).reshape(-1, 10).mean(axis=1)
    plain, louder = (gated_loudness_from_energies(energies * 10 ** (g / 10)) for g in (0.0, 6.0))
    assert plain.integrated_lufs is not None
    assert louder.integrated_lufs == pytest.approx(plain.integrated_lufs + 6, abs=1e-9)
    assert louder.range_lu == pytest.approx(plain.range_lu, abs=1e-9)


def test_audio_under_400_ms_is_refused_with_its_length() -> None:
    """One gating block is the least."""
    with pytest.raises(AudioTooShortError) as caught:
        measure_loudness(sine(duration_s=0.3))
    assert caught.value.got_s == pytest.approx(0.3)
    assert caught.value.need_s == 0.4


def test_blocks_of_another_shape_are_refused() -> None:
    """A stereo meter takes stereo."""
    with pytest.raises(AudioFormatError, match=r"\(2, frames\)"):
        LoudnessMeter(RATE_HZ, 2).add(np.zeros((1, 100), np.float32))
