"""How much of each budget was used: told from the document, and measured on the stems as they came, the mix and the master."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.analysis.crest import Crest
from tonmeister.document.facts import SongFacts, TrackFacts
from tonmeister.document.fold import applied_moves, still_fader_db
from tonmeister.document.mix import BudgetUse, Mix
from tonmeister.document.move import BandChange, InsertChange
from tonmeister.document.strip import Strip
from tonmeister.engineer.mastering import Mastered
from tonmeister.engineer.time_promises import furthest_section_db
from tonmeister.processing import Band, DynamicEqualiser, Equaliser
from tonmeister.processing.filter_design import magnitude_db
from tonmeister.tasks.prediction import group_bands, mean_change_db, predict_heard, strip_bands

_HALF_HZ = 1000.0
"""Where the high half of a spectrum begins."""
_ROUNDING_DB = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What was measured on the whole song, before and after the work."""

    came: Crest
    """Of the stems as they came, summed."""
    mixed: Crest
    """Of the mix, before the master chain."""
    after: Crest
    """Of the finished sound."""
    mix_power: NDArray[np.float64]
    """(40,) mean power of the mix in each ERB band, before the master chain."""
    after_power: NDArray[np.float64]
    """(40,) the same of the finished sound."""


def measure_budgets(
    mix: Mix, facts: SongFacts, mastered: Mastered | None, outcome: Outcome | None
) -> tuple[BudgetUse, ...]:
    """Return how much of each budget was used; without an outcome (an excerpt) what needs the whole song is left out."""
    budget = mix.budget
    uses = [
        ("eq_gain_db", max((abs(band.gain_db) for band in _all_bands(mix)), default=0.0), budget.eq_gain_db),
        ("eq_total_db", max(_totals_db(mix), default=0.0), budget.eq_total_db),
        ("masking_cuts", float(max(_cuts(mix).values(), default=0)), float(budget.masking_cuts)),
        ("gain_reduction_db", max(reductions_db(mix).values(), default=0.0), budget.gain_reduction_db + 0.5),
    ]
    uses.append(("section_change_db", furthest_section_db(mix), budget.section_change_db))
    if outcome is not None:
        uses.append(("crest_loss_db", outcome.mixed.loss_db(outcome.came), budget.crest_loss_db + _ROUNDING_DB))
        if budget.master_crest_loss_db is not None:
            limit = budget.master_crest_loss_db + _ROUNDING_DB
            uses.append(("master_crest_loss_db", outcome.after.loss_db(outcome.came), limit))
        uses.append(
            (
                "tilt_change_db",
                abs(tilt_change_db(mix, facts, outcome.mix_power, outcome.after_power)),
                budget.tilt_change_db,
            )
        )
    if mastered is not None:
        figures = mastered.figures
        uses.append(("master_gain_reduction_db", figures.max_gain_reduction_db, budget.master_gain_reduction_db))
        if figures.integrated_lufs is not None:
            uses.append(("loudest_master_lufs", figures.integrated_lufs, budget.loudest_master_lufs + 0.1))
    return tuple(
        BudgetUse(budget=name, used=round(used, 2), limit=round(limit, 2), held=used <= limit)
        for name, used, limit in uses
    )


def tilt_change_db(
    mix: Mix, facts: SongFacts, mix_power: NDArray[np.float64], after_power: NDArray[np.float64]
) -> float:
    """Return how much brighter (high against low half) the song became by all equalisers and the master chain.

    Faders are no equalisers: what a balance does to the sum is its purpose. The master is held against the mix.
    """
    master_db = brightness_db(after_power) - brightness_db(mix_power)
    return master_db + equaliser_tilt_db(mix, facts)


def equaliser_tilt_db(mix: Mix, facts: SongFacts) -> float:
    """Return how much brighter the sum of the strips is than that of the same strips without their equalisers, band by band."""
    rate = mix.song.sample_rate_hz
    shaped, flat = np.zeros(ERB_CENTRES_HZ.shape), np.zeros(ERB_CENTRES_HZ.shape)
    for track in facts.tracks:
        strip = mix.track(track.id).strip
        fader_db = still_fader_db(mix, track.id)
        group_db = magnitude_db(group_bands(mix, track.id), ERB_CENTRES_HZ, rate)
        shaped += _placed_power(track, strip, rate, fader_db=fader_db) * 10 ** (group_db / 10)
        flat += _placed_power(track, _without_equalisers(strip), rate, fader_db=fader_db)
    return brightness_db(shaped) - brightness_db(flat)


def expected_tilt_db(mix: Mix, facts: SongFacts) -> float:
    """Return the change of brightness as it is to be expected of all equalisers, those of the master chain, too."""
    rate = mix.song.sample_rate_hz
    placed = np.sum(
        [
            _placed_power(track, mix.track(track.id).strip, rate, fader_db=still_fader_db(mix, track.id))
            * 10 ** (magnitude_db(group_bands(mix, track.id), ERB_CENTRES_HZ, rate) / 10)
            for track in facts.tracks
        ],
        axis=0,
    )
    bands = tuple(
        band for one in mix.master.inserts if isinstance(one.processor, Equaliser) and one.processor.channels != "side"
        for band in one.processor.bands
    )  # fmt: skip
    master = placed * 10 ** (magnitude_db(bands, ERB_CENTRES_HZ, rate) / 10)
    return equaliser_tilt_db(mix, facts) + brightness_db(master) - brightness_db(placed)


def _placed_power(track: TrackFacts, strip: Strip, rate: int, *, fader_db: float) -> NDArray[np.float64]:
    """Return the power of a strip behind its fader in each ERB band."""
    power = predict_heard(track, strip, sample_rate_hz=rate).erb_power.astype(np.float64).sum(axis=0)
    placed: NDArray[np.float64] = power * 10 ** (fader_db / 10)
    return placed


def brightness_db(power: NDArray[np.float64]) -> float:
    """Return the power of the bands above 1 kHz against those below."""
    high = ERB_CENTRES_HZ >= _HALF_HZ
    return float(10 * np.log10(max(power[high].sum(), 1e-20) / max(power[~high].sum(), 1e-20)))


def reductions_db(mix: Mix) -> dict[str, float]:
    """Return what all compressors of a chain take together, each while it works: an upper bound, by track or bus.

    One that another track drives is no compression of what goes through it: it makes room.
    """
    totals: dict[str, float] = {}
    for move in applied_moves(mix.moves):
        measured, expects = move.measured, move.expects
        is_keyed = isinstance(move.change, InsertChange) and move.change.insert.key is not None
        if measured is not None and expects is not None and expects.metric == "gain_reduction_db" and not is_keyed:
            place = move.where.track or move.where.bus or ""
            totals[place] = totals.get(place, 0.0) + measured.value
    return totals


def _without_equalisers(strip: Strip) -> Strip:
    kept = tuple(i for i in strip.inserts if not isinstance(i.processor, Equaliser | DynamicEqualiser))
    return strip.model_copy(update={"inserts": kept})


def _totals_db(mix: Mix) -> list[float]:
    rate = mix.song.sample_rate_hz
    return [
        mean_change_db((*strip_bands(track.strip), *group_bands(mix, track.id)), sample_rate_hz=rate)
        for track in mix.tracks
    ]


def _cuts(mix: Mix) -> dict[str, int]:
    cuts: dict[str, int] = {}
    for move in mix.moves:
        is_cut = (
            move.task == "masking" and isinstance(move.change, BandChange | InsertChange) and move.state != "rejected"
        )
        if is_cut and move.where.track:
            cuts[move.where.track] = cuts.get(move.where.track, 0) + 1
    return cuts


def _all_bands(mix: Mix) -> list[Band]:
    """Return every bell and shelf of tracks, groups and master."""
    inserts = [insert for track in mix.tracks for insert in track.strip.inserts] + list(mix.master.inserts)
    inserts += [insert for bus in mix.buses if bus.kind == "group" for insert in bus.inserts]
    bands = [band for insert in inserts if isinstance(insert.processor, Equaliser) for band in insert.processor.bands]
    return [band for band in bands if band.shape in ("peak", "low_shelf", "high_shelf")]
