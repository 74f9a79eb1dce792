"""Singing made of speech: words spoken by free synthesisers, their pitch and length replaced by a melody's (WORLD vocoder).

Speech comes from flite (CMU licence, recorded speakers), espeak-ng (a program; its sound is the user's) and whatever
recordings of CC BY or CC0 are in a folder that the person gives.  The demo song's own singer sings as well.
"""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray
from scipy import ndimage, signal

from bench.training.electronic import RATE_HZ, Mono, band
from bench.training.score import SCALES, Chance

LINES = (
    "Hold the morning in your open hands and let it go", "We were running through the silver rain again",
    "Nobody told me that the river never sleeps", "Say it softly, say it twice, say my name across the ice",
    "Every street is shining, every shadow sings along", "I have been waiting on the other side of yesterday",
    "Turn the lights down, turn the radio on", "Oh, oh, oh, ah, ah, ooh, ooh, yeah, yeah",
    "Fast forward, push it, pull it, break it, make it move, check the beat and prove it", "La la la la, hey, la la la",
)  # fmt: skip
FLITE = ("rms", "slt", "awb", "kal16")
ESPEAK = ("en+m3", "en+f2", "en-us+m7", "de+f4", "es+m1", "fr+f5", "it+m4", "pt+f3", "en+croak", "en+whisper")
_FRAME_MS = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Speech:
    """Speech taken apart by the vocoder."""

    rate_hz: int
    sound: Mono
    f0_hz: Mono
    envelope: NDArray[np.float64]
    aperiodicity: NDArray[np.float64]


def speak(folders: list[Path]) -> list[Speech]:
    """Return speech and singing of many voices, taken apart."""
    sounds: list[tuple[Mono, int]] = []
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "line.wav"
        half = len(LINES) // 2
        for voice in FLITE:
            for text in (". ".join(LINES[:half]), ". ".join(LINES[half:])):
                subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(wav)], check=True)
                sounds.append(_read(wav))
        for voice in ESPEAK:
            subprocess.run(["espeak-ng", "-v", voice, "-s", "140", "-w", str(wav), ". ".join(LINES[3:8])], check=True)
            sounds.append(_read(wav))
    for path in sorted(path for folder_ in folders for path in folder_.rglob("*.wav")):
        sounds.append(_read(path))
    return [_take_apart(sound, rate) for sound, rate in sounds]


def _read(path: Path) -> tuple[Mono, int]:
    samples, rate = soundfile.read(path, always_2d=True)
    mono = samples.mean(axis=1)[: rate * 20]
    return mono / (np.abs(mono).max() + 1e-9), int(rate)


def _take_apart(sound: Mono, rate: int) -> Speech:
    import pyworld

    if rate > 24_000:
        sound, rate = np.asarray(soxr.resample(sound, rate, 24_000)), 24_000
    sound = np.ascontiguousarray(sound)
    coarse, times = pyworld.dio(sound, rate, f0_floor=65, f0_ceil=700, frame_period=_FRAME_MS)
    f0 = pyworld.stonemask(sound, coarse, times, rate)
    return Speech(rate, sound, f0, pyworld.cheaptrick(sound, f0, times, rate), pyworld.d4c(sound, f0, times, rate))


def talk(speech: Speech, seconds: float, chance: Chance) -> Mono:
    """Return rhythmic speech: rap, or somebody talking, as recorded."""
    size = int(seconds * speech.rate_hz)
    start = int(chance.integers(0, max(1, speech.sound.size - size // 2)))
    part = np.resize(np.roll(speech.sound, -start), size)
    return _widen(part, speech.rate_hz)[: int(seconds * RATE_HZ)]


@dataclass(frozen=True, slots=True)
class Style:
    """How somebody sings."""

    stretch: float
    centre: float
    """MIDI note around which the melody lies."""
    vibrato_semitones: float
    tract: float
    """Formants relative to the speaker's."""
    tuned: bool
    """Whether the pitch is corrected hard."""
    hiss_db: float
    """Level of what is not voiced, relative to the speaker's: singers and engineers hold it down."""
    wordless: bool
    """Whether only vowels are sung: ooh, aah."""


def draw_style(chance: Chance, *, wordless: float = 0.1) -> Style:
    """Return a random singer."""
    return Style(
        float(chance.uniform(0.9, 2.6)), float(chance.uniform(45, 72)), float(chance.choice([0, 0.15, 0.3, 0.6])),
        float(chance.uniform(0.85, 1.25)), bool(chance.random() < 0.3), float(-chance.uniform(0, 24)),
        bool(chance.random() < wordless),
    )  # fmt: skip


def sing(speech: Speech, seconds: float, style: Style, chance: Chance, *, shift: float = 0.0, seed: int = 0) -> Mono:
    """Return the words on a melody; the same seed with another shift is a harmony of the same melody."""
    import pyworld

    tune = np.random.default_rng(seed)
    voiced = ndimage.binary_opening(speech.f0_hz > 0, iterations=2)
    index = _hold_vowels(voiced, seconds, tune) if style.wordless else _stretch(voiced, seconds, style, tune)
    sung, melody = voiced[index], _melody(voiced[index], style, tune)
    hz = np.where(sung, 440 * 2 ** ((melody + shift + chance.normal(0, 0.06) - 69) / 12), 0.0)
    bins = speech.envelope.shape[1]
    warp = np.clip(np.arange(bins) / (style.tract + chance.normal(0, 0.02)), 0, bins - 1).astype(int)
    rows, columns = index[:, None], warp[None]
    envelope = np.ascontiguousarray(speech.envelope[rows, columns])
    envelope *= np.where(sung, 1.0, 10 ** (style.hiss_db / 10))[:, None]
    envelope *= _swell(sung, tune)[:, None] ** 2
    rough = np.ascontiguousarray(np.clip(speech.aperiodicity[rows, columns] ** chance.uniform(0.6, 1.4), 0, 1))
    sound = pyworld.synthesize(np.ascontiguousarray(hz), envelope, rough, speech.rate_hz, _FRAME_MS)
    return _widen(sound, speech.rate_hz)[: int(seconds * RATE_HZ)]


def _stretch(voiced: NDArray[np.bool_], seconds: float, style: Style, tune: Chance) -> NDArray[np.int64]:
    """Return which frame of the speech sounds when: voiced ones last longer."""
    lasts = np.where(voiced, style.stretch, min(1.2, style.stretch))
    places = np.cumsum(lasts)
    frames = int(min(seconds * 1000 / _FRAME_MS, places[-1]))
    offset = int(tune.integers(0, int(places[-1]) - frames + 1))
    return np.clip(np.searchsorted(places, np.arange(offset, offset + frames)), 0, voiced.size - 1)


def _hold_vowels(voiced: NDArray[np.bool_], seconds: float, tune: Chance) -> NDArray[np.int64]:
    """Return frames of which each note holds one vowel, played to and fro."""
    steady = np.flatnonzero(ndimage.binary_erosion(voiced, iterations=8))
    if steady.size == 0:  # a whisper has no vowels that last
        steady = np.arange(voiced.size)
    total = int(seconds * 1000 / _FRAME_MS)
    parts: list[NDArray[np.int64]] = []
    while sum(part.size for part in parts) < total:
        middle, length = int(tune.choice(steady)), int(tune.uniform(60, 500))
        parts.append(middle + np.round(6 * np.sin(np.arange(length) / 9)).astype(np.int64))
    return np.clip(np.concatenate(parts)[:total], 0, voiced.size - 1)


def _swell(sung: NDArray[np.bool_], tune: Chance) -> Mono:
    """Return a slow rise and fall of loudness, as phrases have."""
    wave = ndimage.gaussian_filter1d(tune.standard_normal(sung.size), float(tune.uniform(15, 120)))
    return np.asarray(10 ** (np.clip(wave / (wave.std() + 1e-9), -2, 1.5) * tune.uniform(0, 9) / 20))


def _melody(sung: NDArray[np.bool_], style: Style, tune: Chance) -> Mono:
    """Return a pitch for every frame: a note of a scale for each stretch of voice, with glides, drift and vibrato."""
    scale = SCALES[int(tune.integers(len(SCALES)))]
    steps = np.array([p for p in range(round(style.centre) - 8, round(style.centre) + 9) if p % 12 in scale])
    target = np.full(sung.size, style.centre)
    place, at = len(steps) // 2, 0
    while at < sung.size:
        place = int(np.clip(place + tune.integers(-2, 3), 0, len(steps) - 1))
        length = int(tune.choice([30, 40, 60, 80, 120, 160]))
        target[at : at + length] = steps[place]
        at += length
    smooth = ndimage.gaussian_filter1d(target, 1.5 if style.tuned else float(tune.uniform(4, 9)))
    if style.tuned:
        return np.asarray(smooth)
    t = np.arange(sung.size) * _FRAME_MS / 1000
    drift = ndimage.gaussian_filter1d(tune.standard_normal(sung.size), 20)
    drift *= 0.15 / (drift.std() + 1e-9)
    return np.asarray(smooth + drift + style.vibrato_semitones * np.sin(2 * np.pi * tune.uniform(4.5, 6.5) * t))


def _widen(sound: Mono, rate: int) -> Mono:
    """Return the sound at 44.1 kHz; above its half rate, noise goes with its own highest octave, as breath does."""
    wide = np.asarray(soxr.resample(sound, rate, RATE_HZ))
    top = rate / 2 * 0.92
    upper = band(wide, top / 2, top)
    envelope = signal.sosfilt(signal.butter(2, 40, fs=RATE_HZ, output="sos"), np.abs(upper))
    hiss = band(np.random.default_rng(wide.size).standard_normal(wide.size), top, 20_000)
    return np.asarray(wide + np.maximum(envelope, 0) * hiss * 0.9)
