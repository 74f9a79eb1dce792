"""The rules of a master of one file."""

from typing import Any

import numpy as np
import pytest

from tests.facts import shaped_noise
from tests.sounds import pink_noise
from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.analysis.difference import compare
from tonmeister.analysis.fine_tone import FINE_CENTRES_HZ
from tonmeister.analysis.portrait import draw_portrait
from tonmeister.analysis.track_meter import measure_track
from tonmeister.audio import Audio
from tonmeister.document.fold import change_master
from tonmeister.document.mix import Budget
from tonmeister.document.move import InsertChange, Move, Nothing
from tonmeister.document.strip import MasterChain
from tonmeister.engineer.decide import read_budget
from tonmeister.errors import InputError
from tonmeister.knowledge.characters import characters, find_character
from tonmeister.processing import Equaliser, Saturator, TransientShaper, TruePeakLimiter, Width
from tonmeister.processing.filter_design import magnitude_db
from tonmeister.tasks.mastering.finishing import AMOUNTS, Finishing, StemShare
from tonmeister.tasks.mastering.matching import match_bands
from tonmeister.tasks.mastering.rules import propose_master

RATE_HZ = 48_000
EVEN: list[tuple[float, float]] = [
    (20, -14),
    (50, -2),
    (100, 0),
    (400, -0.8),
    (1600, -4.4),
    (4500, -9.1),
    (16_000, -20.7),
]
"""Third octaves of released music, about."""


def music(points: list[tuple[float, float]] = EVEN, *, side: float = 0.1, peak: float = 0.3, seconds: float = 8.0) -> Audio:  # fmt: skip
    """Stereo noise of that spectrum with a pulse of half a second, so that it has sections and a crest."""
    parts = [shaped_noise(points, duration_s=seconds, seed=seed).samples[0].astype(np.float64) for seed in (1, 2)]
    beat = 0.4 + 0.6 * np.exp(-6 * (np.arange(parts[0].size) % (RATE_HZ // 2)) / RATE_HZ)
    mid, sides = parts[0] * beat, parts[1] * beat * side
    both = np.stack([mid + sides, mid - sides])
    return Audio((both * peak / np.abs(both).max()).astype(np.float32), RATE_HZ)


def finishing(sound: Audio, *, reference: Audio | None = None, **fields: Any) -> Finishing:
    """The work on a sound, at the streaming target unless told otherwise."""
    measured = measure_track(sound)
    portrait = draw_portrait(measured)
    comparison = None if reference is None else compare(portrait, [(draw_portrait(measure_track(reference)), 1.0)])
    name = fields.pop("character_name", "clean")
    return Finishing(
        **{
            "measured": measured, "portrait": portrait, "target": "streaming", "target_lufs": -14.0, "ceiling_dbtp": -1.0, "target_source": "test",
            "budget": read_budget("balanced"), "character_name": name, "character": characters()[name], "comparison": comparison, **fields,
        }
    )  # fmt: skip


def names(work: Finishing) -> dict[str, Move]:
    return {move.id.removeprefix("mastering."): move for move in propose_master(work)}


def chain_of(work: Finishing) -> MasterChain:
    chain = MasterChain()
    for move in propose_master(work):
        chain = change_master(chain, move.change)
    return chain


def with_tone(points: list[tuple[float, float]], added: dict[float, float]) -> list[tuple[float, float]]:
    """The points with some decibels more at some of them."""
    return [(hz, db + added.get(hz, 0.0)) for hz, db in points]


def test_a_sound_inside_the_band_only_gets_its_level() -> None:
    assert set(names(finishing(music()))) == {"target", "clip", "limiter"}


def test_too_little_of_the_highs_is_raised_by_less_than_the_limit_and_never_past_the_budget() -> None:
    dull = music(with_tone(EVEN, {4500: -12, 16_000: -18}))
    moves = names(finishing(dull))
    assert any(name.startswith("tone.") for name in moves)
    bands = [move.change.band for name, move in moves.items() if name.startswith("tone.")]  # type: ignore[union-attr]  # these changes are bands
    change = magnitude_db(tuple(bands), ERB_CENTRES_HZ, RATE_HZ)
    assert 0.4 <= np.abs(change).max() <= 2.05
    assert change[ERB_CENTRES_HZ > 6000].mean() > 0.3
    still = Budget(name="still", tilt_change_db=0)
    assert not any(name.startswith("tone.") for name in names(finishing(dull, budget=still)))


def test_a_finished_master_moves_by_a_decibel_at_most() -> None:
    """Loud and full to the top: somebody has mastered it."""
    dull = music(with_tone(EVEN, {4500: -20, 16_000: -30}), peak=0.99)
    loud = Audio(np.clip(dull.samples * 2, -0.99, 0.99), RATE_HZ)
    work = finishing(loud)
    assert work.is_finished
    bands = [b for i in chain_of(work).inserts if isinstance(i.processor, Equaliser) for b in i.processor.bands]
    assert np.abs(magnitude_db(tuple(bands), ERB_CENTRES_HZ, RATE_HZ)).max(initial=0) <= 1.05


@pytest.mark.parametrize("highs_db", [-13, -20])
def test_a_quiet_file_that_is_full_to_the_top_moves_by_a_decibel_at_most_at_one_level(highs_db: float) -> None:
    """A quiet master is full to the top as well; what strays very far in it is meant."""
    sound = music(with_tone(EVEN, {4500: highs_db, 16_000: highs_db - 12}), peak=0.1).samples.copy()
    sound[:, RATE_HZ : RATE_HZ + 48] += np.hanning(48).astype(np.float32) * 0.9
    work = finishing(Audio(sound, RATE_HZ))
    assert work.is_full
    assert not work.is_finished
    bands = [b for i in chain_of(work).inserts if isinstance(i.processor, Equaliser) for b in i.processor.bands]
    inside = (ERB_CENTRES_HZ > 60) & (ERB_CENTRES_HZ < 12_000)
    curve = magnitude_db(tuple(bands), ERB_CENTRES_HZ, RATE_HZ)[inside]
    assert np.abs(curve - np.median(curve)).max() <= 1.0


def test_a_dense_reference_brings_no_compressor_where_the_limiter_does_that_much() -> None:
    """The louder target alone takes the crest off; held at the quiet one, the same reference asks for a compressor."""
    song, dense = music(peak=0.9), music(peak=0.9)
    limit = float(np.abs(dense.samples).max()) * 10 ** (-8 / 20)
    reference = Audio(np.clip(dense.samples, -limit, limit), RATE_HZ)
    quiet = names(finishing(song, reference=reference, target_lufs=-24.0))
    loud = names(finishing(song, reference=reference, target_lufs=-8.0))
    assert "reference.dynamics" in quiet
    assert "reference.dynamics" not in loud


def test_what_one_stem_carries_is_mended_there() -> None:
    dull = music(with_tone(EVEN, {4500: -12, 16_000: -18}))
    stem = StemShare("cymbals", tuple(np.full(40, 0.8)))
    moves = names(finishing(dull, stems=(stem, StemShare("rest", tuple(np.full(40, 0.2))))))
    assert not any(name.startswith("tone.") for name in moves)
    fixes = [move for name, move in moves.items() if name.startswith("stem.")]
    assert fixes
    assert all(isinstance(move.change, Nothing) and "cymbals" in move.title for move in fixes)


def test_a_wide_low_end_of_one_stem_is_narrowed_there_with_its_part_told() -> None:
    even = tuple(np.full(40, 0.5))
    stems = (StemShare("pad", even, (0.9,) * 6), StemShare("rest", even, (0.1,) * 6))
    moves = names(finishing(music(side=0.9), stems=stems))
    assert "low-end.mono" not in moves
    assert isinstance(moves["stem.low-end"].change, Nothing)
    assert "pad makes 90%" in moves["stem.low-end"].title
    shared = (StemShare("pad", even, (0.4,) * 6), StemShare("rest", even, (0.4,) * 6))
    assert "low-end.mono" in names(finishing(music(side=0.9), stems=shared))


def test_a_wide_low_end_goes_to_the_middle_and_a_lacquer_asks_for_it_always() -> None:
    wide = chain_of(finishing(music(side=0.9)))
    assert any(isinstance(i.processor, Width) and i.processor.mono_below_hz for i in wide.inserts)
    vinyl = finishing(music(), target="vinyl")
    assert {"low-end.mono", "low-end.lacquer-top"} <= set(names(vinyl))
    assert "clip" not in names(vinyl)


def test_a_crushed_file_gets_attacks_back_only_where_there_is_room() -> None:
    crushed = Audio(np.clip(music(peak=1.0).samples * 12, -0.98, 0.98), RATE_HZ)
    room, none = names(finishing(crushed, target_lufs=-16.0)), names(finishing(crushed, target_lufs=3.0))
    shaper = room["restore.attacks"].change
    assert isinstance(shaper, InsertChange)
    assert isinstance(shaper.insert.processor, TransientShaper)
    assert 0 < shaper.insert.processor.attack_db <= 3
    assert "restore.no-room" in none


@pytest.mark.parametrize("name", [name for name in characters() if name != "clean"])
def test_each_character_uses_other_means(name: str) -> None:
    kinds = {one: tuple(sorted({i.id for i in chain_of(finishing(music(), character_name=one)).inserts})) for one in characters()}  # fmt: skip
    assert kinds[name] != kinds["clean"]
    assert len(set(kinds.values())) == len(kinds)


def test_an_unknown_character_is_refused() -> None:
    with pytest.raises(InputError, match="clean, warm, punchy, loud, open"):
        find_character("vintage")


def test_a_character_ends_in_clip_and_limiter_of_its_own() -> None:
    chain = chain_of(finishing(music(), character_name="loud"))
    clip, limiter = chain.inserts[-2:]
    assert isinstance(clip.processor, Saturator)
    assert isinstance(limiter.processor, TruePeakLimiter)
    assert limiter.processor.release_ms == characters()["loud"].release_ms


def test_the_equaliser_of_a_reference_follows_a_curve_within_half_a_decibel() -> None:
    """A bell and a shelf of other shapes than its own; 0.5 dB on average is what third octaves of music tell apart."""
    from tonmeister.processing import Band

    bands = (Band(frequency_hz=300, gain_db=4, q=1.0), Band(shape="high_shelf", frequency_hz=5000, gain_db=-3, q=0.7))
    wanted = magnitude_db(bands, FINE_CENTRES_HZ, RATE_HZ)
    got = magnitude_db(match_bands(wanted), FINE_CENTRES_HZ, RATE_HZ)
    inside = (FINE_CENTRES_HZ > 50) & (FINE_CENTRES_HZ < 14_000)
    assert np.abs(got - wanted)[inside].mean() < 0.5


def test_a_reference_is_followed_as_far_as_was_asked() -> None:
    bright = music(with_tone(EVEN, {4500: 4, 16_000: 4}))
    half = {**AMOUNTS, "tone": 0.5}

    def change(work: Finishing) -> float:
        bands = [b for i in chain_of(work).inserts if isinstance(i.processor, Equaliser) and i.processor.channels == "stereo" for b in i.processor.bands]  # fmt: skip
        curve = magnitude_db(tuple(bands), ERB_CENTRES_HZ, RATE_HZ)
        return float(curve[(ERB_CENTRES_HZ > 5000) & (ERB_CENTRES_HZ < 12_000)].mean())

    whole, part = (
        change(finishing(music(), reference=bright)),
        change(finishing(music(), reference=bright, amounts=half)),
    )
    assert whole == pytest.approx(4, abs=1)
    assert part == pytest.approx(whole / 2, abs=0.4)
    none = {**AMOUNTS, "tone": 0.0, "dynamics": 0.0, "width": 0.0}
    assert set(names(finishing(music(), reference=bright, amounts=none))) == {"target", "clip", "limiter"}


def test_a_mono_song_cannot_be_made_as_wide_as_a_reference_and_is_told_so() -> None:
    mono = Audio(music().samples[:1].copy(), RATE_HZ)
    moves = names(finishing(mono, reference=music(side=0.5)))
    assert any("width needs parts that differ" in move.title for move in moves.values())


def test_pink_noise_is_brighter_than_released_music() -> None:
    work = finishing(pink_noise(rms_db=-20, duration_s=6))
    assert any(name.startswith("tone.") for name in names(work))
