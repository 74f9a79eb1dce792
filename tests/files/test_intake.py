"""What came in is counted, in an order that no file system decides."""

import os
import random
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.sounds import noise
from tonmeister.errors import NoTracksError, UnreadableFileError
from tonmeister.files.cache import Cache
from tonmeister.files.intake import find_sounds, natural_key, require_sounds
from tonmeister.files.output_folder import OutputFolder
from tonmeister.files.wav import write_wav

LONG_AGO = 1_000_000_000


def _wav(path: Path) -> None:
    path.parent.mkdir(exist_ok=True, parents=True)
    write_wav(path, noise(duration_s=0.05))


def test_everything_is_listed_with_its_reason(tmp_path: Path) -> None:
    for name in ("Kick.wav", "vox/Lead 2.wav", "vox/Lead 10.wav", "vox/deep/x.wav", "__MACOSX/Kick.wav", ".hidden.wav"):
        _wav(tmp_path / name)
    soundfile.write(tmp_path / "surround.wav", np.zeros((9, 6)), 48_000)
    soundfile.write(tmp_path / "nothing.wav", np.zeros((0, 1)), 48_000)
    (tmp_path / "text.wav").write_text("no sound at all, only words\n" * 99)
    (tmp_path / "zero.wav").touch()
    (tmp_path / "notes.txt").write_text("Please make it warm.")
    (tmp_path / "._Kick.wav").write_bytes(b"\0\5\x16\7 finder")
    found = {item.name: (item.state, item.reason) for item in find_sounds(tmp_path)}
    assert found == {
        "Kick.wav": ("used", None),
        "vox/Lead 2.wav": ("used", None),
        "vox/Lead 10.wav": ("used", None),
        "vox/deep": ("not looked into", "Only one level of folders is looked into."),
        "surround.wav": (
            "too many channels",
            "It has 6 channels. Only mono and stereo are mixed; export it as mono or stereo files.",
        ),
        "nothing.wav": ("empty", "It holds no sound (0 frames)."),
        "text.wav": ("unreadable", "No sound can be found in it."),
        "zero.wav": ("unreadable", "It is empty (0 bytes)."),
        "notes.txt": ("not sound", "Not sound."),
    }
    assert list(found)[-2:] == ["vox/Lead 10.wav", "zero.wav"]


def test_the_order_is_natural_whatever_the_folder_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["01 kick.wav", "2 snare.wav", "10 bass.wav", "Bass.wav", "bass 2.wav", "Übung.wav", "vox.wav"]
    for name in names:
        _wav(tmp_path / name)
    expected = [item.name for item in find_sounds(tmp_path)]
    assert expected[:3] == names[:3]
    real = os.scandir

    def shuffled(path: Path) -> list[os.DirEntry[str]]:
        entries = list(real(path))
        random.Random(len(names)).shuffle(entries)
        return entries

    monkeypatch.setattr(os, "scandir", shuffled)
    assert [item.name for item in find_sounds(tmp_path)] == expected


def test_letter_case_and_accents_made_of_two_signs_do_not_move_a_name() -> None:
    names = ["b.wav", "A.wav", "a2.wav", "a10.wav", "a\u0308.wav", "z.wav"]
    assert sorted(names, key=natural_key) == ["A.wav", "a2.wav", "a10.wav", "b.wav", "z.wav", "a\u0308.wav"]


def test_a_mix_of_ours_inside_the_source_is_no_stem(tmp_path: Path) -> None:
    _wav(tmp_path / "Kick.wav")
    with OutputFolder(tmp_path / "out") as out:
        _wav(out.path("mix.wav"))
        out.write_text("mix.json", '{"engine": {"name": "tonmeister"}}')
    kick, mix = find_sounds(tmp_path)
    assert (kick.used, mix.used, mix.reason) == (True, False, "A mix made by Tonmeister.")
    assert [sound.path.name for sound in require_sounds([kick, mix], source=tmp_path)] == ["Kick.wav"]


@pytest.mark.shared
def test_a_stem_file_is_a_source_of_four_stems(shared_data: Path) -> None:
    (path,) = (shared_data / "multitracks" / "falcon69").glob("*.stem.mp4")
    found = find_sounds(path)
    assert [item.state for item in found] == ["finished mix", *["used"] * 4]
    assert found[1].name == f"{path.name}: Drums"
    assert [item.name for item in find_sounds(path.parent)] == [item.name for item in found]


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoTracksError, match="The folder is empty"):
        require_sounds(find_sounds(tmp_path), source=tmp_path)


def test_a_folder_without_stems_tells_what_is_in_it(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.txt").write_text("words")
    with pytest.raises(NoTracksError, match=r"0\.txt: Not sound\..*and 2 more"):
        require_sounds(find_sounds(tmp_path), source=tmp_path)


def test_a_source_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        find_sounds(tmp_path / "absent")


def test_work_is_begun_meanwhile_only_where_files_have_to_be_hashed(tmp_path: Path) -> None:
    """A run on known files must not load what it will not need."""
    for name in ("a.wav", "b.wav"):
        _wav(tmp_path / "song" / name)
        os.utime(tmp_path / "song" / name, (LONG_AGO, LONG_AGO))
    cache, done = Cache(tmp_path / "cache"), []
    for _ in range(2):
        find_sounds(tmp_path / "song", cache=cache, meanwhile=lambda: done.append(1))
    assert done == [1]
    os.utime(tmp_path / "song" / "b.wav", (LONG_AGO, LONG_AGO + 9))
    find_sounds(tmp_path / "song", cache=cache, meanwhile=lambda: done.append(1))
    assert done == [1, 1]
