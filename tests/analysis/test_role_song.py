"""Roles of all stems together: names, sounds and company."""

import numpy as np
import pytest

from tonmeister.analysis import role_song
from tonmeister.analysis.role_song import NamedSound, assign_roles
from tonmeister.analysis.track_meter import TrackMeasurement, measure_track
from tonmeister.audio import Audio

RATE_HZ = 44_100
ROLES = (
    "lead vocal",
    "backing vocal",
    "kick",
    "snare",
    "toms",
    "percussion",
    "drums",
    "overheads",
    "room",
    "bass",
    "synth",
    "mixture",
)


def _sound(seed: int, *, active_s: float = 4.0) -> TrackMeasurement:
    chance = np.random.default_rng(seed)
    samples = chance.standard_normal((1, 5 * RATE_HZ)) * np.repeat(chance.uniform(0.02, 0.2, 50), RATE_HZ // 10)
    samples[:, int(active_s * RATE_HZ) :] = 0
    return measure_track(Audio(samples.astype(np.float32), RATE_HZ))


@pytest.fixture
def hears(monkeypatch: pytest.MonkeyPatch) -> dict[int, dict[str, float]]:
    """Return what the ear is to hear, by the id of a measurement."""
    known: dict[int, dict[str, float]] = {}

    def hear(measurement: TrackMeasurement) -> dict[str, float]:
        found = known[id(measurement)]
        rest = (1 - sum(found.values())) / len(ROLES)
        return {role: found.get(role, 0.0) + rest for role in ROLES}

    monkeypatch.setattr(role_song, "hear_roles", hear)
    return known


def _stem(
    name: str, hears: dict[int, dict[str, float]], heard: dict[str, float], *, seed: int, active_s: float = 4.0
) -> NamedSound:
    measurement = _sound(seed, active_s=active_s)
    hears[id(measurement)] = heard
    return NamedSound(name, measurement)


def test_a_clear_name_stands_against_any_sound(hears: dict[int, dict[str, float]]) -> None:
    (guess,) = assign_roles([_stem("Bass DI.wav", hears, {"kick": 0.99}, seed=1)])
    assert (guess.role, guess.confidence) == ("bass", 0.95)


def test_a_word_that_describes_gives_way_to_a_sure_sound(hears: dict[int, dict[str, float]]) -> None:
    voice = _stem("Lead.wav", hears, {"lead vocal": 0.95}, seed=1)
    unsure = _stem("Lead.wav", hears, {"lead vocal": 0.5}, seed=2)
    assert [guess.role for guess in assign_roles([voice])] == ["lead vocal"]
    assert [guess.role for guess in assign_roles([unsure])] == ["synth"]


def test_a_word_that_describes_gives_way_to_a_piece_of_the_kit_only_if_that_piece_is_clear(
    hears: dict[int, dict[str, float]],
) -> None:
    clear = _stem("Build.wav", hears, {"kick": 0.85, "toms": 0.1}, seed=1)
    drums_at_least = _stem("Build.wav", hears, {"kick": 0.45, "toms": 0.4, "percussion": 0.1}, seed=2)
    assert [guess.role for guess in assign_roles([clear])] == ["kick"]
    assert [guess.role for guess in assign_roles([drums_at_least])] == ["percussion"]


def test_what_a_person_said_is_certain(hears: dict[int, dict[str, float]]) -> None:
    stem = _stem("Kick", hears, {"kick": 0.99}, seed=1)
    (guess,) = assign_roles([NamedSound(stem.name, stem.measurement, "snare")])
    assert (guess.role, guess.confidence) == ("snare", 1.0)


def test_of_several_voices_the_one_that_sings_most_leads(hears: dict[int, dict[str, float]]) -> None:
    both = {"lead vocal": 0.45, "backing vocal": 0.45}
    stems = [_stem(f"{i}", hears, both, seed=i, active_s=length) for i, length in enumerate((0.8, 4.5, 1.0))]
    assert [guess.role for guess in assign_roles(stems)] == ["backing vocal", "lead vocal", "backing vocal"]


def test_a_named_lead_leaves_the_other_voices_behind_it(hears: dict[int, dict[str, float]]) -> None:
    named = _stem("Lead Vox", hears, {"lead vocal": 0.9}, seed=1, active_s=1.0)
    other = _stem("07", hears, {"lead vocal": 0.9}, seed=2)
    assert [guess.role for guess in assign_roles([named, other])] == ["lead vocal", "backing vocal"]


def test_overheads_need_a_kit_with_close_microphones(hears: dict[int, dict[str, float]]) -> None:
    above = _stem("1", hears, {"overheads": 0.9}, seed=1)
    kick, snare = _stem("2", hears, {"kick": 0.9}, seed=2), _stem("3", hears, {"snare": 0.9}, seed=3)
    assert [guess.role for guess in assign_roles([above, kick, snare])] == ["overheads", "kick", "snare"]
    assert [guess.role for guess in assign_roles([above, kick])] == ["drums", "kick"]


def test_a_mix_must_follow_all_the_others(hears: dict[int, dict[str, float]]) -> None:
    stems = [_stem(f"{i}", hears, {"bass": 0.9}, seed=i) for i in range(4)]
    odd = _stem("5", hears, {"mixture": 0.9}, seed=9, active_s=1.0)
    assert assign_roles([*stems, odd])[-1].role != "mixture"


def test_silence_is_unknown_and_nobody_is_lost() -> None:
    silent = measure_track(Audio(np.zeros((1, RATE_HZ), np.float32), RATE_HZ))
    guesses = assign_roles([NamedSound("1", silent), NamedSound("Vox", silent)])
    assert [guess.role for guess in guesses] == ["unknown", "lead vocal"]
    assert assign_roles([]) == []
