"""Write tracks of a result as they enter the sum, added up, as float32: `OUT WAV TRACK…`; without the faders of their groups."""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from bench.sound import write
from tonmeister.engineer.documents import load_mix, load_sources
from tonmeister.files.cache import open_cache
from tonmeister.render import Renderer, SourceFile


class Ear:
    """Keeps what it hears of one point of the mix."""

    def __init__(self) -> None:
        self.blocks: list[NDArray[np.float32]] = []

    def __call__(self, start_frame: int, block: NDArray[np.float32]) -> None:
        """Take the next block."""
        self.blocks.append(block.copy())


def main() -> int:
    """Render once and listen to the tracks."""
    out, wav, names = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
    mix = load_mix(out)
    sources = load_sources(out, mix)
    ears = {name: Ear() for name in names}
    files = {name: SourceFile(sound.path, sound.stream) for name, sound in sources.items()}
    with Renderer(files, cache=open_cache()) as renderer:
        renderer.render(mix, listeners={f"track:{name}": [ear] for name, ear in ears.items()})
    sounds = [np.concatenate(ear.blocks, axis=1) for ear in ears.values()]
    total = np.zeros((2, max(sound.shape[1] for sound in sounds)), np.float32)
    for sound in sounds:
        total[:, : sound.shape[1]] += sound
    write(wav, total, mix.song.sample_rate_hz, subtype="FLOAT")
    return 0


if __name__ == "__main__":
    sys.exit(main())
