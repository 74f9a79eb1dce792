"""What runs in the executor: a head that makes or joins sound, stages that change it, and taps that listen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tonmeister.audio import Samples
from tonmeister.render.align import CELL_FRAMES, Hold
from tonmeister.render.insert import InsertStage
from tonmeister.render.place import Placer, Sender, silent_edges
from tonmeister.render.sums import Summer


@dataclass(frozen=True, slots=True)
class Range:
    """The blocks of a run, in song time."""

    start_frame: int
    block_frames: int

    def block(self, index: int, *, ahead_frames: int) -> tuple[int, int]:
        """Return start and length of a block for who runs so far ahead: its first block is longer by that."""
        if index == 0:
            return self.start_frame, self.block_frames + ahead_frames
        return self.start_frame + index * self.block_frames + ahead_frames, self.block_frames


class Reader(Protocol):
    """Sound that can be read anywhere, in song time."""

    def read(self, start_frame: int, frames: int) -> Samples | None:
        """Return exactly (channels, frames); None where all of it is digital silence."""
        ...


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a step takes its input from, and what holds it back until it is in step."""

    place: int
    hold: Hold
    channels: int

    def take(self, block: Samples | None, frames: int) -> Samples | None:
        """Return the next block in step."""
        return self.hold.take(block, frames, channels=self.channels)


class PlaceStage:
    """Fader, pan, width, mute or a send, by song time."""

    ahead_frames = 0

    def __init__(self, change: Callable[[Samples, int], Samples | None], *, start_frame: int) -> None:
        self._change, self._position = change, start_frame

    @classmethod
    def of(cls, tool: Placer | Sender, *, start_frame: int) -> "PlaceStage":
        """Return a stage that places or sends."""
        return cls(tool.place if isinstance(tool, Placer) else tool.send, start_frame=start_frame)

    def process(self, block: Samples | None, key: Samples | None, frames: int) -> Samples | None:
        """Take and give the next block."""
        start, self._position = self._position, self._position + frames
        return None if block is None else self._change(block, start)


Stage = InsertStage | PlaceStage


class PipeStep:
    """Reads sound, or takes or adds up what other steps made, and leads it through stages."""

    def __init__(
        self,
        run: Range,
        *,
        ahead_frames: int,
        reader: Reader | None,
        edges: Sequence[Edge],
        summer: Summer | None,
        stages: Sequence[tuple[Stage, Edge | None]],
    ) -> None:
        self._run, self._reader, self._edges, self._stages = run, reader, edges, stages
        self._summer = summer
        self._ahead = ahead_frames + sum(stage.ahead_frames for stage, _ in stages)
        keys = [edge for _, edge in stages if edge is not None]
        self.inputs = tuple(edge.place for edge in (*edges, *keys))

    def run(self, index: int, blocks: Sequence[Samples | None]) -> Samples | None:
        """Compute a block of song time."""
        start, frames = self._run.block(index, ahead_frames=self._ahead)
        if self._reader is not None:
            block = self._reader.read(start, frames)
        else:
            taken = [edge.take(blocks[n], frames) for n, edge in enumerate(self._edges)]
            block = self._summer.add(taken) if self._summer is not None else taken[0] if taken else None
        keys = iter(blocks[len(self._edges) :])
        for stage, edge in self._stages:
            key = None if edge is None else edge.take(next(keys), frames)
            block = stage.process(block, key, frames)
            if index == 0:
                frames -= stage.ahead_frames
        return block


class Listener(Protocol):
    """What hears a point of the mix: a meter, a file, the cache."""

    def __call__(self, start_frame: int, block: Samples) -> None:
        """Take the next (channels, frames), which begin at a frame of the song; the block is only lent and not to be changed."""
        ...


class BlockListener(Protocol):
    """A listener that is told about silence as None."""

    def take(self, start_frame: int, frames: int, block: Samples | None) -> None:
        """Take the next block."""
        ...


class TapStep:
    """Gives every block of a point to who listens there, in order."""

    def __init__(self, run: Range, edge: Edge, listener: BlockListener) -> None:
        self._run, self._edge, self._listener = run, edge, listener
        self.inputs = (edge.place,)

    def run(self, index: int, blocks: Sequence[Samples | None]) -> None:
        """Hand the block on."""
        start, frames = self._run.block(index, ahead_frames=0)
        block = self._edge.take(blocks[0], frames)
        self._listener.take(start, frames, block)


class WithinRange:
    """Gives a listener the frames of a range only, and silence as zeros."""

    def __init__(self, listener: Listener, *, start_frame: int, end_frame: int, channels: int) -> None:
        self._listener, self._start, self._end, self._channels = listener, start_frame, end_frame, channels

    def take(self, start_frame: int, frames: int, block: Samples | None) -> None:
        """Take the next block."""
        first, last = max(start_frame, self._start), min(start_frame + frames, self._end)
        if first >= last:
            return
        if block is None:
            part = np.zeros((self._channels, last - first), np.float32)
        elif last - first == frames:
            part = block
        else:
            part = np.ascontiguousarray(block[:, first - start_frame : last - start_frame])
        self._listener(first, part)


def sounding(block: Samples) -> Samples | None:
    """Return the block; None if all of it is digital silence."""
    return None if silent_edges(block, CELL_FRAMES)[0] == block.shape[1] else block
