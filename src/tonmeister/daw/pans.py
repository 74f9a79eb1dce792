"""Pans: the gains of left and right that ours give, and where other pan pots must stand for the same."""

from math import asin, pi, sin


def sides_of(pan: float, channels: int) -> tuple[float, float]:
    """Return the gains of left and right of our own pan (processing/fader.py)."""
    right = min(max(0.5 + 0.5 * pan, 0.0), 1.0)
    sides = sin((1 - right) * pi / 2), sin(right * pi / 2)
    if channels == 1:
        return sides
    return (min(1.0, 2**0.5 * sides[0]) if pan > 0 else 1.0), (min(1.0, 2**0.5 * sides[1]) if pan < 0 else 1.0)


def balance_of(pan: float, channels: int) -> tuple[float, float]:
    """Return position (-1 … 1) and gain for a pan pot that only turns the far side down, in a straight line, 0 dB at its centre.

    So work the balance of REAPER with its pan law of 0 dB, and as far as is known that of a stereo channel elsewhere.
    """
    left, right = sides_of(pan, channels)
    loudest = max(left, right)
    return (1 - left / right if right >= left else right / left - 1), loudest


def sine_of(pan: float, channels: int) -> tuple[float, float]:
    """Return position (-1 … 1) and gain for a pot of sines that gives 0 dB at its centre and +3 dB at its ends (Live)."""
    left, right = sides_of(pan, channels)
    share = 2 / pi * asin(right / (left * left + right * right) ** 0.5)
    loudest = max(sin((1 - share) * pi / 2), sin(share * pi / 2)) * 2**0.5
    return 2 * share - 1, max(left, right) / loudest
