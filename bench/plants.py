"""Faults that are planted in real stems, one function each; every sound is (channels, frames) float32."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bench.sound import Sound, as_stereo

Plant = Callable[[Sound, int, np.random.Generator], Sound]
"""Sound, rate in Hz and chance in; the sound with its fault out."""

HUM_DBFS = -45.0
NOISE_DBFS = -50.0
DC = 0.02
OVER_DB = 9.0
LEAD_IN_S = 0.5
MIC_DELAYS_MS = (0.1, 1.0, 5.0, 20.0)
POLARITY_DELAY_MS = 0.0


@dataclass(frozen=True)
class Scene:
    """Stems by name, with their rate, and what was planted: (name, fault)."""

    sounds: Mapping[str, Sound]
    rates: Mapping[str, int]
    planted: tuple[tuple[str, str], ...] = ()
    written_rates: Mapping[str, int] = field(default_factory=dict)
    """Rates that the headers claim, where they lie."""

    def change(self, name: str, sound: Sound, *faults: str) -> "Scene":
        """Return the scene with one sound replaced."""
        planted = (*self.planted, *((name, fault) for fault in faults))
        return Scene({**self.sounds, name: sound}, self.rates, planted, self.written_rates)

    def add(self, name: str, sound: Sound, rate: int, *faults: str) -> "Scene":
        """Return the scene with one more track."""
        planted = (*self.planted, *((name, fault) for fault in faults))
        return Scene({**self.sounds, name: sound}, {**self.rates, name: rate}, planted, self.written_rates)

    def rename(self, old: str, new: str) -> "Scene":
        """Return the scene with a track under another name; that alone is no fault, but it must not get lost."""
        sounds = {new if name == old else name: sound for name, sound in self.sounds.items()}
        rates = {new if name == old else name: rate for name, rate in self.rates.items()}
        return Scene(sounds, rates, self.planted, self.written_rates)

    def lie_about_rate(self, name: str, rate: int) -> "Scene":
        """Return the scene with a header that claims another rate."""
        return Scene(self.sounds, self.rates, (*self.planted, (name, "wrong_rate")), {**self.written_rates, name: rate})


def _active_level(sound: Sound) -> float:
    return (
        float(np.sqrt(np.mean(np.square(sound[np.abs(sound) > 1e-4], dtype=np.float64))))
        if np.any(np.abs(sound) > 1e-4)
        else 0.0
    )


def _fit(sound: Sound, level: float = 0.1) -> Sound:
    """Bring a stem to a common level, so that a planted fault is as strong in every song; peaks stay below 0.5."""
    gain = min(level / max(_active_level(sound), 1e-9), 0.5 / max(float(np.abs(sound).max()), 1e-9))
    return np.asarray(sound * np.float32(gain))


def clip(sound: Sound, _rate: int, _rng: np.random.Generator) -> Sound:
    """Overdrive by 9 dB above full scale and cut off, then turn down, as a bad take is."""
    peak = float(np.abs(sound).max())
    return np.asarray(np.clip(sound * np.float32(10 ** (OVER_DB / 20) / peak), -1, 1) * np.float32(0.5))


def offset(sound: Sound, _rate: int, _rng: np.random.Generator) -> Sound:
    """Shift the zero line by 2 % of full scale."""
    return np.asarray(sound + np.float32(DC))


def hum(frequency_hz: float) -> Plant:
    """Return a plant of mains hum with eight harmonics, -45 dBFS in all."""

    def plant(sound: Sound, rate: int, rng: np.random.Generator) -> Sound:
        time = np.arange(sound.shape[1]) / rate
        tones = sum(np.sin(2 * np.pi * frequency_hz * k * time + rng.uniform(0, 6.28)) / k for k in range(1, 9))
        tones = np.asarray(tones)
        return np.asarray(sound + (tones * 10 ** (HUM_DBFS / 20) / tones.std()).astype(np.float32))

    return plant


def noise(sound: Sound, _rate: int, rng: np.random.Generator) -> Sound:
    """Add steady white noise of -50 dBFS."""
    return np.asarray(sound + rng.normal(0, 10 ** (NOISE_DBFS / 20), sound.shape).astype(np.float32))


def clicks(sound: Sound, rate: int, rng: np.random.Generator) -> Sound:
    """Add forty clicks of two samples, 0.5 of full scale."""
    out = sound.copy()
    places = rng.integers(rate, sound.shape[1] - rate, 40)
    out[:, places] += np.float32(0.5)
    out[:, places + 1] -= np.float32(0.35)
    return np.clip(out, -1, 1)


def second_mic(sound: Sound, rate: int, rng: np.random.Generator, *, delay_ms: float, turned: bool) -> Sound:
    """Return what another microphone hears: later, duller, with a little noise of its own, possibly turned over."""
    mono = sound.mean(axis=0).astype(np.float64)
    late = _shift(mono, delay_ms * rate / 1000)
    dull = np.convolve(late, [0.25, 0.5, 0.25], "same")
    heard = dull * (-0.7 if turned else 0.7) + rng.normal(0, 1e-4, mono.size)
    return np.asarray(heard, dtype=np.float32)[None, :]


def _shift(mono: NDArray[np.float64], frames: float) -> NDArray[np.float64]:
    """Delay by a fractional number of frames, in the frequency domain with room for the tail."""
    size = mono.size + int(frames) + 256
    spectrum = np.fft.rfft(mono, size)
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(size) * frames)
    return np.asarray(np.fft.irfft(spectrum * turn, size)[: mono.size])


def silence(sound: Sound, _rate: int, _rng: np.random.Generator) -> Sound:
    """Leave nothing."""
    return np.zeros_like(sound)


def start_late(sound: Sound, rate: int, _rng: np.random.Generator) -> Sound:
    """Start half a second late, as a file exported from elsewhere in the session does."""
    lead_in = round(LEAD_IN_S * rate)
    return np.ascontiguousarray(np.pad(sound, ((0, 0), (lead_in, 0)))[:, : sound.shape[1]])


def one_side(sound: Sound, _rate: int, _rng: np.random.Generator) -> Sound:
    """Leave the left channel of a stereo file only, as a mono source recorded on a stereo track is."""
    out = as_stereo(sound.mean(axis=0, keepdims=True)).copy()
    out[1] = 0
    return out


def cut_end(sound: Sound, rate: int, _rng: np.random.Generator) -> Sound:
    """End in the middle of the last loud place that lies at least two seconds before the end."""
    steps = rate // 100
    count = (sound.shape[1] - 2 * rate) // steps
    power = np.square(sound[:, : count * steps], dtype=np.float64).mean(axis=0).reshape(count, steps).mean(axis=1)
    return np.ascontiguousarray(sound[:, : (int(np.flatnonzero(power > 0.25 * power.max())[-1]) + 1) * steps])


def rough_mix(sounds: Mapping[str, Sound], rates: Mapping[str, int], rng: np.random.Generator) -> tuple[Sound, int]:
    """Return a bounce of all stems of the most common rate: gains within 6 dB, driven a little."""
    rate = max(sorted(set(rates.values())), key=lambda one: sum(other == one for other in rates.values()))
    chosen = [as_stereo(sounds[name]) for name in sorted(sounds) if rates[name] == rate]
    total = np.zeros((2, max(sound.shape[1] for sound in chosen)), np.float32)
    for sound in chosen:
        total[:, : sound.shape[1]] += sound * np.float32(10 ** (rng.uniform(-6, 6) / 20))
    return np.tanh(1.5 * total / np.abs(total).max()) * np.float32(0.9), rate


SINGLE: Mapping[str, Plant] = {
    "clipping": clip,
    "dc_offset": offset,
    "hum_50": hum(50.0),
    "hum_60": hum(60.0),
    "noise": noise,
    "clicks": clicks,
    "silence": silence,
    "late_start": start_late,
    "one_sided": one_side,
    "missing_tail": cut_end,
}
"""Faults of one recording."""


def clean_scene(sounds: Mapping[str, Sound], rates: Mapping[str, int]) -> Scene:
    """Return the stems at a common level, without faults."""
    return Scene({name: _fit(sound) for name, sound in sounds.items()}, rates)


def plant_singles(scene: Scene, *, seed: int) -> Scene:
    """Plant as many faults of one recording as there are stems to spare, each in a stem of its own."""
    rng = np.random.default_rng(seed)
    names = [str(name) for name in rng.permutation(sorted(scene.sounds))]
    kinds = [str(kind) for kind in rng.permutation(sorted(SINGLE))]
    for name, kind in zip(names, kinds, strict=False):
        scene = scene.change(name, SINGLE[kind](scene.sounds[name], scene.rates[name], rng), kind)
    return scene


def plant_pairs(scene: Scene, *, seed: int) -> Scene:
    """Add second microphones (late, turned over), a copy, a dual mono, a bounce and a header that lies; rename tracks."""
    rng = np.random.default_rng(seed)
    names = [str(name) for name in rng.permutation(sorted(scene.sounds))]
    plain, first = scene, names[0]
    for delay_ms in MIC_DELAYS_MS:
        sound = second_mic(scene.sounds[first], scene.rates[first], rng, delay_ms=delay_ms, turned=False)
        scene = scene.add(f"{first} mic {delay_ms:g} ms", sound, scene.rates[first], "delay")
    other = names[1]
    sound = second_mic(scene.sounds[other], scene.rates[other], rng, delay_ms=POLARITY_DELAY_MS, turned=True)
    scene = scene.add(f"{other} under", sound, scene.rates[other], "polarity")
    copied = names[2 % len(names)]
    scene = scene.add(f"{copied} (1)", scene.sounds[copied], scene.rates[copied], "duplicate")
    twin = names[3 % len(names)]
    scene = scene.change(twin, as_stereo(scene.sounds[twin].mean(axis=0, keepdims=True)), "dual_mono")
    if len(set(names)) > 3:
        scene = scene.add("Audio 99", *rough_mix(plain.sounds, plain.rates, rng), "rough_mix")
    if len(names) > 4:
        scene = scene.lie_about_rate(names[4], 44100 if scene.rates[names[4]] != 44100 else 48000)
    for name, strange in zip(names[5:], ("Audio 7_03", "Gesang – Übung ♪ «2»", "lead GTR"), strict=False):
        scene = scene.rename(name, strange)
    return scene
