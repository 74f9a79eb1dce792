"""Energy and tension of a song, bar by bar: loudness, density, bandwidth, brightness, rhythm, width and register."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.analysis.form import activity_by_bar, mean_between
from tonmeister.analysis.levels import find_onsets
from tonmeister.analysis.track_meter import TrackCurves

Floats = NDArray[np.float64]
PARTS = (
    "loudness_lufs",
    "density",
    "bandwidth_octaves",
    "brightness_octaves",
    "rhythm_hz",
    "width",
    "register_octaves",
)
WEIGHTS = (0.3, 0.2, 0.1, 0.1, 0.15, 0.05, 0.1)
"""What each part adds to the energy, which people hear above all as loudness, number of players and rhythm."""
_SILENT_LUFS = -70.0


@dataclass(frozen=True, slots=True, eq=False)
class Energy:
    """Curves of (bars,) values, all of the stems as they came."""

    loudness_lufs: Floats
    """Power of all tracks, K-weighted; -70 for silence."""
    density: Floats
    """How many tracks play, each by how much."""
    bandwidth_octaves: Floats
    """Spread of the power over the ERB bands, in octaves."""
    brightness_octaves: Floats
    """Centre of the power over the ERB bands, in octaves above 20 Hz."""
    rhythm_hz: Floats
    """Onsets per second of all tracks."""
    width: Floats
    """0 for mono to 1 for what only the sides hold, by each track's correlation and power."""
    register_octaves: Floats
    """Centre of what has pitch, in octaves above 20 Hz."""

    @property
    def energy(self) -> Floats:
        """(bars,) all of it together, 0 for the least bar of the song to 1 for the most."""
        total = np.zeros(self.density.size)
        for name, weight in zip(PARTS, WEIGHTS, strict=True):
            curve = getattr(self, name)
            low, high = np.percentile(curve, (2, 98)) if curve.size else (0.0, 0.0)
            total += weight * (np.clip((curve - low) / (high - low), 0, 1) if high - low > 1e-9 else 0.0)
        peak = float(total.max()) if total.size else 0.0
        return total / peak if peak > 0 else total

    def mean(self, first: int, last: int) -> dict[str, float]:
        """Return the mean of every curve over some bars, such as those of a section."""
        return {field.name: float(np.mean(getattr(self, field.name)[first:last])) for field in fields(self)}


def measure_energy(
    curves: Sequence[TrackCurves], families: Sequence[str], correlations: Sequence[float | None], lines_s: Floats
) -> Energy:
    """Return the energy curves of a song.

    Args:
        curves: Of all tracks.
        families: Coarse role of each; drums and effects have no register.
        correlations: Of the channels of each track; None counts as mono.
        lines_s: (bars + 1,) where bars begin, and the end of the last.
    """
    bars = lines_s.size - 1
    power = np.stack([mean_between(track.energies_100ms, lines_s * 10) for track in curves], axis=1)
    bands = np.stack([mean_between(track.erb_power, lines_s * 2) for track in curves], axis=2)
    pitched = [number for number, family in enumerate(families) if family not in {"drums", "effects"}]
    onsets = [mean_between(find_onsets(track.onset_10ms).astype(np.float64), lines_s * 100) * 100 for track in curves]
    apart = np.array([0.0 if value is None else (1 - value) / 2 for value in correlations])
    total = np.maximum(power.sum(axis=1), 1e-20)
    centre, spread = _centre(bands.sum(axis=2))
    register, _ = _centre(bands[:, :, pitched].sum(axis=2)) if pitched else (np.zeros(bars), None)
    return Energy(
        loudness_lufs=np.maximum(-0.691 + 10 * np.log10(total), _SILENT_LUFS),
        density=np.sum([activity_by_bar(track.rms_10ms, lines_s) for track in curves], axis=0),
        bandwidth_octaves=spread,
        brightness_octaves=centre,
        rhythm_hz=np.sum(onsets, axis=0),
        width=(power * apart).sum(axis=1) / total,
        register_octaves=register,
    )


def _centre(bands: Floats) -> tuple[Floats, Floats]:
    """Return centre and spread of (bars, 40) band powers over octaves above 20 Hz; 0 where there is nothing."""
    octaves = np.log2(ERB_CENTRES_HZ / 20)
    share = np.sqrt(bands)  # nearer to how loud bands are than power
    share /= np.maximum(share.sum(axis=1, keepdims=True), 1e-20)
    centre = share @ octaves
    spread = np.sqrt(np.maximum(share @ np.square(octaves) - np.square(centre), 0))
    return centre, spread
