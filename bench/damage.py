"""Damage that is planted in clean recordings: each function returns the damaged sound and what a judge must know of it.

Every sound is (channels, frames) float32; chance comes in as a generator, so the same seed plants the same damage.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import signal
from scipy.ndimage import maximum_filter1d

from bench.sound import Sound

Floats = NDArray[np.float64]
Spans = tuple[tuple[int, int], ...]
"""First frame and the frame after the last, of each place."""

HUM_BELOW_DB = 25.0
"""Planted hum lies so far below the active parts of the sound."""
HUM_LINES = 12
CLICKS_PER_S = 4.0
LEAST_CLICK_OVER_DB = 10.0
"""Clicks are planted where they can be heard: energy above 2 kHz in 2 ms over that of the 20 ms around, at least."""


@dataclass(frozen=True)
class Damage:
    """A damaged sound."""

    sound: Sound
    """With the damage."""
    places: Spans = ()
    """Where it is, for damage that has places."""


def active_rms(sound: Sound, rate_hz: int) -> float:
    """Return the RMS over the 50 ms steps within 30 dB of the loudest."""
    step = max(1, rate_hz // 20)
    power = np.square(sound.astype(np.float64)).mean(axis=0)
    steps = power[: power.size // step * step].reshape(-1, step).mean(axis=1)
    return float(np.sqrt(steps[steps > 1e-3 * steps.max()].mean())) if steps.max(initial=0.0) > 0 else 0.0


def hum(sound: Sound, rate_hz: int, rng: np.random.Generator, *, frequency_hz: float, drift: float = 0.001) -> Damage:
    """Add a hum of twelve lines; its frequency wanders by ±drift of itself, as tape and weak mains do."""
    time = np.arange(sound.shape[1]) / rate_hz
    periods_s = rng.uniform(15, 40, 3)
    wander = sum(np.sin(2 * np.pi * (time / period + rng.uniform())) for period in periods_s) / 3
    phase = 2 * np.pi * np.cumsum(frequency_hz * (1 + drift * np.asarray(wander))) / rate_hz
    lines = np.zeros(sound.shape, np.float64)
    shares = [rng.uniform(0.3, 1.5) / k * (0.5 if k % 2 == 0 else 1.0) for k in range(1, HUM_LINES + 1)]
    for k, share in enumerate(shares, start=1):
        for channel in range(len(lines)):
            lines[channel] += share * np.sin(k * phase + rng.uniform(0, 2 * np.pi))
    level = active_rms(sound, rate_hz) * 10 ** (-HUM_BELOW_DB / 20)
    return Damage((sound + lines * (level / lines.std())).astype(np.float32))


def clicks(sound: Sound, rate_hz: int, rng: np.random.Generator) -> Damage:
    """Add digital and vinyl clicks: one to ten samples of any sign, −36 to −6 dB of the largest sample, all audible."""

    def click() -> Floats:
        shape = rng.normal(0, 1, int(rng.integers(1, 11)))
        return np.asarray(shape * 10 ** (rng.uniform(-36, -6) / 20) / np.abs(shape).max())

    return _plant(sound, rate_hz, rng, CLICKS_PER_S, click)


def mouth_clicks(sound: Sound, rate_hz: int, rng: np.random.Generator) -> Damage:
    """Add mouth clicks: one to three damped ringings at 1.5 to 7 kHz within 4 ms, −40 to −16 dB of the largest sample, all audible.

    That is, 6 dB above the loudest 2 ms of the 60 ms around: the pulses of a vowel hide softer ones.
    """

    def click() -> Floats:
        shape = np.zeros(round(0.007 * rate_hz))
        for start_s in [0.0, *rng.uniform(0.001, 0.004, int(rng.integers(0, 3)))]:
            time = np.arange(shape.size) / rate_hz - start_s
            ring = np.exp(-np.maximum(time, 0) / rng.uniform(0.0002, 0.0008)) * (time >= 0)
            shape += rng.uniform(0.4, 1) * ring * np.sin(2 * np.pi * rng.uniform(1500, 7000) * time)
        return np.asarray(shape * 10 ** (rng.uniform(-40, -16) / 20) / np.abs(shape).max())

    return _plant(sound, rate_hz, rng, CLICKS_PER_S / 2, click, over_loudest=True)


def crackle(sound: Sound, rate_hz: int, rng: np.random.Generator) -> Damage:
    """Add crackle: thirty clicks a second of one to four samples, −50 to −26 dB of the largest sample, all audible."""

    def click() -> Floats:
        shape = rng.normal(0, 1, int(rng.integers(1, 5)))
        return np.asarray(shape * 10 ** (rng.uniform(-50, -26) / 20) / np.abs(shape).max())

    return _plant(sound, rate_hz, rng, 30.0, click)


def _plant(
    sound: Sound,
    rate_hz: int,
    rng: np.random.Generator,
    per_s: float,
    make: Callable[[], Floats],
    *,
    over_loudest: bool = False,
) -> Damage:
    """Add shapes, scaled by the largest sample, at places where they can be heard; drawn anew up to twenty times."""
    out, places = sound.astype(np.float64), []
    peak = float(np.abs(sound).max())
    high = signal.butter(4, 2000, "hp", fs=rate_hz, output="sos")
    usual = np.square(signal.sosfiltfilt(high, sound[0].astype(np.float64)))
    reach = rate_hz // 100
    if over_loudest:
        short = np.convolve(usual, np.ones(reach // 5) / (reach // 5), "same")
        usual, least = maximum_filter1d(short, 6 * reach), 10**0.6
    else:
        usual, least = np.convolve(usual, np.ones(2 * reach) / (2 * reach), "same"), 10 ** (LEAST_CLICK_OVER_DB / 10)
    for _ in range(round(per_s * sound.shape[1] / rate_hz)):
        for _ in range(20):
            place, shape = int(rng.integers(rate_hz // 10, sound.shape[1] - rate_hz // 10)), peak * make()
            padded = np.pad(shape, rate_hz // 500)
            energy = float(np.square(signal.sosfilt(high, padded)).sum()) / (rate_hz / 500)
            if energy > least * usual[place]:
                out[:, place : place + shape.size] += shape
                places.append((place, place + shape.size))
                break
    return Damage(out.astype(np.float32), tuple(sorted(places)))


def clip(sound: Sound, _rate_hz: int, _rng: np.random.Generator, *, over_db: float) -> Damage:
    """Cut off so many decibels below the largest sample."""
    ceiling = float(np.abs(sound).max()) * 10 ** (-over_db / 20)
    return Damage(np.clip(sound, -ceiling, ceiling).astype(np.float32))


def plosives(sound: Sound, rate_hz: int, rng: np.random.Generator) -> Damage:
    """Add pops of breath: 60 to 120 ms of a falling 30 to 70 Hz wave with rumble, 0 to +6 dB of the active level."""
    out, places = sound.astype(np.float64), []
    level = active_rms(sound, rate_hz)
    for start in np.arange(0.7, sound.shape[1] / rate_hz - 0.5, 1.9):
        place = round((start + rng.uniform(0, 0.6)) * rate_hz)
        length = round(rng.uniform(0.06, 0.12) * rate_hz)
        time = np.arange(length) / rate_hz
        envelope = np.minimum(time / 0.008, 1) * np.exp(-time / 0.03) * np.hanning(2 * length)[length:]
        pop = envelope * np.sin(2 * np.pi * (rng.uniform(30, 70) * time + rng.uniform()))
        pop *= level * 10 ** (rng.uniform(0, 6) / 20) / np.sqrt(np.mean(np.square(pop)))
        out[:, place : place + length] += pop
        places.append((place, place + length))
    return Damage(out.astype(np.float32), tuple(places))


def gaps(sound: Sound, rate_hz: int, rng: np.random.Generator, *, gap_s: float = 0.05) -> Damage:
    """Replace stretches by silence, one each 0.7 s, where the sound plays."""
    out, places = sound.copy(), []
    length, level = round(gap_s * rate_hz), active_rms(sound, rate_hz)
    for start in np.arange(0.5, sound.shape[1] / rate_hz - 0.6, 0.7):
        place = round((start + rng.uniform(0, 0.3)) * rate_hz)
        part = sound[:, place : place + length]
        if np.sqrt(np.mean(np.square(part, dtype=np.float64))) > 0.3 * level:
            out[:, place : place + length] = 0
            places.append((place, place + length))
    return Damage(out, tuple(places))


def bleed(sound: Sound, other: Sound, rate_hz: int, rng: np.random.Generator, *, below_db: float = 18.0) -> Damage:
    """Add what the microphone hears of another source: 4 ms later, duller, with twenty early reflections."""
    response = np.zeros(round(0.08 * rate_hz))
    response[round(0.004 * rate_hz)] = 1.0
    for place in rng.uniform(0.006, 0.08, 20):
        response[round((place - 1e-4) * rate_hz)] += rng.normal(0, 0.5) * np.exp(-place / 0.03)
    response = np.convolve(response, np.hanning(9) / np.hanning(9).sum())
    mono = other.mean(axis=0).astype(np.float64)
    size = mono.size + response.size
    heard = np.fft.irfft(np.fft.rfft(mono, size) * np.fft.rfft(response, size), size)[: sound.shape[1]]
    heard = np.pad(heard, (0, sound.shape[1] - heard.size))
    gain = (
        active_rms(sound, rate_hz)
        * 10 ** (-below_db / 20)
        / max(active_rms(heard[None].astype(np.float32), rate_hz), 1e-12)
    )
    return Damage((sound + gain * heard).astype(np.float32))


def sibilance(sound: Sound, rate_hz: int, _rng: np.random.Generator, *, over_db: float = 8.0) -> Damage:
    """Raise all above 5 kHz by so much wherever a voice hisses: where 4.5 kHz and more outweigh all below 3 kHz."""
    high = signal.sosfiltfilt(signal.butter(4, 4500, "hp", fs=rate_hz, output="sos"), sound[0].astype(np.float64))
    low = signal.sosfiltfilt(signal.butter(4, 3000, "lp", fs=rate_hz, output="sos"), sound[0].astype(np.float64))
    step = rate_hz // 100
    count = high.size // step
    hiss = np.square(high[: count * step]).reshape(count, step).mean(axis=1)
    rest = np.square(low[: count * step]).reshape(count, step).mean(axis=1)
    hissing = (hiss > 1.5 * rest) & (hiss > 0.02 * active_rms(sound, rate_hz) ** 2)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], hissing, [False]]).astype(np.int8))).reshape(-1, 2)
    places = tuple((int(a) * step, int(b) * step) for a, b in edges if b - a >= 3)
    share = np.zeros(sound.shape[1])
    for start, end in places:
        share[start:end] = 1
    share = np.convolve(share, np.hanning(step) / np.hanning(step).sum(), "same")
    band = signal.sosfiltfilt(signal.butter(4, 5000, "hp", fs=rate_hz, output="sos"), sound.astype(np.float64))
    return Damage((sound + (10 ** (over_db / 20) - 1) * share * band).astype(np.float32), places)


def breaths(sound: Sound, rate_hz: int, rng: np.random.Generator) -> Damage:
    """Add breaths where the sound pauses before a phrase: shaped noise of 0.25 to 0.5 s, 18 to 26 dB below the active level."""
    out, places = sound.astype(np.float64), []
    level, step = active_rms(sound, rate_hz), rate_hz // 50
    count = sound.shape[1] // step
    power = np.square(sound[0, : count * step].astype(np.float64)).reshape(count, step).mean(axis=1)
    loud = power > 0.02 * level**2
    for onset in np.flatnonzero(loud[1:] & ~loud[:-1]) + 1:
        length = int(rng.integers(12, 26))
        if onset < length + 2 or loud[onset - length - 2 : onset].any() or not loud[onset : onset + 3].all():
            continue
        frames = length * step
        shape = np.sin(np.pi * np.arange(frames) / frames) ** 0.7
        hiss = rng.normal(0, 1, frames)
        hiss = signal.sosfilt(signal.butter(2, (700, 6000), "bp", fs=rate_hz, output="sos"), hiss)
        hiss += signal.sosfilt(
            signal.butter(1, (1400, 1900), "bp", fs=rate_hz, output="sos"), rng.normal(0, 1.5, frames)
        )
        hiss *= shape * level * 10 ** (-rng.uniform(18, 26) / 20) / np.sqrt(np.mean(np.square(hiss * shape)))
        start = int(onset - length - 1) * step
        out[:, start : start + frames] += hiss
        places.append((start, start + frames))
    return Damage(out.astype(np.float32), tuple(places))


def wow(sound: Sound, rate_hz: int, rng: np.random.Generator, *, depth: float = 0.005) -> tuple[Damage, Floats]:
    """Play with a speed that swings by ±depth at 0.56 Hz (33⅓ turns a minute); also return the speed at each frame."""
    time = np.arange(sound.shape[1]) / rate_hz
    turn = 2 * np.pi * (100 / 180) * time + rng.uniform(0, 2 * np.pi)
    speed = 1 + depth * np.sin(turn)
    place = np.cumsum(speed) - speed[0]
    return Damage(read_at(sound, place)), speed


def azimuth(sound: Sound, rate_hz: int, rng: np.random.Generator) -> tuple[Damage, float]:
    """Make the right channel 10 to 80 us late or early and up to 4 dB duller at 10 kHz; also return the delay in us."""
    delay_us = float(rng.uniform(10, 80) * rng.choice([-1, 1]))
    frequency = np.fft.rfftfreq(sound.shape[1], 1 / rate_hz)
    share = np.clip(np.log10(np.maximum(frequency, 1) / 1000), 0, 1)
    change = 10 ** (-rng.uniform(0, 4) * share / 20) * np.exp(-2j * np.pi * frequency * delay_us * 1e-6)
    right = np.fft.irfft(np.fft.rfft(sound[1].astype(np.float64)) * change, sound.shape[1])
    return Damage(np.stack([sound[0], right.astype(np.float32)])), delay_us


def read_at(sound: Sound, place: Floats) -> Sound:
    """Return the sound at fractional frames, by a windowed sinc of 64 samples."""
    whole = np.floor(place).astype(np.int64)
    part = place - whole
    out = np.zeros((sound.shape[0], place.size))
    padded = np.pad(sound.astype(np.float64), ((0, 0), (64, 64)))
    for tap in range(-31, 33):
        distance = part - tap
        weight = np.sinc(distance) * np.i0(8 * np.sqrt(np.maximum(0, 1 - (distance / 32) ** 2))) / np.i0(8.0)
        out += padded[:, np.clip(whole + tap + 64, 0, padded.shape[1] - 1)] * weight
    return out.astype(np.float32)


def si_sdr_db(estimate: Sound, target: Sound) -> float:
    """Return the scale-invariant signal-to-distortion ratio (Le Roux et al. 2019)."""
    one, two = estimate.astype(np.float64).ravel(), target.astype(np.float64).ravel()
    kept = one @ two / max(float(two @ two), 1e-30) * two
    return float(10 * np.log10(max(float(kept @ kept), 1e-30) / max(float((one - kept) @ (one - kept)), 1e-30)))
