"""Sum stems of one rate and length to -3 dBFS: `OUT.wav STEM.wav…`."""

import sys

import numpy as np
import soundfile


def main() -> int:
    """Add, level, write as 24 bit."""
    total, rate = soundfile.read(sys.argv[2], dtype="float32", always_2d=True)
    for path in sys.argv[3:]:
        total += soundfile.read(path, dtype="float32", always_2d=True)[0]
    soundfile.write(sys.argv[1], total * np.float32(10 ** (-3 / 20) / np.abs(total).max()), rate, subtype="PCM_24")
    return 0


if __name__ == "__main__":
    sys.exit(main())
