"""What happens to a sound between the instrument and the stem: tone, drive, dynamics, room, echo, width, bleed, codec."""

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from bench.training.electronic import RATE_HZ
from bench.training.score import Chance

Sound = NDArray[np.float64]
"""(channels, frames)."""


def treat(sound: Sound, chance: Chance, *, bleed: Sound | None, low_end: bool, rawness: float) -> Sound:
    """Return the sound as a stem might hold it.

    Args:
        sound: (channels, frames).
        chance: Draws everything.
        bleed: What a microphone hears besides, if any.
        low_end: Whether the instrument lives on its low end, which no filter takes then.
        rawness: 0..1, the share of treatments left out.
    """

    def happens(share: float) -> bool:
        return bool(chance.random() < share * (1 - rawness))

    out = level(sound)
    if chance.random() < 0.6:
        out = level(rest(out, chance))
    if bleed is not None:
        size = min(bleed.shape[1], out.shape[1])
        out = out.copy()
        out[:, :size] += level(bleed)[:1, :size] * 10 ** (-chance.uniform(14, 34) / 20)
    if happens(0.35):
        out = drive(out, float(chance.uniform(3, 18)))
    out = equalise(out, chance, low_end=low_end)
    if happens(0.5):
        out = compress(out, chance)
    if happens(0.25):
        out = echo(out, chance)
    if happens(0.55):
        out = reverberate(out, chance, wet=float(chance.uniform(0.05, 0.7)))
    out = widen(out, chance)
    if chance.random() < 0.3:
        out = out + chance.standard_normal(out.shape) * 10 ** (-chance.uniform(45, 75) / 20) * 0.1
    if chance.random() < 0.25:
        cutoff = float(chance.choice([7500, 10_500, 11_500, 15_500, 16_000]))
        out = np.asarray(signal.sosfilt(signal.cheby1(6, 0.5, cutoff, fs=RATE_HZ, output="sos"), out))
    return level(out)


def level(sound: Sound) -> Sound:
    """Return the sound at an RMS of 0.1 over its louder half."""
    blocks = np.square(sound[:, : sound.shape[1] // 4410 * 4410]).reshape(sound.shape[0], -1, 4410).mean(axis=(0, 2))
    loud = np.sort(blocks)[len(blocks) // 2 :].mean() if blocks.size else 0.0
    return np.asarray(sound * (0.1 / np.sqrt(loud + 1e-12)))


def drive(sound: Sound, gain_db: float) -> Sound:
    """Return the sound through a soft clipper."""
    gain = 10 ** (gain_db / 20)
    return np.asarray(np.tanh(sound * gain * 2) / 2)


def amplify(sound: Sound, chance: Chance) -> Sound:
    """Return a guitar through a driven amplifier and its loudspeaker."""
    tight = signal.sosfilt(signal.butter(1, chance.uniform(80, 400), "high", fs=RATE_HZ, output="sos"), level(sound))
    hot = np.tanh(tight * 10 ** (chance.uniform(15, 45) / 20)) * 0.5
    box = signal.butter(3, [chance.uniform(60, 120), chance.uniform(3500, 7000)], "band", fs=RATE_HZ, output="sos")
    return np.asarray(signal.sosfilt(box, hot))


def equalise(sound: Sound, chance: Chance, *, low_end: bool) -> Sound:
    """Return the sound through up to three bells, a tilt and now and then a filter."""
    out = sound
    for _ in range(int(chance.integers(0, 4))):
        out = _bell(
            out,
            float(np.exp(chance.uniform(np.log(60), np.log(14_000)))),
            float(chance.uniform(-9, 9)),
            float(chance.uniform(0.4, 2)),
        )
    if not low_end and chance.random() < 0.5:
        corner = float(np.exp(chance.uniform(np.log(40), np.log(350))))
        out = signal.sosfilt(signal.butter(2, corner, "high", fs=RATE_HZ, output="sos"), out)
    if chance.random() < 0.2:
        corner = float(np.exp(chance.uniform(np.log(3500), np.log(15_000))))
        out = signal.sosfilt(signal.butter(2, corner, "low", fs=RATE_HZ, output="sos"), out)
    return np.asarray(out)


def _bell(sound: Sound, hz: float, gain_db: float, q: float) -> Sound:
    """Return the sound through a peaking filter (R. Bristow-Johnson, Audio EQ Cookbook)."""
    a, w = 10 ** (gain_db / 40), 2 * np.pi * hz / RATE_HZ
    alpha = np.sin(w) / (2 * q)
    b = [1 + alpha * a, -2 * np.cos(w), 1 - alpha * a]
    return np.asarray(signal.lfilter(b, [1 + alpha / a, -2 * np.cos(w), 1 - alpha / a], sound))


def compress(sound: Sound, chance: Chance) -> Sound:
    """Return the sound compressed: its level, smoothed, drawn towards a constant."""
    release = float(chance.uniform(0.03, 0.3))
    smoothing = float(np.exp(-1 / (release * RATE_HZ)))
    power = signal.lfilter([1 - smoothing], [1, -smoothing], np.square(sound).mean(axis=0))
    over_db = np.maximum(0, 10 * np.log10(power + 1e-10) + chance.uniform(20, 35))
    return np.asarray(sound * 10 ** (-over_db * chance.uniform(0.2, 0.8) / 20))


def reverberate(sound: Sound, chance: Chance, *, wet: float) -> Sound:
    """Return the sound in a room of decaying noise; stereo."""
    seconds = float(np.exp(chance.uniform(np.log(0.15), np.log(3))))
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    tail = chance.standard_normal((2, t.size)) * np.exp(-6.9 * t / seconds)
    colour = signal.butter(1, [chance.uniform(80, 400), chance.uniform(2500, 12_000)], "band", fs=RATE_HZ, output="sos")
    tail = signal.sosfilt(colour, tail)
    tail /= np.sqrt(np.square(tail).sum(axis=1, keepdims=True))
    both = np.repeat(sound, 2, axis=0) if sound.shape[0] == 1 else sound
    return np.asarray(both + wet * signal.fftconvolve(both, tail, axes=1)[:, : both.shape[1]])


def echo(sound: Sound, chance: Chance) -> Sound:
    """Return the sound with repeats."""
    out, gain = sound.copy(), float(chance.uniform(0.2, 0.7))
    step = int(chance.uniform(0.08, 0.5) * RATE_HZ)
    for i in range(1, 6):
        if i * step < sound.shape[1]:
            out[:, i * step :] += sound[:, : -i * step] * gain**i
    return out


def widen(sound: Sound, chance: Chance) -> Sound:
    """Return the sound as mono, as stereo, or with one channel late."""
    kind = chance.random()
    if kind < 0.35:
        return np.asarray(sound.mean(axis=0, keepdims=True))
    if sound.shape[0] == 2:
        return sound
    both = np.repeat(sound, 2, axis=0)
    if kind < 0.55:
        late = int(chance.uniform(0.004, 0.025) * RATE_HZ)
        both[1, late:] = sound[0, :-late]
    elif kind < 0.9:  # chorus: two copies whose delay moves in opposite ways
        t = np.arange(sound.shape[1])
        sway = chance.uniform(20, 120) * np.sin(2 * np.pi * chance.uniform(0.2, 2) * t / RATE_HZ)
        amount = chance.uniform(0.3, 1)
        for channel, sign in enumerate((1, -1)):
            both[channel] += amount * np.interp(t - 600 - sign * sway, t, sound[0])
    return both


def rest(sound: Sound, chance: Chance) -> Sound:
    """Return the sound with rests in which only rooms and echoes will ring: most tracks rest most of the time."""
    frames = sound.shape[1]
    gate, at = np.zeros(frames), 0
    busy = float(np.exp(chance.uniform(np.log(0.3), np.log(5))))
    while at < frames:
        length = int(chance.uniform(0.3, 1.7) * busy * RATE_HZ)
        gate[at : at + length] = 10 ** (-chance.exponential(4) / 20)
        at += length + int(chance.uniform(0.2, 3) * RATE_HZ)
    smooth = int(chance.uniform(0.002, 0.06) * RATE_HZ)
    window = np.hanning(smooth + 2)
    return np.asarray(sound * signal.fftconvolve(gate, window / window.sum(), "same"))
