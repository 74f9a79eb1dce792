"""Master one file: listen to all of it, decide by rules, write it at the loudness that was asked for, and listen again."""

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tonmeister.analysis.clip_level import find_clip_level
from tonmeister.analysis.difference import Comparison, compare
from tonmeister.analysis.portrait import Portrait, draw_portrait
from tonmeister.analysis.track_meter import TrackMeasurement
from tonmeister.audio import Audio
from tonmeister.document.fold import applied_moves, change_master
from tonmeister.document.move import Move
from tonmeister.document.strip import MasterChain
from tonmeister.engineer.decide import read_budget
from tonmeister.engineer.master_options import USUAL_TARGET, MasterOptions, read_wishes
from tonmeister.engineer.master_verdict import tone_change_db, verdict, with_measured
from tonmeister.engineer.mastering import Mastered, MasterSolver
from tonmeister.engineer.options import Cancel, Tell, tell_nobody
from tonmeister.engineer.references import (
    blend,
    measure,
    measure_with_tone,
    read_amounts,
    read_references,
    save_portrait,
)
from tonmeister.engineer.restoring_trial import try_restorations
from tonmeister.engineer.result import MasterResult
from tonmeister.engineer.stages import Stages
from tonmeister.engineer.tone_guard import MOST_TRIES, quieter, tell_quieter, third_octave_change_db
from tonmeister.engineer.video import is_video, replace_sound
from tonmeister.errors import InputError, OutputError
from tonmeister.files.cache import Cache, open_cache
from tonmeister.files.sound import SoundReader, open_sound
from tonmeister.knowledge.characters import find_character
from tonmeister.knowledge.delivery import resolve_target
from tonmeister.tasks.mastering.finishing import Finishing, StemShare
from tonmeister.tasks.mastering.liveliness import lively_lufs, raised
from tonmeister.tasks.mastering.rules import propose_master

SEED = 1
"""Seed of the dither."""
_CLIP_LOOK_S = 20.0
"""So much from the first clipped place on tells the level at which it was cut off."""


@dataclass(frozen=True, slots=True, eq=False)
class FinishedMaster:
    """A written master, with what the page shows of it."""

    result: MasterResult
    before: TrackMeasurement
    after: TrackMeasurement
    mastered: Mastered
    reference: Portrait | None


def master(
    file: Path,
    out: Path,
    *,
    options: MasterOptions | None = None,
    target: str | None = None,
    ceiling_dbtp: float | None = None,
    budget: str | None = None,
    progress: Tell = tell_nobody,
    cancel: Cancel | None = None,
) -> MasterResult:
    """Master a mix: tone inside the band of released music, loudness to the target, true peaks under the ceiling.

    Args:
        file: A stereo or mono sound file, or a video, whose sound is mastered and put back.
        out: Where the master goes: a WAV file, or for a video one of its kind.
        options: What is wished for.
        target: A delivery target by name or a loudness in LUFS, in place of that of the options.
        ceiling_dbtp: True-peak ceiling, in place of that of the options.
        budget: How far it may go, in place of that of the options.
        progress: Is told how far it is.
        cancel: Asked whether to stop.

    Raises:
        InputError: If the file or a wish cannot be used, or out is the file itself.
        OutputError: If the master cannot be written.
    """
    said = {"target": target, "ceiling_dbtp": ceiling_dbtp, "budget": budget}
    wanted = read_wishes(
        (options or MasterOptions()).model_dump() | {name: value for name, value in said.items() if value is not None}
    )
    if wanted.codec_safe:
        from tonmeister.engineer.codec_safe import master_codec_safe  # noqa: PLC0415 - codecs are loaded where they are asked for

        def write(limit_dbtp: float) -> MasterResult:
            plain = wanted.model_copy(update={"codec_safe": False, "ceiling_dbtp": limit_dbtp})
            return master(file, out, options=plain, progress=progress, cancel=cancel)

        _, ceiling, _ = resolve_target(wanted.target or USUAL_TARGET, wanted.ceiling_dbtp)
        return master_codec_safe(write, out, ceiling_dbtp=ceiling, progress=progress, cancel=cancel)
    _check_places(file, out)
    stages = Stages(progress)
    if not is_video(out):
        return _master(file, out, wanted, stages, cancel).result
    with tempfile.TemporaryDirectory(prefix="tonmeister-") as folder:
        sound = Path(folder) / "master.wav"
        finished = _master(file, sound, wanted, stages, cancel)
        with stages.stage("video"):
            misses = replace_sound(file, sound, out, ceiling_dbtp=finished.result.master.ceiling_dbtp)
    result = finished.result
    return result.model_copy(update={"out": out, "misses": (*result.misses, *misses), "stages": stages.times})


def _check_places(file: Path, out: Path) -> None:
    if out.suffix.lower() != ".wav" and not (is_video(out) and is_video(file)):
        advice = "Give a name that ends in .wav; a video's master may end as the video does."
        raise OutputError(out, reason="A master is a WAV file", advice=advice)
    if is_video(out) and out.suffix.lower() != file.suffix.lower():
        raise OutputError(out, reason="A video keeps its kind", advice=f"Give a name that ends in {file.suffix}.")
    if out.exists() and file.exists() and out.samefile(file):
        raise InputError(f"{out}: that is the mix itself; give another name, nothing is ever overwritten.")


def _master(file: Path, out: Path, wanted: MasterOptions, stages: Stages, cancel: Cancel | None) -> FinishedMaster:
    cache = open_cache()
    with ExitStack() as opened:
        sound = opened.enter_context(open_sound(file, cache=cache))
        before: list[Move] = []
        if wanted.vocal_db or wanted.reference_amounts:
            sound, before = _with_vocal(sound, wanted, cache, stages, cancel, opened)
        with stages.stage("listen"):
            followed = bool(wanted.references) or wanted.like is not None
            measured, fine = (
                measure_with_tone(sound, cancel=cancel) if followed else (measure(sound, cancel=cancel), ())
            )
            if measured.figures.loudness.integrated_lufs is None:
                raise InputError(f"{file}: there is no sound in it (silent, or shorter than 0.4 s); nothing to master.")
            work, reference, misses = _decide_by(file, measured, fine, sound, wanted, cache, cancel)
        asked_lufs = work.target_lufs
        work, moves, made, after = _write_within_tone(sound, out, work, stages, cancel)
    heard = draw_portrait(after, name=out.name)
    change = tone_change_db(work.portrait, heard)
    told = (*before, *with_measured(moves, work, heard, made.figures, reference))
    result = MasterResult(
        out=out, master=made.figures, verdict=verdict(told, work, change, made.figures.integrated_lufs), character=work.character_name, before=work.portrait, after=heard,
        tone_change_db=change, moves=told, differences=() if work.comparison is None else work.comparison.differences,
        misses=(*misses, *tell_quieter(asked_lufs, work), *made.misses), stages=stages.times,
    )  # fmt: skip
    finished = FinishedMaster(result, measured, after, made, reference)
    if wanted.report is not None:
        from tonmeister.engineer.master_report import write_page  # noqa: PLC0415 - only a page needs the drawing

        with stages.stage("report"):
            write_page(wanted.report, file, out, finished, wanted)
    return finished


def _with_vocal(
    sound: SoundReader, wanted: MasterOptions, cache: Cache, stages: Stages, cancel: Cancel | None, opened: ExitStack
) -> tuple[SoundReader, list[Move]]:
    """Return the sound with its vocal where it is wished for, and the move that says so; without such a wish nothing is loaded."""
    from tonmeister.engineer.vocal_rebalance import propose_vocal, rebalanced, wants_vocal  # noqa: PLC0415 - few ask for it

    if not wants_vocal(wanted):
        return sound, []
    with stages.stage("vocal"):
        gain_db, move = propose_vocal(sound, wanted, cache, cancel)
        changed = opened.enter_context(rebalanced(sound, gain_db, cancel=cancel)) if gain_db else sound
    return changed, [move]


def _write_within_tone(
    sound: SoundReader, out: Path, work: Finishing, stages: Stages, cancel: Cancel | None
) -> tuple[Finishing, list[Move], Mastered, TrackMeasurement]:
    """Write the master and listen to it; again where the tone of a finished file moved too far, or peaks leave room that nobody needs."""
    for place in range(MOST_TRIES):
        moves = try_restorations(list(propose_master(work)), sound, work.measured.curves.energies_100ms)
        moves = [move.model_copy(update={"order": order}) for order, move in enumerate(moves)]
        with stages.stage("master") as tell:
            made = _write(sound, out, moves, work, partial(tell, ""), cancel)
        with stages.stage("listen again"), open_sound(out) as written:
            after = measure(written, cancel=cancel)
        better = quieter(work, moves, third_octave_change_db(work.measured, after)) or raised(
            work, made.figures.true_peak_dbtp
        )
        if better is None or place == MOST_TRIES - 1:
            break
        work = better
    return work, moves, made, after


def _decide_by(
    file: Path, measured: TrackMeasurement, fine: tuple[float, ...], sound: SoundReader, wanted: MasterOptions, cache: Cache,
    cancel: Cancel | None,
) -> tuple[Finishing, Portrait | None, tuple[str, ...]]:  # fmt: skip
    """Return all that the rules decide by, the references as one, and what the budget forbids."""
    lufs, ceiling, source = resolve_target(wanted.target or USUAL_TARGET, wanted.ceiling_dbtp)
    louder = None
    budget, character = read_budget(wanted.budget), find_character(wanted.character)
    portrait = draw_portrait(measured, name=file.name, fine_tone_db=fine)
    comparison, reference, amounts = _compare(portrait, wanted, cache, cancel)
    if reference is not None and reference.integrated_lufs is not None and amounts["loudness"] > 0:
        share = amounts["loudness"]
        lufs = round((1 - share) * lufs + share * float(np.clip(reference.integrated_lufs, -40, -5)), 2)
        source = "the loudness of the reference, as asked for"
    elif reference is not None and wanted.target is None and amounts["dynamics"] > 0:
        usual, lufs = lufs, lively_lufs(portrait, reference, usual_lufs=lufs, ceiling_dbtp=ceiling)
        if lufs < usual:
            louder, source = (
                usual,
                f"peaks stand {reference.plr_db:.1f} dB over the loudness of the reference; louder, ours would not",
            )
    loudest = budget.loudest_master_lufs
    misses: tuple[str, ...] = ()
    if lufs > loudest:
        sentence = f"The budget {budget.name!r} allows no master louder than {loudest:.1f} LUFS; {lufs:.1f} was asked for. Use --budget bold, or a quieter target."
        misses = (sentence,)
    work = Finishing(
        measured=measured, portrait=portrait, target=wanted.target or USUAL_TARGET, target_lufs=min(lufs, loudest), ceiling_dbtp=ceiling, target_source=source,
        budget=budget, character_name=wanted.character, character=character, comparison=comparison, amounts=amounts,
        stems=_stems(wanted.stems, cache, cancel), clip_level=_clip_level(measured, sound), louder_lufs=louder,
    )  # fmt: skip
    return work, reference, misses


def _compare(
    portrait: Portrait, wanted: MasterOptions, cache: Cache, cancel: Cancel | None
) -> tuple[Comparison | None, Portrait | None, Mapping[str, float]]:
    amounts = dict(read_amounts(wanted.reference_amounts))
    said = [*wanted.references, *([] if wanted.like is None else [str(wanted.like)])]
    if wanted.like is not None and not any(words.startswith("loudness=") for words in wanted.reference_amounts):
        amounts["loudness"] = 1.0
    if not said:
        if wanted.reference_amounts or wanted.save_like is not None:
            name = "--reference-amount" if wanted.reference_amounts else "--save-like"
            raise InputError(f"{name}: there is no reference; give one with --reference FILE or --like FILE.")
        return None, None, amounts
    references = read_references(said, cache=cache, cancel=cancel)
    together = blend(references)
    if wanted.save_like is not None:
        save_portrait(together, wanted.save_like)
    return compare(portrait, references), together, amounts


def _stems(folder: Path | None, cache: Cache, cancel: Cancel | None) -> tuple[StemShare, ...]:
    if folder is None:
        return ()
    from tonmeister.engineer.stem_shares import stem_shares  # noqa: PLC0415 - only stems need the document and the ear

    return stem_shares(folder, cache=cache, cancel=cancel)


def _clip_level(measured: TrackMeasurement, sound: SoundReader) -> float | None:
    """Return the magnitude at which the file was cut off, told from the part in which it first was."""
    fault = next((fault for fault in measured.figures.faults if fault.kind == "clipping"), None)
    if fault is None or not fault.spans:
        return None
    rate = sound.sample_rate_hz
    first = max(0, round((fault.spans[0].start_s - 1) * rate))
    level = find_clip_level(Audio(sound.read(first, round(_CLIP_LOOK_S * rate)), rate))
    return None if level is None else round(min(level.high, level.low), 5)


def _write(
    sound: SoundReader, out: Path, moves: list[Move], work: Finishing, tell: Any, cancel: Cancel | None
) -> Mastered:
    chain = MasterChain()
    for move in applied_moves(tuple(moves)):
        chain = change_master(chain, move.change)
    clips = any(insert.id == "clip" for insert in chain.inserts)
    solver = MasterSolver(
        sound, chain, work.measured.curves.energies_100ms, budget=work.budget, seed=SEED,
        clip_over_db=work.character.clip_over_db if clips else None, progress=tell, cancel=cancel,
    )  # fmt: skip
    return solver.write(out)
