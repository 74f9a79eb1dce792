"""Sections and tempo, as every session names them."""

from collections import Counter
from collections.abc import Sequence

from tonmeister.document.mix import Section, Song

USUAL_BPM = 120.0
"""What DAWs start with; stands where no tempo was found."""


def section_names(song: Song) -> list[str]:
    """Number the sections that occur more than once."""
    labels: Sequence[Section] = song.sections
    total, seen, names = Counter(section.label for section in labels), Counter[str](), []
    for section in labels:
        seen[section.label] += 1
        names.append(f"{section.label} {seen[section.label]}" if total[section.label] > 1 else section.label)
    return [name.capitalize() for name in names]
