"""A file written as its source was."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.sounds import RATE_HZ, noise
from tonmeister.audio import Audio
from tonmeister.errors import OutputError
from tonmeister.files.probe import probe
from tonmeister.files.wav import write_wav
from tonmeister.files.wav_header import BroadcastExtension, read_wav_header
from tonmeister.files.write_like import check_ending, room_gain_db, with_gain, write_like

SOUND = noise(rms_db=-20, duration_s=0.5, channels=2)


@pytest.mark.parametrize(
    ("subtype", "expected"),
    [
        ("PCM_16", "PCM_16"),
        ("PCM_24", "PCM_24"),
        ("PCM_32", "FLOAT"),
        ("FLOAT", "FLOAT"),
        ("DOUBLE", "FLOAT"),
        ("PCM_U8", "PCM_16"),
    ],
)
def test_a_wav_file_keeps_its_word_length(tmp_path: Path, subtype: str, expected: str) -> None:
    """What we cannot write gets the next longer word."""
    soundfile.write(tmp_path / "a.wav", SOUND.samples.T, RATE_HZ, subtype=subtype)
    write_like(tmp_path / "b.wav", SOUND, probe(tmp_path / "a.wav"))
    assert soundfile.info(tmp_path / "b.wav").subtype == expected


@pytest.mark.parametrize("ending", [".flac", ".ogg", ".mp3", ".wav"])
def test_a_name_chooses_the_format(tmp_path: Path, ending: str) -> None:
    soundfile.write(tmp_path / "a.ogg", SOUND.samples.T, RATE_HZ)
    write_like(tmp_path / f"b{ending}", SOUND, probe(tmp_path / "a.ogg"))
    assert soundfile.info(tmp_path / f"b{ending}").samplerate == RATE_HZ


def test_the_time_stamp_goes_along(tmp_path: Path) -> None:
    stamp = BroadcastExtension(originator="recorder", time_reference_frames=7)
    write_wav(tmp_path / "a.wav", SOUND, encoding="pcm_24", bext=stamp)
    write_like(tmp_path / "b.wav", SOUND, probe(tmp_path / "a.wav"))
    assert read_wav_header(tmp_path / "b.wav").bext == stamp


def test_only_files_of_integers_need_room(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", SOUND.samples.T, RATE_HZ, subtype="PCM_24")
    soundfile.write(tmp_path / "f.wav", SOUND.samples.T, RATE_HZ, subtype="FLOAT")
    hot = Audio(np.full((1, 100), 2.0, np.float32), RATE_HZ)
    gain_db = room_gain_db(hot, tmp_path / "b.wav", probe(tmp_path / "a.wav"))
    assert np.abs(with_gain(hot, gain_db).samples).max() < 1
    assert gain_db == pytest.approx(-6.12, abs=0.01)
    assert room_gain_db(hot, tmp_path / "b.wav", probe(tmp_path / "f.wav")) == 0
    assert room_gain_db(SOUND, tmp_path / "b.wav", probe(tmp_path / "a.wav")) == 0
    assert with_gain(hot, 0.0) is hot


def test_other_endings_are_refused() -> None:
    with pytest.raises(OutputError, match="Only these formats"):
        check_ending(Path("a.doc"))
