"""Repairs that look ahead: fixed segments of the time line, with context on both sides and a short crossfade.

The grid stands at absolute positions, so a pure function is called with the same samples whatever blocks the sound came
in, and the output does not depend on the cut, to the bit.
"""

from collections.abc import Callable

import numpy as np

from tonmeister.audio import Audio, Samples

Repair = Callable[[Samples, int], Samples]
"""(channels, frames) with context, and the position of its first frame in the song (negative before its start; what lies
outside the song is silence) → the repaired samples in the same shape."""


class SegmentStream:
    """Runs a pure function segment by segment; a function that returns its input gives the input bytes.

    Segment k answers for the frames from k * segment_frames on; over its first crossfade_frames the sound passes in a
    straight line from what segment k − 1 made of the same frames. Windows of digital silence stay as they are.
    """

    tail_frames = 0

    def __init__(
        self, repair: Repair, *, segment_frames: int, context_frames: int, crossfade_frames: int, channels: int
    ) -> None:
        self._repair = repair
        self._segment, self._context = segment_frames, context_frames
        self._ramp = ((np.arange(crossfade_frames) + 0.5) / max(1, crossfade_frames)).astype(np.float32)
        self.latency_frames = segment_frames + crossfade_frames + context_frames
        self._start = -context_frames
        self._held = np.zeros((channels, context_frames), np.float32)
        self._ready = np.zeros((channels, self.latency_frames), np.float32)
        self._fading: Samples | None = None

    def process(self, block: Samples, key: Samples | None = None) -> Samples:
        """Return the next frames, late by latency_frames; the key is not used."""
        frames, window = block.shape[1], self.latency_frames + self._context
        self._held = np.concatenate((self._held, block), axis=1)
        done = [self._ready]
        at = 0
        while self._held.shape[1] - at >= window:
            done.append(self._run(np.ascontiguousarray(self._held[:, at : at + window])))
            at += self._segment
            self._start += self._segment
        if at:
            self._held = self._held[:, at:].copy()
        ready = np.concatenate(done, axis=1) if at else self._ready
        self._ready = ready[:, frames:].copy()
        return np.ascontiguousarray(ready[:, :frames])

    def _run(self, window: Samples) -> Samples:
        """Return the next segment of output; keep what fades into the one after it."""
        repaired = self._repair(window.copy(), self._start) if window.any() else window
        fade = self._ramp.size
        part = repaired[:, self._context : self._context + self._segment + fade].astype(np.float32)
        if self._fading is not None:
            part[:, :fade] = self._fading + self._ramp * (part[:, :fade] - self._fading)
        self._fading = part[:, self._segment :].copy()
        return part[:, : self._segment]


def take_residual(before: Audio, after: Audio) -> Audio:
    """Return what a repair took away: input minus output, of the same length and without latency."""
    return Audio(before.samples - after.samples, before.sample_rate_hz)
