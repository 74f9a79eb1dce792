import numpy as np
import pytest

from tests.facts import ask, audio, changed, open_song, song_facts, tiny_tracks, track_facts
from tests.sounds import noise
from tests.tiny_song import stem
from tonmeister.document.facts import SongFacts, TrackFacts
from tonmeister.document.mix import Brief
from tonmeister.document.move import BusChange, InsertChange, Move, SendChange
from tonmeister.engineer.decide import predict_all
from tonmeister.processing import Compressor, Delay, Reverb
from tonmeister.processing.compressor import CompressorStream
from tonmeister.processing.stream import run_stream
from tonmeister.tasks import Work, space
from tonmeister.tasks.levels import find_levels
from tonmeister.tasks.wet import return_of


def sends(moves: list[Move]) -> dict[tuple[str, str], float]:
    return {
        (str(m.where.track), m.change.send.bus): m.change.send.level_db.points[0].value
        for m in moves
        if isinstance(m.change, SendChange)
    }


def buses(moves: list[Move]) -> dict[str, object]:
    return {m.change.bus.id: m.change.bus.inserts[0].processor for m in moves if isinstance(m.change, BusChange)}


def longer(track: TrackFacts) -> TrackFacts:
    """Return the track as if it played for a minute."""
    levels = track.figures.levels.model_copy(update={"active_s": 60.0})
    return TrackFacts(track.track, track.figures.model_copy(update={"levels": levels}), track.curves)


def tiny(**song: float | None) -> SongFacts:
    return song_facts(list(tiny_tracks().values()), **song)  # type: ignore[arg-type]  # fields of Song by name


def test_voices_go_to_the_plate_other_dry_tracks_to_the_room_the_lead_to_a_delay() -> None:
    moves = ask(space.propose, tiny())
    assert sends(moves) == {
        ("lead-vox", "plate"): -12, ("lead-vox", "delay"): -18, ("snare", "room"): -15, ("keys", "room"): -18.5,
        ("gtr-l", "room"): -20,
    }  # fmt: skip
    assert set(buses(moves)) == {"plate", "room", "delay"}


@pytest.mark.parametrize(
    ("tempo", "delay_ms", "decay_s"), [(120.0, 250.0, 1.5), (60.0, 500.0, 2.6), (187.0, 320.86, 0.96)]
)
def test_plate_and_delay_follow_the_tempo(tempo: float, delay_ms: float, decay_s: float) -> None:
    """The plate rings out on a beat: three of 0.5 s, three of 0.32 s; two of a second are too far from what is wanted."""
    made = buses(ask(space.propose, tiny(tempo_bpm=tempo)))
    delay, plate = made["delay"], made["plate"]
    assert isinstance(delay, Delay)
    assert isinstance(plate, Reverb)
    assert (delay.time_ms, plate.decay_s) == (delay_ms, decay_s)


def test_without_a_tempo_there_is_no_delay() -> None:
    assert "delay" not in buses(ask(space.propose, tiny(tempo_bpm=None)))


def test_a_denser_song_has_shorter_spaces() -> None:
    tracks = list(tiny_tracks().values())
    many = [changed(track, id=f"{track.id}-{n}") for n in range(4) for track in tracks]
    few, crowd = (buses(ask(space.propose, song_facts(some, tempo_bpm=None))) for some in (tracks[:3], many))
    rooms = [made["room"] for made in (few, crowd)]
    assert all(isinstance(one, Reverb) for one in rooms)
    assert rooms[0].decay_s > rooms[1].decay_s  # type: ignore[attr-defined]  # the line above


def test_sustained_sounds_share_a_hall_where_there_is_room_for_one() -> None:
    def made(copies: int) -> dict[tuple[str, str], float]:
        keys = tiny_tracks()["keys"]
        strings = [changed(keys, id=f"s{n}", role="strings", family="strings") for n in range(2)]
        guitars = [changed(keys, id=f"g{n}", role="electric guitar", family="guitar") for n in range(copies)]
        return sends(ask(space.propose, song_facts([*strings, *guitars])))

    assert {bus for (name, bus) in made(2) if name.startswith("s")} == {"hall"}
    assert {bus for (name, bus) in made(20) if name.startswith("s")} == {"room"}


def test_the_plate_steps_back_while_the_lead_sings_by_what_the_budget_allows() -> None:
    tracks = list(tiny_tracks().values())
    long = [longer(track) for track in tracks]
    for budget, depth_db in (("balanced", 3.0), ("transparent", 2.0)):
        (move,) = [m for m in ask(space.propose, song_facts(long), budget=budget) if m.id == "space.plate.duck"]
        assert isinstance(move.change, InsertChange)
        assert (move.change.insert.key, move.change.insert.slot) == ("lead-vox", "output")
        assert move.expects is not None
        # Where verify listens the lead is as loud as anywhere in this song, so that the promise is the budget, to a rounding.
        assert move.expects.value == pytest.approx(depth_db, abs=0.1)
        assert isinstance(move.change.insert.processor, Compressor)
        sound = audio(stem("Lead Vox.wav"))
        stream = CompressorStream(move.change.insert.processor, sample_rate_hz=sound.sample_rate_hz, channels=1)
        run_stream(sound, stream)
        assert stream.reduction.mean_reduction_db == pytest.approx(depth_db, abs=depth_db / 2)


def test_all_reverb_together_stays_in_its_band_under_the_mix_and_wishes_stay_as_they_are() -> None:
    """De Man 2017: about -14 LU; a song in which everything is sent far too loud comes back to -11."""
    tracks = [changed(track, reverb_wish_db=None) for track in tiny_tracks().values()]
    loud = song_facts(tracks)
    mix = open_song(loud, brief=Brief(genre="ambient"))
    moves = ask(space.propose, loud, mix=mix)
    work = Work(facts=loud, mix=mix, heard=predict_all(mix, loud))
    sent = [
        space.Wanting(loud[name], level, is_wish=False) for (name, bus), level in sends(moves).items() if bus != "delay"
    ]
    place_lu = space.wet_place_lu(work, sent)
    assert place_lu is not None
    assert -22.15 <= place_lu <= -10.85  # both the change and each level are rounded to 0.1 dB
    wished = song_facts([changed(track, reverb_wish_db=0.0) for track in tracks])
    assert set(sends(ask(space.propose, wished)).values()) - {-18.0} == {0.0}


@pytest.mark.parametrize(
    ("name", "kind"), [("FX Reverb.wav", "reverb"), ("Tape Echo.wav", "delay"), ("FX Return 2.wav", "effect")]
)
def test_a_stem_that_is_a_return_gets_no_effect_and_lies_under_the_tracks(name: str, kind: str) -> None:
    plain = list(tiny_tracks().values())
    fx = changed(plain[0], id="fx", name=name, role="effects", family="effects")
    facts = song_facts([*plain[1:], fx])
    moves = ask(space.propose, facts)
    made = sends(moves)
    assert ("fx", "room") not in made
    assert any(m.id == "space.fx.left" and kind in m.title for m in moves)
    assert any(bus == "plate" for _, bus in made) == (kind != "reverb")
    assert any(bus == "delay" for _, bus in made) == (kind == "effect")
    wanted = find_levels(facts.tracks).wanted_lu
    others = [level for track, level in zip(facts.tracks, wanted, strict=True) if track.id != "fx"]
    place = next(level for track, level in zip(facts.tracks, wanted, strict=True) if track.id == "fx")
    assert place == pytest.approx(np.mean(others) - 9)


def test_an_instrument_with_such_a_word_in_its_name_is_no_return() -> None:
    assert return_of(changed(tiny_tracks()["lead-vox"], name="Lead Vox Echo.wav")) is None
    assert return_of(changed(tiny_tracks()["kick"], name="Kick.wav")) is None


def test_a_voice_in_a_live_room_gets_no_second_reverb() -> None:
    dry = tiny_tracks()["lead-vox"]
    wet_figures = dry.figures.model_copy(
        update={"defects": dry.figures.defects.model_copy(update={"decay_s": 1.1, "tail_db": -3.0, "decays": 9})}
    )
    wet = TrackFacts(dry.track, wet_figures, dry.curves)
    moves = ask(space.propose, song_facts([wet]))
    assert sends(moves) == {}
    assert [m.id for m in moves] == ["space.lead-vox.left"]


def test_a_voice_that_comes_wide_gets_no_second_reverb_unless_asked() -> None:
    wet = track_facts("vox", noise(channels=2, duration_s=2), "lead vocal")
    assert [m.id for m in ask(space.propose, song_facts([wet]))] == ["space.vox.left"]
    assert sends(ask(space.propose, song_facts([changed(wet, reverb_wish_db=-9.0)])))["vox", "plate"] == -9


@pytest.mark.parametrize(("wish_db", "expected"), [(-120.0, {}), (-6.0, {("kick", "room"): -6.0})])
def test_a_wish_decides(wish_db: float, expected: dict[tuple[str, str], float]) -> None:
    kick = changed(tiny_tracks()["kick"], reverb_wish_db=wish_db)
    moves = ask(space.propose, song_facts([kick]))
    assert sends(moves) == expected
    assert bool(buses(moves)) == bool(expected)


def test_finished_stems_get_no_space() -> None:
    assert ask(space.propose, song_facts(list(tiny_tracks().values()), premixed=True)) == []
