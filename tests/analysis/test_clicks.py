"""Clicks are found and counted; music is not."""

import numpy as np
import pytest

from tests.sounds import drums, pink_noise, sine
from tonmeister.analysis.chunks import Chunker
from tonmeister.analysis.clicks import ClickMeter, Clicks
from tonmeister.analysis.track_meter import measure_track
from tonmeister.audio import Audio, Samples

RATE_HZ = 48_000


def clicks_of(samples: Samples, *, cut: int = RATE_HZ) -> Clicks:
    meter, chunker = ClickMeter(RATE_HZ), Chunker(RATE_HZ, samples.shape[0])
    for start in range(0, samples.shape[1], cut):
        for chunk in chunker.cut(samples[:, start : start + cut].copy()):
            meter.take(chunk)
    return meter.result()


@pytest.mark.parametrize("height", [0.05, 0.5])
def test_planted_clicks_are_counted_where_they_are(height: float) -> None:
    """One lies on the first sample of a second; a millisecond is the meter's grid."""
    samples = np.repeat(sine(frequency_hz=220, peak_db=-12, duration_s=6).samples, 2, axis=0).copy()
    places = [20_000, 48_000, 100_003, 201_007, 250_000]
    samples[0, places] += np.float32(height)
    found = clicks_of(samples)
    assert found.count == len(places)
    np.testing.assert_allclose(found.starts_s, np.array(places) / RATE_HZ, atol=0.0011)


def test_drums_sines_noise_and_pulse_waves_hold_no_clicks() -> None:
    """Attacks ring on, and the edges of a pulse wave repeat."""
    for samples in (
        drums(duration_s=6).samples,
        sine(duration_s=3).samples,
        pink_noise(duration_s=3, rms_db=-20, seed=1).samples,
        np.sign(sine(frequency_hz=60, duration_s=3).samples) * np.float32(0.3),
    ):
        assert clicks_of(np.ascontiguousarray(samples, dtype=np.float32)).count == 0


def test_the_cut_of_the_blocks_changes_nothing() -> None:
    samples = pink_noise(duration_s=4, rms_db=-40, seed=2).samples.copy()
    samples[0, [30_000, 95_999, 144_000, 150_000]] += np.float32(0.6)
    found = clicks_of(samples, cut=777)
    assert found.count == 4
    assert found.starts_s == clicks_of(samples).starts_s


def test_one_click_is_no_fault_and_five_are() -> None:
    samples = sine(frequency_hz=110, peak_db=-12, duration_s=4).samples.copy()
    samples[0, 50_000] += np.float32(0.5)
    assert "clicks" not in {fault.kind for fault in measure_track(Audio(samples, RATE_HZ)).figures.faults}
    samples[0, [70_000, 90_000, 110_000, 130_000]] += np.float32(0.5)
    (fault,) = [fault for fault in measure_track(Audio(samples, RATE_HZ)).figures.faults if fault.kind == "clicks"]
    assert fault.count == 5
    assert fault.spans[1].start_s == pytest.approx(70_000 / RATE_HZ, abs=0.0011)
