"""What holds for every task on any song."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.facts import audio, changed, open_song, song_facts, tiny_tracks, track_facts
from tests.tiny_song import STEMS, stem
from tonmeister.analysis.track_meter import TrackFigures
from tonmeister.document.facts import SongFacts, TrackFacts
from tonmeister.document.mix import Mix
from tonmeister.document.move import BandChange, BusChange, InsertChange, Move, RouteChange
from tonmeister.engineer.budgets import measure_budgets
from tonmeister.engineer.decide import decide_mix, decide_strips, keep_settled
from tonmeister.knowledge import roles
from tonmeister.knowledge.rows import table
from tonmeister.processing import Compressor

BUDGETS = list(table("budgets"))
ROLES = [name for name in roles() if name != "mixture"]


def decide(facts: SongFacts, *, budget: str = "balanced") -> Mix:
    return decide_mix(decide_strips(open_song(facts, budget=budget), facts), facts, None)


@st.composite
def wild_songs(draw: st.DrawFn) -> SongFacts:
    """Return a song of sounds at levels and in roles that nobody would give them."""
    tracks = []
    for place in range(draw(st.integers(1, 5))):
        sound = stem(draw(st.sampled_from(STEMS)))
        if draw(st.booleans()):
            sound = np.concatenate([sound, np.roll(sound, 480, axis=1)])[:2]
        gain_db = draw(st.sampled_from((-50.0, -20.0, 0.0, 10.0)))
        tracks.append(track_facts(f"t{place}", audio(sound, gain_db=gain_db), draw(st.sampled_from(ROLES))))
    return song_facts(tracks, premixed=draw(st.booleans()), tempo_bpm=draw(st.sampled_from((None, 60.0, 187.0))))


@settings(max_examples=25)
@given(wild_songs(), st.sampled_from(BUDGETS))
def test_no_budget_is_exceeded_whatever_comes_in(facts: SongFacts, budget: str) -> None:
    mix = decide(facts, budget=budget)
    for use in measure_budgets(mix, facts, None, None):
        assert use.used <= use.limit + 0.005, use  # settings have five decimals, uses two
    for track in mix.tracks:
        cuts = [m for m in mix.moves if m.task == "masking" and m.where.track == track.id]
        assert len(cuts) <= mix.budget.masking_cuts
    for move in mix.moves:
        if isinstance(move.change, BandChange):
            assert abs(move.change.band.gain_db) <= mix.budget.eq_gain_db
        if (
            isinstance(move.change, InsertChange)
            and isinstance(move.change.insert.processor, Compressor)
            and move.expects
        ):
            assert move.expects.value <= mix.budget.gain_reduction_db + 0.1  # thresholds have one decimal
    assert mix.master.target_lufs is not None
    assert mix.master.target_lufs <= mix.budget.loudest_master_lufs


@settings(max_examples=10)
@given(wild_songs())
def test_every_move_cites_a_measurement_and_promises_what_can_be_checked(facts: SongFacts) -> None:
    for move in decide(facts).moves:
        assert move.because, move.id
        assert all(np.isfinite(found.value) and found.source and found.unit for found in move.because), move.id
        assert move.title
        assert "  " not in move.title
        if move.expects is not None and move.expects.before is not None:
            promised = abs(move.expects.value - move.expects.before)
            assert 0 < move.expects.tolerance <= promised / 2 + 0.02, move.id  # values have two decimals
            assert promised >= 0.49, move.id


@settings(max_examples=10)
@given(wild_songs())
def test_moves_depend_on_moves_that_are_there_and_touch_what_is_there(facts: SongFacts) -> None:
    mix = decide(facts)
    ids = {move.id for move in mix.moves}
    buses = {bus.id for bus in mix.buses}
    for move in mix.moves:
        assert set(move.depends_on) <= ids
        assert move.where.track is None or move.where.track in {track.id for track in mix.tracks}
        assert move.where.bus is None or move.where.bus in buses | {"master"}
        if isinstance(move.change, RouteChange):
            assert move.change.output in buses


def test_tracks_that_are_to_be_left_alone_are_not_touched_but_for_their_group() -> None:
    tracks = [changed(track, leave_alone=True) for track in tiny_tracks().values()]
    assert {move.task for move in decide(song_facts(tracks)).moves if move.where.track} <= {"balance"}
    only = [move for move in decide(song_facts(tracks)).moves if move.where.track is not None]
    assert all(isinstance(move.change, RouteChange) for move in only)


def test_a_level_that_is_to_be_kept_is_kept() -> None:
    tracks = [changed(track, keep_level=track.id in ("kick", "lead-vox")) for track in tiny_tracks().values()]
    mix = decide(song_facts(tracks))
    for name in ("kick", "lead-vox"):
        strip = mix.track(name).strip
        assert strip.fader_db.points[0].value == pytest.approx(-strip.trim_db)
    assert {"balance.bass-di.fader", "balance.keys.fader"} <= {move.id for move in mix.moves}


def test_names_change_nothing_but_names() -> None:
    tracks = list(tiny_tracks().values())
    other = [changed(track, id=f"q{9 - place}", name=f"q{9 - place}") for place, track in enumerate(tracks)]
    first, second = decide(song_facts(tracks)), decide(song_facts(other))
    back = {new.id: old.id for old, new in zip(tracks, other, strict=True)}
    assert [_nameless(move, {}) for move in first.moves] == [_nameless(move, back) for move in second.moves]


def test_what_is_decided_once_is_decided_again() -> None:
    facts = song_facts(list(tiny_tracks().values()))
    assert decide(facts) == decide(facts)


def test_a_re_solve_keeps_what_a_person_settled_and_proposes_the_rest_again() -> None:
    facts = song_facts(list(tiny_tracks().values()))
    first = decide(facts)
    states = {"staging.keys.trim": "rejected", "balance.kick.fader": "locked"}
    moves = tuple(
        move.model_copy(
            update={"state": states.get(move.id, move.state), "set_by": "person" if move.id in states else "engine"}
        )
        for move in first.moves
    )
    kept = keep_settled(first.model_copy(update={"moves": moves}))
    assert {move.id for move in kept.moves} == set(states)
    again = decide_mix(decide_strips(kept, facts), facts, None)
    found = {move.id: move for move in again.moves}
    assert {name: found[name].state for name in states} == states
    assert found["balance.kick.fader"].change == next(m.change for m in first.moves if m.id == "balance.kick.fader")
    assert again.track("keys").strip.trim_db == 0
    assert len({move.id for move in again.moves}) == len(again.moves)


def test_a_song_of_one_silent_track_needs_no_more_than_a_master() -> None:
    silent = track_facts("a", audio(np.zeros(48_000)), "lead vocal")
    mix = decide(song_facts([silent]))
    assert {move.task for move in mix.moves} == {"mastering"}


def test_group_buses_come_before_what_goes_there() -> None:
    mix = decide(song_facts(list(tiny_tracks().values())))
    places = {move.id: place for place, move in enumerate(sorted(mix.moves, key=lambda move: move.order))}
    for move in mix.moves:
        assert all(places[name] < places[move.id] for name in move.depends_on)
    assert [move.change.bus.id for move in mix.moves if isinstance(move.change, BusChange)] == [
        "drums", "music", "plate", "room", "delay",
    ]  # fmt: skip


def _nameless(move: Move, names: dict[str, str]) -> str:
    text = move.model_dump_json(exclude={"title", "because", "alternatives"})
    for new, old in names.items():
        text = text.replace(new, old)
    return text


def test_stereo_stems_of_a_humans_balance_are_not_compressed_and_mono_takes_among_them_are() -> None:
    """The artists mixed them with these dynamics; only their esses may still be softened."""

    def compressed(*, premixed: bool, wide: bool) -> bool:
        tracks = dict(tiny_tracks())
        lead = tracks.pop("lead-vox")
        if wide:
            lead = TrackFacts(lead.track.model_copy(update={"channels": 2}), stereo_figures(lead), lead.curves)
        mix = decide(song_facts([lead, *tracks.values()], premixed=premixed))
        return any(isinstance(insert.processor, Compressor) for insert in mix.track("lead-vox").strip.inserts)

    assert compressed(premixed=False, wide=True)
    assert compressed(premixed=True, wide=False)
    assert not compressed(premixed=True, wide=True)


def stereo_figures(track: TrackFacts) -> TrackFigures:
    """Return the figures as if the channels differed."""
    stereo = track.figures.stereo.model_copy(update={"correlation": 0.8})
    return track.figures.model_copy(update={"stereo": stereo, "channels": 2})
