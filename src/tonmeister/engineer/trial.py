"""Run each strip on its loudest excerpt, insert by insert: what every move does, before anything is rendered in full."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from tonmeister.analysis.energy_steps import LOUDEST_STEPS, loudest_span_s
from tonmeister.analysis.fourier import power_between
from tonmeister.analysis.loudness import LoudnessMeter, integrated_from_energies
from tonmeister.audio import Audio
from tonmeister.document.facts import SongFacts, TrackFacts
from tonmeister.document.mix import Mix, Track
from tonmeister.document.move import BandChange, InsertChange, Measurement, Move, TrimChange
from tonmeister.document.strip import Insert
from tonmeister.engineer.band_trial import measure_insert, tune_moving_band
from tonmeister.engineer.cleanup_trial import try_repairs
from tonmeister.engineer.drum_hits import fill_hits
from tonmeister.engineer.trial_effects import Spot, measure_effect
from tonmeister.engineer.trial_effects import tune as tune_effect
from tonmeister.engineer.tuning import fill_tuning
from tonmeister.files.cache import Cache
from tonmeister.files.probe import SoundFile
from tonmeister.files.sound import open_probed
from tonmeister.processing import Band, Compressor, DynamicEqualiser, Equaliser, Processor, Width
from tonmeister.processing.compressor import CompressorStream
from tonmeister.processing.dynamics import Reduction
from tonmeister.processing.registry import is_neutral, make_stream
from tonmeister.processing.stream import run_stream
from tonmeister.render.executor import count_threads
from tonmeister.render.graph import place_repairs

EXCERPT_S = LOUDEST_STEPS / 10
_PREROLL_S = 2.0
_SHAPING = (DynamicEqualiser, Equaliser, Width)
_TUNING_STEPS = 7
_TUNED_DB = 0.15


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """What a trial of one strip found."""

    measured: Mapping[str, Measurement]
    """By move id."""
    tuned: Mapping[str, Processor]
    """Processors of which a setting was moved so that they do what they promise, by move id."""
    reductions: Mapping[str, Reduction]
    """What each compressor takes on the excerpt, by move id."""


def try_strips(
    mix: Mix, facts: SongFacts, sources: Mapping[str, SoundFile], *, cache: Cache, tune: bool
) -> tuple[Mix, dict[str, Reduction]]:
    """Measure every strip-local promise on excerpts; with `tune`, set compressor thresholds by what was heard there.

    Also returns what each compressor takes, by move id.
    """
    mix = fill_tuning(fill_hits(mix, sources, cache=cache), sources, cache=cache) if tune else mix
    by_track: dict[str, list[Move]] = {}
    for move in mix.moves:
        promises = move.expects is not None and move.expects.scope == "strip" and move.state in ("accepted", "locked")
        if (
            promises
            and move.where.track is not None
            and isinstance(move.change, TrimChange | InsertChange | BandChange)
        ):
            by_track.setdefault(move.where.track, []).append(move)

    def run(name: str) -> Tried:
        track, heard, moves, sound = mix.track(name), facts[name], by_track[name], sources[name]
        tried = _try_strip(mix, track, heard, moves, _read_excerpt(track, heard, sound, cache), tune=tune)
        mended = try_repairs(mix, track, heard, moves, (sound, cache))
        return Tried({**tried.measured, **mended}, tried.tuned, tried.reductions)

    with ThreadPoolExecutor(count_threads()) as pool:
        tried = list(pool.map(run, by_track))
    measured = {name: value for result in tried for name, value in result.measured.items()}
    tuned = {name: value for result in tried for name, value in result.tuned.items()}
    reductions = {name: value for result in tried for name, value in result.reductions.items()}
    return mix.model_copy(
        update={"moves": tuple(_with_result(move, measured, tuned) for move in mix.moves)}
    ), reductions


def _with_result(move: Move, measured: Mapping[str, Measurement], tuned: Mapping[str, Processor]) -> Move:
    fields: dict[str, object] = {}
    if move.id in measured:
        fields["measured"] = measured[move.id]
    if move.id in tuned and isinstance(move.change, InsertChange):
        insert = move.change.insert.model_copy(update={"processor": tuned[move.id]})
        fields["change"] = move.change.model_copy(update={"insert": insert})
    return move.model_copy(update=fields) if fields else move


def loudest_excerpt_s(facts: TrackFacts, *, length_s: float = EXCERPT_S) -> tuple[float, float]:
    """Return start and end of the loudest excerpt of a track, in song time."""
    return loudest_span_s(facts.curves.energies_100ms, length_s=length_s)


def _try_strip(mix: Mix, track: Track, facts: TrackFacts, moves: list[Move], source: Audio, *, tune: bool) -> Tried:
    rate = source.sample_rate_hz
    skip = min(round(_PREROLL_S * rate), source.frames // 4)
    gain = 10 ** (track.strip.trim_db / 20) * (-1 if track.strip.polarity_inverted else 1)
    trimmed = Audio(source.samples * np.float32(gain), rate)
    first = _excerpt_start(track, facts) + track.start_frame + track.strip.delay_frames
    measured: dict[str, Measurement] = {}
    tuned: dict[str, Processor] = {}
    reductions: dict[str, Reduction] = {}
    here = trimmed
    spot = Spot(facts, _excerpt_start(track, facts), skip, start_frame=first)
    for move in moves:
        if isinstance(move.change, TrimChange):
            measured[move.id] = _measure_trim(move, source, trimmed, skip)
    for insert in place_repairs(mix, track):
        processor: Processor = insert.processor
        if isinstance(processor, Equaliser):
            for move in moves:
                if isinstance(move.change, BandChange) and move.change.slot == insert.slot:
                    measured[move.id] = _measure_band(move, move.change.band, here, skip)
        made = next((m for m in moves if _makes(m, insert)), None)
        if made is not None and isinstance(processor, Compressor) and made.expects is not None:
            if tune and made.state == "accepted":
                processor = tune_threshold(processor, here, wanted_db=made.expects.value)
                tuned[made.id] = processor
            reductions[made.id], lost_db = _compress(processor.model_copy(update={"makeup_db": 0.0}), here)
            taken_db = max(reductions[made.id].mean_reduction_db, lost_db)
            measured[made.id] = _judge(made, taken_db, before=0.0)
        elif made is not None and made.expects is not None and isinstance(processor, _SHAPING):
            if tune and made.state == "accepted" and isinstance(processor, DynamicEqualiser):
                processor = tuned[made.id] = tune_moving_band(processor, here, made.expects, skip=skip)
            measured[made.id] = _judge(
                made, measure_insert(processor, here, made.expects, skip=skip), before=made.expects.before
            )
        elif made is not None and made.expects is not None and made.task != "cleanup":
            if tune and made.state == "accepted" and insert.slot != "cleanup":
                processor = tuned[made.id] = tune_effect(processor, made.expects, here, spot)
            change = measure_effect(processor, made.expects, here, spot)
            if change is not None:
                found = made.expects.before or 0.0
                measured[made.id] = _judge(made, found + change, before=found)
        if not is_neutral(processor):
            stream = make_stream(processor, sample_rate_hz=rate, channels=here.channels, start_frame=first)
            here = run_stream(here, stream)
    return Tried(measured, tuned, reductions)


def _makes(move: Move, insert: Insert) -> bool:
    return isinstance(move.change, InsertChange) and move.change.insert.id == insert.id


def _read_excerpt(track: Track, facts: TrackFacts, sound: SoundFile, cache: Cache) -> Audio:
    rate, first = facts.figures.sample_rate_hz, _excerpt_start(track, facts)
    _, end_s = loudest_excerpt_s(facts)
    with open_probed(sound, rate_hz=rate, cache=cache) as reader:
        samples = reader.read(first, max(1, round(end_s * rate) - track.start_frame - first))
    return Audio(np.ascontiguousarray(samples[: track.channels]), rate)


def _excerpt_start(track: Track, facts: TrackFacts) -> int:
    """Return the first frame of the file that is read."""
    start_s, _ = loudest_excerpt_s(facts)
    return max(0, round((start_s - _PREROLL_S) * facts.figures.sample_rate_hz) - track.start_frame)


def tune_threshold(settings: Compressor, audio: Audio, *, wanted_db: float) -> Compressor:
    """Move the threshold until it takes as much as wanted; makeup follows the loudness lost.

    What it takes is the mean reduction while it works or the loudness lost, whichever is more: between hits a slow release counts
    for long and little, on the hits it would take far more than the mean says.
    """
    settings = settings.model_copy(update={"makeup_db": 0.0})
    low, high = settings.threshold_db - 18, min(0.0, settings.threshold_db + 18)
    best = settings
    for _ in range(_TUNING_STEPS):
        found, lost_db = _compress(best, audio)
        reduction = max(found.mean_reduction_db, lost_db)
        if abs(reduction - wanted_db) <= _TUNED_DB:
            break
        low, high = (best.threshold_db, high) if reduction > wanted_db else (low, best.threshold_db)
        best = settings.model_copy(update={"threshold_db": round(float(np.clip((low + high) / 2, -80, 0)), 1)})
    _, lost_db = _compress(best, audio)
    return best.model_copy(update={"makeup_db": round(float(np.clip(lost_db, 0, 12)), 1)})


def _compress(settings: Compressor, audio: Audio) -> tuple[Reduction, float]:
    """Return the gain reduction, and the loudness lost."""
    stream = CompressorStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    out = run_stream(audio, stream)
    before, after = _lufs(audio, 0), _lufs(out, 0)
    lost = 0.0 if before is None or after is None else before - after
    return stream.reduction, lost


def _measure_trim(move: Move, source: Audio, trimmed: Audio, skip: int) -> Measurement:
    before, after = _lufs(source, skip), _lufs(trimmed, skip)
    found = move.expects.before if move.expects is not None and move.expects.before is not None else 0.0
    change = 0.0 if before is None or after is None else after - before
    return _judge(move, found + change, before=found)


def _measure_band(move: Move, band: Band, audio: Audio, skip: int) -> Measurement:
    expects = move.expects
    if expects is None or expects.low_hz is None or expects.high_hz is None:
        raise ValueError(f"move {move.id} promises a band level without a band")
    stream = make_stream(Equaliser(bands=(band,)), sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    after = run_stream(audio, stream)
    powers = [
        power_between(
            sound.samples[:, skip:], sample_rate_hz=sound.sample_rate_hz, low_hz=expects.low_hz, high_hz=expects.high_hz
        )
        for sound in (audio, after)
    ]
    change = 10 * np.log10(powers[1] / powers[0]) if min(powers) > 0 else 0.0
    return _judge(move, float(change), before=0.0)


def _judge(move: Move, value: float, *, before: float | None) -> Measurement:
    expects = move.expects
    if expects is None:
        raise ValueError(f"move {move.id} promises nothing")
    return Measurement(value=round(value, 3), before=before, kept=bool(abs(value - expects.value) <= expects.tolerance))


def _lufs(audio: Audio, skip: int) -> float | None:
    meter = LoudnessMeter(audio.sample_rate_hz, audio.channels)
    meter.add(audio.samples[:, skip:])
    return integrated_from_energies(meter.energies_100ms())
