"""The demo song on disk: 24-bit stems, the truth beside them."""

from pathlib import Path

from tonmeister.demo.score import FULL_FORM, Form
from tonmeister.demo.song import Progress, render_song
from tonmeister.files.atomic import output_errors, write_text
from tonmeister.files.wav import write_wav

TRUTH_NAME = "truth.json"


def write_demo(folder: Path, *, seed: int = 1, form: Form = FULL_FORM, progress: Progress | None = None) -> list[Path]:
    """Make the demo song and write its stems (24-bit WAV) and truth.json; return the paths, truth last.

    Raises:
        OutputError: If the folder or a file cannot be written.
    """
    with output_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    song = render_song(seed, form=form, progress=progress)
    paths = []
    for name, audio in song.tracks.items():
        write_wav(folder / name, audio, encoding="pcm_24")
        paths.append(folder / name)
    write_text(folder / TRUTH_NAME, song.truth.model_dump_json(indent=2) + "\n")
    return [*paths, folder / TRUTH_NAME]
