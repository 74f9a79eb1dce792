"""Writes sessions of test songs, lets Ardour read and render them."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import soundfile

from tonmeister.audio import Audio, Samples
from tonmeister.daw.ardour.write import LANE_ERROR_DB, write_ardour
from tonmeister.daw.handback import Handback
from tonmeister.document.mix import Mix
from tonmeister.files.wav import write_wav

NAME = "Mix"
_PLUGINS = ("a-eq", "a-comp", "a-exp", "a-reverb", "a-delay")
_LV2_FOLDERS = ("/usr/lib/lv2", "/usr/lib/ardour7/LV2", "/usr/local/lib/lv2")
_PATIENCE_S = 30
"""A run takes three seconds. Of our first sixty of Ardour 7.3 one never ended, with its file written; it is run once more."""
_TRIES = 5
"""On one machine exports of a session that had just passed ended in Ardour's own "double free"; what it wrote is not looked at."""
_SIGNALLED = 128
_DUMP = Path(__file__).with_name("ardour_dump.lua")


def write_session(
    mix: Mix, sounds: Mapping[str, Audio], folder: Path, *, lane_error_db: float = LANE_ERROR_DB
) -> Handback:
    """Write the sounds as WAV files and the mix as a session beside them."""
    paths = write_sounds(sounds, folder / "sounds")
    return write_ardour(mix, paths, folder / "session", name=NAME, lane_error_db=lane_error_db)


def write_sounds(sounds: Mapping[str, Audio], folder: Path) -> dict[str, Path]:
    """Write the sounds as WAV files, and return where each is."""
    paths = {}
    folder.mkdir(parents=True)
    for place, (track_id, audio) in enumerate(sounds.items()):
        paths[track_id] = folder / f"{place}.wav"
        write_wav(paths[track_id], audio)
    return paths


class Ardour:
    """A real Ardour without a window, a sound card and the person's settings."""

    def __init__(self, home: Path) -> None:
        plugins = home / "lv2"
        plugins.mkdir()
        for plugin in _PLUGINS:  # looking at every plugin of the machine would take most of the time
            found = (Path(folder) / f"{plugin}.lv2" for folder in _LV2_FOLDERS)
            (plugins / f"{plugin}.lv2").symlink_to(next(path for path in found if path.is_dir()))
        self._environment = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "LV2_PATH": str(plugins)}

    def render(self, session: Path) -> Samples:
        """Return what Ardour makes of a session.

        On a busy machine an export may begin while Ardour's gains still glide to their places: what a second export does
        not repeat is not taken, up to three times.
        """
        former = self._export(session)
        for _ in range(3):
            samples = self._export(session)
            if np.array_equal(samples, former):
                break
            former = samples
        return samples

    def _export(self, session: Path) -> Samples:
        out = session.parent / "render.wav"
        self._run("ardour7-export", "-b", "float", "-o", str(out), str(session.parent), session.stem)
        samples, _ = soundfile.read(out, dtype="float32", always_2d=True)
        return np.ascontiguousarray(samples.T)

    def read(self, session: Path) -> list[list[str]]:
        """Return what Ardour understood of a session: lines of facts, see ardour_dump.lua."""
        text = self._run("ardour7-lua", str(_DUMP), str(session.parent), session.stem)
        return [line.split("\t")[1:] for line in text.splitlines() if line.startswith("=\t")]

    def _run(self, *command: str) -> str:
        for tries_left in reversed(range(_TRIES)):
            try:
                done = subprocess.run(
                    command, env=self._environment, capture_output=True, text=True, timeout=_PATIENCE_S, check=False
                )
            except subprocess.TimeoutExpired:
                if tries_left:
                    continue
                raise
            if tries_left and _was_killed(done.returncode):
                continue
            assert done.returncode == 0, done.stdout + done.stderr
            return done.stdout
        raise AssertionError


def _was_killed(code: int) -> bool:
    """Say whether a program crashed, be it told by the system or by a shell around it."""
    return code < 0 or code > _SIGNALLED


def facts(lines: list[list[str]], what: str) -> dict[str, list[str]]:
    """Return the facts of one kind by the name of their route."""
    return {line[1]: line[2:] for line in lines if line[0] == what}


def peak_db(samples: Samples) -> float:
    """Return the highest peak, in dBFS."""
    return float(20 * np.log10(np.max(np.abs(samples)) + 1e-12))
