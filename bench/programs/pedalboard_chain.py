"""Anchor (a), the plain chain without any analysis: `STEMS_FOLDER OUT.wav THREADS`.

Each stem: high-pass, four peaks, high shelf, compressor, gain, pan, reverb and delay send; the sum: four bands, compressor,
limiter, 24-bit WAV.
"""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pedalboard as pb
from pedalboard.io import AudioFile

RATE_HZ = 48000


def strip(index: int, path: Path) -> np.ndarray:
    """Run one stem through its strip."""
    with AudioFile(str(path)) as file:
        samples = file.read(file.frames)
    chain = pb.Pedalboard(
        [
            pb.HighpassFilter(80),
            pb.PeakFilter(250, -3, 1.2),
            pb.PeakFilter(900, -2, 1.5),
            pb.PeakFilter(3200, 2.5, 1.0),
            pb.PeakFilter(6500, -2, 2.5),
            pb.HighShelfFilter(10000, 2, 0.7),
            pb.Compressor(-24, 3, 10, 120),
            pb.Gain(-3),
        ]
    )
    out = chain(samples, RATE_HZ)
    pan = (index % 7 - 3) / 4
    out *= np.array([[np.cos((pan + 1) * np.pi / 4)], [np.sin((pan + 1) * np.pi / 4)]], np.float32) * np.float32(
        1.41 * 0.3
    )
    return np.asarray(out)


def main() -> int:
    """Run all strips, add them up, run sends and master, write."""
    stems, target, threads = sorted(Path(sys.argv[1]).glob("*.wav")), sys.argv[2], int(sys.argv[3])
    lock = threading.Lock()
    sums: dict[str, np.ndarray] = {}

    def one(numbered: tuple[int, Path]) -> None:
        index, path = numbered
        out = strip(index, path)
        with lock:
            for name, gain in (("dry", 1.0), ("reverb", 0.2), ("delay", 0.1 if index % 4 == 2 else 0.0)):
                if gain:
                    part = out if gain == 1.0 else out * np.float32(gain)
                    if name in sums:
                        sums[name] += part
                    else:
                        sums[name] = part.copy()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, enumerate(stems)))
    mix = sums["dry"]
    mix += pb.Pedalboard([pb.Reverb(0.6, 0.4, 1.0, 0.0)])(sums["reverb"], RATE_HZ)
    if "delay" in sums:
        mix += pb.Pedalboard([pb.Delay(0.35, 0.35, 1.0)])(sums["delay"], RATE_HZ)
    master = pb.Pedalboard(
        [
            pb.LowShelfFilter(100, 1),
            pb.PeakFilter(400, -1, 1),
            pb.PeakFilter(3000, 0.5, 1),
            pb.HighShelfFilter(12000, 1),
            pb.Compressor(-18, 2, 20, 150),
            pb.Limiter(-1, 100),
        ]
    )
    mix = master(mix, RATE_HZ)
    with AudioFile(target, "w", RATE_HZ, 2, bit_depth=24) as file:
        file.write(mix)
    return 0


if __name__ == "__main__":
    sys.exit(main())
