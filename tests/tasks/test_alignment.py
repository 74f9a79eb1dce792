import pytest

from tests.facts import ask, changed, song_facts, tiny_tracks
from tonmeister.analysis.alignment import Alignment
from tonmeister.document.facts import MicPair
from tonmeister.document.move import DelayChange, Move, PolarityChange
from tonmeister.tasks import alignment


def proposed(*, delay_frames: int = 0, polarity: int = 1, confidence: float = 0.9, **fields: object) -> list[Move]:
    tracks = tiny_tracks()
    found = Alignment(delay_frames=delay_frames, delay_ms=delay_frames / 48, polarity=polarity, confidence=confidence)
    pair = MicPair("kick", "snare", found)
    facts = song_facts([tracks["kick"], changed(tracks["snare"], **fields)], pairs=(pair,))
    return ask(alignment.propose, facts)


def test_a_mic_that_is_upside_down_is_turned_over() -> None:
    (move,) = proposed(polarity=-1)
    assert (move.where.track, move.change) == ("snare", PolarityChange(inverted=True))
    assert move.expects is not None
    assert (move.expects.metric, move.expects.before, move.expects.value) == ("correlation", -1, 1)


@pytest.mark.parametrize("delay_frames", [300, -300])
def test_a_mic_that_is_late_comes_earlier_and_the_other_way_round(delay_frames: int) -> None:
    (move,) = proposed(delay_frames=delay_frames)
    assert move.change == DelayChange(delay_frames=-delay_frames)
    assert ("late" if delay_frames > 0 else "early") in move.title


@pytest.mark.parametrize(
    "fields",
    [
        {"delay_frames": 2},
        {"delay_frames": 48 * 25},
        {"polarity": -1, "delay_frames": 300, "confidence": 0.4},
        {"polarity": -1, "leave_alone": True},
        {},
    ],
    ids=["too little", "a room", "unsure", "to be left alone", "right already"],
)
def test_nothing_is_moved_without_need_or_leave(fields: dict[str, float]) -> None:
    assert proposed(**fields) == []  # type: ignore[arg-type]  # parametrised fields
