"""The codec table, and a ceiling that holds after decoding."""

from pathlib import Path

import numpy as np
import pytest

from tests.sounds import drums, pink_noise
from tonmeister.audio import Audio
from tonmeister.engineer.codecs import hold_through_codecs, measure_codecs
from tonmeister.files.round_trip import LossyCodec
from tonmeister.files.sound import open_sound
from tonmeister.files.wav import write_wav

pytest.importorskip("av")
TRIPS: tuple[tuple[LossyCodec, int], ...] = (("aac", 128), ("opus", 128), ("mp3", 128), ("vorbis", 128))


def loud() -> Audio:
    """Return a beat under noise, clipped hard: codecs overshoot on that."""
    samples = drums(duration_s=3, channels=2).samples * 2 + pink_noise(rms_db=-12, duration_s=3, channels=2).samples
    return Audio(np.clip(samples, -0.891, 0.891), 48_000)


def test_lossy_codecs_bring_hard_peaks_over_where_they_were(tmp_path: Path) -> None:
    write_wav(tmp_path / "loud.wav", loud())
    with open_sound(tmp_path / "loud.wav") as sound:
        rows = measure_codecs(sound, trips=TRIPS)
    assert [(row.codec, row.kbps) for row in rows] == list(TRIPS)
    assert max(row.overshoot_db or 0.0 for row in rows) > 0.1
    assert all(64 < row.measured_kbps < 256 for row in rows)


def test_the_ceiling_is_lowered_until_every_codec_holds_it(tmp_path: Path) -> None:
    """The bar: the true peak after decoding is never above the ceiling that was asked for."""
    out, written = tmp_path / "master.wav", []

    def write(ceiling_dbtp: float) -> float:
        written.append(ceiling_dbtp)
        write_wav(out, Audio(loud().samples * np.float32(10 ** ((ceiling_dbtp + 0.5) / 20)), 48_000))
        return ceiling_dbtp

    held = hold_through_codecs(write, out, ceiling_dbtp=-1.0, trips=TRIPS)
    assert held.misses == ()
    assert held.limit_dbtp == held.made == written[-1] < -1.0
    assert max(row.true_peak_dbtp or -99.0 for row in held.codecs) <= -1.0


def test_a_ceiling_that_never_holds_is_said_with_its_numbers(tmp_path: Path) -> None:
    out = tmp_path / "master.wav"
    held = hold_through_codecs(lambda _: write_wav(out, loud()), out, ceiling_dbtp=-3.0, trips=TRIPS[:1])
    assert len(held.misses) == 1
    assert "aac at 128 kbit/s" in held.misses[0]
