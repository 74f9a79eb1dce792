"""The demo song on disk."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonmeister.demo import Form, Truth, write_demo
from tonmeister.errors import OutputError

TINY: Form = (("chorus", 2),)


def test_stems_are_24_bit_files_with_the_truth_beside_them(tmp_path: Path) -> None:
    paths = write_demo(tmp_path / "song", form=TINY)
    truth = Truth.model_validate_json(paths[-1].read_text("utf-8"))
    assert paths[-1].name == "truth.json"
    assert [path.name for path in paths[:-1]] == [track.file_name for track in truth.tracks]
    assert sorted(paths) == sorted((tmp_path / "song").iterdir())
    for path, track in zip(paths[:-1], truth.tracks, strict=True):
        info = soundfile.info(path)
        assert (info.subtype, info.samplerate, info.channels) == ("PCM_24", 48_000, track.channels)
        assert info.frames == truth.frames
    clipped, _ = soundfile.read(tmp_path / "song" / "LdVox Dbl.wav", dtype="int32")
    assert np.abs(clipped.astype(np.int64) >> 8).max() == 2**23 - 1


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(OutputError) as raised:
        write_demo(tmp_path / "taken" / "song", form=TINY)
    assert raised.value.path == tmp_path / "taken" / "song"
