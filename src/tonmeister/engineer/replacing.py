"""Another take in the place of a track: every move stays, and only what depends on the sound is tuned to it."""

from collections.abc import Mapping
from pathlib import Path

from tonmeister.analysis.loudness import integrated_from_energies
from tonmeister.document.fold import fold
from tonmeister.document.lane import constant
from tonmeister.document.mix import Mix, Track
from tonmeister.document.move import FaderChange, InsertChange, Move
from tonmeister.document.scope import find_scope
from tonmeister.document.text import canonical, to_text
from tonmeister.engineer.decide import ask_tasks, predict_all
from tonmeister.engineer.deciding import Decided
from tonmeister.engineer.desk import Desk
from tonmeister.engineer.documents import (
    JOURNAL_FILE,
    MIX_FILE,
    SOURCES_FILE,
    TAKE,
    check_sources,
    journal,
    journal_line,
    load_mix,
    load_sources,
    load_takes,
    sources_text,
)
from tonmeister.engineer.finish import finish
from tonmeister.engineer.finished import summarise
from tonmeister.engineer.handing_back import load_link
from tonmeister.engineer.options import Cancel, MixOptions, Tell, tell_nobody
from tonmeister.engineer.passes import open_renderer
from tonmeister.engineer.repairs import find_repairs
from tonmeister.engineer.result import MixResult
from tonmeister.engineer.sessions import written_sessions
from tonmeister.engineer.stages import Stages
from tonmeister.engineer.strips import hear_strips
from tonmeister.engineer.trial import try_strips
from tonmeister.errors import InputError
from tonmeister.files.cache import Cache, open_cache
from tonmeister.files.output_folder import OutputFolder
from tonmeister.files.probe import SoundFile, probe
from tonmeister.listen import measure_sound, recall_facts
from tonmeister.tasks import Heard, automation, cleanup, gain_staging

_LENGTH_RATIO = 2.0
"""A take that is longer or shorter than the former one by more than this is another part, or starts elsewhere."""
_FADER_NEAR_LU = 0.25


def replace(
    out: Path, track: str, file: Path, *, progress: Tell = tell_nobody, cancel: Cancel | None = None
) -> MixResult:
    """Put another take in the place of a track, and render: every move stays.

    Trim, repairs, rides and thresholds of that track are tuned to the new sound, and its fader so that the take sits where the old one sat;
    what a person locked or set stays as it is.

    Raises:
        InputError: If there is no such track, or the take cannot stand in its place; the sentence says why.
    """
    stages, cache = Stages(progress), open_cache()
    before = load_mix(out)
    sources = load_sources(out, before)
    check_sources(before, sources, cache=cache)
    former = _track(before, track)
    with stages.stage("listen"):
        sound, swapped = _swap(before, former, file, sources[former.id], cache)
        takes = {**sources, former.id: sound}
        facts = find_repairs(recall_facts(swapped, takes, cache=cache), takes, cache=cache, cancel=cancel)
    with OutputFolder(out) as folder, open_renderer(takes, cache=cache) as renderer:
        with stages.stage("decide"):
            mix = ask_tasks(swapped, facts, (gain_staging.propose, cleanup.propose), track_id=former.id)
            mix, reductions = try_strips(_only_open(mix, former.id), facts, takes, cache=cache, tune=True)
            mix = canonical(fold(_released(mix, swapped)))
        with stages.stage("strips") as tell:
            heard = hear_strips(
                mix, predict_all(mix, facts), renderer, progress=lambda share: tell("", share), cancel=cancel
            )
        placed = _same_place(mix, former.id, heard)
        ridden = ask_tasks(placed, facts, (automation.propose,), track_id=former.id, heard=heard)
        decided = Decided(ridden, facts, heard, reductions)
        options = MixOptions(sessions=written_sessions(out))
        desk = Desk(renderer, folder, takes, options, stages, out.resolve().name, cancel, load_link(out))
        made = finish(decided, desk, incoming=())
        folder.write_text(MIX_FILE, to_text(made.mix))
        known = {**load_takes(out), **takes, f"{TAKE}{former.sha256}": sources[former.id]}
        folder.write_text(SOURCES_FILE, sources_text(known))
        why = f"replace {former.id} {file.name}"
        folder.write_text(JOURNAL_FILE, journal(out) + journal_line(before, made.mix, why=why))
    return summarise(out, made, stages, incoming=())


def _track(mix: Mix, said: str) -> Track:
    """Return the one track that is meant."""
    found = sorted(find_scope(mix, (said,), option="replace").tracks)
    if len(found) != 1:
        raise InputError(
            f"replace {said}: that is {len(found)} tracks ({', '.join(found) or 'none'}); name one of them."
        )
    return mix.track(found[0])


def _swap(mix: Mix, former: Track, file: Path, old: SoundFile, cache: Cache) -> tuple[SoundFile, Mix]:
    """Return the new sound, and the mix with it in place and everything about the old one forgotten."""
    if not file.is_file():
        raise InputError(f"{file}: there is no such file; give the new take of {former.id!r}.")
    sound = probe(file, cache=cache)
    if sound.sha256 == former.sha256:
        raise InputError(f"{file}: that is the sound that {former.id!r} has already; give another take.")
    if sound.channels > 2:
        raise InputError(f"{file}: it has {sound.channels} channels; give a take with one or two.")
    longer = max(sound.duration_s, 1e-3) / max(old.duration_s, 1e-3)
    if not 1 / _LENGTH_RATIO <= longer <= _LENGTH_RATIO:
        raise InputError(
            f"{file}: it is {sound.duration_s:.1f} s long, the take of {former.id!r} that it would replace {old.duration_s:.1f} s; "
            "give a take that starts where that one starts and runs as long."
        )
    rate = mix.song.sample_rate_hz
    measured, frames, _ = measure_sound(sound, rate, cache=cache)
    if measured.figures.loudness.integrated_lufs is None:
        raise InputError(f"{file}: it is silent; give a take with sound in it.")
    is_mono = measured.figures.channels == 1 or measured.figures.stereo.dual_mono
    new = former.model_copy(
        update={"sha256": sound.sha256, "stream": sound.stream, "channels": 1 if is_mono else 2, "name": former.name}
    )
    tracks = tuple(new if track.id == former.id else track for track in mix.tracks)
    song = mix.song.model_copy(update={"frames": max(mix.song.frames, former.start_frame + frames)})
    moves = tuple(_forgotten(move) for move in mix.moves if not _hangs_on_sound(move, former.id))
    return sound, fold(mix.model_copy(update={"tracks": tracks, "song": song, "moves": moves}))


def _hangs_on_sound(move: Move, track_id: str) -> bool:
    """Say whether a move is made anew for another take: trims, repairs and rides, unless a person set them."""
    is_ours = move.state == "accepted" and move.set_by == "engine"
    return is_ours and move.where.track == track_id and move.task in ("gain_staging", "cleanup", "automation")


def _forgotten(move: Move) -> Move:
    return move.model_copy(update={"measured": None})


def _only_open(mix: Mix, track_id: str) -> Mix:
    """Return the mix with every move locked whose settings do not hang on the new sound."""

    def locked(move: Move) -> Move:
        is_open = move.where.track == track_id and isinstance(move.change, InsertChange) and move.task == "dynamics"
        return move if is_open or move.state != "accepted" else move.model_copy(update={"state": "locked"})

    return mix.model_copy(update={"moves": tuple(locked(move) for move in mix.moves)})


def _released(mix: Mix, former: Mix) -> Mix:
    """Give every move its state back."""
    states = {move.id: move.state for move in former.moves}
    moves = tuple(move.model_copy(update={"state": states.get(move.id, "accepted")}) for move in mix.moves)
    return mix.model_copy(update={"moves": moves})


def _same_place(mix: Mix, track_id: str, heard: Mapping[str, Heard]) -> Mix:
    """Move the engine's fader so that the take is as loud in the mix as the old one was."""
    lufs = integrated_from_energies(heard[track_id].energies_100ms)

    def placed(move: Move) -> Move:
        promise = move.expects
        is_ours = move.state == "accepted" and move.set_by == "engine" and move.where.track == track_id
        if (
            not is_ours
            or move.task != "balance"
            or not isinstance(move.change, FaderChange)
            or promise is None
            or lufs is None
        ):
            return move
        change_db = round(move.change.change_db.points[0].value + promise.value - _behind_db(mix, move, lufs), 2)
        if abs(change_db - move.change.change_db.points[0].value) < _FADER_NEAR_LU:
            return move
        before = round(promise.value - change_db, 2)
        name = move.title.partition(":")[0]
        return move.model_copy(
            update={
                "change": FaderChange(change_db=constant(change_db)), "title": f"{name}: {change_db:+.1f} dB",
                "expects": promise.model_copy(update={"before": before}),
            }
        )  # fmt: skip

    return canonical(fold(mix.model_copy(update={"moves": tuple(placed(move) for move in mix.moves)})))


def _behind_db(mix: Mix, move: Move, lufs: float) -> float:
    """Return how loud the track is behind its fader as this move and those before it set it."""
    others = [
        m.change.change_db.points[0].value
        for m in mix.moves
        if isinstance(m.change, FaderChange) and m.where.track == move.where.track and m.order < move.order and m.state in ("accepted", "locked")
    ]  # fmt: skip
    own = move.change.change_db.points[0].value if isinstance(move.change, FaderChange) else 0.0
    return lufs + sum(others) + own
