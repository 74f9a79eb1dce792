"""Master by libsonare's `streaming` preset: `IN.wav OUT.wav LUFS CEILING`."""

import sys

import libsonare
import numpy as np
import soundfile


def main() -> int:
    """Run the preset with its loudness stage set to the target."""
    source, target, lufs, ceiling = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
    samples, rate = soundfile.read(source, dtype="float32", always_2d=True)
    left, right = np.ascontiguousarray(samples[:, 0]), np.ascontiguousarray(samples[:, -1])
    wish = {"loudness": {"targetLufs": lufs, "ceilingDb": ceiling}}
    done = libsonare.master_audio_stereo(left, right, rate, "streaming", wish)
    soundfile.write(target, np.stack([done.left, done.right], 1), rate, subtype="PCM_24")
    return 0


if __name__ == "__main__":
    sys.exit(main())
