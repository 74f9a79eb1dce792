"""Verify: what every promise came to in the mix and on the master, and whether the budgets hold."""

from collections.abc import Callable, Mapping

import numpy as np

from tonmeister.analysis.alignment import find_common_excerpt, measure_alignment
from tonmeister.analysis.fourier import power_between
from tonmeister.analysis.loudness import integrated_from_energies
from tonmeister.audio import Audio, Samples
from tonmeister.document.facts import SongFacts
from tonmeister.document.fold import fold, still_fader_db
from tonmeister.document.mix import BudgetUse, Mix
from tonmeister.document.move import BandChange, FaderChange, Measurement, Move
from tonmeister.engineer.mastering import Mastered
from tonmeister.engineer.options import Cancel
from tonmeister.engineer.time_promises import contrast_result, furthest_section_db, ride_result, width_result
from tonmeister.engineer.trial import loudest_excerpt_s
from tonmeister.processing import Band, Equaliser
from tonmeister.render import Renderer
from tonmeister.tasks import Heard
from tonmeister.tasks.prediction import mean_change_db, strip_bands


class Collector:
    """Keeps the samples of a point of the mix."""

    def __init__(self) -> None:
        self._blocks: list[Samples] = []

    def __call__(self, start_frame: int, block: Samples) -> None:
        """Take the next block."""
        self._blocks.append(block.copy())

    @property
    def samples(self) -> Samples:
        """Everything so far, (channels, frames)."""
        return np.concatenate(self._blocks, axis=1)


def verify(
    mix: Mix,
    facts: SongFacts,
    heard: Mapping[str, Heard],
    mastered: Mastered | None,
    renderer: Renderer,
    *,
    cancel: Cancel | None,
) -> Mix:
    """Write what was measured into every move that promised something about faders, the mix or the master."""
    checks: dict[str, Callable[[Move], tuple[float, float | None] | None]] = {
        "strip_loudness_lu": lambda move: _fader_result(move, mix, heard),
        "correlation": lambda move: _polarity_result(move, mix, facts, renderer, cancel),
        "audibility_db": lambda move: _room_result(move, mix, facts, renderer, cancel),
        "audibility_spread_db": lambda move: ride_result(move, mix, facts, heard),
        "section_contrast_lu": lambda move: contrast_result(move, mix, renderer, cancel),
        "width": lambda move: width_result(move, mix, renderer, cancel),
        "integrated_lufs": lambda _: None if mastered is None else _pair(mastered.figures.integrated_lufs),
        "true_peak_dbtp": lambda _: None if mastered is None else _pair(mastered.figures.true_peak_dbtp),
    }

    def checked(move: Move) -> Move:
        if move.expects is None or move.measured is not None or move.state not in ("accepted", "locked"):
            return move
        check = checks.get(move.expects.metric)
        found = None if check is None else check(move)
        if found is None:
            return move
        value, before = found
        off = value - move.expects.value
        kept = (
            off <= move.expects.tolerance
            if move.expects.metric == "true_peak_dbtp"
            else abs(off) <= move.expects.tolerance
        )
        return move.model_copy(update={"measured": Measurement(value=round(value, 3), before=before, kept=kept)})

    return mix.model_copy(update={"moves": tuple(checked(move) for move in mix.moves)})


def _pair(value: float | None) -> tuple[float, None] | None:
    return None if value is None else (value, None)


def _fader_result(move: Move, mix: Mix, heard: Mapping[str, Heard]) -> tuple[float, float | None] | None:
    """Return the loudness behind the fader, and before it."""
    name = move.where.track
    if not isinstance(move.change, FaderChange) or name is None or name not in heard:
        return None
    before = integrated_from_energies(heard[name].energies_100ms)
    if before is None:
        return None
    return before + still_fader_db(mix, name), round(before, 3)


def _polarity_result(
    move: Move, mix: Mix, facts: SongFacts, renderer: Renderer, cancel: Cancel | None
) -> tuple[float, float | None] | None:
    """Return the polarity between the mics as the mix now has them."""
    pair = next((pair for pair in facts.pairs if pair.other == move.where.track), None)
    if pair is None:
        return None
    span = find_common_excerpt(facts[pair.reference].curves.rms_10ms, facts[pair.other].curves.rms_10ms)
    rate = mix.song.sample_rate_hz
    ears = {name: Collector() for name in (pair.reference, pair.other)}
    renderer.render(
        mix, listeners={f"source:{name}": [ear] for name, ear in ears.items()}, start_frame=round(span.start_s * rate),
        end_frame=round(span.end_s * rate), preroll_s=0.0, cancel=cancel,
    )  # fmt: skip
    first, second = (Audio(np.ascontiguousarray(ear.samples), rate) for ear in ears.values())
    return float(measure_alignment(first, second).polarity), float(pair.alignment.polarity)


def _room_result(
    move: Move, mix: Mix, facts: SongFacts, renderer: Renderer, cancel: Cancel | None
) -> tuple[float, float | None] | None:
    """Return how the covered track stands against the rest around the band, with and without the move."""
    expects = move.expects
    covered = None if expects is None or expects.track is None else facts[expects.track]
    if expects is None or covered is None or not isinstance(move.change, BandChange) or expects.low_hz is None:
        return None
    without = fold(mix.model_copy(update={"moves": tuple(m for m in mix.moves if m.id != move.id)}))
    span = loudest_excerpt_s(covered)
    with_db, without_db = (
        _place_db(version, covered.id, span, (expects.low_hz, expects.high_hz or expects.low_hz), renderer, cancel)
        for version in (mix, without)
    )
    if with_db is None or without_db is None:
        return None
    # The promise is about the whole song, the measurement about its loudest part: compare the change.
    promised_before = expects.before if expects.before is not None else 0.0
    return promised_before + with_db - without_db, round(promised_before, 3)


def _place_db(
    mix: Mix,
    covered: str,
    span_s: tuple[float, float],
    band_hz: tuple[float, float],
    renderer: Renderer,
    cancel: Cancel | None,
) -> float | None:
    rate = mix.song.sample_rate_hz
    own, whole = Collector(), Collector()
    renderer.render(
        mix, listeners={f"track:{covered}": [own], "mix": [whole]}, start_frame=round(span_s[0] * rate),
        end_frame=round(span_s[1] * rate), cancel=cancel,
    )  # fmt: skip
    rest = whole.samples - own.samples
    powers = [
        power_between(samples, sample_rate_hz=rate, low_hz=band_hz[0], high_hz=band_hz[1])
        for samples in (own.samples, rest)
    ]
    return float(10 * np.log10(powers[0] / powers[1])) if min(powers) > 0 else None


def measure_budgets(mix: Mix, mastered: Mastered | None) -> tuple[BudgetUse, ...]:
    """Return how much of each budget was used."""
    budget = mix.budget
    rate = mix.song.sample_rate_hz
    totals = [mean_change_db(strip_bands(track.strip), sample_rate_hz=rate) for track in mix.tracks]
    bands = [band for band in _all_bands(mix) if band.shape in ("peak", "low_shelf", "high_shelf")]
    reductions = [
        move.measured.value for move in mix.moves
        if move.measured is not None and move.expects is not None and move.expects.metric == "gain_reduction_db"
    ]  # fmt: skip
    cuts: dict[str, int] = {}
    for move in mix.moves:
        if (
            move.task == "masking"
            and isinstance(move.change, BandChange)
            and move.where.track
            and move.state != "rejected"
        ):
            cuts[move.where.track] = cuts.get(move.where.track, 0) + 1
    uses = [
        ("eq_gain_db", max((abs(band.gain_db) for band in bands), default=0.0), budget.eq_gain_db),
        ("eq_total_db", max(totals, default=0.0), budget.eq_total_db),
        ("masking_cuts", float(max(cuts.values(), default=0)), float(budget.masking_cuts)),
        ("gain_reduction_db", max(reductions, default=0.0), budget.gain_reduction_db + 0.5),
    ]
    uses.append(("section_change_db", furthest_section_db(mix), budget.section_change_db))
    if mastered is not None:
        figures = mastered.figures
        uses.append(("master_gain_reduction_db", figures.max_gain_reduction_db, budget.master_gain_reduction_db))
        if figures.integrated_lufs is not None:
            uses.append(("loudest_master_lufs", figures.integrated_lufs, budget.loudest_master_lufs + 0.1))
    return tuple(
        BudgetUse(budget=name, used=round(used, 2), limit=limit, held=used <= limit) for name, used, limit in uses
    )


def _all_bands(mix: Mix) -> list[Band]:
    inserts = [insert for track in mix.tracks for insert in track.strip.inserts] + list(mix.master.inserts)
    return [band for insert in inserts if isinstance(insert.processor, Equaliser) for band in insert.processor.bands]
