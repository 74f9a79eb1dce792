import numpy as np
import pytest

from tests.facts import ask, audio, changed, shaped_noise, song_facts, track_facts
from tonmeister.document.facts import SongFacts
from tonmeister.document.move import BandChange, Move, Nothing
from tonmeister.tasks import masking

LEAD = [(20, -60), (200, -10), (300, 0), (4000, 0), (6000, -20), (20_000, -60)]
COVER = [(20, -30), (80, 0), (600, 0), (700, -8), (3000, -8), (4000, -30), (20_000, -60)]
"""Strong where it needs to be (80 to 600 Hz), and in the way above."""


def covered(*, gap_db: float = 12.0, premixed: bool = False, **fields: object) -> SongFacts:
    vox = track_facts("vox", shaped_noise(LEAD, rms_db=-30), "lead vocal")
    pad = changed(track_facts("pad", shaped_noise(COVER, rms_db=-30 + gap_db, seed=1), "keys"), **fields)
    return song_facts([vox, pad], premixed=premixed)


def cuts(moves: list[Move]) -> list[Move]:
    return [move for move in moves if isinstance(move.change, BandChange)]


def test_what_covers_the_lead_gives_way_where_it_does_not_need_the_band() -> None:
    found = cuts(ask(masking.propose, covered()))
    assert 1 <= len(found) <= 3
    for move in found:
        assert isinstance(move.change, BandChange)
        assert move.where.track == "pad"
        assert -3 <= move.change.band.gain_db <= -1
        assert 600 <= move.change.band.frequency_hz <= 6000
        assert move.expects is not None
        assert (move.expects.track, move.expects.metric) == ("vox", "audibility_db")
        assert move.expects.value > (move.expects.before or 0)


def test_cuts_stand_at_least_half_an_octave_apart() -> None:
    found = [
        m.change.band.frequency_hz
        for m in cuts(ask(masking.propose, covered(gap_db=20)))
        if isinstance(m.change, BandChange)
    ]
    distances = np.abs(np.diff(np.log2(sorted(found))))
    assert len(found) >= 2
    assert (distances >= 0.5).all()


@pytest.mark.parametrize(("budget", "most"), [("transparent", 1), ("balanced", 3), ("bold", 4)])
def test_the_budget_says_how_many(budget: str, most: int) -> None:
    assert 1 <= len(cuts(ask(masking.propose, covered(gap_db=24), budget=budget))) <= most


def test_finished_stems_get_one_shallow_cut_at_most() -> None:
    found = cuts(ask(masking.propose, covered(premixed=True)))
    assert len(found) <= 1
    assert all(isinstance(m.change, BandChange) and m.change.band.gain_db >= -1.5 for m in found)


@pytest.mark.parametrize(
    "fields",
    [{"gap_db": -20.0}, {"leave_alone": True}, {"priority": 2.0}],
    ids=["no masking", "to be left alone", "as important"],
)
def test_where_no_cut_is_due_the_task_says_so(fields: dict[str, float]) -> None:
    (move,) = ask(masking.propose, covered(**fields))  # type: ignore[arg-type]  # parametrised fields
    assert isinstance(move.change, Nothing)
    assert move.because[0].limit == 3.0


def test_without_anything_to_uncover_there_is_nothing_to_say() -> None:
    vox = track_facts("vox", shaped_noise(LEAD), "lead vocal")
    pads = [track_facts(f"p{n}", shaped_noise(COVER, seed=n), "keys") for n in range(2)]
    silent = track_facts("s", audio(np.zeros(48_000)), "keys")
    assert [ask(masking.propose, song_facts(tracks)) for tracks in ([vox], pads, [vox, silent])] == [[], [], []]
