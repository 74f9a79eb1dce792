"""Planted conflicts are found where they are."""

import time

import numpy as np
import pytest

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.analysis.masking import design_spreading, measure_masking

HALVES = 40
RNG = np.random.default_rng(1)


def track(level_db: float, bands: slice, *, halves: slice = slice(0, HALVES)) -> np.ndarray:
    """Return the band powers of a track that sounds in some bands and half seconds."""
    power = np.zeros((HALVES, 40), np.float32)
    power[halves, bands] = 10 ** (level_db / 10)
    return power


VOICE = slice(12, 24)


def test_a_loud_track_in_the_same_bands_covers_a_quiet_one() -> None:
    """12 dB over a limit of 6: nothing of the voice stands out, and the guitar is named; not the bass far below."""
    found = measure_masking([track(-32, VOICE), track(-20, VOICE), track(-20, slice(0, 3))])
    assert found.audibility[0, 0] == 0
    assert found.audibility[0, 1] == found.audibility[0, 2] == 1
    assert found.masker_share[0, :, 0].tolist() == [0, 1, 0]
    np.testing.assert_allclose(found.excess_db[0, 1, 0, VOICE], 12, atol=0.01)


def test_equal_tracks_leave_each_other_audible() -> None:
    """The same level is above the rest less 6 dB."""
    assert measure_masking([track(-20, VOICE), track(-20, VOICE)]).audibility.tolist() == [[1, 1]]


def test_the_conflict_is_named_in_its_band_and_section_only() -> None:
    """The guitar plays bands 18 to 23 in the second half."""
    guitar = track(-10, slice(18, 24), halves=slice(20, 40))
    found = measure_masking([track(-20, VOICE), guitar], sections=[(0, 20), (20, 40)])
    assert found.audibility[0, 0] == 1
    by_band = found.audible_share_by_band[1, 0]
    assert (by_band[19:24] == 0).all()
    assert (by_band[12:14] == 1).all()
    assert np.isnan(by_band[30])
    assert np.isnan(found.audibility[0, 1])


def test_gains_move_the_balance() -> None:
    """14 dB less of the guitar frees the voice; as lane or as number."""
    tracks = [track(-20, VOICE), track(-10, VOICE)]
    covered = measure_masking(tracks).audibility[0, 0]
    freed = measure_masking(tracks, gains_db=np.array([0.0, -14.0])).audibility[0, 0]
    by_lane = measure_masking(tracks, gains_db=np.tile([[0.0], [-14.0]], (1, HALVES))).audibility[0, 0]
    assert (covered, freed, by_lane) == (0, 1, 1)


def test_essential_bands_lie_within_30_db_of_the_strongest() -> None:
    """Hafezi and Reiss 2015."""
    power = track(-20, VOICE)
    power[:, 30], power[:, 31] = 10 ** (-49 / 10), 10 ** (-51 / 10)
    assert np.flatnonzero(measure_masking([power]).essential[0]).tolist() == [*range(12, 24), 30]


def test_sound_spreads_upward_more_than_downward() -> None:
    """Schroeder, Atal and Hall 1979: +25 dB per Bark below, −10 dB per Bark above the masker."""
    spread_db = 10 * np.log10(design_spreading())
    np.testing.assert_allclose(np.diag(spread_db), 0, atol=1e-12)
    bark = 26.81 * ERB_CENTRES_HZ / (1960 + ERB_CENTRES_HZ) - 0.53
    middle = 20
    up = (spread_db[middle, 34] - spread_db[middle, 30]) / (bark[34] - bark[30])
    down = (spread_db[middle, 6] - spread_db[middle, 10]) / (bark[10] - bark[6])
    assert up == pytest.approx(-10, abs=0.5)
    assert down == pytest.approx(-25, abs=0.5)


def test_the_matrix_agrees_with_loops() -> None:
    """Plain loops over cells as reference; 1e-3 dB is float32."""
    tracks = [(RNG.random((HALVES, 40)) ** 4 * 10 ** RNG.uniform(-6, -2)).astype(np.float32) for _ in range(4)]
    found = measure_masking(tracks)
    spread = np.array([part.astype(np.float64) @ design_spreading() for part in tracks])
    for maskee in range(4):
        own = tracks[maskee].astype(np.float64)
        essential = own.mean(axis=0) > own.mean(axis=0).max() / 1000
        counted = covered = 0
        for half in range(HALVES):
            for band in np.flatnonzero(essential):
                if own[half, band] > own[half].max() / 1000:
                    counted += 1
                    rest = sum(spread[other, half, band] for other in range(4) if other != maskee)
                    covered += spread[maskee, half, band] < rest * 10**-0.6
        assert found.audibility[0, maskee] == pytest.approx(1 - covered / counted, abs=1e-6)
        assert found.masker_share[0, :, maskee].sum() == pytest.approx(covered / counted, abs=1e-6)
        for masker in range(4):
            expected = 10 * np.log10(spread[masker].mean(axis=0) / spread[maskee].mean(axis=0))
            np.testing.assert_allclose(found.excess_db[0, masker, maskee], expected, atol=1e-3)


def test_silent_and_missing_tracks_are_no_fault() -> None:
    """NaN where there is nothing to cover."""
    found = measure_masking([track(-20, VOICE), np.zeros((0, 40), np.float32)])
    assert found.audibility[0, 0] == 1
    assert np.isnan(found.audibility[0, 1])
    assert measure_masking([]).audibility.shape == (1, 0)


def test_a_large_song_takes_a_moment_only() -> None:
    """24 tracks of 4 minutes in 8 sections; 0.2 s CPU is the budget, five times that allows for a busy machine."""
    tracks = [RNG.random((480, 40)).astype(np.float32) for _ in range(24)]
    start = time.process_time()
    measure_masking(tracks, sections=[(k * 60, k * 60 + 60) for k in range(8)])
    assert time.process_time() - start < 1.0
