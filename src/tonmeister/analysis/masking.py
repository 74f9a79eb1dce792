"""Which track covers which, where and when, from band powers over time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ

ESSENTIAL_DB = 30.0
"""A band is essential to a track when it lies within so much of the track's strongest band (Hafezi and Reiss 2015)."""
COVERED_DB = 6.0
"""A cell stands out while its level is above that of all other tracks together minus this."""
ACTIVE_DB = 40.0
"""Half seconds further below the track's loudest one do not count."""
_TINY = 1e-14


@dataclass(frozen=True, slots=True, eq=False)
class Masking:
    """Masking among the tracks of a mix, at the levels they were given with."""

    centre_hz: NDArray[np.float64]
    """(bands,) centres of the ERB bands."""
    audibility: NDArray[np.float32]
    """(sections, tracks) share of the track's essential band-time cells that stand out of the rest; NaN where it is silent."""
    audible_share_by_band: NDArray[np.float32]
    """(sections, tracks, bands) the same per band; NaN where the band is not essential to the track."""
    essential: NDArray[np.bool_]
    """(tracks, bands) bands within 30 dB of the track's own strongest band."""
    excess_db: NDArray[np.float32]
    """(sections, maskers, maskees, bands) spread level of one track over the other's while the other sounds; NaN if silent."""
    masker_share: NDArray[np.float32]
    """(sections, maskers, maskees) part of the maskee's cells that are covered with this track as the strongest cover."""


def design_spreading() -> NDArray[np.float64]:
    """Return (40, 40) the power that one ERB band spreads into each other (Schroeder, Atal and Hall 1979, eq. 1).

    Frequencies go to Bark by Traunmueller 1990; the band itself counts with 1.
    """
    bark = 26.81 * ERB_CENTRES_HZ / (1960 + ERB_CENTRES_HZ) - 0.53
    distance = bark[None, :] - bark[:, None] + 0.474
    spread_db = 15.81 + 7.5 * distance - 17.5 * np.sqrt(1 + distance**2)
    spread: NDArray[np.float64] = 10 ** (np.minimum(spread_db - spread_db[0, 0], 0) / 10)
    return spread


def measure_masking(
    erb_power: Sequence[NDArray[np.float32]],
    *,
    sections: Sequence[tuple[int, int]] | None = None,
    gains_db: NDArray[np.float64] | None = None,
    covered_db: float = COVERED_DB,
) -> Masking:
    """Return what covers what among tracks.

    Args:
        erb_power: `TrackCurves.erb_power` of each track, (half seconds, 40); shorter ones count as silent after their end.
        sections: First and last-but-one half second of each section; None is the whole song as one.
        gains_db: (tracks,) or (tracks, half seconds) gain of each track in the mix.
        covered_db: By how much a cell may lie below the rest and still be heard.
    """
    power = _stack(erb_power, gains_db)
    tracks, halves, bands = power.shape
    sections = sections or [(0, halves)]
    spread = (power.reshape(-1, bands) @ design_spreading()).reshape(power.shape)
    cells, essential, active = _find_cells(power)
    covered = cells & (spread < (spread.sum(axis=0) - spread) * 10 ** (-covered_db / 10))
    strongest = _strongest_other(spread)
    shape = len(sections), tracks
    by_band = np.full((*shape, bands), np.nan, np.float32)
    audibility = np.full(shape, np.nan, np.float32)
    excess = np.full((*shape, tracks, bands), np.nan, np.float32)
    share = np.zeros((*shape, tracks), np.float32)
    for number, (start, end) in enumerate(sections):
        here = slice(start, end)
        counted, hidden = cells[:, here].sum(axis=1), covered[:, here].sum(axis=1)
        np.divide(counted - hidden, counted, out=by_band[number], where=counted > 0, casting="unsafe")
        total = counted.sum(axis=1)
        np.divide(total - hidden.sum(axis=1), total, out=audibility[number], where=total > 0, casting="unsafe")
        excess[number] = _excess(spread[:, here], active[:, here])
        for maskee in range(tracks):
            count = np.bincount(strongest[maskee, here][covered[maskee, here]], minlength=tracks)
            share[number, :, maskee] = count / max(1, total[maskee])
    return Masking(ERB_CENTRES_HZ, audibility, by_band, essential, excess, share)


def _stack(erb_power: Sequence[NDArray[np.float32]], gains_db: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """Return (tracks, half seconds, bands) with the gains applied."""
    halves = max((len(part) for part in erb_power), default=0)
    power = np.zeros((len(erb_power), halves, ERB_CENTRES_HZ.size))
    for row, part in zip(power, erb_power, strict=True):
        row[: len(part)] = part
    if gains_db is not None:
        gains = np.asarray(gains_db, dtype=np.float64)
        power *= 10 ** (gains.reshape(len(power), -1, 1) / 10)
    return power


def _find_cells(
    power: NDArray[np.float64],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return (tracks, halves, bands) cells that matter, (tracks, bands) essential bands, (tracks, halves) activity."""
    level = power.sum(axis=2)
    active = level > np.maximum(level.max(axis=1, keepdims=True, initial=0) * 10 ** (-ACTIVE_DB / 10), _TINY)
    mean = power.mean(axis=1) if power.shape[1] else power.sum(axis=1)
    near = 10 ** (-ESSENTIAL_DB / 10)
    essential = mean > np.maximum(mean.max(axis=1, keepdims=True) * near, _TINY)
    loud_now = power > power.max(axis=2, keepdims=True) * near
    return essential[:, None, :] & active[:, :, None] & loud_now, essential, active


def _strongest_other(spread: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return (tracks, halves, bands) which other track is the strongest in each cell."""
    if len(spread) == 0:
        return np.zeros(spread.shape, np.int64)
    first = spread.argmax(axis=0)
    rest = spread.copy()
    np.put_along_axis(rest, first[None], -1.0, axis=0)
    second = rest.argmax(axis=0)
    index = np.arange(len(spread))[:, None, None]
    other: NDArray[np.int64] = np.where(first[None] == index, second[None], first[None])
    return other


def _excess(spread: NDArray[np.float64], active: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return (maskers, maskees, bands) mean spread power of one over that of the other, while the other sounds, in dB."""
    tracks, halves, bands = spread.shape
    while_active = active.astype(np.float64) @ spread.transpose(1, 0, 2).reshape(halves, tracks * bands)
    mean = while_active.reshape(tracks, tracks, bands).transpose(1, 0, 2)
    own = np.einsum("iib->ib", mean)
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = 10 * np.log10(mean / own[None])
    excess[~np.isfinite(excess)] = np.nan
    rounded: NDArray[np.float32] = excess.astype(np.float32)
    return rounded
