"""The master chain over a finished mix: the whole of it into a file, or excerpts of it to meters."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tonmeister.audio import Audio
from tonmeister.document.strip import MasterChain
from tonmeister.files.sound import SoundReader, open_sound
from tonmeister.render.align import CELL_FRAMES
from tonmeister.render.executor import Cancel, Progress, count_threads, execute
from tonmeister.render.graph import Graph, build_chain
from tonmeister.render.output import WavOutput
from tonmeister.render.plan import Ends, Planner, needed_nodes
from tonmeister.render.source import SourceReader
from tonmeister.render.steps import BlockListener, Listener, Range, WithinRange

BLOCK_FRAMES = 32_768
PREROLL_S = 2.0
"""How much is run before an excerpt, so that gains and filters are what they would be."""

Sound = Path | SoundReader | Audio
"""A mix: a file, an open one, or one in memory."""
Span = tuple[int, int]
"""First frame, and the frame behind the last."""


def write_master(
    mix: Sound,
    chain: MasterChain,
    path: Path,
    *,
    seed: int = 1,
    listeners: Sequence[Listener] = (),
    last: Sequence[Listener] = (),
    threads: int | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> int:
    """Run the master chain over a mix into a dithered WAV file of chain.bits, as long as the mix; return its frames.

    Listeners hear the master before dither, in float32; those of `last` hear what goes into the last insert.

    Raises:
        UnreadableFileError: If the mix cannot be read.
        OutputError: If the file cannot be written.
        CancelledError: If cancel was set; no file is left then.
    """
    with _opened(mix) as sound:
        output = WavOutput(
            path, sample_rate_hz=sound.sample_rate_hz, channels=sound.channels, bits=chain.bits, seed=seed
        )
        with output:
            _run(sound, chain, (0, sound.frames), [output, *listeners], threads, progress, cancel, last=last)
        return sound.frames


def hear_master(
    mix: Sound,
    chain: MasterChain,
    listeners: Sequence[Listener],
    *,
    spans: Sequence[Span] | None = None,
    preroll_s: float = PREROLL_S,
    threads: int | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> None:
    """Run the master chain over a mix, or over spans of it one after the other, and write nothing.

    Raises:
        UnreadableFileError: If the mix cannot be read.
        CancelledError: If cancel was set.
    """
    with _opened(mix) as sound:
        for span in [(0, sound.frames)] if spans is None else spans:
            _run(sound, chain, span, listeners, threads, progress, cancel, preroll_s=preroll_s)


def _run(
    sound: SoundReader | Audio,
    chain: MasterChain,
    span: Span,
    listeners: Sequence[Listener],
    threads: int | None,
    progress: Progress | None,
    cancel: Cancel | None,
    *,
    preroll_s: float = 0.0,
    last: Sequence[Listener] = (),
) -> None:
    rate, channels = sound.sample_rate_hz, sound.channels
    graph = build_chain(chain.inserts, sample_rate_hz=rate, channels=channels, frames=sound.frames)
    early = max(0, span[0] - round(preroll_s * rate)) // CELL_FRAMES * CELL_FRAMES
    blocks = Range(early, BLOCK_FRAMES)
    end = graph.node("end")
    taps: dict[str, list[BlockListener]] = {}
    for point, those in (("end", listeners), ("last", last)):
        ranged = [WithinRange(one, start_frame=span[0], end_frame=span[1], channels=channels) for one in those]
        taps[graph.node(point).hash] = [*taps.get(graph.node(point).hash, []), *ranged]
    planner = Planner(
        graph, blocks, ends=_ends(graph), kept={}, open_source=lambda node: SourceReader(node, sound), fused=False
    )
    nodes, _ = needed_nodes([end], lambda _: None)
    plan = planner.plan(nodes, {mark: those for mark, those in taps.items() if those})
    count = -(-(span[1] - early) // BLOCK_FRAMES)
    execute(plan.steps, blocks=count, threads=count_threads(threads), progress=progress, cancel=cancel)


def _ends(graph: Graph) -> Ends:
    return Ends(graph, most_frames=graph.song_frames + 10 * graph.sample_rate_hz)


@contextmanager
def _opened(mix: Sound) -> Iterator[SoundReader | Audio]:
    """Give a sound, and close it if it was opened here."""
    if not isinstance(mix, Path):
        yield mix
        return
    with open_sound(mix) as sound:
        yield sound
