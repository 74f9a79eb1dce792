"""Drive libsonare's brickwall limiter: `IN.wav OUT.wav DRIVE_DB CEILING_DB`."""

import sys

import libsonare
import numpy as np
import soundfile


def main() -> int:
    """Gain, limit with the limiter's own defaults, write float32."""
    source, target, drive, ceiling = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
    samples, rate = soundfile.read(source, dtype="float32", always_2d=True)
    samples = samples * np.float32(10 ** (drive / 20))
    left, right = np.ascontiguousarray(samples[:, 0]), np.ascontiguousarray(samples[:, -1])
    done = libsonare.mastering_process_stereo("dynamics.brickwallLimiter", left, right, rate, {"ceilingDb": ceiling})
    soundfile.write(target, np.stack([done.left, done.right], 1), rate, subtype="FLOAT")
    return 0


if __name__ == "__main__":
    sys.exit(main())
