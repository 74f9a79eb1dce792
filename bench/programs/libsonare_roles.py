"""Print what libsonare takes each stem for, as a list; every argument is PATH=NAME."""

import json
import sys
from pathlib import Path

import libsonare
from libsonare_gains import RATE_HZ, load


def main() -> int:
    """Suggest a scene for the stems and tell the sources it classified."""
    tracks = []
    for index, word in enumerate(sys.argv[1:]):
        path, _, name = word.rpartition("=")
        sound = load(Path(path))
        tracks.append(libsonare.MixTrackInput(f"t{index}", sound[0], sound[1], name=name))
    found = libsonare.suggest_mix_scene(tracks, sample_rate=RATE_HZ)["tracks"]
    sources = {one["stripId"]: one["source"] for one in found}
    print(json.dumps([sources.get(f"t{index}", "unknown") for index in range(len(tracks))]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
