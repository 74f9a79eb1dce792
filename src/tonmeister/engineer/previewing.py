"""Hear a move before it is accepted: just its bars, with it and without it, at one loudness."""

import fnmatch
from pathlib import Path

import numpy as np

from tonmeister.analysis.loudness import measure_loudness
from tonmeister.analysis.true_peak import measure_true_peak
from tonmeister.audio import Audio
from tonmeister.document.fold import APPLIED, fold
from tonmeister.document.lane import Lane, Point
from tonmeister.document.mix import Mix
from tonmeister.document.move import FaderChange, InsertChange, Move, MuteChange, PanChange, SendChange, WidthChange
from tonmeister.document.text import canonical
from tonmeister.engineer.documents import check_sources, load_mix, load_sources
from tonmeister.engineer.listeners import Collector
from tonmeister.engineer.options import Cancel
from tonmeister.engineer.passes import open_renderer
from tonmeister.errors import InputError
from tonmeister.files.cache import open_cache
from tonmeister.files.output_folder import OutputFolder
from tonmeister.files.wav import write_wav
from tonmeister.model import Db, Model, Seconds
from tonmeister.render import Renderer

FOLDER = "previews"
_BARS_BEFORE, _BARS_AFTER = 1, 2
"""What a moment is heard against: a bar before it, and two behind it, where it is to land."""
_BAR_S = 2.0
_LONGEST_S = 30.0
_CEILING_DBTP = -1.0
_SHORTEST_S = 0.5


class MovePreview(Model):
    """Two short files of the same bars."""

    move: str
    """Id of the move."""
    title: str
    start_s: Seconds
    """Where in the song they begin."""
    end_s: Seconds
    with_move: Path
    without_move: Path
    with_gain_db: Db
    """Gain that the file with the move was given, so that both are equally loud."""
    without_gain_db: Db


def preview_move(out: Path, move_id: str, *, cancel: Cancel | None = None) -> MovePreview:
    """Write the bars of a move to `previews/`, with it and without it, level-matched; the mix stays as it is.

    Raises:
        InputError: If there is no such move, or it changes nothing that can be heard.
        DocumentError: If the document or the sound of a track is not there.
        CancelledError: If the person asked to stop; nothing is left then.
    """
    mix, cache = load_mix(out), open_cache()
    move = _find(mix, move_id, out)
    sources = load_sources(out, mix)
    check_sources(mix, sources, cache=cache)
    span_s = span_of(move, mix)
    names = tuple(f"{FOLDER}/{move.id}.{kind}.wav" for kind in ("with", "without"))
    with OutputFolder(out, keeps_history=False) as folder, open_renderer(sources, cache=cache) as renderer:
        sounds = [_hear(one, span_s, renderer, cancel) for one in (_with(mix, move), _without(mix, move))]
        gains_db = matching_gains_db(*sounds)
        for name, sound, gain_db in zip(names, sounds, gains_db, strict=True):
            louder = np.ascontiguousarray(sound.samples * np.float32(10 ** (gain_db / 20)))
            write_wav(folder.path(name), Audio(louder, sound.sample_rate_hz), encoding="pcm_24")
    return MovePreview(
        move=move.id, title=move.title, start_s=round(span_s[0], 3), end_s=round(span_s[1], 3), with_move=out / names[0],
        without_move=out / names[1], with_gain_db=round(gains_db[0], 2), without_gain_db=round(gains_db[1], 2),
    )  # fmt: skip


def span_of(move: Move, mix: Mix) -> tuple[float, float]:
    """Return the stretch of the song in which a move is heard best: the first moment in which its lane does something, with bars around."""
    lane, end_s = _lane(move), mix.song.duration_s
    first, last = _moment(lane) if lane is not None and not lane.is_constant else _told(move, end_s)
    last = min(last, end_s) if np.isfinite(last) else end_s
    bar_s = _bar_s(mix)
    start_s = max(0.0, first - _BARS_BEFORE * bar_s)
    return start_s, max(min(end_s, last + _BARS_AFTER * bar_s, start_s + _LONGEST_S), min(end_s, start_s + _SHORTEST_S))


def matching_gains_db(first: Audio, second: Audio) -> tuple[float, float]:
    """Return the gains that make two sounds equally loud (BS.1770) with room to the ceiling: the louder one comes down."""
    loud = [measure_loudness(one).integrated_lufs for one in (first, second)]
    peaks = [measure_true_peak(one) or 0.0 for one in (first, second)]
    if loud[0] is None or loud[1] is None:
        return 0.0, 0.0
    common = min(loud[0], loud[1], loud[0] + _CEILING_DBTP - peaks[0], loud[1] + _CEILING_DBTP - peaks[1])
    return common - loud[0], common - loud[1]


def _find(mix: Mix, move_id: str, out: Path) -> Move:
    found = [move for move in mix.moves if fnmatch.fnmatchcase(move.id, move_id)]
    if len(found) != 1:
        many = f"{len(found)} moves have such an id" if found else "no such move"
        raise InputError(f"{move_id}: {many}; `tonmeister moves {out}` lists them, give one.")
    if found[0].change.kind == "nothing":
        raise InputError(f"{move_id}: this is a note and changes nothing; preview a move that does.")
    return found[0]


def _with(mix: Mix, move: Move) -> Mix:
    """Return the mix with a move applied, and with those that it needs."""
    needed, waiting = {move.id}, [move]
    by_id = {one.id: one for one in mix.moves}
    while waiting:
        more = [by_id[name] for name in waiting.pop().depends_on if name in by_id and name not in needed]
        needed |= {one.id for one in more}
        waiting += more
    moves = tuple(
        one.model_copy(update={"state": "accepted"}) if one.id in needed and one.state not in APPLIED else one
        for one in mix.moves
    )
    return canonical(fold(mix.model_copy(update={"moves": moves})))


def _without(mix: Mix, move: Move) -> Mix:
    return canonical(fold(mix.model_copy(update={"moves": tuple(one for one in mix.moves if one.id != move.id)})))


def _hear(mix: Mix, span_s: tuple[float, float], renderer: Renderer, cancel: Cancel | None) -> Audio:
    rate, ear = mix.song.sample_rate_hz, Collector()
    renderer.render(
        mix, listeners={"mix": [ear]}, start_frame=round(span_s[0] * rate), end_frame=round(span_s[1] * rate), cancel=cancel
    )  # fmt: skip
    return Audio(np.ascontiguousarray(ear.samples), rate)


def _lane(move: Move) -> Lane | None:
    match move.change:
        case FaderChange(change_db=lane) | MuteChange(mute=lane) | WidthChange(width=lane) | PanChange(pan=lane):
            return lane
        case SendChange(send=send):
            return send.level_db
        case InsertChange(insert=insert):
            return insert.amount
    return None


def _moment(lane: Lane) -> tuple[float, float]:
    """Return the first stretch in which a lane is not where it began."""
    base = lane.points[0].value
    places = [place for place, point in enumerate(lane.points) if point.value != base]
    first: Point = lane.points[max(0, places[0] - 1)]
    back = next((point for point in lane.points[places[0] :] if point.value == base), lane.points[-1])
    return first.time_s, back.time_s


def _told(move: Move, end_s: float) -> tuple[float, float]:
    """Return where a move says that it is, or where it was decided; else a stretch in the middle of the song."""
    if move.where.start_s is not None:
        return move.where.start_s, end_s if move.where.end_s is None else move.where.end_s
    for found in move.because:
        if found.start_s is not None:
            return found.start_s, end_s if found.end_s is None else found.end_s
    return 0.45 * end_s, 0.55 * end_s


def _bar_s(mix: Mix) -> float:
    """Return how long a bar lasts; 2 s where no beat was found."""
    song = mix.song
    if not song.tempo_bpm:
        return _BAR_S
    return 60 / song.tempo_bpm * int((song.meter or "4/4").split("/")[0])
