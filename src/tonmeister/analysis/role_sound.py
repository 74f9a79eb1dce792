"""What a track plays, heard from its sound: a small network over what the meters found.

Trained by `python -m bench.training` on sounds that it makes itself (see docs/roles.md); runs on NumPy alone.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.gesture import describe_gesture
from tonmeister.analysis.role import RoleGuess, guess_of
from tonmeister.analysis.track_meter import TrackMeasurement
from tonmeister.knowledge import role as role_row

LEAST_CONFIDENCE = 0.25
"""Below this a guess is no better than none."""
FAR = 4.0
"""No feature counts as further from the mean of the training sounds than so many standard deviations."""
_DEPTH_DB = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """An ensemble of perceptrons with one hidden layer."""

    roles: tuple[str, ...]
    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    hidden: NDArray[np.float32]
    """(members, features + 1, units), the last row the offsets."""
    out: NDArray[np.float32]
    """(members, units + 1, roles)."""
    temperature: float
    """Divides the ensemble's logarithms, chosen on real stems that were not trained on."""


def hear_roles(measurement: TrackMeasurement) -> dict[str, float]:
    """Return how probable each role is, by sound alone; empty for silence."""
    if measurement.figures.spectrum.centroid_hz is None:
        return {}
    network = load_network()
    scaled = np.clip((describe_sound(measurement) - network.mean) / network.scale, -FAR, FAR)
    return dict(zip(network.roles, predict(scaled[None], network)[0].tolist(), strict=True))


def hear_role(measurement: TrackMeasurement) -> RoleGuess:
    """Guess the role from the sound alone: the likeliest role of the likeliest family; `unknown` where nothing is."""
    heard = hear_roles(measurement)
    return choose(heard) if heard else guess_of("unknown", 0.0, "it is silent")


def choose(heard: dict[str, float]) -> RoleGuess:
    """Return the likeliest role of the likeliest family; how sure is how likely the family is."""
    shares = share_families(heard)
    family = max(shares, key=lambda name: (shares[name], name))
    if shares[family] < LEAST_CONFIDENCE:
        return guess_of("unknown", shares[family], "its sound tells nothing clear")
    inside = {role: share for role, share in heard.items() if role_row(role).family == family}
    best = max(inside, key=lambda name: (inside[name], name))
    return guess_of(best, round(min(1.0, shares[family]), 3), f"it sounds like {best}")


def share_families(heard: dict[str, float]) -> dict[str, float]:
    """Return how probable each family is."""
    shares: dict[str, float] = {}
    for role, share in heard.items():
        family = role_row(role).family
        shares[family] = shares.get(family, 0.0) + share
    return shares


def describe_sound(measurement: TrackMeasurement) -> NDArray[np.float32]:
    """Return the features: timbre, spectrum, dynamics, width, pitches and gestures; none depends on level."""
    figures, curves = measurement.figures, measurement.curves
    spectrum, levels, stereo = figures.spectrum, figures.levels, figures.stereo
    thirds = np.maximum(curves.third_octave_db - curves.third_octave_db.max(), -_DEPTH_DB)
    width = [share or 0.0 for share in stereo.width_by_band] or [0.0] * 6
    numbers = [
        levels.transient_crest_db or 0.0,
        levels.crest_db or 0.0,
        np.log2(levels.onset_rate_hz + 0.25),
        levels.level_fluctuation_db or 0.0,
        *(np.log2(max(hz or 0.0, 20.0)) for hz in (spectrum.centroid_hz, spectrum.low_edge_hz, spectrum.high_edge_hz)),
        spectrum.slope_db_per_octave or 0.0,
        spectrum.flatness_db or 0.0,
        stereo.width or 0.0,
        *width,
    ]
    chroma = curves.chroma / (float(curves.chroma.sum()) + 1e-20)
    pitched = [float(chroma.max()), float(-(chroma * np.log(chroma + 1e-9)).sum())]
    parts = (curves.timbre, thirds, _vary(curves.erb_power), numbers, pitched, describe_gesture(curves))
    return np.concatenate(parts).astype(np.float32)


def _vary(erb_power: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return (10,) by how many dB groups of four ERB bands vary over the half seconds that sound."""
    groups = erb_power.astype(np.float64).reshape(len(erb_power), 10, 4).sum(axis=2)
    total = groups.sum(axis=1)
    sounding = groups[total > 1e-3 * total.max()] if total.size else groups
    if len(sounding) < 2:
        return np.zeros(10)
    spread: NDArray[np.float64] = np.std(10 * np.log10(sounding + sounding.max() * 1e-6), axis=0)
    return spread


def predict(scaled: NDArray[np.float32], network: Network) -> NDArray[np.float64]:
    """Return (tracks, roles) the probabilities of scaled features, (tracks, features)."""
    logs = np.zeros((len(scaled), len(network.roles)))
    for hidden, out in zip(network.hidden, network.out, strict=True):
        units = np.maximum(scaled @ hidden[:-1] + hidden[-1], 0)
        raw = (units @ out[:-1] + out[-1]).astype(np.float64)
        raw -= raw.max(axis=1, keepdims=True)
        logs += raw - np.log(np.exp(raw).sum(axis=1, keepdims=True))
    logs /= len(network.hidden) * network.temperature
    shares = np.exp(logs - logs.max(axis=1, keepdims=True))
    whole: NDArray[np.float64] = shares / shares.sum(axis=1, keepdims=True)
    return whole


@cache
def load_network() -> Network:
    """Return the network that ships with the package."""
    return unpack_network(files(__name__.rpartition(".")[0]).joinpath("role_sound.npz").read_bytes())


def unpack_network(packed: bytes) -> Network:
    """Return the network that an archive of NumPy holds."""
    with np.load(BytesIO(packed), allow_pickle=False) as kept:
        return Network(
            roles=tuple(str(name) for name in kept["roles"]),
            mean=kept["mean"],
            scale=kept["scale"],
            hidden=kept["hidden"].astype(np.float32),
            out=kept["out"].astype(np.float32),
            temperature=float(kept["temperature"]),
        )
