"""Demo stems that are as they were written are not written again."""

from pathlib import Path

import pytest

from tonmeister.demo import kept


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Put two small files in the place of the song's stems; return which folders were written to, in order."""
    folders: list[Path] = []

    def write(folder: Path, **_: object) -> list[Path]:
        folders.append(folder)
        folder.mkdir(exist_ok=True)
        paths = [folder / "Bass.wav", folder / "truth.json"]
        for path in paths:
            path.write_bytes(path.name.encode())
        return paths

    monkeypatch.setattr(kept, "write_demo", write)
    return folders


def test_stems_as_they_were_written_are_kept(written: list[Path], tmp_path: Path) -> None:
    for _ in range(2):
        kept.write_or_keep(tmp_path, progress=lambda *_: None)
    assert written == [tmp_path]


@pytest.mark.parametrize("change", ["edited", "removed", "other code", "broken mark"])
def test_stems_are_written_again_when_anything_changed(
    change: str, written: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.write_or_keep(tmp_path, progress=lambda *_: None)
    if change == "edited":
        (tmp_path / "Bass.wav").write_bytes(b"another take")
    elif change == "removed":
        (tmp_path / "Bass.wav").unlink()
    elif change == "other code":
        monkeypatch.setattr(kept, "_hash_code", lambda: "another")
    else:
        (tmp_path / kept.MARK_NAME).write_text("[]")
    kept.write_or_keep(tmp_path, progress=lambda *_: None)
    assert written == [tmp_path, tmp_path]
    assert kept.is_as_written(tmp_path)
