"""The command line: quick help, one sentence for what is wrong, exit codes."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from tonmeister.apps.cli import main as run_main
from tonmeister.apps.cli import show
from tonmeister.apps.cli.main import app
from tonmeister.errors import CancelledError, TargetMissedError

PROGRAM = [sys.executable, "-c", "from tonmeister.apps.cli import main; main()"]
MOST_HELP_S = 0.35
"""Processor time of `--help` over a bare interpreter, from the issue; measured 0.10 s."""


def commands() -> Iterator[tuple[str, Any]]:
    group: Any = typer.main.get_command(app)
    yield from group.commands.items()


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *arguments], capture_output=True, text=True, check=False, encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
    )  # fmt: skip


def cost_s(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.parametrize("arguments", [["--help"], ["mix", "--help"]])
def test_help_is_quick(arguments: list[str]) -> None:
    """The least of three runs, so that what else the machine does counts little."""
    bare = min(cost_s([sys.executable, "-c", "pass"]) for _ in range(3))
    assert min(cost_s([*PROGRAM, *arguments]) for _ in range(3)) - bare < MOST_HELP_S


@pytest.mark.parametrize("arguments", [["--help"], ["mix", "--help"]])
def test_help_imports_neither_rich_nor_pydantic_nor_numpy(arguments: list[str]) -> None:
    program = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(sorted({'rich', 'pydantic', 'numpy', 'numba'} & set(sys.modules))))\n"
        "from tonmeister.apps.cli import main\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_every_command_and_every_option_is_explained(name: str, command: Any) -> None:
    assert command.help
    assert command.rich_help_panel
    context = command.make_context(name, [], resilient_parsing=True)
    for param in command.get_params(context):
        assert param.help, param.name
        assert param.is_flag if param.param_type_name == "option" and not param.metavar else param.metavar


@pytest.mark.parametrize("columns", ["40", "80", "200"])
@pytest.mark.parametrize("arguments", [["--help"], ["mix", "--help"], ["moves", "-h"]])
def test_help_fits_the_terminal(columns: str, arguments: list[str]) -> None:
    done = run(*arguments, COLUMNS=columns)
    over = [line for line in done.stdout.splitlines() if len(line) > int(columns)]
    assert done.returncode == 0
    assert over == []


def test_without_a_command_help_is_shown() -> None:
    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    assert "Mix a song" in done.stdout


WRONG = [
    (["mix", "--bogus"], "no such option: --bogus"),
    (["mix"], "missing argument 'SOURCE'"),
    (["mix", "song"], "missing option '--out' / '-o'"),
    (["remix"], "no such command 'remix'"),
    (["mix", "song", "-o", "out", "--preview", "long"], "'--preview'"),
    (["mix", "song", "-o", "out", "--preview", "-3"], "--preview -3.0"),
    (["mix", "song", "-o", "out", "--start", "late"], "--start late"),
    (["mix", "song", "-o", "out", "--ceiling", "5"], "--ceiling 5.0"),
    (["mix", "song", "-o", "out", "--target", "loud"], "loud"),
    (["mix", "song", "-o", "out", "--sessions", "tape"], "--sessions tape"),
    (["mix", "song", "-o", "out", "--budget", "endless"], "--budget endless"),
    (["mix", "no-such-folder", "-o", "out"], "no-such-folder"),
    (["master", "song.wav", "-o", "out.wav", "--ceiling", "5"], "--ceiling 5.0"),
    (["moves", "out", "like"], "like: no such action"),
    (["moves", "nowhere"], "nowhere"),
    (["export", "nowhere", "--to", "tape"], "--to tape"),
]


@pytest.mark.parametrize(("arguments", "named"), WRONG, ids=lambda value: value if isinstance(value, str) else None)
def test_wrong_input_ends_with_2_and_one_sentence_that_names_it(
    arguments: list[str],
    named: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _run_here(arguments, monkeypatch) == 2
    shown = capsys.readouterr()
    progress = ("s  listen", show.COMPILING)
    said = [line for line in shown.err.splitlines() if not line.endswith(progress)]
    assert shown.out == ""
    assert len(said) == 1
    assert named in said[0]
    assert not list(tmp_path.rglob("*.wav"))


@pytest.mark.parametrize("target", [["--target", "-12"], ["--target=-12"]])
def test_a_negative_target_is_a_value_not_an_option(
    target: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = _asked_of_the_engineer(["mix", "song", "-o", str(tmp_path), *target, "--ceiling", "-1.5"], monkeypatch)
    assert (asked.target, asked.ceiling_dbtp) == ("-12", -1.5)


def test_options_reach_the_engineer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    line = ["--only", "vox", "--only", "bass", "--sessions", "none", "--preview", "30", "--no-master", "--title", "Hey"]
    asked = _asked_of_the_engineer(["mix", "song", "-o", str(tmp_path), *line], monkeypatch)
    assert asked.only == ("vox", "bass")
    assert asked.sessions == ()
    assert (asked.preview_s, asked.with_master, asked.title) == (30.0, False, "Hey")


@pytest.mark.parametrize(
    ("raised", "code"),
    [(KeyboardInterrupt(), 130), (CancelledError("stopped"), 130), (TargetMissedError("missed by 1 LU"), 3)],
)
def test_the_kind_of_an_end_gives_the_exit_code(
    raised: BaseException, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def end(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr("tonmeister.engineer.undo", end)
    assert _run_here(["undo", "out"], monkeypatch) == code
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_fault_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("tonmeister.engineer.undo", fail)
    with pytest.raises(ZeroDivisionError):
        _run_here(["undo", "out"], monkeypatch)


def test_a_reader_that_leaves_early_ends_the_command_quietly() -> None:
    program = subprocess.Popen([*PROGRAM, "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert program.stdout is not None
    program.stdout.close()
    _, said = program.communicate(timeout=60)
    assert (program.returncode, said) == (1, b"")


def test_the_schema_is_one_json_value() -> None:
    assert json.loads(run("schema").stdout)["title"] == "Mix"


def test_an_output_without_unicode_gets_escapes_in_json() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from tonmeister.apps.cli.show import show_json; show_json({'name': 'Wärme →'})"],
        capture_output=True, check=True, env={**os.environ, "PYTHONIOENCODING": "cp1252"},
    )  # fmt: skip
    assert json.loads(done.stdout) == {"name": "Wärme →"}


def test_the_first_run_says_that_it_compiles(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for is_first, lines in ((True, 2), (False, 1)):
        monkeypatch.setattr(show, "must_compile", lambda is_first=is_first: is_first)
        with show.progress_bar() as tell:
            tell("listen", "", 0.0)
            tell("listen", "vox", 0.5)
        said = capsys.readouterr().err.splitlines()
        assert len(said) == lines
        assert (show.COMPILING in said[0]) is is_first


def _run_here(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["tonmeister", *arguments])
    with pytest.raises(SystemExit) as end:
        run_main()
    return int(end.value.code or 0)


def _asked_of_the_engineer(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    asked: list[Any] = []

    def take(*_: object, options: object, **__: object) -> None:
        asked.append(options)
        raise CancelledError("enough is known")

    monkeypatch.setattr("tonmeister.engineer.mix", take)
    assert _run_here(arguments, monkeypatch) == 130
    return asked[0]


def test_demo_stems_alone_are_told_as_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def write(folder: Path, **_: Any) -> None:
        folder.mkdir(parents=True)
        (folder / "Kick.wav").touch()

    monkeypatch.setattr("tonmeister.demo.kept.write_or_keep", write)
    monkeypatch.setattr(sys, "argv", ["tonmeister", "demo", "-o", str(tmp_path), "--stems-only", "--json"])
    with pytest.raises(SystemExit) as end:
        run_main()
    assert end.value.code == 0
    said = json.loads(capsys.readouterr().out)
    assert said == {"folder": str(tmp_path / "stems"), "stems": ["Kick.wav"], "truth": "truth.json"}
