"""How a voice has to be ridden to be equally loud all through: the gains, second by second."""

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.loudness import LoudnessMeter, integrated_from_energies
from tonmeister.audio import Audio
from tonmeister.model import Db, Seconds

POINT_S = 0.5
"""Seconds from point to point."""
WINDOW_S = 3.0
"""The loudness of so much (BS.1770 short-term) is what is held even."""
ACTIVE_BELOW_DB = 18.0
"""What is further below the whole's loudness is a pause: it moves no gain, so that noise is not lifted."""
_STEPS_PER_POINT = 5


def find_ride(audio: Audio, *, target_lufs: float, range_db: Db) -> tuple[tuple[Seconds, Db], ...]:
    """Return (time, gain) that bring a voice to a loudness, evenly; none for silence.

    The gain of each half second is what its active three seconds need, at most range_db either way from the mean; pauses
    hold the straight line between what is around them.
    """
    meter = LoudnessMeter(audio.sample_rate_hz, audio.channels)
    meter.add(audio.samples)
    energies = meter.energies_100ms()
    whole = integrated_from_energies(energies)
    if whole is None:
        return ()
    moving = _moving_db(energies, whole, range_db)
    steps = np.minimum(np.arange(energies.size) / _STEPS_PER_POINT, moving.size - 1)
    ridden = energies * 10 ** (np.interp(steps, np.arange(moving.size), moving) / 10)
    after = integrated_from_energies(ridden)
    gains = moving + (target_lufs - (whole if after is None else after))
    return tuple((round(place * POINT_S, 2), round(float(gain), 2)) for place, gain in enumerate(gains))


def _moving_db(energies: NDArray[np.float64], whole_lufs: float, range_db: Db) -> NDArray[np.float64]:
    """Return the gains of all points around 0."""
    active = energies > 10 ** ((whole_lufs + 0.691 - ACTIVE_BELOW_DB) / 10)
    weight = np.hanning(round(WINDOW_S * 10) + 2)[1:-1]
    power = np.convolve(energies * active, weight, "same")
    share = np.convolve(active.astype(np.float64), weight, "same")
    known = share > 0.1 * weight.sum()
    level = 10 * np.log10(np.maximum(power[known], 1e-12) / share[known]) - 0.691
    places = np.flatnonzero(known)
    if places.size == 0:
        return np.zeros(max(1, -(-energies.size // _STEPS_PER_POINT)))
    wanted = np.clip(whole_lufs - level, -range_db, range_db)
    points = np.arange(0, energies.size + _STEPS_PER_POINT, _STEPS_PER_POINT)
    gains: NDArray[np.float64] = np.interp(points, places, wanted)
    smooth = np.convolve(np.pad(gains, 2, mode="edge"), np.array([1, 2, 3, 2, 1]) / 9, "valid")
    return np.asarray(smooth)
