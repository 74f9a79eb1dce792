"""A video with another sound (through PyAV): pictures and subtitles are copied packet by packet, only the sound is coded."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from tonmeister.errors import InputError, OutputError
from tonmeister.files.ffmpeg_source import import_av
from tonmeister.files.sound import open_sound

SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv", ".webm")
"""Videos whose sound can be put back."""
_CODECS = {".webm": "libopus"}
_FORMATS = {".mkv": "matroska", ".webm": "webm", ".mov": "mov"}
_BITS_PER_S = 320_000
_PIECE_FRAMES = 65_536
_OPUS_RATE_HZ = 48_000


def mux_sound(video: Path, sound: Path, out: Path, *, gain_db: float = 0.0) -> None:
    """Write the video with this sound, at a gain; its pictures stay as they are, bit for bit.

    Raises:
        InputError: If the video holds no pictures.
        OutputError: If it cannot be written.
        MissingExtraError: If PyAV is not installed.
    """
    av = import_av()
    kind = _FORMATS.get(out.suffix.lower(), "mp4")
    with av.open(f"file:{video}") as source:
        if not source.streams.video:
            raise InputError(f"{video}: there are no pictures in it; master it into a .wav file.")
        try:
            with av.open(f"file:{out}", "w", format=kind) as target:
                _copy(av, source, target, sound, gain_db)
        except av.error.FFmpegError as error:
            raise OutputError(
                out, reason=f"The video cannot be written ({error})", advice="Master it into a .wav file."
            ) from error


def _copy(av: Any, source: Any, target: Any, sound: Path, gain_db: float) -> None:
    """Copy what is no sound, and code the sound; packets go out in the order of their times."""
    kept = {
        stream.index: target.add_stream_from_template(stream) for stream in source.streams if stream.type == "video"
    }
    late = (
        max(0.0, float((source.streams.audio[0].start_time or 0) * (source.streams.audio[0].time_base or 0)))
        if source.streams.audio
        else 0.0
    )
    if source.format.name.startswith("mov"):
        late = 0.0  # there it is the codec's priming
    with open_sound(sound) as reader:
        codec = _CODECS.get(Path(target.file.name if target.file else target.name).suffix.lower(), "aac")
        rate = _OPUS_RATE_HZ if codec == "libopus" else reader.sample_rate_hz
        coded = target.add_stream(codec, rate=rate)
        coded.layout, coded.bit_rate = "mono" if reader.channels == 1 else "stereo", _BITS_PER_S
        packets = _sound_packets(av, reader, coded, gain_db, late)
        waiting = next(packets, None)
        for packet in source.demux(*(source.streams[index] for index in kept)):
            if packet.dts is None:
                continue
            while waiting is not None and _time(waiting) <= _time(packet):
                target.mux(waiting)
                waiting = next(packets, None)
            packet.stream = kept[packet.stream.index]
            target.mux(packet)
        while waiting is not None:
            target.mux(waiting)
            waiting = next(packets, None)


def _time(packet: Any) -> float:
    return float((packet.dts if packet.dts is not None else packet.pts or 0) * packet.time_base)


def _sound_packets(av: Any, reader: Any, coded: Any, gain_db: float, late_s: float) -> Iterator[Any]:
    gain, rate = np.float32(10 ** (gain_db / 20)), reader.sample_rate_hz
    resampler = av.AudioResampler(format=coded.format.name, layout=coded.layout.name, rate=coded.rate)
    place = round(late_s * rate)
    for block in reader.blocks(_PIECE_FRAMES):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block * gain), format="fltp", layout=coded.layout.name)
        frame.sample_rate, frame.pts, frame.time_base = rate, place, Fraction(1, rate)
        place += block.shape[1]
        for piece in resampler.resample(frame):
            yield from coded.encode(piece)
    for piece in resampler.resample(None):
        yield from coded.encode(piece)
    yield from coded.encode(None)
