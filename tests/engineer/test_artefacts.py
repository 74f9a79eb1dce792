"""The look for harm in our own work: with and without the page, told but never an exit code."""

import time
from html import unescape
from pathlib import Path
from typing import get_args

import pytest

from tests.engineer.conftest import QUICK, Mixed
from tests.tiny_song import write_song
from tonmeister.document.artefact import ArtefactKind
from tonmeister.engineer import artefacts, mix


def test_the_result_and_the_page_say_what_was_looked_for(mixed: Mixed) -> None:
    looked = {look.kind: look for look in mixed.result.artefacts}
    assert set(looked) <= set(get_args(ArtefactKind))
    assert {"flattened", "held", "clipped", "mono", "mono_band", "transients", "top"} <= set(looked)
    page = unescape((mixed.out / "report.html").read_text("utf-8"))
    for look in looked.values():
        assert look.title in page
        assert look.is_over == (look.value > look.limit)
        assert look.source


def test_a_master_pressed_to_the_ceiling_is_told_and_is_no_miss_of_its_own(tmp_path: Path) -> None:
    """The loudest that a bold budget allows flattens this song, which is the person's wish: a note, no exit code."""
    song = write_song(tmp_path / "song")
    options = QUICK.model_copy(update={"target": "-6", "budget": "bold"})
    result = mix(song, tmp_path / "out", options=options)
    over = {look.kind for look in result.artefacts if look.is_over}
    assert "held" in over or "flattened" in over
    assert not any(look.title in miss for look in result.artefacts for miss in result.misses)


def test_without_the_page_the_loudest_part_is_looked_at_in_little_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a second of processor time at most, kernels being there."""
    from tonmeister.engineer import finish

    spent = []

    def timed(*args: object, **kwargs: object) -> object:
        started = time.process_time()
        found = artefacts.check_excerpt(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        spent.append(time.process_time() - started)
        return found

    monkeypatch.setattr(finish, "check_excerpt", timed)
    song = write_song(tmp_path / "song")
    for name in ("first", "second"):
        result = mix(song, tmp_path / name, options=QUICK)
    assert result.artefacts
    assert spent[-1] < 0.5
