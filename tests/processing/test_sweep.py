"""A filter that moves: in place at every time of the song, and clean on the way."""

from itertools import pairwise

import numpy as np
import pytest

from tests.sounds import RATE_HZ, noise, sine
from tonmeister.processing.sweep import Sweep, SweepStream, sweep

UP = Sweep(points=((0.0, 20.0), (1.0, 20.0), (3.0, 640.0)))


def level_db(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.square(samples, dtype=np.float64).mean()))


def test_the_corner_is_where_the_points_say() -> None:
    """Half way between 20 Hz and 640 Hz in octaves lie 113 Hz: there a second-order filter takes 3 dB; 0.5 dB for its moving on."""
    corner_hz = 20 * 2 ** (0.5 * np.log2(32))
    tone = sine(frequency_hz=corner_hz, peak_db=-12, duration_s=4)
    here = slice(round(1.95 * RATE_HZ), round(2.05 * RATE_HZ))
    found = level_db(sweep(tone, UP).samples[:, here]) - level_db(tone.samples[:, here])
    assert found == pytest.approx(-3.0, abs=0.5)


@pytest.mark.parametrize("cuts", [[1], [1000, 1001], [48_000, 96_000]])
def test_cutting_changes_no_bit(cuts: list[int]) -> None:
    sound = noise(rms_db=-20, duration_s=3, channels=2).samples
    whole = SweepStream(UP, sample_rate_hz=RATE_HZ, channels=2).process(sound)
    stream, parts = SweepStream(UP, sample_rate_hz=RATE_HZ, channels=2), []
    for start, end in pairwise([0, *cuts, sound.shape[1]]):
        parts.append(stream.process(np.ascontiguousarray(sound[:, start:end])))
    assert np.concatenate(parts, axis=1).tobytes() == whole.tobytes()


def test_a_moving_corner_leaves_a_high_tone_clean() -> None:
    """Bar 1 of the mix in time: at most -70 dB outside a third octave around a tone that the filter does not reach."""
    tone = sine(frequency_hz=4000, peak_db=-12, duration_s=4)
    wave = sweep(tone, UP).samples[0].astype(np.float64)
    power = np.abs(np.fft.rfft(wave * np.blackman(wave.size))) ** 2
    hz = np.fft.rfftfreq(wave.size, 1 / RATE_HZ)
    far = (hz < 4000 * 2 ** (-1 / 3)) | (hz > 4000 * 2 ** (1 / 3))
    assert 10 * np.log10(power[far].sum() / power.sum()) < -70


@pytest.mark.parametrize("points", [((1.0, 50.0), (1.0, 60.0)), ((0.0, 5.0),)])
def test_times_that_do_not_rise_and_corners_out_of_hearing_are_refused(points: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match="sweep"):
        Sweep(points=points)
