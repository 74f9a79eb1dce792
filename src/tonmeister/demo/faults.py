"""What goes wrong in a recording, planted on purpose. Each function returns the spoiled sound (channels, frames) and its truth."""

import math

import numpy as np

from tonmeister.demo.filters import bell, filtered, low_pass
from tonmeister.demo.score import SAMPLE_RATE_HZ, Mono, Stereo
from tonmeister.demo.truth import Clipping, FlippedPolarity, Hum, Late, Noise, Rumble

FULL_SCALE = 1.0 - 2.0**-23
"""The highest value of 24 bits: what a converter gives for everything above."""
MAINS_HZ = 50.0
PERIOD_FRAMES = round(SAMPLE_RATE_HZ / MAINS_HZ)
"""960 frames exactly: the hum repeats."""
HUM_DBFS = (-52.0, -58.0, -54.0, -66.0, -58.0, -72.0, -62.0, -76.0, -68.0)
"""RMS of 50 Hz, 100 Hz, …: odd harmonics are stronger, as from a transformer near single-coil pick-ups."""
OVERHEAD_DELAY_MS = 3.2
NOISE_DBFS = -55.0
RUMBLE_DBFS = -40.0
RUMBLE_HIGHEST_HZ = 38.0
MASKING_BAND_HZ = (1000.0, 4000.0)


def rms_dbfs(samples: Mono | Stereo) -> float:
    """Return the RMS level over all samples, in dB relative to 1.0."""
    return 10.0 * math.log10(float(np.mean(np.square(samples))) + 1e-30)


def _scaled(samples: Mono, level_dbfs: float) -> Mono:
    scaled: Mono = samples * 10.0 ** ((level_dbfs - rms_dbfs(samples)) / 20.0)
    return scaled


def _noise(frames: int, rng: np.random.Generator) -> Mono:
    noise: Mono = rng.standard_normal(frames)
    return noise


def add_hum(samples: Stereo, *, track: str, rng: np.random.Generator) -> tuple[Stereo, Hum]:
    """Add mains hum with its harmonics."""
    turn = 2.0 * np.pi * MAINS_HZ * np.arange(PERIOD_FRAMES) / SAMPLE_RATE_HZ
    period = np.zeros(PERIOD_FRAMES)
    for number, level_dbfs in enumerate(HUM_DBFS, start=1):
        phase = rng.uniform(0.0, 2.0 * np.pi)
        period += math.sqrt(2.0) * 10.0 ** (level_dbfs / 20.0) * np.sin(number * turn + phase)
    hum = np.resize(period, samples.shape[1])
    total_dbfs = 10.0 * math.log10(sum(10.0 ** (level_dbfs / 10.0) for level_dbfs in HUM_DBFS))
    truth = Hum(track=track, frequency_hz=MAINS_HZ, harmonics_dbfs=HUM_DBFS, level_dbfs=round(total_dbfs, 2))
    return samples + hum, truth


def add_noise(samples: Stereo, *, track: str, active: np.ndarray, rng: np.random.Generator) -> tuple[Stereo, Noise]:
    """Add white noise; active (frames,) is true where the track plays."""
    noise = _scaled(_noise(samples.shape[1], rng), NOISE_DBFS)
    snr_db = rms_dbfs(samples[:, active]) - NOISE_DBFS
    return samples + noise, Noise(track=track, level_dbfs=NOISE_DBFS, signal_to_noise_db=round(snr_db, 2))


def add_rumble(samples: Stereo, *, track: str, rng: np.random.Generator) -> tuple[Stereo, Rumble]:
    """Add noise below the voice."""
    low = filtered(_noise(samples.shape[1], rng), low_pass(RUMBLE_HIGHEST_HZ), low_pass(RUMBLE_HIGHEST_HZ))
    return samples + _scaled(low, RUMBLE_DBFS), Rumble(
        track=track, level_dbfs=RUMBLE_DBFS, highest_hz=RUMBLE_HIGHEST_HZ
    )


def clip(samples: Stereo, *, track: str) -> tuple[Stereo, Clipping]:
    """Cut the samples off at full scale."""
    clipped = np.clip(samples, -FULL_SCALE, FULL_SCALE)
    flat = np.abs(clipped).max(axis=0) >= FULL_SCALE
    frames = np.flatnonzero(flat)
    truth = Clipping(
        track=track,
        over_db=round(20.0 * math.log10(float(np.abs(samples).max())), 2),
        clipped_share=round(float(flat.mean()), 7),
        places=int(np.count_nonzero(np.diff(frames) > 1)) + 1,
        first_s=round(int(frames[0]) / SAMPLE_RATE_HZ, 6),
        last_s=round(int(frames[-1]) / SAMPLE_RATE_HZ, 6),
    )
    return clipped, truth


def flip(samples: Stereo, *, track: str, against: str) -> tuple[Stereo, FlippedPolarity]:
    """Turn the polarity round."""
    return -samples, FlippedPolarity(track=track, against=against)


def delay(samples: Stereo, *, track: str, against: tuple[str, ...]) -> tuple[Stereo, Late]:
    """Shift the samples to later; the end falls off."""
    frames = round(OVERHEAD_DELAY_MS * SAMPLE_RATE_HZ / 1000.0)
    late = np.zeros_like(samples)
    late[:, frames:] = samples[:, :-frames]
    delay_ms = round(1000.0 * frames / SAMPLE_RATE_HZ, 4)
    return late, Late(track=track, against=against, delay_frames=frames, delay_ms=delay_ms)


def brighten(samples: Stereo, spans_s: list[tuple[float, float]]) -> Stereo:
    """Push 1-4 kHz forward within the spans, with fades of 50 ms: this is what masks the voice."""
    weight = np.zeros(samples.shape[1])
    for start_s, end_s in spans_s:
        weight[round(start_s * SAMPLE_RATE_HZ) : round(end_s * SAMPLE_RATE_HZ)] = 1.0
    fade = round(0.05 * SAMPLE_RATE_HZ)
    total = np.cumsum(np.pad(weight, (fade // 2 + 1, fade - fade // 2 - 1), mode="edge"))
    weight = np.pad((total[fade:] - total[:-fade]) / fade, (0, fade))[: samples.shape[1]]
    forward = np.stack([filtered(channel, bell(2000.0, gain_db=13.0, q=0.7)) for channel in samples])
    return samples + weight * (forward - samples)


def band_power(samples: Stereo, spans_s: list[tuple[float, float]]) -> float:
    """Return the power within MASKING_BAND_HZ over the spans, summed over channels."""
    power = 0.0
    frames = 0
    for start_s, end_s in spans_s:
        part = samples[:, round(start_s * SAMPLE_RATE_HZ) : round(end_s * SAMPLE_RATE_HZ)]
        spectrum = np.abs(np.fft.rfft(part, axis=1)) ** 2
        at_hz = np.fft.rfftfreq(part.shape[1], 1.0 / SAMPLE_RATE_HZ)
        inside = (at_hz >= MASKING_BAND_HZ[0]) & (at_hz < MASKING_BAND_HZ[1])
        power += 2.0 * float(spectrum[:, inside].sum()) / part.shape[1]
        frames += part.shape[1]
    return power / max(frames, 1)
