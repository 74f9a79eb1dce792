"""What an effect chain does to the power that goes in, told from its settings: its answer to one impulse."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis import fourier
from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.audio import Audio
from tonmeister.document.strip import Insert
from tonmeister.processing import Delay
from tonmeister.processing.registry import is_neutral, make_stream
from tonmeister.processing.stream import run_stream

_LENGTH_S = 3.0
_DUCKED_SHARE = 0.5  # while the dry sound plays; in its pauses the repeats come back


@dataclass(frozen=True, slots=True, eq=False)
class EffectGains:
    """Power gain of an effect chain in each ERB band."""

    middle: NDArray[np.float64]
    """(40,) for what both channels share."""
    side: NDArray[np.float64]
    """(40,) for what differs between them."""

    def gain_db(self, power: NDArray[np.float64], *, middle_share: float) -> float:
        """Return how much louder than its input the effect is, for band powers of which a share is in the middle."""
        gains = middle_share * self.middle + (1 - middle_share) * self.side
        went_in = power.sum()
        return float(10 * np.log10(max((power * gains).sum() / went_in, 1e-12))) if went_in > 0 else -120.0


def measure_effect(inserts: Sequence[Insert], *, sample_rate_hz: int) -> EffectGains:
    """Return the power gains of a chain, from its impulse responses of the middle and the side; what a key moves is left out."""
    steady = [insert for insert in inserts if insert.key is None]
    return EffectGains(
        *(_band_gains(steady, sides, sample_rate_hz) for sides in ((1.0, 1.0), (1.0, -1.0))),
    )


def _band_gains(inserts: Sequence[Insert], sides: tuple[float, float], rate: int) -> NDArray[np.float64]:
    samples = np.zeros((2, round(_LENGTH_S * rate)), np.float32)
    samples[:, 0] = np.array(sides) / np.sqrt(2)
    sound, ducked_db = Audio(samples, rate), 0.0
    for insert in inserts:
        processor = insert.processor
        if insert.key is not None:  # what listens to others is told by them
            continue
        if isinstance(processor, Delay) and processor.ducking_db:
            ducked_db += processor.ducking_db * _DUCKED_SHARE
            processor = processor.model_copy(update={"ducking_db": 0.0})
        if not is_neutral(processor):
            sound = run_stream(sound, make_stream(processor, sample_rate_hz=rate, channels=2))
    size = fourier.fast_size(sound.frames)
    power = (np.abs(fourier.rfft(sound.samples, size)) ** 2).sum(axis=0, dtype=np.float64)
    hz = np.arange(power.size) * rate / size
    edges = np.sqrt(ERB_CENTRES_HZ[1:] * ERB_CENTRES_HZ[:-1])
    places = np.searchsorted(edges, hz)
    counts = np.maximum(np.bincount(places, minlength=ERB_CENTRES_HZ.size), 1)
    gains: NDArray[np.float64] = np.bincount(places, power, ERB_CENTRES_HZ.size) / counts * 10 ** (-ducked_db / 10)
    return gains
