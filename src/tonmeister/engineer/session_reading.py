"""What a session of a DAW says, for a person to read, without laying out a single clip."""

from pathlib import Path

from tonmeister.daw.base import carries_balance, is_muted, plain_ways
from tonmeister.daw.laying_out import is_heard, missing_sounds
from tonmeister.daw.read import read_session_file, session_file
from tonmeister.daw.session import DawSession
from tonmeister.files.cache import open_cache
from tonmeister.model import Model


class ReadSession(Model):
    """A session, and what would become of it."""

    path: Path
    """The session's own file."""
    session: DawSession
    missing: tuple[str, ...] = ()
    """Sound files of its clips that are nowhere to be found."""
    heard: int = 0
    """Tracks that `mix` would hear."""
    carries_balance: bool = False
    """Whether its faders and pans are set, so that `--start auto` keeps them."""


def read_session(source: Path) -> ReadSession:
    """Read a session of a DAW: DAWproject, REAPER, Ableton Live, Ardour, AAF, Logic, Pro Tools.

    Raises:
        InputError: If it is none of these, damaged, hostile or of a version that is not read; the sentence says what to do.
    """
    path = session_file(source)
    session = read_session_file(path)
    ways = plain_ways(session)
    heard = [track for track in ways.tracks if any(map(is_heard, track.clips)) and not is_muted(ways, track)]
    return ReadSession(
        path=path,
        session=session,
        missing=missing_sounds(session, path, cache=open_cache()),
        heard=len(heard),
        carries_balance=carries_balance(ways),
    )
