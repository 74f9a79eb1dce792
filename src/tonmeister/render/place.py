"""From strip to bus: width, fader, mute and pan; sends; sums."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tonmeister.audio import Samples
from tonmeister.document.lane import SILENT_DB, Lane
from tonmeister.kernels import njit
from tonmeister.processing.fader import Curve, fade, fade_pan, gain_curve, plain_curve
from tonmeister.processing.width import scale_side, scale_side_over


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a strip or bus stands in the mix."""

    fader_db: Lane
    mute: Lane
    width: Lane
    pan: Lane | None = None
    """None stays in the centre without any law (buses)."""

    @property
    def is_off(self) -> bool:
        """Whether nothing is ever heard of it."""
        muted = all(point.value >= 1 for point in self.mute.points)
        return muted or all(point.value <= SILENT_DB for point in self.fader_db.points)


class Placer:
    """Turns blocks of one or two channels into two channels of the bus, in song time."""

    def __init__(self, placement: Placement, *, sample_rate_hz: int) -> None:
        heard = placement.mute.model_copy(
            update={
                "points": tuple(
                    p.model_copy(update={"value": 1 - min(1, max(0, p.value))}) for p in placement.mute.points
                )
            }
        )
        self._gains = (_gain(placement.fader_db, sample_rate_hz), _plain(heard, sample_rate_hz))
        self._pan = None if placement.pan is None else _plain(placement.pan, sample_rate_hz)
        self._width = _plain(placement.width, sample_rate_hz)
        self._curves = self._gains if self._pan is None else (*self._gains, self._pan)
        self._still = all(_stands_still(curve) for curve in self._curves)
        self._sides: dict[int, Samples] = {}

    def place(self, block: Samples, start_frame: int) -> Samples | None:
        """Return (2, frames); None where it is off all the way."""
        frames = block.shape[1]
        wide = block if len(block) == 1 else self._widened(block, start_frame)
        if self._still or all(curve.is_constant_over(start_frame, frames) for curve in self._curves):
            sides = self._gains_of_sides(len(block), start_frame)
            if not sides.any():
                return None
            out = np.empty((2, frames), np.float32)
            place_constant(wide, sides[0, 0], sides[1, 0], out)
            return out
        out = self._pass(wide, start_frame)
        return np.add(out, np.float32(0), out=out)

    def _widened(self, block: Samples, start_frame: int) -> Samples:
        """Return two channels with their side signal scaled; a moving width does the same to each frame as a still one."""
        frames = block.shape[1]
        if self._width.is_constant_over(start_frame, frames):
            width = np.float32(self._width.at(start_frame)[0])
            return block if width == 1 else scale_side(block, width)
        return scale_side_over(block, self._width.at(start_frame, frames).astype(np.float32))

    def constant_sides(self, channels: int) -> tuple[float, float] | None:
        """Return the gains of left and right for so many channels; None where they move or the width changes."""
        if not self._still or (channels == 2 and not bool(np.all(self._width.values == 1))):
            return None
        sides = self._gains_of_sides(channels, 0)
        return float(sides[0, 0]), float(sides[1, 0])

    def _gains_of_sides(self, channels: int, frame: int) -> Samples:
        if channels in self._sides:
            return self._sides[channels]
        sides = self._pass(np.ones((channels, 1), np.float32), frame)
        if self._still:
            self._sides[channels] = sides
        return sides

    def _pass(self, block: Samples, start_frame: int) -> Samples:
        if self._pan is not None:
            return fade_pan(block, start_frame=start_frame, gains=self._gains, pan=self._pan)
        return fade(block, start_frame=start_frame, gains=self._gains)


class Sender:
    """A copy of a placed strip at the level of a send."""

    def __init__(self, level_db: Lane, *, sample_rate_hz: int) -> None:
        self._level = _gain(level_db, sample_rate_hz)
        self.constant = float(np.float32(self._level.at(0)[0])) if _stands_still(self._level) else None
        """The gain, if it never moves."""

    def send(self, block: Samples, start_frame: int) -> Samples | None:
        """Return (2, frames); None where the send is off all the way."""
        gain = self.constant
        if gain is None and self._level.is_constant_over(start_frame, block.shape[1]):
            gain = float(np.float32(self._level.at(start_frame)[0]))
        if gain is not None:
            if gain == 0:
                return None
            out = np.empty_like(block)
            place_constant(block, np.float32(gain), np.float32(gain), out)
            return out
        out = fade(block, start_frame=start_frame, gains=(self._level,))
        return np.add(out, np.float32(0), out=out)


def _stands_still(curve: Curve) -> bool:
    return bool(np.all(curve.values == curve.values[0]))


def _gain(lane: Lane, sample_rate_hz: int) -> Curve:
    frames = [point.time_s * sample_rate_hz for point in lane.points]
    return gain_curve(frames, [point.value for point in lane.points], law=lane.law)


def _plain(lane: Lane, sample_rate_hz: int) -> Curve:
    frames = [point.time_s * sample_rate_hz for point in lane.points]
    law: Literal["hold", "linear_gain"] = "hold" if lane.law == "hold" else "linear_gain"
    return plain_curve(frames, [point.value for point in lane.points], law=law)


# All sums of the mix are free of -0 (`+ zero` makes it +0), so that leaving a silent block out of a sum gives the same bits as
# adding it.


@njit(nogil=True, cache=True)
def place_constant(block: Samples, left: np.float32, right: np.float32, out: Samples) -> None:
    """Apply two gains to (1 or 2, n) and write (2, n)."""
    zero = np.float32(0)
    last = block.shape[0] - 1
    for i in range(block.shape[1]):
        out[0, i] = block[0, i] * left + zero
    for i in range(block.shape[1]):
        out[1, i] = block[last, i] * right + zero


@njit(nogil=True, cache=True)
def silent_edges(block: Samples, cell: int) -> tuple[int, int]:
    """Count the frames of whole cells that are digital silence at the start and at the end of a block (channels, n)."""
    frames = block.shape[1]
    lead = frames
    for c in range(block.shape[0]):
        i = 0
        while i < lead and block[c, i] == 0:
            i += 1
        lead = min(lead, i)
    if lead == frames:
        return frames, frames
    trail = frames
    for c in range(block.shape[0]):
        i = 0
        while i < trail and block[c, frames - 1 - i] == 0:
            i += 1
        trail = min(trail, i)
    return lead // cell * cell, trail // cell * cell
