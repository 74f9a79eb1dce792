"""Which remedy is chosen for which cover."""

from dataclasses import replace

import numpy as np
import pytest

from tests.facts import ask, audio, changed, open_song, shaped_noise, song_facts, track_facts
from tests.tasks.masking.songs import COVER, KICK, LEAD, comes_and_goes, covered, in_sections, pair
from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.document.fold import fold
from tonmeister.document.lane import constant
from tonmeister.document.move import BandChange, FaderChange, InsertChange, Move, Nothing, PanChange
from tonmeister.engineer.decide import decide_mix, decide_strips, work_on
from tonmeister.processing import Compressor, DynamicEqualiser
from tonmeister.processing.band import Band
from tonmeister.tasks import masking
from tonmeister.tasks.prediction import mean_change_db

RATE_HZ = 48_000


def bells(moves: list[Move]) -> list[tuple[str, float, float]]:
    """Return (kind, Hz, dB) of each fixed or keyed cut."""
    found = []
    for move in moves:
        if isinstance(move.change, BandChange):
            found.append(("cut", move.change.band.frequency_hz, move.change.band.gain_db))
        if isinstance(move.change, InsertChange) and isinstance(move.change.insert.processor, DynamicEqualiser):
            (band,) = move.change.insert.processor.bands
            found.append(("keyed", band.frequency_hz, band.range_db))
    return found


def real(moves: list[Move]) -> list[Move]:
    return [move for move in moves if not isinstance(move.change, Nothing)]


def test_what_covers_the_lead_gives_way_and_promises_by_how_much() -> None:
    moves = real(ask(masking.propose, covered()))
    assert 1 <= len(moves) <= 3
    for move in moves:
        assert move.where.track == "pad"
        assert move.expects is not None
        assert (move.expects.track, move.expects.metric) == ("vox", "audibility_db")
        assert move.expects.value - (move.expects.before or 0) >= 0.5
        assert move.alternatives
        assert move.because[0].value > 6.0
    assert all(-4 <= gain_db <= -1 for _, _, gain_db in bells(moves))


def test_a_fixed_cut_is_made_where_the_masker_does_not_need_the_band_a_keyed_one_where_it_does() -> None:
    """Hafezi and Reiss 2015: bands within 6 dB of its own strongest (here 80 to 600 Hz) are the masker's own."""
    found = bells(ask(masking.propose, covered(gap_db=20))) + bells(ask(masking.propose, covered(gap_db=12)))
    assert {kind for kind, _, _ in found} == {"cut", "keyed"}
    assert all((kind == "cut") == (hz > 650) for kind, hz, _ in found)


def test_a_cut_is_keyed_where_the_lead_comes_and_goes() -> None:
    moves = ask(masking.propose, comes_and_goes())
    assert bells(moves)
    assert {kind for kind, _, _ in bells(moves)} == {"keyed"}
    assert {move.change.insert.key for move in moves if isinstance(move.change, InsertChange)} == {"vox"}


def test_bells_on_one_track_stand_at_least_half_an_octave_apart() -> None:
    found = [hz for _, hz, _ in bells(ask(masking.propose, covered(gap_db=20)))]
    assert len(found) >= 2
    assert (np.abs(np.diff(np.log2(sorted(found)))) >= 0.5).all()


@pytest.mark.parametrize(("budget", "most"), [("transparent", 1), ("balanced", 3), ("bold", 4)])
def test_the_budget_says_how_many_and_how_deep(budget: str, most: int) -> None:
    facts = covered(gap_db=24)
    moves = real(ask(masking.propose, facts, budget=budget))
    limits = open_song(facts, budget=budget).budget
    assert 1 <= len(moves) <= most
    bands = tuple(Band(frequency_hz=hz, gain_db=gain_db, q=2.0) for _, hz, gain_db in bells(moves))
    assert all(abs(band.gain_db) <= limits.eq_gain_db for band in bands)
    assert mean_change_db(bands, sample_rate_hz=RATE_HZ) <= limits.eq_total_db


def test_finished_stems_get_one_shallow_cut_at_most() -> None:
    moves = real(ask(masking.propose, covered(premixed=True)))
    assert len(moves) <= 1
    assert all(gain_db >= -2.0 for _, _, gain_db in bells(moves))
    assert not [move for move in moves if isinstance(move.change, FaderChange | PanChange)]


@pytest.mark.parametrize(
    "fields",
    [{"gap_db": -20.0}, {"leave_alone": True}, {"priority": 2.0}],
    ids=["no masking", "to be left alone", "as important"],
)
def test_where_no_cut_is_due_the_task_says_so_with_the_margin(fields: dict[str, float]) -> None:
    moves = ask(masking.propose, covered(**fields))  # type: ignore[arg-type]  # parametrised fields
    assert real(moves) == []
    (said,) = [move for move in moves if move.id == "masking.nothing"]
    assert said.because[0].limit == 6.0
    assert ("from harm" in said.because[0].what) == (fields.get("gap_db") == -20.0)


def test_overlap_without_harm_stays_untouched() -> None:
    """A pad as strong as the lead in its bands, 3 dB below the limit of harm."""
    vox = track_facts("vox", shaped_noise(LEAD, rms_db=-30), "lead vocal")
    pad = track_facts("pad", shaped_noise(LEAD, rms_db=-27, seed=3), "keys")
    (said,) = ask(masking.propose, song_facts([vox, pad]))
    assert said.title == "Nothing is covered"
    assert said.because[0].value < 6.0


def test_without_anything_to_uncover_there_is_nothing_to_say() -> None:
    vox = track_facts("vox", shaped_noise(LEAD), "lead vocal")
    pads = [track_facts(f"p{n}", shaped_noise(COVER, seed=n), "keys") for n in range(2)]
    silent = track_facts("s", audio(np.zeros(48_000)), "keys")
    assert [ask(masking.propose, song_facts(tracks)) for tracks in ([vox], pads, [vox, silent])] == [[], [], []]


def test_of_two_maskers_the_stronger_is_cut_first() -> None:
    vox = track_facts("vox", shaped_noise(LEAD, rms_db=-30), "lead vocal")
    loud = track_facts("loud", shaped_noise(COVER, rms_db=-16, seed=1), "keys")
    quiet = track_facts("quiet", shaped_noise(COVER, rms_db=-34, seed=2), "synth")
    moves = real(ask(masking.propose, song_facts([vox, loud, quiet])))
    assert {move.where.track for move in moves} == {"loud"}


def test_a_track_that_a_person_calls_a_lead_is_uncovered_too() -> None:
    first = changed(track_facts("gtr", shaped_noise(LEAD, rms_db=-30), "electric guitar"), priority=2.0)
    pad = track_facts("pad", shaped_noise(COVER, rms_db=-14, seed=1), "keys")
    moves = real(ask(masking.propose, song_facts([first, pad])))
    assert moves
    assert {move.expects.track for move in moves if move.expects} == {"gtr"}


def test_sections_are_looked_at_each_and_the_evidence_says_where() -> None:
    vox = shaped_noise(LEAD, rms_db=-30, duration_s=24)
    quiet, loud = (shaped_noise(COVER, rms_db=level, seed=1, duration_s=12) for level in (-60, -14))
    wave = np.concatenate([quiet.samples, loud.samples], axis=1)
    facts = song_facts(
        [track_facts("vox", vox, "lead vocal"), track_facts("pad", audio(wave.astype(np.float64)), "keys")]
    )
    moves = real(ask(masking.propose, in_sections(facts, [0.0, 12.0, 24.0])))
    assert moves
    assert all((move.because[0].start_s or 0) >= 12.0 for move in moves)


def test_a_bass_that_covers_the_kick_gives_way_in_the_kicks_octaves() -> None:
    moves = real(ask(masking.propose, pair(gap_db=12)))
    assert moves
    for move in moves:
        assert (move.where.track, move.expects and move.expects.track) == ("bass", "kick")
    assert all(hz < 130 for _, hz, _ in bells(moves))


def test_where_kick_and_bass_need_one_octave_the_kick_drives_what_gives_way() -> None:
    moves = real(ask(masking.propose, pair(bass=KICK, gap_db=12)))
    keyed = [move.change.insert for move in moves if isinstance(move.change, InsertChange)]
    assert keyed
    assert all(insert.key == "kick" and isinstance(insert.processor, DynamicEqualiser | Compressor) for insert in keyed)
    assert not [kind for kind, _, _ in bells(moves) if kind == "cut"]


def test_lows_that_a_keyboard_does_not_need_are_taken_from_the_kick_by_a_high_pass() -> None:
    kick = track_facts("kick", shaped_noise(KICK, rms_db=-40), "kick")
    rumble = [(20, -8), (60, -8), (140, -30), (300, 0), (2000, 0), (20_000, -40)]
    keys = track_facts("keys", shaped_noise(rumble, rms_db=-20, seed=4), "keys")
    moves = real(ask(masking.propose, song_facts([kick, keys])))
    assert [m.change.band.shape for m in moves if isinstance(m.change, BandChange)] in (["high_pass"], [])


def test_two_parts_in_one_octave_are_told_where_no_move_of_the_mix_is_enough() -> None:
    moves = ask(masking.propose, covered(gap_db=30, channels=2))
    notes = [move for move in moves if move.id.endswith("-note")]
    assert len(notes) == 1
    assert isinstance(notes[0].change, Nothing)
    assert "in one octave" in notes[0].title


def test_moves_hold_together_in_a_whole_document_and_survive_a_re_solve() -> None:
    facts = covered(gap_db=14)
    mix = decide_mix(decide_strips(open_song(facts), facts), facts, None)
    assert fold(mix) == mix
    again = decide_mix(decide_strips(open_song(facts), facts), facts, None)
    assert again == mix


def test_a_fader_that_is_to_be_kept_is_not_moved() -> None:
    moves = ask(masking.propose, covered(gap_db=24, keep_level=True))
    assert not [move for move in moves if isinstance(move.change, FaderChange)]
    assert constant(0.0).is_constant


def test_what_a_human_balanced_gives_way_only_where_the_cover_is_gross() -> None:
    """They heard it so: 12 dB over the lead, not 6."""
    assert real(ask(masking.propose, covered(gap_db=4.0)))
    assert real(ask(masking.propose, covered(gap_db=4.0, premixed=True))) == []
    assert real(ask(masking.propose, covered(gap_db=12.0, premixed=True)))


def test_a_kick_needs_less_of_the_rest_over_it_in_its_lows_than_a_lead() -> None:
    """One ERB is wide there: a mean of 5 dB hides notes that cover it altogether."""
    near = {gap_db: bool(real(ask(masking.propose, pair(gap_db=gap_db)))) for gap_db in (-12.0, 4.0)}
    assert near == {-12.0: False, 4.0: True}


def test_bands_that_give_way_are_counted_fixed_and_keyed_while_they_work() -> None:
    """The report shows who covers whom after all that was done; loudness stays as it was, as no fader makes up for it."""
    facts = comes_and_goes()
    opened = open_song(facts)
    before = work_on(opened, facts, None)
    move = real(list(masking.propose(before)))[0]
    after = masking.give_way(replace(before, mix=fold(opened.model_copy(update={"moves": (move,)}))))
    ((kind, hz, depth_db),) = bells([move])
    assert kind == "keyed"
    band = int(np.abs(ERB_CENTRES_HZ - hz).argmin())
    change = 10 * np.log10(after["pad"].erb_power[:, band] / before.heard["pad"].erb_power[:, band])
    sung, silent = change[2:7], change[11:15]  # 4 s of each, from 0 s on
    assert sung == pytest.approx(np.full(5, depth_db), abs=0.7)  # the band is wider than the bell's tip
    assert silent == pytest.approx(np.zeros(4), abs=0.1)
    assert (after["pad"].energies_100ms == before.heard["pad"].energies_100ms).all()
    assert (after["vox"].erb_power == before.heard["vox"].erb_power).all()
