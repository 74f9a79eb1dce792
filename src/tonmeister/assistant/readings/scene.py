"""A song at hand: which tracks words mean, an excerpt of them, and how the mix sounds there with any change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from tonmeister.assistant.readings.templates import group_of
from tonmeister.assistant.understanding.intent import Intent
from tonmeister.audio import Audio, Samples
from tonmeister.document.fold import fold
from tonmeister.document.mix import Mix, Section, Track
from tonmeister.document.move import Move
from tonmeister.document.strip import MASTER, Bus
from tonmeister.engineer.listeners import Collector
from tonmeister.files.cache import Cache
from tonmeister.files.probe import SoundFile
from tonmeister.files.sound import open_probed
from tonmeister.knowledge.rows import table
from tonmeister.processing import Processor, TruePeakLimiter
from tonmeister.processing.registry import is_neutral, make_stream
from tonmeister.processing.stream import run_stream
from tonmeister.render import Renderer

EXCERPT_S = 5.0
_PREROLL_S = 2.0
_STEP_S = 0.1
_HARDLY = 0.1
"""A place with less of the energy of the loudest one does not show what a change does."""
_LEFT_RIGHT = {"left": -1, "right": 1}


@dataclass(frozen=True, slots=True)
class Heard:
    """Sound of an excerpt."""

    tracks: Mapping[str, Samples]
    """(2, frames) of each track as it goes to its bus, by id."""
    mix: Samples
    """(2, frames) of the mix bus."""
    group: Samples | None = None
    """(2, frames) of the bus that holds all parts in question and no other; None where there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Song:
    """A mix, its sound, and the renderer that is open on it."""

    mix: Mix
    sources: Mapping[str, SoundFile]
    renderer: Renderer
    cache: Cache
    energies: dict[str, NDArray[np.float64]]
    """Energy of each source per 100 ms of song time, filled when it is asked for."""

    def energy(self, track_id: str) -> NDArray[np.float64]:
        """Return the energy of a source per 100 ms, in song time."""
        if track_id not in self.energies:
            self.energies[track_id] = _energies(self, self.mix.track(track_id))
        return self.energies[track_id]


@dataclass(frozen=True, eq=False)
class Scene:
    """What one intent is about in one song."""

    song: Song
    intent: Intent
    tracks: tuple[str, ...]
    """Ids of the tracks that are meant."""
    start_frame: int
    end_frame: int
    spans_s: tuple[tuple[float, float], ...]
    """Where in the song is meant; empty is everywhere."""

    @property
    def mix(self) -> Mix:
        """The document as it stands."""
        return self.song.mix

    @property
    def is_whole(self) -> bool:
        """Whether the whole mix is meant."""
        return group_of(self.intent.target) == "whole" and not self.intent.tracks

    @property
    def who(self) -> str:
        """What a person calls it."""
        named = [PurePath(self.mix.track(name).name).stem for name in self.intent.tracks]
        return " and ".join(named) if named else "the " + self.intent.target.replace("_", " ")

    @cached_property
    def bus(self) -> str | None:
        """The group bus that holds all tracks that are meant, and no other; one processor on it does for all."""
        outputs = {self.mix.track(name).strip.output for name in self.tracks}
        if self.is_whole or len(self.tracks) < 2 or len(outputs) != 1 or outputs == {MASTER}:
            return None
        members = {track.id for track in self.mix.tracks if track.used and track.strip.output in outputs}
        if members != set(self.tracks) or any(self.mix.track(name).leave_alone for name in self.tracks):
            return None
        return next(iter(outputs))

    @cached_property
    def into_bus(self) -> Samples:
        """What goes into the chain of that bus, (2, frames)."""
        return _render(self, self.mix, (f"sum:{self.bus}",))[f"sum:{self.bus}"]

    @cached_property
    def before(self) -> Heard:
        """The excerpt as the mix stands."""
        return hear(self, self.mix, tuple(track.id for track in self.mix.tracks if track.used))

    @cached_property
    def wet_before(self) -> Samples:
        """The effects of these parts as the mix stands, (2, frames)."""
        return _wet(self, self.mix)

    @cached_property
    def taps(self) -> dict[str, Samples]:
        """What goes into each fader of the tracks that are meant, (channels, frames) by track id."""
        points = {f"strip:{name}": name for name in self.tracks}
        sounds = _render(self, self.mix, tuple(points))
        return {points[point]: samples for point, samples in sounds.items()}

    def with_moves(self, moves: Sequence[Move]) -> Mix:
        """Return the mix with further moves."""
        return fold(self.mix.model_copy(update={"moves": (*self.mix.moves, *moves)}))


def find_tracks(mix: Mix, intent: Intent) -> tuple[str, ...]:
    """Return the ids of the tracks that an intent means, by name, role or family; empty where the session has none."""
    used = [track for track in mix.tracks if track.used]
    if intent.tracks:
        return tuple(track.id for track in used if track.id in intent.tracks)
    if group_of(intent.target) == "whole":
        return tuple(track.id for track in used)
    row = table("words_targets")[intent.target]
    found = [track for track in used if track.role in row["roles"]]
    if intent.target in ("lead_guitar", "sub_808"):
        words = ("solo", "lead", "ld") if intent.target == "lead_guitar" else ("808", "sub")
        family = "guitar" if intent.target == "lead_guitar" else "bass"
        family_tracks = [track for track in used if track.family == family]
        found = [t for t in family_tracks if any(word in t.name.casefold() for word in words)] or family_tracks
    if not found or intent.target in ("drums", "guitars"):
        found = [track for track in used if track.family in row["families"]] or found
    found = _on_side(found, intent.detail)
    return tuple(track.id for track in found)


def _on_side(tracks: list[Track], detail: str | None) -> list[Track]:
    side = _LEFT_RIGHT.get(detail or "")
    if side is None:
        return tracks
    there = [track for track in tracks if np.sign(track.strip.pan.points[0].value) == side]
    return there or tracks


def open_scene(song: Song, intent: Intent, *, apart_from: Scene | None = None) -> Scene | None:
    """Return what an intent is about in this song, with an excerpt in which it is heard; None where the session has no such part.

    `apart_from` asks for another place than that of another scene, and gives None where the part is hardly heard at any.
    """
    tracks = find_tracks(song.mix, intent)
    if not tracks:
        return None
    spans = find_spans(song.mix, intent)
    rate = song.mix.song.sample_rate_hz
    energy = np.sum([_fitted(song.energy(name), song.mix) for name in tracks], axis=0)
    allowed = np.zeros(energy.size, dtype=bool) if spans else np.ones(energy.size, dtype=bool)
    for start_s, end_s in spans:
        allowed[int(start_s / _STEP_S) : int(np.ceil(end_s / _STEP_S))] = True
    if apart_from is not None:
        length = round(EXCERPT_S / _STEP_S)
        best = energy[round(apart_from.start_frame / rate / _STEP_S) :][:length].sum()
        allowed[
            max(0, round(apart_from.start_frame / rate / _STEP_S) - length) : round(
                apart_from.end_frame / rate / _STEP_S
            )
        ] = False
        start = _loudest(np.where(allowed, energy, 0.0), length)
        if energy[start : start + length].sum() < _HARDLY * best:
            return None
    start = _loudest(np.where(allowed, energy, 0.0), round(EXCERPT_S / _STEP_S))
    first = round(start * _STEP_S * rate)
    end = min(song.mix.song.frames, first + round(EXCERPT_S * rate))
    return Scene(song, intent, tracks, max(0, min(first, end - 1)), end, spans)


def find_spans(mix: Mix, intent: Intent) -> tuple[tuple[float, float], ...]:
    """Return where in the song an intent means, in seconds; empty for everywhere, or for a section that the song map does not know."""
    if intent.time_s is not None:
        start_s, end_s = intent.time_s
        return ((start_s, end_s if end_s is not None else min(start_s + EXCERPT_S, mix.song.duration_s)),)
    if intent.section is None:
        return ()
    kind, _, number = intent.section.rpartition("_")
    if not (number.isdigit() or number == "last") or not kind:
        kind, number = intent.section, ""
    if kind == "later_in_song" or intent.section == "later_in_song":
        return ((mix.song.duration_s / 2, mix.song.duration_s),)
    label = {"pre_chorus": "pre-chorus", "solo": "instrumental"}.get(kind, kind)
    found: list[Section] = [section for section in mix.song.sections if section.label == label]
    if number == "last":
        found = found[-1:]
    elif number:
        found = found[int(number) - 1 : int(number)]
    return tuple((section.start_s, section.end_s) for section in found)


def _loudest(energy: NDArray[np.float64], steps: int) -> int:
    if energy.size <= steps:
        return 0
    total = np.concatenate([[0.0], np.cumsum(energy)])
    return int(np.argmax(total[steps:] - total[:-steps]))


def _fitted(energy: NDArray[np.float64], mix: Mix) -> NDArray[np.float64]:
    steps = int(np.ceil(mix.song.duration_s / _STEP_S))
    return np.pad(energy[:steps], (0, max(0, steps - energy.size)))


def _energies(song: Song, track: Track) -> NDArray[np.float64]:
    rate = song.mix.song.sample_rate_hz
    step = round(_STEP_S * rate)
    with open_probed(song.sources[track.id], rate_hz=rate, cache=song.cache) as reader:
        pieces = [np.square(block, dtype=np.float64).sum(axis=0) for block in reader.blocks()]
    power = np.concatenate([np.zeros(max(0, track.start_frame)), *pieces])
    steps = -(-power.size // step)
    energies: NDArray[np.float64] = np.pad(power, (0, steps * step - power.size)).reshape(steps, step).sum(axis=1)
    return energies


def hear(scene: Scene, mix: Mix, tracks: Sequence[str], *, base: Heard | None = None) -> Heard:
    """Return the excerpt of a mix; tracks that are not asked for are those of `base`."""
    points = tuple(f"track:{name}" for name in tracks)
    bus = () if scene.bus is None else (f"bus:{scene.bus}",)
    sounds = _render(scene, mix, ("mix", *bus, *points))
    heard = {name: sounds[f"track:{name}"] for name in tracks}
    known = {} if base is None else dict(base.tracks)
    return Heard(known | heard, sounds["mix"], sounds[bus[0]] if bus else None)


def hear_wet(scene: Scene, mix: Mix) -> Samples:
    """Return (2, frames) what the effects give of the parts in question alone: nobody else sends."""
    return scene.wet_before if mix is scene.mix else _wet(scene, mix)


def _wet(scene: Scene, mix: Mix) -> Samples:
    effects = [bus.id for bus in mix.buses if bus.kind == "effect"]
    silence = np.zeros((2, scene.end_frame - scene.start_frame), dtype=np.float32)
    groups = {mix.track(name).strip.output for name in scene.tracks}
    if not effects:
        return silence
    tracks = tuple(t if t.id in scene.tracks else _without_sends(t) for t in mix.tracks)
    buses = tuple(bus if bus.id in groups else bus.model_copy(update={"sends": ()}) for bus in mix.buses)
    alone = mix.model_copy(update={"tracks": tracks, "buses": buses})
    sounds = _render(scene, alone, tuple(f"bus:{name}" for name in effects))
    wet: Samples = np.sum(list(sounds.values()), axis=0, dtype=np.float32)
    return wet


def _without_sends(track: Track) -> Track:
    return track.model_copy(update={"strip": track.strip.model_copy(update={"sends": ()})})


def _render(scene: Scene, mix: Mix, points: Sequence[str]) -> dict[str, Samples]:
    ears = {point: Collector() for point in points}
    scene.song.renderer.render(
        mix, listeners={point: [ear] for point, ear in ears.items()}, start_frame=scene.start_frame, end_frame=scene.end_frame,
        preroll_s=_PREROLL_S,
    )  # fmt: skip
    frames = scene.end_frame - scene.start_frame
    return {point: _stereo(ear.samples, frames) for point, ear in ears.items()}


def _stereo(samples: Samples, frames: int) -> Samples:
    whole = np.pad(samples, ((0, 0), (0, max(0, frames - samples.shape[1]))))[:, :frames]
    return np.ascontiguousarray(np.repeat(whole, 2, axis=0) if whole.shape[0] == 1 else whole)


def into_limiter(mix: Mix, samples: Samples) -> Samples:
    """Return an excerpt of the mix bus behind everything of the master chain that stands before its limiter."""
    sound = Audio(np.ascontiguousarray(samples), mix.song.sample_rate_hz)
    for insert in mix.master.inserts:
        if isinstance(insert.processor, TruePeakLimiter):
            break
        sound = _run(insert.processor, sound)
    return sound.samples


def limited(mix: Mix, samples: Samples, *, gain_db: float) -> Samples:
    """Return what the limiter and all behind it make of that, with its drive changed."""
    sound = Audio(np.ascontiguousarray(samples), mix.song.sample_rate_hz)
    processors = [insert.processor for insert in mix.master.inserts]
    first = next((n for n, one in enumerate(processors) if isinstance(one, TruePeakLimiter)), len(processors))
    for processor in processors[first:]:
        if isinstance(processor, TruePeakLimiter):
            drive = float(np.clip(processor.drive_db + gain_db, -40, 40))
            sound = _run(processor.model_copy(update={"drive_db": drive}), sound)
        else:
            sound = _run(processor, sound)
    return sound.samples


def _run(processor: Processor, sound: Audio) -> Audio:
    if is_neutral(processor):
        return sound
    return run_stream(sound, make_stream(processor, sample_rate_hz=sound.sample_rate_hz, channels=sound.channels))


def effect_buses(mix: Mix, kind: str) -> tuple[Bus, ...]:
    """Return the effect buses that run a kind of processor."""
    return tuple(
        bus
        for bus in mix.buses
        if bus.kind == "effect" and any(insert.processor.kind == kind for insert in bus.inserts)
    )
