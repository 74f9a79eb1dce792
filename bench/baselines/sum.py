"""The unity sum: every stem as it came."""

from pathlib import Path

from bench.songs import Song
from bench.sound import sum_of, write

NAME = "sum"


def version() -> str | None:
    """Return the version of this baseline; it is always there."""
    return "1"


def mix(song: Song, stems: Path, wav: Path) -> None:
    """Write the plain sum of the stems."""
    mix_with(song, stems, [0.0] * len(song.stems), wav)


def mix_with(song: Song, stems: Path, gains_db: list[float | None], wav: Path) -> None:
    """Write the sum of the stems with these gains, as float32 (a sum may pass full scale); None leaves a stem out."""
    parts = [
        (stems / f"{stem.name}.wav", gain) for stem, gain in zip(song.stems, gains_db, strict=True) if gain is not None
    ]
    rate = song.rate_hz()
    write(wav, sum_of(parts, rate_hz=rate), rate, subtype="FLOAT")
