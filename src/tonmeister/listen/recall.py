"""The facts of a song whose document is there already: nothing is imported again, roles and priorities are the document's."""

from collections.abc import Mapping
from typing import Literal

from tonmeister.document.facts import SongFacts, TrackFacts
from tonmeister.document.mix import Mix
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
    return map_song(
        facts, start=start, read=lambda name: open_probed(sources[name], rate_hz=rate, cache=cache), cache=cache
    )
