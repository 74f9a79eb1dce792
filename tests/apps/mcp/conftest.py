"""An opened folder with stems and one mix of them."""

from pathlib import Path

import pytest

from tests.tiny_mix import copy_opened, make_tiny_mix


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that nobody may change."""
    return make_tiny_mix(tmp_path_factory.mktemp("tools"))


@pytest.fixture
def opened(made: Path, tmp_path: Path) -> Path:
    """Return a copy that a test may change."""
    return copy_opened(made, tmp_path)
