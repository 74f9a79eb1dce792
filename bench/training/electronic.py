"""Instruments of our own (oscillators, filters, noise) and hits of CC0 samples, for what General MIDI does not hold."""

from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray
from scipy import signal

from bench.training.score import Chance, Note

RATE_HZ = 44_100
Mono = NDArray[np.float64]
SAMPLES = Path("/usr/share/sonic-pi/samples")
"""Debian's sonic-pi-samples: CC0, each with its source in the package's copyright file."""
SAMPLE_KINDS: dict[str, tuple[str, ...]] = {
    "kick": ("bd_*", "drum_heavy_kick", "drum_bass_*", "elec_hollow_kick", "elec_soft_kick"),
    "snare": ("sn_*", "drum_snare_*", "elec_*snare"),
    "hat": ("drum_cymbal_closed", "drum_cymbal_pedal", "elec_cymbal", "elec_tick"),
    "open hat": ("drum_cymbal_open",),
    "crash": ("drum_cymbal_hard", "drum_cymbal_soft", "drum_splash_*"),
    "tom": ("drum_tom_*", "elec_fuzz_tom"),
    "clap": ("perc_snap*",),
    "percussion": ("tabla_*", "drum_cowbell", "elec_wood", "elec_triangle", "elec_bong", "perc_till", "glitch_perc*", "vinyl_scratch", "elec_blip*", "elec_plip", "elec_pop"),
    "drums": ("loop_amen*", "loop_breakbeat", "loop_mehackit*", "loop_industrial", "loop_compus", "loop_mika"),
    "percussion loop": ("loop_tabla", "loop_perc*", "loop_safari"),
    "effects": ("ambi_*", "perc_swoosh", "perc_swash", "perc_impact*", "misc_cineboom", "vinyl_*", "mehackit_*", "glitch_robot*", "loop_drone*", "loop_weirdo", "loop_3d*", "loop_electric"),
    "electric guitar": ("guit_*",),
    "bass": ("bass_*",),
}  # fmt: skip


def load_sample(path: Path) -> Mono:
    """Return a sample as one channel at 44.1 kHz."""
    samples, rate = soundfile.read(path, always_2d=True)
    mono = samples.mean(axis=1)
    return mono if rate == RATE_HZ else np.asarray(soxr.resample(mono, rate, RATE_HZ))


def pick_sample(kind: str, chance: Chance) -> Mono:
    """Return a random sample of a kind, a little faster or slower."""
    paths = sorted(path for pattern in SAMPLE_KINDS[kind] for path in SAMPLES.glob(f"{pattern}.flac"))
    if kind == "effects":
        paths = [path for path in paths if "choir" not in path.name and "piano" not in path.name]
    sample = load_sample(paths[int(chance.integers(len(paths)))])
    speed = float(2 ** (chance.uniform(-3, 3) / 12))
    return np.asarray(soxr.resample(sample, RATE_HZ * speed, RATE_HZ))


def place(sample: Mono, hits: list[tuple[float, float]], frames: int, *, choke: bool = False) -> Mono:
    """Return a sample struck at these times with these strengths."""
    out = np.zeros(frames)
    for i, (at_s, strength) in enumerate(hits):
        start = int(at_s * RATE_HZ)
        end = min(frames, start + sample.size)
        if choke and i + 1 < len(hits):
            end = min(end, int(hits[i + 1][0] * RATE_HZ))
        if end > start:
            out[start:end] += sample[: end - start] * strength
    return out


def make_hit(piece: str, chance: Chance) -> Mono:
    """Return one hit of a drum machine."""
    t = np.arange(int(RATE_HZ * 1.2)) / RATE_HZ
    noise = chance.standard_normal(t.size)
    if piece == "kick":
        low, drop = chance.uniform(38, 65), chance.uniform(60, 400)
        pitch = low + drop * np.exp(-t * chance.uniform(20, 70))
        body = np.sin(2 * np.pi * np.cumsum(pitch) / RATE_HZ) * np.exp(-t * chance.uniform(3, 16))
        click = noise * np.exp(-t * 400) * chance.uniform(0, 0.4)
        return np.asarray(np.tanh((body + click) * chance.uniform(1, 4)))
    if piece == "snare":
        tone = np.sin(2 * np.pi * chance.uniform(150, 260) * t) * np.exp(-t * chance.uniform(15, 35))
        rattle = band(noise, chance.uniform(700, 2000), chance.uniform(7000, 15000)) * np.exp(
            -t * chance.uniform(9, 30)
        )
        return np.asarray(tone * chance.uniform(0.3, 1) + rattle * chance.uniform(0.6, 1.5))
    if piece == "clap":
        bursts = np.sum([np.exp(-np.maximum(t - d, 0) * 180) * (t >= d) for d in (0, 0.011, 0.022)], axis=0)
        tail = np.exp(-np.maximum(t - 0.03, 0) * chance.uniform(12, 35)) * (t >= 0.03)
        return np.asarray(band(noise, chance.uniform(600, 1100), chance.uniform(3000, 9000)) * (bursts + tail))
    if piece in ("hat", "open hat", "percussion", "crash"):
        metal = sum(np.sign(np.sin(2 * np.pi * f * t)) for f in chance.uniform(300, 900, 6) * chance.uniform(0.8, 9))
        source = noise + metal * chance.uniform(0, 0.5)
        decay = {"hat": (25, 90), "open hat": (5, 12), "percussion": (12, 60), "crash": (1.5, 4)}[piece]
        low_hz = chance.uniform(*{"percussion": (1500, 6000), "crash": (2500, 5000)}.get(piece, (5000, 9500)))
        swell = 1 - np.exp(-t * (60 if piece == "percussion" and chance.random() < 0.6 else 4000))
        return np.asarray(band(source, low_hz, 18_000) * np.exp(-t * chance.uniform(*decay)) * swell)
    pitch = chance.uniform(70, 220) * (1 + 0.5 * np.exp(-t * 20))
    body = np.sin(2 * np.pi * np.cumsum(pitch) / RATE_HZ) * np.exp(-t * chance.uniform(4, 12))
    return np.asarray(body + noise * np.exp(-t * 80) * 0.1)


def band(sound: Mono, low_hz: float, high_hz: float) -> Mono:
    """Return what lies between two frequencies."""
    sos = signal.butter(2, [low_hz, min(high_hz, 21_000)], "band", fs=RATE_HZ, output="sos")
    return np.asarray(signal.sosfilt(sos, sound))


def synthesise(notes: list[Note], seconds: float, chance: Chance, *, kind: str) -> Mono:
    """Return notes on a synthesiser: `bass`, `sub`, `lead`, `pluck`, `pad` or `fm`."""
    frames = int(seconds * RATE_HZ)
    out = np.zeros(frames + RATE_HZ * 3)
    wave = str(chance.choice(["saw", "square", "triangle", "super"]))
    cutoff, bend = chance.uniform(0.5, 8), chance.uniform(0, 6)
    attack = chance.uniform(0.2, 1.2) if kind == "pad" else chance.uniform(0.002, 0.02)
    release = chance.uniform(0.4, 1.5) if kind == "pad" else chance.uniform(0.02, 0.3)
    decay = float(np.exp(chance.uniform(np.log(3), np.log(45))))
    index, ratio = chance.uniform(0.5, 6), float(chance.choice([1, 2, 3, 0.5, 1.41, 7]))
    for note in notes:
        start = int(note.start_s * RATE_HZ)
        if start >= frames:
            continue
        length = note.length_s + 3 * release
        t = np.arange(int(min(length, 6) * RATE_HZ)) / RATE_HZ
        frequency = 440 * 2 ** ((note.pitch - 69) / 12)
        envelope = np.minimum(t / attack, 1) * np.exp(-np.maximum(t - note.length_s, 0) / release)
        if kind == "pluck":
            envelope = envelope * np.exp(-t * decay)
        tone = _tone(frequency, t, wave if kind != "sub" else "sine", kind, index, ratio, chance)
        if kind not in ("sub", "fm"):
            tone = _sweep(tone, frequency, t, cutoff, bend)
        part = tone * envelope * note.velocity / 127
        out[start : start + part.size] += part[: out.size - start]
    return out[:frames]


def _tone(hz: float, t: Mono, wave: str, kind: str, index: float, ratio: float, chance: Chance) -> Mono:
    if kind == "fm":
        return np.sin(2 * np.pi * hz * t + index * np.exp(-t * 3) * np.sin(2 * np.pi * hz * ratio * t))
    if wave == "sine":
        glide = 1 + 0.5 * np.exp(-t * 40) if chance.random() < 0.5 else np.ones_like(t)
        return np.tanh(np.sin(2 * np.pi * np.cumsum(hz * glide) / RATE_HZ) * chance.uniform(1, 3))
    voices = chance.normal(0, 0.006, 5) if wave == "super" or kind == "pad" else np.zeros(1)
    total = np.zeros_like(t)
    for detune in voices:
        phase = np.mod(hz * (1 + detune) * t + chance.random(), 1)
        if wave == "square":
            total += np.where(phase < 0.5, 1.0, -1.0)
        elif wave == "triangle":
            total += 4 * np.abs(phase - 0.5) - 1
        else:
            total += 2 * phase - 1
    return np.asarray(total / np.sqrt(len(voices)))


def _sweep(tone: Mono, hz: float, t: Mono, cutoff: float, bend: float) -> Mono:
    """Return the tone between an open and a closed low-pass, the open one fading out: a filter envelope."""
    closed, opened = (
        signal.sosfilt(signal.butter(2, min(18_000, hz * factor + 60), fs=RATE_HZ, output="sos"), tone)
        for factor in (cutoff, cutoff * (1 + bend))
    )
    fade = np.exp(-t * 5)
    return np.asarray(opened * fade + closed * (1 - fade))


def make_effect(seconds: float, chance: Chance) -> Mono:
    """Return risers, sweeps, impacts, drones and textures."""
    frames = int(seconds * RATE_HZ)
    t = np.arange(frames) / RATE_HZ
    kind = str(chance.choice(["riser", "impact", "texture", "drone", "tonal riser", "wind"]))
    noise = chance.standard_normal(frames)
    if kind in ("riser", "wind"):
        period = chance.uniform(2, 8)
        ramp = np.mod(t, period) / period
        ramp = ramp if kind == "riser" else 0.5 - 0.5 * np.cos(2 * np.pi * ramp)
        out = np.zeros(frames)
        edges = np.geomspace(200, 12_000, 8)
        for i in range(7):
            out += band(noise, edges[i], edges[i + 1]) * np.exp(-(((ramp * 6) - i) ** 2))
        return out * (0.1 + ramp**2)
    if kind == "impact":
        hits = [(at, 1.0) for at in np.arange(0, seconds, chance.uniform(3, 6))]
        tail = np.arange(RATE_HZ * 3) / RATE_HZ
        boom = np.sin(2 * np.pi * np.cumsum(40 + 60 * np.exp(-tail * 4)) / RATE_HZ) * np.exp(-tail * 1.5)
        crash = band(chance.standard_normal(tail.size), 200, 9000) * np.exp(-tail * chance.uniform(2, 6))
        return place(boom + crash * chance.uniform(0.2, 1), hits, frames)
    if kind == "tonal riser":
        period = chance.uniform(2, 6)
        ramp = np.mod(t, period) / period
        return np.sign(np.sin(2 * np.pi * np.cumsum(100 * 2 ** (ramp * chance.uniform(2, 5))) / RATE_HZ)) * ramp
    if kind == "drone":
        base = chance.uniform(50, 160)
        tones = sum(np.sin(2 * np.pi * base * k * (1 + chance.normal(0, 0.004)) * t + k) / k for k in range(1, 9))
        return tones * (0.6 + 0.4 * np.sin(2 * np.pi * chance.uniform(0.05, 0.3) * t)) + band(noise, 100, 1500) * 0.2
    grains = np.zeros(frames)
    for at in chance.uniform(0, seconds - 0.3, int(seconds * chance.uniform(3, 20))):
        size = int(chance.uniform(0.02, 0.3) * RATE_HZ)
        shape = np.hanning(size) * np.sin(2 * np.pi * chance.uniform(200, 5000) * np.arange(size) / RATE_HZ)
        grains[int(at * RATE_HZ) : int(at * RATE_HZ) + size] += shape * chance.random()
    return grains + band(noise, 300, 8000) * chance.uniform(0, 0.1)
