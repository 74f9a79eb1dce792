"""Which tracks hear one source: candidates by their course of level, then delay and polarity from the sound itself."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.alignment import Alignment, find_common_excerpt, measure_alignment
from tonmeister.analysis.faults import Duplicate
from tonmeister.audio import Audio
from tonmeister.document.facts import MicPair, SongFacts, TrackFacts
from tonmeister.errors import AudioTooShortError
from tonmeister.files.cache import Cache, key_of
from tonmeister.files.sound import SoundReader
from tonmeister.render.executor import count_threads

PAIRS_VERSION = 2
"""Part of the cache key of mic pairs; raised when their measurement changes."""
LEAST_LIKENESS = 0.5
"""Correlation of the levels' rises from which two tracks may hear one source."""
LEAST_CONFIDENCE = 0.35
"""A delay that stands out less is none: another take, a double, a bus effect."""
BLEED_BELOW_CONFIDENCE = 0.85
"""Two instruments whose close microphones hear each other share less than two microphones on one source."""
SURE_OF_ROLE = 0.5
LONGEST_LAG_STEPS = 3
"""Rises are compared up to 30 ms apart."""
EXCERPT_S = 6.0
"""So much of both is read: eighteen segments of the alignment."""
CANDIDATES_PER_TRACK = 3
"""So many of the likeliest partners of a track are listened to."""
_PAIRED_ROLES = (("kick", "kick"), ("snare", "snare"), ("snare", "overheads"), ("kick", "overheads"), ("bass", "bass"))
"""Roles of two tracks that are compared however unlike they look: in and out, top and bottom, close and far, line and amp."""
_FAR = ("overheads", "room")
"""Microphones that hear a whole kit: never what others are measured against."""


@dataclass(frozen=True, slots=True, eq=False)
class _Link:
    """Two tracks, by place, that hear one source."""

    first: int
    second: int
    alignment: Alignment


def find_pairs(
    facts: SongFacts, *, copies: Sequence[Duplicate] = (), read: Callable[[str], SoundReader], cache: Cache
) -> tuple[tuple[MicPair, ...], tuple[MicPair, ...]]:
    """Return the tracks that hear one source, each against one reference of its group, and where others bleed in.

    Delay and polarity are measured on the sound. Bleed is what two instruments share: the later track hears the earlier. Copies of the same recording that lie right are left out; they are told elsewhere.
    """
    tracks = [track for track in facts.tracks if track.figures.loudness.integrated_lufs is not None]
    places = {track.id: place for place, track in enumerate(tracks)}
    same = {frozenset((facts.tracks[copy.first].id, facts.tracks[copy.second].id)) for copy in copies}
    measured: dict[tuple[int, int], Alignment | None] = {}

    def measure(first: int, second: int) -> Alignment | None:
        if (first, second) not in measured:
            measured[first, second] = _measure(tracks[first], tracks[second], read, cache)
        return measured[first, second]

    wanted = _candidates(tracks, [[places[name] for name in pair if name in places] for pair in same])
    with ThreadPoolExecutor(count_threads()) as pool:
        alignments = list(pool.map(lambda pair: measure(*pair), wanted))
    links, bleed = [], []
    for (first, second), found in zip(wanted, alignments, strict=True):
        if found is not None and _is_same_source(found, tracks[first], tracks[second]):
            links.append(_Link(first, second, found))
        elif found is not None and found.confidence >= LEAST_CONFIDENCE:
            late = (first, second) if found.delay_frames >= 0 else (second, first)
            oriented = _oriented(*late, measure)
            if oriented is not None:
                bleed.append(MicPair.of(tracks[late[0]].id, tracks[late[1]].id, oriented))
    pairs = _against_references(tracks, links, measure)
    return tuple(pair for pair in pairs if not _is_plain_copy(pair, same)), tuple(bleed)


def likeness(onsets: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
    """Return (tracks, tracks) the highest correlation of the rises of level, up to 30 ms apart, from `onset_10ms`.

    Rises are smoothed over 30 ms, since two clocks of 10 ms cut the same attack differently.
    """
    length = max((curve.size for curve in onsets), default=0)
    rises = np.zeros((len(onsets), length + 2 * LONGEST_LAG_STEPS))
    for row, curve in zip(rises, onsets, strict=True):
        row[LONGEST_LAG_STEPS : LONGEST_LAG_STEPS + curve.size] = np.minimum(curve, 20.0)
    rises = (np.roll(rises, 1, axis=1) + 2 * rises + np.roll(rises, -1, axis=1)) / 4
    rises -= rises.mean(axis=1, keepdims=True)
    norm = np.sqrt(np.square(rises).sum(axis=1, keepdims=True))
    rises /= np.maximum(norm, 1e-12)
    best = np.full((len(onsets), len(onsets)), -1.0)
    for lag in range(-LONGEST_LAG_STEPS, LONGEST_LAG_STEPS + 1):
        best = np.maximum(best, rises @ np.roll(rises, lag, axis=1).T)
    return best


def _is_plain_copy(pair: MicPair, same: set[frozenset[str]]) -> bool:
    lies_right = pair.alignment.polarity > 0 and pair.alignment.delay_frames == 0
    return lies_right and frozenset((pair.reference, pair.other)) in same


def _candidates(tracks: Sequence[TrackFacts], copies: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Return the pairs to listen to: each track with its likeliest partners, and the pairs that roles suggest."""
    alike = likeness([track.curves.onset_10ms for track in tracks])
    np.fill_diagonal(alike, -1)
    chosen = {(min(copy), max(copy)) for copy in copies if len(copy) == 2}
    for place in range(len(tracks)):
        partners = np.argsort(-alike[place], kind="stable")[:CANDIDATES_PER_TRACK]
        chosen |= {(min(place, int(o)), max(place, int(o))) for o in partners if alike[place, o] >= LEAST_LIKENESS}
    roles = [track.track.role for track in tracks]
    for first in range(len(tracks)):
        for second in range(first + 1, len(tracks)):
            if (roles[first], roles[second]) in _PAIRED_ROLES or (roles[second], roles[first]) in _PAIRED_ROLES:
                chosen.add((first, second))
    return sorted(chosen)


def _is_same_source(found: Alignment, first: TrackFacts, second: TrackFacts) -> bool:
    return found.confidence >= (BLEED_BELOW_CONFIDENCE if _are_different(first, second) else LEAST_CONFIDENCE)


def _are_different(first: TrackFacts, second: TrackFacts) -> bool:
    """Say whether two tracks surely hold two instruments, neither of them a microphone for all of a kit."""
    roles = first.track.role, second.track.role
    sure = min(first.track.role_confidence, second.track.role_confidence) >= SURE_OF_ROLE
    return sure and roles[0] != roles[1] and not set(roles) & {*_FAR, "unknown"}


def _against_references(
    tracks: Sequence[TrackFacts], links: Sequence[_Link], measure: Callable[[int, int], Alignment | None]
) -> Iterator[MicPair]:
    """Yield each member of a group of linked tracks against the group's reference."""
    groups = list(range(len(tracks)))
    for link in links:
        old, new = groups[link.second], groups[link.first]
        groups = [new if group == old else group for group in groups]
    linked = {frozenset((link.first, link.second)) for link in links}
    for group in sorted(set(groups)):
        members = sorted(
            (place for place in range(len(tracks)) if groups[place] == group), key=lambda p: _rank(tracks[p])
        )
        for other in members[1:]:
            # Of those before it, the first that it was found to share a source with; else the group's first.
            partners = [place for place in members[: members.index(other)] if frozenset((place, other)) in linked]
            for reference in dict.fromkeys([members[0], *partners]):
                found = _oriented(reference, other, measure)
                if found is not None and _is_same_source(found, tracks[reference], tracks[other]):
                    yield MicPair.of(tracks[reference].id, tracks[other].id, found)
                    break


def _oriented(reference: int, other: int, measure: Callable[[int, int], Alignment | None]) -> Alignment | None:
    """Return the alignment of the other against the reference; pairs are measured in one direction only."""
    found = measure(min(reference, other), max(reference, other))
    if found is None or reference < other:
        return found
    return found.model_copy(update={"delay_frames": -found.delay_frames, "delay_ms": -found.delay_ms + 0.0})


def _rank(track: TrackFacts) -> tuple[bool, float, str]:
    """Sort close microphones before far ones, the louder before the softer, by content when equally loud."""
    return track.track.role in _FAR, -(track.figures.loudness.integrated_lufs or -70.0), track.track.sha256


def _measure(
    first: TrackFacts, second: TrackFacts, read: Callable[[str], SoundReader], cache: Cache
) -> Alignment | None:
    sources = ((t.track.sha256, t.track.stream, t.track.start_frame) for t in (first, second))
    key = key_of("pair", PAIRS_VERSION, *sources, first.figures.sample_rate_hz)
    known = cache.get_json(key)
    if known is not None:
        return Alignment.model_validate(known)
    span = find_common_excerpt(first.curves.rms_10ms, second.curves.rms_10ms, length_s=EXCERPT_S)
    try:
        found = measure_alignment(*(_excerpt(track, read, span.start_s, span.end_s) for track in (first, second)))
    except AudioTooShortError:
        return None
    cache.put_json(key, found.model_dump(mode="json"))
    return found


def _excerpt(track: TrackFacts, read: Callable[[str], SoundReader], start_s: float, end_s: float) -> Audio:
    """Return a stretch of the song of one track; silence where the track has not begun."""
    with read(track.id) as reader:
        rate = reader.sample_rate_hz
        start = round(start_s * rate) - track.track.start_frame
        samples = reader.read(max(0, start), round((end_s - start_s) * rate) + min(0, start))
        return Audio(np.pad(samples, ((0, 0), (-start, 0))) if start < 0 else samples, rate)
