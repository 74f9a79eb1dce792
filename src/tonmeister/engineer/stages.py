"""Progress and cost of the work, stage by stage."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tonmeister.engineer.options import Tell
from tonmeister.engineer.result import StageTime


class Stages:
    """Tells how far each stage is, and keeps what it cost; a stage that comes again adds up."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self.times: dict[str, StageTime] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[Callable[[str, float], None]]:
        """Run a stage; yields a function of (what, share 0..1)."""
        wall, cpu = time.perf_counter(), time.process_time()
        self._tell(name, "", 0.0)
        yield lambda what, share: self._tell(name, what, share)
        self._tell(name, "", 1.0)
        before = self.times.get(name, StageTime(wall_s=0, cpu_s=0))
        self.times[name] = StageTime(
            wall_s=round(before.wall_s + time.perf_counter() - wall, 3),
            cpu_s=round(before.cpu_s + time.process_time() - cpu, 3),
        )
