"""The direction of a mix: what it sounds like without it is rendered once, and moves towards references and moods are added."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tonmeister.analysis.fine_tone import FineToneMeter
from tonmeister.analysis.loudness import integrated_from_energies
from tonmeister.analysis.portrait import draw_portrait
from tonmeister.analysis.track_meter import TrackMeasurement, TrackMeter
from tonmeister.audio import Samples
from tonmeister.document.direction import Direction
from tonmeister.document.facts import SongFacts
from tonmeister.document.fold import fold, still_fader_db
from tonmeister.document.mix import Mix
from tonmeister.document.move import InsertChange, Move
from tonmeister.document.strip import MASTER
from tonmeister.document.text import canonical
from tonmeister.engineer.budgets import expected_tilt_db
from tonmeister.engineer.decide import ask_direction, work_on
from tonmeister.engineer.options import Cancel
from tonmeister.render import Renderer
from tonmeister.tasks import Heard
from tonmeister.tasks.direction.aims import GroupSound, MixSound, find_aims
from tonmeister.tasks.direction.figures import figures_of, with_after


def direct(mix: Mix, facts: SongFacts, heard: Mapping[str, Heard], renderer: Renderer, *, cancel: Cancel | None) -> Mix:
    """Return the mix with the moves that its references and moods ask for, and how it stood to them before."""
    plain = mix.model_copy(update={"direction": None})
    if not mix.brief.has_direction:
        return plain
    bare = fold(plain.model_copy(update={"moves": tuple(move for move in mix.moves if not _is_ours(move))}))
    heard_mix = _hear(bare, renderer, cancel)
    if heard_mix is None:
        return plain
    sound = replace(heard_mix, tilt_db=expected_tilt_db(bare, facts))
    work = work_on(bare, facts, heard)
    aims = find_aims(work, sound)
    directed = ask_direction(plain, facts, heard, sound)
    taken_over = {
        move.where.bus: move.change.insert.id
        for move in directed.moves
        if _is_ours(move) and isinstance(move.change, InsertChange)
    }
    moves = tuple(_without_promise(move) if _is_taken(move, taken_over) else move for move in directed.moves)
    told = Direction(
        tone_db=sound.portrait.tone_db,
        figures=figures_of(mix.brief, sound.portrait, aims, _lead_lu(bare, facts, heard, sound)),
    )
    return canonical(fold(canonical(directed.model_copy(update={"moves": moves, "direction": told}))))


def tell_outcome(mix: Mix, after: TrackMeasurement) -> Mix:
    """Return the mix with the figures of its finished sound beside those of its direction."""
    if mix.direction is None:
        return mix
    portrait = draw_portrait(after)
    told = {"figures": with_after(mix.direction, portrait, mix.brief), "after_db": portrait.tone_db}
    return mix.model_copy(update={"direction": mix.direction.model_copy(update=told)})


def _is_ours(move: Move) -> bool:
    return move.id.startswith("direction.")


def _is_taken(move: Move, taken_over: Mapping[str | None, str]) -> bool:
    """Say whether a later move gave the processor of this one other settings: then it is that one's to promise."""
    change = move.change
    return (
        not _is_ours(move) and isinstance(change, InsertChange) and taken_over.get(move.where.bus) == change.insert.id
    )


def _without_promise(move: Move) -> Move:
    return move.model_copy(update={"expects": None, "measured": None})


class _Ear:
    """Measures one point of the mix; of the whole, its tone in sixth octaves too."""

    def __init__(self, sample_rate_hz: int, *, is_whole: bool) -> None:
        self.meter = TrackMeter(sample_rate_hz, 2)
        self.fine = FineToneMeter(sample_rate_hz, 2) if is_whole else None

    def __call__(self, start_frame: int, block: Samples) -> None:
        """Take the next block."""
        del start_frame
        self.meter.add(block)
        if self.fine is not None:
            self.fine.add(block)


def _hear(mix: Mix, renderer: Renderer, cancel: Cancel | None) -> MixSound | None:
    """Return how the mix and its groups sound ahead of the master chain; None where there is nothing to hear."""
    rate = mix.song.sample_rate_hz
    groups = [bus.id for bus in mix.buses if bus.kind == "group" and bus.output == MASTER]
    whole, ears = _Ear(rate, is_whole=True), {bus: _Ear(rate, is_whole=False) for bus in groups}
    points = {"mix": [whole], **{f"bus:{bus}": [ear] for bus, ear in ears.items()}}
    renderer.render(mix, listeners=points, cancel=cancel)
    fine = () if whole.fine is None else whole.fine.result_db()
    measured = whole.meter.result()
    portrait = draw_portrait(measured, name="mix", fine_tone_db=fine)
    if portrait.integrated_lufs is None:
        return None
    heard = {bus: _group(ear.meter.result()) for bus, ear in ears.items()}
    return MixSound(portrait, measured.curves.energies_100ms, _mean_power(measured), heard)


def _group(measured: TrackMeasurement) -> GroupSound:
    return GroupSound(_mean_power(measured), measured.figures.stereo.width_by_band)


def _mean_power(measured: TrackMeasurement) -> np.ndarray:
    return np.asarray(measured.curves.erb_power.astype(np.float64).mean(axis=0))


def _lead_lu(mix: Mix, facts: SongFacts, heard: Mapping[str, Heard], sound: MixSound) -> float | None:
    """Return the lead vocals behind their faders against the mix; None without any."""
    levels = [
        lufs + still_fader_db(mix, track.id) for track in facts.tracks if track.track.role == "lead vocal" and track.track.used
        for lufs in [integrated_from_energies(heard[track.id].energies_100ms)] if lufs is not None
    ]  # fmt: skip
    whole = sound.portrait.integrated_lufs
    if not levels or whole is None:
        return None
    return float(10 * np.log10(np.sum(10 ** (np.array(levels) / 10)))) - whole
