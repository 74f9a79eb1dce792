"""What each stem of a song plays, from all stems together: names first, then sound, then what belongs to what."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.role import WEAK, RoleGuess, common_words, guess_of, read_role
from tonmeister.analysis.role_sound import choose, hear_roles, share_families
from tonmeister.analysis.track_meter import TrackMeasurement

SURE = 0.8
"""From so sure on, a name is believed whatever the sound, and a sound against a word that describes at best."""
_CLEAR = 0.6
"""A role from so much on is clear by itself; below, only its family may be."""
_BROAD = {"drums": "percussion"}
"""What a stem is called whose sound overrules its word, where only the family is clear."""
_CLOSE = ("kick", "snare", "toms")
_WHOLE_KIT = ("overheads", "room")
_LEAST_MIXED = 4  # stems from which on a mixture must be shown to follow all others
_FOLLOWS = 0.6  # correlation of levels with the sum of the others from which a stem may be a mix of them
_ALIKE = 0.98
_ALIKE_DB = 3.0
_LEAD, _BACKING = "lead vocal", "backing vocal"


@dataclass(frozen=True, slots=True, eq=False)
class NamedSound:
    """A stem: what it is called and what the meters found; a role that a person said, if one did."""

    name: str
    measurement: TrackMeasurement
    said_role: str | None = None


def assign_roles(stems: Sequence[NamedSound]) -> list[RoleGuess]:
    """Return what each stem plays, in their order.

    A person's word stands; then a clear name; a word that describes rather than names gives way to a sure sound; the
    rest is heard. Stems without a clear name are then weighed against the others: twins share a role, overheads need
    close microphones, a mix follows all others, and of several voices one leads.
    """
    common = common_words([stem.name for stem in stems])
    named = [_read(stem, common) for stem in stems]
    heard = [hear_roles(stem.measurement) for stem in stems]
    heard = _share_between_twins(stems, heard)
    heard = [_weigh_mixture(stems, i, one) for i, one in enumerate(heard)]
    guesses = [_join(name, one) for name, one in zip(named, heard, strict=True)]
    guesses = _place_kit_mics(guesses, named, heard)
    return _find_lead(stems, guesses, named, heard)


def _read(stem: NamedSound, common: frozenset[str]) -> RoleGuess | None:
    if stem.said_role is not None:
        return guess_of(stem.said_role, 1.0, "the person said so")
    return read_role(stem.name, common_words=common)


def _join(named: RoleGuess | None, heard: dict[str, float]) -> RoleGuess:
    """Return the name's role, unless it is weak and the sound is sure of another family."""
    if not heard:
        return named or guess_of("unknown", 0.0, "it is silent")
    sound = choose(heard)
    if named is None:
        return sound
    shares = share_families(heard)
    if named.confidence <= WEAK:
        if sound.family not in (named.family, "unknown") and sound.confidence >= SURE:
            role = sound.role if heard[sound.role] >= _CLEAR else _BROAD.get(sound.family, sound.role)
            return guess_of(role, SURE - 0.1, f"{named.why}, but {sound.why}", side=named.side)
        agreement = 0.15 if shares.get(named.family, 0.0) > 0.5 else 0.0
        return named.model_copy(update={"confidence": round(named.confidence + agreement, 3)})
    return named


def _is_open(named: RoleGuess | None) -> bool:
    """Whether the name leaves the role to sound and company."""
    return named is None


def _share_between_twins(stems: Sequence[NamedSound], heard: list[dict[str, float]]) -> list[dict[str, float]]:
    """Return the probabilities, those of stems that move and sound alike averaged: pairs, second mics, doubles."""
    out = []
    for i, one in enumerate(heard):
        twins = [
            heard[k]
            for k in range(len(stems))
            if k == i or (one and heard[k] and _are_twins(stems[i].measurement, stems[k].measurement))
        ]
        out.append({role: sum(twin[role] for twin in twins) / len(twins) for role in one})
    return out


def _are_twins(one: TrackMeasurement, other: TrackMeasurement) -> bool:
    a, b = one.curves.third_octave_db, other.curves.third_octave_db
    difference = (a - a.max()) - (b - b.max())
    loud = (a > a.max() - 30) | (b > b.max() - 30)
    if float(np.abs(difference[loud]).mean()) > _ALIKE_DB:
        return False
    return _correlate(one.curves.energies_100ms, other.curves.energies_100ms) > _ALIKE


def _weigh_mixture(stems: Sequence[NamedSound], index: int, heard: dict[str, float]) -> dict[str, float]:
    """Return the probabilities without `mixture` where the stem does not follow all the others."""
    if len(stems) < _LEAST_MIXED or heard.get("mixture", 0.0) == 0.0:
        return heard
    rest = _sum_levels([stem.measurement for k, stem in enumerate(stems) if k != index])
    own = stems[index].measurement.curves.energies_100ms
    return heard if _correlate(own, rest) > _FOLLOWS else _without(heard, ("mixture",))


def _place_kit_mics(
    guesses: list[RoleGuess], named: list[RoleGuess | None], heard: list[dict[str, float]]
) -> list[RoleGuess]:
    """Return the guesses; where no two pieces of a kit have their own stem, nothing heard is overheads or a room."""
    close = {guess.role for guess in guesses if guess.role in _CLOSE}
    if len(close) >= 2:
        return guesses
    return [
        choose(_as_kit(one)) if _is_open(name) and guess.role in _WHOLE_KIT else guess
        for guess, name, one in zip(guesses, named, heard, strict=True)
    ]


def _as_kit(heard: dict[str, float]) -> dict[str, float]:
    """Return the probabilities with those of microphones over a whole kit given to `drums`."""
    out = {role: share for role, share in heard.items() if role not in _WHOLE_KIT}
    return {**out, "drums": out["drums"] + sum(heard[role] for role in _WHOLE_KIT)}


def _find_lead(
    stems: Sequence[NamedSound], guesses: list[RoleGuess], named: list[RoleGuess | None], heard: list[dict[str, float]]
) -> list[RoleGuess]:
    """Return the guesses with one lead among the voices that were only heard, and the others behind it."""
    voices = [i for i, guess in enumerate(guesses) if guess.family == "vocal"]
    free = [i for i in voices if _is_open(named[i])]
    if not free:
        return guesses
    led = any(guesses[i].role == _LEAD for i in voices if i not in free)
    scores = {i: _lead_score(stems[i].measurement, heard[i]) for i in free}
    lead = None if led else max(scores, key=lambda i: (scores[i], stems[i].name))
    out = list(guesses)
    for i in free:
        role = _LEAD if i == lead else _BACKING
        why = "of all voices it sings most, in the middle" if i == lead else "another voice leads"
        out[i] = guesses[i].model_copy(update={"role": role, "why": f"it sounds like a voice; {why}"})
    return out


def _lead_score(measurement: TrackMeasurement, heard: dict[str, float]) -> float:
    """Return how much a voice leads: how long it sings, how loud, how central, how surely it is a voice, and one alone."""
    levels, figures = measurement.figures.levels, measurement.figures
    loudness = figures.loudness.integrated_lufs
    both = heard[_LEAD] + heard[_BACKING] + 1e-6
    return (
        float(np.log2(levels.active_s + 1.0))
        + 0.1 * (loudness if loudness is not None else -70.0)
        - 3.0 * (figures.stereo.width or 0.0)
        + 4.0 * both
        + 1.5 * (heard[_LEAD] - heard[_BACKING]) / both
    )


def _without(heard: dict[str, float], roles: tuple[str, ...]) -> dict[str, float]:
    kept = {role: 0.0 if role in roles else share for role, share in heard.items()}
    total = sum(kept.values())
    return {role: share / total for role, share in kept.items()} if total > 0 else heard


def _sum_levels(measurements: Sequence[TrackMeasurement]) -> NDArray[np.float64]:
    size = max(one.curves.energies_100ms.size for one in measurements)
    total = np.zeros(size)
    for one in measurements:
        energies = one.curves.energies_100ms
        total[: energies.size] += energies
    return total


def _correlate(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the correlation of two levels over time, in dB, 50 dB below the loudest and less counting as silence."""
    size = min(one.size, other.size)
    if size < 2:
        return 0.0
    a, b = (10 * np.log10(np.maximum(part[:size], max(float(part.max()), 1e-12) * 1e-5)) for part in (one, other))
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / scale if scale > 0 else 0.0
