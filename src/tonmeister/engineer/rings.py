"""The dearer look at resonances: peaks that the ear found in the long-term spectrum, followed over a track's loudest part."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from tonmeister.analysis.bands import THIRD_OCTAVE_CENTRES_HZ
from tonmeister.analysis.rings import Ring, follow_rings
from tonmeister.audio import Audio
from tonmeister.document.facts import SongFacts, TrackFacts
from tonmeister.engineer.trial import loudest_excerpt_s
from tonmeister.files.cache import Cache
from tonmeister.files.probe import SoundFile
from tonmeister.files.sound import open_probed
from tonmeister.render.executor import count_threads

_PITCHED_HITS = ("drums", "bass", "effects", "mix")
"""What rings by its nature: a tom's or a snare's own note, a bass's lowest."""


def find_rings(facts: SongFacts, sources: Mapping[str, SoundFile], *, cache: Cache) -> SongFacts:
    """Return the facts with what the resonances of each track do over time."""
    wanted = [track for track in facts.tracks if track.is_touchable and suspects_hz(track)]
    if not wanted:
        return facts
    with ThreadPoolExecutor(count_threads()) as pool:
        found = dict(pool.map(lambda track: (track.id, _look(track, sources[track.id], cache)), wanted))
    return replace(facts, tracks=tuple(replace(track, rings=found.get(track.id, ())) for track in facts.tracks))


def suspects_hz(track: TrackFacts) -> tuple[float, ...]:
    """Return the peaks worth a look: not in the strongest third octave of a track, which is where its own notes are."""
    if track.track.family in _PITCHED_HITS:
        return ()
    strongest = THIRD_OCTAVE_CENTRES_HZ[int(np.argmax(track.curves.third_octave_db))]
    peaks = (peak.frequency_hz for peak in track.figures.defects.resonances)
    return tuple(hz for hz in peaks if abs(np.log2(hz / strongest)) > 1 / 4)


def _look(track: TrackFacts, sound: SoundFile, cache: Cache) -> tuple[Ring, ...]:
    start_s, end_s = loudest_excerpt_s(track)
    rate, late = track.figures.sample_rate_hz, track.track.start_frame
    with open_probed(sound, rate_hz=rate, cache=cache) as reader:
        first = max(0, round(start_s * rate) - late)
        samples = reader.read(first, max(1, round(end_s * rate) - late - first))
    return follow_rings(Audio(np.ascontiguousarray(samples), rate), suspects_hz(track))
