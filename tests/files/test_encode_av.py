"""Files that FFmpeg's libraries write: exact where lossless, tagged, and read by the outside tool."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.sounds import pink_noise
from tonmeister.errors import InputError, UnreadableFileError
from tonmeister.files.encode_delivery import ENDINGS, LOSSY_KBPS, DeliveryFile, DeliveryFormat, write_delivery
from tonmeister.files.round_trip import LOSSY, LossyCodec, RoundTrip
from tonmeister.files.sound import open_sound
from tonmeister.files.tags import Tags, read_cover, read_isrc
from tonmeister.files.wav_header import BroadcastExtension, BroadcastLoudness, read_wav_header

pytest.importorskip("av")
FORMATS: tuple[DeliveryFormat, ...] = ("wav", "flac", "alac", "aac", "opus", "mp3")
TAGS = Tags(title="Straße", artist="A & B", album="First", track="3", date="2026", isrc="DEA122600001")
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc00000030101"
    "0018dd8db00000000049454e44ae426082"
)  # one red dot


@pytest.fixture
def cover(tmp_path: Path) -> Path:
    path = tmp_path / "cover.png"
    path.write_bytes(PNG)
    return path


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_delivered_file_is_as_long_and_as_fast_as_its_sound_and_reads_back(
    file_format: DeliveryFormat, tmp_path: Path, cover: Path
) -> None:
    """A codec fills its last frame with silence: at most 2048 frames, no sound after the end."""
    sound = pink_noise(duration_s=1.01, channels=2)
    path = tmp_path / f"song{ENDINGS[file_format]}"
    write_delivery(path, [sound.samples], DeliveryFile(file_format, 48_000, 2, tags=TAGS, cover=read_cover(cover)))
    with open_sound(path) as read:
        assert read.sample_rate_hz == 48_000
        assert 0 <= read.frames - sound.frames <= (2048 if file_format in LOSSY_KBPS else 0)
        difference = read.read(0, sound.frames) - sound.samples
    limit = 0.05 if file_format in LOSSY_KBPS else 2 * 0.5**23
    assert np.sqrt(np.square(difference).mean()) < limit


@pytest.mark.needs("ffprobe")
@pytest.mark.parametrize("file_format", FORMATS)
def test_ffprobe_finds_the_tags_and_the_cover(file_format: DeliveryFormat, tmp_path: Path, cover: Path) -> None:
    path = tmp_path / f"song{ENDINGS[file_format]}"
    sound = pink_noise(duration_s=0.5, channels=2)
    write_delivery(path, [sound.samples], DeliveryFile(file_format, 48_000, 2, tags=TAGS, cover=read_cover(cover)))
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(path)],
        capture_output=True,
        check=True,
    )
    found = json.loads(done.stdout)
    tags = {**found["format"].get("tags", {}), **found["streams"][0].get("tags", {})}
    assert tags["title"] == "Straße"
    assert tags["artist"] == "A & B"
    assert "DEA122600001" in json.dumps(tags) or file_format == "wav"
    pictures = [s for s in found["streams"] if s["disposition"]["attached_pic"]]
    assert len(pictures) == (0 if file_format == "wav" else 1)


def test_two_runs_write_the_same_bytes(tmp_path: Path) -> None:
    sound = pink_noise(duration_s=0.3, channels=2)
    for file_format in FORMATS:
        for name in ("one", "two"):
            write_delivery(tmp_path / f"{name}{file_format}", [sound.samples], DeliveryFile(file_format, 48_000, 2))
        assert (tmp_path / f"one{file_format}").read_bytes() == (tmp_path / f"two{file_format}").read_bytes()


def test_a_broadcast_wave_holds_loudness_history_and_isrc(tmp_path: Path) -> None:
    """EBU Tech 3285 v2: steps of 0.01; Tech 3352: the ISRC in axml."""
    loudness = BroadcastLoudness(integrated_lufs=-14.02, range_lu=6.5, true_peak_dbtp=-1.0, short_term_max_lufs=-11.25)
    bext = BroadcastExtension(description="Song", loudness=loudness, coding_history="A=PCM,F=48000,W=24,M=stereo")
    sound = pink_noise(duration_s=0.2, channels=2)
    path = tmp_path / "song.wav"
    write_delivery(path, [sound.samples], DeliveryFile("wav", 48_000, 2, tags=TAGS, bext=bext))
    header = read_wav_header(path)
    assert header.bext == bext
    assert header.frames == sound.frames
    assert header.faults == ()
    assert b"ISRC:DEA122600001" in path.read_bytes()


@pytest.mark.parametrize("codec", LOSSY)
@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
def test_a_round_trip_keeps_the_length_and_the_place_of_the_sound(codec: LossyCodec, rate_hz: int) -> None:
    """At 256 kbit/s noise comes back 7 dB and more above what is lost; shifted by a few frames nothing of that would be left."""
    sound = pink_noise(duration_s=1.003, channels=2, sample_rate_hz=rate_hz)
    trip = RoundTrip(codec, 256, sample_rate_hz=rate_hz, channels=2)
    back = np.concatenate(list(trip.run([sound.samples])), axis=1)
    assert back.shape[1] == round(sound.frames * trip.sample_rate_hz / rate_hz)
    assert trip.sample_rate_hz == (48_000 if codec == "opus" or (codec != "vorbis" and rate_hz > 48_000) else rate_hz)
    if trip.sample_rate_hz == rate_hz:
        lost = np.square(back - sound.samples).mean() / np.square(sound.samples).mean()
        assert 10 * np.log10(lost) < -5


@pytest.mark.parametrize("codec", LOSSY)
def test_mono_goes_through_every_codec_at_the_highest_rate(codec: LossyCodec) -> None:
    """Opus takes at most 256 kbit/s of one channel."""
    sound = pink_noise(duration_s=0.5)
    trip = RoundTrip(codec, 320, sample_rate_hz=48_000, channels=1)
    assert sum(block.shape[1] for block in trip.run([sound.samples])) == sound.frames


@pytest.mark.parametrize("said", ["DEA122600001", "de-a12-26-00001"])
def test_an_isrc_is_read_with_or_without_hyphens(said: str) -> None:
    assert read_isrc(said) == "DEA122600001"


@pytest.mark.parametrize("said", ["", "DEA12", "1EA122600001", "DEA12260000X"])
def test_what_is_no_isrc_is_refused(said: str) -> None:
    with pytest.raises(InputError, match="no ISRC"):
        read_isrc(said)


def test_a_cover_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cover.jpg"
    path.write_bytes(b"GIF89a")
    with pytest.raises(UnreadableFileError, match="neither JPEG nor PNG"):
        read_cover(path)
