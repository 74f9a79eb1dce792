"""What all tests share: programs and material that may be absent, and a cache of their own."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
PROGRAMS = {
    "ardour": ("ardour", "ardour8", "ardour7"),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
}
"""Under which names a tool may be installed; others have one name."""

settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


def _required() -> bool:
    return os.environ.get("REQUIRE", "") not in ("", "0")


def _find(tool: str) -> str | None:
    return next(filter(None, map(shutil.which, PROGRAMS.get(tool, (tool,)))), None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, or with REQUIRE=1 fail, a test whose program is absent; skip one whose material is."""
    for marker in item.iter_markers("needs"):
        missing = [tool for tool in marker.args if _find(tool) is None]
        if missing and _required():
            pytest.fail(f"REQUIRE=1, but not installed: {', '.join(missing)}", pytrace=False)
        if missing:
            pytest.skip(f"not installed: {', '.join(missing)}")
    if item.get_closest_marker("shared") and not SHARED.is_dir():
        pytest.skip("no folder ../shared")


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """List every test that did not run, and why."""
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    terminalreporter.section(f"{len(skipped)} not run")
    for report in skipped:
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        terminalreporter.write_line(f"{report.nodeid}: {why.removeprefix('Skipped: ')}")


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the session a cache of its own, so that no test finds what a person's run left."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TONMEISTER_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real recordings, or skip."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("no folder ../shared/data")
    return folder


@pytest.fixture(scope="session")
def programs() -> dict[str, str]:
    """Return where the programs are that tests name in `needs`, as far as they are installed."""
    found = {tool: _find(tool) for tool in ("ardour", "chromium", "ffmpeg", "sox")}
    return {tool: path for tool, path in found.items() if path is not None}
