"""Drive a limiter of another maker: `NAME IN.wav OUT.wav DRIVE_DB CEILING_DB`, with its own defaults."""

import sys

import numpy as np
import soundfile
from numpy.typing import NDArray

Sound = NDArray[np.float32]


def pedalboard(samples: Sound, rate: int, ceiling: float) -> Sound:
    """JUCE's limiter."""
    from pedalboard import Limiter, Pedalboard

    return np.asarray(Pedalboard([Limiter(ceiling, 100)])(samples, rate), np.float32)


def libsonare(samples: Sound, rate: int, ceiling: float) -> Sound:
    """Its brickwall limiter."""
    import libsonare as maker

    left, right = np.ascontiguousarray(samples[0]), np.ascontiguousarray(samples[1])
    done = maker.mastering_process_stereo("dynamics.brickwallLimiter", left, right, rate, {"ceilingDb": ceiling})
    return np.stack([done.left, done.right])


def matchering(samples: Sound, rate: int, ceiling: float) -> Sound:
    """Its limiter alone; the ceiling is its own."""
    from matchering.defaults import Config
    from matchering.limiter import limit

    del ceiling
    made = limit(samples.T.astype(np.float64), Config(internal_sample_rate=rate))
    return np.asarray(made.T, np.float32)


def main() -> int:
    """Gain, limit, write float32."""
    name, source, target, drive, ceiling = sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]), float(sys.argv[5])
    samples, rate = soundfile.read(source, dtype="float32", always_2d=True)
    driven = np.ascontiguousarray(samples.T * np.float32(10 ** (drive / 20)))
    made = {"pedalboard": pedalboard, "libsonare": libsonare, "matchering": matchering}[name](driven, rate, ceiling)
    soundfile.write(target, np.asarray(made, np.float32).T, rate, subtype="FLOAT")
    return 0


if __name__ == "__main__":
    sys.exit(main())
