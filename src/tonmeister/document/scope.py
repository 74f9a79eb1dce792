"""Which tracks and buses a person's words mean: a track's name or id, a role, a family, a bus, or everything."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from tonmeister.document.mix import Mix, Track
from tonmeister.document.strip import MASTER
from tonmeister.errors import InputError

GROUP_FAMILIES = {
    "vocals": ("vocal",), "voices": ("vocal",), "voice": ("vocal",), "instruments": ("bass", "guitar", "keys", "synth", "strings", "brass", "woodwind"),
    "music": ("bass", "guitar", "keys", "synth", "strings", "brass", "woodwind", "effects", "unknown", "mix"), "horns": ("brass",),
}  # fmt: skip
"""Words that mean several families, or one under another name."""
WHOLE = ("all", "mix", "everything")


@dataclass(frozen=True, slots=True)
class Scope:
    """Tracks and buses, by id."""

    tracks: frozenset[str]
    buses: frozenset[str] = frozenset()

    @property
    def has_master(self) -> bool:
        """Whether the master chain is meant, too."""
        return MASTER in self.buses


def find_scope(mix: Mix, words: Sequence[str], *, option: str = "--touch") -> Scope:
    """Return what the words mean in this mix.

    Raises:
        InputError: If a word means nothing in it; the sentence says what there is.
    """
    tracks: set[str] = set()
    buses: set[str] = set()
    for word in words:
        said = _plain(word)
        found = {track.id for track in mix.tracks if track.used and means(track, said)}
        is_bus = said == MASTER or said in {bus.id for bus in mix.buses}
        if said in WHOLE:
            found = {track.id for track in mix.tracks if track.used}
            buses |= {MASTER, *(bus.id for bus in mix.buses)}
        if is_bus:
            buses.add(said)
            found |= {track.id for track in mix.tracks if track.used and track.strip.output == said != MASTER}
        if not found and not is_bus:
            raise InputError(f"{option} {word}: there is no such track, role, family or bus; {tell_names(mix)}.")
        tracks |= found
    return Scope(frozenset(tracks), frozenset(buses))


def means(track: Track, said: str) -> bool:
    """Say whether plain words mean this track."""
    names = {track.id, _plain(track.name), _plain(PurePath(track.name).stem), track.role, track.family}
    names |= {f"{name}s" for name in (track.role, track.family)}
    if track.role == "lead vocal":
        names |= {"lead", "vocal lead", "singer"}
    return said in {name.casefold() for name in names} or track.family in GROUP_FAMILIES.get(said, ())


def tell_names(mix: Mix) -> str:
    """Say what can be named in this mix."""
    used = [track for track in mix.tracks if track.used]
    families = dict.fromkeys(track.family for track in used)
    roles = dict.fromkeys(track.role for track in used)
    names = (*(track.id for track in used), *roles, *(name for name in families if name not in roles), MASTER)
    return f"it has {', '.join(dict.fromkeys(names))}"


def _plain(word: str) -> str:
    return " ".join(word.replace("_", " ").casefold().split())
