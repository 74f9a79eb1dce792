"""How many bits of its samples a sound really uses: 16-bit sound in a 24-bit file, zeros, and what is over full scale."""

from dataclasses import dataclass

import numpy as np

from tonmeister.audio import Samples

_FINEST_BITS = 24  # float32 holds no finer grid over its whole range


@dataclass(frozen=True, slots=True)
class WordLength:
    """What the samples say about their word length."""

    used_bits: int | None
    """Shortest word that holds every sample exactly; None where they lie on no grid of 24 bits (float, or decoded)."""
    over: int
    """Samples beyond full scale."""
    zeros_share: float
    """Part of the frames that is digital silence."""


class WordLengthMeter:
    """Looks at every sample."""

    def __init__(self) -> None:
        self._bits, self._on_grid, self._over, self._zeros, self._frames = np.int64(0), True, 0, 0, 0

    def add(self, block: Samples) -> None:
        """Take the next block."""
        self._frames += block.shape[1]
        self._over += int((np.abs(block) > 1.0).sum())
        self._zeros += int((block == 0).all(axis=0).sum())
        if self._on_grid and block.size:
            scaled = block.astype(np.float64) * 2.0 ** (_FINEST_BITS - 1)
            whole = scaled.astype(np.int64)
            self._on_grid = bool((whole == scaled).all())
            self._bits |= np.bitwise_or.reduce(np.abs(whole), axis=None)

    def result(self) -> WordLength:
        """Return what was found."""
        used = None
        if self._on_grid and self._bits:
            used = _FINEST_BITS - (int(self._bits) & -int(self._bits)).bit_length() + 1
        share = self._zeros / self._frames if self._frames else 0.0
        return WordLength(used, self._over, share)
