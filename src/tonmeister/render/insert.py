"""One processor at work inside the graph: in song time, and asleep where nothing sounds.

A block of song time [k, k + n) needs the input up to k + n + latency: the input is fed ahead by the latency, rounded up to the
grid, and what comes out early is held back. So everything outside is in song time, and no path ever needs a delay.

Asleep means: after `settle_frames` of digital silence, counted in whole cells of song time, the output is silence by definition,
and the next sound meets a fresh stream. That depends on the input and on song time alone, never on where blocks are cut.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tonmeister.audio import Samples
from tonmeister.processing.stream import Stream
from tonmeister.render.align import CELL_FRAMES, Hold, whole_cells
from tonmeister.render.place import silent_edges

REST_FRAMES = 262_144
"""Silence that a processor sees at least, beyond its tail, before it sleeps: detectors and gains have come to rest by then."""
MOST_BLOCK_FRAMES = REST_FRAMES
"""A longer block could hold a whole sleep within itself."""


@dataclass(frozen=True, slots=True)
class Times:
    """How an insert moves sound in time."""

    latency_frames: int
    tail_frames: int

    @property
    def ahead_frames(self) -> int:
        """How far its input runs ahead of its output, on the grid."""
        return whole_cells(self.latency_frames)

    def end_after(self, end_frame: int) -> int:
        """Return where its sound has ended when its input ends there, on the grid."""
        return whole_cells(end_frame + self.latency_frames + self.tail_frames)


class InsertStage:
    """Runs the streams of one insert over consecutive blocks."""

    def __init__(
        self,
        make: Callable[[int], Stream],
        times: Times,
        *,
        start_frame: int,
        end_frame: int,
        channels: int,
        keyed: bool,
    ) -> None:
        self._make, self._channels, self._keyed = make, channels, keyed
        self._stream = make(start_frame)
        self._end = end_frame
        self.ahead_frames = times.ahead_frames
        self._settle = whole_cells(times.latency_frames + times.tail_frames) + REST_FRAMES
        late = times.latency_frames
        self._hold = Hold(hold_frames=times.ahead_frames - late, drop_frames=late)
        self._quiet = self._settle
        self._position = start_frame

    def process(self, block: Samples | None, key: Samples | None, frames: int) -> Samples | None:
        """Take the next block (None: silence) of so many frames; give what is due in song time."""
        raw = self._run(block, key, frames)
        self._position += frames
        due = self._hold.take(raw, frames, channels=self._channels)
        return None if due is None or silent_edges(due, CELL_FRAMES)[0] == due.shape[1] else due

    def _run(self, block: Samples | None, key: Samples | None, frames: int) -> Samples | None:
        lasting = min(frames, self._end - self._position)
        if lasting <= 0:
            return None
        if lasting < frames:
            cut = None if block is None else np.ascontiguousarray(block[:, :lasting])
            raw = self._within(cut, None if key is None else np.ascontiguousarray(key[:, :lasting]), lasting)
            return None if raw is None else _spread(raw, 0, frames)
        return self._within(block, key, frames)

    def _within(self, block: Samples | None, key: Samples | None, frames: int) -> Samples | None:
        if self._keyed:  # a detector that hears something else never sleeps
            return self._live(self._sounding(block, frames), key)
        lead, trail = (frames, frames) if block is None else silent_edges(block, CELL_FRAMES)
        awake = self._settle - self._quiet
        if lead == frames:
            self._quiet = min(self._settle, self._quiet + frames)
            return self._fade(awake, frames)
        if lead < awake:
            self._quiet = trail
            return self._live(self._sounding(block, frames), None)
        out = self._fade(awake, frames)
        self._quiet = trail
        self._stream = self._make(self._position + lead)
        woken = _spread(self._live(np.ascontiguousarray(self._sounding(block, frames)[:, lead:]), None), lead, frames)
        if out is not None:
            woken[:, :awake] = out[:, :awake]
        return woken

    def _fade(self, awake: int, frames: int) -> Samples | None:
        """Give the stream the silence that is left until it sleeps."""
        if awake <= 0:
            return None
        size = min(awake, frames)
        return _spread(self._live(np.zeros((self._channels, size), np.float32), None), 0, frames)

    def _sounding(self, block: Samples | None, frames: int) -> Samples:
        return np.zeros((self._channels, frames), np.float32) if block is None else block

    def _live(self, block: Samples, key: Samples | None) -> Samples:
        if self._keyed and key is None:
            key = np.zeros_like(block)
        return self._stream.process(block, key)


def _spread(part: Samples, at: int, frames: int) -> Samples:
    """Lay a part into silence of so many frames."""
    if part.shape[1] == frames:
        return part
    out = np.zeros((part.shape[0], frames), np.float32)
    out[:, at : at + part.shape[1]] = part
    return out
