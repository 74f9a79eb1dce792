"""When noise and room are worked on, and when not."""

import pytest

from tonmeister.analysis.defects import Defects
from tonmeister.analysis.noise_profile import NoiseProfile
from tonmeister.processing import Denoiser
from tonmeister.tasks.denoising import add_voice_model, choose_denoiser
from tonmeister.tasks.dereverberation import choose_dereverb


def noise_of(
    *, over_db: float = 15.0, wander_db: float = 0.5, spread_db: float = 1.0, pauses_s: float = 2.0, silent: float = 0.0
) -> NoiseProfile:
    return NoiseProfile(
        points=((100.0, -90.0),),
        level_dbfs=-40.0,
        over_noise_db=over_db,
        wander_db=wander_db,
        spread_db=spread_db,
        pauses_s=pauses_s,
        silent_share=silent,
    )


def test_steady_noise_goes_from_anything() -> None:
    for voice in (False, True):
        chosen = choose_denoiser(noise_of(), voice=voice)
        assert chosen is not None
        assert chosen.profile == ((100.0, -90.0),)
        assert chosen.wander_db == 0
        assert chosen.voice == 0


def test_between_silences_only_steady_noise_that_lasts_is_noise() -> None:
    """Else it is an echo, or what a gate let through of a few sounds."""
    assert choose_denoiser(noise_of(silent=0.8), voice=False) is not None
    assert choose_denoiser(noise_of(silent=0.8, pauses_s=0.36), voice=False) is None
    assert choose_denoiser(noise_of(silent=0.8, wander_db=3.4, spread_db=4.4), voice=True) is None
    assert choose_denoiser(noise_of(silent=0.04, wander_db=3.4, spread_db=4.4, pauses_s=0.36), voice=True) is not None


def test_noise_that_changes_goes_from_voices_only() -> None:
    assert choose_denoiser(noise_of(wander_db=5), voice=False) is None
    chosen = choose_denoiser(noise_of(wander_db=5), voice=True)
    assert chosen is not None
    assert chosen.wander_db > 0


@pytest.mark.parametrize(
    "noise",
    [
        None,
        noise_of(over_db=60),
        noise_of(over_db=1),
        noise_of(wander_db=16),
        noise_of(wander_db=5, spread_db=22),
        noise_of(wander_db=8, over_db=28),
    ],
)
def test_where_it_is_no_noise_there_is_nothing_to_do(noise: NoiseProfile | None) -> None:
    """Silence, noise nobody hears, no pauses, and what clean takes of voices measured."""
    assert choose_denoiser(noise, voice=True) is None


@pytest.mark.parametrize(
    ("over_db", "wander_db", "harm_db", "distance_db", "takes_part"),
    [
        (12, 5, -20, 2, True),
        (6, 0.5, -20, -7, True),
        (15, 0.5, -33, 8, True),
        (25, 5, -30, 0, False),
        (12, 5, -6, 2, False),
        (12, 0.5, -6, -7, False),
        (12, 5, -20, 8, False),
    ],
)
def test_the_model_takes_part_where_it_was_measured_to_serve(
    over_db: float, wander_db: float, harm_db: float, distance_db: float, *, takes_part: bool
) -> None:
    noise = noise_of(over_db=over_db, wander_db=wander_db)
    chosen = add_voice_model(Denoiser(profile=noise.points), noise, harm_db=harm_db, distance_db=distance_db)
    assert (chosen.voice > 0) is takes_part
    assert (chosen.voice_trust_db > 0) is (takes_part and wander_db == 5)


def test_live_rooms_are_taken_from_voices() -> None:
    live = Defects(decay_s=0.8, decays=9, tail_db=-4.5)
    chosen = choose_dereverb(live, voice=True)
    assert chosen is not None
    assert chosen.decay_s == pytest.approx(0.64)
    assert choose_dereverb(live, voice=False) is None
    for changed in ({"decay_s": 0.5}, {"decays": 2}, {"tail_db": -7.0}, {"tail_db": None}, {"decay_s": None}):
        assert choose_dereverb(live.model_copy(update=changed), voice=True) is None
    assert choose_dereverb(Defects(), voice=True) is None
