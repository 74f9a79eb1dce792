"""The ruler of `unmasking`: what is covered, at what cost in tone, and on whom the moves sit; plain NumPy on third octaves.

Nothing here comes from the product, which works on excitation in ERB bands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CENTRES_HZ: Floats = 1000.0 * 10 ** (np.arange(-13, 13) / 10)
"""The 26 third octaves from 50 Hz to 16 kHz."""
STEP_S = 0.1
SECTION_S = 8.0
"""Sections of one length, so that the form that the engine hears has no say."""
LIMIT_DB = -6.0
"""Harm begins where a third octave of the protected track lies further below the rest (Hafezi and Reiss 2015: 6 dB)."""
CARRIES_DB = 15.0
"""A third octave within so much of the section's strongest carries the track."""
CONSONANTS_HZ, CONSONANTS_DB = (1900.0, 6500.0), 30.0
"""Those of a voice count within so much of its strongest."""
ACTIVE_DB = 25.0
"""Steps further below the track's 95th percentile are pauses."""
KICK_HZ, KICK_ACTIVE_DB = 130.0, 10.0
"""Of a kick its lows count, which it shares with the bass, and the time of its hits, not what bleeds in between."""
LEAST_S = 1.0
"""A section in which the track sounds for less has no say."""
SPEECH_IMPORTANCE: Floats = np.array(
    [
        0,
        0,
        0,
        0,
        0,
        0.0083,
        0.0095,
        0.015,
        0.0289,
        0.044,
        0.0578,
        0.0653,
        0.0711,
        0.0818,
        0.0844,
        0.0882,
        0.0898,
        0.0868,
        0.0844,
        0.0771,
        0.0527,
        0.0364,
        0.0185,
        0,
        0,
        0,
    ]
)
"""Band importance of the Speech Intelligibility Index (ANSI S3.5-1997, table 3)."""
LOUDNESS = 0.3
"""Other tracks weigh each third octave by its share of their power to this exponent (Stevens)."""
HARM_LEAST_DB = 0.05
"""Sessions with less weighted harm before have nothing to take away."""
_TINY = 1e-20


@dataclass(frozen=True)
class Protected:
    """A track that must be heard."""

    place: int
    """Its place among the tracks."""
    weight: float
    """Its priority."""
    kind: Literal["voice", "kick", "other"]
    """What says which third octaves count, and how much."""
    beside: tuple[int, ...] = ()
    """Tracks that belong to it (its doubles, its drum kit), which do not count as the rest."""


@dataclass(frozen=True)
class Move:
    """What a move of the engine touches."""

    track: int
    kind: str
    low_hz: float
    high_hz: float
    """Where it acts."""


def third_octaves(frames: NDArray[np.float32], rate_hz: int) -> Floats:
    """Return (frames, 26) power in each third octave of (frames, samples)."""
    size = frames.shape[1]
    window = np.hanning(size).astype(np.float32)
    power = np.square(np.abs(np.fft.rfft(frames * window, axis=1))).astype(np.float64)
    power *= 2.0 / (size * float(np.square(window, dtype=np.float64).sum()))
    hz = np.fft.rfftfreq(size, 1 / rate_hz)
    edges = np.searchsorted(hz, 1000.0 * 10 ** ((np.arange(-13, 14) - 0.5) / 10))
    total = np.concatenate([np.zeros((len(power), 1)), np.cumsum(power, axis=1)], axis=1)
    return np.asarray(total[:, edges[1:]] - total[:, edges[:-1]])


def harm_db(power: Floats, protected: Sequence[Protected]) -> float:
    """Return the weighted harm of a mix from (tracks, steps, 26) powers: mean dB below the limit, summed over the protected."""
    return float(sum(one.weight * _harm_of(power, one) for one in protected))


def _harm_of(power: Floats, one: Protected) -> float:
    total = seconds = 0.0
    for cell in _sections(power, one):
        ratio_db = 10 * np.log10(np.maximum(cell.own, _TINY) / np.maximum(cell.rest.sum(axis=0), _TINY))
        total += cell.seconds * float((cell.weight * np.maximum(0.0, LIMIT_DB - ratio_db)).sum())
        seconds += cell.seconds
    return total / seconds if seconds else 0.0


@dataclass(frozen=True)
class _Section:
    seconds: float
    """Time in which the protected track sounds."""
    own: Floats
    """(26,) its mean power in that time."""
    rest: Floats
    """(tracks, 26) that of all others; 0 for those that belong to it."""
    weight: Floats
    """(26,) importance; 0 for bands that do not carry it."""


def _sections(power: Floats, one: Protected) -> list[_Section]:
    level = power[one.place].sum(axis=1)
    if not (level > _TINY).any():
        return []
    range_db = KICK_ACTIVE_DB if one.kind == "kick" else ACTIVE_DB
    active = level > np.percentile(level[level > _TINY], 95) * 10 ** (-range_db / 10)
    found, length, aside = [], round(SECTION_S / STEP_S), [one.place, *one.beside]
    for start in range(0, power.shape[1], length):
        here = np.flatnonzero(active[start : start + length]) + start
        if here.size * STEP_S < LEAST_S:
            continue
        mean = power[:, here].mean(axis=1)
        rest = mean.copy()
        rest[aside] = 0.0
        found.append(_Section(here.size * STEP_S, mean[one.place], rest, _weights(mean[one.place], one.kind)))
    return found


def _weights(own: Floats, kind: str) -> Floats:
    carries = own > own.max() * 10 ** (-CARRIES_DB / 10)
    if kind == "kick":
        carries &= CENTRES_HZ < KICK_HZ
    if kind == "voice":
        hiss = (CONSONANTS_HZ[0] <= CENTRES_HZ) & (CONSONANTS_HZ[1] >= CENTRES_HZ)
        carries |= hiss & (own > own.max() * 10 ** (-CONSONANTS_DB / 10))
        return np.where(carries, SPEECH_IMPORTANCE, 0.0)
    share = np.where(carries, own, 0.0) ** LOUDNESS
    return np.asarray(share / max(share.sum(), _TINY))


def tonal_cost_db(before: Floats, after: Floats) -> float:
    """Return the mean absolute change of a track's third octaves, level-matched in each section, from (steps, 26) powers."""
    length, total, seconds = round(SECTION_S / STEP_S), 0.0, 0
    for start in range(0, len(before), length):
        pair = [part[start : start + length].mean(axis=0) for part in (before, after)]
        sounds = pair[0] > max(float(pair[0].max()) * 1e-6, _TINY)
        if not sounds.any() or pair[0].sum() < 1e-4 * before.sum(axis=1).max():
            continue
        change = 10 * np.log10(np.maximum(pair[1][sounds], _TINY) / pair[0][sounds])
        level = 10 * np.log10(pair[1].sum() / pair[0].sum())
        total += float(np.abs(change - level).mean())
        seconds += 1
    return total / seconds if seconds else 0.0


def is_on_offender(move: Move, before: Floats, after: Floats, protected: Sequence[Protected]) -> bool:
    """Whether a move sits on the strongest of the rest somewhere where it acts and the rest is louder than a protected track.

    All other tracks are as they end up, the moved one as it was: of two offenders the second is the offender behind the first.
    """
    power = after.copy()
    power[move.track] = before[move.track]
    third = 10**0.1
    near = (move.low_hz / third <= CENTRES_HZ) & (move.high_hz * third >= CENTRES_HZ)
    for one in protected:
        if move.track in (one.place, *one.beside):
            continue
        for cell in _sections(power, one):
            strongest = cell.rest.argmax(axis=0) == move.track
            covered = cell.rest.sum(axis=0) > cell.own
            if (strongest & covered & near & (cell.weight > 0)).any():
                return True
    return False


def read_moves(document: Mapping[str, Any], places: Mapping[str, int]) -> list[Move]:
    """Return what the masking task did, from `mix.json`: one entry a band, fader, pan or compressor."""
    found = []
    for move in document["moves"]:
        track, change = move["where"].get("track"), move["change"]
        if move["task"] != "masking" or move["state"] not in ("accepted", "locked") or change["kind"] == "nothing":
            continue
        reaches = [(0.0, 20_000.0)]
        if change["kind"] == "band":
            reaches = [_reach(change["band"])]
        elif change["kind"] == "insert" and "bands" in change["insert"]["processor"]:
            reaches = [_reach(band) for band in change["insert"]["processor"]["bands"]]
        found += [Move(places[track], change["kind"], *reach) for reach in reaches]
    return found


def _reach(band: Mapping[str, Any]) -> tuple[float, float]:
    """Return the third octave around a bell, or all that a shelf or filter takes."""
    shape, hz = band.get("shape", "peak"), float(band["frequency_hz"])
    if shape in ("high_pass", "low_shelf"):
        return 0.0, hz
    return (hz, 20_000.0) if shape in ("low_pass", "high_shelf") else (hz * 10**-0.05, hz * 10**0.05)
