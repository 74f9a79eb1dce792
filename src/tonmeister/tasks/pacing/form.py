"""The song's own form, as an arc needs it: what kind each section is, how loud and how wide it is in the balanced mix."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.analysis.translation import mono_share
from tonmeister.document.facts import SongFacts, TrackFacts
from tonmeister.document.fold import fold
from tonmeister.document.mix import Mix, Section
from tonmeister.document.move import Nothing
from tonmeister.knowledge.rows import Kind
from tonmeister.processing import Width
from tonmeister.tasks.moving import gain_db
from tonmeister.tasks.work import Work

Floats = NDArray[np.float64]
_NAMED: dict[str, Kind] = {
    "intro": "intro", "verse": "verse", "pre-chorus": "verse", "chorus": "chorus", "drop": "chorus", "bridge": "bridge",
    "breakdown": "breakdown", "outro": "outro",
}  # fmt: skip
_HIGH, _LOW = 0.67, 0.33
"""A section without a name counts as a chorus from this quantile of energy on, as a breakdown up to that one."""
_SURE = 0.5
_SILENT_LUFS = -70.0
_QUIET_LU = 20.0
_NARROW, _MOST_TURNED = 1e-3, 30.0
"""Of what is narrower, or would be turned further, the bands say little."""


@dataclass(frozen=True, slots=True)
class Part:
    """A section as an arc sees it."""

    id: str
    kind: Kind
    start_s: float
    end_s: float
    loudness_lufs: float
    """Of the balanced mix, powers added; -70 for silence."""
    demo_lufs: float
    """Of the stems as they came."""
    named: bool
    """Whether the kind is a name that was found with confidence."""
    energy: float = 0.0
    """0..1, from the song's map: level, density, brightness and layers; without a map by loudness."""


def unpaced(work: Work) -> Work:
    """Return the work without what an arc has moved already: a part of one that is locked bends no plan for the rest."""
    kept = tuple(move for move in work.mix.moves if move.task != "pacing" or isinstance(move.change, Nothing))
    if len(kept) == len(work.mix.moves):
        return work
    return replace(work, mix=fold(work.mix.model_copy(update={"moves": kept})))


def is_sure(sections: Sequence[Section]) -> bool:
    """Say whether the form was found with enough confidence to pace a song unasked: a chorus or drop, and something else."""
    sure = {section.label for section in sections if section.confidence >= _SURE and section.label != "section"}
    return bool(sure & {"chorus", "drop"}) and len(sure) >= 2


def is_paced(work: Work) -> bool:
    """Say whether the form of the song may be worked with: it is sure, or a person chose an arc for it."""
    asked = work.mix.brief.arc
    if asked == "auto":
        return not work.facts.is_premixed and is_sure(work.facts.song.sections)
    return asked != "none" and len(work.facts.song.sections) > 1


def find_parts(work: Work) -> list[Part]:
    """Return the sections of the song with their kinds and loudness."""
    sections = work.facts.song.sections
    if not sections:
        return []
    energies = energies_of(work, work.facts.tracks)
    loudness = [_lufs(energies, section) for section in sections]
    came = _demo_energies(work.facts)
    demo = [_lufs(came, section) for section in sections]
    energy = _section_energy(work.facts) or _energy_by_loudness(loudness)
    kinds = _kinds(sections, energy)
    return [
        Part(s.id, kind, s.start_s, s.end_s, lufs, demo_lufs, s.confidence >= _SURE and s.label in _NAMED, own)
        for s, kind, lufs, demo_lufs, own in zip(sections, kinds, loudness, demo, energy, strict=True)
    ]


def energies_of(work: Work, tracks: Sequence[TrackFacts], mix: Mix | None = None) -> Floats:
    """Return (steps of 100 ms,) K-weighted power of tracks in the mix, powers added."""
    there = work.mix if mix is None else mix
    longest = max((work.heard[track.id].energies_100ms.size for track in tracks if track.track.used), default=0)
    total = np.zeros(longest)
    for track in tracks:
        if track.track.used:
            own = work.heard[track.id].energies_100ms
            total[: own.size] += own * 10 ** (gain_db(there, track.id, np.arange(own.size) / 10 + 0.05) / 10)
    return total


def _kinds(sections: Sequence[Section], energy: Sequence[float]) -> list[Kind]:
    low, high = np.quantile(energy, (_LOW, _HIGH))
    kinds: list[Kind] = []
    for section, value in zip(sections, energy, strict=True):
        like: Kind = "chorus" if value >= high and value > low else "breakdown" if value <= low else "verse"
        kinds.append(_NAMED.get(section.label, like))
    return kinds


def _section_energy(facts: SongFacts) -> list[float] | None:
    """Return the energy of each section, from the song's map; None without one."""
    line = facts.time_line
    if line is None or line.energy.energy.size == 0:
        return None
    energy, bars = line.energy.energy, 0.5 * (line.bars_s[:-1] + line.bars_s[1:])
    found = []
    for section in facts.song.sections:
        inside = (bars >= section.start_s) & (bars < section.end_s)
        found.append(float(energy[inside].mean()) if inside.any() else 0.0)
    return found


def _energy_by_loudness(loudness: Sequence[float]) -> list[float]:
    """Return 1 for the loudest section and 0 for what lies 20 LU under it."""
    return [max(0.0, 1 - (max(loudness) - lufs) / _QUIET_LU) for lufs in loudness]


def _demo_energies(facts: SongFacts) -> Floats:
    longest = max((track.curves.energies_100ms.size for track in facts.tracks), default=0)
    total = np.zeros(longest)
    for track in facts.tracks:
        total[: track.curves.energies_100ms.size] += track.curves.energies_100ms
    return total


def _lufs(energies: Floats, section: Section) -> float:
    here = energies[int(10 * section.start_s) : max(int(10 * section.start_s) + 1, int(10 * section.end_s))]
    power = float(here.mean()) if here.size else 0.0
    return max(_SILENT_LUFS, -0.691 + 10 * float(np.log10(max(power, 1e-20))))


def sides(work: Work, tracks: Sequence[TrackFacts], part: Part, weight: Floats) -> tuple[float, float]:
    """Return mid and side power of tracks in a section of the mix, from their pan or their own width, powers added.

    Args:
        work: The mix, and how its strips are heard.
        tracks: Whose power is added.
        part: The section.
        weight: (40,) weight of the power in each ERB band: ones for the sound as it is, K-weights for loudness.
    """
    mid = side = 0.0
    here = slice(int(2 * part.start_s), max(int(2 * part.start_s) + 1, int(2 * part.end_s)))
    for track in tracks:
        power = work.heard[track.id].erb_power[here].astype(np.float64)
        times = np.arange(len(power)) / 2 + part.start_s + 0.25
        bands = (power * 10 ** (gain_db(work.mix, track.id, times) / 10)[:, None]).sum(axis=0) * weight
        own = float((bands * _side_share(work, track, here)).sum())
        mid, side = mid + float(bands.sum()) - own, side + own
    return mid, side


def _side_share(work: Work, track: TrackFacts, here: slice) -> Floats:
    """Return (40,) side power over all power of a track where it enters the mix, by band: most sounds are wider on top.

    The bands are those of the whole track, turned to how wide it is in these half seconds.
    """
    strip = work.mix.track(track.id).strip
    if track.track.channels == 1:
        angle = (strip.pan.points[0].value + 1) * np.pi / 4
        return np.full(ERB_CENTRES_HZ.size, (np.cos(angle) - np.sin(angle)) ** 2 / 2)
    own = 1 - mono_share(track.figures.stereo)
    gain = np.full(own.size, strip.width.points[0].value)
    for insert in strip.inserts:
        if isinstance(insert.processor, Width):
            gain *= np.where((insert.processor.mono_below_hz or 0.0) > ERB_CENTRES_HZ, 0.0, insert.processor.width)
    wide: Floats = own * _turned(track, own, here) * gain**2
    share: Floats = wide / np.maximum(wide + 1 - own, 1e-9)
    return share


def _turned(track: TrackFacts, own: Floats, here: slice) -> float:
    """Return by how much the side of a track lies further over its middle here than its bands tell; 1 for silence."""
    power = track.curves.erb_power[here].astype(np.float64)
    shares = track.curves.side_500ms[here].astype(np.float64)
    count = min(len(power), len(shares))
    halves = power[:count].sum(axis=1)
    if halves.sum() <= 0:
        return 1.0
    usual = float((power.sum(axis=0) * own).sum() / power.sum())
    found = float((halves * shares[:count]).sum() / halves.sum())
    if min(usual, found) <= _NARROW or max(usual, found) >= 1 - _NARROW:
        return 1.0
    return float(np.clip(found * (1 - usual) / (usual * (1 - found)), 1 / _MOST_TURNED, _MOST_TURNED))
