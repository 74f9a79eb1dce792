import numpy as np
import pytest
from numpy.typing import NDArray

from tests.facts import ask, audio, changed, song_facts, track_facts
from tonmeister.analysis.hits import Hits
from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import InsertChange, Move
from tonmeister.processing import Gate, Reinforcer
from tonmeister.tasks import dynamics
from tonmeister.tasks.dynamics.reinforcement import layer_factors

RATE_HZ = 48_000


def struck(*, every_s: float, first_s: float, peak_db: float, decay_s: float = 0.05) -> NDArray[np.float64]:
    """Return hits of decaying noise over twelve seconds, in decibels of full scale."""
    wave = np.zeros(12 * RATE_HZ)
    time_s = np.arange(RATE_HZ // 2) / RATE_HZ
    hit = np.random.default_rng(3).uniform(-1, 1, time_s.size) * np.exp(-time_s / decay_s)
    for start in np.arange(first_s, 11, every_s):
        at = round(float(start) * RATE_HZ)
        wave[at : at + hit.size] += hit * 10 ** (peak_db / 20)
    return wave


def drum(name: str, role: str, *, own_db: float, bleed_db: float, decay_s: float = 0.05) -> TrackFacts:
    """Return a close microphone: its own drum on the seconds, the others on the halves."""
    own = struck(every_s=1, first_s=1, peak_db=own_db, decay_s=decay_s)
    return track_facts(name, audio(own + struck(every_s=1, first_s=0.5, peak_db=bleed_db)), role)


def gates(moves: list[Move]) -> list[Gate]:
    inserts = [m.change.insert.processor for m in moves if isinstance(m.change, InsertChange)]
    return [processor for processor in inserts if isinstance(processor, Gate)]


def test_a_gate_opens_between_bleed_and_the_softest_hit() -> None:
    (gate,) = gates(ask(dynamics.propose, song_facts([drum("k", "kick", own_db=-3, bleed_db=-25)])))
    assert -24 < gate.threshold_db < -8
    assert gate.range_db == 10


@pytest.mark.parametrize(("budget", "range_db"), [("transparent", 5.0), ("balanced", 10.0), ("bold", 10.0)])
def test_the_range_is_bounded_by_the_budget(budget: str, range_db: float) -> None:
    (gate,) = gates(ask(dynamics.propose, song_facts([drum("k", "kick", own_db=-3, bleed_db=-25)]), budget=budget))
    assert gate.range_db == range_db


def test_a_drum_that_rings_keeps_its_ring() -> None:
    """Hold and release grow with the decay that was measured."""
    short, long = (
        gates(ask(dynamics.propose, song_facts([drum("k", "kick", own_db=-3, bleed_db=-28, decay_s=decay)])))[0]
        for decay in (0.03, 0.12)
    )
    assert long.release_ms > 2 * short.release_ms
    assert long.hold_ms > 2 * short.hold_ms


@pytest.mark.parametrize(("own_db", "bleed_db"), [(-6.0, -10.0), (-6.0, -6.0)])
def test_bleed_as_loud_as_the_drum_gets_no_gate(own_db: float, bleed_db: float) -> None:
    assert gates(ask(dynamics.propose, song_facts([drum("k", "kick", own_db=own_db, bleed_db=bleed_db)]))) == []


def test_a_drum_without_bleed_gets_no_gate() -> None:
    track = track_facts("k", audio(struck(every_s=1, first_s=1, peak_db=-3)), "kick")
    assert gates(ask(dynamics.propose, song_facts([track]))) == []


def test_hits_of_many_strengths_are_no_bleed() -> None:
    """A snare played from soft to loud has no gap at which to part it."""
    wave = np.zeros(12 * RATE_HZ)
    for place, level_db in enumerate(np.linspace(-30, -3, 20)):
        wave += np.roll(struck(every_s=20, first_s=0.5, peak_db=level_db), round(0.5 * place * RATE_HZ))
    assert gates(ask(dynamics.propose, song_facts([track_facts("s", audio(wave), "snare")]))) == []


def test_a_tom_that_only_hears_the_snare_is_neither_gated_nor_compressed() -> None:
    snare = drum("s", "snare", own_db=-3, bleed_db=-25)
    only_heard = drum("t", "toms", own_db=-14, bleed_db=-36)
    moves = ask(dynamics.propose, song_facts([snare, only_heard]))
    assert [m.id for m in moves if m.where.track == "t" and not m.id.endswith("transients")] == []


def test_finished_stems_are_not_gated() -> None:
    assert gates(ask(dynamics.propose, song_facts([drum("k", "kick", own_db=-3, bleed_db=-25)], premixed=True))) == []


def reinforced(track: TrackFacts) -> list[Move]:
    return [m for m in ask(dynamics.propose, song_facts([track])) if m.id.endswith("reinforcement")]


def test_a_drum_is_reinforced_only_if_a_person_asks() -> None:
    track = drum("k", "kick", own_db=-3, bleed_db=-25)
    assert reinforced(track) == []
    (move,) = reinforced(changed(track, reinforce=True))
    assert isinstance(move.change, InsertChange)
    assert isinstance(move.change.insert.processor, Reinforcer)
    assert len(move.change.insert.processor.places) == 10


def test_a_weak_hit_gets_more_than_a_strong_one_and_none_is_raised_beyond_the_limit() -> None:
    """At most 4 dB: a layer of 58 % of the hit itself; the hit that was taken gets none."""
    hits = Hits(np.arange(6) * 50, np.array([-3.0, -3.0, -6.0, -12.0, -20.0, -4.0]))
    factors = layer_factors(hits, 0)
    own = 10 ** ((hits.peak_db + 3) / 20)
    assert factors[0] == 0
    assert factors[2] > factors[1]
    assert (20 * np.log10(1 + factors / own) <= 4.01).all()


def test_a_drum_that_rings_until_its_next_hit_gets_no_gate() -> None:
    """Two hits a second that fall by 20 dB in half a second: a gate would hardly ever be closed."""
    own = struck(every_s=0.5, first_s=0.5, peak_db=-3, decay_s=0.22)
    track = track_facts("k", audio(own + struck(every_s=0.5, first_s=0.75, peak_db=-40)), "kick")
    assert gates(ask(dynamics.propose, song_facts([track]))) == []
