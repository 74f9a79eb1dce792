"""Transients, quiet notes, overtones and the drum bus: what calls for them, and what does not."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.facts import ask, audio, open_song, song_facts, track_facts
from tests.sounds import pink_noise
from tonmeister.document.fold import fold
from tonmeister.document.move import InsertChange, Move
from tonmeister.processing import Compressor, Saturator, TransientShaper, UpwardCompressor
from tonmeister.tasks import dynamics, routing

RATE_HZ = 48_000
Wave = NDArray[np.float64]


def hits(*, attack_db: float, body_db: float = -24.0) -> Wave:
    """Return strokes of 8 ms over bodies of half a second, each second, with silence between."""
    time_s = np.arange(RATE_HZ) / RATE_HZ
    body = np.sqrt(2) * np.sin(2 * np.pi * 310 * time_s) * 10 ** (body_db / 20) * (time_s < 0.5)
    stroke = np.sin(2 * np.pi * 400 * time_s) * 10 ** ((body_db + attack_db) / 20) * (time_s < 0.008)
    return np.tile(np.concatenate([np.zeros(4800), body + stroke])[:RATE_HZ], 10)


def processors(moves: list[Move], kind: type) -> list[object]:
    return [
        m.change.insert.processor
        for m in moves
        if isinstance(m.change, InsertChange) and isinstance(m.change.insert.processor, kind)
    ]


@pytest.mark.parametrize(("attack_db", "sign"), [(4.0, 1), (20.0, 0), (38.0, -1)])
def test_strokes_outside_the_band_of_the_role_move_towards_it(attack_db: float, sign: int) -> None:
    """The band of a snare is 14 to 27 dB."""
    track = track_facts("s", audio(hits(attack_db=attack_db, body_db=-40)), "snare")
    found = processors(ask(dynamics.propose, song_facts([track])), TransientShaper)
    assert len(found) == abs(sign)
    if sign:
        (shaper,) = found
        assert isinstance(shaper, TransientShaper)
        assert np.sign(shaper.attack_db) == sign


def test_strokes_of_a_role_without_a_band_stay() -> None:
    track = track_facts("g", audio(hits(attack_db=38, body_db=-40)), "electric guitar")
    assert processors(ask(dynamics.propose, song_facts([track])), TransientShaper) == []


def sung(*, quiet_db: float, noise_db: float = -90.0) -> Wave:
    """Return half a second loud, half a second so much quieter, and a pause, over noise."""
    sound = pink_noise(rms_db=-20, duration_s=12).samples[0].astype(np.float64)
    time_s = np.arange(sound.size) / RATE_HZ
    gain_db = np.select([time_s % 2 < 0.5, time_s % 2 < 1.2], [0.0, quiet_db], -200.0)
    hiss = np.random.default_rng(1).standard_normal(sound.size) * 10 ** (noise_db / 20)
    return np.asarray(sound * 10 ** (gain_db / 20) + hiss)


@pytest.mark.parametrize(
    ("quiet_db", "noise_db", "budget", "count"),
    [(-24, -90, "balanced", 1), (-8, -90, "balanced", 0), (-24, -58, "balanced", 0), (-24, -90, "transparent", 0)],
)
def test_quiet_notes_are_lifted_where_they_get_lost_and_noise_is_far(
    quiet_db: float, noise_db: float, budget: str, count: int
) -> None:
    track = track_facts("v", audio(sung(quiet_db=quiet_db, noise_db=noise_db)), "lead vocal")
    moves = ask(dynamics.propose, song_facts([track]), budget=budget)
    assert len(processors(moves, UpwardCompressor)) == count


@pytest.mark.parametrize(("overtones", "count"), [(0.0, 1), (0.5, 0)])
def test_a_bass_without_overtones_gets_some(overtones: float, count: int) -> None:
    time_s = np.arange(8 * RATE_HZ) / RATE_HZ
    bass = 0.2 * np.sin(2 * np.pi * 60 * time_s) + 0.2 * overtones * np.sin(2 * np.pi * 480 * time_s)
    found = processors(ask(dynamics.propose, song_facts([track_facts("b", audio(bass), "bass")])), Saturator)
    assert len(found) == count


@pytest.mark.parametrize(("budget", "count"), [("balanced", 0), ("bold", 1)])
def test_a_bold_budget_gets_a_compressed_copy_beside_the_drums(budget: str, count: int) -> None:
    """The strokes lose no more than the budget, the quiet of the kit rises by no more than 4 dB, the power stays."""
    tracks = [
        track_facts("k", audio(hits(attack_db=36, body_db=-40)), "kick"),
        track_facts("s", audio(np.roll(hits(attack_db=36, body_db=-40), RATE_HZ // 2)), "snare"),
    ]
    facts = song_facts(tracks)
    mix = open_song(facts, budget=budget)
    mix = fold(mix.model_copy(update={"moves": tuple(ask(routing.propose, facts, mix=mix))}))
    moves = ask(dynamics.propose_buses, facts, mix=mix)
    assert len(moves) == count
    if count:
        (parallel,) = processors(moves, Compressor)
        assert isinstance(parallel, Compressor)
        assert 0 < parallel.mix <= 0.4
        quiet_gain = 1 - parallel.mix + parallel.mix * 10 ** (parallel.makeup_db / 20)
        assert 20 * np.log10(quiet_gain) <= 4.01
