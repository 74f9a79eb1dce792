"""Mean power in short steps, and how loud the quiet ones are."""

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Audio
from tonmeister.model import Db

STEP_S = 0.02
LOUDEST_STEPS = 120
"""Steps of 100 ms that stand for a track where trying the whole would take too long."""
LOWEST_DBFS = -160.0
"""Nothing is told to be quieter."""


def total_energy(audio: Audio) -> float:
    """Return the sum of the squares of all samples, without a copy in float64."""
    return float(np.einsum("cf,cf->", audio.samples, audio.samples, dtype=np.float64))


def step_powers(audio: Audio, *, step_s: float = STEP_S) -> NDArray[np.float64]:
    """Return the mean power over the channels in whole steps; of a shorter sound, one step."""
    size = max(1, min(audio.frames, round(step_s * audio.sample_rate_hz)))
    count = audio.frames // size
    cut = audio.samples[:, : count * size].reshape(audio.channels, count, size)
    return np.asarray(np.einsum("cst,cst->s", cut, cut, dtype=np.float64) / (size * audio.channels))


def quiet_level_dbfs(audio: Audio, *, share: float) -> Db:
    """Return the mean level of the quietest share of the steps that are not digital silence."""
    powers = np.sort(step_powers(audio))
    powers = powers[powers > 0]
    if powers.size == 0:
        return LOWEST_DBFS
    return max(LOWEST_DBFS, 10 * float(np.log10(powers[: max(1, round(share * powers.size))].mean())))


def busiest_excerpt_s(audio: Audio, *, length_s: float) -> tuple[float, float]:
    """Return start and end of the excerpt of at most this length with the most power; of a residual, where most was done."""
    step_s = 0.1
    powers = step_powers(audio, step_s=step_s)
    steps = max(1, round(length_s / step_s))
    if powers.size <= steps:
        return 0.0, audio.duration_s
    total = np.concatenate([[0.0], np.cumsum(powers)])
    start = int(np.argmax(total[steps:] - total[:-steps]))
    return round(start * step_s, 3), round((start + steps) * step_s, 3)


def loudest_steps(energies: NDArray[np.float64], *, length: int = LOUDEST_STEPS) -> tuple[int, int]:
    """Return first and end of the stretch of so many steps, or of all there are, with the most energy."""
    steps = max(1, min(len(energies), length))
    total = np.concatenate([[0.0], np.cumsum(energies)])
    start = int(np.argmax(total[steps:] - total[:-steps])) if len(energies) > steps else 0
    return start, start + steps


def loudest_span_s(energies_100ms: NDArray[np.float64], *, length_s: float) -> tuple[float, float]:
    """Return start and end of the loudest stretch of that length, in whole steps of 100 ms."""
    first, end = loudest_steps(energies_100ms, length=round(length_s * 10))
    return first / 10, end / 10
