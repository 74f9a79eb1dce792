"""Which baselines answer with what."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from bench.baselines import equal, ffmpeg, libsonare, matchering, pedalboard, pyloudnorm, roles, sum  # noqa: A004 - the baseline's name
from bench.process import Cost
from bench.songs import Song


class Balancer(Protocol):
    """Answers with a gain for each stem."""

    NAME: str

    def version(self) -> str | None:
        """Return its version; None where it is absent."""
        ...

    def gains_db(self, song: Song, stems: Path) -> list[float | None]:
        """Return one gain a stem, in dB; None where it has no answer."""
        ...


class Mixer(Protocol):
    """Answers with a mix."""

    NAME: str

    def version(self) -> str | None:
        """Return its version; None where it is absent."""
        ...

    def mix(self, song: Song, stems: Path, wav: Path) -> object:
        """Write a mix."""
        ...


class Master(Protocol):
    """Answers with a master."""

    NAME: str

    def version(self) -> str | None:
        """Return its version; None where it is absent."""
        ...

    def master(self, source: Path, target: Path, *, lufs: float, ceiling_dbtp: float) -> Cost:
        """Write a master."""
        ...


BALANCERS: Sequence[Balancer] = (equal, roles, libsonare)
MIXERS: Sequence[Mixer] = (sum, equal, roles, libsonare)
MASTERS: Sequence[Master] = (ffmpeg, libsonare, matchering, pedalboard, pyloudnorm)
