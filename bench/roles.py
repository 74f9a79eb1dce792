"""Does it know what each stem is?

Every stem of every song whose `roles.json` says what it is gets a role twice: under its own name, and under a name that
says nothing.  `family` counts the stems whose family is among the acceptable ones; `role` those whose role is, of the
stems that have only one acceptable role (all that have any, for names).  A confident wrong family is one of at least 0.8.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from bench.baselines import libsonare
from bench.case import OURS, AbsentError, Case, Job, Summary, Values, absences, attempt, remember, systems_of
from bench.process import run_baseline_program
from bench.songs import Song, Stem, find_songs
from tonmeister.analysis.role import RoleGuess
from tonmeister.analysis.role_song import NamedSound, assign_roles
from tonmeister.analysis.track_meter import TrackMeasurement, TrackMeter
from tonmeister.knowledge import role as role_row

QUESTION = "does it know what each stem is?"
SURE = 0.8
COUNTS = ("family_named", "role_named", "family_blind", "role_blind")
LIBSONARE_FAMILIES = {
    **dict.fromkeys(("kick", "snare", "hiHat", "tom", "cymbal", "overhead", "percussion", "drumKit"), "drums"),
    **dict.fromkeys(("vocal", "backing", "leadVocal", "backingVocal"), "vocal"),
    **{name: name for name in ("bass", "guitar", "keys", "synth", "strings", "brass", "woodwind")},
    "piano": "keys", "pad": "synth", "fx": "effects", "effects": "effects",
}  # fmt: skip
"""Its sources as families of ours; what is not here counts as unknown."""


def run(job: Job) -> Iterator[Case]:
    """Ask for the roles of every song's stems, with their names and without."""
    for song in find_songs(job):
        truth = read_truth(song)
        stems = [stem for stem in song.stems if stem.name in truth]
        if not stems:
            continue
        systems: dict[str, Values] = {}
        if job.wants(OURS):
            systems[OURS] = attempt(_ours, song, stems, truth)
        if job.wants(libsonare.NAME):
            systems[libsonare.NAME] = attempt(_libsonare, job, song, stems, truth)
        yield Case(song.name, systems, {"song": song.name, "stems": len(stems)})


def summarise(cases: list[Case]) -> Summary:
    """Return the shares over all stems of all songs, and how far confidence says what it says."""

    def share(system: str, key: str) -> float | None:
        counts = [case.systems[system][key] for case in cases if key in case.systems.get(system, {})]
        total = sum(count[1] for count in counts)
        return sum(count[0] for count in counts) / total if total else None

    keys = (*COUNTS, "confident_wrong")
    figures = {name: {key: share(name, key) for key in keys} for name in (OURS, *systems_of(cases))}
    pairs: list[tuple[float, bool]] = [
        pair for case in cases for pair in case.systems.get(OURS, {}).get("confidence", ())
    ]
    notes = tuple(
        f"heard with a confidence of {low:.1f} to {low + 0.2:.1f}: {sum(right for _, right in part)} of {len(part)} families right"
        for low in (0.0, 0.2, 0.4, 0.6, 0.8)
        if (part := [pair for pair in pairs if low <= pair[0] < low + 0.2 or (low == 0.8 and pair[0] >= 1.0)])
    )
    return Summary(figures.pop(OURS), figures, (*notes, *absences(cases)))


def read_truth(song: Song) -> dict[str, tuple[list[str], list[str]]]:
    """Return stem name → acceptable roles and families of a song, from `roles.json` beside it."""
    file = song.folder / "roles.json"
    tracks: dict[str, Any] = json.loads(file.read_text())["tracks"] if file.exists() else {}
    names = {"mixture": "mix"}
    return {
        Path(name).stem: (
            said["roles"],
            [names.get(one, one) for one in said.get("families", [])] or _families(said["roles"]),
        )
        for name, said in tracks.items()
    }


def _families(roles: Sequence[str]) -> list[str]:
    return sorted({role_row(role).family for role in roles})


def judge(
    guesses: Sequence[RoleGuess], truths: Sequence[tuple[list[str], list[str]]], *, way: str, single: bool
) -> dict[str, tuple[int, int]]:
    """Return right and all: families, and roles (only of stems with one acceptable role if `single`)."""
    pairs = list(zip(guesses, truths, strict=True))
    asked = [(guess, roles) for guess, (roles, _) in pairs if len(roles) == 1 or not single]
    return {
        f"family_{way}": (sum(guess.family in families for guess, (_, families) in pairs), len(pairs)),
        f"role_{way}": (sum(guess.role in roles for guess, roles in asked), len(asked)),
    }


def _ours(song: Song, stems: Sequence[Stem], truth: dict[str, tuple[list[str], list[str]]]) -> Values:
    measured = [_measure(stem.wav(song)) for stem in stems]
    truths = [truth[stem.name] for stem in stems]
    named = assign_roles([NamedSound(stem.source.name, one) for stem, one in zip(stems, measured, strict=True)])
    blind = assign_roles([NamedSound(f"{i:02d}", one) for i, one in enumerate(measured)])
    wrong = {
        stem.name: (guess.role, round(guess.confidence, 2))
        for stem, guess, (_, families) in zip(stems, blind, truths, strict=True)
        if guess.family not in families
    }
    sure = sum(confidence >= SURE for _, confidence in wrong.values())
    return {
        **judge(named, truths, way="named", single=False),
        **judge(blind, truths, way="blind", single=True),
        "confident_wrong": (sure, len(stems)),
        "confidence": [
            (round(guess.confidence, 3), guess.family in families)
            for guess, (_, families) in zip(blind, truths, strict=True)
        ],
        "wrong_blind": wrong,
        "wrong_named": {
            stem.name: guess.role
            for stem, guess, (roles, _) in zip(stems, named, truths, strict=True)
            if guess.role not in roles
        },
    }


def _measure(wav: Path) -> TrackMeasurement:
    with soundfile.SoundFile(wav) as sound:
        meter = TrackMeter(sound.samplerate, sound.channels)
        for block in sound.blocks(blocksize=10 * sound.samplerate, dtype="float32", always_2d=True):
            meter.add(np.ascontiguousarray(block.T))
    return meter.result()


def _libsonare(job: Job, song: Song, stems: Sequence[Stem], truth: dict[str, tuple[list[str], list[str]]]) -> Values:
    version = libsonare.version()
    if version is None:
        raise AbsentError("libsonare is not installed")
    return remember(
        job, f"roles-libsonare-{song.name}-{song.digest}-{version}", lambda: _ask_libsonare(song, stems, truth)
    )


def _ask_libsonare(song: Song, stems: Sequence[Stem], truth: dict[str, tuple[list[str], list[str]]]) -> Values:
    """Return its families, by name and without; it knows fewer roles than we ask for, so its roles are not judged."""
    found: dict[str, tuple[int, int]] = {}
    for way in ("named", "blind"):
        words = [f"{stem.wav(song)}={stem.name if way == 'named' else f'{i:02d}'}" for i, stem in enumerate(stems)]
        done = run_baseline_program("libsonare_roles.py", *words)
        roles = json.loads(done.output.strip().splitlines()[-1])
        right = sum(
            LIBSONARE_FAMILIES.get(role) in truth[stem.name][1] for stem, role in zip(stems, roles, strict=True)
        )
        found[f"family_{way}"] = (right, len(stems))
    return dict(found)
