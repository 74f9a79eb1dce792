"""Budgets of tone hold, whatever the tasks proposed, and what was lessened is said."""

import pytest

from tests.facts import open_song, song_facts, tiny_tracks
from tonmeister.document.fold import fold
from tonmeister.document.mix import Mix
from tonmeister.document.move import BandChange, Evidence, Expectation, Move, State, Where
from tonmeister.engineer.budgets import equaliser_tilt_db, measure_budgets
from tonmeister.engineer.tone_budgets import hold_tone
from tonmeister.processing import Band

FACTS = song_facts(list(tiny_tracks().values()))


def band(track: str, hz: float, gain_db: float, *, task: str = "equalisation", state: State = "accepted") -> Move:
    promise = Expectation(metric="band_level_db", value=gain_db, before=0.0, tolerance=abs(gain_db) / 2, unit="dB", scope="strip",
                          low_hz=hz / 2, high_hz=hz * 2)  # fmt: skip
    return Move.model_validate(
        {
            "id": f"{task}.{track}.{hz:.0f}", "task": task, "title": "A band", "where": Where(track=track),
            "change": BandChange(slot="tone", band=Band(shape="high_shelf" if hz > 5000 else "peak", frequency_hz=hz, gain_db=gain_db)),
            "because": (Evidence(what="a test", value=1, unit="test", source="the test"),), "expects": promise, "state": state,
        }
    )  # fmt: skip


def mix_with(*moves: Move) -> Mix:
    return fold(open_song(FACTS).model_copy(update={"moves": moves}))


def held(mix: Mix) -> bool:
    return all(use.held for use in measure_budgets(mix, FACTS, None, None))


@pytest.mark.parametrize(
    "moves",
    [
        (band("keys", 1000, 9.0),),
        tuple(
            band("keys", hz, gain)
            for hz, gain in ((80, 4.0), (150, 4.0), (900, -4.0), (2000, -4.0), (6000, 4.0), (9000, 4.0))
        ),
        tuple(band("keys", hz, -1.0 - hz / 1e4, task="masking") for hz in (300, 700, 1500, 3000, 6000)),
    ],
    ids=["gain", "total", "cuts"],
)
def test_a_budget_that_would_break_is_held_and_said(moves: tuple[Move, ...]) -> None:
    mix = mix_with(*moves)
    assert not held(mix)
    lesser, said = hold_tone(mix, FACTS)
    assert held(lesser)
    assert said
    for move in lesser.moves:
        assert isinstance(move.change, BandChange)
        assert move.expects is None or move.expects.value == pytest.approx(move.change.band.gain_db, abs=0.02)


def test_a_sum_that_would_grow_too_bright_is_held() -> None:
    mix = mix_with(
        *(band(track.id, 6000, 4.0) for track in FACTS.tracks), *(band(t.id, 2500, 3.9) for t in FACTS.tracks)
    )
    limit = 1.0
    tight = mix.model_copy(update={"budget": mix.budget.model_copy(update={"tilt_change_db": limit})})
    assert equaliser_tilt_db(tight, FACTS) > limit
    lesser, said = hold_tone(tight, FACTS)
    assert equaliser_tilt_db(lesser, FACTS) == pytest.approx(limit - 0.2, abs=0.1)  # it spares 0.2 dB
    assert any(sentence.startswith("tilt_change_db") for sentence in said)


def test_within_its_budgets_nothing_changes() -> None:
    mix = mix_with(band("keys", 1000, -2.0))
    assert hold_tone(mix, FACTS) == (mix, ())


def test_what_a_person_locked_is_theirs_even_over_budget() -> None:
    mix = mix_with(band("keys", 1000, 9.0, state="locked"))
    assert hold_tone(mix, FACTS) == (mix, ())
