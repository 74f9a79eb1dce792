"""The facts of a song whose document is there already: nothing is imported again, roles and priorities are the document's."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from tonmeister.document.facts import SongFacts, TrackFacts
from tonmeister.document.mix import Mix
from tonmeister.errors import DocumentError
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


def check_sources(mix: Mix, sources: Mapping[str, SoundFile], *, cache: Cache) -> None:
    """Make sure that every used track's sound is there and is the one that was mixed.

    Raises:
        DocumentError: If it is not.
    """
    for track in mix.tracks:
        if not track.used:
            continue
        sound = sources.get(track.id)
        if sound is None or not Path(sound.path).is_file():
            raise DocumentError(
                f"The sound of track {track.id!r} is not at {sound.path if sound else 'any place'}; put it back, or mix again."
            )
        if cache.hash_file(sound.path) != track.sha256:
            raise DocumentError(
                f"{sound.path} is not the sound that was mixed as {track.id!r}; put it back, or mix again."
            )
