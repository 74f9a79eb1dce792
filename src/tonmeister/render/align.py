"""Blocks in song time: what runs ahead is held back, what comes late was fed ahead."""

import numpy as np

from tonmeister.audio import Samples

CELL_FRAMES = 1024
"""The grid of song time on which blocks begin and silence is decided; every block is a whole number of cells."""


def whole_cells(frames: int) -> int:
    """Return frames, rounded up to the grid."""
    return -(-frames // CELL_FRAMES) * CELL_FRAMES


class Hold:
    """Drops the first frames of a signal, then keeps a number of frames back; None stands for a silent block.

    The first block that comes in is longer by `hold_frames` (and `drop_frames` shorter in worth), all others come out as
    long as they came in.
    """

    def __init__(self, *, hold_frames: int, drop_frames: int = 0) -> None:
        self._hold, self._drop = hold_frames, drop_frames
        self._held: Samples | None = None
        self._begun = False

    def take(self, block: Samples | None, frames: int, *, channels: int) -> Samples | None:
        """Put in the next block of so many frames and take out what is due."""
        if not self._begun:
            self._begun = True
            if block is None:
                return None
            self._held, due = self._split(block[:, self._drop :])
            return due
        if self._hold == 0 or (block is None and self._held is None):
            return block
        held = np.zeros((channels, self._hold), np.float32) if self._held is None else self._held
        more = np.zeros((channels, frames), np.float32) if block is None else block
        self._held, due = self._split(np.concatenate((held, more), axis=1))
        if block is None and self._held is not None and not self._held.any():
            self._held = None
        return due

    def _split(self, block: Samples) -> tuple[Samples | None, Samples]:
        if self._hold == 0:
            return None, np.ascontiguousarray(block)
        due = block.shape[1] - self._hold
        return block[:, due:].copy(), np.ascontiguousarray(block[:, :due])
