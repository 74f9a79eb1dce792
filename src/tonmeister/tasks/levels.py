"""Where each track belongs: equal loudness, corrected by causes that hold for any instrument, then by role and a person's weight.

The causes are measured on the sources, so the gains with which stems come do not matter.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import Evidence
from tonmeister.knowledge import number, role
from tonmeister.knowledge.rows import source_text
from tonmeister.tasks.prediction import k_weight
from tonmeister.tasks.wet import return_of

_HEARD_POWER = 1e-3  # half seconds this far below a track's loudest do not say what it sounds like


@dataclass(frozen=True, slots=True)
class Cause:
    """Something about a track that makes engineers set it higher or lower than equal loudness."""

    row: str
    """Row of knowledge: change of level per unit above the song's mean."""
    what: str
    measure: Callable[[TrackFacts], float]
    unit: str


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Loudness at which each track belongs, and what says so."""

    wanted_lu: NDArray[np.float64]
    """(tracks,) on a scale whose zero is free."""
    found: NDArray[np.float64]
    """(causes, tracks) each cause against the song's mean, in its unit."""

    def reasons(self, place: int) -> tuple[Evidence, ...]:
        """Return what was measured on one track against the song's mean, in the order of the causes."""
        return tuple(
            Evidence(
                what=f"{cause.what}, against the mean of all tracks", value=round(float(found[place]), 2), limit=0.0,
                unit=cause.unit, source=f"{cause.row}: {source_text(number(cause.row).source)}",
            )
            for cause, found in zip(CAUSES, self.found, strict=True)
        )  # fmt: skip


def find_levels(tracks: Sequence[TrackFacts]) -> Levels:
    """Add up the causes, bounded, then what a role and a person's weight say."""
    measured = np.array([[cause.measure(track) for track in tracks] for cause in CAUSES])
    found = measured - measured.mean(axis=1, keepdims=True)
    slopes = np.array([number(cause.row).value for cause in CAUSES])
    most_lu = number("balance.causes_most_lu").value
    by_person_lu = np.array([_by_role_lu(track) for track in tracks])
    wanted = np.clip(slopes @ found, -most_lu, most_lu) + by_person_lu
    kit = whole_kit(tracks)
    wanted[[track is kit for track in tracks]] += number("balance.whole_kit_lu").value
    returns = np.array([return_of(track) is not None for track in tracks])
    if returns.any() and not returns.all():
        wanted[returns] = wanted[~returns].mean() + number("space.return_lu").value
    return Levels(wanted, found)


def whole_kit(tracks: Sequence[TrackFacts]) -> TrackFacts | None:
    """Return the one stem that holds all drums of a song; None where drums come in several, or nothing else plays."""
    drums = [track for track in tracks if track.track.family == "drums"]
    return drums[0] if len(drums) == 1 < len(tracks) and drums[0].track.role == "drums" else None


def crest_db(track: TrackFacts) -> float:
    """Return the level of a track's highest 10 ms peaks over its RMS while it plays.

    One 10 ms step in a thousand is left out, so that a click does not count as it would in the largest sample.
    """
    levels = track.figures.levels
    if levels.active_threshold_dbfs is None or levels.active_rms_dbfs is None:
        return 0.0
    active = track.curves.peak_10ms[track.curves.rms_10ms > 10 ** (levels.active_threshold_dbfs / 20)]
    if not active.size:
        return 0.0
    high = float(np.quantile(active, number("balance.crest_quantile").value, method="lower"))
    return float(20 * np.log10(max(high, 1e-9)) - levels.active_rms_dbfs)


def bands_filled_db(track: TrackFacts) -> float:
    """Return how many ERB bands a track fills, as 10 log10 of the Hill number of its K-weighted powers.

    The order is Stevens' exponent of loudness (0.3): a band counts by how loud it is.
    """
    power = track.curves.erb_power.astype(np.float64) * k_weight()
    total = power.sum(axis=1)
    heard = power[total > _HEARD_POWER * total.max(initial=0.0)].sum(axis=0)
    if not heard.sum() > 0:
        return 0.0
    order = number("balance.bands_order").value
    return float(10 / (1 - order) * np.log10(np.sum((heard / heard.sum()) ** order)))


def playing_db(track: TrackFacts) -> float:
    """Return how long a track plays, as 10 log10 of seconds: sums of power grow so."""
    return float(10 * np.log10(max(track.figures.levels.active_s, 0.1)))


def brightness_octaves(track: TrackFacts) -> float:
    """Return the octaves of a track's spectral centroid over 20 Hz."""
    return float(np.log2(max(track.figures.spectrum.centroid_hz or 1000.0, 20.0) / 20))


CAUSES = (
    Cause("balance.crest_lu_per_db", "peaks over RMS", crest_db, "dB"),
    Cause("balance.bands_lu_per_db", "bands filled (10 log10)", bands_filled_db, "dB"),
    Cause("balance.playing_lu_per_db", "time it plays (10 log10)", playing_db, "dB"),
    Cause("balance.brightness_db_per_octave", "spectral centroid", brightness_octaves, "octaves"),
)


def _by_role_lu(track: TrackFacts) -> float:
    row = role(track.track.role)
    weight = max(track.track.priority, 0.1) / row.priority
    return row.level_lu + float(np.clip(3 * np.log2(weight), -6, 4))
