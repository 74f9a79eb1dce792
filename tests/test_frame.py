"""What holds for the whole repository: it imports, it installs, it keeps to its sizes and to itself."""

import ast
import importlib
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest

import tonmeister
from tests.golden import check_golden

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
MODULES = [module.name for module in pkgutil.walk_packages(tonmeister.__path__, "tonmeister.")]
FILES = sorted(SOURCE.rglob("*.py"))
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 80
OF_ONE_MACHINE = re.compile(
    r"(?<![\w.])/(?:work|farm|root|home)/|[.]library/|\bfarm[-]\w|pypi[.]org|python[h]osted|npmjs[.]|debian[.]org"
)
"""Paths, hosts and names of a place where this was written."""

SKIP_TEST = """
import pytest

@pytest.mark.needs("a-program-that-nobody-has")
def test_with_a_program():
    assert True

def test_without():
    assert True
"""


@pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith("__main__")])
def test_every_module_imports(name: str) -> None:
    assert importlib.import_module(name).__name__ == name


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_files_and_functions_keep_to_their_size(path: Path) -> None:
    """The limits are those of docs/style.md."""
    text = path.read_text(encoding="utf-8")
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    too_long = [
        f"{node.name}: {(node.end_lineno or node.lineno) - node.lineno + 1} lines"
        for node in functions
        if (node.end_lineno or node.lineno) - node.lineno + 1 > MOST_LINES_OF_A_FUNCTION
    ]
    assert text.count("\n") <= MOST_LINES_OF_A_FILE
    assert too_long == []


def test_no_tracked_file_names_a_machine() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so nothing is tracked")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = []
    for name in filter(None, tracked.split("\0")):
        path = ROOT / name
        if path.is_file():
            found += [f"{name}: {match}" for match in OF_ONE_MACHINE.findall(path.read_text("utf-8", errors="replace"))]
    assert found == []


def test_the_layers_of_architecture_are_those_that_the_build_checks() -> None:
    layers = _pyproject()["tool"]["importlinter"]["contracts"][0]["layers"]
    checked = " > ".join(layers).replace("(", "").replace(")", "").replace(" :", ",")
    drawn = re.search(r"```\n(apps >.*?)\n```", (ROOT / "ARCHITECTURE.md").read_text("utf-8"), re.DOTALL)
    assert drawn is not None
    assert " ".join(drawn[1].split()) == checked


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the tools that the environment has, from a copy so that nothing lands in the tree."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(SOURCE, folder / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in (".gitignore", "LICENSE", "README.md", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    _pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(folder))
    return next(folder.glob("*.whl"))


def test_the_wheel_is_for_any_platform_and_holds_every_file(wheel: Path) -> None:
    """A wheel tagged `any` needs no compiler; rows of knowledge/ are files too."""
    assert wheel.name == f"tonmeister-{_pyproject()['project']['version']}-py3-none-any.whl"
    packed = set(zipfile.ZipFile(wheel).namelist())
    source = wheel.parent / "src"
    there = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    assert there - packed == set()


@pytest.mark.slow
def test_the_wheel_installs_and_its_command_starts(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path, with_pip=False, symlinks=os.name != "nt")
    programs = Path(sysconfig.get_path("scripts", "venv", {"base": str(tmp_path)}))
    _pip("--python", str(programs / "python"), "install", "--no-deps", "--no-index", "--no-compile", str(wheel))
    # The dependencies come from this environment; its .pth file, which points to src, is not read from PYTHONPATH.
    there = {**os.environ, "PYTHONPATH": sysconfig.get_path("purelib")}
    where = "import tonmeister; print(tonmeister.__file__)"
    found = subprocess.run([programs / "python", "-c", where], check=True, capture_output=True, text=True, env=there)
    shown = subprocess.run([programs / "tonmeister", "--help"], capture_output=True, text=True, env=there, check=False)
    assert Path(found.stdout.strip()).is_relative_to(tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")


@pytest.mark.parametrize(("require", "outcome"), [("", "1 passed, 1 skipped"), ("1", "1 passed, 1 error")])
def test_a_missing_program_is_a_listed_skip_and_with_require_a_failure(
    tmp_path: Path, require: str, outcome: str
) -> None:
    (tmp_path / "test_it.py").write_text(SKIP_TEST)
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", str(ROOT / "pyproject.toml")]
    command += ["-p", "no:cacheprovider", str(tmp_path)]
    environment = {**os.environ, "REQUIRE": require}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert outcome in done.stdout
    assert "test_with_a_program: " in done.stdout or require
    assert "not installed: a-program-that-nobody-has" in done.stdout


def test_a_golden_figure_that_moved_is_found_and_blessing_records_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tolerances = {"integrated_lufs": 0.1}
    monkeypatch.setenv("BLESS", "1")
    check_golden("mix", {"integrated_lufs": -14.0}, tolerances=tolerances, folder=tmp_path)
    monkeypatch.delenv("BLESS")
    check_golden("mix", {"integrated_lufs": -14.09}, tolerances=tolerances, folder=tmp_path)
    with pytest.raises(AssertionError, match="instead of"):
        check_golden("mix", {"integrated_lufs": -14.2}, tolerances=tolerances, folder=tmp_path)


def _pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def _pip(*arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", "pip", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
