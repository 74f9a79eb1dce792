"""What every writer of a session is asked for."""

from dataclasses import dataclass

from tonmeister.daw.media import Media, MediaPlan, MediaWay, Place, Sources, Span, span_of, write_media
from tonmeister.document.mix import Mix, Track
from tonmeister.files.cache import Cache


@dataclass(frozen=True, slots=True)
class Order:
    """A mix that holds only what the DAW can build, where its sound comes from, and where the session goes to."""

    mix: Mix
    sources: Sources
    """Sound of every track that is used."""
    place: Place
    """Name inside the session's folder → where to write that file; its parent folder exists then."""
    name: str
    """Name of the song."""
    cache: Cache | None = None
    """Where decoded sound is kept."""
    way: MediaWay = "copy"
    """Whether the session holds the sound or plays files where they are."""
    printed: frozenset[str] = frozenset()
    """Tracks that play a print."""

    @property
    def tracks(self) -> list[Track]:
        """The tracks that are in the session."""
        return [track for track in self.mix.tracks if track.used]

    def sounds(self, folder: str, place: Place, *, same_channels: bool = False) -> list[tuple[Track, Media, Span]]:
        """Put the sound of every track into a folder of the session; return it with its file and its place in the song.

        Raises:
            NoTracksError: If the sources do not hold a track.
            UnreadableFileError: If a sound cannot be read.
            OutputError: If a file cannot be written.
        """
        rate = self.mix.song.sample_rate_hz
        plan = MediaPlan(folder, rate, self.cache, self.way, self.printed, same_channels=same_channels)
        media = write_media(self.tracks, self.sources, place, plan)
        return [(track, file, self.span(track, file)) for track, file in zip(self.tracks, media, strict=True)]

    def span(self, track: Track, media: Media) -> Span:
        """Return where in the song a track's file plays."""
        return span_of(track, media, self.mix.song, printed=track.id in self.printed)
