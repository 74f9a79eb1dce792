from dataclasses import replace

import numpy as np
import pytest

from tests.facts import ask, changed, open_song, shaped_noise, song_facts, track_facts
from tonmeister.audio import Audio
from tonmeister.document.mix import Budget
from tonmeister.document.move import BandChange, Move
from tonmeister.knowledge.rows import table
from tonmeister.processing import Band
from tonmeister.tasks import equalisation
from tonmeister.tasks.prediction import mean_change_db

VOCAL = [(20.0, -80.0), (55.0, -70.0), *zip(*(table("curves")["vocal"][key] for key in ("hz", "db")), strict=True)]
"""What voices look like: without rumble, as steep as the noise can be made."""


def with_hill(low_hz: float, high_hz: float, gain_db: float) -> list[tuple[float, float]]:
    """Return the vocal curve with a part of it raised."""
    hz = np.unique([*(point[0] for point in VOCAL), low_hz, low_hz * 1.01, high_hz, high_hz * 1.01])
    level = np.interp(np.log2(hz), np.log2([p[0] for p in VOCAL]), [p[1] for p in VOCAL])
    return [(float(f), float(v + (gain_db if low_hz < f <= high_hz else 0))) for f, v in zip(hz, level, strict=True)]


def proposed(
    levels_db: list[tuple[float, float]], *, role: str = "lead vocal", premixed: bool = False, **fields: object
) -> dict[str, Move]:
    track = changed(track_facts("vox", shaped_noise(levels_db), role), **fields)
    moves = ask(equalisation.propose, song_facts([track], premixed=premixed))
    return {move.id.rpartition(".")[2]: move for move in moves}


def band(move: Move) -> Band:
    assert isinstance(move.change, BandChange)
    return move.change.band


def test_a_voice_that_looks_like_voices_is_not_touched() -> None:
    assert proposed(VOCAL) == {}


@pytest.mark.parametrize(("name", "span_hz"), [("mud", (180, 400)), ("box", (400, 900)), ("harsh", (2500, 5500))])
def test_what_stands_far_over_the_curve_is_cut_by_half_of_the_excess(name: str, span_hz: tuple[float, float]) -> None:
    moves = proposed(with_hill(span_hz[0], span_hz[1], 12.0))
    assert set(moves) - {"air"} == {name}
    move = moves[name]
    assert span_hz[0] < band(move).frequency_hz < span_hz[1]
    assert -4.0 <= band(move).gain_db <= -1.0
    excess_db = move.because[0].value - (move.because[0].limit or 0)
    assert band(move).gain_db == pytest.approx(-min(4.0, excess_db / 2), abs=0.051)
    assert move.expects is not None
    assert move.expects.value == pytest.approx(
        0.75 * band(move).gain_db, abs=0.25 * 4
    )  # a bell takes less at its sides
    assert (move.expects.low_hz, move.expects.high_hz) == span_hz


@pytest.mark.parametrize("level_db", [-8.0, -20.0])
def test_rumble_is_filtered_below_the_voice(level_db: float) -> None:
    """A tram at 30 Hz."""
    move = proposed([(20, level_db), (45, level_db), (60, -60), *VOCAL[3:]])["high-pass"]
    assert (band(move).shape, band(move).frequency_hz) == ("high_pass", 80)
    assert move.expects is not None
    assert move.expects.value < -6


def test_a_little_rumble_is_left_and_music_down_there_keeps_the_filter_low() -> None:
    assert "high-pass" not in proposed([(20, -40), (45, -40), (60, -60), *VOCAL[3:]])
    assert band(proposed([(20, -20), (40, 0), (60, 0), *VOCAL[3:]])["high-pass"]).frequency_hz < 50


def test_a_dull_lead_gets_air_and_a_backing_voice_does_not() -> None:
    dull = [(hz, level - (15 if hz > 6000 else 0)) for hz, level in VOCAL]
    assert band(proposed(dull)["air"]).gain_db == 2.0
    assert "air" not in proposed(dull, role="backing vocal")


def test_a_lead_that_ends_below_5_khz_gets_no_air() -> None:
    """There is nothing to raise."""
    assert "air" not in proposed([*VOCAL[:7], (3900, -60), (4100, -100), (20_000, -120)])


def test_no_tone_is_changed_where_it_is_a_humans() -> None:
    muddy = with_hill(180, 400, 12)
    assert proposed(muddy, leave_alone=True) == proposed(muddy, family="mix") == proposed(muddy, premixed=True) == {}


def test_a_stereo_stem_among_produced_ones_keeps_its_tone_and_a_mono_take_beside_it_does_not() -> None:
    """Their balance may be anybody's: what was recorded in stereo with its effects is finished sound."""
    muddy = shaped_noise(with_hill(180, 400, 12))
    wide = Audio(np.concatenate([muddy.samples, np.roll(muddy.samples, 700, axis=1)]), muddy.sample_rate_hz)
    tracks = [track_facts("wide", wide, "lead vocal"), track_facts("take", muddy, "lead vocal")]
    for share, cut in ((0.7, {"take"}), (0.5, {"take", "wide"})):
        facts = replace(song_facts(tracks), premixed_evidence={"stereo_share": share})
        assert {str(move.where.track) for move in ask(equalisation.propose, facts)} == cut


def test_together_the_bands_keep_within_the_budget_of_change() -> None:
    track = track_facts("vox", shaped_noise(with_hill(180, 900, 14)), "lead vocal")
    limits = {**table("budgets")["balanced"], "eq_total_db": 0.5}
    facts = song_facts([track])
    mix = open_song(facts, budget=Budget(name="tight", **limits))
    tight, usual = ask(equalisation.propose, facts, mix=mix), ask(equalisation.propose, facts)
    assert len(tight) < len(usual)
    assert mean_change_db([band(move) for move in tight], sample_rate_hz=48_000) <= 0.5


def test_hats_are_not_held_against_whole_kits() -> None:
    bright = [(hz, level + (30 if hz > 2000 else 0)) for hz, level in VOCAL]
    assert proposed(bright, role="hi-hat") == {}
