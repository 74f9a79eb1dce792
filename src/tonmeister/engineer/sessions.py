"""Which DAW sessions can be written: one table, by hand."""

from collections.abc import Callable, Mapping
from pathlib import Path

from tonmeister.daw.ardour.write import write_ardour_files
from tonmeister.daw.handback import Handback
from tonmeister.document.mix import Mix
from tonmeister.files.cache import open_cache
from tonmeister.files.output_folder import OutputFolder
from tonmeister.files.probe import SoundFile

WriteSession = Callable[[Mix, Mapping[str, SoundFile], Callable[[str], Path], str], Handback]
"""(mix, sources, place of each file, name of the song) → what is in the session and what is not."""


def _ardour(mix: Mix, sources: Mapping[str, SoundFile], place: Callable[[str], Path], name: str) -> Handback:
    return write_ardour_files(mix, sources, place, name=name, cache=open_cache())


SESSION_FORMATS: dict[str, WriteSession] = {"ardour": _ardour}
"""Format → how to write it."""


def written_sessions(out: Path) -> tuple[str, ...]:
    """Return the formats of which a result has a session."""
    return tuple(name for name in SESSION_FORMATS if (out / "sessions" / name).is_dir())


def account(handback: Handback) -> str:
    """Return the text that lies beside a session: what it carries, what sounds a little different, what it lost."""
    lines = ["In this session:", *(f"  {count} {what}" for what, count in handback.carried.items())]
    lines += ["", "Not exactly as in the mix:", *(f"  {sentence}" for sentence in handback.approximate or ("nothing",))]
    lines += ["", "Not carried:", *(f"  {sentence}" for sentence in handback.lost or ("nothing",))]
    return "\n".join(lines) + "\n"


def write_sessions(
    mix: Mix, sources: Mapping[str, SoundFile], folder: OutputFolder, formats: tuple[str, ...], *, name: str
) -> tuple[list[str], dict[str, Handback]]:
    """Write the sessions that were asked for, each with an account of what it carries; return names and accounts."""
    names: list[str] = []
    written: dict[str, Handback] = {}
    for wanted in formats:
        place = f"sessions/{wanted}"

        def stage(inside: str, place: str = place) -> Path:
            names.append(f"{place}/{inside}")
            return folder.path(f"{place}/{inside}")

        written[wanted] = SESSION_FORMATS[wanted](mix, sources, stage, name)
        folder.write_text(f"{place}/about.txt", account(written[wanted]))
        names.append(f"{place}/about.txt")
    return names, written
