"""Sounds that no session can build are rendered once, for all the sessions that need them."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path

from tonmeister.audio import Samples
from tonmeister.daw.prepare import Print
from tonmeister.document.lane import Lane, constant
from tonmeister.document.mix import Mix
from tonmeister.engineer.passes import open_renderer
from tonmeister.files.cache import Cache
from tonmeister.files.probe import SoundFile, probe
from tonmeister.render.executor import Cancel, Progress
from tonmeister.render.graph import build_graph
from tonmeister.render.output import WavOutput
from tonmeister.render.place import Placement, Placer
from tonmeister.render.steps import Listener

Key = tuple[str, str]
"""What tells one print from another: the point, and the width that it is printed with."""


def key_of(wanted: Print) -> Key:
    """Return what tells a print from others; two of the same key are one sound."""
    return wanted.point, "" if wanted.width is None else wanted.width.model_dump_json()


def print_sounds(
    mix: Mix,
    sources: Mapping[str, SoundFile],
    wanted: Iterable[Print],
    place: Callable[[str], Path],
    *,
    cache: Cache,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> dict[Key, SoundFile]:
    """Render each sound into a WAV file of its own, all in one pass; what the mix left in the cache is only read.

    Raises:
        InputError: If a source is not there.
        CancelledError: If cancel was set.
    """
    prints = {key_of(one): one for one in wanted}
    if not prints:
        return {}
    rate = mix.song.sample_rate_hz
    graph = build_graph(mix)
    paths = {key: place(f"print-{number}.wav") for number, key in enumerate(prints)}
    with open_renderer(sources, cache=cache) as renderer:
        with ExitStack() as stack:
            listeners: dict[str, list[Listener]] = {}
            for key, one in prints.items():
                channels = graph.node(one.point).channels
                output = WavOutput(paths[key], sample_rate_hz=rate, channels=channels)
                writer = stack.enter_context(output)
                heard = writer if one.width is None else _Widened(writer, one.width, rate)
                listeners.setdefault(one.point, []).append(heard)
            renderer.render(mix, listeners=listeners, progress=progress, cancel=cancel)
        return {key: probe(path, cache=None) for key, path in paths.items()}


class _Widened:
    """A listener that hands on two channels with their side signal scaled."""

    def __init__(self, listener: Listener, width: Lane, rate_hz: int) -> None:
        still = Placement(constant(0.0), constant(0.0, law="hold"), width)
        self._listener, self._placer = listener, Placer(still, sample_rate_hz=rate_hz)

    def __call__(self, start_frame: int, block: Samples) -> None:
        placed = self._placer.place(block, start_frame)
        self._listener(start_frame, block if placed is None else placed)
