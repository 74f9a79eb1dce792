"""The one door: `python -m bench.training --out FOLDER` makes the sounds, measures them and writes the weights."""

import argparse
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.case import say
from bench.training.fit import Settings, fit, hold_out
from bench.training.general_midi import RATE_HZ
from bench.training.material import PRIOR, Studio, plan
from tonmeister.analysis.role_sound import Network, describe_sound
from tonmeister.analysis.track_meter import measure_track
from tonmeister.audio import Audio

WEIGHTS = Path(__file__).resolve().parents[2] / "src" / "tonmeister" / "analysis" / "role_sound.npz"


def main(arguments: list[str] | None = None) -> int:
    """Make, measure, fit, write."""
    parser = argparse.ArgumentParser(prog="python -m bench.training", description="Train the ear for roles.")
    parser.add_argument("--out", type=Path, required=True, help="folder in which features are kept")
    parser.add_argument("--voices", type=Path, nargs="*", default=[], help="folders of free speech and singing (WAV)")
    parser.add_argument("--share", type=float, default=1.0, help="part of the full number of sounds")
    parser.add_argument("--part", type=int, default=0, help="which part to make, when several processes share the work")
    parser.add_argument("--parts", type=int, default=1, help="how many processes share the work")
    parser.add_argument("--fit", action="store_true", help="only fit what is in the folder")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    if not options.fit:
        rows = list(_make(options.voices, options.share, options.part, options.parts))
        (options.out / f"features_{options.part}.pkl").write_bytes(pickle.dumps(rows))
    if options.fit or options.parts == 1:
        _fit(options.out)
    return 0


def _make(voices: list[Path], share: float, part: int, parts: int) -> Iterator[tuple[str, int, NDArray[np.float32]]]:
    """Yield (role, seed, features) of every sound that is not silent."""
    studio = Studio(voices)
    todo = sorted(plan(share), key=lambda one: (one[1], one[0]))[part::parts]
    for done, (role, seed) in enumerate(todo):
        sound = studio.record(role, seed)
        measurement = measure_track(Audio(np.ascontiguousarray(sound, np.float32), RATE_HZ))
        if measurement.figures.spectrum.centroid_hz is not None:
            yield role, seed, describe_sound(measurement)
        if done % 100 == 99:
            say(f"{done + 1} of {len(todo)} sounds")


def _fit(folder: Path) -> None:
    rows: list[tuple[str, int, NDArray[np.float32]]] = []
    for file in sorted(folder.glob("features_*.pkl")):
        rows += pickle.loads(file.read_bytes())  # noqa: S301 - written by this program
    rows.sort(key=lambda row: (row[0], row[1]))
    roles = tuple(sorted({role for role, _, _ in rows}))
    features = np.array([row for _, _, row in rows], np.float32)
    labels = np.array([roles.index(role) for role, _, _ in rows])
    prior = {role: PRIOR[role] for role in roles}
    right = hold_out(features, labels, roles, prior, settings=Settings(), seed=1)
    say(f"{len(rows)} sounds; {right:.3f} of the roles right on a fifth held out")
    write_weights(fit(features, labels, roles, prior, settings=Settings(), seed=1), WEIGHTS)


def write_weights(network: Network, path: Path) -> None:
    """Write the network, its weights as half floats."""
    np.savez_compressed(
        path,
        roles=np.array(network.roles),
        mean=network.mean,
        scale=network.scale,
        hidden=network.hidden.astype(np.float16),
        out=network.out.astype(np.float16),
        temperature=np.float32(network.temperature),
    )


if __name__ == "__main__":
    sys.exit(main())
