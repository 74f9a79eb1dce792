"""Make a louder, mirrored version of a mix as a reference for matching: `IN.wav OUT.wav`."""

import sys

import numpy as np
import soundfile


def main() -> int:
    """Swap the channels, saturate, write."""
    samples, rate = soundfile.read(sys.argv[1], dtype="float32", always_2d=True)
    soundfile.write(sys.argv[2], np.tanh(samples[:, ::-1] * 3) * 0.8, rate, subtype="PCM_24")
    return 0


if __name__ == "__main__":
    sys.exit(main())
