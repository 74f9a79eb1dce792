"""Layers one hit of a drum under others: the song's own sound, at its places, no louder than each place says."""

import base64
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.model import Model, Seconds
from tonmeister.processing.stream import run_stream

LONGEST_S = 0.5
"""A hit is no longer."""
_FULL = 32767
HitPlace = Annotated[
    tuple[Annotated[Seconds, Field(ge=0)], Annotated[float, Field(ge=-2, le=2)]],
    Field(description="Where the layer begins, in seconds, and its factor: negative is upside down."),
]


class Reinforcer(Model):
    """Settings of a reinforcer: the hit itself and where it is laid."""

    kind: Literal["reinforcer"] = "reinforcer"
    places: tuple[HitPlace, ...] = ()
    """By rising time; none changes nothing."""
    from_s: Seconds = Field(default=0.0, ge=0)
    """Where in the file the hit was taken."""
    hit: str = ""
    """The hit: 16-bit samples of the file's first channel, full scale as in the file, base64; empty changes nothing."""
    rate_hz: int = Field(default=48_000, ge=8000, le=384_000)
    """Sample rate of the hit, the song's."""
    start_s: Seconds = 0.0
    """Where in the song the sound begins to which the places refer."""
    gain: float = 1.0
    """Factor on the hit, which is that of the file as it is: the strip's trim."""


def pack_hit(samples: Samples) -> str:
    """Return a hit as text: its first channel, faded out over the last fifth."""
    wave = samples[0].astype(np.float64)
    fade = max(1, wave.size // 5)
    wave[wave.size - fade :] *= np.linspace(1, 0, fade) if wave.size > fade else 1.0
    return base64.b64encode(np.round(np.clip(wave, -1, 1) * _FULL).astype("<i2").tobytes()).decode("ascii")


def unpack_hit(text: str) -> Samples:
    """Return (1, frames) of a hit that was packed."""
    return (np.frombuffer(base64.b64decode(text), "<i2").astype(np.float32) / np.float32(_FULL))[None]


def is_neutral(settings: Reinforcer) -> bool:
    """Say whether these settings return the input as it is."""
    return not settings.hit or not any(factor for _, factor in settings.places)


def reinforce(audio: Audio, settings: Reinforcer, *, key: Audio | None = None) -> Audio:
    """Return the audio with the hit laid under its places; a key changes nothing."""
    del key
    return run_stream(audio, ReinforcerStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels))


class ReinforcerStream:
    """A reinforcer at work."""

    latency_frames = 0
    tail_frames = 0

    def __init__(self, settings: Reinforcer, *, sample_rate_hz: int, channels: int) -> None:
        del channels
        places = () if is_neutral(settings) else settings.places
        self._hit = unpack_hit(settings.hit)[0] * np.float32(settings.gain) if places else np.zeros(0, np.float32)
        self._starts = [round((time_s + settings.start_s) * sample_rate_hz) for time_s, _ in places]
        self._factors = [np.float32(factor) for _, factor in places]
        self._position = 0

    def start_at(self, frame: int) -> None:
        """Say that the first frame to come is this one of the song."""
        self._position = frame

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the same frames with the hit added where it belongs; silence stays silence, the key is not used."""
        del key
        out = block.copy()
        first, last = self._position, self._position + block.shape[1]
        self._position = last
        for start, factor in zip(self._starts, self._factors, strict=True):
            low, high = max(start, first), min(start + self._hit.size, last)
            if low < high:
                out[:, low - first : high - first] += factor * self._hit[low - start : high - start]
        return out
