"""Writes sessions of test songs, and says what Ardour read in them."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from bench.ardour import Ardour
from tonmeister.audio import Audio, Samples
from tonmeister.daw.ardour.write import write_ardour_files
from tonmeister.daw.handback import Handback
from tonmeister.daw.order import Order
from tonmeister.document.mix import Mix
from tonmeister.files.wav import write_wav

NAME = "Mix"
_DUMP = Path(__file__).with_name("ardour_dump.lua")


def write_session(mix: Mix, sounds: Mapping[str, Audio], folder: Path) -> Handback:
    """Write the sounds as WAV files and the mix as a session beside them."""
    paths = write_sounds(sounds, folder / "sounds")
    return write_ardour(mix, paths, folder / "session", name=NAME)


def write_ardour(mix: Mix, sources: Mapping[str, Path], folder: Path, *, name: str) -> Handback:
    """Write the mix as an Ardour session into a folder."""
    return write_ardour_files(Order(mix, sources, into(folder), name))


def into(folder: Path) -> Callable[[str], Path]:
    """Return where each file of a session goes, in a folder."""

    def place(inside: str) -> Path:
        path = folder / inside
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    return place


def write_sounds(sounds: Mapping[str, Audio], folder: Path) -> dict[str, Path]:
    """Write the sounds as WAV files, and return where each is."""
    paths = {}
    folder.mkdir(parents=True)
    for place, (track_id, audio) in enumerate(sounds.items()):
        paths[track_id] = folder / f"{place}.wav"
        write_wav(paths[track_id], audio)
    return paths


def read_with(ardour: Ardour, session: Path) -> list[list[str]]:
    """Return what Ardour understood of a session: lines of facts, see ardour_dump.lua."""
    text = ardour.run("ardour7-lua", str(_DUMP), str(session.parent), session.stem)
    return [line.split("\t")[1:] for line in text.splitlines() if line.startswith("=\t")]


def facts(lines: list[list[str]], what: str) -> dict[str, list[str]]:
    """Return the facts of one kind by the name of their route."""
    return {line[1]: line[2:] for line in lines if line[0] == what}


def peak_db(samples: Samples) -> float:
    """Return the highest peak, in dBFS."""
    return float(20 * np.log10(np.max(np.abs(samples)) + 1e-12))
