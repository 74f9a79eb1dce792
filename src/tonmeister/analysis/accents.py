"""What beats and bars are told from: onset curves of the song by who plays, 100 steps a second."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.levels import rise_of_level

Floats = NDArray[np.float64]
RATE = 100
"""Steps of every curve in a second."""
FAMILY_WEIGHT = {"drums": 2.0, "bass": 1.2, "vocal": 0.3, "effects": 0.3, "strings": 0.6, "mix": 2.0}
"""How much the onsets of a family say about the beat; others 1."""
UNPITCHED = frozenset({"drums", "effects"})
_LIMIT_DB, _LEAST_DB = 20.0, 3.0
_USUAL_PERCENT = 98
"""Rises above this percentile are all alike."""
_EMPTY = np.zeros(0)

Kit = Literal["played", "absent", "unknown"]
"""Whether a drum kit plays: unknown where a whole mix came as one file."""


class OnsetSource(Protocol):
    """What is read of a track: see `TrackCurves`."""

    @property
    def rms_10ms(self) -> NDArray[np.float32]: ...  # noqa: D102 - its name says it
    @property
    def onset_10ms(self) -> NDArray[np.float32]: ...  # noqa: D102 - its name says it
    @property
    def low_10ms(self) -> NDArray[np.float32]: ...  # noqa: D102 - its name says it
    @property
    def chroma_125ms(self) -> NDArray[np.float32]: ...  # noqa: D102 - its name says it


@dataclass(frozen=True, slots=True, eq=False)
class Accents:
    """Onset curves of a song; those of nobody are zeros, or empty."""

    onsets: Floats
    """Of all tracks, see `combine_onsets`."""
    low: Floats
    """What sounds below about 200 Hz, see `combine_low_onsets`."""
    kick: Floats = field(default_factory=_EMPTY.copy)
    """Low rises of drums, and of a whole mix; 0..1."""
    snare: Floats = field(default_factory=_EMPTY.copy)
    """Rises of drums above 200 Hz by their amplitude, so that hats count little, where no kick sounds; 0..1."""
    bass: Floats = field(default_factory=_EMPTY.copy)
    """Low rises of basses; 0..1."""
    deep: Floats = field(default_factory=_EMPTY.copy)
    """Low onsets of drums less their other onsets, in standard deviations."""
    powers: Sequence[Floats] = ()
    """(steps + 1,) running sum of the mean squares of each track, from 0 on."""
    chroma: Floats = field(default_factory=lambda: np.zeros((0, 12)))
    """(eighths of a second, 12) of what has pitch."""
    bass_chroma: Floats = field(default_factory=lambda: np.zeros((0, 12)))
    """(eighths of a second, 12) of basses."""
    kit: Kit = "unknown"
    """Whether drums play."""


def measure_accents(tracks: Sequence[OnsetSource], families: Sequence[str], roles: Sequence[str]) -> Accents:
    """Return the accents of a song from the curves of its tracks."""
    onsets = combine_onsets([track.onset_10ms for track in tracks], families)
    pairs = list(zip(tracks, families, roles, strict=True))
    drums = [track for track, family, _ in pairs if family == "drums"]
    basses = [track for track, family, _ in pairs if family == "bass"]
    whole = [track for track, family, _ in pairs if family == "mix"]
    pitched = [track for track, family, _ in pairs if family not in UNPITCHED] or list(tracks)
    kicks = [track for track, family, role in pairs if family == "drums" and role != "snare"]
    snares = [track for track, family, role in pairs if family == "drums" and role != "kick"]
    size = onsets.size
    kick = _rises([track.low_10ms for track in (*kicks, *whole)], size)
    return Accents(
        onsets=onsets,
        low=combine_low_onsets([track.low_10ms for track in tracks], families),
        kick=kick,
        snare=_rises([_without_lows(track) for track in (*snares, *whole)], size) * (1 - _around(kick)),
        bass=_rises([track.low_10ms for track in (*basses, *whole)], size),
        deep=_deep(drums, size),
        powers=[np.concatenate([[0.0], np.cumsum(np.square(t.rms_10ms, dtype=np.float64))]) for t in tracks],
        chroma=_sum_chroma(pitched),
        bass_chroma=_sum_chroma(basses),
        kit="played" if drums else "unknown" if whole else "absent",
    )


def combine_onsets(onset_10ms: Sequence[NDArray[np.float32]], families: Sequence[str] | None = None) -> Floats:
    """Return one onset curve; a rise of 20 dB counts as much as any higher one, and drums more than voices."""
    total = np.zeros(max((curve.size for curve in onset_10ms), default=0))
    for number, curve in enumerate(onset_10ms):
        weight = 1.0 if families is None else FAMILY_WEIGHT.get(families[number], 1.0)
        total[: curve.size] += weight * np.where(curve > _LEAST_DB, np.minimum(curve, _LIMIT_DB), 0)
    return total


def combine_low_onsets(low_10ms: Sequence[NDArray[np.float32]], families: Sequence[str] | None = None) -> Floats:
    """Return the onset curve of what sounds below about 200 Hz: kicks and basses say where the beat is."""
    powers = [np.square(curve, dtype=np.float64) for curve in low_10ms]
    loud = [float(power.mean()) for power in powers]
    heard = [level > 0.01 * max(loud) for level in loud]
    rises = [rise_of_level(power) if kept else np.zeros_like(power) for power, kept in zip(powers, heard, strict=True)]
    return combine_onsets(rises, families)


def _rises(levels: Sequence[NDArray[np.float32]], size: int) -> Floats:
    """Return the sum of the rises of some levels: loud hits count more, up to what is usual."""
    total = np.zeros(size)
    for level in levels:
        total[: level.size] += np.maximum(np.diff(level[:size], prepend=level[:1]), 0)
    return _to_one(total)


def _around(curve: Floats) -> Floats:
    """Return the highest of the two steps to either side: the beater of a kick sounds above 200 Hz too, and it is no snare."""
    padded = np.pad(curve, 2)
    highest: Floats = np.max([padded[shift : shift + curve.size] for shift in range(5)], axis=0)
    return highest


def _to_one(curve: Floats) -> Floats:
    some = curve[curve > 0]
    return np.minimum(curve / np.percentile(some, _USUAL_PERCENT), 1.0) if some.size else curve


def _without_lows(track: OnsetSource) -> NDArray[np.float32]:
    size = min(track.rms_10ms.size, track.low_10ms.size)
    rest = np.square(track.rms_10ms[:size]) - np.square(track.low_10ms[:size])
    high: NDArray[np.float32] = np.sqrt(np.maximum(rest, 0))
    return high


def _deep(drums: Sequence[OnsetSource], size: int) -> Floats:
    total = np.zeros(size)
    low, every = (
        combine_low_onsets([drum.low_10ms for drum in drums]),
        combine_onsets([drum.onset_10ms for drum in drums]),
    )
    for curve, sign in ((low, 1.0), (every, -1.0)):
        total[: curve.size] += sign * curve[:size] / max(float(curve.std()) if curve.size else 0.0, 1e-9)
    return total


def _sum_chroma(tracks: Sequence[OnsetSource]) -> Floats:
    total = np.zeros((max((len(track.chroma_125ms) for track in tracks), default=0), 12))
    for track in tracks:
        total[: len(track.chroma_125ms)] += track.chroma_125ms
    return total


def height_at(curve: Floats, times_s: Floats, *, reach: int = 3) -> Floats:
    """Return the highest step within so many to either side of each moment; zeros of an empty curve."""
    if curve.size <= 2 * reach + 1:
        return np.zeros(times_s.size)
    at = np.clip(np.round(times_s * RATE).astype(np.int64), reach, curve.size - reach - 1)
    highest: Floats = np.max([curve[at + shift] for shift in range(-reach, reach + 1)], axis=0)
    return highest
