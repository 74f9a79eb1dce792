"""The ruler of `unmasking` measures what was put there, and its sessions are what they are called."""

from pathlib import Path

import numpy as np
import pytest

from bench.songs import Song, Stem
from bench.sound import write
from bench.unmasking import judge_bands, protect
from bench.unmasking_ruler import (
    CENTRES_HZ,
    LIMIT_DB,
    SPEECH_IMPORTANCE,
    Move,
    Protected,
    harm_db,
    is_on_offender,
    read_moves,
    third_octaves,
    tonal_cost_db,
)
from bench.unmasking_sessions import Session, plants, raise_band

RATE = 48_000
VOICE = Protected(0, 2.0, "voice")
STEPS = 160
BAND_1K = 13


def flat(*levels_db: float) -> np.ndarray:
    """Return (tracks, steps, 26) of the same level in all bands."""
    return np.repeat(10 ** (np.array(levels_db) / 10), STEPS * 26).reshape(len(levels_db), STEPS, 26)


def test_a_sine_lies_in_its_third_octave_with_its_power() -> None:
    time = np.arange(RATE // 5) / RATE
    (power,) = third_octaves(np.sin(2 * np.pi * 1000 * time, dtype=np.float64).astype(np.float32)[None], RATE)
    assert CENTRES_HZ[int(power.argmax())] == pytest.approx(1000)
    assert power[BAND_1K] == pytest.approx(0.5, rel=0.01)
    assert np.delete(power, BAND_1K).max() < 1e-5


def test_the_importance_of_speech_sums_to_one() -> None:
    """ANSI S3.5-1997, table 3."""
    assert SPEECH_IMPORTANCE.sum() == pytest.approx(1.0)


@pytest.mark.parametrize(("rest_db", "harm"), [(-10.0, 0.0), (5.9, 0.0), (9.0, 3.0), (16.0, 10.0)])
def test_harm_is_what_lies_beyond_the_limit_weighted(rest_db: float, harm: float) -> None:
    """All bands of speech lie as far below the rest, so the mean is that distance, times the priority."""
    assert LIMIT_DB == -6.0
    assert harm_db(flat(0.0, rest_db), [VOICE]) == pytest.approx(2.0 * harm)


def test_pauses_and_what_belongs_to_the_track_do_not_count() -> None:
    power = flat(0.0, -20.0, 20.0)
    power[2, :80] = 1e-9
    power[0, 80:] = 1e-9  # the loud one plays only while the voice pauses
    assert harm_db(power, [VOICE]) == 0.0
    double = Protected(0, 2.0, "voice", beside=(1,))
    assert harm_db(flat(0.0, 30.0), [double]) == 0.0


def test_a_kick_is_judged_by_its_lows() -> None:
    power = flat(0.0, 0.0)
    power[1, :, CENTRES_HZ > 200] = 1e3
    assert harm_db(power, [Protected(0, 1.2, "kick")]) == 0.0
    power[1, :, CENTRES_HZ < 130] = 10.0
    assert harm_db(power, [Protected(0, 1.2, "kick")]) == pytest.approx(1.2 * 4.0)


def test_the_cost_in_tone_is_the_mean_change_at_equal_level() -> None:
    before = flat(0.0)[0]
    assert tonal_cost_db(before, before * 0.5) == pytest.approx(0.0, abs=1e-9)
    after = before.copy()
    after[:, :13] *= 10 ** (-0.4)
    level = 10 * np.log10((13 * 10 ** (-0.4) + 13) / 26)
    assert tonal_cost_db(before, after) == pytest.approx((abs(-4 - level) + abs(level)) / 2)


def test_a_move_sits_on_the_offender_or_it_does_not() -> None:
    before, after = flat(0.0, 12.0, 6.0), flat(0.0, 8.0, 6.0)
    at_1k = {"low_hz": 900.0, "high_hz": 1100.0}
    assert is_on_offender(Move(1, "band", **at_1k), before, after, [VOICE])
    assert not is_on_offender(Move(2, "band", **at_1k), before, after, [VOICE])
    clear = flat(0.0, -12.0, -20.0)
    assert not is_on_offender(Move(1, "band", **at_1k), clear, clear, [VOICE])


def test_moves_are_read_from_the_document() -> None:
    band = {"shape": "peak", "frequency_hz": 1000.0}
    moves = [
        {"task": "masking", "state": "accepted", "where": {"track": "b"}, "change": {"kind": "band", "band": band}},
        {"task": "masking", "state": "rejected", "where": {"track": "b"}, "change": {"kind": "band", "band": band}},
        {"task": "masking", "state": "accepted", "where": {}, "change": {"kind": "nothing"}},
        {
            "task": "equalisation",
            "state": "accepted",
            "where": {"track": "b"},
            "change": {"kind": "band", "band": band},
        },
        {"task": "masking", "state": "accepted", "where": {"track": "b"}, "change": {"kind": "fader"}},
    ]
    found = read_moves({"moves": moves}, {"a": 0, "b": 1})
    assert [(move.track, move.kind) for move in found] == [(1, "band"), (1, "fader")]
    assert found[0].low_hz < 1000 < found[0].high_hz
    assert (found[1].low_hz, found[1].high_hz) == (0.0, 20_000.0)


def test_both_mixes_are_held_against_each_other_track_by_track_whatever_their_order() -> None:
    session = Session("s", "whole", {}, {}, {"vox": "lead vocal", "pad": "pad"}, {"vox": 2.0})
    document = {
        "tracks": [{"id": "v", "name": "vox.wav"}, {"id": "p", "name": "pad.wav"}],
        "moves": [{"task": "masking", "state": "accepted", "where": {"track": "p"}, "change": {"kind": "fader"}, "measured": {"kept": True}}],
    }  # fmt: skip
    before = {"tracks": np.array(["p", "v"]), "power": flat(10.0, 0.0)}
    after = {"tracks": np.array(["v", "p"]), "power": flat(0.0, 8.0)}
    found = judge_bands(session, document, before, after)
    assert found["reduction"] == pytest.approx(0.5, abs=0.001)
    assert (found["moves"], found["on_offender"], found["kept"]) == (1, 1, [1, 1])
    assert found["costs_db"] == {"p": 0.0}
    assert found["levels_db"] == {"p": 2.0}


def song(folder: Path) -> Song:
    rng = np.random.default_rng(0)
    roles = {"vox": "lead vocal", "gtr": "electric guitar", "kick": "kick", "bass": "bass", "hat": "hi-hat"}
    time = np.arange(RATE * 42) / RATE
    for name in roles:
        noise = rng.normal(0, 0.05, (1, time.size)).astype(np.float32)
        write(folder / f"{name}.wav", noise * (np.sin(2 * np.pi * time / 8) > -0.5 if name == "vox" else 1), RATE)
    stems = tuple(Stem(name, folder / f"{name}.wav", 0, (role,)) for name, role in roles.items())
    return Song("song", folder, folder / "work", stems, None)


@pytest.mark.needs("ffmpeg")
def test_sessions_are_the_same_for_the_same_seed_and_clean_ones_are_clean(tmp_path: Path) -> None:
    first, second = ({one.kind: one for one in plants(song(tmp_path / "s"), 3)} for _ in range(2))
    assert list(first) == ["throughout", "sections", "lows", "apart", "in turn", "few"]
    for kind, session in first.items():
        assert all(np.array_equal(sound, second[kind].sounds[name]) for name, sound in session.sounds.items()), kind
    for kind in ("apart", "in turn"):
        session = first[kind]
        names = list(session.sounds)
        power = np.stack([_bands(session.sounds[name]) for name in names])
        assert harm_db(power, protect(session, names)) == 0.0, kind


def _bands(sound: np.ndarray) -> np.ndarray:
    step = RATE // 10
    windows = np.lib.stride_tricks.sliding_window_view(sound[0], 2 * step)[::step]
    return third_octaves(windows, RATE)


def test_a_raised_band_is_raised_at_its_centre_and_not_far_away() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, (1, RATE * 4)).astype(np.float32)
    change = 10 * np.log10(_bands(raise_band(noise, RATE, 1000.0, 12.0)).mean(axis=0) / _bands(noise).mean(axis=0))
    assert change[BAND_1K] == pytest.approx(12.0, abs=0.5)
    assert abs(change[0]) < 0.1
    assert abs(change[-1]) < 0.1
