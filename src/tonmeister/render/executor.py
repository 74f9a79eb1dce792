"""Runs steps over blocks on all cores: a step's block is due when its inputs have that block and it is done with the one before.

Every step is computed by the same arithmetic in the same order whichever thread does it, so the number of threads changes no
byte. At most WINDOW blocks of a step wait to be used, so memory does not grow with length.
"""

import heapq
import os
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from tonmeister.audio import Samples
from tonmeister.errors import CancelledError
from tonmeister.render.memory import keep_freed_memory

THREADS_VARIABLE = "TONMEISTER_THREADS"
WINDOW = 2
"""Blocks of one step that may wait for those who need them."""

Progress = Callable[[float], None]
"""Is told the share of the work that is done, 0..1; from any thread, one call at a time."""


class Cancel(Protocol):
    """What says whether to stop, such as threading.Event."""

    def is_set(self) -> bool:
        """Whether the person asked to stop."""
        ...


class Step(Protocol):
    """A piece of the work that goes from block to block."""

    @property
    def inputs(self) -> tuple[int, ...]:
        """Places of the steps whose blocks it needs."""
        ...

    def run(self, index: int, blocks: Sequence[Samples | None]) -> Samples | None:
        """Compute a block from the same block of the inputs; None is silence. No one writes to a block that was given out."""
        ...


def count_threads(asked: int | None = None) -> int:
    """Return how many threads to use: as asked, else TONMEISTER_THREADS, else the cores this process may use."""
    named = os.environ.get(THREADS_VARIABLE, "")
    if asked is None and named.isdigit():
        asked = int(named)
    if asked is None:
        asked = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, asked)


def execute(
    steps: Sequence[Step],
    *,
    blocks: int,
    threads: int = 1,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> None:
    """Run every step, given in an order in which inputs come first, over that many blocks.

    Raises:
        CancelledError: If cancel was set; whatever a step raises is raised at once.
    """
    if blocks <= 0 or not steps:
        return
    keep_freed_memory()
    run = _Run(steps, blocks, progress, cancel)
    helpers = [threading.Thread(target=run.work, name=f"render-{n}", daemon=True) for n in range(1, threads)]
    for helper in helpers:
        helper.start()
    try:
        run.work()
    finally:
        run.stop(None)
        for helper in helpers:
            helper.join()
    run.finish()


class _Run:
    def __init__(self, steps: Sequence[Step], blocks: int, progress: Progress | None, cancel: Cancel | None) -> None:
        self._steps, self._blocks, self._progress, self._cancel = steps, blocks, progress, cancel
        self._inputs = [tuple(dict.fromkeys(step.inputs)) for step in steps]
        self._users: list[list[int]] = [[] for _ in steps]
        depth = [0] * len(steps)
        for place, inputs in enumerate(self._inputs):
            for source in inputs:
                self._users[source].append(place)
                depth[place] = max(depth[place], depth[source] + 1)
        self._depth = depth
        self._done = [0] * len(steps)
        self._queued = [False] * len(steps)
        self._kept: list[dict[int, tuple[Samples | None, int]]] = [{} for _ in steps]
        self._ready: list[tuple[int, int, int]] = []
        self._left = len(steps) * blocks
        self._stopped = False
        self._error: BaseException | None = None
        self._changed = threading.Condition()
        self._reporting = threading.Lock()
        with self._changed:
            self._queue(range(len(steps)))

    def work(self) -> None:
        """Do what is due until all is done; the body of every thread."""
        while (task := self._next()) is not None:
            index, place, blocks = task
            try:
                self._check_cancel()
                self._complete(index, place, self._steps[place].run(index, blocks))
                self._report()
            except BaseException as error:  # noqa: BLE001 - raised again by finish, in the thread that asked
                self.stop(error)
                return
            del blocks, task  # so that blocks that nobody needs any more are free while this thread waits

    def stop(self, error: BaseException | None) -> None:
        """Let every thread end after what it is doing."""
        with self._changed:
            self._stopped = True
            if error is not None and self._error is None:
                self._error = error
            self._changed.notify_all()

    def finish(self) -> None:
        """Raise what went wrong."""
        if self._error is not None:
            raise self._error

    def _check_cancel(self) -> None:
        if self._cancel is not None and self._cancel.is_set():
            raise CancelledError("The work was stopped.")

    def _next(self) -> tuple[int, int, list[Samples | None]] | None:
        with self._changed:
            while not self._ready and not self._stopped:
                self._changed.wait()
            if self._stopped:
                return None
            index, _, place = heapq.heappop(self._ready)
            return index, place, [self._kept[source][index][0] for source in self._steps[place].inputs]

    def _complete(self, index: int, place: int, made: Samples | None) -> None:
        with self._changed:
            if self._users[place]:
                self._kept[place][index] = (made, len(self._users[place]))
            for source in self._inputs[place]:
                block, users = self._kept[source].pop(index)
                if users > 1:
                    self._kept[source][index] = (block, users - 1)
            self._done[place] += 1
            self._queued[place] = False
            self._queue((place, *self._users[place], *self._inputs[place]))
            self._left -= 1
            if self._left == 0:
                self._stopped = True
                self._changed.notify_all()

    def _queue(self, places: Sequence[int]) -> None:
        found = 0
        for place in places:
            index = self._done[place]
            if self._queued[place] or index >= self._blocks or len(self._kept[place]) >= WINDOW:
                continue
            if all(self._done[source] > index for source in self._inputs[place]):
                self._queued[place] = True
                heapq.heappush(self._ready, (index, -self._depth[place], place))  # the deepest first: it frees memory
                found += 1
        if found > 1:
            self._changed.notify(found - 1)  # one is for the thread that asks next, which is this one

    def _report(self) -> None:
        if self._progress is None or self._left % len(self._steps):
            return
        with self._reporting:
            self._progress(1.0 - self._left / (len(self._steps) * self._blocks))
