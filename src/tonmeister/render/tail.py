"""The end of a mix: sound that rings on is kept until it is below -90 dBFS, at most ten seconds."""

import numpy as np

from tonmeister.audio import Samples
from tonmeister.render.steps import Listener

LONGEST_TAIL_S = 10.0
SILENT_BELOW = np.float32(10 ** (-90 / 20))


class TrimmedTail:
    """Hands blocks on; of what lies behind the song only as much as leads up to a frame above -90 dBFS."""

    def __init__(self, listener: Listener, *, song_frames: int) -> None:
        self._listener, self._song_frames = listener, song_frames
        self._waiting: list[tuple[int, Samples]] = []
        self.end_frame = 0
        """Frame of the song behind the last one that was handed on."""

    def __call__(self, start_frame: int, block: Samples) -> None:
        """Take the next block (channels, frames)."""
        end = start_frame + block.shape[1]
        sure = min(end, self._song_frames)
        if end > self._song_frames:
            loud = np.flatnonzero(np.abs(block).max(axis=0) > SILENT_BELOW)
            if loud.size:
                sure = max(sure, start_frame + int(loud[-1]) + 1)
        if sure > start_frame:
            for earlier in self._waiting:
                self._give(*earlier)
            self._waiting.clear()
            self._give(start_frame, _part(block, 0, sure - start_frame))
        if sure < end:
            rest = max(0, sure - start_frame)
            self._waiting.append((start_frame + rest, _part(block, rest, block.shape[1]).copy()))

    def _give(self, start_frame: int, block: Samples) -> None:
        self._listener(start_frame, block)
        self.end_frame = start_frame + block.shape[1]


def _part(block: Samples, first: int, last: int) -> Samples:
    return block if last - first == block.shape[1] else np.ascontiguousarray(block[:, first:last])
