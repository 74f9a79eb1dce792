"""A song of six stems and a few seconds, made by code: enough for every task to have something to say."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

RATE_HZ = 48_000
DURATION_S = 8.0
BEAT_S = 0.5
"""120 beats per minute."""
STEMS = ("Kick.wav", "Snare.wav", "Bass DI.wav", "Keys.wav", "Gtr L.wav", "Lead Vox.wav")
_CHORDS_HZ = ((220.0, 277.18, 329.63), (196.0, 246.94, 293.66), (174.61, 220.0, 261.63), (146.83, 185.0, 220.0))

Wave = NDArray[np.float64]


@cache
def stem(name: str) -> Wave:
    """Return a stem, (channels, frames) float64; the same samples every time."""
    return np.atleast_2d(_MAKERS[name]())


def write_song(folder: Path, *, names: Mapping[str, str] | None = None, order: tuple[str, ...] = STEMS) -> Path:
    """Write the stems as 24-bit WAV files and return the folder.

    Args:
        folder: Made when it is not there.
        names: Other names for some stems.
        order: Which stems, in the order in which the files are made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in order:
        write_sound(folder / (names or {}).get(name, name), stem(name))
    return folder


def write_sound(path: Path, samples: Wave, *, sample_rate_hz: int = RATE_HZ, subtype: str = "PCM_24") -> Path:
    """Write (channels, frames) as a WAV file and return its path."""
    soundfile.write(path, samples.T, sample_rate_hz, subtype=subtype)
    return path


def _time_s() -> Wave:
    return np.arange(round(DURATION_S * RATE_HZ)) / RATE_HZ


def _struck(hit: Wave, starts_s: Wave, gains: Wave | None = None) -> Wave:
    wave = np.zeros(_time_s().size + hit.size)
    for place, start_s in enumerate(starts_s):
        first = round(float(start_s) * RATE_HZ)
        wave[first : first + hit.size] += hit * (1.0 if gains is None else gains[place])
    return wave[: _time_s().size]


def _kick() -> Wave:
    time_s = np.arange(round(0.3 * RATE_HZ)) / RATE_HZ
    hit = np.sin(2 * np.pi * 55 * time_s + 5 * np.exp(-time_s / 0.02)) * np.exp(-time_s / 0.08)
    return 0.7 * _struck(hit, np.arange(0, DURATION_S, 2 * BEAT_S))


def _snare() -> Wave:
    time_s = np.arange(round(0.25 * RATE_HZ)) / RATE_HZ
    noise = np.random.default_rng(1).standard_normal(time_s.size)
    hit = (0.4 * noise + np.sin(2 * np.pi * 190 * time_s)) * np.exp(-time_s / 0.05)
    starts_s = np.arange(BEAT_S, DURATION_S, 2 * BEAT_S)
    return 0.3 * _struck(hit, starts_s, np.where(np.arange(starts_s.size) % 2, 0.5, 1.0))


def _bass() -> Wave:
    time_s = _time_s()
    root_hz = np.array([chord[0] / 4 for chord in _CHORDS_HZ])[_bar(time_s)]
    phase = 2 * np.pi * np.cumsum(root_hz) / RATE_HZ
    note = np.exp(-(time_s % BEAT_S) / 0.3)
    return np.asarray(0.25 * note * sum(np.sin(k * phase) / k for k in range(1, 6)))


def _keys() -> Wave:
    time_s = _time_s()
    left, right = np.zeros_like(time_s), np.zeros_like(time_s)
    for bar, chord in enumerate(_CHORDS_HZ):
        inside = _bar(time_s) == bar
        for place, hz in enumerate(chord):
            tone = sum(np.sin(2 * np.pi * k * hz * time_s + place) / k**1.5 for k in range(1, 8)) * inside
            left, right = left + tone * (1 - 0.2 * place), right + tone * (0.6 + 0.2 * place)
    noise = np.random.default_rng(3).standard_normal((2, time_s.size)) * 0.002
    return np.stack([left, right]) * 0.08 + noise


def _guitar() -> Wave:
    time_s = np.arange(round(0.5 * RATE_HZ)) / RATE_HZ
    wave = np.zeros(_time_s().size)
    for bar, chord in enumerate(_CHORDS_HZ):
        hit = np.asarray(sum(np.sin(2 * np.pi * k * hz * 2 * time_s) / k for hz in chord for k in range(1, 6)))
        starts_s = bar * DURATION_S / 4 + np.arange(0, DURATION_S / 4 - 0.1, BEAT_S / 2)
        wave += _struck(hit * np.exp(-time_s / 0.12), starts_s)
    return 0.04 * wave


def _voice() -> Wave:
    time_s = _time_s()
    note_hz = np.array([440.0, 494.0, 392.0, 349.0, 440.0, 330.0, 294.0, 349.0])[(time_s // 1.0).astype(int)]
    phase = 2 * np.pi * np.cumsum(note_hz * (1 + 0.006 * np.sin(2 * np.pi * 5.5 * time_s))) / RATE_HZ
    tone = np.asarray(sum(_formants(k * 392.0) * np.sin(k * phase) for k in range(1, 20)))
    breath = np.random.default_rng(5).standard_normal(time_s.size) * 0.02
    words = np.clip(np.sin(2 * np.pi * time_s / 1.0) + 0.4, 0, 1) * np.where(time_s % 4 < 2, 1.0, 0.35)
    return 0.2 * words * (tone + breath)


def _formants(hz: float) -> float:
    return float(np.exp(-(((hz - 700) / 300) ** 2)) + 0.6 * np.exp(-(((hz - 2600) / 500) ** 2)) + 0.05)


def _bar(time_s: Wave) -> NDArray[np.int_]:
    return (time_s // (DURATION_S / 4)).astype(int) % 4


_MAKERS = {"Kick.wav": _kick, "Snare.wav": _snare, "Bass DI.wav": _bass, "Keys.wav": _keys, "Gtr L.wav": _guitar, "Lead Vox.wav": _voice}  # fmt: skip
