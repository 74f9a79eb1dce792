"""FLAC keeps every bit; MP3 and OGG keep the music; long sound does not kill the encoder."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.sounds import pink_noise, sine
from tonmeister.audio import Audio
from tonmeister.errors import AudioFormatError, OutputError
from tonmeister.files.encode import Codec, encode_audio, write_encoded

RATE_HZ = 48_000


@pytest.mark.parametrize("codec", ["mp3", "ogg"])
def test_a_player_gets_the_tone_that_went_in(codec: Codec) -> None:
    """Lossy codecs keep a steady tone within 0.2 dB."""
    tone = sine(frequency_hz=1_000, peak_db=-12, duration_s=2, channels=2)
    raw = encode_audio(tone, codec=codec)
    back, rate = soundfile.read(io.BytesIO(raw), dtype="float32")
    middle = back[RATE_HZ // 2 : -RATE_HZ // 2, 0]
    level_db = 20 * np.log10(np.sqrt(np.mean(middle**2)) * np.sqrt(2))
    assert rate == RATE_HZ
    assert len(back) == tone.frames
    assert level_db == pytest.approx(-12, abs=0.2)
    assert len(raw) < tone.samples.nbytes / 8


def test_flac_keeps_24_bits_and_holds_full_scale() -> None:
    samples = (np.rint(pink_noise(channels=2).samples * 2.0**23) / 2.0**23).astype(np.float32)
    samples[0, :3] = [1.5, -1.0, -1.5]
    raw = encode_audio(Audio(samples, RATE_HZ), codec="flac")
    back = soundfile.read(io.BytesIO(raw), dtype="float32")[0].T
    np.testing.assert_array_equal(back, np.clip(samples, -1, 1 - 2.0**-23))


def test_a_long_vorbis_file_does_not_overflow_libsndfiles_stack(tmp_path: Path) -> None:
    """One write of a minute ends the process with SIGSEGV; ours is cut."""
    long = np.zeros((2, 60 * RATE_HZ), np.float32)
    write_encoded(tmp_path / "x.ogg", [long], sample_rate_hz=RATE_HZ, channels=2, codec="ogg", compression=1.0)
    assert soundfile.info(tmp_path / "x.ogg").frames == 60 * RATE_HZ


def test_block_size_changes_no_sample(tmp_path: Path) -> None:
    audio = pink_noise(channels=2, duration_s=3)
    small = [audio.samples[:, start : start + 777] for start in range(0, audio.frames, 777)]
    for name, blocks in (("a.mp3", [audio.samples]), ("b.mp3", small)):
        write_encoded(tmp_path / name, blocks, sample_rate_hz=RATE_HZ, channels=2, codec="mp3")
    assert (tmp_path / "a.mp3").read_bytes() == (tmp_path / "b.mp3").read_bytes()


def test_a_rate_that_mp3_lacks_is_said() -> None:
    with pytest.raises(AudioFormatError, match="96000 Hz"):
        encode_audio(sine(sample_rate_hz=96_000), codec="mp3")


def test_a_place_that_cannot_be_written_is_said_and_left_clean(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        write_encoded(
            tmp_path / "absent" / "x.flac", [sine().samples], sample_rate_hz=RATE_HZ, channels=1, codec="flac"
        )
    assert list(tmp_path.iterdir()) == []
