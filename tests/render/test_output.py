"""What a render writes to disk: dithered whole numbers, and silence that stays silence."""

from pathlib import Path

import numpy as np
import soundfile

from tests.sounds import sine
from tonmeister.render.output import WavOutput


def test_digital_silence_of_a_song_stays_silent_in_its_master_whatever_the_blocks(tmp_path: Path) -> None:
    """Dither is blanked there: a pause, the head and a tail shorter than the shortest silence at the very end."""
    samples = sine(duration_s=0.5, peak_db=-20, channels=2).samples + np.float32(1e-5)
    samples[:, :1000] = 0
    samples[:, 9000:15_000] = 0
    samples[:, -30:] = 0
    for name, size in (("one.wav", 24_000), ("many.wav", 700)):
        with WavOutput(tmp_path / name, sample_rate_hz=48_000, channels=2, bits=24) as output:
            for start in range(0, samples.shape[1], size):
                output(start, np.ascontiguousarray(samples[:, start : start + size]))
    written, _ = soundfile.read(tmp_path / "one.wav", dtype="int32", always_2d=True)
    assert written.shape[0] == samples.shape[1]
    for part in (written[:1000], written[9000:15_000], written[-30:]):
        assert not part.any()
    assert (tmp_path / "one.wav").read_bytes() == (tmp_path / "many.wav").read_bytes()
