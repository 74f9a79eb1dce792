"""Run the repairs of each strip where most is to be mended: what every move of the cleanup does to its defect."""

from collections.abc import Mapping, Sequence

import numpy as np

from tonmeister.audio import Audio
from tonmeister.document.facts import TrackFacts
from tonmeister.document.mix import Mix, Track
from tonmeister.document.move import InsertChange, Measurement, Move
from tonmeister.engineer.repair_figures import measure_defect
from tonmeister.engineer.trial_effects import run_insert
from tonmeister.files.cache import Cache
from tonmeister.files.probe import SoundFile
from tonmeister.files.sound import open_probed
from tonmeister.processing.registry import is_neutral
from tonmeister.render.graph import place_repairs

_CONTEXT_S = 2.0


def try_repairs(
    mix: Mix, track: Track, facts: TrackFacts, moves: Sequence[Move], read: tuple[SoundFile, Cache]
) -> Mapping[str, Measurement]:
    """Return the level of each defect behind its repair, and before it, in levels of the file; by move id."""
    found: dict[str, Measurement] = {}
    for move in moves:
        if move.task != "cleanup" or not isinstance(move.change, InsertChange) or move.change.insert.slot != "cleanup":
            continue
        levels = _measure(mix, track, facts, move, read)
        if levels is None or move.expects is None:
            continue
        before, after = levels
        kept = abs(after - move.expects.value) <= move.expects.tolerance
        found[move.id] = Measurement(value=round(after, 3), before=round(before, 3), kept=bool(kept))
    return found


def _measure(
    mix: Mix, track: Track, facts: TrackFacts, move: Move, read: tuple[SoundFile, Cache]
) -> tuple[float, float] | None:
    """Return the level of a defect before and behind its insert."""
    assert isinstance(move.change, InsertChange)  # noqa: S101 - who calls has looked
    rate, seen = facts.figures.sample_rate_hz, move.because[0]
    late_s = track.start_frame / rate
    start_s = max(0.0, (seen.start_s or 0.0) - late_s)
    end_s = facts.figures.duration_s if seen.end_s is None else seen.end_s - late_s
    first = max(0, round((start_s - _CONTEXT_S) * rate))
    source = _read(track, (first, round((end_s + _CONTEXT_S) * rate)), rate, read)
    here = source
    for insert in place_repairs(mix, track):
        settings = insert.processor
        if insert.slot != "cleanup":
            break
        start_frame = first + track.start_frame + track.strip.delay_frames
        after = here if is_neutral(settings) else run_insert(settings, here, start_frame=start_frame)
        if insert.id == move.change.insert.id:
            part = (round(start_s * rate) - first, round(end_s * rate) - first)
            levels = [
                measure_defect(_as_in_file(sound, track, part), move.change.insert.processor, start_s=start_s)
                for sound in (here, after)
            ]
            return None if levels[0] is None or levels[1] is None else (levels[0], levels[1])
        here = after
    return None


def _read(track: Track, frames: tuple[int, int], rate: int, read: tuple[SoundFile, Cache]) -> Audio:
    """Return a piece of the file as it comes into the strip."""
    sound, cache = read
    with open_probed(sound, rate_hz=rate, cache=cache) as reader:
        samples = reader.read(frames[0], max(1, frames[1] - frames[0]))
    return Audio(np.ascontiguousarray(samples[: track.channels] * _gain(track)), rate)


def _as_in_file(audio: Audio, track: Track, part: tuple[int, int]) -> Audio:
    piece = audio.samples[:, max(0, part[0]) : part[1]]
    return Audio(np.ascontiguousarray(piece / _gain(track)), audio.sample_rate_hz)


def _gain(track: Track) -> np.float32:
    return np.float32(10 ** (track.strip.trim_db / 20) * (-1 if track.strip.polarity_inverted else 1))
