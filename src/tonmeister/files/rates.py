"""The sample rate of a song whose sounds come at several."""

from collections.abc import Sequence


def choose_rate(rates_hz: Sequence[int]) -> int:
    """Return the highest rate that at least half of the stems carry; else the most common."""
    carried = [rate for rate in sorted(set(rates_hz)) if 2 * rates_hz.count(rate) >= len(rates_hz)]
    return carried[-1] if carried else max(set(rates_hz), key=lambda rate: (rates_hz.count(rate), rate))
