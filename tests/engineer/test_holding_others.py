"""Rejecting one thing changes only what has to do with it (issue: a person stays in control)."""

import json

import pytest

from tests.engineer.test_in_time import decided
from tests.facts import open_song, shaped_noise, song_facts, track_facts
from tests.tasks.masking.songs import COVER, LEAD
from tonmeister.document.facts import SongFacts
from tonmeister.document.fold import fold
from tonmeister.document.lane import constant
from tonmeister.document.mix import Mix
from tonmeister.document.move import BandChange, Change, FaderChange, InsertChange, Move, PanChange
from tonmeister.engineer.decide import decide_mix, decide_strips, predict_all
from tonmeister.engineer.deciding import Decided
from tonmeister.engineer.holding_others import hold_others, touched_since_solve
from tonmeister.processing import DynamicEqualiser


def song() -> tuple[SongFacts, Mix]:
    """Return a lead under two pads that give way for it."""
    vox = track_facts("vox", shaped_noise(LEAD, rms_db=-30), "lead vocal")
    pads = [track_facts(f"pad{n}", shaped_noise(COVER, rms_db=-18, seed=n), "keys") for n in (1, 2)]
    facts = song_facts([vox, *pads])
    return facts, decide_mix(decide_strips(open_song(facts), facts), facts, None)


def cuts(mix: Mix, track: str) -> dict[str, Move]:
    return {move.id: move for move in mix.moves if move.task == "masking" and move.where.track == track}


def moved(move: Move) -> Move:
    """Return a cut at another frequency."""
    change = move.change
    if isinstance(change, BandChange):
        band = change.band.model_copy(update={"frequency_hz": change.band.frequency_hz + 50})
        return move.model_copy(update={"change": BandChange(slot="masking", band=band)})
    assert isinstance(change, InsertChange)
    assert isinstance(change.insert.processor, DynamicEqualiser)
    (keyed,) = change.insert.processor.bands
    processor = DynamicEqualiser(bands=(keyed.model_copy(update={"frequency_hz": keyed.frequency_hz + 50}),))
    insert = change.insert.model_copy(update={"processor": processor})
    return move.model_copy(update={"change": InsertChange(insert=insert)})


def solved_anew(facts: SongFacts, former: Mix, *, faders: dict[str, float]) -> Decided:
    """Return another solution: every cut sits elsewhere, and so do some faders."""

    def other(move: Move) -> Move:
        if move.task == "masking" and isinstance(move.change, BandChange | InsertChange):
            return moved(move)
        by_db = faders.get(move.where.track or "")
        if move.task != "balance" or by_db is None or not isinstance(move.change, FaderChange):
            return move
        return move.model_copy(update={"change": FaderChange(change_db=constant(by_db))})

    mix = fold(former.model_copy(update={"moves": tuple(other(move) for move in former.moves)}))
    return Decided(mix, facts, predict_all(mix, facts), {})


def changes(mix: Mix, track: str) -> list[Change]:
    return [move.change for move in cuts(mix, track).values()]


def test_cuts_of_tracks_of_which_neither_side_has_changed_stay_and_promise_what_they_do_now() -> None:
    facts, former = song()
    assert changes(former, "pad1")
    assert changes(former, "pad2")
    found = hold_others(solved_anew(facts, former, faders={}), former, frozenset()).mix
    for track in ("pad1", "pad2"):
        assert changes(found, track) == changes(former, track)
        for move in cuts(found, track).values():
            assert move.expects is not None
            assert move.expects.before is not None
            assert move.expects.value > move.expects.before


@pytest.mark.parametrize("touched", [frozenset({"pad1"}), frozenset()])
def test_what_a_person_touched_or_what_stands_elsewhere_is_decided_anew(touched: frozenset[str]) -> None:
    facts, former = song()
    new = solved_anew(facts, former, faders={} if touched else {"pad1": -9.0})
    found = hold_others(new, former, touched).mix
    assert changes(found, "pad1") == changes(new.mix, "pad1")
    assert changes(found, "pad2") == changes(former, "pad2")


def test_nobody_new_gives_way_for_a_track_that_was_touched() -> None:
    facts, former = song()
    without = tuple(move for move in former.moves if not (move.task == "masking" and move.where.track == "pad2"))
    before = fold(former.model_copy(update={"moves": without}))
    found = hold_others(solved_anew(facts, former, faders={}), before, frozenset({"vox"})).mix
    assert not cuts(found, "pad2")
    assert cuts(found, "pad1")


def test_the_ride_of_a_track_stays_unless_that_track_was_touched() -> None:
    facts, former = decided()
    ride = next(move for move in former.moves if move.id == "automation.vox.ride")
    other = ride.model_copy(update={"change": FaderChange(change_db=constant(1.0))})
    new = fold(former.model_copy(update={"moves": tuple(other if m.id == ride.id else m for m in former.moves)}))
    for touched, change in ((frozenset[str](), ride.change), (frozenset({"vox"}), other.change)):
        found = hold_others(Decided(new, facts, predict_all(new, facts), {}), former, touched).mix
        assert next(move for move in found.moves if move.id == ride.id).change == change


def test_other_tracks_keep_their_side_where_one_became_louder_and_that_one_goes_where_it_is_needed() -> None:
    """Before, one rejected fader swapped the sides of all others."""
    facts, former = song()
    pans = {move.where.track: move for move in former.moves if move.task == "panning"}
    assert {"pad1", "pad2"} <= set(pans)

    def swapped(move: Move) -> Move:
        if not isinstance(move.change, PanChange):
            return move
        return move.model_copy(update={"change": PanChange(pan=constant(-move.change.pan.points[0].value, law="linear_gain"))})  # fmt: skip

    new = fold(former.model_copy(update={"moves": tuple(swapped(move) for move in former.moves)}))
    found = hold_others(Decided(new, facts, predict_all(new, facts), {}), former, frozenset({"pad1"})).mix
    assert found.track("pad2").strip.pan == former.track("pad2").strip.pan
    assert found.track("pad1").strip.pan == former.track("pad1").strip.pan  # beside pad2 on its side, it is needed here


def test_what_was_touched_counts_from_the_last_solve_on_with_whom_it_was_for() -> None:
    _, mix = song()
    cut = next(iter(cuts(mix, "pad1").values()))
    lines = [
        {"why": "mix", "changed": []},
        {"why": "rejected balance.pad2.fader", "changed": ["tracks.pad2.strip.fader_db.points"]},
        {"why": "solve", "changed": ["tracks.pad2.strip.inserts"]},
        {"why": f"rejected {cut.id}", "changed": [f"moves.{cut.id}.state", "tracks.pad1.strip.inserts"]},
    ]
    journal = "".join(json.dumps(line) + "\n" for line in lines)
    assert touched_since_solve(journal, mix) == {"pad1", "vox"}
    assert touched_since_solve("", mix) == frozenset()
