"""Document and sound in, sound out: the whole song or a part of it, any point of the mix."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tonmeister.document.mix import Mix
from tonmeister.files.cache import Cache
from tonmeister.render.align import CELL_FRAMES, whole_cells
from tonmeister.render.executor import Cancel, Progress, count_threads, execute
from tonmeister.render.graph import Graph, Node, SumNode, build_graph
from tonmeister.render.insert import MOST_BLOCK_FRAMES
from tonmeister.render.node_store import Keeping, NodeStore
from tonmeister.render.output import WavOutput
from tonmeister.render.plan import KEPT_SUM_LEAVES, Ends, Planner, needed_nodes
from tonmeister.render.source import OpenSources, Sources
from tonmeister.render.steps import BlockListener, Listener, Range, WithinRange
from tonmeister.render.tail import LONGEST_TAIL_S, TrimmedTail

BLOCK_FRAMES = 65_536
PREROLL_S = 5.0
"""How much is rendered before an excerpt, so that filters, gains and tails are what they would be."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a render gave."""

    start_frame: int
    end_frames: Mapping[str, int]
    """Of every point that was asked for, the frame of the song behind its last one."""
    computed: Counter[str]
    """How many nodes were computed, by kind: source, insert, place, send, sum."""
    reused: int
    """How many nodes were read from the cache instead, with everything above them."""


class Renderer:
    """Keeps sources and kept nodes of a song open, so that an edit is rendered again quickly. Close it after use."""

    def __init__(
        self,
        sources: Sources,
        *,
        cache: Cache | None = None,
        threads: int | None = None,
        block_frames: int = BLOCK_FRAMES,
    ) -> None:
        if block_frames % CELL_FRAMES or not 0 < block_frames <= MOST_BLOCK_FRAMES:
            raise ValueError(f"a block is a multiple of {CELL_FRAMES} frames, at most {MOST_BLOCK_FRAMES}")
        self._sources = OpenSources(sources, cache=cache)
        self._store = NodeStore(cache)
        self._threads, self._block = threads, block_frames

    def render(
        self,
        mix: Mix,
        *,
        outputs: Mapping[str, Path] | None = None,
        listeners: Mapping[str, Sequence[Listener]] | None = None,
        start_frame: int = 0,
        end_frame: int | None = None,
        preroll_s: float = PREROLL_S,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> Rendered:
        """Render points of the mix (see Graph.points) to float32 WAV files and to listeners.

        Without end_frame everything up to the end of the tails is rendered. Only a render of the whole song fills the
        cache; every render reads it.

        Raises:
            InputError: If the mix does not hold together, a source is not there, or an output cannot be written.
            CancelledError: If cancel was set; no output is left then.
        """
        graph = build_graph(mix)
        job = _Job(graph, start_frame, end_frame, preroll_s, self._block)
        with ExitStack() as stack:
            heard: dict[str, list[Listener]] = {point: list(those) for point, those in (listeners or {}).items()}
            for point, path in (outputs or {}).items():
                writer = stack.enter_context(
                    WavOutput(path, sample_rate_hz=graph.sample_rate_hz, channels=graph.node(point).channels)
                )
                heard.setdefault(point, []).append(writer)
            taps = job.listen(heard)
            wanted = [graph.node(point) for point in heard]
            nodes, kept = needed_nodes(wanted, self._store.find)
            keeping = stack.enter_context(Keeping(self._store, block_frames=self._block))
            if job.is_whole:
                for node in self._worth_keeping(graph, nodes, kept, frames=job.end_frame):
                    keeper = keeping.listener(node.hash, channels=node.channels)
                    if keeper is not None:
                        taps.setdefault(node.hash, []).append(keeper)
            planner = Planner(
                graph,
                job.range,
                ends=job.ends,
                kept=kept,
                open_source=lambda n: self._sources.reader(n, sample_rate_hz=graph.sample_rate_hz),
            )
            plan = planner.plan(nodes, taps)
            execute(
                plan.steps,
                blocks=job.blocks(wanted),
                threads=count_threads(self._threads)
                + (6 if kept else 2 * int(keeping.is_busy)),  # some wait for the disk
                progress=progress,
                cancel=cancel,
            )
        return Rendered(start_frame, job.end_frames(), plan.computed, plan.reused)

    def _worth_keeping(
        self, graph: Graph, nodes: Sequence[Node], kept: Mapping[str, object], *, frames: int
    ) -> list[Node]:
        """Return what to keep, within the room there is: strips, then bus chains, then sums that others need.

        Behind an edit only strips are kept at once; the rest when it is computed a second time, so that trying out a fader
        writes nothing.
        """
        needed = {source.hash for node in nodes for source in node.inputs}
        new = [node for node in nodes if node.hash not in kept]
        strips = [node for node in new if node.hash in graph.strips]
        chains = [node for node in new if node.hash in graph.chains]
        sums = [node for node in new if isinstance(node, SumNode) and node.leaves >= KEPT_SUM_LEAVES]
        sums = sorted((node for node in sums if node.hash in needed), key=lambda node: -node.leaves)
        later = [node for node in (*chains, *sums) if not kept or self._store.is_seen_again(node.hash)]
        room, found = self._store.room_bytes(), []
        for node in (*strips, *later):
            room -= 4 * node.channels * frames
            if room < 0:
                break
            found.append(node)
        return found

    def close(self) -> None:
        """Close all files."""
        self._sources.close()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def render(
    mix: Mix,
    sources: Sources,
    *,
    outputs: Mapping[str, Path] | None = None,
    listeners: Mapping[str, Sequence[Listener]] | None = None,
    start_frame: int = 0,
    end_frame: int | None = None,
    cache: Cache | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Rendered:
    """Render once; as Renderer.render, which raises the same."""
    with Renderer(sources, cache=cache, threads=threads) as renderer:
        return renderer.render(
            mix, outputs=outputs, listeners=listeners, start_frame=start_frame, end_frame=end_frame,
            progress=progress, cancel=cancel,
        )  # fmt: skip


class _Job:
    """The range of one render."""

    def __init__(self, graph: Graph, start_frame: int, end_frame: int | None, preroll_s: float, block: int) -> None:
        self._graph, self._start, self._asked_end = graph, start_frame, end_frame
        song_end = graph.song_frames + round(LONGEST_TAIL_S * graph.sample_rate_hz)
        self.ends = Ends(graph, most_frames=whole_cells(song_end))
        self.end_frame = song_end if end_frame is None else end_frame
        early = max(0, start_frame - round(preroll_s * graph.sample_rate_hz))
        self.range = Range(early // CELL_FRAMES * CELL_FRAMES, block)
        self._tails: dict[str, TrimmedTail] = {}

    @property
    def is_whole(self) -> bool:
        """Whether this is the whole song, from the start to the end of the tails."""
        return self._start == 0 and self._asked_end is None

    def listen(self, heard: Mapping[str, Sequence[Listener]]) -> dict[str, list[BlockListener]]:
        """Return what gives each listener, by hash of its node, the frames of the range."""
        found: dict[str, list[BlockListener]] = {}
        song_frames = self._graph.song_frames if self._asked_end is None else self.end_frame
        for point, listeners in heard.items():
            node = self._graph.node(point)
            for listener in listeners:
                self._tails[point] = TrimmedTail(listener, song_frames=song_frames)
                ranged = WithinRange(
                    self._tails[point], start_frame=self._start, end_frame=self.end_frame, channels=node.channels
                )
                found.setdefault(node.hash, []).append(ranged)
        return found

    def blocks(self, wanted: Sequence[Node]) -> int:
        """Return how many blocks there are until everything wanted has ended."""
        sounding = max((self.ends[node] for node in wanted), default=0)
        end = min(self.end_frame, max(sounding, self._graph.song_frames)) if self._asked_end is None else self.end_frame
        return -(-(end - self.range.start_frame) // self.range.block_frames)

    def end_frames(self) -> dict[str, int]:
        """Return where the sound of every point ended."""
        return {point: tail.end_frame for point, tail in self._tails.items()}
