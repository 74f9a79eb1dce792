"""From graph to steps: what has to be computed, what is read from the cache, and how far ahead each step runs."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tonmeister.processing import Processor
from tonmeister.processing.registry import make_stream
from tonmeister.processing.stream import Stream
from tonmeister.render.align import Hold
from tonmeister.render.amount import AmountStream
from tonmeister.render.fuse import Pipe, fuse
from tonmeister.render.graph import Graph, InsertNode, Node, PlaceNode, SendNode, SilenceNode, SourceNode, SumNode
from tonmeister.render.insert import InsertStage, Times
from tonmeister.render.place import Placer, Sender
from tonmeister.render.steps import BlockListener, Edge, PipeStep, PlaceStage, Range, Reader, Stage, TapStep
from tonmeister.render.sums import Summer

KEPT_SUM_LEAVES = 4
"""Sums of at least so many leaves are kept in the cache: smaller ones are as quickly added up again."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run."""

    steps: tuple[PipeStep | TapStep, ...]
    computed: Counter[str]
    """How many nodes of each kind are computed."""
    reused: int
    """How many are read from the cache in their place."""


@lru_cache(maxsize=4096)
def times_of(processor: Processor, sample_rate_hz: int, channels: int) -> Times:
    """Return latency and tail of a processor."""
    stream = make_stream(processor, sample_rate_hz=sample_rate_hz, channels=channels)
    return Times(stream.latency_frames, stream.tail_frames)


class Ends:
    """Where the sound of every node has ended, by its settings alone, at most at the end of the mix."""

    def __init__(self, graph: Graph, *, most_frames: int) -> None:
        self._rate, self._most = graph.sample_rate_hz, most_frames
        self._known: dict[str, int] = {}

    def __getitem__(self, node: Node) -> int:
        """Return the first frame after which all is silent."""
        if node.hash not in self._known:
            self._known[node.hash] = min(self._most, self._find(node))
        return self._known[node.hash]

    def _find(self, node: Node) -> int:
        if isinstance(node, SourceNode):
            return node.end_frame
        if isinstance(node, InsertNode):
            return times_of_node(node, self._rate).end_after(self[node.inputs[0]])
        return max((self[source] for source in node.inputs), default=0)


def times_of_node(node: InsertNode, sample_rate_hz: int) -> Times:
    """Return latency and tail of an insert."""
    return times_of(node.processor, sample_rate_hz, node.channels)


def needed_nodes(wanted: Iterable[Node], find: Callable[[str], Reader | None]) -> tuple[list[Node], dict[str, Reader]]:
    """Return what must run, inputs first, and the readers of what is kept already; behind those nothing is needed."""
    order: dict[str, Node] = {}
    kept: dict[str, Reader] = {}

    def visit(node: Node) -> None:
        if node.hash in order:
            return
        reader = None if isinstance(node, SourceNode | SilenceNode) else find(node.hash)
        if reader is not None:
            kept[node.hash] = reader
        else:
            for source in node.inputs:
                visit(source)
        order[node.hash] = node

    for node in wanted:
        visit(node)
    return list(order.values()), kept


class Planner:
    """Lays out the steps of one run.

    A strip is one step, so that its blocks stay in the core's cache and Python has little to do; a lone chain is better not
    `fused`: then its processors follow each other on all cores.
    """

    def __init__(
        self,
        graph: Graph,
        run: Range,
        *,
        ends: Ends,
        kept: Mapping[str, Reader],
        open_source: Callable[[SourceNode], Reader],
        fused: bool = True,
    ) -> None:
        self._rate, self._run, self._ends = graph.sample_rate_hz, run, ends
        self._kept, self._open_source, self._fused = kept, open_source, fused

    def plan(self, nodes: Sequence[Node], listeners: Mapping[str, Sequence[BlockListener]]) -> Plan:
        """Return the steps for nodes (inputs first) and who listens to which of them, by hash."""
        pipes = fuse(nodes, self._kept, set(listeners), sample_rate_hz=self._rate, chains=self._fused)
        self._look_ahead(pipes)
        place = {pipe.end.hash: number for number, pipe in enumerate(pipes)}
        steps: list[PipeStep | TapStep] = [self._step(pipe, pipes, place) for pipe in pipes]
        for mark, heard in listeners.items():
            for listener in heard:  # a step each, so that a slow meter holds up nobody
                steps.append(TapStep(self._run, self._edge(pipes[place[mark]], place[mark], 0), listener))
        computed = Counter(_KIND[type(node)] for node in nodes if node.hash not in self._kept and type(node) in _KIND)
        return Plan(tuple(steps), computed, len(self._kept))

    def _look_ahead(self, pipes: Sequence[Pipe]) -> None:
        """Let every step run as far ahead as the furthest of those who need it."""
        by_end = {pipe.end.hash: pipe for pipe in pipes}
        for pipe in reversed(pipes):
            for source, ahead in self._needs(pipe):
                feeder = by_end[source.hash]
                feeder.ahead_frames = max(feeder.ahead_frames, ahead)

    def _needs(self, pipe: Pipe) -> list[tuple[Node, int]]:
        """Return what a step takes in, and how far ahead: main inputs first, then keys in the order of the stages."""
        stages = self._stage_nodes(pipe)
        ahead = pipe.ahead_frames + sum(self._ahead(node) for node in stages)
        head = pipe.head.inputs[:1] if stages and stages[0] is pipe.head else tuple(leaf.node for leaf in pipe.leaves)
        needs = [(source, ahead) for source in head]
        for node in stages:
            needs += [(key, ahead) for key in node.inputs[1:]]
            ahead -= self._ahead(node)
        return needs

    def _stage_nodes(self, pipe: Pipe) -> list[Node]:
        changing = InsertNode | PlaceNode | SendNode
        return [node for node in pipe.nodes if isinstance(node, changing) and node.hash not in self._kept]

    def _ahead(self, node: Node) -> int:
        return times_of_node(node, self._rate).ahead_frames if isinstance(node, InsertNode) else 0

    def _step(self, pipe: Pipe, pipes: Sequence[Pipe], place: Mapping[str, int]) -> PipeStep:
        edges = [
            self._edge(pipes[place[source.hash]], place[source.hash], ahead) for source, ahead in self._needs(pipe)
        ]
        stage_nodes = self._stage_nodes(pipe)
        keys = sum(len(node.inputs) - 1 for node in stage_nodes)
        mains, keyed = edges[: len(edges) - keys], iter(edges[len(edges) - keys :])
        stages = [(self._stage(node), next(keyed) if len(node.inputs) > 1 else None) for node in stage_nodes]
        reader = self._kept.get(pipe.head.hash)
        if reader is None and isinstance(pipe.head, SourceNode):
            reader = self._open_source(pipe.head)
        summer = Summer(pipe.shape, [leaf.gain for leaf in pipe.leaves]) if pipe.leaves else None
        ahead = pipe.ahead_frames
        return PipeStep(self._run, ahead_frames=ahead, reader=reader, edges=mains, summer=summer, stages=stages)

    def _edge(self, feeder: Pipe, place: int, ahead_frames: int) -> Edge:
        return Edge(place, Hold(hold_frames=feeder.ahead_frames - ahead_frames), feeder.end.channels)

    def _stage(self, node: Node) -> Stage:
        start = self._run.start_frame
        if isinstance(node, PlaceNode):
            return PlaceStage.of(Placer(node.placement, sample_rate_hz=self._rate), start_frame=start)
        if isinstance(node, SendNode):
            return PlaceStage.of(Sender(node.level_db, sample_rate_hz=self._rate), start_frame=start)
        if not isinstance(node, InsertNode):
            raise TypeError(node)
        times = times_of_node(node, self._rate)

        def make(frame: int) -> Stream:
            inner = make_stream(node.processor, sample_rate_hz=self._rate, channels=node.channels, start_frame=frame)
            if node.amount is None:
                return inner
            return AmountStream(
                inner, node.amount, sample_rate_hz=self._rate, channels=node.channels, start_frame=frame
            )

        end = times.end_after(self._ends[node.inputs[0]])
        return InsertStage(
            make, times, start_frame=start, end_frame=end, channels=node.channels, keyed=len(node.inputs) > 1
        )


_KIND: dict[type[Node], str] = {
    SourceNode: "source", InsertNode: "insert", PlaceNode: "place", SendNode: "send", SumNode: "sum",
}  # fmt: skip
