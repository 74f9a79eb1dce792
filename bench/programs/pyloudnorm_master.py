"""Normalise loudness: `IN.wav OUT.wav LUFS`."""

import sys

import pyloudnorm
import soundfile


def main() -> int:
    """Measure, gain, write."""
    source, target, lufs = sys.argv[1], sys.argv[2], float(sys.argv[3])
    samples, rate = soundfile.read(source, always_2d=True)
    measured = pyloudnorm.Meter(rate).integrated_loudness(samples)
    soundfile.write(target, pyloudnorm.normalize.loudness(samples, measured, lufs), rate, subtype="FLOAT")
    return 0


if __name__ == "__main__":
    sys.exit(main())
