"""The facts of a song whose document is there already: nothing is imported again, roles and priorities are the document's."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from tonmeister.document.facts import SongFacts, TrackFacts
from tonmeister.document.mix import Mix, Song
from tonmeister.files.cache import Cache
from tonmeister.files.probe import SoundFile
from tonmeister.files.sound import open_probed
from tonmeister.listen.listening import in_song_time
from tonmeister.listen.measure import measure_sound
from tonmeister.listen.song_map import map_song


def recall_facts(mix: Mix, sources: Mapping[str, SoundFile], *, cache: Cache) -> SongFacts:
    """Return the facts of all used tracks of a document, from the cache where they are known.

    Raises:
        DocumentError: If the sound of a track is not there or is not the one that was mixed.
    """
    rate = mix.song.sample_rate_hz
    tracks = []
    for track in mix.tracks:
        if not track.used:
            continue
        measurement, _, _ = measure_sound(sources[track.id], rate, cache=cache)
        curves = in_song_time(measurement.curves, track.start_frame / rate)
        tracks.append(TrackFacts(track, measurement.figures, curves))
    facts = SongFacts(song=mix.song, tracks=tuple(tracks))
    start: Literal["as-is", "from-scratch"] = "as-is" if mix.stems == "balanced" else "from-scratch"
    mapped = map_song(
        facts, start=start, read=lambda name: open_probed(sources[name], rate_hz=rate, cache=cache), cache=cache
    )
    return replace(mapped, song=_as_told(mapped.song, mix.song))


def _as_told(heard: Song, known: Song) -> Song:
    """Return the song with what a person's session said for sure: its tempo, its markers as sections."""
    fields: dict[str, object] = {}
    if known.tempo_confidence == 1 and known.tempo_bpm is not None:
        fields |= {"tempo_bpm": known.tempo_bpm, "tempo_confidence": 1.0}
    if known.sections and all(section.confidence == 1 for section in known.sections):
        fields["sections"] = known.sections
    return heard.model_copy(update=fields) if fields else heard
