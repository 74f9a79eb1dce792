import numpy as np
import pytest

from tests.facts import audio
from tonmeister.analysis.hits import alone_share, find_hits, measure_attack_db, measure_decay_s, split_bleed
from tonmeister.analysis.track_meter import TrackCurves, measure_track

RATE_HZ = 48_000


def struck(levels_db: list[float], *, decay_s: float = 0.05) -> TrackCurves:
    """Return the curves of hits of these peaks, one each half second."""
    time_s = np.arange(RATE_HZ // 2) / RATE_HZ
    hit = np.sin(2 * np.pi * 200 * time_s) * np.exp(-time_s / decay_s)
    return measure_track(audio(np.concatenate([hit * 10 ** (level / 20) for level in levels_db]))).curves


def test_hits_are_found_with_their_peaks() -> None:
    """Decays by 0.5 dB in the first quarter of a wave of 200 Hz."""
    levels = [-3.0, -10.0, -3.0, -20.0]
    hits = find_hits(struck(levels))
    np.testing.assert_allclose(hits.steps / 100, [0, 0.5, 1.0, 1.5], atol=0.03)
    np.testing.assert_allclose(hits.peak_db, levels, atol=0.6)


def test_the_decay_is_the_time_to_fall_by_20_db() -> None:
    """20 dB are 2.3 time constants; steps of 10 ms."""
    for decay_s in (0.03, 0.08):
        curves = struck([-3.0] * 6, decay_s=decay_s)
        assert measure_decay_s(curves, find_hits(curves)) == pytest.approx(2.3 * decay_s, abs=0.025)


def test_the_attack_is_the_peak_over_the_body() -> None:
    """Mean square of the decay over 50 to 150 ms against 1, and 3 dB for the sine: written out for 50 ms."""
    curves = struck([-3.0] * 6)
    time_s = np.arange(0.05, 0.15, 1e-4)
    body_db = 10 * np.log10(np.mean(np.exp(-2 * time_s / 0.05)) / 2)
    assert measure_attack_db(curves, find_hits(curves)) == pytest.approx(-body_db, abs=1.5)


def test_loud_hits_part_from_bleed_at_the_gap() -> None:
    levels = [-3.0, -25.0, -5.0, -27.0, -4.0, -30.0, -6.0, -24.0]
    split = split_bleed(find_hits(struck(levels)), least_db=8)
    assert split is not None
    assert split.own.steps.size == 4
    assert split.own_db == pytest.approx(-6, abs=1)
    assert split.bleed_db == pytest.approx(-24, abs=1)


@pytest.mark.parametrize("levels", [[-3.0] * 10, list(np.linspace(-20, -3, 12)), [-3.0, -20.0]])
def test_without_a_gap_or_with_few_hits_nothing_is_parted(levels: list[float]) -> None:
    assert split_bleed(find_hits(struck(levels)), least_db=8) is None


def test_the_share_of_hits_that_stand_alone() -> None:
    half = find_hits(struck([-3.0, -60.0] * 4))
    every = find_hits(struck([-3.0] * 8))
    assert alone_share(every, (half,)) <= 0.5
    assert alone_share(half, ()) == 1.0
    assert alone_share(half, (every,)) == 0.0
