"""Songs as tasks see them: sounds made by code, measured by the real meter."""

from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from tests.sounds import RATE_HZ, pink_noise
from tests.tiny_song import stem
from tonmeister.analysis.track_meter import TrackMeasurement, measure_track
from tonmeister.audio import Audio
from tonmeister.document.facts import MicPair, SongFacts, TrackFacts
from tonmeister.document.mix import Brief, Budget, Mix, Song, Track
from tonmeister.document.move import Move
from tonmeister.engineer.decide import open_mix, predict_all, read_budget
from tonmeister.knowledge import role as role_row
from tonmeister.tasks import Propose, Work

Wave = NDArray[np.float64]


def audio(wave: Wave, *, gain_db: float = 0.0) -> Audio:
    """Return (channels, frames) or (frames,) as sound."""
    return Audio(np.ascontiguousarray(np.atleast_2d(wave) * 10 ** (gain_db / 20), dtype=np.float32), RATE_HZ)


def shaped_noise(
    levels_db: Sequence[tuple[float, float]], *, rms_db: float = -20.0, seed: int = 0, duration_s: float = 4.0
) -> Audio:
    """Return noise whose third octaves have these (Hz, dB), straight lines over log frequency between them."""
    pink = pink_noise(rms_db=0, duration_s=duration_s, seed=seed).samples[0].astype(np.float64)
    hz = np.maximum(np.fft.rfftfreq(pink.size, 1 / RATE_HZ), 1.0)
    points = np.array(levels_db)
    gain = 10 ** (np.interp(np.log2(hz), np.log2(points[:, 0]), points[:, 1]) / 20)
    wave = np.fft.irfft(np.fft.rfft(pink) * gain, pink.size)
    return audio(wave / np.sqrt(np.mean(wave**2)), gain_db=rms_db)


def track_facts(name: str, sound: Audio, role: str, **fields: object) -> TrackFacts:
    """Return the facts of a sound under a role; fields are those of Track."""
    measured = _measure(sound.samples.tobytes(), sound.channels)
    row = role_row(role)
    is_mono = sound.channels == 1 or measured.figures.stereo.dual_mono
    track = Track.model_validate(
        {
            "id": name, "name": f"{name}.wav", "sha256": sha256(sound.samples.tobytes()).hexdigest(), "channels": 1 if is_mono else 2,
            "role": role, "family": row.family, "role_confidence": 0.9, "priority": row.priority, **fields,
        }
    )  # fmt: skip
    return TrackFacts(track, measured.figures, measured.curves)


def song_facts(
    tracks: Sequence[TrackFacts],
    *,
    premixed: bool = False,
    pairs: tuple[MicPair, ...] = (),
    tempo_bpm: float | None = 120.0,
) -> SongFacts:
    """Return a song of these tracks, in the order in which listening puts them."""
    ordered = sorted(tracks, key=lambda t: (t.track.family, t.track.role, t.track.sha256, t.track.id))
    frames = max((track.figures.frames for track in tracks), default=RATE_HZ)
    song = Song(sample_rate_hz=RATE_HZ, frames=frames, tempo_bpm=tempo_bpm, tempo_confidence=0.9 if tempo_bpm else 0.0)
    return SongFacts(song=song, tracks=tuple(ordered), pairs=pairs, is_premixed=premixed)


def open_song(facts: SongFacts, *, budget: str | Budget = "balanced", brief: Brief | None = None) -> Mix:
    """Return the document before any move."""
    limits = budget if isinstance(budget, Budget) else read_budget(budget)
    return open_mix(facts, (), brief=brief or Brief(), budget=limits)


def ask(propose: Propose, facts: SongFacts, *, budget: str | Budget = "balanced", mix: Mix | None = None) -> list[Move]:
    """Return what one task proposes for a song on which nothing was done, or for this document."""
    document = mix or open_song(facts, budget=budget)
    return list(propose(Work(facts=facts, mix=document, heard=predict_all(document, facts))))


@cache
def tiny_tracks() -> Mapping[str, TrackFacts]:
    """Return the facts of the tiny song by id."""
    roles = {
        "Kick": "kick",
        "Snare": "snare",
        "Bass DI": "bass",
        "Keys": "keys",
        "Gtr L": "electric guitar",
        "Lead Vox": "lead vocal",
    }
    return {
        name.lower().replace(" ", "-"): track_facts(name.lower().replace(" ", "-"), audio(stem(f"{name}.wav")), role)
        for name, role in roles.items()
    }


def changed(track: TrackFacts, **fields: object) -> TrackFacts:
    """Return the facts with fields of their Track changed."""
    return TrackFacts(track.track.model_copy(update=fields), track.figures, track.curves)


@cache
def _measure(samples: bytes, channels: int) -> TrackMeasurement:
    return measure_track(Audio(np.frombuffer(samples, np.float32).reshape(channels, -1).copy(), RATE_HZ))
