"""The graph: what makes a hash, and what does not."""

import pytest

from tests.render.songs import busy_song, insert, lane, song, track, with_strip
from tonmeister.document.strip import Bus, Send, Strip
from tonmeister.errors import DocumentError
from tonmeister.processing import Equaliser, Gain
from tonmeister.render import build_graph
from tonmeister.render.graph import SilenceNode, SourceNode


def test_a_setting_changes_the_hashes_behind_it_and_no_other() -> None:
    mix, _ = busy_song()
    before, after = build_graph(mix).points, build_graph(with_strip(mix, "voice", fader_db=lane((0, -1)))).points
    changed = {point for point in before if before[point].hash != after[point].hash}
    behind = {point for point in before if point.startswith("insert:bus:")}
    assert changed == {
        "track:voice",
        "sum:echo",
        "chain:echo",
        "bus:echo",
        "sum:front",
        "chain:front",
        "bus:front",
        "mix",
        *behind,
    }


def test_neutral_inserts_are_no_nodes() -> None:
    mix = song([track("one", Strip(inserts=(insert(Equaliser()), insert(Gain()))))], frames=100)
    points = build_graph(mix).points
    assert points["strip:one"] is points["source:one"] is points["insert:track:one:gain"]
    assert isinstance(points["strip:one"], SourceNode)


def test_unused_tracks_are_left_out() -> None:
    unused = track("two").model_copy(update={"used": False, "why_unused": "silent"})
    assert "track:two" not in build_graph(song([track("one"), unused], frames=100)).points


def test_buses_in_a_circle_by_way_of_a_send_are_refused() -> None:
    group = Bus(id="group", name="", sends=(Send(bus="echo", level_db=lane((0, 0))),))
    echo = Bus(id="echo", name="", kind="effect", output="group")
    mix = song([track("one", Strip(output="group"))], frames=100, buses=[group, echo])
    with pytest.raises(DocumentError, match="feeds itself"):
        build_graph(mix)


def test_a_track_and_a_bus_may_have_the_same_id() -> None:
    mix = song([track("drums", Strip(output="drums"))], frames=100, buses=[Bus(id="drums", name="")])
    points = build_graph(mix).points
    assert points["sum:drums"] is points["track:drums"]


def test_behind_an_insert_of_a_space_to_which_nothing_goes_is_silence() -> None:
    """A promise about it may still listen there: a person can take the only send away."""
    plate = Bus(id="plate", name="", kind="effect", inserts=(insert(Gain(gain_db=6.0), name="reverb"),))
    points = build_graph(song([track("one")], frames=100, buses=[plate])).points
    assert isinstance(points["insert:bus:plate:reverb"], SilenceNode)
    assert points["chain:plate"] is points["insert:bus:plate:reverb"]
