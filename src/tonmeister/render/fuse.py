"""Which nodes run together in one step: strips from source to fader, and sums with the faders and sends that they add up."""

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, field

from tonmeister.render.graph import Node, PlaceNode, SendNode, SilenceNode, SumNode
from tonmeister.render.place import Placer, Sender
from tonmeister.render.sums import MOST_LEAVES, PLAIN, LeafGain, Shape, shifted


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """Something that a sum adds up, with what happens to it on the way."""

    node: Node
    gain: LeafGain = PLAIN


@dataclass(slots=True)
class Pipe:
    """A head and the stages fused to it: nodes whose only user is the next one."""

    nodes: list[Node]
    leaves: list[Leaf] = field(default_factory=list)
    """Of a sum: what it adds up."""
    shape: Shape = 0
    """Of a sum: in which order."""
    ahead_frames: int = 0

    @property
    def head(self) -> Node:
        """What makes or joins the sound."""
        return self.nodes[0]

    @property
    def end(self) -> Node:
        """What others take from it."""
        return self.nodes[-1]


def fuse(
    nodes: Sequence[Node], kept: Container[str], heard: Container[str], *, sample_rate_hz: int, chains: bool
) -> list[Pipe]:
    """Return the steps for nodes (inputs first); what is kept or heard by a listener stays a step's end.

    Args:
        nodes: What has to run, inputs first.
        kept: Hashes of nodes that are read instead of computed.
        heard: Hashes of nodes that somebody listens to.
        sample_rate_hz: Rate of the song.
        chains: Whether processors that follow each other run in one step.
    """
    return _Fuser(nodes, kept, heard, sample_rate_hz, chains=chains).fuse()


class _Fuser:
    def __init__(
        self, nodes: Sequence[Node], kept: Container[str], heard: Container[str], sample_rate_hz: int, *, chains: bool
    ) -> None:
        self._nodes, self._kept, self._heard, self._rate, self._chains = nodes, kept, heard, sample_rate_hz, chains
        self._gains: dict[str, Leaf] = {}
        self._find_gains()
        self._users: Counter[str] = Counter()
        for node in nodes:
            if node.hash not in self._gains:
                self._users.update(leaf.node.hash for leaf in self._leaves(node))
        self._users.update({node.hash: 1 for node in nodes if node.hash in heard})

    def fuse(self) -> list[Pipe]:
        pipes: dict[str, Pipe] = {}
        for node in self._nodes:
            if node.hash in self._gains:
                continue
            computed = node.hash not in self._kept
            first = node.inputs[0] if computed and node.inputs else None
            if isinstance(node, SumNode) and computed:
                pipes[node.hash] = self._sum(node, pipes)
            elif self._chains and first is not None and self._is_only_for_one(first):
                pipe = pipes.pop(first.hash)
                pipe.nodes.append(node)
                pipes[node.hash] = pipe
            else:
                pipes[node.hash] = Pipe([node])
        return list(pipes.values())

    def _inputs(self, node: Node) -> tuple[Node, ...]:
        return () if node.hash in self._kept else node.inputs

    def _leaves(self, node: Node) -> list[Leaf]:
        return [self._gains.get(source.hash, Leaf(source)) for source in self._inputs(node)]

    def _is_only_for_one(self, node: Node) -> bool:
        return self._users[node.hash] == 1 and node.hash not in self._heard and not isinstance(node, SilenceNode)

    def _find_gains(self) -> None:
        """Find faders and sends that stand still and only go into sums: the sum multiplies by them."""
        users: dict[str, list[Node]] = {}
        for node in self._nodes:
            for source in self._inputs(node):
                users.setdefault(source.hash, []).append(node)
        into_sums: set[str] = set()
        still: dict[str, LeafGain] = {}
        for node in reversed(self._nodes):  # users first
            if node.hash in self._kept or node.hash in self._heard or not isinstance(node, PlaceNode | SendNode):
                continue
            gain = self._still(node)
            if gain is not None and all(
                isinstance(user, SumNode) or (isinstance(user, SendNode) and user.hash in into_sums)
                for user in users.get(node.hash, ())
            ):
                into_sums.add(node.hash)
                still[node.hash] = gain
        for node in self._nodes:
            if node.hash in into_sums:
                source = node.inputs[0]
                before = self._gains.get(source.hash, Leaf(source))
                self._gains[node.hash] = Leaf(before.node, before.gain.then(still[node.hash]))

    def _still(self, node: PlaceNode | SendNode) -> LeafGain | None:
        if isinstance(node, SendNode):
            level = Sender(node.level_db, sample_rate_hz=self._rate).constant
            return None if level is None else LeafGain(send=level)
        sides = Placer(node.placement, sample_rate_hz=self._rate).constant_sides(node.inputs[0].channels)
        return None if sides is None else LeafGain(left=sides[0], right=sides[1])

    def _sum(self, node: SumNode, pipes: dict[str, Pipe]) -> Pipe:
        """Fuse smaller sums that nobody else needs into a sum, as far as one pass reaches."""
        pipe = Pipe([node])
        shapes: list[Shape] = []
        for place, leaf in enumerate(self._leaves(node)):
            leaves: list[Leaf] = [leaf]
            shape: Shape = 0
            others = 1 if place == 0 else len(pipe.leaves)
            if leaf.gain == PLAIN and self._is_only_for_one(leaf.node):
                inner = pipes[leaf.node.hash]
                if len(inner.nodes) == 1 and 0 < len(inner.leaves) <= MOST_LEAVES - others:
                    del pipes[leaf.node.hash]
                    leaves, shape = inner.leaves, inner.shape
            shapes.append(shifted(shape, len(pipe.leaves)))
            pipe.leaves += leaves
        pipe.shape = (shapes[0], shapes[1])
        return pipe
