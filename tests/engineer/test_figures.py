from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, active_count

import numpy as np
import pytest
import soundfile

from tonmeister.engineer import figures
from tonmeister.engineer.figures import Hearing
from tonmeister.errors import CancelledError


class _Endless:
    """A file that never ends, and says when somebody began to read it."""

    sample_rate_hz, channels = 48000, 2

    def __init__(self) -> None:
        self.begun = Event()

    def blocks(self) -> Iterator[np.ndarray]:
        while True:
            self.begun.set()
            yield np.zeros((2, 4800), np.float32)


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> _Endless:
    sound = _Endless()

    @contextmanager
    def open_endless(_path: Path) -> Iterator[_Endless]:
        yield sound

    monkeypatch.setattr(figures, "open_sound", open_endless)
    return sound


def test_a_measurement_in_the_background_ends_with_the_work_that_failed(endless: _Endless) -> None:
    threads = active_count()
    with pytest.raises(OSError, match="disk full"):
        _fail_while_measuring(endless)
    assert active_count() == threads


def _fail_while_measuring(endless: _Endless) -> None:
    with Hearing(48000, cancel=None) as hearing:
        hearing.begin_after(Path("endless.wav"))
        assert endless.begun.wait(10)
        raise OSError("disk full")


def test_a_person_stops_a_measurement_in_the_background(endless: _Endless) -> None:
    cancel = Event()
    with Hearing(48000, cancel=cancel) as hearing:
        hearing.begin_after(Path("endless.wav"))
        assert endless.begun.wait(10)
        cancel.set()
        with pytest.raises(CancelledError):
            hearing.after(Path("endless.wav"))


def test_the_finished_sound_is_measured_whether_it_was_begun_early_or_not(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(48000) / 48000)
    soundfile.write(path, np.stack([tone, tone], axis=1), 48000, subtype="FLOAT")
    with Hearing(48000, cancel=None) as late:
        measured, peaks = late.after(path)
    with Hearing(48000, cancel=None) as early:
        early.begin_after(path)
        again, _ = early.after(path)
    assert measured.figures == again.figures
    assert measured.figures.true_peak_dbtp == pytest.approx(-6.02, abs=0.05)
    assert len(peaks) == 10
