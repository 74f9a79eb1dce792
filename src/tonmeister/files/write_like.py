"""Sound written as another file is: word length, time stamp and rate of the source, in the format that the name asks for."""

from pathlib import Path
from typing import cast

import numpy as np

from tonmeister.audio import Audio
from tonmeister.errors import OutputError, UnreadableFileError
from tonmeister.files.encode import Codec, write_encoded
from tonmeister.files.probe import SoundFile
from tonmeister.files.wav import OutputEncoding, write_wav
from tonmeister.files.wav_header import BroadcastExtension, read_wav_header
from tonmeister.model import Db

ENDINGS = (".wav", ".flac", ".ogg", ".mp3")
"""What can be written."""
_ROOM_DB = 0.1
_ENCODINGS: dict[int, OutputEncoding] = {8: "pcm_16", 16: "pcm_16", 24: "pcm_24"}


def check_ending(path: Path) -> None:
    """Refuse a name that asks for a format that cannot be written.

    Raises:
        OutputError: If it does.
    """
    if path.suffix.lower() not in ENDINGS:
        advice = f"Give a name that ends in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}."
        raise OutputError(path, reason="Only these formats are written", advice=advice)


def encoding_for(source: SoundFile) -> OutputEncoding:
    """Return the word length for a WAV file: that of the source; 24 bits where it is lossy."""
    if source.bits == 32 and not source.codec.startswith("float"):
        return "float"
    return _ENCODINGS.get(source.bits or 24, "float")


def room_gain_db(audio: Audio, path: Path, source: SoundFile) -> Db:
    """Return the gain that a sound needs so that no sample is cut off in this file; 0 where all fit."""
    if path.suffix.lower() == ".wav" and encoding_for(source) == "float":
        return 0.0
    peak = float(np.abs(audio.samples).max(initial=0.0))
    return 0.0 if peak <= 1.0 else round(-20 * float(np.log10(peak)) - _ROOM_DB, 2)


def with_gain(audio: Audio, gain_db: Db) -> Audio:
    """Return the sound at another level; the same bytes for 0 dB."""
    return audio if gain_db == 0 else Audio(audio.samples * np.float32(10 ** (gain_db / 20)), audio.sample_rate_hz)


def write_like(path: Path, audio: Audio, source: SoundFile) -> None:
    """Write sound, all or nothing, with the word length and the time stamp of its source.

    Raises:
        OutputError: If it cannot be written there.
    """
    check_ending(path)
    if path.suffix.lower() == ".wav":
        write_wav(path, audio, encoding=encoding_for(source), bext=_stamp_of(source))
        return
    codec = cast("Codec", path.suffix.lower().removeprefix("."))
    blocks = [audio.samples[:, start : start + 65536] for start in range(0, audio.frames, 65536)]
    write_encoded(path, blocks, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels, codec=codec)


def _stamp_of(source: SoundFile) -> BroadcastExtension | None:
    try:
        bext = read_wav_header(source.path).bext if source.container == "wav" else None
        # What was measured on the source does not hold of what was made of it.
        return None if bext is None else bext.model_copy(update={"loudness": None})
    except (UnreadableFileError, OSError):
        return None
