"""The result's folder changes as a whole; foreign files stay; the old document goes to history."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tonmeister.errors import OutputError
from tonmeister.files import output_folder
from tonmeister.files.output_folder import OutputFolder, is_result_folder

DOCUMENT = '{"engine": {"name": "tonmeister"}, "take": %d}'

KILLED_RUN = """
import sys, time
from pathlib import Path
from tonmeister.files.output_folder import OutputFolder
from tonmeister.files import output_folder
if sys.argv[2] == "amid-renames":
    def stop(folder, staging):
        (staging / "mix.wav").replace(folder / "mix.wav")
        print("now", flush=True)
        time.sleep(60)
    output_folder._carry_out = stop
with OutputFolder(Path(sys.argv[1])) as out:
    out.path("mix.wav").write_bytes(b"new sound")
    out.write_text("mix.json", '{"engine": {"name": "tonmeister"}, "take": 2}')
    if sys.argv[2] == "amid-work":
        print("now", flush=True)
        time.sleep(60)
"""


def _write_take(folder: Path, take: int) -> None:
    with OutputFolder(folder) as out:
        out.path("mix.wav").write_bytes(b"sound %d" % take)
        out.path("sessions/ardour/song.ardour").write_bytes(b"session")
        out.write_text("mix.json", DOCUMENT % take)


def _stop_halfway(folder: Path) -> None:
    with OutputFolder(folder) as out:
        out.path("mix.wav").write_bytes(b"half")
        raise ValueError("stop")


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_nothing_is_seen_before_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "out"
    with OutputFolder(folder) as out:
        out.path("mix.wav").write_bytes(b"sound")
        assert list(folder.glob("[!.]*")) == []
    assert _files(folder) == [".tonmeister.json", "mix.wav"]


def test_a_previous_document_is_kept_in_history(tmp_path: Path) -> None:
    for take in (1, 2, 3):
        _write_take(tmp_path, take)
    assert _files(tmp_path) == [
        ".tonmeister.json",
        "history/mix-0001.json",
        "history/mix-0002.json",
        "mix.json",
        "mix.wav",
        "sessions/ardour/song.ardour",
    ]
    takes = [json.loads((tmp_path / name).read_text())["take"] for name in _files(tmp_path)[1:4]]
    assert takes == [1, 2, 3]
    assert is_result_folder(tmp_path)


def test_an_error_leaves_the_previous_result(tmp_path: Path) -> None:
    _write_take(tmp_path, 1)
    before = _files(tmp_path)
    with pytest.raises(ValueError, match="stop"):
        _stop_halfway(tmp_path)
    assert _files(tmp_path) == before
    assert (tmp_path / "mix.wav").read_bytes() == b"sound 1"


def test_foreign_files_stay_and_are_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "master.wav").write_bytes(b"mine")
    _write_take(tmp_path, 1)
    with pytest.raises(OutputError) as caught, OutputFolder(tmp_path) as out:
        out.path("master.wav")
    assert caught.value.reason == "It is there already and was not made by Tonmeister"
    assert (tmp_path / "master.wav").read_bytes() == b"mine"
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_result_copied_without_hidden_files_still_counts_as_ours(tmp_path: Path) -> None:
    _write_take(tmp_path, 1)
    (tmp_path / ".tonmeister.json").unlink()
    _write_take(tmp_path, 2)
    assert (tmp_path / "mix.wav").read_bytes() == b"sound 2"


def test_the_previous_result_can_be_read_while_the_next_is_made(tmp_path: Path) -> None:
    _write_take(tmp_path, 1)
    with OutputFolder(tmp_path) as out:
        assert out.previous("mix.wav") == tmp_path / "mix.wav"
        assert out.previous("master.wav") is None


@pytest.mark.parametrize("name", ["", "../x.wav", "/x.wav", ".tonmeister.json"])
def test_names_outside_are_refused(tmp_path: Path, name: str) -> None:
    with OutputFolder(tmp_path) as out, pytest.raises(ValueError, match="no name inside"):
        out.path(name)


@pytest.mark.parametrize(("when", "sound", "take"), [("amid-work", b"sound 1", 1), ("amid-renames", b"new sound", 2)])
def test_after_a_killed_run_the_result_is_whole(tmp_path: Path, when: str, sound: bytes, take: int) -> None:
    """Killed before the end: the old result. Killed between two renames: the next run completes the new one."""
    _write_take(tmp_path, 1)
    command = [sys.executable, "-c", KILLED_RUN, str(tmp_path), when]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "now\n"
        run.send_signal(signal.SIGKILL)
        run.wait()
    with OutputFolder(tmp_path):
        pass
    assert (tmp_path / "mix.wav").read_bytes() == sound
    assert json.loads((tmp_path / "mix.json").read_text())["take"] == take
    assert [path.name for path in tmp_path.glob(".*")] == [".tonmeister.json"]


def test_an_interrupt_amid_the_renames_is_completed_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write_take(tmp_path, 1)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(output_folder, "_carry_out", interrupt)
        with pytest.raises(KeyboardInterrupt):
            _write_take(tmp_path, 2)
    assert (tmp_path / "mix.wav").read_bytes() == b"sound 1"
    with OutputFolder(tmp_path):
        pass
    assert (tmp_path / "mix.wav").read_bytes() == b"sound 2"


def test_a_file_in_place_of_the_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(OutputError, match="in the way"), OutputFolder(tmp_path / "out"):
        pass


def test_a_folder_without_rights_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rights are taken by hand, as root may write anywhere."""

    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(OutputError) as caught, OutputFolder(tmp_path / "out"):
        pass
    assert caught.value.reason == "There is no permission to write here"


def test_a_folder_that_was_made_for_nothing_is_gone_again(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no sound"), OutputFolder(tmp_path / "out") as folder:
        _write_and_fail(folder)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_was_there_stays_when_the_work_fails(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(ValueError, match="no sound"), OutputFolder(tmp_path / "out") as folder:
        _write_and_fail(folder)
    assert not list((tmp_path / "out").iterdir())


def _write_and_fail(folder: OutputFolder) -> None:
    folder.write_text("mix.json", "{}")
    raise ValueError("no sound")
