"""What a sound file is: facts from its content, never from its ending."""

from pathlib import Path
from typing import Literal

import soundfile

from tonmeister.errors import MissingExtraError, UnreadableFileError
from tonmeister.files import ffmpeg_source
from tonmeister.files.cache import Cache, hash_file
from tonmeister.files.fault import Fault
from tonmeister.files.sniff import Kind, read_head, sniff
from tonmeister.files.stem_atom import read_stem_names
from tonmeister.files.wav import has_own_reader
from tonmeister.files.wav_header import WavHeader, read_wav_header
from tonmeister.model import Model

_BITS = {"PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "FLOAT": 32, "DOUBLE": 64}
_BITS_OF_WAV = {"pcm_16": 16, "pcm_24": 24, "pcm_32": 32, "float": 32, "double": 64}
_STEM_FILE_STREAMS = 5
_NO_SOUND = "No sound can be found in it"
_EXPORT = "Check that it is complete, or export it as WAV."


class SoundFile(Model):
    """Facts of one sound: a file, or one stream of a file that holds several."""

    path: Path
    container: str
    """Such as `wav`, `flac`, `ogg`, `mp3`, `mov` (MP4, M4A), `matroska`."""
    codec: str
    """Such as `pcm_24`, `float`, `vorbis`, `aac`."""
    reader: Literal["wav", "libsndfile", "ffmpeg"]
    """Who decodes it: we, libsndfile, or FFmpeg's libraries."""
    sample_rate_hz: int
    channels: int
    frames: int
    """Samples per channel; what the header says where the sound is compressed (opening it gives the exact number)."""
    bits: int
    """Bits per sample; 0 where the codec is lossy."""
    time_reference_frames: int = 0
    """First frame on the time line (BWF), at the file's sample rate; 0 where the file does not say."""
    sha256: str
    """Hash of the file's bytes."""
    stream: int = 0
    """Which sound stream of the file."""
    title: str | None = None
    """The stream's own name, where the file has one."""
    part: Literal["sound", "mix", "stem"] = "sound"
    """In a stem file: the finished mix or one of its stems."""
    faults: tuple[Fault, ...] = ()
    """What is wrong, as far as the header shows."""

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.frames / self.sample_rate_hz


def probe(path: Path, *, stream: int = 0, cache: Cache | None = None, hashed: bool = True) -> SoundFile:
    """Return the facts of a sound file, or of one stream of it; without its hash where nobody asks for that.

    Raises:
        UnreadableFileError: If there is no sound in it that we can read.
        MissingExtraError: If only the optional PyAV can read it and it is not installed.
    """
    found = probe_streams(path, cache=cache, hashed=hashed)
    if not 0 <= stream < len(found):
        advice = f"It has {len(found)}, counted from 0."
        raise UnreadableFileError(path, reason=f"There is no sound stream {stream} in it", advice=advice)
    return found[stream]


def probe_streams(path: Path, *, cache: Cache | None = None, hashed: bool = True) -> tuple[SoundFile, ...]:
    """Return the facts of every sound stream of a file; most files have one.

    Raises:
        UnreadableFileError: If there is no sound in it that we can read.
        MissingExtraError: If only the optional PyAV can read it and it is not installed.
    """
    kind = sniff(read_head(path))
    found = _look_inside(path, kind)
    if not hashed:
        return found
    digest = cache.hash_file(path) if cache is not None else hash_file(path)
    return tuple(file.model_copy(update={"sha256": digest}) for file in found)


def _look_inside(path: Path, kind: Kind) -> tuple[SoundFile, ...]:
    if kind == "wav":
        header = read_wav_header(path)
        if has_own_reader(header):
            return (_from_wav(path, header),)
        return (_from_libsndfile(path, header),)
    if kind == "libsndfile":
        try:
            return (_from_libsndfile(path, None),)
        except UnreadableFileError:
            return _from_ffmpeg(path)
    try:
        return _from_ffmpeg(path)
    except MissingExtraError:
        if kind == "opus":
            return (_from_libsndfile(path, None),)
        if kind == "unknown":
            raise UnreadableFileError(path, reason=_NO_SOUND, advice=_EXPORT) from None
        raise


def _from_wav(path: Path, header: WavHeader) -> SoundFile:
    return SoundFile(
        path=path,
        container="wav",
        codec=str(header.encoding),
        reader="wav",
        sample_rate_hz=header.sample_rate_hz,
        channels=header.channels,
        frames=header.frames,
        bits=_BITS_OF_WAV[str(header.encoding)],
        time_reference_frames=header.bext.time_reference_frames if header.bext else 0,
        sha256="",
        faults=header.faults,
    )


def _from_libsndfile(path: Path, header: WavHeader | None) -> SoundFile:
    try:
        with soundfile.SoundFile(str(path)) as file:
            if file.format == "RAW":  # libsndfile takes anything for sound if it is called .vox
                raise UnreadableFileError(path, reason=_NO_SOUND, advice=_EXPORT)
            return SoundFile(
                path=path,
                container=str(file.format).lower().removesuffix("ex"),
                codec=str(file.subtype).lower(),
                reader="libsndfile",
                sample_rate_hz=int(file.samplerate),
                channels=int(file.channels),
                frames=max(0, int(file.frames)),
                bits=_BITS.get(str(file.subtype), 0),
                time_reference_frames=header.bext.time_reference_frames if header and header.bext else 0,
                sha256="",
                faults=header.faults if header else (),
            )
    except (soundfile.LibsndfileError, TypeError) as error:
        raise UnreadableFileError(path, reason=_NO_SOUND, advice=_EXPORT) from error


def _from_ffmpeg(path: Path) -> tuple[SoundFile, ...]:
    streams = [
        stream for stream in ffmpeg_source.list_streams(path) if stream.sample_rate_hz > 0 and stream.channels > 0
    ]
    if not streams:
        raise UnreadableFileError(path, reason=_NO_SOUND, advice=_EXPORT)
    names = read_stem_names(path) if len(streams) > 1 else ()
    named_so = path.name.lower().endswith((".stem.mp4", ".stem.m4a"))
    is_stem_file = len(names) == len(streams) - 1 > 0 or (len(streams) == _STEM_FILE_STREAMS and named_so)
    titles = ("mix", *(names or tuple(f"Stem {number}" for number in range(1, len(streams))))) if is_stem_file else ()
    return tuple(
        SoundFile(
            path=path,
            container=stream.container,
            codec=stream.codec,
            reader="ffmpeg",
            sample_rate_hz=stream.sample_rate_hz,
            channels=stream.channels,
            frames=stream.frames,
            bits=stream.bits,
            sha256="",
            stream=number,
            title=titles[number] if is_stem_file else stream.title,
            part="sound" if not is_stem_file else ("mix" if number == 0 else "stem"),
        )
        for number, stream in enumerate(streams)
    )
