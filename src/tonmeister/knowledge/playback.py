"""Where music is heard: the responses of kinds of devices, and how quiet playback changes the balance."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.knowledge.hearing import contour_db
from tonmeister.knowledge.rows import table
from tonmeister.model import Db, Hz, Model


class Device(Model):
    """A kind of loudspeaker in its usual place."""

    title: str
    """Its name."""
    hz: tuple[Hz, ...]
    """Frequencies of the curve, rising."""
    db: tuple[Db, ...]
    """Levels there, against the middle."""
    mono: bool
    """Whether both channels are summed."""
    floor_db: Db = Field(le=0)
    """So far below the loudest band the noise of the place covers everything."""
    source: str
    """Key of a row of sources.toml."""

    def response_db(self, frequency_hz: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the curve at other frequencies; beyond its ends it goes on as steeply."""
        known, level = np.log2(np.asarray(self.hz)), np.asarray(self.db)
        wanted = np.log2(frequency_hz)
        found: NDArray[np.float64] = np.interp(wanted, known, level)
        low, high = (level[1] - level[0]) / (known[1] - known[0]), (level[-1] - level[-2]) / (known[-1] - known[-2])
        found = np.where(wanted < known[0], level[0] + low * (wanted - known[0]), found)
        return np.where(wanted > known[-1], level[-1] + high * (wanted - known[-1]), found)


class QuietPlayback(Model):
    """The same music at two levels."""

    mixed_phon: float = Field(ge=20, le=90)
    """Level at which music is mixed."""
    heard_phon: float = Field(ge=20, le=90)
    """Level at which it is heard."""
    source: str
    """Key of a row of sources.toml."""

    def loss_db(self, frequency_hz: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far each frequency falls behind 1 kHz, in phon-like decibels; positive is a loss."""
        loud = contour_db(frequency_hz, loudness_phon=self.mixed_phon)
        soft = contour_db(frequency_hz, loudness_phon=self.heard_phon)
        return (soft - self.heard_phon) - (loud - self.mixed_phon)


@cache
def devices() -> dict[str, Device]:
    """Return every device by name."""
    return {name: Device(**row) for name, row in table("playback")["device"].items()}


@cache
def quiet_playback() -> QuietPlayback:
    """Return what quiet playback is."""
    return QuietPlayback(**table("playback")["quiet"])
