"""Anchor (b), decoding alone: every stem of a folder by soundfile as float32, one thread."""

import sys
from pathlib import Path

import soundfile


def main() -> int:
    """Read every file and keep nothing."""
    for path in sorted(Path(sys.argv[1]).glob("*.wav")):
        soundfile.read(path, dtype="float32", always_2d=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
