"""The repairs that a song's stems call for: looked for in the sound only where the ear's cheap facts speak for it."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import ceil, floor

import numpy as np

from tonmeister.analysis.energy_steps import busiest_excerpt_s
from tonmeister.audio import Audio
from tonmeister.document.facts import MicPair, SongFacts, TrackFacts
from tonmeister.document.repair import Repair, RepairKind
from tonmeister.engineer.damage import prepare_debleed
from tonmeister.engineer.options import Cancel
from tonmeister.engineer.preparing import STEPS, Sought, fault_value
from tonmeister.engineer.repair_figures import measure_defect
from tonmeister.engineer.repairing import FOCUS_S, measure_harm, mend
from tonmeister.errors import CancelledError
from tonmeister.files.cache import Cache, key_of
from tonmeister.files.probe import SoundFile
from tonmeister.files.sound import open_probed
from tonmeister.knowledge import number
from tonmeister.processing import Processor
from tonmeister.processing.debleed import debleed
from tonmeister.processing.regions import Region
from tonmeister.processing.segments import take_residual
from tonmeister.render.executor import count_threads

REPAIRS_VERSION = 7
"""Part of every cache key; raised when what finds repairs changes."""
_STEPS_PER_S = 100_000
_ALWAYS_WORTH_A_LOOK: tuple[RepairKind, ...] = ("clipping", "offset", "clicks", "hum", "noise")
_OF_VOICES: tuple[RepairKind, ...] = ("plosives", "breaths")
"""Mouth clicks and rooms of a voice among instruments are covered or wanted; esses are the business of the dynamics."""


def find_repairs(
    facts: SongFacts, sources: Mapping[str, SoundFile], *, cache: Cache, cancel: Cancel | None = None
) -> SongFacts:
    """Return the facts with what was prepared against the stems' defects, from the cache where it is known.

    Raises:
        CancelledError: If the person asked to stop.
    """
    wanted = [track for track in facts.tracks if track.is_touchable and kinds_for(track)]
    rate = facts.song.sample_rate_hz

    def look(track: TrackFacts) -> tuple[str, tuple[Repair, ...]]:
        if cancel is not None and cancel.is_set():
            raise CancelledError("The work was stopped.")
        return track.id, _find(track, sources[track.id], rate, cache)

    with ThreadPoolExecutor(count_threads()) as pool:
        found = dict(pool.map(look, wanted))
    for pair in _bleeding(facts):
        repair = _find_bleed(facts, pair, sources, cache)
        if repair is not None:
            found[pair.other] = (*found.get(pair.other, ()), repair)
    tracks = tuple(replace(track, repairs=found.get(track.id, ())) for track in facts.tracks)
    return replace(facts, tracks=tracks)


def kinds_for(track: TrackFacts) -> frozenset[RepairKind]:
    """Return what the cheap facts of a track call for; most call for nothing, and looking is dear."""
    voice = track.track.family == "vocal"
    sought = Sought(frozenset(_ALWAYS_WORTH_A_LOOK + (_OF_VOICES if voice else ())), voice=False)
    called = {step.kind for step in STEPS if step.kind in sought.kinds and step.called_for(track.figures, sought)}
    noise_db, hum_db = (fault_value(track.figures, kind) for kind in ("noise", "hum"))
    if noise_db is None or noise_db < number("cleanup.noise_least_db").value:
        called.discard("noise")
        if hum_db is None or hum_db < number("cleanup.hum_least_db").value:
            called.discard("hum")
    return frozenset(called)


def _find(track: TrackFacts, sound: SoundFile, rate_hz: int, cache: Cache) -> tuple[Repair, ...]:
    kinds = kinds_for(track)
    voice = track.track.family == "vocal"
    key = key_of(
        "repairs", REPAIRS_VERSION, sound.sha256, sound.stream, rate_hz, track.track.channels, voice, sorted(kinds)
    )
    known = cache.get_json(key)
    if known is not None:
        return tuple(Repair.model_validate(row) for row in known)
    audio = _read(sound, track, rate_hz, cache)
    mended = mend(audio, track.figures, Sought(kinds, voice=voice))
    repairs = tuple(one.repair.model_copy(update={"processor": _rounded(one.repair.processor)}) for one in mended)
    cache.put_json(key, [repair.model_dump(mode="json") for repair in repairs])
    return repairs


def _rounded(settings: Processor) -> Processor:
    """Return settings whose places have the document's five decimals, none of them empty."""
    changed: dict[str, tuple[Region, ...]] = {}
    for name in ("regions", "breaths"):
        places: tuple[Region, ...] = getattr(settings, name, ())
        if places:
            changed[name] = tuple(_outwards(place) for place in places)
    return settings.model_copy(update=changed) if changed else settings


def _outwards(place: Region) -> Region:
    start, end = floor(place.start_s * _STEPS_PER_S), ceil(place.end_s * _STEPS_PER_S)
    times = {"start_s": start / _STEPS_PER_S, "end_s": max(start + 1, end) / _STEPS_PER_S}
    return place.model_copy(update=times)


def _read(sound: SoundFile, track: TrackFacts, rate_hz: int, cache: Cache) -> Audio:
    with open_probed(sound, rate_hz=rate_hz, cache=cache) as reader:
        samples = reader.read(0, reader.frames)
    return Audio(np.ascontiguousarray(samples[: track.track.channels]), rate_hz)


def _bleeding(facts: SongFacts) -> list[MicPair]:
    """Return what is heard in whose voice: instruments among each other bleed into a whole, and are let be."""
    least = number("cleanup.bleed_confidence_least").value
    by_other: dict[str, MicPair] = {}
    for pair in facts.bleed:
        other = facts[pair.other]
        if other.track.family != "vocal" or not other.is_touchable or pair.alignment.confidence < least:
            continue
        if pair.other not in by_other or pair.alignment.confidence > by_other[pair.other].alignment.confidence:
            by_other[pair.other] = pair
    return [by_other[name] for name in sorted(by_other)]


def _find_bleed(facts: SongFacts, pair: MicPair, sources: Mapping[str, SoundFile], cache: Cache) -> Repair | None:
    own, other, rate = sources[pair.other], sources[pair.reference], facts.song.sample_rate_hz
    starts = [facts[name].track.start_frame for name in (pair.other, pair.reference)]
    key = key_of("bleed", REPAIRS_VERSION, own.sha256, own.stream, other.sha256, other.stream, rate, starts)
    known = cache.get_json(key)
    if known is None:
        heard, source = (
            _read(sound, facts[name], rate, cache) for sound, name in ((own, pair.other), (other, pair.reference))
        )
        first = max(starts)
        cut = [audio.samples[:, first - start :] for audio, start in zip((heard, source), starts, strict=True)]
        frames = min(part.shape[1] for part in cut)
        both = [Audio(np.ascontiguousarray(part[:, :frames]), rate) for part in cut]
        found = describe_bleed(both[0], both[1], late_s=(first - starts[0]) / rate)
        known = [] if found is None else [found.model_dump(mode="json")]
        cache.put_json(key, known)
    if not known:
        return None
    named = {"title": f"bleed of {facts[pair.reference].track.name}", "key": pair.reference}
    return Repair.model_validate({**known[0], **named, "found": pair.alignment.confidence, "unit": "share"})


def describe_bleed(heard: Audio, source: Audio, *, late_s: float = 0.0) -> Repair | None:
    """Return what turns the source down in what a microphone heard of it, tried for harm; None where there is nothing to do.

    Args:
        heard: The voice's track.
        source: The other's track, of the same frames.
        late_s: Where in the file of the voice both begin.
    """
    settings = prepare_debleed(heard, source)
    if settings is None:
        return None
    after = debleed(heard, settings, key=source)
    residual = take_residual(heard, after)
    harm_db = measure_harm(heard, after, "bleed")
    start_s, end_s = busiest_excerpt_s(residual, length_s=FOCUS_S)
    part = slice(round(start_s * heard.sample_rate_hz), round(end_s * heard.sample_rate_hz))
    levels = [
        measure_defect(Audio(np.ascontiguousarray(sound.samples[:, part]), sound.sample_rate_hz), settings)
        for sound in (heard, after)
    ]
    return Repair(
        kind="bleed", processor=settings, title="bleed", found=0.0, unit="share", start_s=start_s + late_s, end_s=end_s + late_s,
        before_dbfs=levels[0], after_dbfs=levels[1], harm_db=harm_db,
        amount=1.0 if harm_db <= number("cleanup.bleed_harm_most_db").value else 0.0,
    )  # fmt: skip
