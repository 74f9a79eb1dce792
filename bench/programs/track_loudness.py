"""Print {track id: {before_lufs, after_lufs}} of a result: its file, and where the track enters the sum; by our own ruler: `OUT`."""

import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from bench.measures import RunningLoudness, gated_lufs
from bench.sound import read
from tonmeister.engineer.documents import load_mix, load_sources
from tonmeister.files.cache import open_cache
from tonmeister.render import Renderer, SourceFile


class Ear:
    """Hears one point of the mix."""

    def __init__(self, rate_hz: int) -> None:
        self.loudness = RunningLoudness(rate_hz, 2)

    def __call__(self, start_frame: int, block: NDArray[np.float32]) -> None:
        """Take the next block."""
        self.loudness.add(block)


def main() -> int:
    """Render once and listen to every track."""
    out = Path(sys.argv[1])
    mix, sources = load_mix(out), load_sources(out, load_mix(out))
    ears = {track.id: Ear(mix.song.sample_rate_hz) for track in mix.tracks if track.used}
    files = {name: SourceFile(sound.path, sound.stream) for name, sound in sources.items()}
    with Renderer(files, cache=open_cache()) as renderer:
        renderer.render(mix, listeners={f"track:{name}": [ear] for name, ear in ears.items()})
    found = {
        name: {"before_lufs": gated_lufs(*read(sources[name].path)), "after_lufs": ear.loudness.gated_lufs()}
        for name, ear in ears.items()
    }
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
