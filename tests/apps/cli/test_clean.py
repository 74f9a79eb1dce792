"""`tonmeister clean` as a person types it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.sounds import RATE_HZ, drums, noise
from tests.tiny_song import write_sound

OURS = [sys.executable, "-c", "from tonmeister.apps.cli import main; main()", "clean"]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    sound = drums(duration_s=4).samples * 0.5 + noise(rms_db=-85, duration_s=4).samples + 0.02
    return write_sound(tmp_path / "take 1.wav", sound.astype(np.float64))


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*OURS, *map(str, arguments)], capture_output=True, text=True, check=False)


def test_json_is_one_value_and_files_are_where_they_should_be(recording: Path) -> None:
    folder = recording.parent
    done = run(
        recording, "-o", folder / "b.wav", "--residual", folder / "r.wav", "--report", folder / "p.html", "--json"
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert [repair["kind"] for repair in result["files"][0]["repairs"]] == ["offset"]
    assert result["files"][0]["sample_rate_hz"] == RATE_HZ
    assert {path.name for path in folder.iterdir()} == {"take 1.wav", "b.wav", "r.wav", "p.html"}
    page = (folder / "p.html").read_text("utf-8")
    assert "take 1.wav" in page
    assert "a constant offset" in page
    assert page.count("data:image/png") == 3
    assert "http" not in page.replace("http-equiv", "")


def test_what_was_done_is_told_in_words(recording: Path) -> None:
    done = run(recording, "-o", recording.parent / "b.flac")
    assert done.returncode == 0, done.stderr
    assert "1 repair" in done.stdout
    assert "a constant offset: " in done.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--preset", "wild"), "there are gentle, balanced, strong"),
        (("--kind", "speech"), "there are auto, voice, music"),
        (("--only", "ham"), "no such repair"),
        (("--region", "5"), "START-END"),
        (("--loud",), "no such option"),
    ],
)
def test_a_wrong_option_ends_with_2_and_one_sentence(
    recording: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    done = run(recording, "-o", recording.parent / "b.wav", *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert not (recording.parent / "b.wav").exists()
    assert "Traceback" not in done.stderr
