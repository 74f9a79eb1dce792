import numpy as np
import pytest

from tests.facts import ask, audio, open_song, shaped_noise, song_facts, tiny_tracks, track_facts
from tests.sounds import pink_noise
from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.analysis.track_meter import measure_track
from tonmeister.audio import Audio
from tonmeister.document.mix import Brief
from tonmeister.document.move import BandChange, InsertChange, Move, TargetChange
from tonmeister.engineer.decide import read_budget
from tonmeister.errors import InputError
from tonmeister.knowledge.characters import find_character
from tonmeister.knowledge.delivery import resolve_target
from tonmeister.processing import Compressor, TruePeakLimiter
from tonmeister.processing.filter_design import magnitude_db
from tonmeister.processing.limiter import limit
from tonmeister.tasks import mastering


def by_name(moves: list[Move]) -> dict[str, Move]:
    return {move.id.removeprefix("mastering."): move for move in moves}


def test_the_chain_ends_in_a_limiter_at_the_ceiling_of_the_target() -> None:
    moves = by_name(ask(mastering.propose, song_facts(list(tiny_tracks().values()))))
    assert moves["target"].change == TargetChange(target_lufs=-14.0, ceiling_dbtp=-1.0)
    limiter = moves["limiter"].change
    assert isinstance(limiter, InsertChange)
    clean = find_character("clean")
    assert limiter.insert.processor == TruePeakLimiter(
        ceiling_dbtp=-1.0, release_ms=clean.release_ms, lookahead_ms=clean.lookahead_ms
    )
    glue = moves["glue.compressor"].change
    assert isinstance(glue, InsertChange)
    assert isinstance(glue.insert.processor, Compressor)
    assert glue.insert.processor.ratio == 1.5


def test_the_limiter_of_a_mix_does_not_let_a_bass_move_the_top() -> None:
    """60 Hz and 7 kHz, 4:1, 6 dB into the limiter: side tones at 7 kHz ± 60 to 300 Hz stay under -50 dB (SMPTE RP 120's tones)."""
    change = by_name(ask(mastering.propose, song_facts(list(tiny_tracks().values()))))["limiter"].change
    assert isinstance(change, InsertChange)
    assert isinstance(change.insert.processor, TruePeakLimiter)
    time = np.arange(4 * 48_000) / 48_000
    tones = 0.7 * np.sin(2 * np.pi * 60 * time) + 0.18 * np.sin(2 * np.pi * 7000 * time)
    settings = change.insert.processor.model_copy(update={"drive_db": 6.0})
    made = limit(Audio(np.tile(tones, (2, 1)).astype(np.float32), 48_000), settings).samples[0, 48_000 : 3 * 48_000]
    power = np.square(np.abs(np.fft.rfft(made * np.blackman(made.size))))
    near = [power[round((7000 + side * 60) * 2) + np.arange(-4, 5)].sum() for side in range(-5, 6)]
    assert 10 * np.log10((sum(near) - near[5]) / near[5]) < -50


def test_glue_is_left_out_of_transparent_and_finished_mixes() -> None:
    tracks = list(tiny_tracks().values())
    assert "glue.compressor" not in by_name(ask(mastering.propose, song_facts(tracks), budget="transparent"))
    assert "glue.compressor" not in by_name(ask(mastering.propose, song_facts(tracks, premixed=True)))
    assert "glue.compressor" not in by_name(ask(mastering.propose, song_facts(tracks[:1])))


def test_a_humans_balance_is_glued_where_nothing_has_held_its_range_yet() -> None:
    """Half of it 20 dB down: a loudness range of about 20 LU, which a mix bus would not have let through."""
    bed = pink_noise(rms_db=-20, duration_s=24)
    quieter = np.where(np.arange(bed.frames) < bed.frames // 2, 1.0, 0.1)
    tracks = [
        track_facts(f"g{n}", audio((bed.samples * quieter).astype(np.float64)), "electric guitar") for n in range(2)
    ]
    moves = by_name(ask(mastering.propose, song_facts(tracks, premixed=True)))
    assert moves["glue.compressor"].because[1].value > 8


def test_a_slope_just_outside_comes_back_inside() -> None:
    """A decibel of the two shelves is worth nearly half a decibel an octave."""
    bands = mastering.tone_bands(-3.5, read_budget("balanced"), wanted=-4.5)
    assert bands["high"].gain_db < 0 < bands["low"].gain_db
    hz = ERB_CENTRES_HZ[(ERB_CENTRES_HZ >= 100) & (ERB_CENTRES_HZ <= 4000)]
    change = np.polyfit(np.log2(hz), magnitude_db(tuple(bands.values()), hz, 48_000), 1)[0]
    assert -3.9 <= -3.5 + change <= -3.7
    assert mastering.tone_bands(-3.75, read_budget("balanced"), wanted=-4.5) == {}


def test_a_slope_further_outside_is_brought_as_far_as_a_master_may_go() -> None:
    for slope in (-1.0, -9.0):
        bands = mastering.tone_bands(slope, read_budget("balanced"), wanted=-4.5)
        assert max(abs(band.gain_db) for band in bands.values()) == 2.0


@pytest.mark.parametrize(("slope", "sign"), [(-4.5, 0), (-4.0, 0), (-1.0, -1), (-9.0, 1)])
def test_shelves_bring_the_slope_back_towards_that_of_released_music(slope: float, sign: int) -> None:
    """Noise whose density falls by that many decibels per octave; third octaves of it fall by 3 less."""
    points = [(20.0, 0.0), (20_000.0, (slope + 3) * 9.97)]
    noise = track_facts("all", shaped_noise(points, duration_s=4), "synth")
    moves = by_name(ask(mastering.propose, song_facts([noise])))
    assert ("tone.high" in moves, "tone.low" in moves) == (sign != 0, sign != 0)
    if sign != 0:
        high, low = moves["tone.high"], moves["tone.low"]
        assert isinstance(high.change, BandChange)
        assert isinstance(low.change, BandChange)
        assert 0.5 <= high.change.band.gain_db * sign <= 2.0
        assert low.change.band.gain_db == pytest.approx(-0.75 * high.change.band.gain_db, abs=0.06)
        for move in (high, low):
            assert move.because[0].value == pytest.approx(slope, abs=0.4)  # chance of four seconds of noise


@pytest.mark.parametrize(
    ("words", "ceiling", "expected"),
    [
        ("streaming", None, (-14.0, -1.0)),
        ("cd", None, (-10.0, -0.3)),
        ("broadcast", -3.0, (-23.0, -3.0)),
        ("-12", None, (-12.0, -1.0)),
        ("-12.5 LUFS", -2.0, (-12.5, -2.0)),
    ],
)
def test_targets_are_names_or_loudnesses(words: str, ceiling: float | None, expected: tuple[float, float]) -> None:
    assert resolve_target(words, ceiling)[:2] == expected


@pytest.mark.parametrize("words", ["", "loud", "-4", "12", "-41", "nan", "inf", "-12 dB"])
def test_other_targets_are_refused(words: str) -> None:
    with pytest.raises(InputError, match="no such target; use one of streaming"):
        resolve_target(words)


def test_no_target_is_louder_than_the_budget_allows() -> None:
    facts = song_facts(list(tiny_tracks().values()))
    mix = open_song(facts, budget="transparent", brief=Brief(target="-6"))
    change = by_name(ask(mastering.propose, facts, mix=mix))["target"].change
    assert isinstance(change, TargetChange)
    assert change.target_lufs == -9


def test_pink_noise_falls_by_3_db_an_octave() -> None:
    assert mastering.slope_db_per_octave(
        measure_track(pink_noise(rms_db=-20, duration_s=4)).curves.erb_power.sum(axis=0)
    ) == (pytest.approx(-3, abs=0.3))
