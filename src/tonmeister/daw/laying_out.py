"""The clips of a session laid out on its time line: one stem a track, sample by sample where the DAW plays it.

What a session's clips say is rendered into the cache once: positions, offsets, fades, gains, loops. A track whose only clip is
a whole file at the song's start is that file itself.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import pi
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tonmeister.audio import Samples
from tonmeister.daw.finding import SoundFinder
from tonmeister.daw.opening import SessionError
from tonmeister.daw.session import Clip, DawSession, Fade, SessionTrack
from tonmeister.errors import CancelledError, UnreadableFileError
from tonmeister.files.cache import Cache, key_of
from tonmeister.files.probe import SoundFile, probe
from tonmeister.files.rates import choose_rate
from tonmeister.files.sound import SoundReader, open_probed
from tonmeister.files.wav import WavWriter

_VERSION = 1
"""Part of every cache key; raised when clips come to be laid out otherwise."""
BLOCK_FRAMES = 65_536
_LONGEST_S = 6 * 3600.0
SHORTEST_LOOP_S = 0.001
"""A loop that is shorter is no music; its clip plays on instead."""
_SILENT_DB = -60.0
"""Where an exponential fade begins."""
_MOST_OPEN = 64
Floats = NDArray[np.float64]


class Cancel(Protocol):
    """What says whether to stop, such as threading.Event."""

    def is_set(self) -> bool:
        """Whether the person asked to stop."""
        ...


@dataclass(frozen=True, slots=True)
class Stem:
    """A track's sound on the time line."""

    track: SessionTrack
    sound: SoundFile
    """Its file: one of the session's, or one in the cache."""
    unheard: tuple[str, ...] = ()
    """Clips that are not in it, in sentences."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A clip with its sounds."""

    clip: Clip
    sounds: tuple[SoundFile, ...]
    """One file, or one for each side."""


def lay_out(
    session: DawSession,
    path: Path,
    tracks: Sequence[SessionTrack],
    *,
    cache: Cache,
    progress: Callable[[str, float], None] | None = None,
    cancel: Cancel | None = None,
) -> tuple[Stem, ...]:
    """Lay out some tracks of a session; those without a clip that can be played are left out.

    Raises:
        SessionError: If sound files are missing or damaged, or the song would be longer than six hours.
        CancelledError: If the person asked to stop.
    """
    finder = SoundFinder(session, path, cache=cache)
    found = _sounds(finder, tracks, path, cache)
    rates = [sound.sample_rate_hz for sound in found.values()]
    if not rates:
        return ()
    rate = session.sample_rate_hz or choose_rate(rates)
    stems = []
    for place, track in enumerate(tracks):
        pieces = _pieces(track, found)
        if progress is not None:
            progress(track.name, place / len(tracks))
        if pieces:
            sound = _stem(track, pieces, rate, path, cache, cancel)
            stems.append(Stem(track, sound, tuple(_unheard(track))))
    return tuple(stems)


def missing_sounds(session: DawSession, path: Path, *, cache: Cache) -> tuple[str, ...]:
    """Return the sound files of a session's clips that are nowhere to be found."""
    finder = SoundFinder(session, path, cache=cache)
    names = {(name, clip.is_inside) for track in session.tracks for clip in track.clips for name in _names(clip)}
    return tuple(sorted(name for name, inside in names if not inside and finder.find(name, inside=False) is None))


def _names(clip: Clip) -> tuple[str, ...]:
    return tuple(name for name in (clip.media, clip.right_media) if name)


def is_heard(clip: Clip) -> bool:
    """Say whether a clip is laid out."""
    lasts = clip.length_s > 0 or clip.is_whole
    return clip.media is not None and clip.cannot is None and not clip.is_muted and lasts


def _unheard(track: SessionTrack) -> Iterator[str]:
    """Yield sentences about clips that are not heard, each reason once."""
    reasons = [clip.cannot for clip in track.clips if clip.cannot is not None and not clip.is_muted]
    for reason in dict.fromkeys(reasons):
        count = reasons.count(reason)
        clips = "One of its clips is" if count == 1 else f"{count} of its clips are"
        yield f"{clips} not heard: {reason}."


def _sounds(
    finder: SoundFinder, tracks: Sequence[SessionTrack], path: Path, cache: Cache
) -> dict[tuple[str, bool], SoundFile]:
    """Return the sound of every clip that is to be heard."""
    wanted = {(n, clip.is_inside) for track in tracks for clip in track.clips if is_heard(clip) for n in _names(clip)}
    found: dict[tuple[str, bool], SoundFile] = {}
    missing: list[str] = []
    for name, inside in sorted(wanted):
        place = finder.find(name, inside=inside)
        if place is None:
            missing.append(name)
            continue
        try:
            sound = probe(place, cache=cache)
        except UnreadableFileError as error:
            raise SessionError(
                path, f"The sound {name!r} of its clips cannot be read ({error.reason})", error.advice
            ) from error
        if sound.channels > 2:
            raise SessionError(
                path, f"The sound {name!r} has {sound.channels} channels", "Only mono and stereo are mixed."
            )
        found[name, inside] = sound
    if missing:
        others = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        reason = f"Sound files of its clips are not there: {missing[0]!r}{others}"
        raise SessionError(path, reason, "Put them into the session's folder; a folder of any name in it will do.")
    return found


def _pieces(track: SessionTrack, found: Mapping[tuple[str, bool], SoundFile]) -> list[_Piece]:
    pieces = []
    for clip in track.clips:
        if is_heard(clip):
            sounds = tuple(found[name, clip.is_inside] for name in _names(clip))
            pieces.append(_Piece(_with_length(clip, sounds[0]), sounds))
    return pieces


def _with_length(clip: Clip, sound: SoundFile) -> Clip:
    if not clip.is_whole:
        return clip
    return clip.model_copy(update={"length_s": max(0.0, sound.duration_s - clip.offset_s), "is_whole": False})


def _stem(
    track: SessionTrack, pieces: Sequence[_Piece], rate: int, path: Path, cache: Cache, cancel: Cancel | None
) -> SoundFile:
    plain = _as_it_is(pieces, rate)
    if plain is not None:
        return plain
    end_s = max(piece.clip.start_s + piece.clip.length_s for piece in pieces)
    if end_s > _LONGEST_S:
        raise SessionError(path, f"Its track {track.name!r} ends after {end_s / 3600:.0f} hours", "Cut it to the song.")
    frames = max(1, round(end_s * rate))
    what = [(piece.clip.model_dump(mode="json"), [(s.sha256, s.stream) for s in piece.sounds]) for piece in pieces]
    key = key_of("stem", _VERSION, rate, frames, what)
    if cache.get(key) is None:
        with cache.put(key) as place, place.open("xb") as out:
            channels = _channels(pieces)
            with WavWriter(out, sample_rate_hz=rate, channels=channels) as writer:
                for block in _blocks(pieces, rate, frames, channels, cache, cancel):
                    writer.write(block)
    known: Any = cache.get(key)
    return probe(Path(known), cache=cache)


def _as_it_is(pieces: Sequence[_Piece], rate: int) -> SoundFile | None:
    """Return the file of a track whose only clip is all of it, at the song's start and rate, unchanged; else None."""
    if len(pieces) != 1 or len(pieces[0].sounds) != 1:
        return None
    clip, sound = pieces[0].clip, pieces[0].sounds[0]
    is_moved = round(clip.start_s * rate) != 0 or round(clip.offset_s * rate) != 0
    is_changed = clip.polarity_inverted or clip.gain_db or clip.gain is not None or clip.fade_in or clip.fade_out
    one_side = clip.channel is not None and sound.channels > 1
    is_whole = abs(round(clip.length_s * rate) - sound.frames) <= 1
    has_stamp = sound.time_reference_frames != 0
    if is_moved or is_changed or one_side or has_stamp or not is_whole or sound.sample_rate_hz != rate:
        return None
    return sound if sound.bits else None


def _channels(pieces: Sequence[_Piece]) -> int:
    def of(piece: _Piece) -> int:
        if len(piece.sounds) == 2:
            return 2
        return 1 if piece.clip.channel is not None else piece.sounds[0].channels

    return max(of(piece) for piece in pieces)


def _blocks(
    pieces: Sequence[_Piece], rate: int, frames: int, channels: int, cache: Cache, cancel: Cancel | None
) -> Iterator[Samples]:
    players = [_Player(piece, rate, channels, cache) for piece in pieces]
    open_players: list[_Player] = []
    try:
        for start in range(0, frames, BLOCK_FRAMES):
            if cancel is not None and cancel.is_set():
                raise CancelledError("The work was stopped.")
            count = min(BLOCK_FRAMES, frames - start)
            block = np.zeros((channels, count), np.float64)
            for player in players:
                if player.first < start + count and player.last > start:
                    player.play(block, start)
                    open_players = [*(p for p in open_players if p is not player), player]
                    while len(open_players) > _MOST_OPEN:
                        open_players.pop(0).close()
            yield block.astype(np.float32)
    finally:
        for player in players:
            player.close()


class _Player:
    """Plays one clip into the blocks of a stem."""

    def __init__(self, piece: _Piece, rate: int, channels: int, cache: Cache) -> None:
        self._piece, self._rate, self._channels, self._cache = piece, rate, channels, cache
        clip = piece.clip
        self.first = round(clip.start_s * rate)
        self.last = self.first + round(clip.length_s * rate)
        self._offset = round(clip.offset_s * rate)
        self._readers: list[SoundReader] = []

    def play(self, block: Floats, start: int) -> None:
        """Add what of the clip lies in a block that begins at a frame of the song; a clip that covers hides what is there."""
        first, last = max(self.first, start), min(self.last, start + block.shape[1])
        there = slice(first - start, last - start)
        weight, shown = _shape(self._piece.clip, first - self.first, last - self.first, self._rate)
        if self._piece.clip.covers:
            block[:, there] *= 1 - shown
        block[:, there] += self._read(first - self.first, last - first) * weight

    def close(self) -> None:
        """Close the files."""
        for reader in self._readers:
            reader.close()
        self._readers = []

    def _read(self, position: int, frames: int) -> Floats:
        """Return the clip's sound from a frame of the clip on."""
        if not self._readers:
            self._readers = [open_probed(s, rate_hz=self._rate, cache=self._cache) for s in self._piece.sounds]
        clip = self._piece.clip
        sides = [self._one(reader, position, frames) for reader in self._readers]
        if len(sides) == 2:
            return np.concatenate([sides[0][:1], sides[1][:1]])
        sound = sides[0]
        if clip.channel is not None:
            sound = sound[min(clip.channel, len(sound) - 1)][None]
        return np.repeat(sound, self._channels, axis=0) if len(sound) < self._channels else sound

    def _one(self, reader: SoundReader, position: int, frames: int) -> Floats:
        out = np.zeros((reader.channels, frames))
        loop = self._piece.clip.loop
        begin = 0 if loop is None else round(loop.start_s * self._rate)
        last = reader.frames if loop is None or loop.end_s is None else round(loop.end_s * self._rate)
        end = min(last, reader.frames)
        loops = loop is not None and end - begin >= SHORTEST_LOOP_S * self._rate
        stop = end if loops else reader.frames
        done, at = 0, self._offset + position
        while done < frames:
            if loops and at >= end:
                at = begin + (at - begin) % (end - begin)
            if at >= stop:
                break
            if at < 0:
                silent = min(-at, frames - done)
                done, at = done + silent, at + silent
                continue
            piece = reader.read(at, min(frames - done, stop - at))
            if piece.shape[1] == 0:
                break
            out[:, done : done + piece.shape[1]] = piece
            done, at = done + piece.shape[1], at + piece.shape[1]
        return out


def _shape(clip: Clip, first: int, last: int, rate: int) -> tuple[Floats, Floats]:
    """Return the gain of a clip's frames, and how far they cover what lies below."""
    frames = np.arange(first, last, dtype=np.float64)
    length = round(clip.length_s * rate)
    fades = np.ones(last - first)
    if clip.fade_in is not None:
        fades *= fade_gain(clip.fade_in, frames / max(clip.fade_in.length_s * rate, 1e-9))
    if clip.fade_out is not None:
        fades *= fade_gain(clip.fade_out, (length - frames) / max(clip.fade_out.length_s * rate, 1e-9))
    weight = fades * (-1 if clip.polarity_inverted else 1) * 10 ** (clip.gain_db / 20)
    if clip.gain is not None:
        times = np.array([point.time_s for point in clip.gain.points]) * rate
        values = np.array([point.value for point in clip.gain.points])
        if clip.gain.law == "linear_db":
            weight = weight * 10 ** (np.interp(frames, times, values) / 20)
        else:
            gains = np.where(values <= -120, 0.0, 10 ** (values / 20))
            weight = weight * np.interp(frames, times, gains)
    return weight, fades


def fade_gain(fade: Fade, share: Floats) -> Floats:
    """Return the gain of a fade at shares (0..1, beyond is held) of its way from silence."""
    t = np.clip(share, 0.0, 1.0)
    if fade.shape == "equal_power":
        return np.sin(t * pi / 2)
    if fade.shape == "fast":
        return 1 - (1 - t) ** 2
    if fade.shape == "slow":
        return t * t
    if fade.shape == "s_curve":
        return (1 - np.cos(t * pi)) / 2
    if fade.shape == "exponential":
        return np.where(t > 0, 10 ** (_SILENT_DB * (1 - t) / 20), 0.0)
    return t
