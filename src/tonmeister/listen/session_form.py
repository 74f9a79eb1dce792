"""Markers of a session as the sections of the song, where a person named them as such."""

import re
from collections import Counter
from collections.abc import Sequence

from tonmeister.daw.session import Marker
from tonmeister.document.mix import Section

_WORDS = (
    ("pre-chorus", ("pre chorus", "prechorus", "pre hook", "build up", "buildup", "build")),
    ("chorus", ("chorus", "refrain", "hook", "refrao", "estribillo")),
    ("verse", ("verse", "strophe", "vers", "couplet", "estrofa")),
    ("intro", ("intro", "introduction")),
    ("bridge", ("bridge", "middle", "middle eight", "c part")),
    ("drop", ("drop",)),
    ("breakdown", ("breakdown", "break down", "break")),
    ("outro", ("outro", "ending", "coda")),
    ("instrumental", ("instrumental", "solo", "interlude")),
)
"""Labels and the words by which markers mean them; the first that fits counts."""
_LEAST = 2
_SHORTEST_S = 1.0


def label_of(name: str) -> str | None:
    """Return the label that a marker's name means; None where it means none. Numbers behind a word do not matter."""
    plain = f" {' '.join(re.findall('[a-z]+', name.lower()))} "
    return next((label for label, words in _WORDS if any(f" {word} " in plain for word in words)), None)


def sections_of(markers: Sequence[Marker], duration_s: float) -> tuple[Section, ...]:
    """Return the sections that the markers name, without gaps; none where fewer than two of them name a part of a song."""
    starts = sorted({(marker.time_s, label) for marker in markers if (label := label_of(marker.name)) is not None})
    starts = [(time_s, label) for time_s, label in starts if 0 <= time_s < duration_s - _SHORTEST_S]
    kept: list[tuple[float, str]] = []
    for time_s, label in starts:
        if not kept or time_s - kept[-1][0] >= _SHORTEST_S:
            kept.append((time_s, label))
    if len(kept) < _LEAST:
        return ()
    if kept[0][0] > 0:
        kept.insert(0, (0.0, "section" if kept[0][0] >= _SHORTEST_S else kept[0][1]))
        kept = [kept[0], *(one for one in kept[1:] if one[0] >= _SHORTEST_S)]
    counts: Counter[str] = Counter()
    found = []
    ends = [*(time_s for time_s, _ in kept[1:]), round(duration_s, 3)]
    for (start_s, label), end_s in zip(kept, ends, strict=True):
        counts[label] += 1
        fields = {
            "id": f"{label}-{counts[label]}",
            "label": label,
            "start_s": round(start_s, 3),
            "end_s": round(end_s, 3),
        }
        found.append(Section.model_validate({**fields, "confidence": 1.0, "group": None}))
    return tuple(found)
