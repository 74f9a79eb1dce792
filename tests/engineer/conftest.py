"""One mix of the tiny song, which tests look at or copy."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.tiny_song import write_song
from tonmeister.engineer import MixOptions, MixResult, mix

QUICK = MixOptions(with_report=False)
"""Everything but the page."""


@dataclass(frozen=True)
class Mixed:
    """A finished mix."""

    song: Path
    out: Path
    result: MixResult


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Mixed:
    """Return a mix that nobody may change."""
    folder = tmp_path_factory.mktemp("tiny")
    song = write_song(folder / "song")
    return Mixed(song, folder / "out", mix(song, folder / "out", options=MixOptions()))


@pytest.fixture
def copied(mixed: Mixed, tmp_path: Path) -> Path:
    """Return a copy of the result that a test may change; its sources are those of the original."""
    return Path(shutil.copytree(mixed.out, tmp_path / "out"))
