"""From graph to steps: what has to be computed, what is read from the cache, and how far ahead each step runs."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from tonmeister.processing import Processor
from tonmeister.processing.registry import make_stream
from tonmeister.processing.stream import Stream
from tonmeister.render.align import Hold
from tonmeister.render.graph import Graph, InsertNode, Node, PlaceNode, SendNode, SilenceNode, SourceNode, SumNode
from tonmeister.render.insert import InsertStage, Times
from tonmeister.render.place import Placer, Sender
from tonmeister.render.steps import BlockListener, Edge, PipeStep, PlaceStage, Range, Reader, Stage, TapStep
from tonmeister.render.sums import MOST_LEAVES, Shape, Summer

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


@dataclass(slots=True)
class _Pipe:
    """A head and the stages fused to it: nodes whose only listener is the next one."""

    nodes: list[Node]
    leaves: list[tuple[Node, float]] = field(default_factory=list)
    """Of a sum: what it adds up, with gains, where smaller sums and sends are fused into it."""
    shape: Shape = 0
    """Of a sum: in which order."""
    ahead_frames: int = 0

    @property
    def head(self) -> Node:
        return self.nodes[0]

    @property
    def end(self) -> Node:
        return self.nodes[-1]


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
        pipes = self._fuse(nodes, listeners)
        self._look_ahead(pipes)
        place = {pipe.end.hash: number for number, pipe in enumerate(pipes)}
        steps: list[PipeStep | TapStep] = [self._step(pipe, pipes, place) for pipe in pipes]
        for mark, heard in listeners.items():
            for listener in heard:  # a step each, so that a slow meter holds up nobody
                steps.append(TapStep(self._run, self._edge(pipes[place[mark]], place[mark], 0), listener))
        computed = Counter(_KIND[type(node)] for node in nodes if node.hash not in self._kept and type(node) in _KIND)
        return Plan(tuple(steps), computed, len(self._kept))

    def _inputs(self, node: Node) -> tuple[Node, ...]:
        return () if node.hash in self._kept else node.inputs

    def _fuse(self, nodes: Sequence[Node], listeners: Mapping[str, Sequence[BlockListener]]) -> list[_Pipe]:
        users = Counter(source.hash for node in nodes for source in self._inputs(node))
        users.update(dict.fromkeys(listeners, 1))
        pipes: dict[str, _Pipe] = {}
        for node in nodes:
            first = node.inputs[0] if node.inputs else None
            fused = self._fused and node.hash not in self._kept and isinstance(node, InsertNode | PlaceNode | SendNode)
            if fused and first is not None and users[first.hash] == 1 and not isinstance(first, SilenceNode):
                pipe = pipes.pop(first.hash)
                pipe.nodes.append(node)
                pipes[node.hash] = pipe
            elif isinstance(node, SumNode) and node.hash not in self._kept:
                pipes[node.hash] = self._sum(node, pipes, users)
            else:
                pipes[node.hash] = _Pipe([node])
        return list(pipes.values())

    def _sum(self, node: SumNode, pipes: dict[str, _Pipe], users: Counter[str]) -> _Pipe:
        """Fuse smaller sums and constant sends that nobody else needs into a sum, as far as one pass reaches."""
        pipe = _Pipe([node])
        parts = []
        for place, source in enumerate(node.inputs):
            inner = pipes.get(source.hash)
            leaves: list[tuple[Node, float]] = [(source, 1.0)]
            shape: Shape = 0
            others = 1 if place == 0 else len(pipe.leaves)
            if (
                inner is not None
                and len(inner.nodes) == 1
                and users[source.hash] == 1
                and source.hash not in self._kept
            ):
                leaves, shape = self._opened(inner, leaves)
            if len(leaves) + others > MOST_LEAVES:
                leaves, shape = [(source, 1.0)], 0
            if leaves != [(source, 1.0)]:
                del pipes[source.hash]
            parts.append(_shifted(shape, len(pipe.leaves)))
            pipe.leaves += leaves
        pipe.shape = (parts[0], parts[1])
        return pipe

    def _opened(self, inner: _Pipe, whole: list[tuple[Node, float]]) -> tuple[list[tuple[Node, float]], Shape]:
        if isinstance(inner.head, SumNode):
            return inner.leaves, inner.shape
        if isinstance(inner.head, SendNode):
            gain = Sender(inner.head.level_db, sample_rate_hz=self._rate).constant
            if gain is not None and gain != 0:
                return [(inner.head.inputs[0], gain)], 0
        return whole, 0

    def _look_ahead(self, pipes: Sequence[_Pipe]) -> None:
        """Let every step run as far ahead as the furthest of those who need it."""
        by_end = {pipe.end.hash: pipe for pipe in pipes}
        for pipe in reversed(pipes):
            for source, ahead in self._needs(pipe):
                feeder = by_end[source.hash]
                feeder.ahead_frames = max(feeder.ahead_frames, ahead)

    def _needs(self, pipe: _Pipe) -> list[tuple[Node, int]]:
        """Return what a step takes in, and how far ahead: main inputs first, then keys in the order of the stages."""
        stages = self._stage_nodes(pipe)
        ahead = pipe.ahead_frames + sum(self._ahead(node) for node in stages)
        head = pipe.head.inputs[:1] if stages and stages[0] is pipe.head else tuple(leaf for leaf, _ in pipe.leaves)
        needs = [(source, ahead) for source in head]
        for node in stages:
            needs += [(key, ahead) for key in node.inputs[1:]]
            ahead -= self._ahead(node)
        return needs

    def _stage_nodes(self, pipe: _Pipe) -> list[Node]:
        changing = InsertNode | PlaceNode | SendNode
        return [node for node in pipe.nodes if isinstance(node, changing) and node.hash not in self._kept]

    def _ahead(self, node: Node) -> int:
        return times_of_node(node, self._rate).ahead_frames if isinstance(node, InsertNode) else 0

    def _step(self, pipe: _Pipe, pipes: Sequence[_Pipe], place: Mapping[str, int]) -> PipeStep:
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
        summer = Summer(pipe.shape, [gain for _, gain in pipe.leaves]) if pipe.leaves else None
        ahead = pipe.ahead_frames
        return PipeStep(self._run, ahead_frames=ahead, reader=reader, edges=mains, summer=summer, stages=stages)

    def _edge(self, feeder: _Pipe, place: int, ahead_frames: int) -> Edge:
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

        def make() -> Stream:
            return make_stream(node.processor, sample_rate_hz=self._rate, channels=node.channels)

        end = times.end_after(self._ends[node.inputs[0]])
        return InsertStage(
            make, times, start_frame=start, end_frame=end, channels=node.channels, keyed=len(node.inputs) > 1
        )


def _shifted(shape: Shape, by: int) -> Shape:
    """Number the leaves from another first one on."""
    return shape + by if isinstance(shape, int) else (_shifted(shape[0], by), _shifted(shape[1], by))


_KIND: dict[type[Node], str] = {
    SourceNode: "source", InsertNode: "insert", PlaceNode: "place", SendNode: "send", SumNode: "sum",
}  # fmt: skip
