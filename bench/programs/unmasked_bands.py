"""Mix a folder with and without the masking task and keep the third octaves of every track: `SOURCE OUT ROLES`.

Writes OUT/before.npz and OUT/after.npz, each with `tracks` (names) and `power` (tracks, steps, 26) of every track as it goes to its
bus, and leaves OUT/after/mix.json.  Before is the same engine whose list of tasks lacks masking: everything else is decided anew.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from bench.unmasking_ruler import STEP_S, third_octaves
from tonmeister.engineer import MixOptions, decide, mix
from tonmeister.engineer.documents import load_mix, load_sources
from tonmeister.files.cache import open_cache
from tonmeister.render import Renderer, SourceFile
from tonmeister.tasks import MIX_TASKS, masking


class Ear:
    """Hears one track: windows of two steps, one a step."""

    def __init__(self, rate_hz: int) -> None:
        self._rate, self._hop = rate_hz, round(STEP_S * rate_hz)
        self._left = np.zeros((2, 0), np.float32)
        self.power: list[NDArray[np.float64]] = []

    def __call__(self, start_frame: int, block: NDArray[np.float32]) -> None:
        """Take the next block."""
        sound = np.concatenate([self._left, block], axis=1)
        count = max(0, sound.shape[1] // self._hop - 1)
        if count:
            windows = np.lib.stride_tricks.sliding_window_view(sound, 2 * self._hop, axis=1)[:, :: self._hop][:, :count]
            self.power.append(
                sum((third_octaves(channel, self._rate) for channel in windows), np.zeros((count, 1)))  # both channels
            )
        self._left = sound[:, count * self._hop :].copy()


def main() -> int:
    """Mix twice, listen to both."""
    source, out, roles = (Path(word) for word in sys.argv[1:4])
    options = MixOptions(
        roles_file=roles, start="from-scratch", sessions=(), with_master=False, with_report=False, with_verify=True
    )
    tasks = MIX_TASKS
    for name in ("before", "after"):
        chosen = tasks if name == "after" else tuple(task for task in tasks if task is not masking.propose)
        vars(decide)["MIX_TASKS"] = chosen
        mix(source, out / name, options=options)
        _listen(out / name, out / f"{name}.npz")
    return 0


def _listen(folder: Path, target: Path) -> None:
    document = load_mix(folder)
    sources = load_sources(folder, document)
    tracks = [track for track in document.tracks if track.used]
    ears = {track.id: Ear(document.song.sample_rate_hz) for track in tracks}
    files = {name: SourceFile(sound.path, sound.stream) for name, sound in sources.items()}
    with Renderer(files, cache=open_cache()) as renderer:
        renderer.render(
            document,
            listeners={f"track:{name}": [ear] for name, ear in ears.items()},
            end_frame=document.song.frames,
            start_frame=0,
        )
    power = [np.concatenate(ears[track.id].power) for track in tracks]
    steps = min(map(len, power))
    np.savez(target, tracks=[track.id for track in tracks], power=np.stack([part[:steps] for part in power]))


if __name__ == "__main__":
    sys.exit(main())
