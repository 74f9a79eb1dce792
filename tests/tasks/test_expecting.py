"""Promises that tasks left open: told from settings, so that a render can break them."""

import numpy as np
import pytest

from tests.facts import ask, open_song, song_facts, tiny_tracks
from tonmeister.document.fold import fold
from tonmeister.document.move import PanChange
from tonmeister.document.strip import Insert
from tonmeister.engineer.decide import decide_mix, decide_strips, predict_all
from tonmeister.processing import Reverb
from tonmeister.tasks import Work, panning
from tonmeister.tasks.effects import measure_effect
from tonmeister.tasks.expecting import FAR_DB, balance_db, pan_gains, promise_rest


def test_pan_gains_are_those_of_the_renderer() -> None:
    """Constant power for one channel, balance for two: processing.fader."""
    assert pan_gains(0.0, 1) == pytest.approx((np.sqrt(0.5), np.sqrt(0.5)))
    assert pan_gains(0.0, 2) == pytest.approx((1.0, 1.0))
    assert pan_gains(-1.0, 2) == pytest.approx((1.0, 0.0), abs=1e-9)
    left, right = pan_gains(0.3, 1)
    assert left**2 + right**2 == pytest.approx(1.0)


def test_an_empty_side_counts_as_far_away_not_as_infinite() -> None:
    assert balance_db(0.0, 1.0) == pytest.approx(FAR_DB)
    assert balance_db(1.0, 0.0) == pytest.approx(-FAR_DB)


def test_a_pan_promises_the_balance_of_its_law() -> None:
    facts = song_facts(list(tiny_tracks().values()))
    move = ask(panning.propose, facts)[0]
    mix = open_song(facts)
    mix = fold(mix.model_copy(update={"moves": (move,)}))
    promise = promise_rest(Work(facts=facts, mix=mix, heard=predict_all(mix, facts))).moves[0].expects
    assert isinstance(move.change, PanChange)
    assert promise is not None
    assert promise.value == pytest.approx(
        balance_db(*np.square(pan_gains(move.change.pan.points[0].value, 1))), abs=0.01
    )


def test_nearly_every_move_promises_something() -> None:
    """At least 90 % of the moves that change the sound, as the issue demands; notes and plain routing change none."""
    facts = song_facts(list(tiny_tracks().values()))
    moves = decide_mix(decide_strips(open_song(facts), facts), facts, None).moves
    sounding = [m for m in moves if m.change.kind not in ("nothing", "route") and not m.id.startswith("routing.")]
    assert sum(m.expects is not None for m in sounding) >= 0.9 * len(sounding)


def test_a_cut_of_highs_makes_an_effect_quieter_for_bright_sounds_only() -> None:
    bright, dark = np.zeros(40), np.zeros(40)
    bright[36:], dark[12:16] = 1.0, 1.0
    gains = [
        measure_effect((Insert(id="r", slot="tone", processor=Reverb(high_cut_hz=cut)),), sample_rate_hz=48000)
        for cut in (18000, 3000)
    ]
    changes = [gains[1].gain_db(p, middle_share=0.5) - gains[0].gain_db(p, middle_share=0.5) for p in (bright, dark)]
    assert changes[0] < -6
    assert abs(changes[1]) < 1.5
