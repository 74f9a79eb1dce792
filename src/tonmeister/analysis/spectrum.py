"""Long-term spectrum, band powers over time and onset strength from one short-time Fourier transform.

The sum of a stereo track's channels is analysed in full; their difference in every fourth frame, which is enough for
averages of half a second and more, so that nothing is missed of a wide or polarity-flipped track.
Below about 80 Hz the bins (11.7 Hz at 48 kHz) are wider than third octaves: levels there are smeared over neighbours.
"""

import copy
import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_BANDS, ERB_EDGES_HZ, THIRD_OCTAVE_EDGES_HZ, share_bins, sum_bins
from tonmeister.analysis.chunks import Chunk
from tonmeister.analysis.power_transform import LEAST_FRAME, make_tables
from tonmeister.analysis.spectrum_kernels import add_power, halve
from tonmeister.analysis.timbre import SHAPE_COLUMNS, SHAPE_EDGES_HZ, describe_timbre
from tonmeister.model import Db, Hz, Model

CHROMA_PER_S = 8
"""Steps of the chroma over time in a second: finer than a beat, about three frames each."""
SILENCE_DBFS = -120.0
"""Lowest band level that is told."""
_SIDE_EVERY = 4
_FLUX_FLOOR = 1e-9  # power per ERB band below which changes do not count: -90 dBFS


class Spectrum(Model):
    """What the long-term spectrum of the active parts says in a few numbers; None for silence."""

    centroid_hz: Hz | None = None
    """Centre of gravity of the power spectrum."""
    slope_db_per_octave: Db | None = None
    """Straight line through the power density of the third octaves from 100 Hz to 10 kHz; white noise is 0, pink -3."""
    low_edge_hz: Hz | None = None
    """Below this lies 1 % of the power."""
    high_edge_hz: Hz | None = None
    """Above this lies 1 % of the power."""
    flatness_db: Db | None = None
    """Geometric over arithmetic mean of the third-octave power densities, 100 Hz to 10 kHz; 0 is flat noise."""


@dataclass(frozen=True, slots=True, eq=False)
class SpectrumCurves:
    """What the transform found over a whole track; powers are mean squares, channels averaged."""

    bin_hz: float
    """Width of a bin."""
    mid: NDArray[np.float64]
    """(bins,) mean power of the channels' half sum in each bin, over all frames."""
    side: NDArray[np.float64]
    """(bins,) mean power of the channels' half difference in each bin."""
    mid_paired: NDArray[np.float64]
    """(bins,) as mid, over the frames in which side was measured: the pair to compare."""
    erb_power: NDArray[np.float32]
    """(half seconds, 40) mean power in each ERB band."""
    flux: NDArray[np.float32]
    """(frames,) mean rise of the ERB band levels since the frame before, in dB."""
    bands: NDArray[np.float32]
    """(frames, 40) power of the channels' half sum in each ERB band of each frame."""
    timbre: NDArray[np.float32]
    """(len(timbre.NAMES),) what the sound is like from moment to moment, whatever its level."""
    chroma_125ms: NDArray[np.float32]
    """(steps, 12) mean square of each pitch class of the channels' half sum, from C on, in each eighth of a second."""

    @property
    def power(self) -> NDArray[np.float64]:
        """(bins,) mean power of both channels."""
        return self.mid + self.side

    def scaled(self, gain: float) -> "SpectrumCurves":
        """Return the same with the long-term powers, not those over time, multiplied."""
        return replace(self, mid=self.mid * gain, side=self.side * gain, mid_paired=self.mid_paired * gain)


def window_frames(sample_rate_hz: int) -> int:
    """Return the length of the analysis window: 4096 at 44.1 and 48 kHz, about 85 ms at any rate; the hop is half."""
    return max(LEAST_FRAME, int(4096 * 2.0 ** round(math.log2(sample_rate_hz / 48000))))


class SpectrumMeter:
    """Collects the spectra of one track from chunks of one second."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self._rate, self._stereo = sample_rate_hz, channels == 2
        self._size = window_frames(sample_rate_hz)
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(self._size) / self._size)
        self._tables = make_tables(window.astype(np.float32))
        bins = self._size // 2 + 1
        bin_hz = sample_rate_hz / self._size
        self._ranges = share_bins(ERB_EDGES_HZ, bin_hz=bin_hz, bins=bins)
        self._pitches = _find_pitches(bins, bin_hz)
        self._shape_edges = np.minimum(np.round(np.array(SHAPE_EDGES_HZ) / bin_hz).astype(np.int64), bins - 2)
        longest = max(sample_rate_hz, self._size)
        self._mid, self._side = _Line(self._size, longest), _Line(self._size, longest)
        self._totals = np.zeros((3, bins))
        self._frames, self._samples = 0, 0

    def take(self, chunk: Chunk) -> None:
        """Take the next second; only the last chunk may be shorter."""
        left, right, count = chunk.samples[0], chunk.samples[-1], chunk.samples.shape[1]
        mid = self._mid.room(count)
        if not self._stereo:
            mid[:] = left
        elif chunk.twin:
            mid[:], self._side.room(count)[:] = left, 0
        else:
            halve(left, right, mid, self._side.room(count))
        self._advance(count, silent=chunk.silent, side_silent=chunk.silent or not self._stereo or chunk.twin)
        self._samples += count

    def result(self, rest: Chunk | None = None) -> SpectrumCurves:
        """Return what was found so far; more may follow."""
        ending = copy.deepcopy(self)
        if rest is not None:
            ending.take(rest)
        return ending.finish()

    def finish(self) -> SpectrumCurves:
        """Return what was found, the last frames filled up with silence; this ends the measurement."""
        count = self._size // 2
        for line in (self._mid, self._side) if self._stereo else (self._mid,):
            line.room(count)[:] = 0
        self._advance(count, silent=True, side_silent=True)
        return self._curves()

    def _advance(self, count: int, *, silent: bool, side_silent: bool) -> None:
        """Transform every frame that is complete now: mid always, side in every fourth frame."""
        skip = -self._frames % _SIDE_EVERY
        line, frames, sounding = self._mid.complete(count, silent=silent)
        mid, side, paired = self._totals[0], self._totals[1], self._totals[2]
        bands, shape = _no_bands(frames), np.zeros((frames, SHAPE_COLUMNS), np.float32)
        if sounding:
            self._add(line, self._size // 2, mid, paired, bands, shape, skip=skip, pitches=self._pitches)
        self._mid.bands.append(bands)
        self._mid.shapes.append(shape)
        self._frames += frames
        if self._stereo:
            line, _, wide = self._side.complete(count, silent=side_silent)
            bands = _no_bands(len(range(skip, frames, _SIDE_EVERY)))
            if wide:
                line, hop = line[skip * self._size // 2 :], _SIDE_EVERY * self._size // 2
                self._add(line, hop, side, side, bands, _NO_SHAPE, skip=len(bands), pitches=_NO_PITCHES)
            self._side.bands.append(bands)

    def _add(
        self,
        line: NDArray[np.float32],
        hop: int,
        total: NDArray[np.float64],
        paired: NDArray[np.float64],
        bands: NDArray[np.float32],
        shape: NDArray[np.float32],
        *,
        skip: int,
        pitches: "_Pitches",
    ) -> None:
        """Add the power spectra to the totals; fill (frames, 40 + 12) band powers and chroma, not scaled yet, and shapes."""
        ranges, tables = self._ranges, self._tables
        add_power(
            line, hop, tables.window, tables.turns, tables.work,
            ranges.first, ranges.last, ranges.first_weight, ranges.last_weight, total, paired, skip, bands,
            pitches.low, pitches.high, pitches.pitch_class, self._shape_edges, np.float32(self._rate / self._size), shape,
        )  # fmt: skip

    def _curves(self) -> SpectrumCurves:
        # One-sided spectrum whose sum over bins is the mean square (Parseval, power of the window taken out).
        scale = 2.0 / (self._size * float(np.square(self._tables.window, dtype=np.float64).sum()))
        paired = -(-self._frames // _SIDE_EVERY)
        both = np.concatenate(self._mid.bands) * np.float32(scale)
        mid, chroma = np.ascontiguousarray(both[:, :ERB_BANDS]), both[:, ERB_BANDS:]
        side = np.concatenate(self._side.bands)[:, :ERB_BANDS] * np.float32(scale) if self._stereo else None
        halves = -(-self._samples * 2 // self._rate)
        centre = np.arange(self._frames) * (self._size // 2)
        half = np.minimum(centre * 2 // self._rate, max(0, halves - 1))
        erb_power = _mean_by(mid, half, halves)
        if side is not None:
            erb_power += _mean_by(side, half[::_SIDE_EVERY], halves)
        frames_per_s = 2 * self._rate / self._size
        timbre = describe_timbre(mid, np.concatenate(self._mid.shapes), frames_per_s=frames_per_s)
        level = 10 * np.log10(mid + np.float32(_FLUX_FLOOR))
        rise = np.maximum(np.diff(level, axis=0, prepend=level[:1]), 0)
        counts = np.array([[max(1, self._frames)], [max(1, paired)], [max(1, paired)]])
        totals = self._totals * scale / counts
        totals[:, [0, -1]] /= 2  # no mirror image of 0 Hz and half the sample rate
        steps = -(-self._samples * CHROMA_PER_S // self._rate)
        step = np.minimum(centre * CHROMA_PER_S // self._rate, max(0, steps - 1))
        return SpectrumCurves(
            bin_hz=self._rate / self._size,
            mid=totals[0],
            side=totals[1],
            mid_paired=totals[2],
            erb_power=erb_power,
            flux=rise.mean(axis=1, dtype=np.float32),
            bands=mid,
            timbre=timbre,
            chroma_125ms=_mean_by(chroma[::2], step[::2], steps),  # every second frame: chords outlast frames
        )


class _Line:
    """One signal on its way into overlapping frames; the first is centred on its first sample."""

    def __init__(self, size: int, longest: int) -> None:
        self._size, self._start, self._end = size, 0, size // 2
        self._buffer = np.zeros(size + longest, np.float32)
        self.bands: list[NDArray[np.float32]] = []
        self.shapes: list[NDArray[np.float32]] = []

    def room(self, count: int) -> NDArray[np.float32]:
        """Return where the next so many samples belong; what earlier frames have used up is dropped."""
        kept = self._end - self._start
        self._buffer[:kept] = self._buffer[self._start : self._end]
        self._start, self._end = 0, kept
        return self._buffer[kept : kept + count]

    def complete(self, count: int, *, silent: bool) -> tuple[NDArray[np.float32], int, bool]:
        """Return what is there with the new samples, how many frames are complete, and whether any of them may sound."""
        sounding = not silent or bool(self._buffer[: self._end].any())
        self._end += count
        hop = self._size // 2
        complete = max(0, (self._end - self._size) // hop + 1)
        self._start = complete * hop
        return self._buffer, complete, sounding


def _no_bands(frames: int) -> NDArray[np.float32]:
    return np.zeros((frames, ERB_BANDS + 12), np.float32)


def third_octave_levels(power: NDArray[np.float64], *, bin_hz: float) -> NDArray[np.float32]:
    """Return (31,) levels in dBFS of the third octaves 20 Hz..20 kHz, not below -120."""
    bands = sum_bins(power, share_bins(THIRD_OCTAVE_EDGES_HZ, bin_hz=bin_hz, bins=power.size))
    return (10 * np.log10(np.maximum(bands, 10 ** (SILENCE_DBFS / 10)))).astype(np.float32)


def describe_spectrum(power: NDArray[np.float64], *, bin_hz: float) -> Spectrum:
    """Return centroid, slope, edges and flatness of a power spectrum, (bins,) mean squares."""
    total = float(power.sum())
    if total < 10 ** (SILENCE_DBFS / 10):
        return Spectrum()
    frequency = np.arange(power.size) * bin_hz
    below = np.cumsum(power) / total
    edges = THIRD_OCTAVE_EDGES_HZ
    inside = (edges[:-1] > 90) & (edges[1:] < min(11_500, frequency[-1]))
    bands = sum_bins(power, share_bins(edges, bin_hz=bin_hz, bins=power.size))
    density = np.maximum(bands / np.diff(edges), 1e-16)[inside]
    octaves = np.log2(edges[:-1][inside])
    return Spectrum(
        centroid_hz=float((frequency * power).sum() / total),
        slope_db_per_octave=float(np.polyfit(octaves, 10 * np.log10(density), 1)[0]),
        low_edge_hz=float(np.interp(0.01, below, frequency)),
        high_edge_hz=float(np.interp(0.99, below, frequency)),
        flatness_db=float(10 * (np.log10(density).mean() - np.log10(density.mean()))),
    )


def fold_chroma(power: NDArray[np.float64], *, bin_hz: float) -> NDArray[np.float32]:
    """Return (12,) the mean square of each pitch class from C on, 200 Hz to 2 kHz.

    Only what stands above the spectrum around it counts, so that noise and drums do not level the classes.
    """
    pitches = _find_pitches(power.size, bin_hz)
    below = np.concatenate([[0.0], np.cumsum(power)])
    around = (below[pitches.high] - below[pitches.low]) / np.maximum(pitches.high - pitches.low, 1)
    inside = pitches.pitch_class >= 0
    peaks = np.maximum(power - around, 0)[inside]
    return np.bincount(pitches.pitch_class[inside], weights=peaks, minlength=12).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Pitches:
    """Which bins tell of which pitch class, and what lies around each."""

    low: NDArray[np.int64]
    """(bins,) first bin within a quarter of an octave."""
    high: NDArray[np.int64]
    """(bins,) the bin after the last one within a quarter of an octave."""
    pitch_class: NDArray[np.int64]
    """(bins,) 0 for C to 11; -1 outside 200 Hz to 2 kHz."""


_NO_SHAPE = np.zeros((0, SHAPE_COLUMNS), np.float32)
_NO_PITCHES = _Pitches(*(np.zeros(0, np.int64) for _ in range(3)))


def _find_pitches(bins: int, bin_hz: float) -> _Pitches:
    index = np.arange(bins)
    frequency = index * bin_hz
    inside = (frequency > 200) & (frequency < 2000)
    pitch_class = np.round(12 * np.log2(np.maximum(frequency, 1.0) / 440.0) + 9).astype(np.int64) % 12
    low = np.floor(index * 2**-0.25).astype(np.int64)
    high = np.minimum(np.ceil(index * 2**0.25).astype(np.int64) + 1, bins)
    return _Pitches(low, high, np.where(inside, pitch_class, -1))


def _mean_by(rows: NDArray[np.float32], group: NDArray[np.int64], groups: int) -> NDArray[np.float32]:
    """Return (groups, bands) the mean of the rows of each group, 0 for a group without rows; groups ascend."""
    out = np.zeros((groups, rows.shape[1]), np.float32)
    present, start, count = np.unique(group, return_index=True, return_counts=True)
    if groups and present.size:
        out[present] = np.add.reduceat(rows, start, axis=0) / count[:, None].astype(np.float32)
    return out
