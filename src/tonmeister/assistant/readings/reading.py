"""A reading: one meaning of words in this song, how it is done, and what it was measured to do."""

from tonmeister.assistant.readings.templates import Mechanism
from tonmeister.document.move import Change, Evidence, Expectation, Measurement, Where
from tonmeister.model import Db, Model


class Step(Model):
    """One change of a reading."""

    where: Where
    change: Change
    title: str
    because: tuple[Evidence, ...] = ()
    """What was measured for it; empty where the person's words are the reason."""
    expects: Expectation | None = None
    """What it promises on its own, apart from the proof of the reading."""
    measured: Measurement | None = None
    """What that promise came to when it was tried."""
    needs: tuple[int | str, ...] = ()
    """Steps of the same reading, from 1, and ids of moves without which it makes no sense."""


class Proof(Model):
    """What a reading does, measured on an excerpt before and after."""

    metric: str
    """What was promised to move, in words."""
    before: float
    after: float
    wanted: float
    """Smallest change that counts as heard, with its sign."""
    others_db: Db
    """Largest change of level of a track that is not meant."""
    loudness_lu: float
    """Change of the master's loudness, with the drive as its target has it."""
    start_s: float
    end_s: float
    """Where in the song it was measured."""

    @property
    def change(self) -> float:
        """How far it moved."""
        return self.after - self.before

    @property
    def is_kept(self) -> bool:
        """Whether it moved in the promised direction, by enough to be heard."""
        return self.change * (1 if self.wanted > 0 else -1) >= abs(self.wanted)


class Reading(Model):
    """One meaning of a note."""

    number: int
    """What `--choose` names."""
    note: int
    """Which note it answers."""
    name: str
    mechanism: Mechanism
    families: tuple[str, ...]
    says: str
    """What it changes, in one sentence."""
    protects: str
    """What it leaves alone."""
    evidence: str
    """What in this song speaks for it."""
    steps: tuple[Step, ...] = ()
    """Empty where only a person can do it."""
    proof: Proof | None = None
    amount_db: float | None = None

    @property
    def can_be_done(self) -> bool:
        """Whether `--choose` does it."""
        return bool(self.steps)
