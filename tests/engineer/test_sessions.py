"""Sessions of a mix, through the one function behind every door."""

import gzip
import json
import threading
import zipfile
from pathlib import Path

import pytest

from tests.daw.ableton.sets import live_12_set
from tonmeister.engineer import doctor, export, load_mix
from tonmeister.engineer.sessions import SESSION_FORMATS
from tonmeister.errors import CancelledError, InputError, OutputError

ALL = "ardour,dawproject,reaper,aaf,stems"
MAIN_FILES = {
    "ardour": "*.ardour",
    "dawproject": "*.dawproject",
    "reaper": "*.rpp",
    "aaf": "*.aaf",
    "stems": "Stems/*.wav",
}


def test_every_format_is_written_with_an_account_of_it(copied: Path) -> None:
    result = export(copied, to=ALL)
    assert result.path == copied / "sessions"
    assert [one.format for one in result.sessions] == ALL.split(",")
    tracks = sum(track.used for track in load_mix(copied).tracks)
    for one in result.sessions:
        assert list(one.folder.glob(MAIN_FILES[one.format])), one.format
        assert one.file.is_file()
        assert one.file.parent == one.folder == copied / "sessions" / one.format
        told = (one.folder / "about.txt").read_text("utf-8")
        assert all(sentence in told for sentence in (*one.printed, *one.approximate, *one.lost))
        assert max(one.carried.get("tracks", 0), one.carried.get("stems", 0)) >= tracks
    assert not list(copied.glob("**/print-*.wav"))  # prints are in sessions only


def test_a_session_that_is_written_again_keeps_its_name(copied: Path) -> None:
    """Ardour 7 refuses a session with two folders of sound, as a second name would make."""
    before = sorted(path.name for path in (copied / "sessions" / "ardour").glob("*.ardour"))
    export(copied, to="ardour")
    assert sorted(path.name for path in (copied / "sessions" / "ardour").glob("*.ardour")) == before
    assert len(before) == 1
    assert len(list((copied / "sessions" / "ardour" / "interchange").iterdir())) == 1


def test_one_format_lies_in_its_folder_and_linked_sound_stays_where_it_is(copied: Path) -> None:
    copy = export(copied, to="reaper")
    size = sum(path.stat().st_size for path in copy.sessions[0].folder.rglob("*.wav"))
    linked = export(copied, to="dawproject", media="link")
    with zipfile.ZipFile(linked.sessions[0].file) as packed:
        assert sum(one.file_size for one in packed.infolist() if one.filename.endswith(".wav")) < size


def test_a_mix_goes_into_a_persons_own_set_and_never_over_a_file(copied: Path, tmp_path: Path) -> None:
    own = live_12_set(tmp_path / "mine.als")
    text = gzip.decompress(own.read_bytes()).decode()
    named = text.replace("Lead &amp; Vox", load_mix(copied).tracks[0].name)
    own.write_bytes(gzip.compress(named.encode()))
    result = export(copied, to="ableton", own_set=own, output=tmp_path / "mixed.als")
    assert result.sessions[0].carried["tracks"] == 1
    assert (tmp_path / "mixed.als").read_bytes() == result.sessions[0].file.read_bytes()
    assert gzip.decompress(own.read_bytes()).decode() == named
    with pytest.raises(InputError, match="is there already and stays"):
        export(copied, to="ableton", own_set=own, output=own)
    with pytest.raises(InputError, match=r"--set FILE\.als"):
        export(copied, to="ableton")
    with pytest.raises(InputError, match="-o is for a Live set"):
        export(copied, to="reaper", output=tmp_path / "x.rpp")


def test_a_stopped_export_leaves_what_was_there(copied: Path) -> None:
    before = sorted(path.name for path in (copied / "sessions").rglob("*")) if (copied / "sessions").is_dir() else []
    stop = threading.Event()
    stop.set()
    with pytest.raises(CancelledError):
        export(copied, to="stems", cancel=stop)
    after = sorted(path.name for path in (copied / "sessions").rglob("*")) if (copied / "sessions").is_dir() else []
    assert after == before


def test_a_foreign_file_in_the_place_of_a_session_is_never_replaced(copied: Path) -> None:
    mine = copied / "sessions" / "stems" / "README.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with pytest.raises(OutputError, match="was not made by Tonmeister"):
        export(copied, to="stems")
    assert mine.read_text() == "mine"


def test_the_doctor_has_notes_for_every_format_and_says_what_is_installed() -> None:
    result = doctor()
    assert list(result.sessions) == list(SESSION_FORMATS)
    assert all(notes.validated and notes.only_the_daw and notes.check for notes in result.sessions.values())
    assert {part.extra for part in result.parts} == {"aaf", "formats", "likeness", "logic", "vocal", "voice"}
    assert list(doctor(formats=("aaf",)).sessions) == ["aaf"]
    with pytest.raises(InputError, match="FORMAT tape: no such format"):
        doctor(formats=("tape",))
    json.dumps(result.model_dump(mode="json"))
