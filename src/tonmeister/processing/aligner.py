"""Moves phrases in time: each stretch earlier or later as a whole, with short crossfades in the gaps between."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from tonmeister.audio import Audio, Samples
from tonmeister.model import Model, Ms, Seconds
from tonmeister.processing.stream import run_stream

MOST_MS = 300.0
"""Furthest that anything is moved."""
ShiftPoint = Annotated[
    tuple[Annotated[Seconds, Field(ge=0)], Annotated[Ms, Field(ge=-MOST_MS, le=MOST_MS)]],
    Field(description="Time in seconds, and by how many ms what follows is moved: negative is earlier."),
]


class Aligner(Model):
    """Settings of an aligner: from each point on the sound is moved as a whole, until the next."""

    kind: Literal["aligner"] = "aligner"
    points: tuple[ShiftPoint, ...] = ()
    """By rising time; before the first nothing is moved; none changes nothing."""
    fade_ms: Ms = Field(default=20.0, ge=1, le=200)
    """Length of the crossfade around each point."""
    start_s: Seconds = 0.0
    """Where in the song the sound begins to which the points refer."""


def is_neutral(settings: Aligner) -> bool:
    """Say whether these settings return the input as it is."""
    return not any(shift_ms for _, shift_ms in settings.points)


def align_phrases(audio: Audio, settings: Aligner, *, key: Audio | None = None) -> Audio:
    """Return the audio with its phrases moved; a key changes nothing."""
    del key
    return run_stream(audio, AlignerStream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels))


class AlignerStream:
    """An aligner at work."""

    def __init__(self, settings: Aligner, *, sample_rate_hz: int, channels: int) -> None:
        points = () if is_neutral(settings) else settings.points
        self._places = [round((time_s + settings.start_s) * sample_rate_hz) for time_s, _ in points]
        self._shifts = [0, *(round(shift_ms * sample_rate_hz / 1000) for _, shift_ms in points)]
        self._fade = max(2, round(settings.fade_ms * sample_rate_hz / 1000))
        self.latency_frames = max(0, -min(self._shifts))  # an earlier phrase has to be there before it is heard
        self.tail_frames = max(0, *self._shifts)
        self._held = np.zeros((channels, self.latency_frames + self.tail_frames), np.float32)
        self._position = 0

    def start_at(self, frame: int) -> None:
        """Say that the first frame to come is this one of the song."""
        self._position = frame

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the next frames, late by latency_frames; the key is not used."""
        del key
        if not self._places:
            return block.copy()
        frames = block.shape[1]
        sound = np.concatenate((self._held, block), axis=1)
        first = self._position - self.latency_frames
        """Frame of the song that comes out first."""
        out = np.empty_like(block)
        for place, shift in enumerate(self._shifts):
            self._write(out, sound, first, place, shift)
        self._held = sound[:, frames:].copy()
        self._position += frames
        return out

    def _write(self, out: Samples, sound: Samples, first: int, place: int, shift: int) -> None:
        """Write one stretch, from the start of its crossfade to the end of the next one's, over what stands there."""
        half = self._fade // 2
        frames = out.shape[1]
        start = 0 if place == 0 else self._places[place - 1] - half - first
        end = frames if place == len(self._places) else self._places[place] + half - first
        low, high = max(0, start), min(frames, end)
        if low >= high:
            return
        base = self.tail_frames - shift  # `sound` begins tail + latency frames before the block
        part = sound[:, base + low : base + high]
        faded = min(high, start + 2 * half) if place else low
        if faded > low:
            ramp = ((np.arange(low, faded) - start + 0.5) / (2 * half)).astype(np.float32)
            there = out[:, low:faded]
            out[:, low:faded] = there + ramp * (part[:, : faded - low] - there)
        out[:, max(low, faded) : high] = part[:, max(low, faded) - low :]
