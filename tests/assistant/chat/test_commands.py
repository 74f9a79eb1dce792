"""Without a model plain commands do the same, through the same tools."""

from pathlib import Path

import pytest

from tonmeister.assistant.chat import CommandChat
from tonmeister.engineer import load_mix
from tonmeister.errors import InputError


def test_commands_look_propose_apply_and_take_back(opened: Path) -> None:
    chat = CommandChat(opened / "mix")
    move = next(move.id for move in load_mix(opened / "mix").moves if move.task == "panning")
    assert "lead vocal" in chat.answer("tracks")
    assert move in chat.answer("moves")
    assert "because:" in chat.answer(f"why {move}")
    assert "LUFS" in chat.answer("measure")
    assert "moves" in chat.answer("describe")
    assert "Say yes" in chat.answer(f"reject {move}")
    assert "read back" in chat.answer("yes")
    assert next(m for m in load_mix(opened / "mix").moves if m.id == move).state == "rejected"
    assert "values differ" in chat.answer("compare")
    assert "Taken back" in chat.answer("undo")
    assert "Nothing is proposed" in chat.answer("yes")


def test_anything_else_is_a_question(opened: Path) -> None:
    chat = CommandChat(opened / "mix")
    assert "10 to 30 ms" in chat.answer("what attack on a CL1B for a ballad vocal?")
    assert "Compress" in chat.answer("why does my vocal pump after compression?") or "compress" in chat.answer(
        "why does my vocal pump after compression?"
    )


def test_what_cannot_be_done_is_a_sentence(opened: Path, tmp_path: Path) -> None:
    chat = CommandChat(opened / "mix")
    assert "no such move" in chat.answer("why eq.nobody.there")
    assert "seconds" in chat.answer("excerpt now then")
    assert "What you can say" in chat.answer("help")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="there is no mix"):
        CommandChat(tmp_path / "empty")
