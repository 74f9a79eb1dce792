"""Covers are found by pair, band and time; harm is told from overlap; a clean pair is left alone."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.analysis.conflicts import find_conflicts, partial_loudness
from tonmeister.analysis.intelligibility import find_phrases, measure_intelligibility
from tonmeister.analysis.spans import Span

HALVES = 60


def track(level_db: float, bands: slice, *, halves: slice = slice(0, HALVES)) -> NDArray[np.float32]:
    power = np.zeros((HALVES, 40), np.float32)
    power[halves, bands] = 10 ** (level_db / 10)
    return power


VOICE = track(-30, slice(12, 24))


def test_a_planted_cover_is_named_with_band_time_and_excess() -> None:
    """Bands 15 to 17 from 10 to 16 s, 9 dB over the voice; below it the guitar plays bands 2 to 6 all the time."""
    guitar = track(-25, slice(2, 6)) + track(-21, slice(15, 18), halves=slice(20, 32))
    (found,) = find_conflicts([guitar, VOICE], priorities=[1, 2]).findings
    assert (found.masker, found.maskee) == (0, 1)
    assert (found.start_s, found.end_s) == (10, 16)
    assert found.excess_db == pytest.approx(9, abs=0.05)
    assert found.centre_hz == pytest.approx(ERB_CENTRES_HZ[16], rel=0.03)
    assert found.harmful
    assert found.kept < 0.5


def test_a_cover_begins_and_ends_where_it_is_weaker_too_but_no_further_than_a_second() -> None:
    """9 dB over the voice from 10 to 16 s; before that two seconds at 5 dB, after it half a second at 3 and half at 5 dB."""
    weaker = track(-25, slice(15, 18), halves=slice(16, 20)) + track(-25, slice(15, 18), halves=slice(33, 34))
    cover = track(-21, slice(15, 18), halves=slice(20, 32)) + track(-27, slice(15, 18), halves=slice(32, 33))
    (found,) = find_conflicts([cover + weaker, VOICE], priorities=[1, 2]).findings
    assert (found.start_s, found.end_s) == (9, 17)
    assert found.excess_db == pytest.approx(9, abs=0.05)


def test_a_lesser_track_is_overlapped_not_harmed() -> None:
    """The voice lies 9 dB below the guitar there: 15 dB are missing until it would harm it."""
    guitar = track(-21, slice(15, 18))
    found = find_conflicts([guitar, VOICE], priorities=[2, 1])
    assert [one.harmful for one in found.findings] == [False]
    assert found.margin_db == pytest.approx(15, abs=0.05)


def test_a_clean_pair_has_no_findings_and_a_margin() -> None:
    """The guitar lies 3 dB below the voice in its bands: 9 dB are missing to the limit of 6."""
    guitar = track(-33, slice(12, 24))
    found = find_conflicts([guitar, VOICE], priorities=[1, 2])
    assert found.findings == ()
    assert found.margin_db == pytest.approx(9, abs=0.05)


def test_short_covers_two_mics_of_one_source_and_single_tracks_are_left_alone() -> None:
    short = track(-15, slice(15, 18), halves=slice(20, 22))
    assert find_conflicts([short, VOICE], priorities=[1, 1]).findings == ()
    loud = track(-15, slice(12, 24))
    assert find_conflicts([loud, VOICE], priorities=[1, 1], same_source=[(0, 1)]).findings == ()
    assert find_conflicts([VOICE], priorities=[1]).findings == ()


def test_partial_loudness_is_full_without_a_masker_and_falls_steadily_with_one() -> None:
    """Moore, Glasberg and Baer 1997: from full loudness to none around 4 dB below the masker, without a step."""
    signal = np.full(61, 1e6)
    masker = signal * 10 ** (np.arange(-40, 21) / 10)
    alone, beside = partial_loudness(signal, masker)
    share = beside / alone
    assert share[0] > 0.95
    assert (np.diff(share) < 0).all()
    assert np.abs(np.diff(share)).max() < 0.15
    assert share[np.arange(-40, 21) == 10] < 0.1


@pytest.mark.parametrize("step_db", [0.5, 6.0])
def test_intelligibility_follows_the_voice(step_db: float) -> None:
    """Planted changes of the voice up and down by the same amount move ratio and index with them, phrase by phrase."""
    rng = np.random.default_rng(4)
    voice = np.asarray(10 ** (rng.uniform(-50, -30, (HALVES, 40)) / 10), dtype=np.float32)
    backing = [np.asarray(10 ** (rng.uniform(-50, -30, (HALVES, 40)) / 10), dtype=np.float32) for _ in range(3)]
    phrases = (Span(start_s=1, end_s=4), Span(start_s=10, end_s=15.2))
    ladder = [
        measure_intelligibility(voice * np.float32(10 ** (db / 10)), backing, phrases=phrases)
        for db in (-step_db, 0.0, step_db)
    ]
    for low, middle, high in zip(*ladder, strict=True):
        assert low.index < middle.index < high.index
        assert high.ratio_db - low.ratio_db == pytest.approx(2 * step_db, abs=0.02)


def test_intelligibility_follows_a_voice_that_nothing_accompanies() -> None:
    """A cappella it stands over the threshold of hearing; every word is clear, so that the index stays at its end."""
    voice = track(-40, slice(0, 40))
    phrases = (Span(start_s=1, end_s=4),)
    ladder = [measure_intelligibility(voice * np.float32(10 ** (db / 10)), [], phrases=phrases) for db in (-6, 0, 6)]
    assert [one.ratio_db for (one,) in ladder] == pytest.approx([57, 63, 69], abs=0.01)
    assert {one.index for (one,) in ladder} == {1.0}


def test_phrases_join_breaths_and_leave_out_shouts() -> None:
    spans = [Span(start_s=1, end_s=2), Span(start_s=2.4, end_s=4), Span(start_s=6, end_s=6.5)]
    assert find_phrases(spans) == (Span(start_s=1, end_s=4),)
