"""Print {stem: dB} of a suggested scene: gated loudness of each strip rendered alone (no sends, no buses) minus that of its stem."""

import copy
import json
import sys
from pathlib import Path
from typing import Any

import libsonare
import numpy as np
import pyloudnorm
import soundfile

RATE_HZ = 48000
BLOCK = 4096


def load(path: Path) -> np.ndarray:
    """Read a stem as two channels at the scene's rate."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    samples = samples if samples.shape[1] == 2 else np.repeat(samples, 2, axis=1)
    if rate != RATE_HZ:
        import resampy

        samples = resampy.resample(samples, rate, RATE_HZ, axis=0).astype(np.float32)
    return np.ascontiguousarray(samples.T)


def alone(scene: dict[str, Any], strip: str) -> str:
    """Return the scene with this strip only, straight into a bare master bus."""
    part = copy.deepcopy(scene)
    part["strips"] = [{**one, "sends": []} for one in part["strips"] if one["id"] == strip]
    part["buses"] = [{"id": "master", "role": "master", "inserts": []}]
    part["connections"] = [{"source": strip, "destination": "master"}]
    part["vcaGroups"] = []
    return json.dumps(part)


def render(scene: str, samples: np.ndarray) -> np.ndarray:
    """Run one stem through its strip."""
    mixer = libsonare.Mixer.from_scene_json(scene, RATE_HZ, BLOCK)
    blocks = []
    for start in range(0, samples.shape[1], BLOCK):
        out = mixer.process_stereo([samples[0, start : start + BLOCK]], [samples[1, start : start + BLOCK]])
        blocks.append(np.stack([out.left, out.right], 1))
    return np.concatenate(blocks)


def main() -> int:
    """Suggest a scene for the stems, then measure every strip."""
    paths = [Path(word) for word in sys.argv[1:]]
    sounds = {path.stem: load(path) for path in paths}
    tracks = [
        libsonare.MixTrackInput(f"t{index}", sound[0], sound[1], name=name)
        for index, (name, sound) in enumerate(sounds.items())
    ]
    scene = libsonare.suggest_mix_scene(tracks, sample_rate=RATE_HZ)["scene"]
    meter = pyloudnorm.Meter(RATE_HZ)
    found = {}
    for index, (name, sound) in enumerate(sounds.items()):
        before, after = (
            meter.integrated_loudness(sound.T),
            meter.integrated_loudness(render(alone(scene, f"t{index}"), sound)),
        )
        found[name] = float(after - before) if np.isfinite(after - before) else None
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
