"""Findings of masking: who covers whom, in which band, from when to when, by how much, and whether that does harm."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ, ERB_EDGES_HZ, from_cam, to_cam
from tonmeister.analysis.masking import design_spreading
from tonmeister.kernels import njit
from tonmeister.model import Db, Hz, Model, Seconds, Share

LEAST_EXCESS_DB = 6.0
"""A masker is heard over another track from so much more in the same band (Hafezi and Reiss 2015 take the same)."""
NEEDS_BAND_DB = 15.0
"""A track needs the bands within so much of its strongest, both at the time and over the song."""
LEAST_S = 1.5
"""Shorter covers are part of the playing."""
BRIDGE_HALVES = 2
"""Gaps up to one second in a cover are bridged."""
FADING_DB, FADING_SHARE, FADING_HALVES = 4.0, 0.25, 2
"""A cover begins and ends where it is weaker: up to a second further, while the masker has so much more and so much of what all others have."""
LOST = 0.5
"""Harm is done where less than half of the loudness that the band would have alone is left."""
UNUSUAL_DB = 6.0
"""A masker that has so much more than usual in a band does not need it there."""
FULL_SCALE_DB_SPL = 103.0
"""Level at which full scale is played: -20 dBFS at 83 dB SPL (SMPTE RP 200)."""
_TINY = 1e-14


class Conflict(Model):
    """One track over another in a band for a while."""

    masker: int
    """Place of the track that covers."""
    maskee: int
    """Place of the track that is covered."""
    centre_hz: Hz
    """Where the cover is strongest."""
    low_hz: Hz
    """Lower edge of the band."""
    high_hz: Hz
    """Upper edge of the band."""
    start_s: Seconds
    """From when on."""
    end_s: Seconds
    """Until when."""
    excess_db: Db
    """Level of the masker over the maskee at the centre, mean over the time."""
    kept: Share
    """Part of the maskee's loudness in the band that is left beside all other tracks (partial over full loudness)."""
    harmful: bool
    """Whether the covered track needs the band, loses most of it, and matters more than the masker, or as much while the
    masker has more there than usual; otherwise mere overlap."""


@dataclass(frozen=True, slots=True, eq=False)
class Conflicts:
    """The findings, and how far the song is from harm where there is none."""

    findings: tuple[Conflict, ...]
    """Worst first."""
    margin_db: float
    """What is missing to the nearest harm, in dB; negative by how much the worst one exceeds the limit."""


def find_conflicts(
    erb_power: Sequence[NDArray[np.float32]],
    *,
    priorities: Sequence[float],
    gains_db: NDArray[np.float64] | None = None,
    same_source: Sequence[tuple[int, int]] = (),
) -> Conflicts:
    """Return who covers whom among tracks, from `TrackCurves.erb_power` of each, (half seconds, 40).

    Excitation spreads by Schroeder, Atal and Hall 1979; what is left of a track is the partial loudness of Moore, Glasberg
    and Baer 1997 against all others together.

    Args:
        erb_power: Band powers; shorter ones count as silent after their end.
        priorities: How much each track matters; a more important track does no harm to a lesser one.
        gains_db: (tracks,) gain of each track in the mix.
        same_source: Tracks that hear one source do not cover each other.
    """
    halves = max((len(part) for part in erb_power), default=0)
    power = np.zeros((len(erb_power), halves, ERB_CENTRES_HZ.size))
    for row, part in zip(power, erb_power, strict=True):
        row[: len(part)] = part
    if gains_db is not None:
        power *= 10 ** (gains_db[:, None, None] / 10)
    if len(power) < 2 or halves == 0:
        return Conflicts((), np.inf)
    spread = (power.reshape(-1, power.shape[2]) @ design_spreading()).reshape(power.shape)
    total = spread.sum(axis=0)
    level_db = 10 * np.log10(np.maximum(power, _TINY))
    needs = _needed(power)
    unusual = _unusual(power)
    findings: list[Conflict] = []
    nearest = -np.inf
    together = {frozenset(pair) for pair in same_source}
    for maskee in range(len(power)):
        if not needs[maskee].any():
            continue
        kept: NDArray[np.float64] | None = None
        for masker in range(len(power)):
            if masker == maskee or frozenset((masker, maskee)) in together:
                continue
            excess = level_db[masker] - level_db[maskee]
            dominant = spread[masker] > 0.5 * (total - spread[maskee])
            matters = priorities[maskee] - priorities[masker]
            can_harm = needs[maskee] & (unusual[masker] if matters == 0 else matters > 0)
            nearest = max(nearest, _worst(excess, needs[maskee] & can_harm))
            cells = needs[maskee] & dominant & (excess >= LEAST_EXCESS_DB)
            if not cells.any():
                continue
            fading = needs[maskee] & (excess >= FADING_DB) & (spread[masker] > FADING_SHARE * (total - spread[maskee]))
            for cover in _covers(cells):
                if kept is None:
                    kept = _kept_share(spread[maskee], total - spread[maskee])
                found = _describe(cover, (masker, maskee), excess, kept, can_harm)
                findings.append(found.model_copy(update=_span(cover, fading)))
    findings.sort(
        key=lambda c: (not c.harmful, -round(c.excess_db * (c.end_s - c.start_s), 3), c.masker, c.maskee, c.low_hz)
    )
    return Conflicts(tuple(findings), round(LEAST_EXCESS_DB - nearest, 2))


def partial_loudness(
    signal: NDArray[np.float64], masker: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return specific loudness of a signal alone and beside a masker (Moore, Glasberg and Baer 1997, eqs. 1, 15 to 18).

    Excitations in any shape, relative to that of a 0 dB SPL tone at 1 kHz; the middle of the frequency range (500 Hz and
    above: threshold of excitation 2.31, K = -3 dB) stands for all bands, which is what a comparison needs.
    """
    loud_c, loud_a, alpha, quiet, detect = 0.047, 4.62, 0.2, 2.31, 0.5
    threshold = detect * masker + quiet
    alone = loud_c * ((signal + loud_a) ** alpha - loud_a**alpha)
    with np.errstate(divide="ignore"):
        fade = (threshold / np.maximum(signal, 1e-9)) ** 0.3
    below = (masker * (1 + detect) + quiet + loud_a) ** alpha - (quiet + loud_a) ** alpha
    heard = loud_c * ((signal + masker + loud_a) ** alpha - loud_a**alpha) - loud_c * below * fade
    threshold_rise = (masker * (1 + detect) + quiet + loud_a) ** alpha - (masker + loud_a) ** alpha
    rise = (signal + masker + loud_a) ** alpha - (masker + loud_a) ** alpha
    at_threshold = (quiet + loud_a) ** alpha - loud_a**alpha
    hidden = loud_c * (2 * signal / (signal + threshold)) ** 1.5 * at_threshold / threshold_rise * rise
    return alone, np.where(signal > threshold, np.maximum(heard, 0), np.minimum(hidden, alone))


def _kept_share(own: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (halves, bands) the share of a track's specific loudness that is left beside the others."""
    scale = 10 ** (FULL_SCALE_DB_SPL / 10)
    alone, beside = partial_loudness(own * scale, others * scale)
    share: NDArray[np.float64] = np.clip(beside / np.maximum(alone, 1e-9), 0, 1)
    return share


def _needed(power: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return (tracks, halves, bands) where a track sounds and needs the band."""
    near = 10 ** (-NEEDS_BAND_DB / 10)
    level = power.sum(axis=2)
    active = level > np.maximum(1e-3 * level.max(axis=1, keepdims=True), _TINY)
    usual = _usual(power, active)
    essential = usual > near * usual.max(axis=1, keepdims=True)
    now = power > near * power.max(axis=2, keepdims=True)
    needed: NDArray[np.bool_] = now & active[:, :, None] & essential[:, None, :]
    return needed


def _unusual(power: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return (tracks, halves, bands) where a track has more than it usually has while it sounds."""
    level = power.sum(axis=2)
    active = level > np.maximum(1e-4 * level.max(axis=1, keepdims=True), _TINY)
    more: NDArray[np.bool_] = power > _usual(power, active)[:, None, :] * 10 ** (UNUSUAL_DB / 10)
    return more


def _usual(power: NDArray[np.float64], active: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return (tracks, bands) the middle power of each band while the track sounds: what a few seconds do not change."""
    rows = [
        np.median(part[on], axis=0) if on.any() else part.mean(axis=0) for part, on in zip(power, active, strict=True)
    ]
    return np.array(rows)


def _worst(excess: NDArray[np.float64], cells: NDArray[np.bool_]) -> float:
    """Return the highest excess that any of the cells keeps for at least the shortest time."""
    steps = round(LEAST_S * 2)
    if len(excess) < steps:
        return -np.inf
    held = np.where(cells, excess, -np.inf)
    lowest = held[: len(held) - steps + 1]
    for shift in range(1, steps):
        lowest = np.minimum(lowest, held[shift : shift + len(lowest)])
    return float(lowest.max())


def _covers(cells: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Return the (cells, 2) half second and band of each patch that lasts long enough, short gaps bridged."""
    index = np.arange(len(cells))[:, None]
    last = np.maximum.accumulate(np.where(cells, index, -len(cells)), axis=0)
    following = np.minimum.accumulate(np.where(cells, index, 2 * len(cells))[::-1], axis=0)[::-1]
    closed = following - last <= BRIDGE_HALVES + 1
    labels = np.zeros(closed.shape, np.int64)
    count = _label(closed, labels)
    if count == 0:
        return []
    halves, bands = np.nonzero(labels)
    order = np.argsort(labels[halves, bands], kind="stable")
    places = np.stack([halves, bands], axis=1)[order]
    patches = np.split(places, np.cumsum(np.bincount(labels[labels > 0])[1:])[:-1])
    return [patch for patch in patches if np.ptp(patch[:, 0]) + 1 >= round(2 * LEAST_S)]


def _span(cover: NDArray[np.int64], fading: NDArray[np.bool_]) -> dict[str, float]:
    """Return from when and until when a patch is a cover, with what fades in and out in its bands; one half second may lack."""
    going_on = np.logical_or.reduce(fading[:, np.unique(cover[:, 1])], axis=1)
    first, last = int(cover[:, 0].min()), int(cover[:, 0].max())
    before, after = going_on[max(0, first - FADING_HALVES) : first][::-1], going_on[last + 1 : last + 1 + FADING_HALVES]
    further = [int(np.flatnonzero(part)[-1]) + 1 if part.any() else 0 for part in (before, after)]
    return {"start_s": (first - further[0]) / 2, "end_s": (last + 1 + further[1]) / 2}


@njit(nogil=True, cache=True)
def _label(cells: NDArray[np.bool_], labels: NDArray[np.int64]) -> int:
    """Number the patches of neighbouring cells (time or band) from 1 on; return how many there are."""
    count, halves, bands = 0, cells.shape[0], cells.shape[1]
    stack = np.empty((halves * bands + 1, 2), np.int64)
    for half in range(halves):
        for band in range(bands):
            if not cells[half, band] or labels[half, band]:
                continue
            count += 1
            labels[half, band] = count
            stack[0, 0], stack[0, 1] = half, band
            top = 1
            while top:
                top -= 1
                t, b = stack[top, 0], stack[top, 1]
                for step in range(4):
                    nt, nb = t + (step == 0) - (step == 1), b + (step == 2) - (step == 3)
                    if 0 <= nt < halves and 0 <= nb < bands and cells[nt, nb] and not labels[nt, nb]:
                        labels[nt, nb] = count
                        stack[top, 0], stack[top, 1] = nt, nb
                        top += 1
    return count


def _describe(
    cover: NDArray[np.int64], pair: tuple[int, int], excess: NDArray[np.float64], kept: NDArray[np.float64],
    can_harm: NDArray[np.bool_],
) -> Conflict:  # fmt: skip
    halves, bands = cover[:, 0], cover[:, 1]
    weight = np.maximum(excess[halves, bands], 0.1)
    by_band = np.bincount(bands, weights=weight, minlength=ERB_CENTRES_HZ.size)
    cam = float(np.average(to_cam(ERB_CENTRES_HZ), weights=by_band))
    centre = int(np.argmin(np.abs(to_cam(ERB_CENTRES_HZ) - cam)))
    near = np.abs(bands - centre) <= int(np.abs(bands - centre).min())
    left = float(np.average(kept[halves, bands], weights=weight + 1e-9))
    harmful = left < LOST and bool(can_harm[halves, bands].mean() > 0.5)
    return Conflict(
        masker=pair[0],
        maskee=pair[1],
        centre_hz=round(float(from_cam(np.array(cam))), 1),
        low_hz=round(float(ERB_EDGES_HZ[bands.min()]), 1),
        high_hz=round(float(ERB_EDGES_HZ[bands.max() + 1]), 1),
        start_s=float(halves.min()) / 2,
        end_s=float(halves.max() + 1) / 2,
        excess_db=round(float(excess[halves[near], bands[near]].mean()), 2),
        kept=round(left, 3),
        harmful=harmful,
    )
