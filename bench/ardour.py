"""A real Ardour without a window, a sound card and the person's settings: it renders and reads sessions."""

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import soundfile

from bench.sound import Sound

PROGRAMS = ("ardour7-export", "ardour7-lua")
_PLUGINS = ("a-eq", "a-comp", "a-exp", "a-reverb", "a-delay")
_LV2_FOLDERS = ("/usr/lib/lv2", "/usr/lib/ardour7/LV2", "/usr/local/lib/lv2")
_TRIES = 5
"""On one machine exports of a session that had just passed ended in Ardour's own "double free"; what it wrote is not looked at."""
_SIGNALLED = 128
_NOT_STARTED = "Engine is not running"
"""What Ardour says where its clock did not start in time on a busy machine."""
_EXPORTS = 5
_SAME = 2e-6
"""Two exports of one session differ by 1.2e-7."""


def is_here() -> bool:
    """Say whether Ardour's programs are installed."""
    return all(shutil.which(program) for program in PROGRAMS)


class Ardour:
    """Ardour 7.3's programs, with a home of their own.

    Args:
        home: An empty folder for its settings.
        patience_s: A run takes three seconds and the time to render; of our first sixty one never ended, with its file written, so
            one that takes longer is stopped and run once more.
    """

    def __init__(self, home: Path, *, patience_s: float = 30) -> None:
        plugins = home / "lv2"
        plugins.mkdir()
        for plugin in _PLUGINS:  # looking at every plugin of the machine would take most of the time
            found = (Path(folder) / f"{plugin}.lv2" for folder in _LV2_FOLDERS)
            (plugins / f"{plugin}.lv2").symlink_to(next(path for path in found if path.is_dir()))
        self._environment = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "LV2_PATH": str(plugins)}
        self._patience_s = patience_s

    def render(self, session: Path) -> Sound:
        """Return what Ardour makes of a session.

        On a busy machine an export may begin while Ardour's gains still glide to their places, or late: what a second export does
        not repeat is not taken.

        Raises:
            RuntimeError: If it fails, or never makes the same twice.
        """
        former = self._export(session)
        for _ in range(_EXPORTS):
            samples = self._export(session)
            if samples.shape == former.shape and np.abs(samples - former).max(initial=0) < _SAME:
                return samples
            former = samples
        raise RuntimeError(f"Ardour makes something else of {session} each time.")

    def _export(self, session: Path) -> Sound:
        out = session.parent / "render.wav"
        self.run("ardour7-export", "-b", "float", "-o", str(out), str(session.parent), session.stem)
        samples, _ = soundfile.read(out, dtype="float32", always_2d=True)
        return np.ascontiguousarray(samples.T)

    def run(self, *command: str) -> str:
        """Return what one of its programs prints.

        Raises:
            RuntimeError: If it fails, with what it said.
        """
        for tries_left in reversed(range(_TRIES)):
            try:
                done = subprocess.run(
                    command,
                    env=self._environment,
                    capture_output=True,
                    text=True,
                    timeout=self._patience_s,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                if tries_left:
                    continue
                raise
            if tries_left and (_was_killed(done.returncode) or _NOT_STARTED in done.stdout + done.stderr):
                continue
            if done.returncode:
                raise RuntimeError(done.stdout + done.stderr)
            return done.stdout
        raise AssertionError


def _was_killed(code: int) -> bool:
    """Say whether a program crashed, be it told by the system or by a shell around it."""
    return code < 0 or code > _SIGNALLED
