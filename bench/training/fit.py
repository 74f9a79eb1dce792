"""Fits the ensemble: perceptrons of one hidden layer, dropout, mixed examples, soft labels."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.role_sound import FAR, Network
from tonmeister.knowledge import role as role_row

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Settings:
    """How it is trained."""

    members: int = 8
    units: int = 96
    epochs: int = 60
    batch: int = 128
    rate: float = 2e-3
    decay: float = 2e-3
    dropout_in: float = 0.15
    dropout: float = 0.4
    noise: float = 0.25
    soft: float = 0.08
    """Share of a label that is spread over all roles."""
    family: float = 0.8
    """Share of the loss that asks for the family alone; the rest asks for the role. Of 0, 0.5, 0.8 and 0.95 the best on songs left out."""


TEMPERATURE = 1.0
"""Of 0.6 to 1.15 the one that is sure most often while at most 3 % of the 106 real stems of docs/roles.md are sure and wrong."""


def fit(
    features: Floats,
    labels: NDArray[np.int64],
    roles: tuple[str, ...],
    prior: Mapping[str, float],
    *,
    settings: Settings,
    seed: int,
    scales: tuple[Floats, Floats] | None = None,
) -> Network:
    """Return the ensemble, leaning towards what is frequent.

    Args:
        features: (sounds, features).
        labels: (sounds,) index into roles.
        roles: Names.
        prior: How often each role is met.
        settings: How it is trained.
        seed: Draws the start, the noise and the order.
        scales: Mean and scale of the features, of a network that this one joins; else their own.
    """
    mean, scale = scales or (features.mean(axis=0), features.std(axis=0) + 1e-3)
    scaled = np.clip((features - mean) / scale, -FAR, FAR).astype(np.float32)
    weights = _balance(labels, len(roles))
    groups = _group(roles)
    members = [_fit_one(scaled, labels, weights, groups, settings, seed + i) for i in range(settings.members)]
    hidden, out = (np.stack(parts).astype(np.float32) for parts in zip(*members, strict=True))
    trained = np.maximum(np.bincount(labels, minlength=len(roles)), 1) * weights
    lean = np.log([prior[role] for role in roles]) - np.log(trained / trained.sum())
    out[:, -1] += (TEMPERATURE * lean).astype(np.float32)
    return Network(roles, mean.astype(np.float32), scale.astype(np.float32), hidden, out, TEMPERATURE)


def _balance(labels: NDArray[np.int64], roles: int) -> Floats:
    """Return a weight for each role: rare ones count more, by the root of how rare."""
    counts = np.bincount(labels, minlength=roles)
    return np.asarray(np.sqrt(counts.mean() / np.maximum(counts, 1)), np.float32)


def _group(roles: tuple[str, ...]) -> Floats:
    """Return (roles, families), 1 where a role is of a family."""
    families = [role_row(role).family for role in roles]
    return np.array([[family == other for other in sorted(set(families))] for family in families], np.float32)


def _fit_one(
    x: Floats, y: NDArray[np.int64], weights: Floats, groups: Floats, settings: Settings, seed: int
) -> tuple[Floats, Floats]:
    chance = np.random.default_rng(seed)
    inputs, roles = x.shape[1], len(groups)
    parameters = [
        np.vstack(
            [chance.normal(0, np.sqrt(2 / inputs), (inputs, settings.units)), np.zeros((1, settings.units))]
        ).astype(np.float32),
        np.vstack(
            [chance.normal(0, np.sqrt(1 / settings.units), (settings.units, roles)), np.zeros((1, roles))]
        ).astype(np.float32),
    ]
    first, second = [np.zeros_like(p) for p in parameters], [np.zeros_like(p) for p in parameters]
    targets = np.full((len(x), roles), settings.soft / roles, np.float32)
    targets[np.arange(len(x)), y] += 1 - settings.soft
    targets *= weights[y][:, None]
    step, steps = 0, settings.epochs * (len(x) // settings.batch)
    for _ in range(settings.epochs):
        order = chance.permutation(len(x))
        for start in range(0, len(x) - settings.batch + 1, settings.batch):
            step += 1
            part, other = order[start : start + settings.batch], order[chance.integers(0, len(x), settings.batch)]
            blend: Floats = np.asarray(np.maximum(chance.beta(0.3, 0.3, (settings.batch, 1)), 0.5), np.float32)
            inputs_now = blend * x[part] + (1 - blend) * x[other]
            inputs_now += np.asarray(chance.normal(0, settings.noise, inputs_now.shape), np.float32)
            inputs_now *= chance.random(inputs_now.shape, np.float32) > settings.dropout_in
            gradients = _gradients(
                inputs_now, blend * targets[part] + (1 - blend) * targets[other], groups, parameters, settings, chance
            )
            rate = settings.rate * 0.5 * (1 + np.cos(np.pi * step / steps))
            for i, gradient in enumerate(gradients):
                first[i] = 0.9 * first[i] + 0.1 * gradient
                second[i] = 0.999 * second[i] + 0.001 * gradient * gradient
                move = first[i] / (1 - 0.9**step) / (np.sqrt(second[i] / (1 - 0.999**step)) + 1e-8)
                parameters[i] -= np.asarray(rate * (move + settings.decay * parameters[i]), np.float32)
    hidden = parameters[0].copy()
    hidden[:-1] *= 1 - settings.dropout_in  # as many inputs as in training, on average
    return hidden, parameters[1]


def _gradients(
    x: Floats,
    targets: Floats,
    groups: Floats,
    parameters: list[Floats],
    settings: Settings,
    chance: np.random.Generator,
) -> list[Floats]:
    hidden, out = parameters
    before = x @ hidden[:-1] + hidden[-1]
    kept = (chance.random(before.shape, np.float32) > settings.dropout) / np.float32(1 - settings.dropout)
    units = np.maximum(before, 0) * kept
    raw = units @ out[:-1] + out[-1]
    shares = np.exp(raw - raw.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    whole = targets.sum(axis=1, keepdims=True)
    likely = shares * (((targets @ groups) / np.maximum(shares @ groups, 1e-6)) @ groups.T)  # role given its family
    error = (shares * whole - (1 - settings.family) * targets - settings.family * likely) / len(x)
    back = (error @ out[:-1].T) * kept * (before > 0)
    return [np.vstack([x.T @ back, back.sum(axis=0)]), np.vstack([units.T @ error, error.sum(axis=0)])]
