"""REAPER's media items as clips: the active take of each, with its offset, gain, fades and channel."""

from tonmeister.daw.reading import Unread, in_db, make_lane, number, seconds, whole
from tonmeister.daw.reaper.tree import Line, Node
from tonmeister.daw.session import Clip, Fade, FadeShape, Loop
from tonmeister.document.lane import Lane

_FADES: dict[int, FadeShape] = {
    0: "linear", 1: "fast", 2: "slow", 3: "fast", 4: "slow", 5: "s_curve", 6: "s_curve", 7: "linear",
}  # fmt: skip
_LEFT, _RIGHT = 3, 4
_NOTES = ("MIDI", "MIDIPOOL")


def read_item(item: Node, unread: Unread) -> Clip | None:
    """Return an item of a track as a clip; None for one that plays notes."""
    take = _active_take(item)
    source = next((row for row in take if isinstance(row, Node) and row.name == "SOURCE"), None)
    if source is not None and source.words[:1] and source.words[0] in _NOTES:
        unread.add("An item of notes (MIDI) is left out: print its instrument in the DAW.")
        return None
    words = {row.name: row.words for row in reversed(take) if isinstance(row, Line)}
    levels = [*words.get("VOLPAN", item.line("VOLPAN")), "1", "0", "1"]
    is_turned = number(levels[2], 1.0) < 0
    if abs(number(levels[1])) > 1e-3:
        unread.add("The pan of an item is not read; its track's is.")
    media, section_s, cannot = _media(source)
    mode = whole((words.get("CHANMODE") or ["0"])[0])
    length_s = max(0.0, seconds(number((item.line("LENGTH") or ["0"])[0])))
    return Clip(
        name=(words.get("NAME") or item.line("NAME") or [""])[0],
        start_s=seconds(number((item.line("POSITION") or ["0"])[0])),
        length_s=length_s,
        offset_s=seconds(number((words.get("SOFFS") or ["0"])[0]) + section_s),
        media=media,
        channel={_LEFT: 0, _RIGHT: 1}.get(mode),
        polarity_inverted=is_turned,
        gain_db=round(in_db(number(levels[0], 1.0) * abs(number(levels[2], 1.0))), 4),
        gain=_gain(take),
        fade_in=_fade(item.line("FADEIN"), length_s),
        fade_out=_fade(item.line("FADEOUT"), length_s),
        loop=Loop() if item.line("LOOP")[:1] == ["1"] else None,
        is_muted=item.line("MUTE")[:1] not in ([], ["0"]),
        cannot=cannot or _changed(words, take),
    )


def _active_take(item: Node) -> "list[Line | Node]":
    """Return the rows of the take that plays: the one that is selected, else the first."""
    takes: list[list[Line | Node]] = [[]]
    chosen = 0
    for row in item.rows:
        if isinstance(row, Line) and row.name == "TAKE":
            takes.append([])
            if "SEL" in row.words:
                chosen = len(takes) - 1
        takes[-1].append(row)
    return takes[chosen]


def _media(source: Node | None) -> tuple[str | None, float, str | None]:
    """Return the file of a source, by how much of it a section skips, and why it cannot be played."""
    skipped_s = 0.0
    for _ in range(8):
        if source is None:
            break
        file = source.line("FILE")
        if file:
            return file[0], skipped_s, None
        if source.words[:1] == ["SECTION"]:
            skipped_s += number((source.line("STARTPOS") or ["0"])[0])
            if whole((source.line("MODE") or ["0"])[0]) & 2:
                return None, 0.0, "it is played backwards; print it in REAPER (glue items)"
        source = source.block("SOURCE")
    return None, 0.0, "its source is no sound file"


def _changed(words: dict[str, list[str]], take: "list[Line | Node]") -> str | None:
    rate = [*words.get("PLAYRATE", []), "1", "1", "0"]
    if abs(number(rate[0], 1.0) - 1) > 1e-6:
        return "it plays at another speed; print it in REAPER (glue items)"
    if len(words.get("PLAYRATE", [])) > 2 and abs(number(rate[2])) > 1e-6:
        return "its pitch is shifted; print it in REAPER (glue items)"
    if any(isinstance(row, Line) and row.name == "SM" for row in take):
        return "it has stretch markers; print it in REAPER (glue items)"
    return None


def _fade(words: list[str], length_s: float) -> Fade | None:
    """Return a fade; an automatic crossfade has the place of one by hand."""
    by_hand, automatic = (number(words[place]) if len(words) > place else 0.0 for place in (1, 2))
    length = min(automatic if automatic > 0 else by_hand, length_s)
    if length <= 0:
        return None
    return Fade(length_s=round(length, 9), shape=_FADES.get(whole(words[0]), "linear"))


def _gain(take: "list[Line | Node]") -> Lane | None:
    for row in take:
        if isinstance(row, Node) and row.name == "VOLENV" and row.line("ACT")[:1] != ["0"]:
            points = [(number(w[0]), in_db(number(w[1], 1.0))) for w in points_of(row)]
            return make_lane(points, law="linear_gain", otherwise=0.0) if points else None
    return None


def points_of(envelope: Node) -> list[list[str]]:
    """Return the words of an envelope's points: time, value, shape."""
    found = [row.words for row in envelope.rows if isinstance(row, Line) and row.name == "PT"]
    return [words for words in found if len(words) >= 2]
