"""Gain to a loudness, then pedalboard's limiter: `IN.wav OUT.wav LUFS CEILING`."""

import sys

import numpy as np
import pedalboard
import pyloudnorm
from pedalboard.io import AudioFile


def main() -> int:
    """Measure, gain, limit, write float32."""
    source, target, lufs, ceiling = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
    with AudioFile(source) as file:
        samples, rate = file.read(file.frames), int(file.samplerate)
    gain = lufs - pyloudnorm.Meter(rate).integrated_loudness(samples.T.astype(np.float64))
    chain = pedalboard.Pedalboard([pedalboard.Gain(gain), pedalboard.Limiter(ceiling, 100)])
    out = chain(samples, rate)
    with AudioFile(target, "w", rate, out.shape[0], bit_depth=32) as file:
        file.write(out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
