"""The edge of a narrow band: where a low sample rate or a codec has cut all that was above."""

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis import fourier
from tonmeister.audio import Audio
from tonmeister.model import Hz

LEAST_DROP_DB = 25.0
"""From just below the edge to just above; microphones and loudspeakers fall by less within a tenth of the frequency."""
LOWEST_HZ, HIGHEST = 2500.0, 0.43
"""Where an edge may lie; the second of the sample rate."""
_FRAME_S, _SMOOTHED_HZ, _REACH, _AHEAD = 0.025, 80.0, 0.06, 1000


def find_edge_hz(audio: Audio) -> Hz | None:
    """Return the frequency above which there is nothing any more; None where the sound fades as sounds do."""
    rate, size = audio.sample_rate_hz, round(_FRAME_S * audio.sample_rate_hz)
    if audio.frames < 20 * size:
        return None
    level = _mean_levels(audio, size)
    frequency = np.arange(level.size) * rate / size
    below, above = (np.interp(frequency * (1 + sign * _REACH), frequency, level) for sign in (-1, 1))
    drop = np.where((frequency > LOWEST_HZ) & (frequency < HIGHEST * rate), below - above, 0.0)
    place = int(np.argmax(drop))
    if drop[place] < LEAST_DROP_DB:
        return None
    if level[frequency > (1 + _REACH) * frequency[place]].max() > below[place] - LEAST_DROP_DB:
        return None
    first = int(np.searchsorted(frequency, (1 - _REACH) * frequency[place]))
    fallen = np.flatnonzero(level[first:] < below[place] - 6)
    return float(frequency[first + int(fallen[0])])


def _mean_levels(audio: Audio, size: int) -> NDArray[np.float64]:
    """Return the long-term level of each bin in dB, smoothed over 80 Hz on both sides."""
    mono = audio.samples.mean(axis=0)
    window = np.hanning(size + 2)[1:-1].astype(np.float32) ** 2  # leaks little: what is far above must look empty
    frames = np.lib.stride_tricks.sliding_window_view(mono, size)[::size]
    total = np.zeros(size // 2 + 1)
    for start in range(0, len(frames), _AHEAD):
        total += np.square(np.abs(fourier.rfft(frames[start : start + _AHEAD] * window))).sum(axis=0)
    reach = max(1, round(_SMOOTHED_HZ * size / audio.sample_rate_hz))
    smooth = np.convolve(np.pad(total, reach, mode="edge"), np.ones(2 * reach + 1) / (2 * reach + 1), "valid")
    return np.asarray(10 * np.log10(smooth + 1e-12 * smooth.max() + 1e-30))
