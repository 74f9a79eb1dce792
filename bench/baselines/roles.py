"""Equal loudness plus a fixed offset for each role, which is known to it from the truth.

Offsets: middles of the fader ranges of the knowledge rules in Vanka et al., "Diff-MST" (2024), meant for tracks at equal
loudness; a role that the rules do not name stands with its nearest (effects and rooms at "room/misc").
"""

from pathlib import Path

from bench.baselines import equal
from bench.baselines.sum import mix_with
from bench.songs import Song

NAME = "roles"
OTHER_DB = -12.0
OFFSETS_DB = {
    "lead vocal": -7.5,
    "backing vocal": -9.5,
    "kick": -12.0,
    "snare": -10.5,
    "claps": -10.5,
    "toms": -10.5,
    "hi-hat": -11.5,
    "cymbals": -11.5,
    "overheads": -11.5,
    "drums": -12.0,
    "percussion": -14.0,
    "bass": -10.0,
    "electric guitar": -10.0,
    "acoustic guitar": -10.0,
    "keys": -11.5,
    "piano": -11.5,
    "synth": -11.5,
    "strings": -11.5,
    "brass": -12.0,
    "woodwind": -12.0,
    "effects": -14.0,
    "room": -14.0,
}


def version() -> str | None:
    """Return the version of this baseline; it is always there."""
    return "1"


def gains_db(song: Song, stems: Path) -> list[float | None]:
    """Return the gain of equal loudness plus the role's offset; None for silence."""
    level = equal.gains_db(song, stems)
    return [
        None if gain is None else gain + OFFSETS_DB.get(stem.role, OTHER_DB)
        for stem, gain in zip(song.stems, level, strict=True)
    ]


def mix(song: Song, stems: Path, wav: Path) -> None:
    """Write the sum of the stems at their roles' levels."""
    mix_with(song, stems, gains_db(song, stems), wav)
