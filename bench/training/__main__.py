"""The one door: `python -m bench.training --out FOLDER` makes the sounds, measures them and writes the weights."""

import argparse
import pickle
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.case import say
from bench.training import banks, recordings
from bench.training.fit import Settings, fit
from bench.training.general_midi import RATE_HZ
from bench.training.material import PRIOR, Studio, plan
from bench.training.treatment import Sound
from tonmeister.analysis.role_sound import Network, describe_sound, unpack_network
from tonmeister.analysis.track_meter import measure_track
from tonmeister.audio import Audio

WEIGHTS = Path(__file__).resolve().parents[2] / "src" / "tonmeister" / "analysis" / "role_sound.npz"
TIMES = {"whole": 6, "stems": 3, "tracks": 2}
"""How often a sound counts, by its way: whole stems are what comes."""


class Row(NamedTuple):
    """A measured sound."""

    role: str
    seed: int
    features: NDArray[np.float32]
    source: str
    """Song, pack or instrument that it comes from; `ours` for what we made."""
    way: str
    """How it was played; `whole` for a stem as it is."""


@dataclass(frozen=True, slots=True)
class Share:
    """Which part of the work a process does."""

    share: float
    part: int
    parts: int


def main(arguments: list[str] | None = None) -> int:
    """Make, measure, fit, write."""
    parser = argparse.ArgumentParser(prog="python -m bench.training", description="Train the ear for roles.")
    parser.add_argument("--out", type=Path, required=True, help="folder in which features are kept")
    parser.add_argument("--voices", type=Path, nargs="*", default=[], help="folders of free speech and singing (WAV)")
    parser.add_argument("--recordings", type=Path, help="folder WAY/ROLE/SOURCE of free recordings")
    parser.add_argument("--banks", action="store_true", help="play the banks of the DSSI synthesisers in docs/roles.md")
    parser.add_argument("--share", type=float, default=1.0, help="part of the full number of sounds")
    parser.add_argument("--part", type=int, default=0, help="which part to make, when several processes share the work")
    parser.add_argument("--parts", type=int, default=1, help="how many processes share the work")
    parser.add_argument("--fit", action="store_true", help="only fit what is in the folder")
    parser.add_argument("--without", nargs="*", default=[], help="sources that are held out of the fit")
    parser.add_argument("--beside", type=Path, help="weights that stay; what is fitted joins them as further members")
    parser.add_argument("--members", type=int, default=Settings().members, help="how many perceptrons are fitted")
    parser.add_argument("--epochs", type=int, default=Settings().epochs, help="how often they see every sound")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="where the weights go")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    if not options.fit:
        share = Share(options.share, options.part, options.parts)
        _keep(_make(options.voices, share), options.out / f"features_{options.part}.pkl")
        if options.recordings is not None:
            _keep(_replay(options.recordings, share), options.out / f"features_recordings_{options.part}.pkl")
        if options.banks:
            _keep(_play_banks(share), options.out / f"features_banks_{options.part}.pkl")
    if options.fit or options.parts == 1:
        rows = _gather(options.out, frozenset(options.without))
        beside = None if options.beside is None else unpack_network(options.beside.read_bytes())
        write_weights(_fit(rows, beside, Settings(members=options.members, epochs=options.epochs)), options.weights)
    return 0


def _keep(rows: Iterator[Row], file: Path) -> None:
    """Write the rows as they come, now and then: a run that is stopped has not worked for nothing."""
    kept: list[tuple[object, ...]] = []
    for row in rows:
        kept.append(tuple(row))
        if len(kept) % 100 == 0:
            file.write_bytes(pickle.dumps(kept))
            say(f"{len(kept)} sounds")
    file.write_bytes(pickle.dumps(kept))


def _make(voices: list[Path], share: Share) -> Iterator[Row]:
    """Yield every sound of ours that is not silent."""
    studio = Studio(voices)
    for role, seed in sorted(plan(share.share), key=lambda one: (one[1], one[0]))[share.part :: share.parts]:
        features = _describe(studio.record(role, seed), RATE_HZ)
        if features is not None:
            yield Row(role, seed, features, "ours", "ours")


def _play_banks(share: Share) -> Iterator[Row]:
    """Yield every sound of real synthesisers that is not silent."""
    for role, seed in sorted(banks.plan(share.share), key=lambda one: (one[1], one[0]))[share.part :: share.parts]:
        features = _describe(banks.record(role, seed), RATE_HZ)
        if features is not None:
            yield Row(role, seed, features, "banks", "banks")


def _replay(folder: Path, share: Share) -> Iterator[Row]:
    """Yield every sound made of recordings that is not silent."""
    for box, seed in recordings.plan(recordings.open_boxes(folder), share.share)[share.part :: share.parts]:
        features = _describe(*recordings.perform(box, seed))
        if features is not None:
            whole = box.way == "stems" and seed < len(box.files)
            yield Row(box.role, seed, features, box.source, "whole" if whole else box.way)


def _describe(sound: Sound, rate_hz: int) -> NDArray[np.float32] | None:
    measurement = measure_track(Audio(np.ascontiguousarray(sound, np.float32), rate_hz))
    return None if measurement.figures.spectrum.centroid_hz is None else describe_sound(measurement)


def _gather(folder: Path, without: frozenset[str]) -> list[Row]:
    rows: list[Row] = []
    for file in sorted(folder.glob("features_*.pkl")):
        rows += [Row(*row) for row in pickle.loads(file.read_bytes())]  # noqa: S301 - written by this program
    rows = [row for row in rows if row.source not in without]
    rows.sort(key=lambda row: (row.role, row.source, row.way, row.seed))
    say(f"{len(rows)} sounds of {len({row.source for row in rows})} sources")
    return rows


def _fit(rows: list[Row], beside: Network | None, settings: Settings) -> Network:
    """Return a network fitted to the rows; beside another, with its roles and scales and its members first."""
    roles = tuple(sorted({row.role for row in rows})) if beside is None else beside.roles
    features = np.array([row.features for row in rows], np.float32)
    labels = np.array([roles.index(row.role) for row in rows])
    again = np.repeat(np.arange(len(rows)), [TIMES.get(row.way, 1) for row in rows])
    scales = None if beside is None else (beside.mean, beside.scale)
    prior = {role: PRIOR[role] for role in roles}
    network = fit(features[again], labels[again], roles, prior, settings=settings, seed=1, scales=scales)
    if beside is None:
        return network
    return replace(
        network,
        hidden=np.concatenate([beside.hidden, network.hidden]),
        out=np.concatenate([beside.out, network.out]),
    )


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
