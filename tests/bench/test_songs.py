"""How songs are found."""

import json
from pathlib import Path

import numpy as np
import pytest

from bench.case import Job
from bench.songs import find_references, find_songs
from bench.sound import sum_of, write


def make_song(folder: Path, names: tuple[str, ...], *, channels: int = 2, seconds: float = 1.0) -> None:
    for number, name in enumerate(names, start=1):
        write(
            folder / name, np.full((channels, round(8000 * seconds)), 0.1 * number, np.float32), 8000, subtype="FLOAT"
        )


def test_a_folder_of_sounds_is_a_song_and_what_is_called_master_is_what_people_made(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "multitracks" / "tune"
    make_song(folder, ("Bass.wav", "Vox Lead.wav", "6.Tune_Master_mobile.wav"))
    (folder / "roles.json").write_text(json.dumps({"tracks": {"Bass.wav": {"roles": ["bass"], "families": ["bass"]}}}))
    (song,) = find_songs(Job(data=tmp_path / "data", out=tmp_path / "out"))
    assert [stem.name for stem in song.stems] == ["Bass", "Vox Lead"]
    assert [stem.role for stem in song.stems] == ["bass", "unknown"]
    assert song.human is not None
    assert song.human.name == "6.Tune_Master_mobile"


def test_a_mix_of_ours_and_a_single_file_are_no_songs(tmp_path: Path) -> None:
    make_song(tmp_path / "data" / "one", ("alone.wav",))
    make_song(tmp_path / "data" / "out", ("a.wav", "b.wav"))
    (tmp_path / "data" / "out" / "mix.json").write_text("{}")
    job = Job(data=tmp_path / "data", out=tmp_path / "work")
    assert find_songs(job) == ()
    assert find_references(job) == ()


@pytest.mark.needs("ffmpeg")
@pytest.mark.parametrize(("channels", "seconds", "is_production"), [(2, 21.0, True), (1, 21.0, False), (2, 6.0, False)])
def test_raw_mono_recordings_and_snippets_are_no_productions(
    tmp_path: Path,
    channels: int,
    seconds: float,
    is_production: bool,  # noqa: FBT001 - a case of the table
) -> None:
    make_song(tmp_path / "data" / "tune", ("a.wav", "b.wav", "c.wav"), channels=channels, seconds=seconds)
    (song,) = find_songs(Job(data=tmp_path / "data", out=tmp_path / "out"))
    assert song.is_production() is is_production


def test_a_sum_is_as_long_as_its_longest_part_and_centres_mono_by_constant_power(tmp_path: Path) -> None:
    long = write(tmp_path / "long.wav", np.full((2, 100), 0.5, np.float32), 8000, subtype="FLOAT")
    mono = write(tmp_path / "mono.wav", np.full((1, 40), 0.5, np.float32), 8000, subtype="FLOAT")
    total = sum_of([(long, 0.0), (mono, -6.0206)], rate_hz=8000)
    assert total.shape == (2, 100)
    assert total[0, 0] == pytest.approx(0.5 + 0.25 * 0.5**0.5, abs=1e-5)
    assert total[1, 99] == pytest.approx(0.5, abs=1e-6)
