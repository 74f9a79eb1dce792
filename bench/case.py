"""What a benchmark gets, what it gives, and how results are kept."""

import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any, ParamSpec

OURS = "tonmeister"
"""The name under which our own figures stand in every case."""

_Words = ParamSpec("_Words")
Values = dict[str, Any]
"""Figures of one system in one case; a system that could not run has only `absent`, with the reason."""


class AbsentError(Exception):
    """A system that cannot run here; the message says why."""


@dataclass(frozen=True)
class Job:
    """What the person asked for."""

    data: Path
    """Folder with the songs."""
    out: Path
    """Folder for work files, cached baseline results and reports."""
    songs: tuple[str, ...] = ()
    """Only these songs; empty means all."""
    systems: tuple[str, ...] = ()
    """Only these systems (`tonmeister` is ours); empty means all."""
    kinds: tuple[str, ...] = ()
    """Only cases of these kinds, for benchmarks that know kinds; empty means all."""
    seeds: int = 3
    """How many times anything random is drawn."""
    first_seed: int = 1
    """The first draw's seed; another one draws what nobody has looked at yet."""
    rounds: int = 3
    """How often a time is taken."""
    stems: int = 24
    """Stems of the typical job."""
    seconds: float = 240.0
    """Length of the typical job."""

    @property
    def draws(self) -> range:
        """The seeds of all draws."""
        return range(self.first_seed, self.first_seed + self.seeds)

    def wants(self, system: str) -> bool:
        """Whether this system takes part."""
        return not self.systems or system in self.systems

    def wants_kind(self, kind: str) -> bool:
        """Whether cases of this kind take part."""
        return not self.kinds or kind in self.kinds

    def wants_song(self, song: str) -> bool:
        """Whether this song takes part."""
        return not self.songs or song in self.songs


@dataclass(frozen=True)
class Case:
    """One case: the same keys for us and for each baseline."""

    name: str
    systems: Mapping[str, Values]
    about: Values = field(default_factory=dict)
    """What the case is made of: seed, number of stems, target."""

    def as_json(self, bench: str) -> str:
        """Return the line that is printed."""
        return json.dumps({"bench": bench, "case": self.name, **self.about, "systems": self.systems}, sort_keys=True)


@dataclass(frozen=True)
class Summary:
    """The figures of a benchmark."""

    figures: Values
    """Ours, under the fixed keys; None where we could not be measured."""
    baselines: Mapping[str, Values]
    """The same keys for each baseline that was there."""
    notes: tuple[str, ...] = ()
    """What a reader must know: what was absent, missed or scaled."""


def mean_of(cases: Iterable[Case], system: str, key: str) -> float | None:
    """Return the mean of a figure over the cases in which the system has it; None where it never has."""
    found = [case.systems[system][key] for case in cases if case.systems.get(system, {}).get(key) is not None]
    return fmean(found) if found else None


def systems_of(cases: Iterable[Case]) -> tuple[str, ...]:
    """Return the baselines that gave figures in at least one case, sorted."""
    names = {name for case in cases for name, values in case.systems.items() if "absent" not in values}
    return tuple(sorted(names - {OURS}))


def absences(cases: Iterable[Case]) -> tuple[str, ...]:
    """Return one sentence for each system that was absent, with its reason."""
    return tuple(
        sorted(
            {
                f"{name}: {values['absent']}"
                for case in cases
                for name, values in case.systems.items()
                if "absent" in values
            }
        )
    )


def summarise_means(cases: list[Case], keys: tuple[str, ...]) -> Summary:
    """Return the plain mean over the cases of each key, for us and for each baseline."""
    return Summary(
        figures={key: mean_of(cases, OURS, key) for key in keys},
        baselines={name: {key: mean_of(cases, name, key) for key in keys} for name in systems_of(cases)},
        notes=absences(cases),
    )


def attempt(work: Callable[_Words, Values], *words: _Words.args, **named: _Words.kwargs) -> Values:
    """Return the figures that the work gives, or the reason why there are none."""
    try:
        return work(*words, **named)
    except AbsentError as reason:
        return {"absent": str(reason)}


def hash_of(*parts: object) -> str:
    """Return a short hash of anything that prints the same when it is the same."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:24]


def remember(job: Job, key: str, work: Callable[[], Values]) -> Values:
    """Return a baseline's result from the out folder, or work it out and keep it.

    Only baselines are remembered (the key holds the hash of their input and their version); ours never is.
    """
    kept = job.out / "baseline_results" / f"{key}.json"
    if kept.exists():
        return dict(json.loads(kept.read_text()))
    values = work()
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(values, sort_keys=True))
    return values


def say(sentence: str) -> None:
    """Tell the person how far it is, on standard error."""
    print(sentence, file=sys.stderr, flush=True)
