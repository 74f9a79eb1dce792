"""Is taste learnt?

A simulated engineer with a fixed taste chooses among the readings that he is offered: what he likes is drawn once per engineer (a
liking for each mechanism, another for each mechanism and attribute, and some trust in the order of the table), and nobody tells it.  He
makes 40 choices on some songs, one in ten on a whim; before and after, it is counted on the other songs, with sentences that were not
used for learning, how often he takes the first reading.  All sentences are our own, asked of the parts that a song has.
"""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench.case import OURS, Case, Job, Summary, Values, attempt, mean_of
from bench.readings import WISHES
from bench.songs import Song, find_songs
from tonmeister.assistant.readings.templates import MOST_READINGS, Template, fitting, group_of
from tonmeister.assistant.taste import Taste, forget_taste, load_taste, save_taste
from tonmeister.assistant.understanding.intent import Intent
from tonmeister.assistant.understanding.understand import understand
from tonmeister.knowledge.rows import roles as known_roles

QUESTION = "is taste learnt?"
CHOICES = 40
ENGINEERS = 40
"""Per draw: one engineer's taste may lie near the table by chance."""
GENRE = "pop"
FIRST, AFTER = 0.40, 0.70
"""Bars of the issue."""
_FAMILIES = {
    "voice": {"vocal"},
    "drums": {"drums"},
    "low": {"bass"},
    "instrument": {"guitar", "keys", "synth", "strings", "brass"},
}
SERVED = (
    "vocals too loud", "the singer is too far away", "the voice lacks warmth", "her esses are sharp", "the vocal is dull", "toms are boomy",
    "the hats are too bright", "the snare needs more snap", "the kick is weak", "the overheads are harsh", "bass should be louder",
    "the bass is thin", "the piano is muddy", "guitars need more presence", "the organ is shrill", "more echo on the guitars",
    "strings are too dry", "the synth is too wide", "the brass is too loud", "the master is too quiet", "the mix is harsh",
    "the song sounds thin", "it has no low end", "too much reverb", "the mix sounds squashed", "the hook needs a lift", "it sounds too digital",
    "the drums have no energy",
)  # fmt: skip
"""What the other songs are asked: no sentence of those that are learnt from."""
_WHIM = 0.1
"""Share of choices that say nothing about his taste."""
_LIKING, _OF_ATTRIBUTE, _TRUST = 1.0, 0.5, 0.3
"""Spread of the likings, and what a place further up the table is worth."""


def run(job: Job) -> Iterator[Case]:
    """Let each draw's engineers learn on half of the songs and be served on the other half."""
    songs = list(find_songs(job))
    half = max(1, len(songs) // 2)
    learning, serving = songs[:half], songs[half:]
    if not serving:
        return
    for seed in job.draws:
        yield Case(
            f"engineers {seed}",
            {OURS: attempt(_judge, seed, learning, serving)},
            {"seed": seed, "learning": [s.name for s in learning]},
        )


def _judge(seed: int, learning: Sequence[Song], serving: Sequence[Song]) -> Values:
    results = [_serve(np.random.default_rng((seed, number)), learning, serving) for number in range(ENGINEERS)]
    with TemporaryDirectory() as folder:
        memory = _is_readable_and_erasable(Path(folder) / "taste.json", results[0][2])
    first, after = (float(np.mean([result[place] for result in results])) for place in (0, 1))
    share = float(np.mean([result[1] >= AFTER for result in results]))
    return {"first": first, "after": after, "engineers_at_bar": share, "memory": memory}


def _serve(
    random: np.random.Generator, learning: Sequence[Song], serving: Sequence[Song]
) -> tuple[float, float, Taste]:
    engineer = _Engineer(random)
    mine, others = wishes_of(learning, WISHES), wishes_of(serving, SERVED)
    taste = Taste()
    before = _acceptance(engineer, taste, others)
    for _ in range(CHOICES):
        intent = mine[int(random.integers(len(mine)))]
        offered = taste.ordered(GENRE, intent, _able(intent))[:MOST_READINGS]
        taken = engineer.choose(intent, offered)
        if random.random() < _WHIM:
            taken = offered[int(random.integers(len(offered)))]
        passed = [one.mechanism for one in offered[: offered.index(taken)]]
        taste = taste.learned(GENRE, intent, accepted=taken.mechanism, refused=passed)
    return before, _acceptance(engineer, taste, others), taste


class _Engineer:
    """Somebody with a taste."""

    def __init__(self, random: np.random.Generator) -> None:
        self._random = random
        self._likings: dict[str, float] = {}

    def choose(self, intent: Intent, offered: Sequence[Template]) -> Template:
        """Return the reading that he likes best; where it stands in the list does not matter to him."""
        return max(offered, key=lambda one: self._value(intent, one))

    def _value(self, intent: Intent, one: Template) -> float:
        order = _able(intent).index(one)
        general = self._liking(one.mechanism, _LIKING)
        special = self._liking(f"{intent.attribute} {one.mechanism}", _OF_ATTRIBUTE)
        return general + special - _TRUST * order

    def _liking(self, what: str, spread: float) -> float:
        return self._likings.setdefault(what, float(self._random.normal(0, spread)))


def _able(intent: Intent) -> tuple[Template, ...]:
    return tuple(one for one in fitting(intent) if one.can_be_done)[:MOST_READINGS]


def wishes_of(songs: Sequence[Song], sentences: Sequence[str]) -> list[Intent]:
    """Return what can be asked of these songs: wishes about parts that they have, with a choice of readings."""
    found = []
    for song in songs:
        families = {_family(stem.role) for stem in song.stems}
        for said in sentences:
            for intent in _understood(said):
                wanted = _FAMILIES.get(group_of(intent.target))
                if (wanted is None or wanted & families) and len(_able(intent)) > 1:
                    found.append(intent)
    return found


@cache
def _understood(said: str) -> tuple[Intent, ...]:
    return understand(said).intents


def _family(role: str) -> str:
    rows = known_roles()
    return rows[role].family if role in rows else "unknown"


def _acceptance(engineer: _Engineer, taste: Taste, wishes: Sequence[Intent]) -> float:
    return float(np.mean([_takes_first(engineer, taste, intent) for intent in wishes]))


def _takes_first(engineer: _Engineer, taste: Taste, intent: Intent) -> bool:
    offered = taste.ordered(GENRE, intent, _able(intent))
    return engineer.choose(intent, offered) == offered[0]


def _is_readable_and_erasable(path: Path, taste: Taste) -> bool:
    """Say whether the memory is text that reads back as it was, and is gone when it is forgotten."""
    save_taste(taste, path)
    is_same = load_taste(path) == taste and bool(json.loads(path.read_text("utf-8"))["leanings"])
    return is_same and forget_taste(path) and not path.exists() and load_taste(path) == Taste()


def summarise(cases: list[Case]) -> Summary:
    """Return the mean acceptance of first readings before and after learning."""
    figures: Values = {key: mean_of(cases, OURS, key) for key in ("first", "after", "engineers_at_bar")}
    figures["memory"] = all(case.systems[OURS].get("memory", False) for case in cases)
    bars = (("first", FIRST), ("after", AFTER))
    notes = [
        f"{name} {figures[name]:.3f} is below {bar}"
        for name, bar in bars
        if figures[name] is not None and figures[name] < bar
    ]
    return Summary(figures, {}, tuple(notes))
