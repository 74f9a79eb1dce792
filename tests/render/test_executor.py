"""The executor alone, with steps that count."""

import threading
import time
from collections.abc import Sequence

import numpy as np
import pytest

from tonmeister.audio import Samples
from tonmeister.errors import CancelledError
from tonmeister.render.executor import WINDOW, count_threads, execute


class Step:
    """Adds its number to what comes in, notes when it ran, and can fail or be slow."""

    def __init__(self, *inputs: int, slow_s: float = 0.0, fails_at: int | None = None) -> None:
        self.inputs = inputs
        self.seen: list[tuple[int, list[float]]] = []
        self._slow_s, self._fails_at = slow_s, fails_at

    def run(self, index: int, blocks: Sequence[Samples | None]) -> Samples:
        time.sleep(self._slow_s)
        if index == self._fails_at:
            raise ArithmeticError(index)
        heard = [float(block[0, 0]) for block in blocks if block is not None]
        self.seen.append((index, heard))
        return np.full((1, 1), sum(heard) if heard else float(index), np.float32)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_every_step_sees_every_block_once_in_order_with_the_same_blocks_of_its_inputs(threads: int) -> None:
    steps = [Step(), Step(0), Step(0, 1), Step(2, 2), Step(0, 3)]
    execute(steps, blocks=50, threads=threads)
    for step, factor in zip(steps, (None, (1,), (1, 1), (2, 2), (1, 4)), strict=True):
        assert step.seen == [(k, [] if factor is None else [float(f * k) for f in factor]) for k in range(50)]


def test_a_quick_source_does_not_run_away_from_a_slow_listener() -> None:
    """Bounded memory: at most WINDOW blocks wait."""
    source, slow = Step(), Step(0, slow_s=0.003)
    ahead: list[int] = []

    class Watch(Step):
        def run(self, index: int, blocks: Sequence[Samples | None]) -> Samples:
            ahead.append(len(source.seen) - len(slow.seen))
            return super().run(index, blocks)

    execute([source, slow, Watch(1)], blocks=30, threads=3)
    assert max(ahead) <= 2 * WINDOW


@pytest.mark.parametrize("threads", [1, 4])
def test_what_a_step_raises_comes_out_and_no_thread_stays(threads: int) -> None:
    before = threading.active_count()
    with pytest.raises(ArithmeticError, match="7"):
        execute([Step(), Step(0, fails_at=7), Step(0), Step(1, 2)], blocks=1000, threads=threads)
    assert threading.active_count() == before


def test_stopping_is_noticed_between_steps() -> None:
    stop = threading.Event()

    class Stops(Step):
        def run(self, index: int, blocks: Sequence[Samples | None]) -> Samples:
            if index == 3:
                stop.set()
            return super().run(index, blocks)

    step = Stops()
    with pytest.raises(CancelledError):
        execute([step], blocks=1000, cancel=stop)
    assert len(step.seen) == 4


def test_threads_are_as_asked_or_as_the_variable_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONMEISTER_THREADS", "3")
    assert (count_threads(), count_threads(5), count_threads(0)) == (3, 5, 1)
    monkeypatch.delenv("TONMEISTER_THREADS")
    assert count_threads() >= 1
