"""Sound that an AAF file holds itself, as a sound file."""

from pathlib import Path
from typing import Any

from tonmeister.daw.opening import SessionError
from tonmeister.files.wav_header import BYTES_PER_SAMPLE, Encoding, build_wav_header

_PIECE_BYTES = 1 << 20
_LARGEST_BYTES = 16 << 30
_ENCODINGS: dict[int, Encoding] = {16: "pcm_16", 24: "pcm_24", 32: "pcm_32"}


def write_essence(path: Path, mob_id: str, to: Path) -> None:
    """Write the sound of a source mob to a file.

    Raises:
        SessionError: If it is not there, damaged, or of a kind that is not read.
    """
    import aaf2  # noqa: PLC0415 - an extra; the session was read with it

    try:
        with aaf2.open(str(path), "r") as file:
            mob = next(mob for mob in file.content.mobs if f"{mob.mob_id}" == mob_id)
            _write(mob, to)
    except Exception as error:  # pyaaf2 raises whatever a broken file makes it stumble over
        advice = "Export the AAF with separate sound files."
        raise SessionError(path, "A sound inside it cannot be unpacked", advice) from error


def _write(mob: Any, to: Path) -> None:
    stream = mob.essence.open("r")
    head = stream.read(12)
    with to.open("xb") as out:
        if head[:4] not in (b"RIFF", b"FORM", b"RF64"):
            out.write(_header(mob.descriptor, int(mob.essence.open("r").dir.byte_size)))
        out.write(head)
        total = len(head)
        while piece := stream.read(_PIECE_BYTES):
            total += len(piece)
            if total > _LARGEST_BYTES:
                raise ValueError("far more than a sound can be")
            out.write(piece)


def _header(descriptor: Any, size_bytes: int) -> bytes:
    """Return the WAV header of plain samples."""
    channels = int(descriptor["Channels"].value)
    encoding = _ENCODINGS[int(descriptor["QuantizationBits"].value)]
    rate = round(float(descriptor["AudioSamplingRate"].value))
    frames = size_bytes // (BYTES_PER_SAMPLE[encoding] * channels)
    return build_wav_header(encoding=encoding, sample_rate_hz=rate, channels=channels, frames=frames, bext=None)
