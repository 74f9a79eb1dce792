"""Songs rearranged and played by code say the truth about themselves."""

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bench.forms import Form, Grid, Piece, draw_form, write_stem
from bench.midi import Event, Score, _as_midi, _clock, read_score


def levels(bars: int = 64) -> tuple[dict[str, np.ndarray], np.ndarray]:
    chance = np.random.default_rng(3)
    names = [f"stem{k}" for k in range(6)]
    loud = {name: np.where(np.repeat(chance.random(bars // 8) < 0.8, 8), -20.0, -90.0) for name in names}
    return loud, np.repeat(chance.normal(size=(bars // 8, 10)), 8, axis=0)


@pytest.mark.parametrize("seed", range(6))
def test_a_form_is_drawn_on_bar_lines_with_kinds_that_return(seed: int) -> None:
    form = draw_form(*levels(), Grid(120.0), seed=seed)
    assert form.boundaries_s == pytest.approx(np.round(form.boundaries_s / 2) * 2)
    assert len(set(form.labels)) < len(form.labels)
    assert all(a != b for a, b in zip(form.labels, form.labels[1:], strict=False))
    kinds = {piece.kind: (piece.first_bar, piece.stems) for piece in form.pieces}
    assert all(kinds[piece.kind] == (piece.first_bar, piece.stems) for piece in form.pieces)


def test_the_same_seed_gives_the_same_form() -> None:
    assert draw_form(*levels(), Grid(120.0), seed=4) == draw_form(*levels(), Grid(120.0), seed=4)


def test_a_stem_is_put_together_from_its_bars(tmp_path: Path) -> None:
    """A ramp shows where each sample came from; away from the joints it is exact to 16 bits."""
    rate, grid = 1000, Grid(240.0)  # a bar is a second
    soundfile.write(tmp_path / "a.wav", np.arange(40 * rate) / (40 * rate) * 0.9, rate, subtype="FLOAT")
    form = Form(
        grid, (Piece("A", 16, 2, frozenset({"a"})), Piece("B", 0, 2, frozenset()), Piece("A", 16, 9, frozenset({"a"})))
    )
    (tmp_path / "out").mkdir()
    assert write_stem(tmp_path / "a.wav", tmp_path / "out" / "a.wav", form)
    sound, _ = soundfile.read(tmp_path / "out" / "a.wav")
    assert sound.size == 13 * rate
    for second, source in ((0.5, 16.5), (4.5, 16.5), (11.5, 23.5), (12.5, 16.5)):
        assert sound[round(second * rate)] == pytest.approx(source / 40 * 0.9, abs=1e-4)
    assert not sound[round(2.1 * rate) : round(3.9 * rate)].any()


def test_a_midi_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    body = _as_midi([(0.5, 0x90, bytes([60, 100])), (1.25, 0x80, bytes([60, 0]))])
    (tmp_path / "one.mid").write_bytes(body)
    score = read_score(tmp_path / "one.mid")
    assert [(event.quarter, event.status, event.data) for event in score.events] == [
        (0.5, 0x90, b"\x3c\x64"),
        (1.25, 0x80, b"\x3c\x00"),
    ]
    assert score.tempos == ((0.0, 60.0),)
    assert struct.unpack(">H", body[12:14]) == (1000,)


def test_the_clock_of_a_player_wanders_but_never_far() -> None:
    """Six per cent of drift, eight of another tempo and nine of a change, at most, from the written 120."""
    score = Score((Event(0.0, 0x90, b"\x3c\x64"), Event(400.0, 0x80, b"\x3c\x00")), ((0.0, 120.0),), 4.0)
    quarters, seconds = _clock(score, np.random.default_rng(2))
    bpm = 60 * np.diff(quarters) / np.diff(seconds)
    assert (np.abs(np.log(bpm / 120)) < 0.06 + np.log(1.08) + np.log(1.09)).all()
    assert bpm.std() > 0
