import pytest

from tests.facts import ask, changed, song_facts, tiny_tracks, track_facts
from tests.sounds import noise
from tonmeister.document.facts import SongFacts
from tonmeister.document.move import BusChange, Move, SendChange
from tonmeister.processing import Delay, Reverb
from tonmeister.tasks import space


def sends(moves: list[Move]) -> dict[tuple[str, str], float]:
    return {
        (str(m.where.track), m.change.send.bus): m.change.send.level_db.points[0].value
        for m in moves
        if isinstance(m.change, SendChange)
    }


def buses(moves: list[Move]) -> dict[str, object]:
    return {m.change.bus.id: m.change.bus.inserts[0].processor for m in moves if isinstance(m.change, BusChange)}


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
    ("tempo", "delay_ms", "decay_s"), [(120.0, 250.0, 1.33), (60.0, 500.0, 2.6), (187.0, 320.86, 0.9)]
)
def test_plate_and_delay_follow_the_tempo(tempo: float, delay_ms: float, decay_s: float) -> None:
    made = buses(ask(space.propose, tiny(tempo_bpm=tempo)))
    delay, plate = made["delay"], made["plate"]
    assert isinstance(delay, Delay)
    assert isinstance(plate, Reverb)
    assert (delay.time_ms, plate.decay_s) == (delay_ms, decay_s)


def test_without_a_tempo_there_is_no_delay() -> None:
    assert "delay" not in buses(ask(space.propose, tiny(tempo_bpm=None)))


def test_a_voice_that_comes_wide_gets_no_second_reverb_unless_asked() -> None:
    wet = track_facts("vox", noise(channels=2, duration_s=2), "lead vocal")
    assert ask(space.propose, song_facts([wet])) == []
    assert sends(ask(space.propose, song_facts([changed(wet, reverb_wish_db=-9.0)])))["vox", "plate"] == -9


@pytest.mark.parametrize(("wish_db", "expected"), [(-120.0, {}), (-6.0, {("kick", "room"): -6.0})])
def test_a_wish_decides(wish_db: float, expected: dict[tuple[str, str], float]) -> None:
    kick = changed(tiny_tracks()["kick"], reverb_wish_db=wish_db)
    moves = ask(space.propose, song_facts([kick]))
    assert sends(moves) == expected
    assert bool(buses(moves)) == bool(expected)


def test_finished_stems_get_no_space() -> None:
    assert ask(space.propose, song_facts(list(tiny_tracks().values()), premixed=True)) == []
