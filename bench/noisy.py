"""Recordings with noise or a room, each with the clean one: shared pairs, and clean ones with noise or a room planted."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from bench.sound import Sound, decode, read, resample

LENGTH_S = 12.0
"""Most of a recording that is used."""
PLANTED_SNR_DB = (5.0, 15.0, 25.0)
EARLY_S = 0.05
"""What comes within this time of the sound itself counts as sound, not as room (as in C50, ISO 3382-1)."""
CLEAN = (
    ("speech", "voice_noise/daps_m2_script1/m2_script1_clean.flac", True, 6.0),
    ("singing", "voice_noise/vocals/vocadito_1.wav", True, 4.0),
    ("loud singing", "voice_noise/vocals/vocadito_10.wav", True, 0.0),
    ("band singing", "multitracks/clingo_rawband/vox.flac", True, 2.0),
    ("guitar", "multitracks/clingo_rawband/guitOne.flac", False, 0.0),
    ("second guitar", "multitracks/clingo_rawband/guitTwo.flac", False, 0.0),
    ("lead guitar", "multitracks/mdn_funk/leadguitar.mp3", False, 0.0),
    ("bass", "multitracks/clingo_rawband/bass.flac", False, 0.0),
    ("funk bass", "multitracks/mdn_funk/bassguitar.mp3", False, 0.0),
    ("drums", "multitracks/mdn_funk/drums.mp3", False, 10.0),
    ("snare", "multitracks/clingo_rawband/snare.flac", False, 0.0),
    ("piano", "multitracks/clingo_rawband/piano.flac", False, 0.0),
    ("clavinet", "multitracks/mdn_funk/clav.mp3", False, 0.0),
    ("horns", "multitracks/mdn_funk/horns.mp3", False, 0.0),
)
"""Name, file, whether it is a voice, where the part that is used begins in seconds."""
PLANTED_IN = ("speech", "singing", "loud singing", "band singing", "guitar", "lead guitar", "drums", "piano")
ROOMED = ("speech", "singing", "loud singing")


@dataclass(frozen=True, eq=False)
class Recording:
    """A recording and what it should be."""

    name: str
    kind: str
    """pair, planted, room or clean."""
    clean: Sound
    heard: Sound
    rate_hz: int
    voice: bool = True
    dry: Sound | None = None
    """The sound before it came into the room."""


def folder_of(data: Path) -> Path:
    """Return the folder that holds voice_noise, rir and multitracks: the data folder or the one above."""
    return data if (data / "voice_noise").exists() else data.parent


def find_recordings(data: Path, work: Path, *, seeds: int) -> Iterator[Recording]:
    """Return every recording whose files are there; decoded files are kept in work."""
    folder = folder_of(data)
    for noisy in sorted((folder / "voice_noise").glob("*/*_noisy.wav")):
        clean, rate_hz = read(noisy.with_name(noisy.name.replace("_noisy", "_clean")))
        yield Recording(noisy.stem.removesuffix("_noisy"), "pair", clean, read(noisy)[0], rate_hz)
    for name, file, voice, start_s in CLEAN:
        if not (folder / file).exists():
            continue
        whole, rate_hz = read(decode(folder / file, work / f"{name}.wav"))
        start = round(start_s * rate_hz)
        clean = np.ascontiguousarray(whole[:, start : start + round(LENGTH_S * rate_hz)])
        yield Recording(name, "clean", clean, clean, rate_hz, voice=voice)
        if name in PLANTED_IN:
            yield from _plant(name, clean[:1], rate_hz, seeds=seeds, voice=voice)
        if name in ROOMED:
            yield from _put_into_rooms(name, clean[:1], rate_hz, folder / "rir")


def _plant(name: str, clean: Sound, rate_hz: int, *, seeds: int, voice: bool) -> Iterator[Recording]:
    for seed in range(1, seeds + 1):
        rng = np.random.default_rng(100 + seed)
        colour = rng.uniform(0.0, 1.0)  # from white to a little steeper than pink
        for snr_db in PLANTED_SNR_DB:
            noise = _coloured(rng, clean.shape[1], colour, rate_hz)
            noise *= np.sqrt(np.mean(np.square(clean, dtype=np.float64)) / np.mean(np.square(noise))) * 10 ** (
                -snr_db / 20
            )
            heard = (clean + noise).astype(np.float32)
            yield Recording(f"{name} {snr_db:g} dB seed {seed}", "planted", clean, heard, rate_hz, voice=voice)


def _coloured(rng: np.random.Generator, frames: int, slope: float, rate_hz: int) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(rng.standard_normal(frames))
    spectrum *= np.maximum(np.fft.rfftfreq(frames, 1 / rate_hz), 40.0) ** (-0.6 * slope)
    return np.fft.irfft(spectrum, frames)


def _put_into_rooms(name: str, dry: Sound, rate_hz: int, folder: Path) -> Iterator[Recording]:
    for file in sorted(folder.glob("*.wav")):
        samples, room_hz = read(file)
        response = resample(samples[:1], from_hz=room_hz, to_hz=rate_hz)[0].astype(np.float64)
        peak = int(np.argmax(np.abs(response)))
        response = response[max(0, peak - round(0.001 * rate_hz)) :] / np.abs(response[peak])
        direct = int(np.argmax(np.abs(response)))
        early = np.where(np.arange(response.size) < direct + EARLY_S * rate_hz, response, 0.0)
        wet, near = (fftconvolve(dry[0].astype(np.float64), h)[: dry.shape[1]] for h in (response, early))
        scale = 0.5 / np.abs(wet).max()
        clean, heard = ((x * scale).astype(np.float32)[None] for x in (near, wet))
        yield Recording(f"{name} in {file.stem}", "room", clean, heard, rate_hz, dry=dry)
