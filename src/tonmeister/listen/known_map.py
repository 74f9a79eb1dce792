"""The song map, and which stems are mixes, in the cache: a second look at the same tracks costs no more than reading it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache as once
from hashlib import sha256
from importlib.resources import files
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from tonmeister.analysis.conflicts import Conflict, Conflicts
from tonmeister.analysis.energy import Energy
from tonmeister.analysis.faults import Duplicate
from tonmeister.analysis.intelligibility import Phrase as SungPhrase
from tonmeister.analysis.phrases import Phrase
from tonmeister.analysis.rough_mix import RoughMix, find_rough_mixes
from tonmeister.document.facts import MicPair, SongFacts, TimeLine
from tonmeister.document.mix import Song
from tonmeister.files.cache import Cache, key_of
from tonmeister.listen.measure import Stem

MAPPED = ("tempo_bpm", "tempo_confidence", "tempo_changes", "meter", "first_bar_s", "key", "key_confidence", "sections")
"""What mapping adds to a song."""
_HEARD = {"id", "sha256", "stream", "start_frame", "role", "family", "role_confidence", "priority"}
"""What mapping reads of a track, besides what was measured."""


def recall_map(facts: SongFacts, cache: Cache) -> SongFacts | None:
    """Return the facts with the map that was kept for these tracks; None if there is none."""
    known = cache.get_json(_key(facts))
    if known is None:
        return None
    conflicts = known["conflicts"]
    return replace(
        facts,
        song=Song.model_validate(facts.song.model_dump(exclude=set(MAPPED)) | known["song"]),
        time_line=_line(known["line"]),
        duplicates=TypeAdapter(tuple[Duplicate, ...]).validate_python(known["duplicates"]),
        pairs=tuple(MicPair.of(*pair) for pair in known["pairs"]),
        bleed=tuple(MicPair.of(*pair) for pair in known["bleed"]),
        words=TypeAdapter(tuple[SungPhrase, ...]).validate_python(known["words"]),
        conflicts=conflicts and Conflicts(_conflicts().validate_python(conflicts["findings"]), conflicts["margin_db"]),
    )


def keep_map(mapped: SongFacts, cache: Cache) -> None:
    """Keep the map of a song for the next time that the same tracks come."""
    line, conflicts = mapped.time_line, mapped.conflicts
    if line is None:
        return
    value = {
        "song": mapped.song.model_dump(mode="json", include=set(MAPPED)),
        "line": {
            "beats_s": line.beats_s.tolist(),
            "beat_confidence": float(line.beat_confidence),
            "is_steady": bool(line.is_steady),
            "bars_s": line.bars_s.tolist(),
            "downbeats_s": line.downbeats_s.tolist(),
            "bar_confidence": float(line.bar_confidence),
            "beats_per_bar": None if line.beats_per_bar is None else int(line.beats_per_bar),
            "energy": {name: curve.tolist() for name, curve in asdict(line.energy).items()},
            "phrases": {track: _plain(phrases) for track, phrases in line.phrases.items()},
        },
        "duplicates": _plain(mapped.duplicates),
        "pairs": _pairs(mapped.pairs),
        "bleed": _pairs(mapped.bleed),
        "words": _plain(mapped.words),
        "conflicts": conflicts and {"findings": _plain(conflicts.findings), "margin_db": conflicts.margin_db},
    }
    cache.put_json(_key(mapped), value)


def known_mixes(stems: Sequence[Stem], cache: Cache) -> tuple[RoughMix, ...]:
    """Return which of the stems are mixes of the others, by their places; from the cache where it is known."""
    sounds = [(stem.sound.sha256, stem.sound.stream, stem.measurement.figures.sample_rate_hz) for stem in stems]
    key = key_of("mixes", _code(), sounds)
    known = cache.get_json(key)
    if known is None:
        found = find_rough_mixes([stem.measurement.curves.erb_power for stem in stems])
        cache.put_json(key, [asdict(mix) for mix in found])
        return found
    return tuple(RoughMix(**{**mix, "holds": tuple(mix["holds"]), "gains_db": tuple(mix["gains_db"])}) for mix in known)


def _key(facts: SongFacts) -> str:
    """Return the key of a map: the tracks as they are called and placed, and the code that hears them."""
    tracks = [track.track.model_dump(mode="json", include=_HEARD) for track in facts.tracks]
    return key_of("map", _code(), facts.song.sample_rate_hz, facts.song.frames, tracks)


@once
def _code() -> str:
    """Return a hash of the modules that listen: the map hangs on many of them, and a number is easily not raised."""
    digest = sha256()
    for package in ("tonmeister.analysis", "tonmeister.listen"):
        for module in sorted(files(package).iterdir(), key=lambda file: file.name):
            if module.name.endswith((".py", ".npz")):
                digest.update(module.read_bytes())
    return digest.hexdigest()


@once
def _conflicts() -> TypeAdapter[tuple[Conflict, ...]]:
    return TypeAdapter(tuple[Conflict, ...])


def _line(known: Mapping[str, Any]) -> TimeLine:
    phrases = TypeAdapter(dict[str, tuple[Phrase, ...]]).validate_python(known["phrases"])
    arrays = {name: np.array(known[name], np.float64) for name in ("beats_s", "bars_s", "downbeats_s")}
    energy = Energy(**{name: np.array(curve, np.float64) for name, curve in known["energy"].items()})
    return TimeLine(**{**known, **arrays, "energy": energy, "phrases": phrases})


def _pairs(pairs: Iterable[MicPair]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(pair.reference, pair.other, pair.alignment.model_dump(mode="json")) for pair in pairs]


def _plain(models: Iterable[Any]) -> list[dict[str, Any]]:
    return [model.model_dump(mode="json") for model in models]
