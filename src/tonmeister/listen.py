"""From files to facts: count what came in, measure each stem once, find out what plays and how the song goes."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, cast

from tonmeister.analysis.role import RoleGuess, hear_role, read_role, split_words
from tonmeister.analysis.track_meter import TrackCurves, TrackFigures, TrackMeasurement, TrackMeter
from tonmeister.document.facts import SongFacts, TrackFacts
from tonmeister.document.inventory import Incoming
from tonmeister.document.mix import Family, Song, Track
from tonmeister.document.wishes import TrackWish
from tonmeister.errors import CancelledError, InputError, NoTracksError
from tonmeister.files.cache import Cache, key_of
from tonmeister.files.intake import Found, find_sounds, require_sounds
from tonmeister.files.probe import SoundFile
from tonmeister.files.resample import resampled_frames
from tonmeister.files.sound import open_probed
from tonmeister.knowledge import role as role_row
from tonmeister.song_map import map_song
from tonmeister.threads import count_threads

FACTS_VERSION = 1
"""Part of every cache key; raised when a measurement changes."""

Progress = Callable[[str, float], None]
"""Is told what is being done (a track's name) and the share that is done, 0..1."""


class Cancel(Protocol):
    """What says whether to stop, such as threading.Event."""

    def is_set(self) -> bool:
        """Whether the person asked to stop."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Listened:
    """Everything that listening found."""

    facts: SongFacts
    unused: tuple[Track, ...]
    """Stems that are not in the mix, such as silent ones."""
    incoming: tuple[Incoming, ...]
    """One line for everything that came in."""
    sources: Mapping[str, SoundFile]
    """Where each used track's sound is, by track id."""


@dataclass(frozen=True, slots=True, eq=False)
class _Stem:
    found: Found
    sound: SoundFile
    wish: TrackWish
    measurement: TrackMeasurement
    frames: int
    faults: tuple[str, ...]


def listen(
    source: Path,
    *,
    wishes: Mapping[str, TrackWish] | None = None,
    only: Sequence[str] | None = None,
    start: Literal["as-is", "from-scratch", "auto"] = "auto",
    cache: Cache,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Listened:
    """Listen to a folder of stems, or to one file that holds several.

    Raises:
        NoTracksError: If there is not a single stem with sound.
        InputError: If a wish or `only` names a track that is not there.
    """
    found = find_sounds(source, cache=cache)
    sounds = require_sounds(found, source=source)
    used = _chosen([item for item in found if item.used and item.sound is not None], only)
    told = _match_wishes(wishes or {}, [item.name for item in used])
    rate_hz = choose_rate([sound.sample_rate_hz for sound in sounds])
    stems = _measure_all(used, told, rate_hz, cache=cache, progress=progress, cancel=cancel)
    tracks = _make_tracks(stems)
    facts, unused, incoming = _sort_out(source, found, tracks, rate_hz)
    if not facts.tracks:
        raise NoTracksError(f"{source}: All {len(stems)} stems are silent. Give stems with sound in them.")
    facts = map_song(facts, start=start, read=_reader(tracks, rate_hz, cache), cache=cache)
    sources = {track.id: stem.sound for stem, track in tracks if track.used}
    return Listened(facts=facts, unused=unused, incoming=incoming, sources=sources)


def choose_rate(rates_hz: Sequence[int]) -> int:
    """Return the highest rate that at least half of the stems carry; else the most common."""
    carried = [rate for rate in sorted(set(rates_hz)) if 2 * rates_hz.count(rate) >= len(rates_hz)]
    return carried[-1] if carried else max(set(rates_hz), key=lambda rate: (rates_hz.count(rate), rate))


def _chosen(used: list[Found], only: Sequence[str] | None) -> list[Found]:
    if not only:
        return used
    missing = [name for name in only if not any(_is_called(item.name, name) for item in used)]
    if missing:
        raise InputError(f"--only {', '.join(missing)}: no such track; there are {', '.join(i.name for i in used)}.")
    return [item for item in used if any(_is_called(item.name, name) for name in only)]


def _is_called(name: str, said: str) -> bool:
    """Say whether a person means this track: its name with or without ending or folder, whatever the case."""
    plain = {name.casefold(), Path(name).name.casefold(), Path(name).stem.casefold()}
    return said.casefold() in plain


def _match_wishes(wishes: Mapping[str, TrackWish], names: Sequence[str]) -> dict[str, TrackWish]:
    missing = [said for said in wishes if not any(_is_called(name, said) for name in names)]
    if missing:
        raise InputError(f"--roles: no track called {', '.join(missing)}; there are {', '.join(names)}.")
    return {name: wish for name in names for said, wish in wishes.items() if _is_called(name, said)}


def _measure_all(
    used: Sequence[Found],
    wishes: Mapping[str, TrackWish],
    rate_hz: int,
    *,
    cache: Cache,
    progress: Progress | None,
    cancel: Cancel | None,
) -> list[_Stem]:
    done = 0

    def measure(item: Found) -> _Stem:
        nonlocal done
        sound = cast("SoundFile", item.sound)
        measurement, frames, faults = measure_sound(sound, rate_hz, cache=cache, cancel=cancel)
        done += 1
        if progress is not None:
            progress(item.name, done / len(used))
        return _Stem(item, sound, wishes.get(item.name, TrackWish()), measurement, frames, faults)

    with ThreadPoolExecutor(count_threads()) as pool:
        return list(pool.map(measure, used))


def measure_sound(
    sound: SoundFile, rate_hz: int, *, cache: Cache, cancel: Cancel | None = None
) -> tuple[TrackMeasurement, int, tuple[str, ...]]:
    """Measure one sound at the song's rate, or recall it; also its frames at that rate and its faults in sentences.

    Raises:
        CancelledError: If the person asked to stop.
    """
    key = key_of("facts", FACTS_VERSION, sound.sha256, sound.stream, rate_hz)
    known: Any = cache.get_json(key)
    arrays = cache.get_arrays(key) if known is not None else None
    if arrays is not None:
        figures = TrackFigures.model_validate(known["figures"])
        return TrackMeasurement(figures, TrackCurves.from_arrays(arrays)), known["frames"], tuple(known["faults"])
    with open_probed(sound, rate_hz=rate_hz, cache=cache) as reader:
        meter = TrackMeter(reader.sample_rate_hz, reader.channels)
        for block in reader.blocks():
            if cancel is not None and cancel.is_set():
                raise CancelledError("The work was stopped.")
            meter.add(block)
        measurement = meter.result()
        faults = tuple(dict.fromkeys(fault.text for fault in (*sound.faults, *reader.faults)))
        frames = reader.frames
    cache.put_json(key, {"figures": measurement.figures.model_dump(mode="json"), "frames": frames, "faults": faults})
    cache.put_arrays(key, measurement.curves.arrays())
    return measurement, frames, faults


def _make_tracks(stems: Sequence[_Stem]) -> list[tuple[_Stem, Track]]:
    """Give each stem a role, an id and a place; the order depends on sound and role only."""
    names = [Path(stem.found.name).name for stem in stems]
    words = [set(split_words(name)) for name in names]
    common = frozenset(set.intersection(*words)) if len(words) > 2 else frozenset()
    guesses = [_guess(stem, name, common) for stem, name in zip(stems, names, strict=True)]
    first_frame = min((stem.sound.time_reference_frames / stem.sound.sample_rate_hz for stem in stems), default=0.0)
    ids = _ids(names)
    tracks = []
    for stem, name, track_id, guess in zip(stems, names, ids, guesses, strict=True):
        figures = stem.measurement.figures
        late_s = stem.sound.time_reference_frames / stem.sound.sample_rate_hz - first_frame
        priority = stem.wish.weight
        is_mono = figures.channels == 1 or figures.stereo.dual_mono
        track = Track(
            id=track_id,
            name=name,
            sha256=stem.sound.sha256,
            stream=stem.sound.stream,
            channels=1 if is_mono else 2,
            start_frame=round(late_s * figures.sample_rate_hz),
            role=guess.role,
            family=cast("Family", guess.family),
            role_confidence=guess.confidence,
            priority=role_row(guess.role).priority if priority is None else priority,
            pan_wish=guess.side if stem.wish.pan is None else stem.wish.pan,
            reverb_wish_db=stem.wish.reverb_db,
            keep_level=stem.wish.lock,
            leave_alone=stem.wish.leave_alone,
        )
        tracks.append((stem, _judge(track, stem, len(stems))))
    return sorted(tracks, key=lambda pair: (pair[1].family, pair[1].role, pair[1].sha256, pair[1].stream, pair[1].id))


def _guess(stem: _Stem, name: str, common: frozenset[str]) -> RoleGuess:
    """Return a person's word on the role, else the name's, else what it sounds like."""
    if stem.wish.role is not None:
        family = role_row(stem.wish.role).family
        return RoleGuess(role=stem.wish.role, family=family, confidence=1.0, why="the person said so")
    return read_role(name, common_words=common) or hear_role(stem.measurement.figures)


def _ids(names: Sequence[str]) -> list[str]:
    ids: list[str] = []
    for name in names:
        words = "-".join(part for part in _ascii_words(Path(name).stem)) or "track"
        number = 2
        unique = words
        while unique in ids or unique == "master":
            unique, number = f"{words}-{number}", number + 1
        ids.append(unique)
    return ids


def _ascii_words(text: str) -> list[str]:
    plain = "".join(c if c.isalnum() and c.isascii() else " " for c in " ".join(split_words_keeping_digits(text)))
    return plain.split()


def split_words_keeping_digits(text: str) -> list[str]:
    """Cut a name into lower-case words and numbers, accents spelt out."""
    parts = []
    for word in text.replace("_", " ").replace("-", " ").split():
        letters = "".join(split_words(word)) if not word.isascii() else word.lower()
        parts.append(letters or word)
    return parts


def _judge(track: Track, stem: _Stem, stems: int) -> Track:
    """Take silent stems and finished mixes out of the mix."""
    if stem.measurement.figures.levels.sample_peak_dbfs is None:
        return track.model_copy(update={"used": False, "why_unused": "It is silent."})
    if track.role == "mixture" and stems > 3 and stem.wish.role is None:
        return track.model_copy(update={"used": False, "why_unused": "A finished mix; kept as a reference."})
    return track


def _sort_out(
    source: Path, found: Sequence[Found], tracks: Sequence[tuple[_Stem, Track]], rate_hz: int
) -> tuple[SongFacts, tuple[Track, ...], tuple[Incoming, ...]]:
    used = [(stem, track) for stem, track in tracks if track.used]
    frames = max((track.start_frame + stem.frames for stem, track in used), default=0)
    song = Song(title=source.stem if source.is_file() else source.resolve().name, sample_rate_hz=rate_hz, frames=frames)
    facts = tuple(TrackFacts(track, stem.measurement.figures, stem.measurement.curves) for stem, track in used)
    unused = tuple(track for _, track in tracks if not track.used)
    by_name = {stem.found.name: (stem, track) for stem, track in tracks}
    incoming = tuple(_incoming(item, by_name.get(item.name)) for item in found)
    return SongFacts(song=song, tracks=facts), unused, incoming


_STATES = {"finished mix": "reference"}


def _incoming(item: Found, made: tuple[_Stem, Track] | None) -> Incoming:
    sound = item.sound
    about = {} if sound is None else {
        "sha256": sound.sha256, "sample_rate_hz": sound.sample_rate_hz, "channels": sound.channels, "duration_s": round(sound.duration_s, 3),
    }  # fmt: skip
    if made is None:
        state = "not looked into" if item.used else _STATES.get(item.state, item.state)
        why = "Left out by --only." if item.used else item.reason or ""
        return Incoming.model_validate({"name": item.name, "state": state, "why": why, **about})
    stem, track = made
    state = "mixed" if track.used else ("silent" if "silent" in (track.why_unused or "") else "reference")
    heard = tuple(fault.sentence for fault in stem.measurement.figures.faults if fault.kind != "silence")
    why = track.why_unused or f"{track.role}, {track.role_confidence:.0%} sure"
    fields = {"name": item.name, "state": state, "why": why, "track": track.id, "faults": (*stem.faults, *heard), **about}
    return Incoming.model_validate(fields)


def _reader(tracks: Sequence[tuple[_Stem, Track]], rate_hz: int, cache: Cache) -> Callable[[str], Any]:
    """Return a function that opens a used track's sound at the song's rate, for what needs samples once more."""
    sounds = {track.id: stem.sound for stem, track in tracks}
    return lambda track_id: open_probed(sounds[track_id], rate_hz=rate_hz, cache=cache)


