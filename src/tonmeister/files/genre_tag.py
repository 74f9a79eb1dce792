"""The genre that a recording's tags name."""

from pathlib import Path

import soundfile

from tonmeister.errors import MissingExtraError, UnreadableFileError
from tonmeister.files.ffmpeg_source import open_container


def read_genre_tag(path: Path) -> str:
    """Return the genre of a recording's tags as it stands there; empty where it has none or cannot be read."""
    try:
        with soundfile.SoundFile(path) as sound:
            return str(sound.genre or "")
    except (OSError, RuntimeError):  # a kind of file that libsndfile does not know
        pass
    try:
        with open_container(path) as container:
            named = {str(key).lower(): str(value) for key, value in container.metadata.items()}
    except (UnreadableFileError, MissingExtraError):  # what is wrong with it is said where it is decoded
        return ""
    return named.get("genre", "")
