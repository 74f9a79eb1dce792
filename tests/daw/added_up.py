"""A mixer of plain arithmetic: what a session file says, added up as its format says, without any of our own code."""

from dataclasses import dataclass, field

import numpy as np

from tests.sounds import RATE_HZ

Floats = np.ndarray


@dataclass
class Strip:
    """A track or bus as a file tells it."""

    sound: Floats | None = None
    """(1 or 2, frames), or None for a bus."""
    start_frame: int = 0
    gain: float = 1.0
    gain_line: list[tuple[float, float]] = field(default_factory=list)
    pan: float = 0.0
    """-1 left … 1 right."""
    pan_line: list[tuple[float, float]] = field(default_factory=list)
    muted: bool = False
    output: str | None = None
    """None is the master."""
    sends: list[tuple[str, float, list[tuple[float, float]]]] = field(default_factory=list)


def _over(line: list[tuple[float, float]], still: float, frames: int) -> Floats:
    if not line:
        return np.full(frames, still)
    times = np.arange(frames) / RATE_HZ
    return np.interp(times, [at for at, _ in line], [value for _, value in line])


def add_up(strips: dict[str, Strip], frames: int) -> Floats:
    """Return the sum: balances with 0 dB at their centre, post-fader sends, groups."""
    inputs = {name: np.zeros((2, frames)) for name in strips}
    total = np.zeros((2, frames))
    for name in _in_order(strips):
        strip = strips[name]
        sound = inputs[name]
        if strip.sound is not None:
            part = strip.sound[:, : frames - strip.start_frame]
            sound[:, strip.start_frame : strip.start_frame + part.shape[1]] += part
        pan = _over(strip.pan_line, strip.pan, frames)
        gain = _over(strip.gain_line, strip.gain, frames) * (not strip.muted)
        placed = sound * gain * np.stack([np.minimum(1, 1 - pan), np.minimum(1, 1 + pan)])
        for target, level, line in strip.sends:
            inputs[target] += placed * _over(line, level, frames)
        if strip.output is None:
            total += placed
        else:
            inputs[strip.output] += placed
    return total


def _in_order(strips: dict[str, Strip]) -> list[str]:
    """Return the strips so that each comes before those that it feeds."""
    found: list[str] = []

    def visit(name: str) -> None:
        for other, strip in strips.items():
            if other not in found and name in (strip.output, *(send[0] for send in strip.sends)):
                visit(other)
        if name not in found:
            found.append(name)

    for name in strips:
        visit(name)
    return found
