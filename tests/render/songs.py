"""Small songs for tests of the renderer."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from tests.sounds import RATE_HZ, noise
from tonmeister.audio import Audio, Samples
from tonmeister.document.lane import Lane, Law, Point
from tonmeister.document.mix import Budget, Engine, Mix, Song, Track
from tonmeister.document.strip import Bus, Insert, Send, Slot, Strip
from tonmeister.processing import (
    Band,
    Compressor,
    DeEsser,
    Equaliser,
    Gain,
    Multiband,
    Processor,
    TruePeakLimiter,
)
from tonmeister.render import Renderer


class Recorder:
    """Hears a point and remembers it."""

    def __init__(self) -> None:
        self.start_frame: int | None = None
        self._blocks: list[Samples] = []

    def __call__(self, start_frame: int, block: Samples) -> None:
        if self.start_frame is None:
            self.start_frame = start_frame
        assert start_frame == self.start_frame + sum(part.shape[1] for part in self._blocks)
        self._blocks.append(block.copy())

    @property
    def samples(self) -> Samples:
        return np.concatenate(self._blocks, axis=1)


def lane(*points: tuple[float, float], law: Law = "linear_db") -> Lane:
    return Lane(law=law, points=tuple(Point(time_s=time_s, value=value) for time_s, value in points))


def insert(processor: Processor, *, slot: Slot = "tone", key: str | None = None, name: str = "") -> Insert:
    return Insert(id=name or processor.kind, slot=slot, processor=processor, key=key)


def track(name: str, strip: Strip | None = None, *, channels: int = 2, sound: str | None = None) -> Track:
    """Return a track whose hash comes from the name of its sound, which is its own name unless said."""
    mark = hashlib.sha256((sound or name).encode()).hexdigest()
    return Track.model_validate(
        {"id": name, "name": name, "sha256": mark, "channels": channels, "strip": strip or Strip()}
    )


def song(tracks: Sequence[Track], *, frames: int, buses: Sequence[Bus] = ()) -> Mix:
    return Mix(
        engine=Engine(version="0"),
        song=Song(title="test", sample_rate_hz=RATE_HZ, frames=frames),
        tracks=tuple(tracks),
        buses=tuple(buses),
        budget=Budget(name="balanced"),
    )


def with_strip(mix: Mix, track_id: str, **fields: object) -> Mix:
    """Return the mix with fields of one strip changed."""
    tracks = tuple(
        one.model_copy(update={"strip": one.strip.model_copy(update=fields)}) if one.id == track_id else one
        for one in mix.tracks
    )
    return mix.model_copy(update={"tracks": tracks})


def hear(
    mix: Mix, sources: Mapping[str, Audio], point: str = "mix", *, threads: int = 1, block_frames: int = 65_536
) -> Samples:
    """Render the whole song and return a point of it."""
    recorder = Recorder()
    with Renderer(sources, threads=threads, block_frames=block_frames) as renderer:
        renderer.render(mix, listeners={point: [recorder]})
    return recorder.samples


def busy_song(*, duration_s: float = 6.0) -> tuple[Mix, dict[str, Audio]]:
    """Return a song with a bit of everything: mono, latency, keys, lanes, a group, an effect, pauses."""
    frames = round(duration_s * RATE_HZ)
    sources = {
        name: noise(duration_s=duration_s, channels=1 if name in ("kick", "voice") else 2, seed=seed)
        for seed, name in enumerate(("kick", "bass", "voice", "pad", "room"))
    }
    sources["voice"].samples[:, 50_000:90_123] = 0
    sources["pad"].samples[:, : 3 * frames // 4] = 0
    bell, shelf = Band(frequency_hz=400, gain_db=-3, q=1.2), Band(shape="high_shelf", frequency_hz=8000, gain_db=3)
    limit = insert(TruePeakLimiter(drive_db=6, ceiling_dbtp=-6, lookahead_ms=5))
    duck = insert(Compressor(threshold_db=-40, ratio=4, lookahead_ms=2), slot="dynamics", key="kick", name="duck")
    voice = Strip(
        trim_db=-2.5, polarity_inverted=True, delay_frames=-77,
        inserts=(insert(Equaliser(bands=(bell, shelf)), slot="cleanup"), insert(Compressor(), slot="dynamics"), insert(DeEsser())),
        fader_db=lane((0.5, 0), (1.7, -9), (2.0, -120)), pan=lane((0, -0.4), (3, 0.8), law="linear_gain"),
        sends=(Send(bus="echo", level_db=lane((0, -10), (2, -3))),), output="front",
    )  # fmt: skip
    strips = {
        "kick": Strip(inserts=(insert(Gain(gain_db=2), slot="cleanup"), limit), fader_db=lane((0, -6)), output="front"),
        "bass": Strip(inserts=(duck,), pan=lane((0, 0.3), law="linear_gain"), delay_frames=500),
        "voice": voice,
        "pad": Strip(
            width=1.6, inserts=(insert(Compressor(lookahead_ms=3)),), sends=(Send(bus="echo", level_db=lane((0, -6))),)
        ),
        "room": Strip(mute=lane((0, 0), (1.0, 1), (2.5, 0), law="hold")),
    }
    buses = (
        Bus(
            id="front",
            name="Front",
            inserts=(insert(Multiband(low=Compressor(lookahead_ms=1))), limit),
            fader_db=lane((0, -1), (4, 1)),
        ),
        Bus(
            id="echo",
            name="Echo",
            kind="effect",
            inserts=(insert(Equaliser(bands=(bell,))),),
            fader_db=lane((0, -3)),
            output="front",
        ),
    )
    tracks = [track(name, strips[name], channels=sound.channels) for name, sound in sources.items()]
    return song(tracks, frames=frames, buses=buses), sources
