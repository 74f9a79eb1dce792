"""Write the typical job: `FOLDER STEMS SECONDS`, stereo 48 kHz 24-bit stems, drums, bass, voice and pad by turns, the same bytes always."""

import sys
from pathlib import Path

import numpy as np
import soundfile

RATE_HZ = 48000
LOOP_S = 30.0
NAMES = ("Drums", "Bass", "Vox", "Pad")


def drums(t: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Kick and snare at 120 BPM with hats between."""
    x, step, length = np.zeros(t.size), RATE_HZ // 4, RATE_HZ // 3
    e = np.arange(length) / RATE_HZ
    for beat, start in enumerate(range(0, t.size - RATE_HZ // 2, step)):
        if beat % 4 == 0:
            x[start : start + length] += (
                0.8 * np.sin(2 * np.pi * (50 * e + 30 * (1 - np.exp(-e * 40)) / 40 * 2)) * np.exp(-e * 9)
            )
        if beat % 4 == 2:
            noise = 0.4 * rng.standard_normal(length) * np.exp(-e * 22)
            x[start : start + length] += noise + 0.3 * np.sin(2 * np.pi * 190 * e) * np.exp(-e * 20)
        short = length // 4
        x[start : start + short] += 0.08 * np.diff(rng.standard_normal(short + 1)) * np.exp(-e[:short] * 60)
    return x


def bass(t: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Half-second notes with three harmonics."""
    notes = np.repeat(rng.integers(0, 8, t.size // (RATE_HZ // 2) + 1), RATE_HZ // 2)[: t.size]
    phase = 2 * np.pi * np.cumsum(55 * 2 ** (notes / 12)) / RATE_HZ
    tone = np.sin(phase) + 0.4 * np.sin(2 * phase) + 0.2 * np.sin(3 * phase) + 0.05 * np.sin(7 * phase)
    return 0.4 * tone * (0.6 + 0.4 * np.cos(2 * np.pi * 2 * t))


def voice(t: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A harmonic tone with vibrato, sibilance and rests."""
    notes = np.repeat(rng.integers(-3, 9, t.size // (RATE_HZ * 3 // 4) + 1), RATE_HZ * 3 // 4)[: t.size]
    phase = 2 * np.pi * np.cumsum(220 * 2 ** (notes / 12) * (1 + 0.004 * np.sin(2 * np.pi * 5.5 * t))) / RATE_HZ
    tone = sum(0.25 / k**1.3 * np.sin(k * phase) for k in range(1, 14))
    sibilance = np.diff(rng.standard_normal(t.size + 1)) * (np.sin(2 * np.pi * 1.3 * t) > 0.93) * 0.12
    return np.asarray(
        (tone * (0.5 + 0.5 * np.sin(2 * np.pi * 0.7 * t) ** 2) + sibilance) * (np.sin(2 * np.pi * t / 8) > -0.5)
    )


def pad(t: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A held chord with a little noise."""
    x = sum(0.08 * np.sin(2 * np.pi * f * t + rng.random() * 6) for f in (220, 277.2, 329.6, 440, 659.3, 880, 1318))
    return x * (0.7 + 0.3 * np.sin(2 * np.pi * 0.13 * t)) + 0.01 * rng.standard_normal(t.size)


def stereo(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Spread a mono sound by a short delay; return (frames, 2) at -12 dBFS."""
    x = x / np.abs(x).max() * 0.5
    late = np.concatenate([np.zeros(17), x[:-17]])
    return np.stack([0.95 * x + 0.0004 * rng.standard_normal(x.size), 0.8 * late + 0.15 * x], 1).astype(
        np.float32
    ) * np.float32(0.5)


def main() -> int:
    """Write each stem from one loop of half a minute."""
    folder, stems, seconds = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    t = np.arange(int(min(seconds, LOOP_S) * RATE_HZ)) / RATE_HZ
    for index in range(stems):
        rng = np.random.default_rng(index)
        loop = stereo((drums, bass, voice, pad)[index % 4](t, rng), rng)
        name = f"{NAMES[index % 4]} {index // 4 + 1:02d}.wav"
        with soundfile.SoundFile(folder / name, "w", RATE_HZ, 2, "PCM_24") as file:
            left = round(seconds * RATE_HZ)
            while left > 0:
                file.write(loop[:left])
                left -= len(loop)
    return 0


if __name__ == "__main__":
    sys.exit(main())
