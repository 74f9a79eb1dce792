"""Faults of the microphone's stand and street, planted in clean recordings: wind, handling, rumble, a low edge of bandwidth."""

import numpy as np
from scipy import signal

from bench.damage import Damage, active_rms
from bench.sound import Sound


def wind(sound: Sound, rate_hz: int, rng: np.random.Generator) -> Damage:
    """Add gusts: 0.8 to 2 s of noise that falls by 12 dB an octave from 40 Hz on, −6 to +3 dB of the active level."""
    out, places = sound.astype(np.float64), []
    level = active_rms(sound, rate_hz)
    for start in np.arange(0.8, sound.shape[1] / rate_hz - 3, 4.0):
        place = round((start + rng.uniform(0, 1)) * rate_hz)
        length = round(rng.uniform(0.8, 2.0) * rate_hz)
        gust = signal.sosfilt(signal.butter(2, 40, "lp", fs=rate_hz, output="sos"), rng.normal(0, 1, length))
        flutter = 1 + 0.6 * signal.sosfilt(
            signal.butter(1, 4, "lp", fs=rate_hz, output="sos"), rng.normal(0, 40, length)
        )
        gust *= np.hanning(length) * np.maximum(flutter, 0.1)
        gust *= level * 10 ** (rng.uniform(-6, 3) / 20) / np.sqrt(np.mean(np.square(gust)))
        out[:, place : place + length] += gust
        places.append((place, place + length))
    return Damage(out.astype(np.float32), tuple(places))


def handling(sound: Sound, rate_hz: int, rng: np.random.Generator) -> Damage:
    """Add thumps of a hand or a stand: two to four damped knocks of 25 to 90 Hz within 0.3 s, 0 to +6 dB of the active level."""
    out, places = sound.astype(np.float64), []
    level = active_rms(sound, rate_hz)
    for start in np.arange(0.7, sound.shape[1] / rate_hz - 1.5, 2.5):
        place, length = round((start + rng.uniform(0, 1)) * rate_hz), round(0.4 * rate_hz)
        thump = np.zeros(length)
        for delay_s in (0.0, *rng.uniform(0.03, 0.25, int(rng.integers(1, 4)))):
            time = np.arange(length) / rate_hz - delay_s
            knock = np.minimum(np.maximum(time, 0) / 0.004, 1) * np.exp(-np.maximum(time, 0) / rng.uniform(0.02, 0.05))
            thump += rng.uniform(0.4, 1) * knock * np.sin(2 * np.pi * rng.uniform(25, 90) * time)
        thump *= np.minimum(1, (length - np.arange(length)) / (0.05 * rate_hz))
        thump *= level * 10 ** (rng.uniform(0, 6) / 20) / np.sqrt(np.mean(np.square(thump[: round(0.15 * rate_hz)])))
        out[:, place : place + length] += thump
        places.append((place, place + length))
    return Damage(out.astype(np.float32), tuple(places))


def rumble(sound: Sound, rate_hz: int, rng: np.random.Generator) -> Damage:
    """Add a steady rumble of traffic and machines: noise about 12 to 30 Hz, 20 dB below the active level."""
    low, high = rng.uniform(8, 12), rng.uniform(18, 30)
    noise = signal.sosfilt(
        signal.butter(2, (low, high), "bp", fs=rate_hz, output="sos"), rng.normal(0, 1, sound.shape[1])
    )
    noise *= active_rms(sound, rate_hz) * 10 ** (-20 / 20) / noise.std()
    return Damage((sound + noise).astype(np.float32))


def narrow(sound: Sound, rate_hz: int, _rng: np.random.Generator, *, edge_hz: float) -> Damage:
    """Take all above an edge away, as a low sample rate or a codec does."""
    taps = signal.firwin(1023, edge_hz, fs=rate_hz, window=("kaiser", 10.0))
    return Damage(signal.fftconvolve(sound.astype(np.float64), taps[None], "same", axes=1).astype(np.float32))
