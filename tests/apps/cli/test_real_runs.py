"""The real command on real files: every command's JSON, bad songs, bad places, runs that are stopped or killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.apps.cli.conftest import Ran
from tests.tiny_song import RATE_HZ, STEMS, stem, write_song, write_sound

OURS = [sys.executable, "-c", "from tonmeister.apps.cli import main; main()"]
TWO = ("Kick.wav", "Keys.wav")
STOPPED = "Stopped; nothing half-written is left"


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return write_song(tmp_path / "song", order=TWO)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with `song` and its mix `out`, made by the real program."""
    folder = tmp_path_factory.mktemp("real")
    write_song(folder / "song", order=TWO)
    command = [*OURS, "mix", str(folder / "song"), "-o", str(folder / "out"), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["mixed"] == 2
    return folder


def one_json(ran: Ran) -> Any:
    """Return the one JSON value on standard output; json refuses anything before or after it."""
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def test_each_command_prints_one_json_value(made: Path, tmp_path: Path, run: Any) -> None:
    out = made / "out"
    assert one_json(run("listen", made / "song", "--json"))["song"]["sample_rate_hz"] == RATE_HZ
    assert len(one_json(run("moves", out, "--json"))) > 5
    name = one_json(run("moves", out, "--json"))[0]["id"]
    assert one_json(run("moves", out, "reject", name, "--json"))[0]["state"] == "rejected"
    assert one_json(run("render", out, "--json"))["master"]["target_lufs"] == -14.0
    assert one_json(run("solve", out, "--json"))["misses"] == []
    assert one_json(run("diff", out, out / "history" / "mix-0001.json", "--json"))
    assert one_json(run("undo", out, "--json"))
    assert one_json(run("export", out, "--to", "ardour", "--json"))["path"]
    master = one_json(run("master", out / "mix.wav", "-o", tmp_path / "m.wav", "--json"))
    assert master["master"]["integrated_lufs"] == pytest.approx(-14.0, abs=0.1)
    assert one_json(run("schema"))["title"] == "Mix"


def test_listening_writes_its_page_where_it_is_told(made: Path, tmp_path: Path, run: Any) -> None:
    told = one_json(run("listen", made / "song", "--report", tmp_path, "--json"))
    assert told["report"] == str(tmp_path / "listen.html")
    assert "picture-activity" in (tmp_path / "listen.html").read_text("utf-8")
    ran = run("listen", made / "song", "--report", tmp_path / "no folder" / "page.html")
    assert ran.code == 2
    assert "Its folder does not exist" in ran.err


def test_each_command_speaks_in_words_too(made: Path, tmp_path: Path, run: Any) -> None:
    out = made / "out"
    for arguments in (
        ("listen", made / "song"), ("moves", out), ("diff", out, out), ("master", out / "mix.wav", "-o", tmp_path / "m.wav"),
        ("render", out),
    ):  # fmt: skip
        ran = run(*arguments)
        assert (ran.code, bool(ran.out.strip())) == (0, True), (arguments, ran.err)


def _empty(_song: Path) -> str:
    for path in _song.iterdir():
        path.unlink()
    return "The folder is empty"


def _text_only(folder: Path) -> str:
    _empty(folder)
    (folder / "Vox.wav").write_text("Dear engineer")
    return "Vox.wav: No sound can be found in it"


def _silent_only(folder: Path) -> str:
    _empty(folder)
    write_sound(folder / "Vox.wav", np.zeros((1, RATE_HZ)))
    return "stems are silent"


def _zero_only(folder: Path) -> str:
    _empty(folder)
    (folder / "Vox.wav").write_bytes(b"")
    write_sound(folder / "Bass.wav", np.zeros((1, 0)))
    return "It is empty"


def _three_channels_only(folder: Path) -> str:
    _empty(folder)
    write_sound(folder / "Vox.wav", np.tile(stem("Kick.wav"), (3, 1)))
    return "It has 3 channels"


@pytest.mark.parametrize("spoil", [_empty, _text_only, _silent_only, _zero_only, _three_channels_only])
def test_a_song_without_any_usable_stem_ends_with_2_and_one_sentence(
    song: Path, tmp_path: Path, run: Any, spoil: Any
) -> None:
    says = spoil(song)
    ran = run("mix", song, "-o", tmp_path / "out", "--no-report", "--json")
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.last
    assert str(song) in ran.last
    assert "Traceback" not in ran.err
    assert _files(tmp_path / "out") == []


def _truncate(folder: Path) -> None:
    path = folder / "Keys.wav"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _not_numbers(folder: Path) -> None:
    samples = stem("Lead Vox.wav").copy()
    samples[0, 1000:1010], samples[0, 2000] = np.nan, np.inf
    write_sound(folder / "Lead Vox.wav", samples, subtype="FLOAT")


def _low_among_high(folder: Path) -> None:
    for name in TWO:
        write_sound(folder / name, stem(name), sample_rate_hz=96_000)
    write_sound(folder / "Bass.wav", stem("Bass DI.wav")[:, ::6], sample_rate_hz=8_000)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_truncate, "It breaks off after 4.00 s of 8.00 s; the sound up to there is used."),
        (_not_numbers, "11 samples are infinite or no number; replaced by silence."),
        (_low_among_high, None),
    ],
)
def test_a_spoilt_stem_is_used_as_far_as_it_goes_and_the_fault_is_listed(
    song: Path, tmp_path: Path, run: Any, spoil: Any, says: str | None
) -> None:
    spoil(song)
    result = one_json(run("mix", song, "-o", tmp_path / "out", "--no-report", "--no-master", "--json"))
    faults = [fault for item in result["incoming"] for fault in item["faults"]]
    assert result["mixed"] == len(list(song.iterdir()))
    assert says is None or says in faults
    assert result["song"]["sample_rate_hz"] == (96_000 if spoil is _low_among_high else RATE_HZ)


@pytest.mark.parametrize("kind", ["text", "nothing", "three channels"])
def test_a_stem_that_cannot_be_used_ends_with_3_and_the_others_are_mixed(
    song: Path, tmp_path: Path, run: Any, kind: str
) -> None:
    bad = song / "Vox.wav"
    if kind == "three channels":
        write_sound(bad, np.tile(stem("Kick.wav"), (3, 1)))
    else:
        bad.write_bytes(b"" if kind == "nothing" else b"Dear engineer")
    ran = run("mix", song, "-o", tmp_path / "out", "--no-report", "--no-master", "--json")
    result = json.loads(ran.out)
    assert (ran.code, result["mixed"], len(result["misses"])) == (3, 2, 1)
    assert result["misses"][0].startswith("Vox.wav is not in the mix: ")


def test_a_target_that_the_budget_forbids_ends_with_3_and_says_why(song: Path, tmp_path: Path, run: Any) -> None:
    ran = run("mix", song, "-o", tmp_path / "out", "--no-report", "--target", "-5", "--budget", "transparent", "--json")
    result = json.loads(ran.out)
    assert ran.code == 3
    assert (
        "the limiter would have to take more than the 3.0 dB that the budget 'transparent' allows"
        in result["misses"][0]
    )
    assert result["master"]["max_gain_reduction_db"] <= 3.0 + 0.1
    assert (tmp_path / "out" / "master.wav").is_file()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read and write everything")
def test_files_and_folders_without_rights_are_told(song: Path, tmp_path: Path, run: Any) -> None:
    (song / "Keys.wav").chmod(0)
    ran = run("mix", song, "-o", tmp_path / "out", "--no-report", "--no-master", "--json")
    assert ran.code == 3
    tmp_path.chmod(0o500)
    try:
        ran = run("mix", song, "-o", tmp_path / "other", "--no-report")
        assert ran.code == 2
        assert "no permission to write" in ran.last
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize("place", ["a file", "inside a file"])
def test_a_place_that_is_no_folder_is_told(song: Path, tmp_path: Path, run: Any, place: str) -> None:
    (tmp_path / "taken").write_text("mine")
    out = tmp_path / "taken" / ("" if place == "a file" else "out")
    ran = run("mix", song, "-o", out, "--no-report")
    assert ran.code == 2
    assert "in the way" in ran.last
    assert (tmp_path / "taken").read_text() == "mine"


def test_a_file_of_someone_else_is_never_overwritten(song: Path, tmp_path: Path, run: Any) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mix.wav").write_text("mine")
    ran = run("mix", song, "-o", tmp_path / "out", "--no-report")
    assert ran.code == 2
    assert "was not made by Tonmeister" in ran.last
    assert _files(tmp_path / "out") == ["mix.wav"]
    assert (tmp_path / "out" / "mix.wav").read_text() == "mine"


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of one megabyte, of which a mix needs several."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can mount a tiny disk")
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this system does not let root mount")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_ends_with_2_and_leaves_nothing(song: Path, tiny_disk: Path, run: Any) -> None:
    ran = run("mix", song, "-o", tiny_disk / "out", "--no-report")
    assert ran.code == 2, ran.err
    assert "The disk is full" in ran.last
    assert _files(tiny_disk) == []


def test_a_cache_on_a_full_disk_does_not_stop_the_work(
    song: Path, tmp_path: Path, tiny_disk: Path, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONMEISTER_CACHE", str(tiny_disk / "cache"))
    ran = run("mix", song, "-o", tmp_path / "out", "--no-report", "--json")
    assert ran.code == 0, ran.err


def _start(song: Path, out: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*OURS, "mix", str(song), "-o", str(out), "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _wait_for(running: subprocess.Popen[str], stage: str) -> None:
    """Wait until the run says that it is at this stage."""
    assert running.stderr is not None
    for line in running.stderr:
        if stage in line.split():
            return
    pytest.fail(f"the run ended before {stage}")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("stage", ["strips", "report"])
def test_a_killed_run_leaves_nothing_half_written_and_the_next_goes_well(tmp_path: Path, run: Any, stage: str) -> None:
    song, out = write_song(tmp_path / "song"), tmp_path / "out"
    with _start(song, out) as running:
        _wait_for(running, stage)
        running.kill()
    assert running.returncode == -signal.SIGKILL
    assert [name for name in _files(out) if not name.startswith(".tonmeister-")] == []
    assert one_json(run("mix", song, "-o", out, "--json"))["mixed"] == len(STEMS)
    assert [name for name in _files(out) if name.startswith(".tonmeister-")] == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
def test_a_person_can_stop_a_run(tmp_path: Path) -> None:
    song, out = write_song(tmp_path / "song"), tmp_path / "out"
    # A shell starts what runs in its background with the signal ignored, and programs pass that on.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with _start(song, out) as running:
        signal.signal(signal.SIGINT, before)
        _wait_for(running, "strips")
        sent = time.monotonic()
        running.send_signal(signal.SIGINT)
        printed, said = running.communicate(timeout=30)
    assert running.returncode == 130
    assert (printed, STOPPED in said, "Traceback" in said) == ("", True, False)
    assert time.monotonic() - sent < 10
    assert _files(out) == []


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
