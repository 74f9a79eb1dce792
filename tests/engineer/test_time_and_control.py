"""What moves in time obeys the person, too: scope, a new solve, another take; and no promise is broken by what moves later."""

import pytest

from tests.engineer.test_in_time import decided, with_state
from tests.facts import open_song
from tonmeister.document.fold import MOVING, fold, still, still_fader_db
from tonmeister.document.lane import Lane, Point
from tonmeister.document.mix import Brief, Mix
from tonmeister.document.move import Evidence, FaderChange, Move, MuteChange, Where
from tonmeister.engineer.decide import ask_tasks, decide_mix, decide_strips, keep_settled, place_again, predict_all
from tonmeister.engineer.deciding import Decided
from tonmeister.engineer.scoping import check_arc_scope, release, scope_of
from tonmeister.engineer.settling import settle
from tonmeister.errors import InputError
from tonmeister.tasks import automation


def moving(mix: Mix) -> dict[str, Move]:
    return {move.id: move for move in mix.moves if move.task in MOVING}


def touching(mix: Mix, *names: str) -> Mix:
    return mix.model_copy(update={"brief": mix.brief.model_copy(update={"touch": names})})


def mixed_anew(mix: Mix, *names: str) -> Mix:
    """Decide again with a scope, as `solve --touch` does."""
    facts, _ = decided()
    asked = touching(mix, *names)
    found = decide_mix(decide_strips(keep_settled(asked), facts), facts, None)
    return release(place_again(found, facts, predict_all(found, facts)), mix, scope_of(asked))


def test_no_arc_is_made_where_only_a_part_may_be_touched_and_rides_keep_to_it() -> None:
    facts, _ = decided()
    for names, rides in {("vox",): {"automation.vox.ride", "automation.vox.throws"}, ("pad",): {"automation.pad.handover"}}.items():  # fmt: skip
        opened = touching(open_song(facts), *names)
        found = moving(decide_mix(decide_strips(opened, facts), facts, None))
        assert set(found) == {*rides, "pacing.nothing"}
        assert f"only {names[0]} may be touched" in found["pacing.nothing"].title
    whole = touching(open_song(facts, brief=Brief(arc="slow-burn")), "all")
    assert any(name.startswith("pacing.") for name in moving(decide_mix(decide_strips(whole, facts), facts, None)))


def test_solving_a_part_leaves_the_arc_and_every_idea_for_the_rest_as_they_were() -> None:
    _, mix = decided()
    rest = Lane(law="linear_gain", points=(Point(time_s=0.0, value=1.0), Point(time_s=12.0, value=0.0)))
    idea = Move(
        id="pacing.pad.held-back", task="pacing", title="the pad waits", where=Where(track="pad"), change=MuteChange(mute=rest),
        because=(Evidence(what="rest", value=12.0, unit="s", source="test"),), state="proposed",
    )  # fmt: skip
    before = fold(mix.model_copy(update={"moves": (*mix.moves, idea)}))
    after = moving(mixed_anew(before, "vox"))
    kept = {name: move for name, move in moving(before).items() if name.startswith("pacing.") or move.where.track == "pad"}  # fmt: skip
    assert len(kept) > 4
    assert {name: after.get(name) for name in kept} == kept


def test_a_locked_part_of_an_arc_waits_for_its_bus_and_is_there_again() -> None:
    """Its bus is made anew by every solve."""
    facts, mix = decided()
    name = "pacing.plate.level"
    locked = with_state(mix, {name, "pacing.pad.level"}, "locked")
    settled = keep_settled(locked)
    assert not settled.buses
    found = decide_mix(decide_strips(settled, facts), facts, None)
    again = place_again(found, facts, predict_all(found, facts))
    assert moving(again)[name].change == moving(mix)[name].change
    assert not next(bus for bus in again.buses if bus.id == "plate").fader_db.is_constant


def test_solving_a_part_holds_the_buses_on_which_a_held_arc_rests() -> None:
    _, mix = decided()
    made = next(m for m in mix.moves if m.id == "space.plate.bus")
    asked = touching(mix, "plate")
    assert made.id in {m.id for m in keep_settled(asked).moves}
    assert {m.id: m for m in mixed_anew(mix, "plate").moves}[made.id].state == "accepted"


def test_an_arc_that_was_asked_for_needs_the_whole_song() -> None:
    with pytest.raises(InputError, match="moves the whole song, and --touch allows only vox"):
        check_arc_scope("slow-burn", ("vox",))
    for arc, touch in (("auto", ("vox",)), ("none", ("vox",)), ("slow-burn", ()), ("slow-burn", ("all",))):
        check_arc_scope(arc, touch)


@pytest.mark.parametrize(("by_db", "stays"), [(0.1, True), (1.0, False)])
def test_a_ride_that_would_go_the_same_way_stays_with_its_promise(by_db: float, *, stays: bool) -> None:
    facts, former = decided()
    ride = moving(former)["automation.vox.ride"]
    assert isinstance(ride.change, FaderChange)
    lane = ride.change.change_db
    points = (*lane.points[:1], *(p.model_copy(update={"value": round(p.value + by_db, 2)}) for p in lane.points[1:]))
    other = ride.model_copy(
        update={"change": FaderChange(change_db=lane.model_copy(update={"points": points})), "title": "new"}
    )
    moves = tuple(other if move.id == ride.id else move for move in former.moves)
    new = fold(former.model_copy(update={"moves": moves}))
    settled = settle(Decided(new, facts, predict_all(new, facts), {}), former)
    assert moving(settled.mix)[ride.id] == (ride if stays else other)


def test_an_arc_on_other_points_of_time_that_goes_the_same_way_stays() -> None:
    facts, former = decided()
    level = moving(former)["pacing.pad.level"]
    assert isinstance(level.change, FaderChange)
    lane = level.change.change_db
    more = lane.model_copy(update={"points": (*lane.points, lane.points[-1].model_copy(update={"time_s": 43.0}))})
    other = level.model_copy(update={"change": FaderChange(change_db=more)})
    moves = tuple(other if move.id == level.id else move for move in former.moves)
    new = fold(former.model_copy(update={"moves": moves}))
    assert moving(settle(Decided(new, facts, predict_all(new, facts), {}), former).mix)[level.id] == level


def test_a_compressor_that_the_arc_eases_promises_nothing_of_its_own() -> None:
    _, mix = decided()
    moves = {move.id: move for move in mix.moves}
    assert moves["pacing.master.glue"].expects is not None
    assert moves["mastering.glue.compressor"].expects is None
    facts, _ = decided()
    plain = decide_mix(decide_strips(open_song(facts, brief=Brief(arc="none")), facts), facts, None)
    assert next(move for move in plain.moves if move.id == "mastering.glue.compressor").expects is not None


def test_the_mix_at_rest_has_its_faders_where_they_stand_without_rides() -> None:
    _, mix = decided()
    at_rest = still(mix)
    for track in at_rest.tracks:
        assert track.strip.fader_db.is_constant
        assert track.strip.fader_db.points[0].value == still_fader_db(mix, track.id)
    assert not mix.track("vox").strip.fader_db.is_constant
    assert still(at_rest) is at_rest


def test_rides_of_one_track_are_made_anew_alone() -> None:
    """As for another take: every other move stays."""
    facts, mix = decided()
    heard = predict_all(mix, facts)
    gone = fold(mix.model_copy(update={"moves": tuple(m for m in mix.moves if not m.id.startswith("automation.vox"))}))
    again = ask_tasks(gone, facts, (automation.propose,), track_id="vox", heard=heard)
    assert again.brief == mix.brief
    assert {move.id for move in again.moves} - {move.id for move in gone.moves} == {"automation.vox.ride", "automation.vox.throws"}  # fmt: skip
    assert {move.id: move for move in again.moves if move.id in {m.id for m in gone.moves}} == {
        m.id: m for m in gone.moves
    }


def test_a_locked_part_of_an_arc_leaves_every_other_ride_where_it_is() -> None:
    """The lead's lines and the other groups were planned against a mix that stands still, and are again."""
    facts, mix = decided()
    locked = with_state(mix, {"pacing.pad.level"}, "locked")
    found = decide_mix(decide_strips(keep_settled(locked), facts), facts, None)
    before, after = moving(mix), moving(found)
    assert set(after) == set(before)
    assert {name: move.change for name, move in after.items()} == {name: move.change for name, move in before.items()}
