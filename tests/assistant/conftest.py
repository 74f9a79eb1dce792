"""The mix of the tiny song, and a taste file of one's own."""

from pathlib import Path

import pytest

from tests.engineer.conftest import Mixed, copied, mixed

__all__ = ["Mixed", "copied", "mixed"]


@pytest.fixture(autouse=True)
def taste_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the person's own taste out of the tests, and the tests out of it."""
    place = tmp_path / "taste.json"
    monkeypatch.setattr("tonmeister.assistant.taste.taste_path", lambda: place)
    return place
