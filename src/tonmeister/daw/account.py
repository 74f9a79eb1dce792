"""What a writer notes while it writes: counts, and what had to be said."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tonmeister.daw.handback import Handback, count
from tonmeister.document.mix import Mix


@dataclass(slots=True)
class Account:
    """Notes of one session."""

    counts: Counter[str] = field(default_factory=Counter)
    approximate: list[str] = field(default_factory=list)
    errors_db: dict[str, float] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)

    def handback(self, path: Path, mix: Mix) -> Handback:
        """Return the account of a session whose file this is."""
        unused = [
            f"{track.name} is not in the mix and not in the session: {track.why_unused or 'not used'}."
            for track in mix.tracks
            if not track.used
        ]
        return Handback(
            path=path, carried=count(self.counts), approximate=tuple(self.approximate), errors_db=self.errors_db,
            lost=(*self.lost, *unused),
        )  # fmt: skip
