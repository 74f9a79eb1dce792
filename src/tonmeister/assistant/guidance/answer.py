"""What an answer holds: sentences with their numbers, settings in the processor's own controls, sources and caveats."""

import re
from typing import Literal

from pydantic import Field

from tonmeister.model import Model

Depth = Literal["short", "why", "exercise"]
"""How much is told: the answer, with its reasons, or with a way to learn to hear it."""

_NUMBER = r"[-−+±]?\d+(?:\.\d+)?"
_UNIT = r"dBFS|dBTP|dBu|dB/oct|dB/s|dB SPL|dB\(A\)|dB|kHz|Hz|ms|us|microseconds|LUFS|LKFS|LU|bit|%|BPM|s|:1|samples|cm|m|x|ips|kbit/s|cents"
_QUANTITY = re.compile(rf"(?<![\w.])({_NUMBER})(?:(?::1)?\s*(?:-|–|to|and|/)\s*({_NUMBER}))?\s*({_UNIT})(?![\w])")


class Quantity(Model):
    """A number of an answer, or a range of numbers."""

    low: float
    high: float
    unit: str


class Point(Model):
    """One statement of an answer."""

    text: str
    card: str
    """Where in the knowledge it stands."""
    status: str
    """standard, article, practice; or how far a processor's facts are checked."""


class Setting(Model):
    """One control of a processor, as it is printed there, and where to put it."""

    processor: str
    control: str | None
    """None where it has no such control."""
    value: str
    """What to set, in the control's own units or steps; or why it cannot be set."""
    exact: bool = True
    """False where the wish lies outside the control's range, or between its steps."""


class Answer(Model):
    """An answer to a question about mixing, recording or a processor."""

    question: str
    note: str = ""
    """Said first, in the language of the question: that the answer is in English."""
    found: bool
    """False where nothing here speaks to the question."""
    topics: tuple[str, ...] = ()
    """Cards that were used, the main one first."""
    title: str = ""
    short: str = ""
    """What is said first: the answer in a sentence, after its reason where the question asks for that."""
    points: tuple[Point, ...] = ()
    settings: tuple[Setting, ...] = ()
    """Controls of the processors that were named, or of those the person owns."""
    facts: tuple[Point, ...] = ()
    """What the named processors have and do."""
    this_mix: tuple[str, ...] = ()
    """What was measured in the mix that is open."""
    why: tuple[str, ...] = ()
    """Reasons, that of the main card first, those of `near` last: the first is told at every depth, the others at a greater one."""
    avoid: tuple[str, ...] = ()
    exercise: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    """Names of processors that are not in the table: nothing is claimed about their controls."""
    caveats: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    """Topics that are only close to the question: their points come last, under a heading of their own."""
    more: tuple[Point, ...] = ()
    """Points that are only close to the question, or say again what is told: a greater depth tells them among the others."""
    depth: Depth = "short"

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """The numbers with units that the answer states."""
        texts = [
            self.short,
            *(p.text for p in (*self.points, *self.facts)),
            *(s.value for s in self.settings),
            *self.this_mix,
        ]
        return tuple(quantity for text in texts for quantity in find_quantities(text))

    @property
    def text(self) -> str:
        """The answer as people read it."""
        parts: list[str] = [self.note]
        if self.unknown:
            parts.append(unknown_sentence(self.unknown))
        if self.short:
            parts.append(self.short)
        parts += [_listed(self.settings_lines), _listed([point.text for point in self.facts])]
        parts += [_listed([point.text for point in self.points if point.card not in self.near])]
        close = [point.text for point in self.points if point.card in self.near]
        if close:
            parts.append("Close to it:\n" + _listed(close))
        if self.this_mix:
            parts.append("In this mix:\n" + _listed(self.this_mix))
        if self.avoid:
            parts.append("Keep away from: " + " ".join(self.avoid))
        if self.why:
            parts.append(f"Why: {self.why[0]}" if len(self.why) == 1 else "Why:\n" + _listed(self.why))
        if self.depth == "exercise" and self.exercise:
            parts.append("To learn to hear it: " + " ".join(self.exercise))
        if self.more:
            parts.append(f"({len(self.more)} points more, with depth “why”.)")
        parts += [*self.caveats]
        if self.sources:
            parts.append("Sources: " + "; ".join(self.sources))
        return "\n\n".join(part for part in parts if part)

    @property
    def settings_lines(self) -> list[str]:
        """The settings, one line a processor."""
        lines: dict[str, list[str]] = {}
        for setting in self.settings:
            shown = setting.value if setting.control is None else f"{setting.control} {setting.value}"
            lines.setdefault(setting.processor, []).append(shown)
        return [f"{name}: {'; '.join(shown)}." for name, shown in lines.items()]


class AnswerDraft(Model):
    """Parts of an answer while it is being put together."""

    points: tuple[Point, ...] = ()
    why: tuple[str, ...] = ()
    near_why: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    exercise: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    title: str = ""
    short: str = ""
    measures: tuple[str, ...] = Field(default=())
    against: tuple[str, ...] = ()
    general: bool = False
    """Whether a part of it is common knowledge without a page."""
    far: bool = False
    """Whether the card is only the nearest to the question."""


def unknown_sentence(names: tuple[str, ...]) -> str:
    """Return the sentence that says which processors nobody here knows."""
    known = ", ".join(f"“{name}”" for name in names)
    return (
        f"I have no facts about {known}, so I say nothing about its controls or ranges; check its manual. In general:"
    )


def find_quantities(text: str) -> list[Quantity]:
    """Return the numbers with units of a sentence."""
    found = []
    for match in _QUANTITY.finditer(text.replace("−", "-")):
        low = float(match[1].replace("±", ""))
        high = float(match[2].replace("±", "")) if match[2] else low
        found.append(Quantity(low=low, high=high, unit=match[3]))
    return found


def _listed(lines: tuple[str, ...] | list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
