"""Equal loudness: every stem to the same gated BS.1770 loudness (Perez-Gonzalez & Reiss 2009)."""

from pathlib import Path

from bench.baselines.sum import mix_with
from bench.measures import gated_lufs
from bench.songs import Song
from bench.sound import read

NAME = "equal"
LEVEL_LUFS = -26.0


def version() -> str | None:
    """Return the version of this baseline; it is always there."""
    return "1"


def gains_db(song: Song, stems: Path) -> list[float | None]:
    """Return the gain that brings each stem to the common loudness; None for silence."""
    loudness = [gated_lufs(*read(stems / f"{stem.name}.wav")) for stem in song.stems]
    return [None if lufs is None else LEVEL_LUFS - lufs for lufs in loudness]


def mix(song: Song, stems: Path, wav: Path) -> None:
    """Write the sum of the stems at equal loudness."""
    mix_with(song, stems, gains_db(song, stems), wav)
