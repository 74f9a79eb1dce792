from tests.facts import ask, song_facts, tiny_tracks
from tonmeister.document.move import BusChange, RouteChange
from tonmeister.tasks import routing


def test_groups_of_at_least_two_tracks_get_a_bus() -> None:
    moves = ask(routing.propose, song_facts(list(tiny_tracks().values())))
    assert [m.change.bus.id for m in moves if isinstance(m.change, BusChange)] == ["drums", "music"]
    assert {m.where.track: m.change.output for m in moves if isinstance(m.change, RouteChange)} == {
        "kick": "drums", "snare": "drums", "bass-di": "music", "keys": "music", "gtr-l": "music",
    }  # fmt: skip


def test_a_group_of_one_goes_straight_to_the_mix() -> None:
    assert ask(routing.propose, song_facts([tiny_tracks()["kick"], tiny_tracks()["lead-vox"]])) == []
