"""What a person may ask of the cleaning of a recording."""

import re
from typing import Literal

from pydantic import Field

from tonmeister.document.repair import RepairKind
from tonmeister.engineer.preparing import KINDS, Sought
from tonmeister.errors import InputError
from tonmeister.model import Model, Seconds

Preset = Literal["gentle", "balanced", "strong"]
Material = Literal["auto", "voice", "music"]
MarkedKind = Literal["gap", "clicks", "plosives", "breaths"]
"""What a marked region can hold; gap is sound that is lost and told anew, up to a tenth of a second."""
MARKED: tuple[MarkedKind, ...] = ("gap", "clicks", "plosives", "breaths")
LONGEST_GAP_S = 0.1
_AMOUNT: dict[Preset, float] = {"gentle": 0.6, "balanced": 1.0, "strong": 1.0}
_NONE: frozenset[RepairKind] = frozenset()
_LEFT: dict[Preset, frozenset[RepairKind]] = {
    "gentle": frozenset({"room", "mouth_clicks", "wind", "sibilance"}), "balanced": _NONE, "strong": _NONE,
}  # fmt: skip
_LEFT_UNLESS_NAMED: frozenset[RepairKind] = frozenset({"wow", "azimuth", "bandwidth"})
"""What is mistaken for music too often, or is a matter of taste: only who hears it asks for it."""
_FORCED: dict[Preset, frozenset[RepairKind]] = {
    "gentle": _NONE, "balanced": _NONE, "strong": frozenset({"clicks", "hum", "offset", "rumble"}),
}  # fmt: skip
_REGION = re.compile(r"^(?P<start>[\d:.]+)-(?P<end>[\d:.]+?)(?::(?P<kind>[a-z_]+))?$")


class MarkedRegion(Model):
    """A stretch of time that a person marked."""

    start_s: Seconds = Field(ge=0)
    end_s: Seconds = Field(ge=0)
    kind: MarkedKind | None = None
    """What is there; None lets the automatic pass work, and only there."""


class CleanOptions(Model):
    """Wishes for the cleaning of recordings."""

    preset: Preset = "balanced"
    """How far it goes."""
    only: tuple[RepairKind, ...] = ()
    """Only these repairs, and these even where the quick look sees no need."""
    regions: tuple[MarkedRegion, ...] = ()
    """Marked places."""
    material: Material = "auto"
    """What plays: one voice alone, or anything else; auto listens."""
    podcast: bool = False
    """Ride a voice to an even loudness, bring it to -16 LUFS (-19 mono), tell long pauses and filled ones."""
    with_model: bool = True
    """Whether the voice model may take part, where the extra is installed."""

    def sought(self, *, voice: bool, with_model: bool) -> Sought:
        """Return what to look for in one recording."""
        if self.only:
            kinds = forced = frozenset(self.only)
        else:
            kinds = frozenset(KINDS) - _LEFT_UNLESS_NAMED - _LEFT[self.preset]
            forced = _FORCED[self.preset]
        return Sought(
            kinds, voice, forced=forced, with_model=with_model, soft_amount=_AMOUNT[self.preset], strong=self.preset == "strong",
            thorough=True,
        )  # fmt: skip


def read_region(text: str) -> MarkedRegion:
    """Read `START-END` or `START-END:KIND`; times in seconds or as minutes:seconds.

    Raises:
        InputError: If it says something else.
    """
    found = _REGION.match(text.strip())
    try:
        times = None if found is None else (_read_time(found["start"]), _read_time(found["end"]))
    except ValueError:
        times = None
    if found is None or times is None:
        raise InputError(f"--region {text}: give START-END or START-END:KIND, such as 12.3-12.35:gap.")
    start_s, end_s = times
    kind = found["kind"]
    if kind is not None and kind not in MARKED:
        raise InputError(f"--region {text}: no kind called {kind}; there are {', '.join(MARKED)}.")
    if end_s <= start_s:
        raise InputError(f"--region {text}: it ends before it starts; give the earlier time first.")
    if kind == "gap" and end_s - start_s > LONGEST_GAP_S:
        raise InputError(
            f"--region {text}: a gap of more than {1000 * LONGEST_GAP_S:.0f} ms cannot be told anew; mark less."
        )
    return MarkedRegion.model_validate({"start_s": start_s, "end_s": end_s, "kind": kind})


def read_kinds(names: tuple[str, ...]) -> tuple[RepairKind, ...]:
    """Return repairs by name.

    Raises:
        InputError: If there is none of a name.
    """
    known = {name.replace("_", "-"): name for name in KINDS}
    wanted = [name.strip().lower().replace("_", "-") for name in names]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise InputError(f"--only {', '.join(unknown)}: no such repair; there are {', '.join(known)}.")
    return tuple(kind for kind in KINDS if kind.replace("_", "-") in wanted)


def _read_time(text: str) -> float:
    parts = [float(part) for part in text.split(":")]
    return float(sum(part * 60.0**place for place, part in enumerate(reversed(parts))))
