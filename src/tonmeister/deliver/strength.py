"""How strong a move is: what puts the strongest first."""

import math

from tonmeister.document.lane import SILENT_DB, Lane
from tonmeister.document.move import (
    BandChange,
    DelayChange,
    FaderChange,
    InsertChange,
    Move,
    MuteChange,
    PanChange,
    PolarityChange,
    SendChange,
    TrimChange,
    WidthChange,
)
from tonmeister.processing import DeEsser, DynamicEqualiser, Equaliser, Gain, Gate, TransientShaper, UpwardCompressor

_DECIBELS = ("dB", "LU", "LUFS", "dBTP", "dBFS")
_SIDE_DB = (
    6.0  # hard left against centre, mono against wide, a flip: about what makes the sum of two signals 6 dB larger
)
_MUTE_DB = 12.0
_MOST_DB = 24.0


def measure_strength_db(move: Move) -> float:
    """Return the size of a move in dB: what was measured, else what is promised, else what the settings ask for."""
    effect = effect_of(move)
    if effect is not None and move.expects is not None and move.expects.unit in _DECIBELS:
        return min(abs(effect[1] - effect[0]), _MOST_DB)
    return min(_asked_db(move), _MOST_DB)


def effect_of(move: Move) -> tuple[float, float] | None:
    """Return a move's metric without and with it, measured if it was, else as promised; None where neither is known."""
    if move.measured is not None and move.measured.before is not None:
        return move.measured.before, move.measured.value
    if move.expects is not None and move.expects.before is not None:
        return move.expects.before, move.expects.value if move.measured is None else move.measured.value
    return None


def _asked_db(move: Move) -> float:
    match move.change:
        case TrimChange(trim_db=value):
            return abs(value)
        case BandChange(band=band):
            return abs(band.gain_db) if band.gain_db else 3.0  # a pass filter: what it takes at its corner
        case FaderChange(change_db=lane):
            return _furthest(lane)
        case PanChange(pan=lane):
            return _furthest(lane) * _SIDE_DB
        case WidthChange(width=lane):
            return min(_SIDE_DB, max(abs(20 * math.log10(max(point.value, 0.01))) for point in lane.points))
        case MuteChange():
            return _MUTE_DB
        case PolarityChange(inverted=inverted):
            return _SIDE_DB if inverted else 0.0
        case DelayChange(delay_frames=frames):
            return _SIDE_DB / 2 if frames else 0.0
        case SendChange(send=send):
            return _added_db(max(point.value for point in send.level_db.points))
        case InsertChange(insert=insert):
            return _processor_db(insert.processor)
    return 0.0


def _furthest(lane: Lane) -> float:
    return max(abs(point.value) for point in lane.points if point.value > SILENT_DB or len(lane.points) == 1)


def _added_db(level_db: float) -> float:
    """Return by how much an unrelated signal of that level beside 0 dB raises the sum."""
    return 10 * math.log10(1 + 10 ** (level_db / 10))


def _processor_db(processor: object) -> float:
    match processor:
        case Equaliser(bands=bands):
            return max((abs(band.gain_db) for band in bands), default=0.0)
        case DynamicEqualiser(bands=moving):
            return max((abs(band.range_db) for band in moving), default=0.0)
        case DeEsser(range_db=value) | Gate(range_db=value) | UpwardCompressor(range_db=value):
            return value
        case TransientShaper(attack_db=attack, sustain_db=sustain):
            return max(abs(attack), abs(sustain))
        case Gain(gain_db=value):
            return abs(value)
    return 1.0  # its strength hangs on the sound; without a measurement it stands behind those that say what they do
