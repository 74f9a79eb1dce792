"""What is left of a mix on other loudspeakers and at other levels: each band through a response, and what the ear still gets.

Loudness of a band is its power to 0.3 (Stevens 1957, Zwicker), above a floor that the noise of the place sets.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ, ERB_EDGES_HZ
from tonmeister.analysis.stereo import WIDTH_EDGES_HZ, Stereo

Bands = NDArray[np.float64]
"""(40,) one value for each ERB band."""
REGIONS_HZ: dict[str, tuple[float, float]] = {
    "sub": (20, 60), "bass": (60, 160), "low mids": (160, 500), "middle": (500, 2000), "presence": (2000, 5000), "air": (5000, 16_000)
}  # fmt: skip
"""Regions that people talk of."""
BASS_HZ = 160.0
"""Below this lies what small loudspeakers do not play."""
_EXPONENT = 0.3
_TINY = 1e-15


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """A mix on one device."""

    region_db: dict[str, float]
    """Level of each region against the middle, as it comes out of the device."""
    change_db: dict[str, float]
    """The same against the mix as it is."""
    bass_left: float
    """Part of the loudness of what lies below 160 Hz that is left, 0..1 and more where it is raised."""
    loudness_share: dict[str, float]
    """Part of the whole loudness that each region has there."""


def mono_share(stereo: Stereo) -> Bands:
    """Return how much of each band's power is left when both channels are summed to one, (40,); 1 for mono."""
    if not stereo.width_by_band:
        return np.ones(ERB_CENTRES_HZ.size)
    left = np.array([1.0 if width is None else 1.0 - width for width in stereo.width_by_band])
    place = np.clip(np.searchsorted(np.asarray(WIDTH_EDGES_HZ), ERB_CENTRES_HZ) - 1, 0, left.size - 1)
    return left[place]


def play(power: Bands, response_db: Bands, *, kept: Bands | None = None, floor_db: float) -> Played:
    """Return a mix with these mean band powers on a device; `kept` is the part that summing to mono leaves."""
    flat = np.maximum(power, _TINY)
    there = flat * 10 ** (response_db / 10) * (1.0 if kept is None else kept)
    before, after = _region_levels(flat), _region_levels(there)
    floor = 10 ** (floor_db / 10)
    loud_before, loud_after = _loudness(flat, floor), _loudness(there, floor)
    bass = ERB_CENTRES_HZ < BASS_HZ
    total = max(float(loud_after.sum()), _TINY)
    # Both at one level in the middle: a device is turned up until the music is as loud as it should be.
    level = (_region_power(flat, "middle") / max(_region_power(there, "middle"), _TINY)) ** _EXPONENT
    had = float(loud_before[bass].sum())
    return Played(
        region_db=after,
        change_db={name: after[name] - before[name] for name in after},
        bass_left=0.0 if had <= 0 else float(loud_after[bass].sum() * level / had),
        loudness_share={name: float(loud_after[_inside(name)].sum() / total) for name in REGIONS_HZ},
    )


def region_levels(power: Bands) -> dict[str, float]:
    """Return the level of each region against the middle, in dB."""
    return _region_levels(np.maximum(power, _TINY))


def matched_levels(power: Bands) -> dict[str, float]:
    """Return the level of each region against the K-weighted whole, in dB: what can be compared at equal loudness."""
    flat = np.maximum(power, _TINY)
    whole = float((flat * _k_weight()).sum())
    return {name: 10 * float(np.log10(max(_region_power(flat, name), _TINY) / whole)) for name in REGIONS_HZ}


def carried_db(power: Bands) -> float:
    """Return the level of the bass's overtones (160 to 500 Hz) against what lies below: what small speakers tell of a bass."""
    flat = np.maximum(power, _TINY)
    low = float(flat[ERB_CENTRES_HZ < BASS_HZ].sum())
    return 10 * float(np.log10(_region_power(flat, "low mids") / low))


def k_weighted_mono_loss_db(power: Bands, kept: Bands) -> float:
    """Return how much loudness the fold-down to mono costs, in dB; 3 dB is what unrelated channels lose."""
    weight = _k_weight()
    heard = power * weight
    return -10 * float(np.log10(max(float((heard * kept).sum()), _TINY) / max(float(heard.sum()), _TINY)))


def _k_weight() -> Bands:
    """Return K-weighting at the centres of the bands: a high-pass at 38 Hz, and 4 dB more above 2 kHz (BS.1770, roughly)."""
    squared = np.square(ERB_CENTRES_HZ / 38.0)
    high_pass = np.square(squared / (1 + squared))
    shelf = 1 + (10**0.4 - 1) / (1 + (1700.0 / ERB_CENTRES_HZ) ** 4)
    weight: Bands = high_pass * shelf
    return weight


def _loudness(power: Bands, floor: float) -> Bands:
    least = float(power.max()) * floor
    return np.asarray(np.maximum(power**_EXPONENT - least**_EXPONENT, 0.0))


def _region_levels(power: Bands) -> dict[str, float]:
    middle = max(_region_power(power, "middle"), _TINY)
    return {name: 10 * float(np.log10(max(_region_power(power, name), _TINY) / middle)) for name in REGIONS_HZ}


def _region_power(power: Bands, name: str) -> float:
    """Return the power of a region; a band that its edge cuts counts by its part."""
    low, high = REGIONS_HZ[name]
    over = np.clip(np.minimum(ERB_EDGES_HZ[1:], high) - np.maximum(ERB_EDGES_HZ[:-1], low), 0, None)
    return float((power * over / np.diff(ERB_EDGES_HZ)).sum())


def _inside(name: str) -> NDArray[np.bool_]:
    low, high = REGIONS_HZ[name]
    place = np.searchsorted([low, high], ERB_CENTRES_HZ, side="right")
    return np.asarray(place == 1)
