"""Plosives: pops of breath on the microphone, the short ones among the bursts of the lowest octaves."""

from tonmeister.analysis.low_bursts import SURE_BURST_DB, LowBurst, find_low_bursts
from tonmeister.audio import Audio
from tonmeister.model import Db

LONGEST_S = 0.3
"""Longer bursts are gusts of wind, or knocks on the stand one after the other."""


def find_plosives(audio: Audio, *, least_db: Db = SURE_BURST_DB) -> tuple[LowBurst, ...]:
    """Return where plosives hit the microphone; meant for voices."""
    return tuple(
        burst for burst in find_low_bursts(audio, least_db=least_db) if burst.end_s - burst.start_s <= LONGEST_S
    )


def find_gusts(audio: Audio, *, least_db: Db = SURE_BURST_DB) -> tuple[LowBurst, ...]:
    """Return gusts of wind and long thumps; meant for voices."""
    return tuple(
        burst for burst in find_low_bursts(audio, least_db=least_db) if burst.end_s - burst.start_s > LONGEST_S
    )
