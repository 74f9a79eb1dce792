"""Repairs of marked places: a place is mended as soon as what follows it is there; all else passes untouched, to the bit."""

from collections.abc import Callable, Sequence

import numpy as np
from pydantic import Field, model_validator

from tonmeister.audio import Samples
from tonmeister.model import Model, Seconds


class Region(Model):
    """A marked stretch of time."""

    start_s: Seconds = Field(ge=0)
    """Where it begins."""
    end_s: Seconds = Field(ge=0)
    """Where it ends."""
    channel: int | None = Field(default=None, ge=0, le=1)
    """The one channel that is meant; None for all."""

    @model_validator(mode="after")
    def _in_order(self) -> "Region":
        if self.end_s <= self.start_s:
            raise ValueError("a region ends after it starts")
        return self


Place = tuple[int, int, int]
"""First frame, the frame after the last, and the index of the region."""
Mend = Callable[[Samples, int, int, int], None]
"""(channels, frames) with context, first and last-plus-one frame of the place in it, and the index of its region: mends in place."""


def find_places(
    regions: Sequence[Region], *, start_s: Seconds, sample_rate_hz: int, margin_frames: int = 0
) -> list[Place]:
    """Return the regions as frames of the song, in the order of their ends; start_s is where the sound itself begins."""
    offset = round(start_s * sample_rate_hz)
    places = [
        (
            max(0, round(region.start_s * sample_rate_hz) - margin_frames) + offset,
            max(round(region.end_s * sample_rate_hz), round(region.start_s * sample_rate_hz) + 1)
            + margin_frames
            + offset,
            index,
        )
        for index, region in enumerate(regions)
    ]
    return sorted(places, key=lambda place: (place[1], place[0]))


class RegionStream:
    """Mends places one after the other; each sees those before it mended, and silence outside the song."""

    tail_frames = 0

    def __init__(self, mend: Mend, places: Sequence[Place], *, context_frames: int, channels: int) -> None:
        self._mend, self._context = mend, context_frames
        longest = max((end - start for start, end, _ in places), default=0)
        self._reach = longest + 2 * context_frames
        self.latency_frames = longest + context_frames if places else 0
        self._places = list(places)
        self._next = 0
        self._held = np.zeros((channels, self._reach if places else 0), np.float32)
        self._position = 0

    def start_at(self, frame: int) -> None:
        """Say that the first frame to come is this one of the song."""
        self._position = frame
        while self._next < len(self._places) and self._places[self._next][1] <= frame:
            self._next += 1

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the next frames, late by latency_frames; the key is not used."""
        if not self._places:
            return block.copy()
        frames = block.shape[1]
        sound = np.concatenate((self._held, block), axis=1)
        origin = self._position - self._reach  # the frame of the song at which `sound` begins
        self._position += frames
        while self._next < len(self._places) and self._places[self._next][1] + self._context <= self._position:
            first, last, index = self._places[self._next]
            start, end = first - self._context - origin, last + self._context - origin
            part = np.ascontiguousarray(sound[:, start:end])
            if part.any():
                self._mend(part, self._context, self._context + last - first, index)
                sound[:, first - origin : last - origin] = part[:, self._context : self._context + last - first]
            self._next += 1
        self._held = sound[:, frames:].copy()
        late = self._reach - self.latency_frames
        return np.ascontiguousarray(sound[:, late : late + frames])
