"""The drive into the limiter: bracketed on the loudest excerpts, one full pass, at most two corrections."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.loudness import (
    LoudnessMeter,
    gated_loudness_from_energies,
    integrated_from_energies,
    short_term_curve,
)
from tonmeister.analysis.true_peak import TruePeakMeter
from tonmeister.audio import Samples
from tonmeister.document.mix import Budget
from tonmeister.document.strip import Insert, MasterChain
from tonmeister.engineer.options import Cancel
from tonmeister.engineer.result import MasterFigures
from tonmeister.engineer.strips import LoudnessListener
from tonmeister.files.sound import SoundReader
from tonmeister.processing import TruePeakLimiter
from tonmeister.render import hear_master, write_master

TOLERANCE_LU = 0.05
"""A master this near to its target is there; the promise is 0.1 LU."""
STILL_THERE_LU = 0.08
"""After an edit, a master still this near to its target keeps its drive."""
_UNDER_DB = 0.005  # further down than the excess, so that one more pass does
_EXCERPT_S = 8.0
_EXCERPTS = 3
_CORRECTIONS = 2
_DECIMALS = 3
_FLOOR_LUFS = -69.0


@dataclass(frozen=True, slots=True, eq=False)
class Mastered:
    """A master and what was measured on it."""

    chain: MasterChain
    """With the drive that was found."""
    figures: MasterFigures
    energies_100ms: NDArray[np.float64]
    """K-weighted energies of the master, before dither."""
    gain_reduction_db: NDArray[np.float64]
    """(steps,) how much the limiter took in each 100 ms, from the energies on both sides of it."""
    misses: tuple[str, ...]


class _Meters:
    """Loudness and 8x true peak of what is written."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self.loudness = LoudnessMeter(sample_rate_hz, channels)
        self.true_peak = TruePeakMeter(sample_rate_hz, channels, oversampling=8)

    def __call__(self, start_frame: int, block: Samples) -> None:
        self.loudness.add(block)
        self.true_peak.add(block)


class MasterSolver:
    """Finds the drive for one mix and one chain, and writes the master."""

    def __init__(
        self,
        mix: SoundReader,
        chain: MasterChain,
        *,
        budget: Budget,
        seed: int,
        progress: Callable[[float], None],
        cancel: Cancel | None,
    ) -> None:
        self._mix, self._chain, self._budget, self._seed = mix, chain, budget, seed
        self._progress, self._cancel = progress, cancel
        self._rate, self._channels, self._frames = mix.sample_rate_hz, mix.channels, mix.frames
        self._before = self._hear_before()

    def write(self, path: Path, *, keep_drive: bool = False, first_drive_db: float | None = None) -> Mastered:
        """Write the master.

        With keep_drive the drive in the chain stays (a person locked it). A first_drive_db (that of the document before an
        edit) is tried before anything else, and stays where it still reaches the target.
        """
        target = self._chain.target_lufs
        limiter = _limiter_of(self._chain)
        loudness = integrated_from_energies(self._before)
        if limiter is None or target is None or loudness is None or keep_drive:
            return self._pass(path, limiter.drive_db if limiter else 0.0)
        drive = self._bracket(target - loudness) if first_drive_db is None else first_drive_db
        made = self._pass(path, drive)
        near = TOLERANCE_LU if first_drive_db is None else STILL_THERE_LU
        slope = 0.0
        for _ in range(_CORRECTIONS):
            got = made.figures.integrated_lufs
            if got is None or abs(target - got) <= near or self._is_over_budget(made):
                break
            slope = slope or self._slope(drive)
            former, drive = drive, drive + (target - got) / slope
            made = self._pass(path, drive)
            now = made.figures.integrated_lufs
            if now is not None and abs(drive - former) > 1e-3:
                slope = float(np.clip((now - got) / (drive - former), 0.15, 1.0))
        return self._within_budget(path, made)

    def _pass(self, path: Path, drive_db: float) -> Mastered:
        """Write the master at a drive; again with a lower limit where a true peak came out above the ceiling."""
        made = self._pass_once(path, drive_db)
        for _ in range(_CORRECTIONS):
            peak, limiter = made.figures.true_peak_dbtp, _limiter_of(made.chain)
            if peak is None or limiter is None or peak <= self._chain.ceiling_dbtp:
                break
            lower = limiter.ceiling_dbtp - (peak - self._chain.ceiling_dbtp) - _UNDER_DB
            self._chain = with_ceiling(self._chain, lower)
            made = self._pass_once(path, drive_db)
        return made

    def _pass_once(self, path: Path, drive_db: float) -> Mastered:
        chain = with_drive(self._chain, drive_db)
        meters = _Meters(self._rate, self._channels)
        write_master(
            self._mix, chain, path, seed=self._seed, listeners=[meters], progress=self._progress, cancel=self._cancel
        )
        limiter = _limiter_of(chain)
        return self._describe(chain, limiter.drive_db if limiter else 0.0, meters)

    def _describe(self, chain: MasterChain, drive_db: float, meters: _Meters) -> Mastered:
        energies = meters.loudness.energies_100ms()
        steps = min(len(energies), len(self._before))
        driven = self._before[:steps] * 10 ** (drive_db / 10)
        heard = driven > 10 ** (_FLOOR_LUFS / 10)
        reduction = np.zeros(steps)
        reduction[heard] = 10 * np.log10(driven[heard] / np.maximum(energies[:steps][heard], 1e-12))
        reduction = np.maximum(reduction, 0.0)
        loudness, peak = gated_loudness_from_energies(energies), meters.true_peak.result()
        lufs = loudness.integrated_lufs
        figures = MasterFigures(
            integrated_lufs=_rounded(lufs),
            true_peak_dbtp=_rounded(peak),
            range_lu=_rounded(loudness.range_lu),
            plr_db=None if lufs is None or peak is None else round(peak - lufs, 2),
            drive_db=round(drive_db, _DECIMALS),
            max_gain_reduction_db=round(float(np.percentile(reduction, 99.9)) if steps else 0.0, 2),
            target_lufs=chain.target_lufs if chain.target_lufs is not None else (lufs or 0.0),
            ceiling_dbtp=chain.ceiling_dbtp,
        )
        return Mastered(chain, figures, energies, reduction, _misses(figures, chain))

    def _hear_before(self) -> NDArray[np.float64]:
        """Return the energies of what goes into the limiter."""
        chain = self._chain.model_copy(
            update={"inserts": tuple(i for i in self._chain.inserts if not isinstance(i.processor, TruePeakLimiter))}
        )
        listener = LoudnessListener(self._rate, self._channels)
        hear_master(self._mix, chain, [listener], cancel=self._cancel)
        return listener.meter.energies_100ms()

    def _bracket(self, first_db: float) -> float:
        """Raise the drive by what the limiter takes away on the loudest excerpts."""
        spans = self._loudest_spans()
        drive = first_db
        for _ in range(3):
            lost = self._lost_on(spans, drive)
            wanted = first_db + lost
            if abs(wanted - drive) < TOLERANCE_LU:
                break
            drive = wanted
        return drive

    def _lost_on(self, spans: list[tuple[int, int]], drive_db: float) -> float:
        """Return by how many LU the limiter lowers the song, if it acts on all of it as on its loudest parts."""
        step = self._rate // 10
        after = self._before * 10 ** (drive_db / 10)
        driven = integrated_from_energies(after)
        for first, last in spans:
            listener = LoudnessListener(self._rate, self._channels)
            hear_master(
                self._mix, with_drive(self._chain, drive_db), [listener], spans=[(first, last)], cancel=self._cancel
            )
            made = listener.meter.energies_100ms()
            before = after[first // step : first // step + len(made)]
            total = before.sum()
            ratio = float(made[: len(before)].sum() / total) if total > 0 else 1.0
            # What is as loud as this excerpt loses as much; quieter parts lose less, in proportion to their energy.
            loud = float(before.mean()) if len(before) else 0.0
            share = np.clip(after / max(loud, 1e-20), 0, 1)
            after = after * (1 - share * (1 - min(ratio, 1.0)) / len(spans))
        limited = integrated_from_energies(after)
        return 0.0 if driven is None or limited is None else driven - limited

    def _loudest_spans(self) -> list[tuple[int, int]]:
        curve = short_term_curve(self._before)
        length, step = round(_EXCERPT_S * self._rate), self._rate // 10
        spans: list[tuple[int, int]] = []
        for place in np.argsort(-curve, kind="stable"):
            middle = (int(place) + 15) * step
            first = max(0, min(middle - length // 2, self._frames - length)) // step * step
            if all(abs(first - other) >= length for other, _ in spans):
                spans.append((first, min(first + length, self._frames)))
            if len(spans) == _EXCERPTS:
                break
        return spans

    def _slope(self, drive_db: float) -> float:
        """Return how many LU one dB of drive brings here: less when the limiter works hard."""
        spans = self._loudest_spans()[:1]
        if not spans:
            return 1.0
        return float(
            np.clip(1.0 - (self._lost_on(spans, drive_db + 0.5) - self._lost_on(spans, drive_db - 0.5)), 0.25, 1.0)
        )

    def _is_over_budget(self, made: Mastered) -> bool:
        return made.figures.max_gain_reduction_db > self._budget.master_gain_reduction_db + 0.1

    def _within_budget(self, path: Path, made: Mastered) -> Mastered:
        """Lower the drive until the limiter stays within its budget: a budget wins over a target."""
        if not self._is_over_budget(made):
            return made
        limit = self._budget.master_gain_reduction_db
        for _ in range(4):
            over = made.figures.max_gain_reduction_db - limit
            if over <= 0:
                break
            made = self._pass(path, made.figures.drive_db - over - 0.05)
        lufs = made.figures.integrated_lufs
        sentence = (
            f"The master is {lufs:.1f} LUFS instead of {made.figures.target_lufs:.1f}: the limiter would have to take more than the "
            f"{limit:.1f} dB that the budget {self._budget.name!r} allows. Use --budget bold, or a quieter target."
        )
        others = tuple(miss for miss in made.misses if not miss.startswith("The master is"))
        return Mastered(made.chain, made.figures, made.energies_100ms, made.gain_reduction_db, (*others, sentence))


def with_drive(chain: MasterChain, drive_db: float) -> MasterChain:
    """Return the chain with another drive into its limiter; without a limiter, the chain as it is."""
    return _with_limiter(chain, drive_db=round(float(np.clip(drive_db, -40, 40)), _DECIMALS))


def with_ceiling(chain: MasterChain, ceiling_dbtp: float) -> MasterChain:
    """Return the chain with another ceiling of its limiter; the ceiling that was asked for stays in the chain."""
    return _with_limiter(chain, ceiling_dbtp=round(float(np.clip(ceiling_dbtp, -20, 0)), _DECIMALS))


def _with_limiter(chain: MasterChain, **fields: float) -> MasterChain:
    def changed(insert: Insert) -> Insert:
        if not isinstance(insert.processor, TruePeakLimiter):
            return insert
        return insert.model_copy(update={"processor": insert.processor.model_copy(update=fields)})

    return chain.model_copy(update={"inserts": tuple(changed(insert) for insert in chain.inserts)})


def limiter_ceiling_dbtp(chain: MasterChain) -> float | None:
    """Return the ceiling of the chain's limiter; None without one."""
    limiter = _limiter_of(chain)
    return None if limiter is None else limiter.ceiling_dbtp


def _limiter_of(chain: MasterChain) -> TruePeakLimiter | None:
    return next((i.processor for i in chain.inserts if isinstance(i.processor, TruePeakLimiter)), None)


def _misses(figures: MasterFigures, chain: MasterChain) -> tuple[str, ...]:
    misses = []
    if figures.integrated_lufs is not None and abs(figures.integrated_lufs - figures.target_lufs) > 0.1:
        misses.append(f"The master is {figures.integrated_lufs:.2f} LUFS instead of {figures.target_lufs:.2f}.")
    if figures.true_peak_dbtp is not None and figures.true_peak_dbtp > chain.ceiling_dbtp:
        misses.append(
            f"The true peak is {figures.true_peak_dbtp:.2f} dBTP, over the ceiling of {chain.ceiling_dbtp:.2f}."
        )
    return tuple(misses)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
