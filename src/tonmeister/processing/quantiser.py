"""The last step before integer samples of a file: plain or noise-shaped dither, and none where there is digital silence."""

from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Samples
from tonmeister.kernels import njit
from tonmeister.knowledge.hearing import threshold_db
from tonmeister.processing.dither import mix_bits, quantise_block

DitherKind = Literal["tpdf", "shaped", "none"]
SILENT_FRAMES = 64
"""So many frames of exact zeros in all channels are digital silence: about a millisecond, longer than any wave stays there."""
SHAPER_TAPS = 9
"""Length of the error filter, as of Wannamaker 1992."""
_DEEPEST_DB = 26.0
"""The noise follows the threshold of hearing over this range; more would only make the whole of it louder."""
_GRID = 2048


class Quantiser:
    """Turns float32 blocks into whole numbers; the bytes do not depend on how the sound is cut.

    `tpdf` is triangular dither of 2 LSB (Lipshitz, Vanderkooy, Wannamaker 1992); `shaped` feeds the error of that back through
    a filter, so that its noise lies under the threshold of hearing (Gerzon and Craven 1989); `none` rounds.
    Where all channels hold exact zeros for a while, zeros come out.
    """

    def __init__(
        self, *, bits: Literal[16, 24], kind: DitherKind = "tpdf", sample_rate_hz: int, channels: int, seed: int = 0
    ) -> None:
        self._bits, self._kind, self._seed = bits, kind, seed
        self._taps = shaping_taps(sample_rate_hz) if kind == "shaped" else np.zeros(0)
        self._errors = np.zeros((channels, len(self._taps)))
        self._frame = 0
        self._held = np.zeros((channels, 0), np.float32)
        self._zeros = SILENT_FRAMES
        """Zero frames in a row up to here, as far as they count; nothing before the start counts as silence."""

    def take(self, block: Samples) -> NDArray[np.int32]:
        """Return the next whole numbers; zeros at the end of a block are held back until it is clear what they are."""
        joined = np.concatenate([self._held, block], axis=1) if self._held.size else block
        sounding = np.flatnonzero((joined != 0).any(axis=0))
        trailing = joined.shape[1] - (int(sounding[-1]) + 1 if sounding.size else 0)
        run = trailing + (self._zeros if not sounding.size else 0)
        kept = 0 if run >= SILENT_FRAMES else trailing
        self._held = joined[:, joined.shape[1] - kept :].copy()
        return self._quantise(np.ascontiguousarray(joined[:, : joined.shape[1] - kept]), sounding)

    def finish(self) -> NDArray[np.int32]:
        """Return what was held back: the end of the sound is followed by silence."""
        rest, self._held = self._held, self._held[:, :0]
        silent: NDArray[np.int32] = np.zeros(rest.shape, np.int32)
        return silent

    def _quantise(self, block: Samples, sounding: NDArray[np.int64]) -> NDArray[np.int32]:
        silent = _silent_frames(block.shape[1], sounding, self._zeros)
        if self._kind == "tpdf":
            whole = quantise_block(block, self._bits, self._frame, self._seed)
        elif self._kind == "none":
            limit = 2.0 ** (self._bits - 1)
            whole = np.clip(np.rint(block.astype(np.float64) * limit), -limit, limit - 1).astype(np.int32)
        else:
            whole = self._shape(block, silent)
        whole[:, silent] = 0
        self._frame += block.shape[1]
        last = int(sounding[-1]) if sounding.size else -1
        if block.shape[1]:
            run = block.shape[1] - 1 - last + (self._zeros if last < 0 else 0)
            self._zeros = min(run, SILENT_FRAMES)
        return whole

    def _shape(self, block: Samples, silent: NDArray[np.bool_]) -> NDArray[np.int32]:
        out = np.empty(block.shape, np.int32)
        _shape_rows(block, self._bits, self._frame, self._seed, self._taps, self._errors, silent, out)
        return out


@njit(nogil=True, cache=True)
def _shape_rows(
    block: Samples,
    bits: int,
    start_frame: int,
    seed: int,
    taps: NDArray[np.float64],
    errors: NDArray[np.float64],
    silent: NDArray[np.bool_],
    out: NDArray[np.int32],
) -> None:
    """Quantise with dither and the filtered errors of the samples before; `errors` holds those, the latest first."""
    scale = 2.0 ** (bits - 1)
    for channel in range(block.shape[0]):
        origin = mix_bits(np.uint64(seed) * np.uint64(2) + np.uint64(channel) + np.uint64(1))
        past = errors[channel]
        for i in range(block.shape[1]):
            if silent[i]:
                past[:] = 0.0
                out[channel, i] = 0
                continue
            wanted = np.float64(block[channel, i]) * scale
            for k in range(taps.size):
                wanted -= taps[k] * past[k]
            noise = mix_bits(origin + np.uint64(start_frame + i))
            one, other = np.int64(noise >> np.uint64(32)), np.int64(noise & np.uint64(0xFFFFFFFF))
            dithered = wanted + np.float64(one - other) * 2.0**-32
            whole = min(max(np.floor(dithered + 0.5), -scale), scale - 1.0)
            for k in range(taps.size - 1, 0, -1):
                past[k] = past[k - 1]
            past[0] = min(
                max(whole - wanted, -2.0), 2.0
            )  # at full scale the error is the clipping's: it is not fed back whole
            out[channel, i] = np.int32(whole)


def _silent_frames(frames: int, sounding: NDArray[np.int64], before: int) -> NDArray[np.bool_]:
    """Return which frames lie in a run of zeros that is long enough; `before` zeros lead up to the block."""
    edges = np.concatenate([[-1 - before], sounding, [frames]])
    silent = np.zeros(frames, np.bool_)
    for place in np.flatnonzero(np.diff(edges) - 1 >= SILENT_FRAMES):
        silent[max(int(edges[place]) + 1, 0) : int(edges[place + 1])] = True
    return silent


@cache
def shaping_taps(sample_rate_hz: int) -> NDArray[np.float64]:
    """Return the taps of the error filter: 1 - sum(taps z^-k) is the shape that the noise gets.

    The best monic filter for a wanted shape is the whitening filter of its inverse, found by linear prediction.
    """
    frequency = np.linspace(0, sample_rate_hz / 2, _GRID + 1)
    wanted_db = np.asarray(threshold_db(np.maximum(frequency, 20.0)))
    lowest = float(wanted_db.min())
    inverse = 10 ** (-(np.clip(wanted_db, lowest, lowest + _DEEPEST_DB) - lowest) / 10)
    lags = np.asarray(np.fft.irfft(inverse)[: SHAPER_TAPS + 1], np.float64)
    lags[0] *= 1 + 1e-9
    matrix = lags[np.abs(np.subtract.outer(np.arange(SHAPER_TAPS), np.arange(SHAPER_TAPS)))]
    return np.asarray(np.linalg.solve(matrix, lags[1:]), np.float64)
