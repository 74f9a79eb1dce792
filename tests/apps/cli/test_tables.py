"""Results as text: wrapped in a terminal, one line a thing in a pipe."""

import sys
from pathlib import Path

import pytest

from tonmeister.analysis.portrait import Portrait
from tonmeister.apps.cli import tables
from tonmeister.document.diff import Difference
from tonmeister.document.lane import constant
from tonmeister.document.move import Evidence, Expectation, FaderChange, Measurement, Move, Where
from tonmeister.engineer import MasterResult
from tonmeister.engineer.result import MasterFigures

MOVE = Move(
    id="balance.lead-vocal.fader",
    task="balance",
    title="Turn the lead vocal up by 3.1 dB, because it is quieter against the rest than lead vocals are",
    where=Where(track="lead-vocal"),
    change=FaderChange(change_db=constant(3.1)),
    because=(Evidence(what="loudness against the mix", value=-7.12, limit=-4.5, unit="LU", source="a paper"),),
    expects=Expectation(metric="strip_loudness_lu", value=-20.0, tolerance=1.5, unit="LUFS", scope="mix"),
    measured=Measurement(value=-20.1, kept=True),
)


def make_narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make standard output, as capsys has it now, a terminal of 44 columns."""
    monkeypatch.setenv("COLUMNS", "44")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)


def test_in_a_pipe_each_thing_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    tables.show_moves([MOVE])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "balance.lead-vocal.fader  [accepted]"
    assert lines[2] == "  because loudness against the mix: -7.12 LU, limit -4.5 (a paper)"
    assert lines[3] == "  promises strip_loudness_lu -20 ± 1.5 LUFS; measured -20.1, kept"
    assert len(lines) == 4


def test_in_a_narrow_terminal_sentences_wrap_between_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_narrow(monkeypatch)
    tables.show_moves([MOVE])
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 44
    assert MOVE.title in " ".join(text.split())


def test_in_a_narrow_terminal_a_long_name_gives_way_and_numbers_stay_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_narrow(monkeypatch)
    tables.print_columns(("track", "role", "LUFS"), [("A very long name of a track.wav", "acoustic guitar", "-20.4")])
    title, row = capsys.readouterr().out.splitlines()
    assert len(row) == len(title) == 44
    assert row.startswith("A very long name ")
    assert row.endswith("…  acoustic guitar  -20.4")


def test_a_missed_promise_and_a_missed_target_catch_the_eye(capsys: pytest.CaptureFixture[str]) -> None:
    tables.show_moves([MOVE.model_copy(update={"measured": Measurement(value=-25.0, kept=False)})])
    figures = MasterFigures(
        integrated_lufs=-15.2, true_peak_dbtp=-1.03, range_lu=None, plr_db=14.2, drive_db=3.0, max_gain_reduction_db=8.0,
        target_lufs=-14.0, ceiling_dbtp=-1.0,
    )  # fmt: skip
    portrait = Portrait(duration_s=1.0)
    result = MasterResult(
        out=Path("m.wav"), master=figures, verdict="Little to do.", character="clean", before=portrait, after=portrait, tone_change_db=0.2,
        moves=(), misses=("The master is too quiet.",), stages={},
    )  # fmt: skip
    tables.show_master(result)
    text = capsys.readouterr().out
    assert "measured -25, NOT KEPT" in text
    assert "Master: -15.2 LUFS (target -14.0), true peak -1.03 dBTP (ceiling -1.0), LRA - LU" in text
    assert "missed: The master is too quiet." in text


def test_differences_are_told_or_that_there_are_none(capsys: pytest.CaptureFixture[str]) -> None:
    tables.show_differences(())
    changed = Difference(what="changed", where="tracks.vox.strip.trim_db", before=0.0, after="x" * 100)
    tables.show_differences((changed, Difference(what="removed", where="moves.eq.bass")))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Nothing differs."
    assert lines[1].startswith("tracks.vox.strip.trim_db: 0.0 → xxx")
    assert lines[1].endswith("x…")
    assert lines[2] == "moves.eq.bass: removed"
