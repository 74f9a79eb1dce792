"""Whether words follow the voice is counted phrase by phrase."""

import pytest

from bench.case import OURS, AbsentError, Case
from bench.words import GAINS_DB, judge_ladder, summarise


def phrase(start_s: float, ratio_db: float, index: float) -> dict[str, float]:
    return {"start_s": start_s, "end_s": start_s + 2, "ratio_db": ratio_db, "index": index}


def test_phrases_that_follow_stay_behind_or_vanish_are_counted() -> None:
    """The first follows, the second is clear at every gain, the third falls once, the fourth is lost at the last gain."""
    ladder = [
        [
            phrase(0, gain_db, 0.5 + gain_db / 30),
            phrase(5, 50 + gain_db, 1.0),
            phrase(10, abs(gain_db), 0.5 + gain_db / 30),
            *([phrase(15, gain_db, 0.5)] if gain_db < 6 else []),
        ]
        for gain_db in GAINS_DB
    ]
    found = judge_ladder(ladder)
    assert (found["phrases"], found["ratio_follows"], found["index_follows"]) == (4, 2, 3)
    assert found["index_at_its_end"] == 1
    assert found["failed"] == [[10, 12], [15, 17]]
    summary = summarise([Case("a", {OURS: found}), Case("b", {OURS: {**found, "ratio_follows": 4, "phrases": 4}})])
    assert (summary.figures["phrases"], summary.figures["ratio_follows"]) == (8, 0.75)


def test_a_song_without_phrases_is_absent() -> None:
    with pytest.raises(AbsentError):
        judge_ladder([[] for _ in GAINS_DB])
