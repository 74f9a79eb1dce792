"""Tone, echoes and dynamics that differ by section; build-ups and stops, as proposals; all taken back to the byte."""

from dataclasses import replace

import numpy as np
import pytest

from tests.documents import lane, make_mix
from tests.documents import move as plain_move
from tests.facts import ask, open_song
from tests.tasks.pacing.test_arrangement import with_kick
from tests.tasks.pacing.test_pacing import FORM, formed
from tonmeister.document.facts import SongFacts
from tonmeister.document.fold import fold
from tonmeister.document.mix import Brief, Mix
from tonmeister.document.move import (
    AmountChange,
    BandChange,
    BusChange,
    Expectation,
    InsertChange,
    Move,
    MuteChange,
    SendChange,
    SendRideChange,
)
from tonmeister.document.strip import Bus, Insert, Send
from tonmeister.document.text import canonical, from_text, to_text
from tonmeister.knowledge.rows import arcs
from tonmeister.processing import Band, Compressor, Delay, Sweep, Width
from tonmeister.tasks import pacing
from tonmeister.tasks.pacing import buildups


def paced(mix: Mix, facts: SongFacts) -> dict[str, Move]:
    return {move.id: move for move in ask(pacing.propose, facts, mix=mix)}


def with_moves(arc: str, *moves: Move) -> tuple[Mix, dict[str, Move]]:
    facts = formed()
    mix = fold(open_song(facts, brief=Brief(arc=arc)).model_copy(update={"moves": moves}))
    return mix, paced(mix, facts)


def delay_moves() -> tuple[Move, ...]:
    effect = Bus(id="delay", name="Delay", kind="effect", inserts=(Insert(id="delay", slot="tone", processor=Delay()),))
    send = Send(bus="delay", level_db=lane((0.0, -12.0)))
    return (
        plain_move("bus", BusChange(bus=effect), bus="delay"),
        plain_move("send", SendChange(send=send), track="vox", order=1),
    )


def test_the_echo_of_a_lead_goes_with_the_sections_on_top_of_what_is_sent() -> None:
    mix, moves = with_moves("slow-burn", *delay_moves())
    change = moves["pacing.vox.echo"].change
    assert isinstance(change, SendRideChange)
    after = fold(
        mix.model_copy(
            update={"moves": (*mix.moves, moves["pacing.vox.echo"].model_copy(update={"depends_on": (), "order": 500}))}
        )
    )
    level_db = after.track("vox").strip.sends[0].level_db
    wanted = arcs()["slow-burn"].echo_db
    for label, start_s, _ in FORM[1:]:
        assert level_db.at(start_s + 1.0) == pytest.approx(-12.0 + wanted[label], abs=0.01)  # type: ignore[index]  # the scene has that label


def squeezed(threshold_db: float) -> Move:
    insert = Insert(id="compressor", slot="dynamics", processor=Compressor(threshold_db=threshold_db, ratio=8))
    return plain_move("dynamics.pad.compressor", InsertChange(insert=insert), track="pad").model_copy(
        update={"task": "dynamics"}
    )


def test_a_compressor_that_would_press_one_section_is_heard_less_there() -> None:
    """A ratio of 8 takes 7 dB from what is 8 dB over the rest; 2 dB over the middle one are left, the share in twentieths."""
    form = [("verse", 0.0, 6.0), ("verse", 6.0, 12.0), ("chorus", 12.0, 18.0), ("verse", 18.0, 28.0)]
    facts = formed(form)
    level_db = 20 * np.log10(float(np.median(facts["pad"].curves.rms_10ms[100:500]))) + 3.01
    mix = fold(open_song(facts, brief=Brief(arc="gentle")).model_copy(update={"moves": (squeezed(level_db),)}))
    move = paced(mix, facts)["pacing.pad.compressor-eased"]
    assert isinstance(move.change, AmountChange)
    assert [move.change.amount.at(time) for time in (2.0, 8.0, 20.0)] == [1.0, 1.0, 1.0]
    assert 0.3 < move.change.amount.at(14.0) < 0.8
    assert move.depends_on[0] == "dynamics.pad.compressor"
    after = fold(
        mix.model_copy(update={"moves": (*mix.moves, move.model_copy(update={"depends_on": (), "order": 500}))})
    )
    assert after.track("pad").strip.inserts[0].amount == move.change.amount
    assert from_text(to_text(canonical(after))) == canonical(after)


def test_settings_that_do_no_harm_are_told_to_be_so() -> None:
    _, moves = with_moves("gentle", squeezed(-10.0))
    assert "none that suits one does harm in another" in moves["pacing.settings.nothing"].title


def test_a_cut_for_a_voice_rests_where_the_voice_does() -> None:
    cut = plain_move(
        "masking.pad.vox-1000", BandChange(slot="masking", band=Band(frequency_hz=1000, gain_db=-3.0)), track="pad"
    )
    promise = Expectation(
        metric="audibility_db", value=1.0, before=0.0, tolerance=0.5, unit="dB", scope="mix", track="vox"
    )
    _, moves = with_moves("gentle", cut.model_copy(update={"expects": promise}))
    change = moves["pacing.pad.cuts-rest"].change
    assert isinstance(change, AmountChange)
    assert change.amount.at(0.5) == 0.0  # the intro: nobody sings
    assert change.amount.at(14.0) == 1.0


def test_without_what_it_moves_a_share_is_moved_nowhere() -> None:
    change = AmountChange(insert="no-such", amount=lane((0.0, 0.0), law="linear_gain"))
    mix = make_mix((plain_move("amount", change, track="bass"),))
    assert mix.track("bass").strip == make_mix(()).track("bass").strip


def test_build_ups_and_stops_end_on_the_first_beat_and_are_only_proposed() -> None:
    facts = with_kick()
    bus = plain_move("routing.music.bus", BusChange(bus=Bus(id="music", name="Music")), bus="music")
    mix = fold(open_song(facts).model_copy(update={"moves": (bus,)}))
    found = [move for move in ask(pacing.propose, facts, mix=mix) if move.state == "proposed"]
    by_id = {move.id: move for move in found}
    sweep, narrow = by_id["pacing.music.build-up"].change, by_id["pacing.music.narrowing"].change
    assert isinstance(sweep, InsertChange)
    assert isinstance(narrow, InsertChange)
    assert isinstance(sweep.insert.processor, Sweep)
    assert isinstance(narrow.insert.processor, Width)
    for change in (sweep, narrow):
        amount = change.insert.amount
        assert amount is not None
        assert (amount.at(0.0), amount.at(3.97), amount.at(4.0)) == (0.0, 1.0, 0.0)
    stops = [move for move in found if move.id.endswith(".stop")]
    assert stops
    assert all(isinstance(move.change, MuteChange) for move in stops)
    assert all(move.depends_on == (stops[0].id,) for move in stops[1:])
    assert [stops[0].change.mute.at(t) for t in (3.4, 3.6, 4.0)] == [0.0, 1.0, 0.0]  # type: ignore[union-attr]  # another change fails the test
    assert fold(mix.model_copy(update={"moves": (*mix.moves, *found)})).buses == mix.buses


def test_without_bars_nothing_is_built_up() -> None:
    facts = replace(with_kick(), time_line=None)
    assert not [move for move in ask(pacing.propose, facts) if move.id.endswith((".build-up", ".narrowing", ".stop"))]
    assert buildups.swell_lane((1.0, 3.0), at_once=True).points[0].value == 0.0
