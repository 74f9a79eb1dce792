import numpy as np
import pytest

from tests.facts import ask, audio, changed, song_facts, tiny_tracks, track_facts
from tests.sounds import noise, pink_noise, sine
from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import Move, PanChange
from tonmeister.tasks import panning


def pans(moves: list[Move]) -> dict[str, float]:
    return {str(m.where.track): m.change.pan.points[0].value for m in moves if isinstance(m.change, PanChange)}


def guitars(count: int) -> list[TrackFacts]:
    return [track_facts(f"g{n}", pink_noise(duration_s=2, seed=n), "electric guitar") for n in range(count)]


@pytest.mark.parametrize("count", [1, 2, 4, 7])
def test_single_sources_spread_to_both_sides_within_bounds(count: int) -> None:
    found = pans(ask(panning.propose, song_facts(guitars(count))))
    assert len(found) == count
    assert all(0.25 <= abs(value) <= 0.75 for value in found.values())
    assert abs(sum(value > 0 for value in found.values()) - count / 2) <= 0.5


def test_low_leading_and_stereo_sources_stay_where_they_are() -> None:
    tracks = [
        track_facts("low", sine(frequency_hz=80), "electric guitar"), track_facts("wide", noise(channels=2), "electric guitar"),
        tiny_tracks()["kick"], tiny_tracks()["bass-di"], tiny_tracks()["lead-vox"],
    ]  # fmt: skip
    assert pans(ask(panning.propose, song_facts(tracks))) == {}


def test_the_brighter_the_wider() -> None:
    tones = [track_facts(f"t{hz}", sine(frequency_hz=hz), "synth") for hz in (200.0, 1000.0, 4000.0)]
    found = {name: abs(value) for name, value in pans(ask(panning.propose, song_facts(tones))).items()}
    assert found["t200.0"] < found["t1000.0"] < found["t4000.0"]


def test_a_wish_comes_first_and_the_rest_makes_up_for_it() -> None:
    loud, soft = guitars(2)
    found = pans(ask(panning.propose, song_facts([changed(loud, pan_wish=-0.6), soft])))
    assert found["g0"] == -0.6
    assert found["g1"] > 0
    assert "g0" not in pans(ask(panning.propose, song_facts([changed(loud, pan_wish=0.0), soft])))


def test_finished_stems_move_only_where_someone_asked() -> None:
    mono, other = guitars(2)
    wide = track_facts("wide", noise(channels=2), "keys")
    facts = song_facts(
        [changed(mono, pan_wish=1.0), other, changed(wide, pan_wish=0.3), changed(track_facts("l", noise(channels=2, seed=3), "keys"), pan_wish=-1.0)],
        premixed=True,
    )  # fmt: skip
    assert pans(ask(panning.propose, facts)) == {"g0": 1.0, "wide": 0.3}


def test_silence_has_no_place() -> None:
    assert ask(panning.propose, song_facts([track_facts("s", audio(np.zeros(48_000)), "synth")])) == []
