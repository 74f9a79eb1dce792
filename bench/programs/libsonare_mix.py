"""Mix stems by libsonare's suggestion: `OUT.wav STEM.wav…`."""

import json
import sys
from pathlib import Path

import libsonare
import numpy as np
import soundfile
from libsonare_gains import BLOCK, RATE_HZ, load


def main() -> int:
    """Suggest, render in blocks, write float32."""
    out, paths = sys.argv[1], [Path(word) for word in sys.argv[2:]]
    sounds = [load(path) for path in paths]
    frames = max(sound.shape[1] for sound in sounds)
    sounds = [np.pad(sound, ((0, 0), (0, frames - sound.shape[1]))) for sound in sounds]
    tracks = [
        libsonare.MixTrackInput(f"t{index}", *sound, name=path.stem)
        for index, (path, sound) in enumerate(zip(paths, sounds, strict=True))
    ]
    scene = libsonare.suggest_mix_scene(tracks, sample_rate=RATE_HZ)["scene"]
    mixer = libsonare.Mixer.from_scene_json(json.dumps(scene), RATE_HZ, BLOCK)
    order = [int(strip["id"][1:]) if strip["id"][1:].isdigit() else None for strip in scene["strips"]]
    silence = np.zeros(frames, np.float32)
    left = [silence if place is None else sounds[place][0] for place in order]
    right = [silence if place is None else sounds[place][1] for place in order]
    with soundfile.SoundFile(out, "w", RATE_HZ, 2, "FLOAT") as file:
        for start in range(0, frames, BLOCK):
            block = mixer.process_stereo(
                [x[start : start + BLOCK] for x in left], [x[start : start + BLOCK] for x in right]
            )
            file.write(np.stack([block.left, block.right], 1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
