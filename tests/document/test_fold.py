import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.documents import make_mix, move, usual_moves
from tonmeister.document.fold import applied_moves, fold
from tonmeister.document.lane import constant
from tonmeister.document.mix import Mix
from tonmeister.document.move import (
    BandChange,
    BusChange,
    BusEdit,
    Change,
    DelayChange,
    FaderChange,
    InsertChange,
    Move,
    MuteChange,
    Nothing,
    PanChange,
    PolarityChange,
    RouteChange,
    SendChange,
    StripEdit,
    TargetChange,
    TrimChange,
    WidthChange,
)
from tonmeister.document.strip import MASTER, Bus, Insert, Send, Strip
from tonmeister.document.text import canonical
from tonmeister.errors import DocumentError
from tonmeister.processing import Band, Compressor, Equaliser, Gain


def strip_of(*moves: Move, track: str = "bass") -> Strip:
    return make_mix(moves).track(track).strip


def test_each_change_of_a_strip_sets_its_field() -> None:
    changes: tuple[Change, ...] = (
        PolarityChange(inverted=True), DelayChange(delay_frames=-48), TrimChange(trim_db=-2.0), PanChange(pan=constant(0.4)),
        WidthChange(width=1.5), MuteChange(mute=constant(1.0, law="hold")), FaderChange(change_db=constant(-3.0)), Nothing(),
    )  # fmt: skip
    strip = strip_of(*(move(str(place), change, track="bass") for place, change in enumerate(changes)))
    assert strip == Strip(
        polarity_inverted=True, delay_frames=-48, trim_db=-2.0, pan=constant(0.4), width=1.5, mute=constant(1.0, law="hold"),
        fader_db=constant(-3.0),
    )  # fmt: skip


def test_fader_moves_add_up_and_other_settings_replace() -> None:
    moves = [move(f"f{change}", FaderChange(change_db=constant(change)), track="bass") for change in (-3.0, 1.5)]
    moves += [move(f"t{trim}", TrimChange(trim_db=trim), track="bass") for trim in (5.0, 2.0)]
    strip = strip_of(*moves)
    assert (strip.fader_db, strip.trim_db) == (constant(-1.5), 2.0)


def test_moves_apply_in_rising_order_whatever_their_place_in_the_list() -> None:
    late = move("late", TrimChange(trim_db=1.0), track="bass", order=20)
    early = move("early", TrimChange(trim_db=2.0), track="bass", order=10)
    assert strip_of(late, early).trim_db == strip_of(early, late).trim_db == 1.0


def test_bands_of_one_slot_share_an_equaliser_and_slots_run_in_their_order() -> None:
    compressor = Insert(id="compressor", slot="dynamics", processor=Compressor())
    bands = [Band(frequency_hz=hz, gain_db=-2, q=1) for hz in (200.0, 400.0, 3000.0)]
    strip = strip_of(
        move("3", BandChange(slot="masking", band=bands[2]), track="bass"),
        move("c", InsertChange(insert=compressor), track="bass"),
        move("1", BandChange(slot="corrective", band=bands[0]), track="bass"),
        move("2", BandChange(slot="corrective", band=bands[1]), track="bass"),
    )
    assert [insert.id for insert in strip.inserts] == ["corrective-eq", "compressor", "masking-eq"]
    assert strip.inserts[0].processor == Equaliser(bands=(bands[0], bands[1]))


def test_an_insert_of_the_same_id_is_replaced_in_its_place() -> None:
    inserts = [Insert(id="gain", slot="tone", processor=Gain(gain_db=gain)) for gain in (1.0, 2.0)]
    strip = strip_of(*(move(str(n), InsertChange(insert=one), track="bass") for n, one in enumerate(inserts)))
    assert strip.inserts == (inserts[1],)


def test_a_send_to_the_same_bus_is_replaced() -> None:
    plate = move("bus", BusChange(bus=Bus(id="plate", name="Plate", kind="effect")), order=1)
    sends = [
        move(str(level), SendChange(send=Send(bus="plate", level_db=constant(level))), track="bass")
        for level in (-9.0, -12.0)
    ]
    assert strip_of(plate, *sends).sends == (Send(bus="plate", level_db=constant(-12.0)),)


@pytest.mark.parametrize("state", ["rejected", "proposed"])
def test_what_is_not_accepted_is_not_applied_nor_what_depends_on_it(state: str) -> None:
    moves = [one.model_copy(update={"state": state}) if one.id == "bus.low" else one for one in usual_moves()]
    mix = make_mix(moves)
    assert [bus.id for bus in mix.buses] == ["plate"]
    assert mix.track("bass").strip == Strip(fader_db=constant(-3.0))


def test_locked_moves_are_applied() -> None:
    moves = [one.model_copy(update={"state": "locked"}) for one in usual_moves()]
    assert make_mix(moves).track("bass").strip == make_mix(usual_moves()).track("bass").strip


def test_moves_that_depend_on_each_other_or_on_nothing_there_are_left_out() -> None:
    circle = [move(name, Nothing(), depends_on=(other,)) for name, other in (("a", "b"), ("b", "a"), ("c", "nobody"))]
    assert applied_moves(tuple(circle)) == []


@given(st.sets(st.sampled_from([one.id for one in usual_moves()])), st.randoms(use_true_random=False))
def test_folding_twice_changes_nothing_and_the_order_of_the_list_does_not_matter(
    rejected: set[str], chance: random.Random
) -> None:
    moves = [one.model_copy(update={"state": "rejected"}) if one.id in rejected else one for one in usual_moves()]
    mix = make_mix(moves)
    assert canonical(fold(mix)) == mix
    chance.shuffle(moves)
    assert _sound(make_mix(moves)) == _sound(mix)


def test_master_changes_reach_the_chain() -> None:
    mix = make_mix(usual_moves())
    assert (mix.master.target_lufs, mix.master.ceiling_dbtp, mix.master.drive_db) == (-14.0, -1.0, 3.0)


def test_an_edited_strip_survives_the_loss_of_its_buses() -> None:
    """A person's fader is not to be lost because the group or the reverb went."""
    edited = make_mix(usual_moves()).track("vox").strip.model_copy(update={"fader_db": constant(-7.0), "output": "low"})
    edit = move("edit", StripEdit(strip=edited), track="vox", order=99, state="locked")
    both = make_mix((*usual_moves(), edit)).track("vox").strip
    alone = make_mix((edit,)).track("vox").strip
    assert both == edited
    assert alone == Strip(fader_db=constant(-7.0))


def test_an_edited_bus_survives_the_loss_of_the_group_that_it_goes_to() -> None:
    edit = move("edit", BusEdit(bus=Bus(id="kit", name="Kit", output="low")), bus="kit", order=99)
    outputs = [
        {bus.id: bus.output for bus in make_mix(moves).buses}["kit"] for moves in ((*usual_moves(), edit), (edit,))
    ]
    assert outputs == ["low", MASTER]


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (move("x", TrimChange(trim_db=1), track="nobody"), "touches track 'nobody'"),
        (move("x", WidthChange(width=1), bus="nobody"), "touches bus 'nobody'"),
        (move("x", TrimChange(trim_db=1), bus="low", order=99), "cannot apply to a bus"),
        (move("x", TrimChange(trim_db=1), bus=MASTER), "cannot apply to the master"),
        (move("x", TargetChange(target_lufs=-9, ceiling_dbtp=-1), track="bass"), "cannot apply to a track"),
    ],
)
def test_a_move_that_cannot_apply_is_refused_in_a_sentence(bad: Move, says: str) -> None:
    with pytest.raises(DocumentError, match=says):
        make_mix((*usual_moves(), bad))


def test_a_bus_takes_moves_like_a_strip() -> None:
    quieter = move("quieter", FaderChange(change_db=constant(-2.0)), bus="low")
    route = move("route", RouteChange(output=MASTER), bus="low")
    assert make_mix((*usual_moves(), quieter, route)).buses[0].fader_db == constant(-2.0)


def _sound(mix: Mix) -> object:
    return mix.tracks, sorted(mix.buses, key=lambda bus: bus.id), mix.master
