"""The clip stage before the limiter: its level follows the drive, and it never works on more than the shortest peaks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tonmeister.audio import Audio
from tonmeister.document.strip import MasterChain
from tonmeister.knowledge import number
from tonmeister.processing import Saturator, TruePeakLimiter
from tonmeister.processing.saturator import saturate

CLIP = "clip"
"""Id of the insert."""
_HIGHEST_DB, _LOWEST_DB = 0.0, -36.0
"""What a saturator's ceiling may be, in dBFS."""


@dataclass(frozen=True, slots=True)
class ClipStage:
    """How the clip stage of a chain is set at any drive."""

    over_db: float
    """Over the limiter's ceiling, at least."""
    floor_db: float = -200.0
    """Level in the mix that it never clips below: only the shortest peaks are above it, so a tone is never clipped, nor a peak by much."""

    def set_in(self, chain: MasterChain) -> MasterChain:
        """Return the chain with the clip at its level for the drive in the chain; out of the way where it has nothing to do."""
        limiter = next((i.processor for i in chain.inserts if isinstance(i.processor, TruePeakLimiter)), None)
        if limiter is None:
            return chain
        level = self.level_db(limiter)
        mix = 1.0 if _LOWEST_DB <= level <= _HIGHEST_DB else 0.0
        clip = Saturator(
            shape="peak_clip", drive_db=0.0, ceiling_db=round(float(np.clip(level, _LOWEST_DB, 0)), 2), mix=mix
        )
        inserts = tuple(i.model_copy(update={"processor": clip}) if i.id == CLIP else i for i in chain.inserts)
        return chain.model_copy(update={"inserts": inserts})

    def level_db(self, limiter: TruePeakLimiter) -> float:
        """Return the level in the mix at which it clips before this limiter."""
        return max(limiter.ceiling_dbtp - limiter.drive_db + self.over_db, self.floor_db)

    def clip(self, audio: Audio, limiter: TruePeakLimiter) -> Audio:
        """Return the mix as it enters the limiter."""
        level = self.level_db(limiter)
        if not _LOWEST_DB <= level <= _HIGHEST_DB:
            return audio
        return saturate(audio, Saturator(shape="peak_clip", drive_db=0.0, ceiling_db=round(level, 2)))


def find_floor_db(audio: Audio) -> float:
    """Return the level that all but a small share of the samples stay under, and that the highest peak is not too far above."""
    return find_floors_db(audio, (number("finishing.clip_depth_db").value,))[0]


def find_floors_db(audio: Audio, depths_db: Sequence[float]) -> tuple[float, ...]:
    """Return the same for each of these distances from the highest peak."""
    size = np.abs(audio.samples)
    level = float(np.quantile(size, 1 - number("finishing.clip_share").value, overwrite_input=True))
    level_db, highest_db = (20 * float(np.log10(max(value, 1e-9))) for value in (level, float(size.max(initial=0))))
    return tuple(max(level_db, highest_db - depth) for depth in depths_db)
