"""A master that holds its ceiling through lossy codecs."""

from pathlib import Path

import pytest

from tests.sounds import drums, pink_noise
from tonmeister import MasterOptions, master
from tonmeister.audio import Audio
from tonmeister.files.wav import write_wav

pytest.importorskip("av")


def test_a_codec_safe_master_is_as_loud_as_asked_and_no_codec_passes_its_ceiling(tmp_path: Path) -> None:
    """The bar: 128 to 320 kbit/s, 8x oversampled after decoding; 0.1 LU is what EBU Tech 3341 allows a meter."""
    samples = drums(duration_s=4, channels=2).samples + pink_noise(rms_db=-22, duration_s=4, channels=2).samples
    write_wav(tmp_path / "mix.wav", Audio(samples, 48_000))
    wanted = MasterOptions(target="-11", budget="bold", codec_safe=True)
    result = master(tmp_path / "mix.wav", tmp_path / "master.wav", options=wanted)
    assert result.misses == ()
    assert len(result.codecs) == 16
    assert max(row.true_peak_dbtp or -99.0 for row in result.codecs) <= -1.0
    assert result.master.ceiling_dbtp == -1.0
    assert result.master.integrated_lufs == pytest.approx(-11.0, abs=0.1)
    assert result.limit_dbtp is not None
    assert result.limit_dbtp < -1.0
