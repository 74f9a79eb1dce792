"""Where the sound of a mix comes from: files or arrays, read in song time at the song's rate."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np

from tonmeister.audio import Audio, Samples
from tonmeister.errors import AudioFormatError, NoTracksError
from tonmeister.files.cache import Cache
from tonmeister.files.resample import resample
from tonmeister.files.sound import SoundReader, open_sound
from tonmeister.render.graph import SourceNode
from tonmeister.render.steps import sounding


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A stem on disk."""

    path: Path
    stream: int = 0
    """Which audio stream of the file."""


Sources = Mapping[str, SourceFile | Audio]
"""Track id → its sound: a file, or sound in memory."""


class OpenSources:
    """Keeps the sounds of a mix open; compressed and resampled ones are decoded once, into the cache."""

    def __init__(self, sources: Sources, *, cache: Cache | None) -> None:
        self._sources, self._cache = sources, cache
        self._open: dict[tuple[str, int], SoundReader | Audio] = {}
        self._lock = Lock()  # two renders of one mix may run beside each other

    def reader(self, node: SourceNode, *, sample_rate_hz: int) -> "SourceReader":
        """Return what reads a track in song time.

        Raises:
            NoTracksError: If the sources do not hold the track.
            UnreadableFileError: If its file cannot be read.
        """
        place = (node.track_id, sample_rate_hz)
        with self._lock:
            if place not in self._open:
                self._open[place] = self._opened(*place)
        return SourceReader(node, self._open[place])

    def _opened(self, track_id: str, sample_rate_hz: int) -> SoundReader | Audio:
        source = self._sources.get(track_id)
        if source is None:
            raise NoTracksError(f"The sound of track {track_id!r} is not there; give its file.")
        if isinstance(source, Audio):
            return resample(source, to_hz=sample_rate_hz)
        return open_sound(source.path, stream=source.stream, rate_hz=sample_rate_hz, cache=self._cache)

    def close(self) -> None:
        """Close all files."""
        for sound in self._open.values():
            if isinstance(sound, SoundReader):
                sound.close()
        self._open.clear()


class SourceReader:
    """Reads one track in song time, with trim and polarity; silence outside its file."""

    def __init__(self, node: SourceNode, sound: SoundReader | Audio) -> None:
        self._node, self._sound = node, sound
        self._gain = np.float32((-1.0 if node.inverted else 1.0) * 10 ** (node.gain_db / 20))
        self._end = min(node.end_frame, node.start_frame + sound.frames)
        if sound.channels < node.channels:
            raise AudioFormatError(
                f"Track {node.track_id!r} has {node.channels} channels in the mix, {sound.channels} in its file."
            )

    def read(self, start_frame: int, frames: int) -> Samples | None:
        """Return exactly (channels, frames); None where all of it is digital silence."""
        first, last = max(start_frame, self._node.start_frame), min(start_frame + frames, self._end)
        if first >= last:
            return None
        there = self._there(first - self._node.start_frame, last - first)
        if there.shape[1] != frames:
            out = np.zeros((len(there), frames), np.float32)
            out[:, first - start_frame : first - start_frame + there.shape[1]] = there
            there = out
        block = sounding(there)
        if block is not None and self._gain != 1:
            block = np.multiply(block, self._gain)
        return block

    def _there(self, start: int, frames: int) -> Samples:
        if isinstance(self._sound, Audio):
            samples = self._sound.samples[:, start : start + frames]
        else:
            samples = self._sound.read(start, frames)
        if len(samples) > self._node.channels:  # an exact dual mono: both are the same
            samples = samples[: self._node.channels]
        return np.ascontiguousarray(samples)
