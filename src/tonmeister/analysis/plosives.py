"""Plosives: pops of breath on the microphone, bursts of 20 to 110 Hz that outweigh all that is just above."""

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis import fourier
from tonmeister.analysis.slow import slow_down
from tonmeister.analysis.spans import Span
from tonmeister.audio import Audio

RATE_HZ = 1000
"""At least: the rate at which the low end is looked at."""
OVER_USUAL = 16.0
"""A pop has so many times the power of the low end at its third quartile."""
OVER_ABOVE = 2.0
"""And so many times that of 130 to 450 Hz."""
BELOW_ACTIVE = 0.25
"""And at least a quarter of the power of the active parts."""
SHORTEST_S, LONGEST_S = 0.02, 0.25
_FRAME_S, _HOP_S = 0.064, 0.01


def find_plosives(audio: Audio) -> tuple[Span, ...]:
    """Return where plosives hit the microphone; meant for voices."""
    slow, rate = slow_down(audio, least_hz=RATE_HZ)
    mono = slow.mean(axis=0)
    size, hop = round(_FRAME_S * rate), round(_HOP_S * rate)
    if mono.size < 4 * size:
        return ()
    frames = np.lib.stride_tricks.sliding_window_view(mono, size)[::hop]
    window = np.hanning(size + 2)[1:-1].astype(np.float32)
    power = np.square(np.abs(fourier.rfft(frames * window))) * (2 / (size * np.square(window).sum()))
    frequency = np.arange(power.shape[1]) * rate / size
    low = power[:, (frequency > 10) & (frequency < 115)].sum(axis=1)
    above = power[:, (frequency >= 130) & (frequency < 450)].sum(axis=1)
    burst = (low > OVER_USUAL * np.percentile(low, 75)) & (low > OVER_ABOVE * above)
    burst &= low > BELOW_ACTIVE * _active_power(audio)
    middle = size / 2 / rate
    return tuple(
        Span(start_s=max(0.0, first * hop / rate + middle - _HOP_S), end_s=last * hop / rate + middle + _HOP_S)
        for first, last in _runs(burst)
        if SHORTEST_S <= (last - first) * _HOP_S <= LONGEST_S
    )


def _active_power(audio: Audio) -> float:
    step = max(1, audio.sample_rate_hz // 20)
    count = audio.frames // step
    if count == 0:
        return 0.0
    power = np.square(audio.samples[:, : count * step]).mean(axis=0).reshape(count, step).mean(axis=1)
    return float(power[power > 1e-3 * power.max()].mean()) if power.max() > 0 else 0.0


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
