"""One mix of the tiny song for tests of the tools: made once a session, copied where it is changed."""

import shutil
from pathlib import Path

from tests.tiny_song import write_song
from tonmeister.engineer import MixOptions, mix


def make_tiny_mix(folder: Path) -> Path:
    """Write the song into `folder/stems`, mix it into `folder/mix`, and return the folder."""
    mix(write_song(folder / "stems"), folder / "mix", options=MixOptions(with_report=False, with_verify=False))
    return folder


def copy_opened(made: Path, place: Path) -> Path:
    """Return a copy that a test may change; the sound of its tracks stays that of the original."""
    return Path(shutil.copytree(made, place / "opened"))
