"""A song of damaged stems: mended in the mix, measured, and taken back by the person."""

from pathlib import Path

import numpy as np
import pytest

from tests.tiny_song import RATE_HZ, stem, write_song, write_sound
from tonmeister.document.move import InsertChange
from tonmeister.document.text import from_text, to_text
from tonmeister.engineer import load_mix, mix, set_moves, solve
from tonmeister.engineer.options import MixOptions
from tonmeister.processing import Declick

QUICK = MixOptions(with_report=False, sessions=())


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the mix of a song whose bass has an offset and clicks, and whose keys are clipped."""
    folder = tmp_path_factory.mktemp("damaged")
    song = write_song(folder / "song", order=("Kick.wav", "Lead Vox.wav"))
    bass = stem("Bass DI.wav").copy() + 0.02
    bass[0, 10_000::30_000] += 0.4
    write_sound(song / "Bass DI.wav", bass, subtype="FLOAT")
    keys = stem("Keys.wav")
    write_sound(song / "Keys.wav", np.clip(keys, *(np.abs(keys).max() * np.array([-0.6, 0.6]))))
    mix(song, folder / "out", options=QUICK)
    return folder / "out"


def test_each_defect_has_a_move_that_kept_its_promise(mended: Path) -> None:
    document = load_mix(mended)
    moves = {move.id: move for move in document.moves if move.task == "cleanup"}
    assert {"cleanup.bass-di.offset", "cleanup.bass-di.clicks", "cleanup.keys.clipping", "cleanup.nothing"} <= set(
        moves
    )
    for move in moves.values():
        if move.expects is None:
            continue
        assert move.measured is not None, move.id
        assert move.measured.kept, move.id
        assert move.measured.before == pytest.approx(move.expects.before, abs=0.5), move.id
    inserts = document.track("bass-di").strip.inserts
    assert [one.slot for one in inserts[:2]] == ["cleanup", "cleanup"]


def test_the_document_is_read_back_and_stays_readable(mended: Path) -> None:
    text = (mended / "mix.json").read_text("utf-8")
    document = from_text(text)
    assert to_text(document) == text
    assert max(map(len, text.splitlines())) < 400
    changes = [move.change for move in document.moves if move.id == "cleanup.bass-di.clicks"]
    clicks = next(one.insert.processor for one in changes if isinstance(one, InsertChange))
    assert isinstance(clicks, Declick)
    assert len(clicks.regions) >= 10
    assert all(one.end_s > one.start_s for one in clicks.regions)


def test_a_rejected_repair_is_gone_and_stays_away(mended: Path) -> None:
    set_moves(mended, "rejected", ("cleanup.bass-di.clicks",))
    solve(mended)
    document = load_mix(mended)
    assert [one.id for one in document.track("bass-di").strip.inserts if one.slot == "cleanup"] == ["offset"]
    assert next(m for m in document.moves if m.id == "cleanup.bass-di.clicks").state == "rejected"
    assert document.song.sample_rate_hz == RATE_HZ
