"""The master of a mix: drive found on a sample of the song, one full pass, at most two corrections."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.loudness import (
    LoudnessMeter,
    gated_loudness_from_energies,
    integrated_from_energies,
)
from tonmeister.analysis.true_peak import TruePeakMeter
from tonmeister.audio import Samples
from tonmeister.document.mix import Budget
from tonmeister.document.strip import Insert, MasterChain
from tonmeister.engineer.before_limiter import is_worth_keeping, kept_before_limiter, only_output
from tonmeister.engineer.clip_stage import ClipStage
from tonmeister.engineer.limiter_sample import LimiterSample
from tonmeister.engineer.listeners import LoudnessListener
from tonmeister.engineer.options import Cancel
from tonmeister.engineer.result import MasterFigures
from tonmeister.files.sound import SoundReader
from tonmeister.processing import TruePeakLimiter
from tonmeister.render import write_master

TOLERANCE_LU = 0.07
"""A master this near to its target is there; the promise is 0.1 LU."""
_UNDER_DB = 0.005  # further down than the excess, so that one more pass does
_GUARD_MOST_DB = 0.1
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
    """Finds the drive for one mix and one chain, and writes the master; the same mix and chain give the same drive."""

    def __init__(
        self,
        mix: SoundReader,
        chain: MasterChain,
        mix_energies_100ms: NDArray[np.float64],
        *,
        budget: Budget,
        seed: int,
        clip_over_db: float | None = None,
        progress: Callable[[float], None],
        cancel: Cancel | None,
    ) -> None:
        self._mix, self._chain, self._budget, self._seed = mix, chain, budget, seed
        self._energies, self._clip_over_db = mix_energies_100ms, clip_over_db
        self._clip: ClipStage | None = None
        self._is_kept = False  # the mix is what goes into the output of the chain
        self._progress, self._cancel = progress, cancel
        self._rate, self._channels = mix.sample_rate_hz, mix.channels

    def write(self, path: Path, *, keep_drive: bool = False) -> Mastered:
        """Write the master; with keep_drive the drive in the chain stays (a person locked it)."""
        if keep_drive or not is_worth_keeping(self._chain):
            return self._write(path, keep_drive=keep_drive)
        with kept_before_limiter(self._mix, self._chain, cancel=self._cancel) as kept:
            self._mix, self._energies = kept
            self._is_kept = True
            return self._write(path, keep_drive=False)

    def _write(self, path: Path, *, keep_drive: bool) -> Mastered:
        target = self._chain.target_lufs
        limiter = _limiter_of(self._chain)
        if limiter is None or target is None or integrated_from_energies(self._energies) is None or keep_drive:
            return self._pass(path, limiter.drive_db if limiter else 0.0)
        if 0 <= self._chain.ceiling_dbtp - limiter.ceiling_dbtp <= _GUARD_MOST_DB:  # an earlier guard: find it anew
            self._chain = with_ceiling(self._chain, self._chain.ceiling_dbtp)
        sample = LimiterSample(
            self._mix, self._to_run(self._chain), self._energies, clip_over_db=self._clip_over_db, cancel=self._cancel
        )
        drive, slope = sample.find_drive(target)
        self._clip = sample.clip
        made = self._pass(path, drive)
        for _ in range(_CORRECTIONS):
            got = made.figures.integrated_lufs
            if got is None or abs(target - got) <= TOLERANCE_LU or self._is_over_budget(made):
                break
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
        chain = chain if self._clip is None else self._clip.set_in(chain)
        meters, before = _Meters(self._rate, self._channels), LoudnessListener(self._rate, self._channels)
        write_master(
            self._mix, self._to_run(chain), path, seed=self._seed, listeners=[meters], last=[before], progress=self._progress,
            cancel=self._cancel,
        )  # fmt: skip
        limiter = _limiter_of(chain)
        return _describe(chain, limiter.drive_db if limiter else 0.0, meters, before.meter.energies_100ms())

    def _to_run(self, chain: MasterChain) -> MasterChain:
        return only_output(chain) if self._is_kept else chain

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


def _describe(chain: MasterChain, drive_db: float, meters: _Meters, before: NDArray[np.float64]) -> Mastered:
    """Gather the figures of a pass; `before` are the energies that went into the limiter."""
    energies = meters.loudness.energies_100ms()
    steps = min(len(energies), len(before))
    driven = before[:steps] * 10 ** (drive_db / 10)
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
