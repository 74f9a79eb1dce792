"""Where each track belongs: between equal loudness and equal peaks, lower in a crowd, a little by its role and by a person's weight."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.loudness import integrated_from_energies
from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import Evidence
from tonmeister.knowledge import number, role
from tonmeister.knowledge.rows import source_text


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Loudness at which each track belongs, and what says so; all are (tracks,) and hold at any gain of the stems."""

    wanted_lu: NDArray[np.float64]
    """On a scale whose zero is free."""
    peaks_db: NDArray[np.float64]
    """Peaks over the gated loudness."""
    crowd_lu: NDArray[np.float64]
    """Loudness of all tracks, each at the same, in the moments in which this one sounds, over its own."""

    def reasons(self, place: int) -> tuple[Evidence, ...]:
        """Return what was measured on one track, against the song's mean."""
        return (
            _against_mean("peaks over gated loudness against the mean of all tracks", self.peaks_db, place, "peaks_lu_per_db"),
            _against_mean(
                "loudness of everything while it sounds, against the mean of all tracks", self.crowd_lu, place, "crowd_lu_per_lu"
            ),
        )  # fmt: skip


def find_levels(tracks: Sequence[TrackFacts]) -> Levels:
    """Weigh the causes that hold for any instrument first, then what its role and a person say."""
    peaks_db, crowd_lu = np.array([peaks_over_loudness_db(track) for track in tracks]), _crowd_lu(tracks)
    causes_lu = number("balance.peaks_lu_per_db").value * (peaks_db - peaks_db.mean())
    causes_lu += number("balance.crowd_lu_per_lu").value * (crowd_lu - crowd_lu.mean())
    most_lu = number("balance.causes_most_lu").value
    return Levels(np.clip(causes_lu, -most_lu, most_lu) + _by_role_lu(tracks), peaks_db, crowd_lu)


def peaks_over_loudness_db(track: TrackFacts) -> float:
    """Return the level that only one in a hundred 10 ms peaks exceeds while the track plays, over its gated loudness.

    A single click or a stick that hits the stand does not count, as it would in the largest sample.
    """
    loudness_lufs = integrated_from_energies(track.curves.energies_100ms)
    peaks = track.curves.peak_10ms.astype(np.float64)
    threshold_dbfs = track.figures.levels.active_threshold_dbfs
    active = peaks[track.curves.rms_10ms > 10 ** ((-120.0 if threshold_dbfs is None else threshold_dbfs) / 20)]
    if loudness_lufs is None or not active.size:
        return 0.0
    high = float(np.quantile(active, number("balance.peaks_quantile").value))
    return float(20 * np.log10(max(high, 1e-9)) - loudness_lufs)


def _crowd_lu(tracks: Sequence[TrackFacts]) -> NDArray[np.float64]:
    """Return how loud the sum is where each track sounds, weighted by its own power, all tracks at equal gated loudness."""
    energies = np.zeros((len(tracks), max(len(track.curves.energies_100ms) for track in tracks)))
    for row, track in zip(energies, tracks, strict=True):
        loudness_lufs = integrated_from_energies(track.curves.energies_100ms)
        if loudness_lufs is not None:
            row[: len(track.curves.energies_100ms)] = track.curves.energies_100ms * 10 ** (-loudness_lufs / 10)
    own = energies.sum(axis=1)
    together = energies @ energies.sum(axis=0)
    return 10 * np.log10(np.where(own > 0, together / np.where(own > 0, own, 1.0), 1.0))


def _by_role_lu(tracks: Sequence[TrackFacts]) -> NDArray[np.float64]:
    """Return the share of the role's offset that peaks and crowd leave, and the weight of a person; brightness where no role is known."""
    octaves = np.array([np.log2(max(track.figures.spectrum.centroid_hz or 1000.0, 20.0)) for track in tracks])
    bright_lu = np.clip(number("balance.brightness_db_per_octave").value * (octaves - octaves.mean()), -2, 2)
    rows = [role(track.track.role) for track in tracks]
    offset_lu = number("balance.role_share").value * np.array([row.level_lu for row in rows])
    is_unknown = np.array([track.track.role == "unknown" for track in tracks])
    weights = [max(track.track.priority, 0.1) / row.priority for track, row in zip(tracks, rows, strict=True)]
    return np.where(is_unknown, bright_lu, offset_lu) + np.clip(3 * np.log2(weights), -6, 4)


def _against_mean(what: str, values: NDArray[np.float64], place: int, row: str) -> Evidence:
    found = number(f"balance.{row}")
    return Evidence(
        what=what, value=float(values[place] - values.mean()), limit=0.0, unit=found.unit.partition("/")[2],
        source=f"balance.{row}: {source_text(found.source)}",
    )  # fmt: skip
