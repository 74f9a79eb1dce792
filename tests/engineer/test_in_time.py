"""Rides, arcs, throws and proposals in sound: they do what they promise, and are taken back to the byte."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tests.facts import open_song, track_facts
from tests.sounds import RATE_HZ
from tests.tasks.song_in_time import band_sound, song, voice_sound
from tonmeister.audio import Audio, Samples
from tonmeister.document.facts import SongFacts
from tonmeister.document.fold import fold
from tonmeister.document.mix import Brief, Mix
from tonmeister.document.move import Move, SendChange
from tonmeister.engineer.budgets import measure_budgets
from tonmeister.engineer.decide import decide_mix, decide_strips, predict_all, read_arc
from tonmeister.engineer.documents import load_mix
from tonmeister.engineer.promises import verify
from tonmeister.engineer.solving import solve
from tonmeister.engineer.throw_words import read_throw
from tonmeister.errors import InputError
from tonmeister.processing import Delay
from tonmeister.render import Renderer
from tonmeister.tasks.automation.asked import MARK

FORM = [("verse", 0.0, 12.0), ("chorus", 12.0, 24.0), ("verse", 24.0, 30.0), ("chorus", 30.0, 42.0)]
LINES = [
    (1.0, 4.0, 0.0),
    (5.0, 7.0, -5.0),
    (8.0, 9.6, 4.0),
    (9.9, 10.5, 0.0),
    (12.3, 20.0, 0.0),
    (25.0, 28.0, -4.0),
    (31.0, 40.0, 2.0),
]
PAD = [(start, end, -8.0 if label == "verse" else 0.0) for label, start, end in FORM]
WORD_S, NEXT_S = (9.9, 10.5), 12.3


@cache
def sounds() -> dict[str, Audio]:
    return {"vox": voice_sound(LINES, duration_s=44.0), "pad": band_sound(PAD, duration_s=44.0)}


@cache
def decided() -> tuple[SongFacts, Mix]:
    tracks = [track_facts("vox", sounds()["vox"], "lead vocal"), track_facts("pad", sounds()["pad"], "synth")]
    facts = song(tracks, FORM)
    opened = open_song(facts, brief=Brief(arc="slow-burn"))
    return facts, decide_mix(decide_strips(opened, facts), facts, None)


def rendered(mix: Mix, point: str = "mix") -> Samples:
    blocks: list[Samples] = []

    def keep(start_frame: int, block: Samples) -> None:
        del start_frame
        blocks.append(block.copy())

    with Renderer(sounds(), threads=1) as renderer:
        renderer.render(mix, listeners={point: [keep]})
    return np.concatenate(blocks, axis=1)


def with_state(mix: Mix, ids: set[str], state: str) -> Mix:
    moves = tuple(m.model_copy(update={"state": state}) if m.id in ids else m for m in mix.moves)
    return fold(mix.model_copy(update={"moves": moves}))


def without(mix: Mix, *tasks: str) -> Mix:
    return fold(mix.model_copy(update={"moves": tuple(m for m in mix.moves if m.task not in tasks)}))


def test_taking_arc_rides_and_throws_back_restores_the_former_bytes() -> None:
    """Bar 5: the arc by its first move alone, each other move by itself."""
    _, mix = decided()
    moving = [m for m in mix.moves if m.task in ("automation", "pacing")]
    head = next(m for m in moving if m.task == "pacing" and not m.depends_on)
    assert {m.id for m in moving} >= {"automation.vox.ride", "automation.vox.throws", head.id}
    former = rendered(without(mix, "automation", "pacing"))
    assert rendered(mix).tobytes() != former.tobytes()
    back = with_state(mix, {head.id} | {m.id for m in moving if m.task == "automation"}, "rejected")
    assert rendered(back).tobytes() == former.tobytes()


@pytest.mark.parametrize("name", ["automation.vox.ride", "automation.vox.throws"])
def test_each_move_alone_can_be_taken_back(name: str) -> None:
    _, mix = decided()
    rejected = with_state(mix, {name}, "rejected")
    never = fold(mix.model_copy(update={"moves": tuple(m for m in mix.moves if m.id != name)}))
    assert rendered(rejected).tobytes() == rendered(never).tobytes() != rendered(mix).tobytes()
    assert rendered(with_state(rejected, {name}, "accepted")).tobytes() == rendered(mix).tobytes()


def test_what_rides_and_arcs_promise_is_measured_and_kept() -> None:
    """Bars 1 and 2: the spread falls by half; lifts are in the mix within 0.3 LU."""
    facts, mix = decided()
    with Renderer(sounds(), threads=1) as renderer:
        told = verify(mix, facts, predict_all(mix, facts), None, renderer, cancel=None)
    found = {m.expects.metric: m for m in told.moves if m.expects is not None and m.measured is not None}
    ride, arc = found["audibility_spread_db"], found["section_contrast_lu"]
    assert _measured(ride) <= 0.5 * (ride.measured.before or 0.0 if ride.measured else 0.0)
    assert arc.expects is not None
    assert _measured(arc) == pytest.approx(arc.expects.value, abs=0.3)
    assert arc.measured is not None
    assert arc.measured.kept


def test_what_settings_by_section_promise_is_measured_and_kept() -> None:
    """The echo of a lead goes with the sections; held against the same return without the ride."""
    facts, mix = decided()
    with Renderer(sounds(), threads=1) as renderer:
        told = verify(mix, facts, predict_all(mix, facts), None, renderer, cancel=None)
    found = [m for m in told.moves if m.expects is not None and m.expects.metric == "section_level_db"]
    assert "pacing.vox.echo" in {move.id for move in found}
    for move in found:
        assert move.expects is not None
        assert _measured(move) == pytest.approx(move.expects.value, abs=move.expects.tolerance)
        assert abs(_measured(move)) >= 0.25


def test_a_word_that_a_person_names_is_thrown_in_sound_and_its_promise_kept() -> None:
    """Bar 3: its first repeat comes one delay after it, its tail is as far down as planned, and taking it back restores the bytes."""
    facts, _ = decided()
    opened = open_song(facts, brief=Brief(arc="none", throws=(read_throw("last word of verse 1"),)))
    asked = decide_mix(decide_strips(opened, facts), facts, None)
    (move,) = (m for m in asked.moves if MARK in m.id)
    with Renderer(sounds(), threads=1) as renderer:
        told = verify(asked, facts, predict_all(asked, facts), None, renderer, cancel=None)
    (checked,) = (m for m in told.moves if m.id == move.id)
    assert checked.measured is not None
    assert checked.measured.kept
    off = with_state(asked, {move.id}, "rejected")
    never = fold(asked.model_copy(update={"moves": tuple(m for m in asked.moves if m.id != move.id)}))
    assert rendered(off).tobytes() == rendered(never).tobytes() != rendered(asked).tobytes()
    thrown = rendered(asked, "bus:delay") - rendered(off, "bus:delay")
    level = np.abs(thrown).max(axis=0)
    delay = next(i.processor for bus in asked.buses for i in bus.inserts if isinstance(i.processor, Delay))
    first_s = (
        float(np.flatnonzero(level > 0.3 * level.max())[0]) / RATE_HZ
    )  # the echo of the word before is ducked by more, too
    assert first_s == pytest.approx(WORD_S[0] + delay.time_ms / 1000, abs=0.045)


def test_a_throw_echoes_on_the_grid_and_is_down_when_the_next_line_begins() -> None:
    """Bar 3: opened within 20 ms of the word, repeats within 5 ms of the beats, the tail as far down as was said."""
    _, mix = decided()
    move = next(m for m in mix.moves if m.id == "automation.vox.throws")
    off = with_state(mix, {"automation.vox.throws"}, "rejected")
    thrown = rendered(mix, "bus:delay") - rendered(off, "bus:delay")
    level = np.sqrt(
        np.add.reduceat(np.square(thrown.astype(np.float64)).sum(axis=0), np.arange(0, thrown.shape[1], 48)) / 48
    )
    sounding = np.flatnonzero(level > 0.1 * level.max()) / 1000
    delay = next(i.processor for bus in mix.buses for i in bus.inserts if isinstance(i.processor, Delay))
    beat_s = 60 / (mix.song.tempo_bpm or 0.0)
    assert (delay.time_ms / 1000) / (beat_s / 2) == pytest.approx(round(delay.time_ms / 1000 / (beat_s / 2)), abs=0.001)
    assert sounding[0] == pytest.approx(WORD_S[0] + delay.time_ms / 1000, abs=0.025)
    assert isinstance(move.change, SendChange)
    dry = rendered(mix, "track:vox")
    word = np.square(dry[:, _frames(*WORD_S)].astype(np.float64)).sum(axis=0).mean()
    tail = np.square(thrown[:, _frames(NEXT_S, NEXT_S + 0.1)].astype(np.float64)).sum(axis=0).mean()
    assert 10 * np.log10(max(tail, 1e-20) / word) <= move.because[0].value + 1.0
    assert move.because[0].value <= -18


def test_the_repeats_of_a_thrown_word_sound_within_5_ms_of_the_beat_grid() -> None:
    """Bar 3, in sound: a burst of noise takes the word's place, and its repeats are found again by correlation."""
    _, mix = decided()
    at, length = round((WORD_S[0] + 0.2) * RATE_HZ), round(0.03 * RATE_HZ)
    burst = np.random.default_rng(7).normal(0, 0.1, length)
    vox = np.zeros((1, sounds()["vox"].frames), np.float32)
    vox[0, at : at + length] = burst
    pad = sounds()["pad"]
    heard: list[Samples] = []
    with Renderer(
        {"vox": Audio(vox, RATE_HZ), "pad": Audio(np.zeros_like(pad.samples), RATE_HZ)}, threads=1
    ) as renderer:
        renderer.render(mix, listeners={"bus:delay": [lambda _, block: heard.append(block.copy())]})
    echoes = np.concatenate(heard, axis=1).astype(np.float64)
    half_beat = round(30 / (mix.song.tempo_bpm or 0.0) * RATE_HZ)
    size = 2 ** int(np.ceil(np.log2(echoes.shape[1] + length)))
    by_side = np.fft.irfft(np.fft.rfft(echoes, size) * np.fft.rfft(burst, size).conj())
    alike = np.abs(by_side).sum(axis=0)
    around = [alike[at + k * half_beat - half_beat // 2 :][:half_beat] for k in range(1, 9)]
    found = [int(np.argmax(part)) - half_beat // 2 for part in around if part.max() > 0.05 * alike.max()]
    assert len(found) >= 2
    assert max(abs(off) for off in found) <= 0.005 * RATE_HZ


def test_a_locked_ride_stays_when_the_rest_is_decided_again() -> None:
    facts, mix = decided()
    ride = next(m for m in mix.moves if m.id == "automation.vox.ride")
    locked = ride.model_copy(update={"state": "locked", "set_by": "person"})
    opened = replace_moves(open_song(facts, brief=Brief(arc="none")), (locked,))
    again = decide_mix(decide_strips(opened, facts), facts, None)
    assert next(m for m in again.moves if m.id == ride.id).change == ride.change


def replace_moves(mix: Mix, moves: tuple[Move, ...]) -> Mix:
    return fold(mix.model_copy(update={"moves": moves}))


def _measured(move: Move) -> float:
    assert move.measured is not None
    return move.measured.value


def _frames(start_s: float, end_s: float) -> slice:
    return slice(round(start_s * RATE_HZ), round(end_s * RATE_HZ))


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("slow burn", "slow-burn"),
        ("Keep the demo's arc", "keep-the-demo"),
        ("Second Chorus Bigger", "second-chorus-bigger"),
        ("none", "none"),
    ],
)
def test_an_arc_is_known_by_what_people_say(said: str, name: str) -> None:
    assert read_arc(said) == name


def test_an_arc_that_nobody_knows_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(InputError, match="no such arc; use auto, none, gentle"):
        read_arc("louder")


def test_solving_with_another_arc_keeps_it_in_the_document_and_says_what_became_of_it(copied: Path) -> None:
    """A song of eight seconds has no sections to pace, and it says so; `none` says nothing."""
    solve(copied, arc="slow burn")
    asked = load_mix(copied)
    assert asked.brief.arc == "slow-burn"
    assert [m.title for m in asked.moves if m.task == "pacing"] == [
        "No arc: the song's sections were not found with confidence; only phrases are ridden"
    ]
    solve(copied, arc="none")
    assert not [m for m in load_mix(copied).moves if m.task == "pacing"]


def test_no_section_moves_further_than_the_budget() -> None:
    facts, mix = decided()
    use = next(use for use in measure_budgets(mix, facts, None, None) if use.budget == "section_change_db")
    assert 0 < use.used <= use.limit
