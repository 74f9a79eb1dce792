"""The Python door: its names, what importing it costs, and that functions stay functions."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import tonmeister

PUBLIC = [
    "Answer", "CheckResult", "CleanOptions", "CleanResult", "DeliverOptions", "DeliverResult", "Difference", "ExportResult", "HeardSong", "MasterOptions", "MasterResult", "Mix", "MixOptions", "MixResult", "Move", "MovePreview", "NewDirection", "ReadSession", "Revision", "Translation", "WhatIf", "ask", "check", "clean", "deliver", "diff", "doctor", "errors", "export", "list_moves", "listen", "load_mix", "master", "mix", "own_plugins", "owned_plugins", "preview_move", "read_session", "read_settings", "render", "replace", "revise", "set_moves", "solve", "translate_settings", "undo", "what_if",
]  # fmt: skip
FUNCTIONS = [name for name in PUBLIC if name.islower() and name != "errors"]
LONGEST_IMPORT_S = 0.05


def test_these_names_are_public_and_no_others() -> None:
    assert sorted(tonmeister.__all__) == sorted(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_there_and_explained(name: str) -> None:
    assert name in dir(tonmeister)
    assert inspect.getdoc(getattr(tonmeister, name))


def test_type_checkers_see_the_same_names_from_the_same_places() -> None:
    tree = ast.parse(inspect.getsource(tonmeister))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    typed = {
        alias.asname: str(node.module).removeprefix("tonmeister.")
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert typed == tonmeister._PLACES


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_takes_its_options_by_keyword(name: str) -> None:
    function = getattr(tonmeister, name)
    positional = [p for p in inspect.signature(function).parameters.values() if p.kind is not p.KEYWORD_ONLY]
    assert len(positional) <= 3
    assert all(p.default is p.empty for p in positional)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'remix'"):
        _ = tonmeister.remix  # type: ignore[attr-defined]  # that is the test


@pytest.mark.parametrize("first", ["tonmeister.render.renderer", "tonmeister.listen.listening", "tonmeister.engineer"])
def test_a_function_stays_a_function_when_the_package_of_its_name_is_imported(first: str) -> None:
    """`tonmeister.render` and `tonmeister.listen` are packages too, which Python would put in the function's place."""
    program = (
        f"import {first}, sys, tonmeister\n"
        "from tonmeister import render, listen\n"
        "from tonmeister.render import Renderer\n"
        "print(callable(tonmeister.render), callable(listen), render is tonmeister.render)\n"
        "print(sys.modules['tonmeister.render'].Renderer is Renderer)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True"] * 4


def test_other_packages_are_still_attributes() -> None:
    import tonmeister.processing

    assert isinstance(tonmeister.processing, ModuleType)


def test_importing_the_package_loads_nothing_heavy_and_costs_under_50_ms() -> None:
    """50 ms of processor time; measured 19 ms on Python 3.11, most of it pathlib and typing."""
    program = (
        "import sys, time\n"
        "start = time.process_time()\n"
        "import tonmeister\n"
        "print(time.process_time() - start)\n"
        "print(sorted({'numpy', 'numba', 'pydantic', 'typer', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    cost, heavy = done.stdout.splitlines()
    assert float(cost) < LONGEST_IMPORT_S
    assert heavy == "[]"


def test_an_error_of_the_tree_is_raised_through_the_door(tmp_path: Path) -> None:
    with pytest.raises(tonmeister.errors.DocumentError, match="no mix document"):
        tonmeister.list_moves(tmp_path)


def test_rendering_again_loads_neither_ear_nor_tasks_nor_sessions_nor_report() -> None:
    """They are a fifth of a second that an edit would wait for."""
    program = (
        "import sys, tonmeister\n"
        "assert tonmeister.render\n"
        "rooms = {'listen', 'tasks', 'daw', 'deliver'}\n"
        "print(sorted({name for name in sys.modules if name.startswith('tonmeister.') and name.split('.')[1] in rooms}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
