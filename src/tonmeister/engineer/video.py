"""A video's sound, mastered and put back: its pictures are copied as they are."""

import tempfile
from pathlib import Path

from tonmeister.analysis.true_peak import TruePeakMeter
from tonmeister.files.atomic import temporary_file
from tonmeister.files.sound import open_sound
from tonmeister.files.video import SUFFIXES, mux_sound

_TRIES = 3
_UNDER_DB = 0.05


def is_video(path: Path) -> bool:
    """Say whether a name is that of a video."""
    return path.suffix.lower() in SUFFIXES


def replace_sound(video: Path, sound: Path, out: Path, *, ceiling_dbtp: float) -> tuple[str, ...]:
    """Write the video with another sound, as loud as its codec's overshoot allows under the ceiling; return what was missed.

    Raises:
        InputError: If the video holds no pictures.
        OutputError: If it cannot be written.
        MissingExtraError: If PyAV is not installed.
    """
    gain_db = 0.0
    with temporary_file(out) as path:
        named = path.with_name(path.name + out.suffix)
        try:
            for _ in range(_TRIES):
                mux_sound(video, sound, named, gain_db=gain_db)
                over = _true_peak_dbtp(named) - ceiling_dbtp
                if over <= 0:
                    break
                gain_db -= over + _UNDER_DB
            named.replace(path)
        finally:
            named.unlink(missing_ok=True)
    if gain_db == 0.0:
        return ()
    return (
        f"The video's sound is {-gain_db:.1f} dB lower than the master: its codec overshoots, and the ceiling holds after it.",
    )


def _true_peak_dbtp(path: Path) -> float:
    with tempfile.TemporaryDirectory(prefix="tonmeister-"), open_sound(path) as sound:
        meter = TruePeakMeter(sound.sample_rate_hz, sound.channels, oversampling=8)
        for block in sound.blocks():
            meter.add(block)
        peak = meter.result()
    return -200.0 if peak is None else peak
