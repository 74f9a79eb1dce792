"""The direction of a mix: few broad moves towards references and moods, never past them, never over a budget."""

from collections.abc import Sequence

import numpy as np
import pytest

from tests.facts import audio, open_song, shaped_noise, song_facts, tiny_tracks
from tests.sounds import RATE_HZ
from tests.tasks.song_in_time import band, song
from tonmeister.analysis.fine_tone import FINE_CENTRES_HZ, FineToneMeter
from tonmeister.analysis.portrait import Portrait, PortraitSection, draw_portrait
from tonmeister.analysis.track_meter import measure_track
from tonmeister.audio import Audio
from tonmeister.document.direction import Amounts, Reference
from tonmeister.document.mix import Brief
from tonmeister.document.move import BandChange, FaderChange, InsertChange, Move
from tonmeister.document.strip import MASTER
from tonmeister.engineer.decide import predict_all
from tonmeister.knowledge import arcs, sources
from tonmeister.knowledge.moods import moods, moods_of_words
from tonmeister.knowledge.tone import regions
from tonmeister.processing import Compressor, Equaliser
from tonmeister.processing.filter_design import magnitude_db
from tonmeister.tasks import Work, direction, pacing
from tonmeister.tasks.direction.aims import GroupSound, MixSound, region_band
from tonmeister.tasks.direction.tone import fit_regions, group_gain_db
from tonmeister.tasks.pacing.form import Part
from tonmeister.tasks.pacing.reference import contrast_lu, towards_contrast

EVEN = [(30.0, -4.0), (100.0, 0.0), (1000.0, -3.0), (4500.0, -9.0), (15000.0, -20.0)]


def music(points: Sequence[tuple[float, float]] = EVEN, *, side: float = 0.15) -> Audio:
    """Return steady stereo noise of this spectrum whose side has a share of its power."""
    mid, diff = (shaped_noise(points, seed=seed, duration_s=4.0).samples[0].astype(np.float64) for seed in (1, 2))
    diff *= np.sqrt(side / (1 - side))
    return audio(np.stack([mid + diff, mid - diff]), gain_db=-6)


def portrait(sound: Audio) -> Portrait:
    fine = FineToneMeter(sound.sample_rate_hz, sound.channels)
    fine.add(sound.samples)
    return draw_portrait(measure_track(sound), fine_tone_db=fine.result_db())


def sound_of(sound: Audio, groups: dict[str, float] | None = None) -> MixSound:
    """Return a mix that sounds so, with groups that hold these shares of its power, all alike in tone."""
    measured = measure_track(sound)
    power = measured.curves.erb_power.astype(np.float64).mean(axis=0)
    widths = measured.figures.stereo.width_by_band
    shares = {bus: GroupSound(power * share, widths) for bus, share in (groups or {}).items()}
    return MixSound(portrait(sound), measured.curves.energies_100ms, power, shares)


def moves_of(
    sound: MixSound,
    *,
    reference: Audio | None = None,
    mood: tuple[str, ...] = (),
    budget: str = "balanced",
    **amounts: float,
) -> dict[str, Move]:
    """Return what is proposed for a mix of the tiny song's tracks that sounds so, by id."""
    told = () if reference is None else (Reference(name="song.wav", sha256="0" * 64, portrait=portrait(reference)),)
    facts = song_facts(list(tiny_tracks().values()))
    mix = open_song(facts, budget=budget, brief=Brief(references=told, moods=mood, amounts=Amounts(**amounts)))
    work = Work(facts=facts, mix=mix, heard=predict_all(mix, facts))
    return {move.id: move for move in direction.propose(work, sound)}


def band_of(move: Move) -> float:
    assert isinstance(move.change, BandChange)
    return move.change.band.gain_db


def tilted(highs_db: float) -> Audio:
    return music([(hz, db + (highs_db if hz > 4000 else 0.0)) for hz, db in EVEN])


def test_few_broad_bands_come_most_of_the_way_to_a_curve_and_not_past_it() -> None:
    names = list(regions())
    for name in names:
        wanted = magnitude_db((region_band(name, -3.0),), FINE_CENTRES_HZ, RATE_HZ)
        gains = fit_regions(wanted, most_db=4.0)
        made = magnitude_db(tuple(region_band(one, gain) for one, gain in gains.items()), FINE_CENTRES_HZ, RATE_HZ)
        assert 1 <= len(gains) <= 4
        assert np.abs(wanted - made).mean() < 0.35 * np.abs(wanted).mean()
        assert -3.3 <= made.min() < -1.5
    assert fit_regions(np.full(59, 0.2), most_db=4.0) == {}
    assert fit_regions(np.full(59, np.nan), most_db=4.0) == {}
    assert max(map(abs, fit_regions(np.linspace(-12, 12, 59), most_db=2.0).values())) <= 2.0


@pytest.mark.parametrize("highs_db", [-5.0, 5.0])
def test_the_tone_goes_towards_the_reference(highs_db: float) -> None:
    moves = moves_of(sound_of(music()), reference=tilted(highs_db), width=0.0, dynamics=0.0)
    highs = moves["direction.tone.highs"]
    assert 0.2 <= band_of(highs) / highs_db <= 0.9
    found = highs.because[0]
    assert found.limit is not None
    assert np.sign(found.limit - found.value) == np.sign(highs_db)
    assert "song.wav" in found.source
    assert highs.where.bus == MASTER


def test_no_band_passes_the_budget_and_an_amount_of_nothing_does_nothing() -> None:
    far = music([(hz, db + (-12.0 if hz > 4000 else 0.0)) for hz, db in EVEN])
    assert (
        max(
            abs(band_of(m))
            for m in moves_of(sound_of(music()), reference=far, budget="transparent", width=0, dynamics=0).values()
        )
        <= 2.0
    )
    assert list(moves_of(sound_of(music()), reference=far, tone=0, width=0, dynamics=0)) == ["direction.nothing"]
    assert list(moves_of(sound_of(music()), reference=music())) == ["direction.nothing"]


def test_a_group_that_carries_a_region_is_where_it_changes() -> None:
    move = moves_of(sound_of(music(), {"music": 0.9, "drums": 0.1}), reference=tilted(-3.0), width=0, dynamics=0)[
        "direction.tone.highs"
    ]
    assert move.where.bus == "music"
    even = moves_of(sound_of(music(), {"music": 0.5, "drums": 0.5}), reference=tilted(-3.0), width=0, dynamics=0)
    assert even["direction.tone.highs"].where.bus == MASTER


def test_what_a_group_must_do_for_the_whole_adds_up_and_is_refused_where_it_is_much_more() -> None:
    own = group_gain_db(-2.0, 0.8)
    assert own is not None
    assert 10 * np.log10(0.2 + 0.8 * 10 ** (own / 10)) == pytest.approx(-2.0, abs=0.05)
    assert group_gain_db(-6.0, 0.6) is None
    assert group_gain_db(-6.0, 1.0) == -6.0


@pytest.mark.parametrize(("side", "sign"), [(0.3, 1), (0.06, -1)])
def test_the_width_goes_towards_the_reference_and_not_past_it(side: float, sign: int) -> None:
    mix = music(side=0.15)
    move = moves_of(sound_of(mix), reference=music(side=side), tone=0, dynamics=0)["direction.width"]
    assert isinstance(move.change, InsertChange)
    equaliser = move.change.insert.processor
    assert isinstance(equaliser, Equaliser)
    assert equaliser.channels == "side"
    full = 10 * np.log10(side / (1 - side) / (0.15 / 0.85))
    assert all(0.3 <= one.gain_db / full <= 0.95 for one in equaliser.bands)
    assert move.expects is not None
    assert move.expects.before is not None
    assert np.sign(move.expects.value - move.expects.before) == sign


def hits(*, peak: float) -> Audio:
    """Return music with a stroke every half second."""
    wave = music().samples.astype(np.float64)
    wave[:, :: RATE_HZ // 2] = peak
    return audio(wave)


def test_a_denser_reference_makes_the_mix_bus_hold_more_inside_its_budget() -> None:
    """The master's limiter takes its part of the difference by itself: that part is not taken twice."""
    moves = moves_of(sound_of(hits(peak=1.0)), reference=hits(peak=0.25), tone=0, width=0, dynamics=1.0)
    move = moves["direction.dynamics"]
    assert isinstance(move.change, InsertChange)
    settings = move.change.insert.processor
    assert isinstance(settings, Compressor)
    assert move.change.insert.id == "glue"
    assert settings.ratio > 1
    assert "direction.dynamics" not in moves_of(
        sound_of(hits(peak=0.25)), reference=hits(peak=1.0), tone=0, width=0, dynamics=1.0
    )


def test_moods_are_read_from_the_words_about_the_whole_only() -> None:
    assert moods_of_words("An intimate song; keep it dreamy.") == ("intimate", "dreamy")
    assert moods_of_words("a warm sound overall") == ("warm",)
    assert moods_of_words("driving rock, please") == ("energetic",)
    assert moods_of_words("An aggressive track with loud guitars") == ("aggressive",)
    assert moods_of_words("Make it calm and dreamy throughout.") == ("dreamy", "calm")
    others = (
        "aggressive guitars", "keep it intimate in the bridge", "not too dreamy", "warm vocals", "rock", "", "driving bass", "calm down the cymbals",
        "calm the sibilance", "a driving rhythm", "epic reverb on the song", "a song about driving home", "an aggressive limiter", "the driving kit",
        "calm the low end", "intimate room sound on the snare", "cinematic strings", "the singer is calm",
    )  # fmt: skip
    for other in others:
        assert moods_of_words(other) == (), other


@pytest.mark.parametrize("name", list(moods()))
def test_every_number_of_a_mood_has_a_source_and_names_what_there_is(name: str) -> None:
    mood = moods()[name]
    said = {"tone": bool(mood.tone), "width": bool(mood.side_db), "dynamics": bool(mood.crest_db), "space": bool(mood.space_db), "arc": mood.arc is not None}  # fmt: skip
    assert set(mood.sources) == {part for part, there in said.items() if there}
    assert all(key in sources() for key in mood.sources.values())
    assert set(mood.tone) <= set(regions())
    assert max(map(abs, mood.tone.values()), default=0.0) <= 2.0
    assert mood.arc is None or mood.arc in arcs()
    assert moods_of_words(mood.words[0]) == (name,)


def test_a_mood_moves_what_its_row_says_and_adds_to_references() -> None:
    dark = moves_of(sound_of(music()), mood=("dark",))
    assert all(move.id.startswith("direction.") for move in dark.values())
    assert band_of(dark["direction.tone.bass"]) > 0
    assert "moods.dark" in dark["direction.tone.bass"].because[0].source
    wide = moves_of(sound_of(music()), mood=("dreamy",))["direction.width"]
    assert wide.expects is not None
    assert wide.expects.before is not None
    assert 0 < wide.expects.value - wide.expects.before <= 2.0
    plain = band_of(moves_of(sound_of(music()), reference=tilted(-5.0), width=0, dynamics=0)["direction.tone.highs"])
    brighter = moves_of(sound_of(music()), reference=tilted(-5.0), mood=("calm",), width=0, dynamics=0)
    assert band_of(brighter["direction.tone.highs"]) > plain


def parts_of(levels: Sequence[float]) -> list[Part]:
    kinds = ("verse", "chorus")
    return [
        Part(f"{kinds[n % 2]}-{n}", kinds[n % 2], 10.0 * n, 10.0 * n + 10, level, level, named=True, energy=n % 2)  # type: ignore[arg-type]  # kinds are right
        for n, level in enumerate(levels)
    ]


def contrast(levels: Sequence[float]) -> float:
    found = contrast_lu(levels, [10.0] * len(levels))
    assert found is not None
    return found


@pytest.mark.parametrize("aim", [1.0, 6.0])
def test_the_contrast_of_sections_comes_the_asked_part_of_the_way(aim: float) -> None:
    levels = [-20.0, -17.0, -20.0, -17.0]
    arc = arcs()["reference"].model_copy(update={"aimed_contrast_lu": aim, "aimed_share": 0.5})
    moved = np.array(levels) + towards_contrast(arc, parts_of(levels))
    assert contrast(levels) == pytest.approx(3.0)
    assert contrast(moved.tolist()) == pytest.approx(3.0 + 0.5 * (aim - 3.0))


def test_a_flat_song_is_shaped_by_its_energy_and_without_figures_nothing_moves() -> None:
    arc = arcs()["reference"].model_copy(update={"aimed_contrast_lu": 4.0, "aimed_share": 1.0})
    flat = [-20.0, -20.1, -20.0, -20.1]
    moved = towards_contrast(arc, parts_of(flat))
    assert moved[1] > moved[0]
    assert not towards_contrast(arcs()["reference"], parts_of([-20.0, -17.0])).any()
    assert contrast_lu([-20.0], [10.0]) is None


@pytest.mark.parametrize("aim", [0.5, 8.0])
def test_references_make_the_arc_of_a_song_whose_form_is_sure(aim: float) -> None:
    """Verse and chorus of noise, 3 dB apart: the lanes bring them towards the references' contrast, and the evidence says so."""
    spans = [(20.0 * n, 20.0 * n + 20.0, -3.0 * (n % 2 == 0)) for n in range(4)]
    sections = [("chorus" if n % 2 else "verse", 20.0 * n, 20.0 * n + 20.0) for n in range(4)]
    facts = song([band(spans, duration_s=80.0)], sections)
    soft = {"start_s": 0.0, "end_s": 50.0, "group": "A", "level_lu": -aim / 2, "tone_db": (), "crest_db": 10.0}
    loud = {**soft, "start_s": 50.0, "end_s": 100.0, "level_lu": aim / 2}
    told = Reference(
        name="song.wav",
        sha256="0" * 64,
        portrait=Portrait.model_validate({"duration_s": 100.0, "sections": (soft, loud)}),
    )
    mix = open_song(facts, brief=Brief(references=(told,)))
    moves = list(pacing.propose(Work(facts=facts, mix=mix, heard=predict_all(mix, facts))))
    level = next(move for move in moves if isinstance(move.change, FaderChange))
    assert isinstance(level.change, FaderChange)
    lift = [level.change.change_db.at(start + 10.0) for _, start, _ in sections]
    after = contrast([step[2] + change for step, change in zip(spans, lift, strict=True)])
    assert 3.0 < after <= 8.0 if aim > 3 else 0.5 <= after < 3.0
    assert any("song.wav" in one.source and one.limit == pytest.approx(aim, abs=0.01) for one in level.because)


def test_a_fade_is_no_contrast() -> None:
    assert contrast_lu([-20.0, -17.0, -60.0], [10.0] * 3) == pytest.approx(3.0)


def test_a_contrast_is_read_from_the_sections_of_a_recording() -> None:
    row = {"start_s": 0.0, "end_s": 10.0, "group": "A", "level_lu": -4.0, "tone_db": (), "crest_db": 10.0}
    soft = PortraitSection.model_validate(row)
    loud = soft.model_copy(update={"level_lu": 1.0, "start_s": 10.0, "end_s": 20.0})
    made = Portrait(duration_s=20.0, sections=(soft, loud))
    assert contrast([part.level_lu for part in made.sections]) == 5.0
