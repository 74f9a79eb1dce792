"""The drum kit: each drum from sine modes and noise, and the microphones that hear it."""

import numpy as np

from tonmeister.demo.filters import band_pass, bell, filtered, high_pass, low_pass, room
from tonmeister.demo.groove import Hit
from tonmeister.demo.score import SAMPLE_RATE_HZ, Mono, Score, Stereo, frame

VARIATIONS = 4
"""Takes of each drum: no two neighbouring hits are the same sound."""

# What each microphone hears of each part of the kit, in dB relative to the part's own close microphone.
MICROPHONES: dict[str, dict[str, float]] = {
    "kick in": {"kick beater": 0, "kick shell": -3, "snare shell": -34, "low tom": -34, "high tom": -38},
    "kick out": {"kick beater": -12, "kick shell": 0, "snare shell": -27, "snare wires": -36, "low tom": -28, "high tom": -32, "crash": -36},
    "snare top": {"snare shell": 0, "snare wires": -8, "hat": -21, "open hat": -21, "kick shell": -26, "high tom": -22, "low tom": -30, "crash": -28, "ride": -34},
    "snare bottom": {"snare shell": -3, "snare wires": 0, "hat": -28, "open hat": -28, "kick shell": -26, "high tom": -28, "low tom": -32},
    "hi-hat": {"hat": 0, "open hat": 0, "snare shell": -20, "snare wires": -20, "crash": -16, "ride": -22, "kick shell": -40, "high tom": -28},
    "high tom": {"high tom": 0, "low tom": -20, "snare shell": -24, "snare wires": -30, "kick shell": -28, "hat": -32, "open hat": -32, "crash": -24, "ride": -30},
    "low tom": {"low tom": 0, "high tom": -20, "snare shell": -28, "kick shell": -24, "ride": -22, "crash": -28, "hat": -38, "open hat": -38},
}  # fmt: skip
# Both overheads: level in dB and place, −1 left to +1 right.
OVERHEADS: dict[str, tuple[float, float]] = {
    "kick beater": (-17, 0.0), "kick shell": (-14, 0.0), "snare shell": (-9, 0.0), "snare wires": (-10, 0.0), "hat": (-9, -0.5),
    "open hat": (-9, -0.5), "high tom": (-8, -0.25), "low tom": (-8, 0.45), "crash": (-1, -0.6), "ride": (-2, 0.65),
}  # fmt: skip


def _seconds(length_s: float) -> Mono:
    return np.arange(round(length_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ


def _mode(time_s: Mono, frequency_hz: float, decay_s: float, *, drop: float = 0.0, drop_s: float = 0.02) -> Mono:
    """Return a decaying sine whose pitch falls by a share of itself."""
    phase = frequency_hz * (time_s + drop * drop_s * (1.0 - np.exp(-time_s / drop_s)))
    tone: Mono = np.sin(2.0 * np.pi * phase) * np.exp(-time_s / decay_s)
    return tone


def _noise(time_s: Mono, decay_s: float, rng: np.random.Generator) -> Mono:
    burst: Mono = rng.standard_normal(time_s.size) * np.exp(-time_s / decay_s)
    return burst


def _metal(time_s: Mono, base_hz: float, rng: np.random.Generator) -> Mono:
    """Return the clang of many inharmonic partials, as of a cymbal."""
    ratios = np.geomspace(1.0, 14.0, 28) * np.exp(rng.normal(0.0, 0.03, 28))
    phases = rng.uniform(0.0, 2.0 * np.pi, ratios.size)
    partials = [
        np.sin(2.0 * np.pi * base_hz * ratio * time_s + phase) for ratio, phase in zip(ratios, phases, strict=True)
    ]
    clang: Mono = np.sum(partials, axis=0) / np.sqrt(ratios.size)
    return clang


def _kick_parts(rng: np.random.Generator) -> dict[str, Mono]:
    time_s = _seconds(0.5)
    tuning_hz = 52.0 * (1.0 + 0.006 * rng.standard_normal())
    shell = _mode(time_s, tuning_hz, 0.13, drop=2.2, drop_s=0.016) + 0.2 * _mode(time_s, 2.0 * tuning_hz, 0.05)
    click = filtered(_noise(time_s, 0.004, rng), band_pass(3200.0, q=0.8))
    knock = _mode(time_s, tuning_hz, 0.07, drop=4.5, drop_s=0.011)
    return {"kick shell": 0.95 * shell, "kick beater": 0.55 * knock + 1.1 * click}


def _snare_parts(rng: np.random.Generator) -> dict[str, Mono]:
    time_s = _seconds(0.45)
    shell = (
        _mode(time_s, 196.0, 0.055, drop=0.35, drop_s=0.012)
        + 0.55 * _mode(time_s, 332.0, 0.04)
        + 0.25 * _mode(time_s, 545.0, 0.03)
    )
    crack = filtered(_noise(time_s, 0.012, rng), high_pass(1500.0), low_pass(7500.0))
    buzz = _noise(time_s, 0.085, rng) * (1.0 - np.exp(-time_s / 0.0015))
    wires = filtered(buzz, high_pass(1300.0), bell(4500.0, gain_db=4.0, q=0.8), low_pass(11_000.0))
    return {"snare shell": 0.62 * shell + 0.30 * crack, "snare wires": 0.26 * wires}


def _hat(rng: np.random.Generator, *, decay_s: float) -> Mono:
    time_s = _seconds(min(0.9, 8.0 * decay_s))
    clang = _metal(time_s, 900.0, rng) * np.exp(-time_s / decay_s) + 0.8 * _noise(time_s, decay_s * 0.8, rng)
    return 0.24 * filtered(clang, high_pass(5500.0), high_pass(3000.0), low_pass(15_000.0))


def _tom(frequency_hz: float, rng: np.random.Generator) -> Mono:
    time_s = _seconds(0.9)
    body = _mode(time_s, frequency_hz, 0.20, drop=0.4, drop_s=0.03) + 0.35 * _mode(time_s, 1.59 * frequency_hz, 0.10)
    stick = filtered(_noise(time_s, 0.006, rng), band_pass(3000.0, q=0.7))
    return 0.7 * body + 0.5 * stick


def _cymbal(base_hz: float, decay_s: float, wash: float, rng: np.random.Generator) -> Mono:
    time_s = _seconds(min(3.2, 4.5 * decay_s))
    bright = _metal(time_s, base_hz, rng) * np.exp(-time_s / decay_s)
    hiss = _noise(time_s, 0.6 * decay_s, rng) * (1.0 - np.exp(-time_s / 0.004))
    fade = np.clip((time_s[-1] - time_s) / 0.3, 0.0, 1.0)
    struck = filtered(
        0.7 * bright + wash * hiss, high_pass(450.0), bell(6500.0, gain_db=3.0, q=0.6), low_pass(14_000.0)
    )
    cymbal: Mono = 0.28 * fade * struck
    return cymbal


def _tambourine(rng: np.random.Generator) -> Mono:
    time_s = _seconds(0.25)
    jingles = _noise(time_s, 0.035, rng) + 0.5 * np.roll(_noise(time_s, 0.03, rng), 500)
    return 0.4 * filtered(jingles, band_pass(8200.0, q=1.2), high_pass(4000.0))


def make_kit(rng: np.random.Generator) -> dict[str, list[Mono]]:
    """Return variations of the sound of each part of the kit, near full scale 1.0 for the loud ones."""
    kit: dict[str, list[Mono]] = {}
    for _ in range(VARIATIONS):
        takes = {
            **_kick_parts(rng),
            **_snare_parts(rng),
            "hat": _hat(rng, decay_s=0.035),
            "open hat": _hat(rng, decay_s=0.20),
            "high tom": _tom(146.0, rng),
            "low tom": _tom(92.0, rng),
            "crash": _cymbal(420.0, 0.8, 1.5, rng),
            "ride": 0.7 * _cymbal(620.0, 0.45, 0.4, rng),
            "tambourine": _tambourine(rng),
        }
        for part, sound in takes.items():
            kit.setdefault(part, []).append(sound)
    return kit


def _parts_of(drum: str) -> tuple[str, ...]:
    return {"kick": ("kick beater", "kick shell"), "snare": ("snare shell", "snare wires")}.get(drum, (drum,))


def _strike(track: Mono, sound: Mono, start: int, gain: float) -> None:
    end = min(track.size, start + sound.size)
    if end > start:
        track[start:end] += gain * sound[: end - start]


def _play(hits: list[Hit], kit: dict[str, list[Mono]], gains: dict[str, float], score: Score) -> Mono:
    """Return one channel that hears the parts of the kit with these gains."""
    track = np.zeros(score.frames)
    for number, hit in enumerate(hits):
        for part in _parts_of(hit.drum):
            if part in gains:
                # Harder strokes are louder by more than their force, as on a drum.
                _strike(track, kit[part][number % VARIATIONS], frame(hit.time_s), gains[part] * hit.velocity**1.4)
    return track


def record_close(hits: list[Hit], kit: dict[str, list[Mono]], score: Score, *, microphone: str) -> Mono:
    """Return what a close microphone of MICROPHONES hears: its drum and the bleed of the others."""
    gains = {part: 10.0 ** (level_db / 20.0) for part, level_db in MICROPHONES[microphone].items()}
    return _play(hits, kit, gains, score)


def record_overheads(hits: list[Hit], kit: dict[str, list[Mono]], score: Score) -> Stereo:
    """Return what the two overheads hear of the whole kit and its room, not yet late."""
    direct = np.empty((2, score.frames))
    for channel, side in enumerate((-1.0, 1.0)):
        gains = {
            part: 10.0 ** (level_db / 20.0) * np.sqrt(0.5 * (1.0 + side * place))
            for part, (level_db, place) in OVERHEADS.items()
        }
        direct[channel] = _play(hits, kit, gains, score)
    return direct + 0.16 * room(direct, decay_s=0.45)


def record_tambourine(hits: list[Hit], kit: dict[str, list[Mono]], score: Score) -> Mono:
    """Return the tambourine, overdubbed alone."""
    return _play(hits, kit, {"tambourine": 1.0}, score)
