"""Write the Ardour session of a result and what it should sound like, before the master chain: `OUT FOLDER still|lanes|devices`.

`FOLDER/ours.wav` is our own render; the session's file and the sections (seconds) are printed as JSON.
"""

import json
import sys
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tonmeister.daw.ardour.write import write_ardour_files
from tonmeister.daw.order import Order
from tonmeister.daw.prepare import Print
from tonmeister.document.lane import Lane
from tonmeister.document.mix import Mix
from tonmeister.document.strip import Bus, Strip
from tonmeister.engineer.documents import load_mix, load_sources
from tonmeister.engineer.printing import key_of, print_sounds
from tonmeister.engineer.sessions import SESSION_FORMATS, with_prints
from tonmeister.files.cache import open_cache


def _held(lane: Lane) -> Lane:
    return lane.model_copy(update={"points": (lane.points[0],)})


Owner = TypeVar("Owner", Strip, Bus)


def _bare(owner: Owner, *, moves: bool) -> Owner:
    """Return a strip or bus without devices, and held at its first values unless it may move."""
    update: dict[str, object] = {"inserts": ()}
    if not moves:
        update |= {"fader_db": _held(owner.fader_db), "mute": _held(owner.mute), "width": _held(owner.width)}
        sends = tuple(send.model_copy(update={"level_db": _held(send.level_db)}) for send in owner.sends)
        update |= {"sends": sends}
        if isinstance(owner, Strip):
            update["pan"] = _held(owner.pan)
    return owner.model_copy(update=update)


def _reduced(mix: Mix, kind: str) -> Mix:
    """Return the mix without its master chain, and without what this kind leaves out."""
    master = mix.master.model_copy(update={"inserts": ()})
    if kind != "devices":
        moves = kind != "still"
        tracks = tuple(track.model_copy(update={"strip": _bare(track.strip, moves=moves)}) for track in mix.tracks)
        mix = mix.model_copy(update={"tracks": tracks, "buses": tuple(_bare(bus, moves=moves) for bus in mix.buses)})
    return mix.model_copy(update={"master": master, "moves": ()})


def main() -> int:
    """Write both."""
    out, folder, kind = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    loaded, cache = load_mix(out), open_cache()
    sources = load_sources(out, loaded)
    mix = _reduced(loaded, kind)
    prepared = SESSION_FORMATS["ardour"].prepare(mix)
    whole = Print("", "mix")

    def place(inside: str) -> Path:
        (folder / inside).parent.mkdir(parents=True, exist_ok=True)
        return folder / inside

    prints = print_sounds(mix, sources, [*prepared.prints, whole], place, cache=cache)
    prints[key_of(whole)].path.rename(folder / "ours.wav")
    printed = frozenset(one.track_id for one in prepared.prints)
    heard = with_prints(prepared, sources, prints)
    made = write_ardour_files(
        Order(prepared.mix, heard, lambda inside: place(f"session/{inside}"), "Null", cache, "link", printed)
    )
    sections = [(section.start_s, section.end_s) for section in mix.song.sections]
    print(json.dumps({"session": str(made.path), "sections": sections}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
