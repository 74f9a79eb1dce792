"""Who must be heard, beside whom, when: the mean powers that the solver works on."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.document.facts import TrackFacts
from tonmeister.document.fold import still_fader_db
from tonmeister.knowledge import number
from tonmeister.tasks.masking.lows import share_lows
from tonmeister.tasks.work import Work

Floats = NDArray[np.float64]

STRETCH_S = 12.0
"""Sections are looked at in parts of at most this length: what verify renders of a mix to hold a promise against."""
KICK_HZ = (35.0, 130.0)
"""What a kick shares with the bass; above, its beater is heard by its attack."""
_SPEECH = (
    (180.0, 0.0),
    (315.0, 0.5),
    (500.0, 0.85),
    (1000.0, 1.0),
    (2500.0, 1.0),
    (4000.0, 0.8),
    (6300.0, 0.4),
    (9000.0, 0.0),
)
"""Importance of a band of one ERB for words, by frequency in Hz: ANSI S3.5-1997 drawn with a broad pen."""
_CONSONANTS_HZ = (1900.0, 6500.0)
_SOUNDS = 1e-3  # half seconds further below a track's loudest are pauses
_NEAR_PEAK = 0.1  # tenths of a second of a kick in which it hits
_LEAST_STEPS = 10
_TINY = 1e-20


@dataclass(frozen=True, slots=True, eq=False)
class Covered:
    """A track that must be heard, by stretch of the song: powers are means over the time in which it sounds."""

    place: int
    """Its place among the tracks."""
    weight: float
    """Its priority."""
    spans: tuple[tuple[int, int], ...]
    """(first, last but one) half second of each stretch in which it sounds."""
    seconds: Floats
    """(stretches,) how long it sounds there."""
    parts: Floats
    """(stretches, tracks, bands) power of every track while it sounds; what belongs to it is silent."""
    importance: Floats
    """(stretches, bands) how much each band matters to it; sums to 1 at most."""
    spare_db: float
    """By how much less the rest may stand over it than usual; below 0 in a balance that a human made."""
    covered_bands: NDArray[np.bool_]
    """(bands,) where it is covered in any stretch before anything is done."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Everything that the solver looks at."""

    tracks: tuple[TrackFacts, ...]
    power: NDArray[np.float32]
    """(tracks, half seconds, bands) after the faders."""
    covered: tuple[Covered, ...]
    own_db: Floats
    """(tracks, bands) mean level of each band over the song, against the track's strongest."""


def look(work: Work) -> Scene | None:
    """Return the scene, or None where nothing has to be heard beside anything else."""
    tracks = tuple(
        track for track in work.facts.tracks if track.track.used and track.figures.loudness.integrated_lufs is not None
    )
    wanted = [place for place, track in enumerate(tracks) if is_worth_hearing(work, track)]
    if len(tracks) < 2 or not wanted:
        return None
    kicks = any(track.track.role == "kick" for track in tracks)
    wanted += [
        place for place, track in enumerate(tracks) if kicks and track.track.family == "bass" and place not in wanted
    ]
    power = band_powers(work, tracks)
    mean = power.mean(axis=1, dtype=np.float64)
    own_db = 10 * np.log10(np.maximum(mean, _TINY) / np.maximum(mean.max(axis=1, keepdims=True), _TINY))
    scene = Scene(tracks, power, (), own_db)
    spans = tuple(_stretches(work, power.shape[1]))
    found = tuple(one for place in wanted if (one := _cover(work, scene, place, spans)) is not None)
    return replace(scene, covered=found) if found else None


def is_worth_hearing(work: Work, track: TrackFacts) -> bool:
    """Say whether others make room for a track: a lead, what a person called as important, and the kick's lows."""
    important = track.track.priority >= number("masking.priority_least").value
    return important or track in work.facts.leads or track.track.role == "kick"


def is_of_pair(track: TrackFacts) -> bool:
    """Say whether a bass is looked after for its lows beside the kick alone."""
    return track.track.family == "bass" and track.track.priority < number("masking.priority_least").value


def band_powers(work: Work, tracks: tuple[TrackFacts, ...]) -> NDArray[np.float32]:
    """Return (tracks, half seconds, bands) powers after the faders."""
    halves = max(len(work.heard[track.id].erb_power) for track in tracks)
    power = np.zeros((len(tracks), halves, len(ERB_CENTRES_HZ)), np.float32)
    for place, track in enumerate(tracks):
        heard = work.heard[track.id].erb_power
        fader_db = still_fader_db(work.mix, track.id)
        power[place, : len(heard)] = heard * np.float32(10 ** (fader_db / 10))
    return power


def _stretches(work: Work, halves: int) -> Iterator[tuple[int, int]]:
    """Yield the sections in parts of one length; without sections the song counts as one."""
    sections = [(round(2 * one.start_s), round(2 * one.end_s)) for one in work.facts.song.sections]
    for start, end in sections or [(0, halves)]:
        last = min(end, halves)
        parts = max(1, -(-(last - start) // round(2 * STRETCH_S)))
        edges = np.linspace(start, last, parts + 1).round().astype(int)
        yield from ((int(a), int(b)) for a, b in itertools.pairwise(edges) if b > a)


def _cover(work: Work, scene: Scene, place: int, spans: tuple[tuple[int, int], ...]) -> Covered | None:
    tracks, power = scene.tracks, scene.power
    active = _active_steps(work, tracks[place], power.shape[1])
    sounds: NDArray[np.bool_] = np.asarray(active.any(axis=1))
    together = np.stack([_share_of_steps(work, track, active) for track in tracks])
    together[[other for other in _beside(work, tracks, place) if other != place]] = 0.0
    kept, parts, seconds = [], [], []
    for start, end in spans:
        here = np.flatnonzero(sounds[start:end]) + start
        if active[start:end].sum() >= _LEAST_STEPS:
            kept.append((start, end))
            seconds.append(active[start:end].sum() / 10)
            parts.append(
                np.einsum("thb,th->tb", power[:, here].astype(np.float64), together[:, here]) / (2 * seconds[-1])
            )
    if not kept:
        return None
    stacked, track = np.array(parts), tracks[place]
    importance = np.array([_importance(track, own) for own in stacked[:, place]])
    if track.track.role == "kick" or is_of_pair(track):
        importance *= share_lows(tracks, scene.own_db, place)
    if not importance.any():
        return None
    spare_db = number("masking.kick_spare_db").value if track.track.role == "kick" else 0.0
    if work.facts.is_premixed:
        spare_db -= number("masking.finished_allowed_db").value
    rest_db = 10 * np.log10(
        np.maximum(stacked.sum(axis=1) - stacked[:, place], _TINY) / np.maximum(stacked[:, place], _TINY)
    )
    bands = ((rest_db + spare_db > number("masking.harmful_excess_db").value) & (importance > 0)).any(axis=0)
    return Covered(place, track.track.priority, tuple(kept), np.array(seconds), stacked, importance, spare_db, bands)


def _beside(work: Work, tracks: tuple[TrackFacts, ...], place: int) -> list[int]:
    """Return the tracks that belong to one: the drums of its kit, other leads of its role, other mics of its source."""
    own = tracks[place]
    together = {frozenset((pair.reference, pair.other)) for pair in work.facts.pairs}
    found = []
    for other, track in enumerate(tracks):
        of_kit = own.track.role == "kick" and track.track.family == "drums"
        doubles = own in work.facts.leads and track in work.facts.leads and track.track.role == own.track.role
        if of_kit or doubles or frozenset((own.id, track.id)) in together:
            found.append(other)
    return found


def _steps(work: Work, track: TrackFacts, halves: int) -> Floats:
    """Return (half seconds, 5) the power of a track in each tenth of a second."""
    energies = work.heard[track.id].energies_100ms[: 5 * halves]
    return np.pad(energies, (0, 5 * halves - energies.size)).reshape(halves, 5)


def _active_steps(work: Work, track: TrackFacts, halves: int) -> NDArray[np.bool_]:
    """Return (half seconds, 5) where a track sounds; a kick where it hits, not what bleeds in between."""
    power = _steps(work, track, halves)
    loud = power[power > _SOUNDS * power.max()]
    if not loud.size:
        return np.zeros(power.shape, bool)
    limit = _NEAR_PEAK * float(np.percentile(loud, 95)) if track.track.role == "kick" else _SOUNDS * float(power.max())
    return np.asarray(power > limit)


def _share_of_steps(work: Work, track: TrackFacts, active: NDArray[np.bool_]) -> Floats:
    """Return (half seconds,) the part of a track's power that falls into active tenths of a second."""
    power = _steps(work, track, len(active))
    total = power.sum(axis=1)
    return np.asarray((power * active).sum(axis=1) / np.maximum(total, _TINY))


def _importance(track: TrackFacts, own: Floats) -> Floats:
    """Return how much each band matters: evenly over a voice's words, by loudness (power to 0.3, Stevens) else."""
    near = own > own.max() * 10 ** (-number("masking.needs_band_db").value / 10)
    above_lows = number("masking.lows_hz").value < ERB_CENTRES_HZ
    if track.track.role == "kick" or is_of_pair(track):
        weight = np.where(near & _between(KICK_HZ), own, 0.0) ** 0.3
    elif track.track.family == "vocal":
        heard = own > own.max() * 10 ** (-number("masking.consonants_db").value / 10)
        hz, importance = np.array(_SPEECH).T
        speech = np.interp(np.log(ERB_CENTRES_HZ), np.log(hz), importance)
        return np.asarray(np.where(near | (heard & _between(_CONSONANTS_HZ)), speech, 0.0) / speech.sum())
    else:
        weight = np.where(near & above_lows, own, 0.0) ** 0.3
    return np.asarray(weight / max(float(weight.sum()), _TINY))


def _between(edges_hz: tuple[float, float]) -> NDArray[np.bool_]:
    return np.asarray((edges_hz[0] <= ERB_CENTRES_HZ) & (edges_hz[1] >= ERB_CENTRES_HZ))
