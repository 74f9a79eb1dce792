"""The demo song as it came from the rehearsal room: recorded, unbalanced, with its faults."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tonmeister.audio import Audio
from tonmeister.demo import faults
from tonmeister.demo.score import (
    BEATS_PER_BAR,
    FULL_FORM,
    KEY,
    SAMPLE_RATE_HZ,
    TEMPO_BPM,
    TITLE,
    Form,
    Mono,
    Score,
    Stereo,
    lay_out,
    player_rng,
    seconds,
)  # fmt: skip
from tonmeister.demo.stage import PARTS, Part, perform
from tonmeister.demo.truth import Fault, Masking, TrueChord, TruePhrase, TrueSection, TrueTrack, Truth

Progress = Callable[[str, int, int], None]
"""Called with the file name of a track that is finished, how many are, and how many there will be."""

NOISE_FLOOR_DBFS = -86.0
"""RMS noise of a microphone and its amplifier."""


@dataclass(frozen=True, slots=True, eq=False)
class DemoSong:
    """The stems, by file name, and what is true of them."""

    tracks: dict[str, Audio]
    truth: Truth


def render_song(seed: int = 1, *, form: Form = FULL_FORM, progress: Progress | None = None) -> DemoSong:
    """Make the demo song: 20 tracks of 48 kHz; the same seed and form give the same bytes.

    Args:
        seed: Another seed is another performance of the same song.
        form: Sections and their bars; SHORT_FORM is quick.
        progress: Called after each track.

    Raises:
        ValueError: If the form has no chorus of two bars or more, the one section in which everybody plays.
    """
    if not any(kind == "chorus" and bars >= 2 for kind, bars in form):
        raise ValueError("A form needs a chorus of at least two bars.")
    score = lay_out(form)
    tracks: dict[str, Audio] = {}
    found: list[Fault] = []
    rows: list[TrueTrack] = []
    phrases: list[TruePhrase] = []
    for part, sound, sung in perform(score, seed=seed):
        recorded, gain_db = _record(np.atleast_2d(sound), part, score, seed)
        spoiled, planted = _spoil(recorded, part.file_name, sung, seed)
        found += planted
        phrases += sung
        tracks[part.file_name] = Audio(np.ascontiguousarray(spoiled, dtype=np.float32), SAMPLE_RATE_HZ)
        rows.append(_describe(part, spoiled, balance_gain_db=round(part.gain_db - gain_db, 3)))
        if progress is not None:
            progress(part.file_name, len(tracks), len(PARTS))
    found.append(_masking(tracks, rows, phrases, score))
    return DemoSong(tracks, _write_truth(score, seed, rows, phrases, found))


def _record(sound: Stereo, part: Part, score: Score, seed: int) -> tuple[Stereo, float]:
    """Return the sound (channels, frames) at the level it was recorded with, and the gain in dB that this took."""
    if part.file_name == "Rhodes.wav":
        sound = faults.brighten(sound, _section_spans(score, "chorus"))
    gain_db = part.peak_dbfs - 20.0 * math.log10(float(np.abs(sound).max()))
    recorded = sound * 10.0 ** (gain_db / 20.0)
    if part.microphone:
        floor = player_rng(seed, f"floor of {part.file_name}").standard_normal(sound.shape, dtype=np.float32)
        floor *= np.float32(10.0 ** (NOISE_FLOOR_DBFS / 20.0))
        recorded += floor
    return recorded, gain_db


def _section_spans(score: Score, kind: str) -> list[tuple[float, float]]:
    return [(seconds(s.start_beat), seconds(s.end_beat)) for s in score.sections if s.kind == kind]


def _active(frames: int, phrases: list[TruePhrase]) -> np.ndarray:
    active = np.zeros(frames, dtype=bool)
    for phrase in phrases:
        active[round(phrase.start_s * SAMPLE_RATE_HZ) : round(phrase.end_s * SAMPLE_RATE_HZ)] = True
    return active


def _spoil(sound: Stereo, name: str, sung: list[TruePhrase], seed: int) -> tuple[Stereo, list[Fault]]:
    """Plant the faults of one track."""
    rng = player_rng(seed, f"fault of {name}")
    if name == "04_SN Bot.wav":
        flipped, flip = faults.flip(sound, track=name, against="03_SN Top.wav")
        return flipped, [flip]
    if name == "08_OH.wav":
        close = tuple(part.file_name for part in PARTS[:7])
        late, delay = faults.delay(sound, track=name, against=close)
        return late, [delay]
    if name == "GTR L.wav":
        humming, hum = faults.add_hum(sound, track=name, rng=rng)
        return humming, [hum]
    if name == "LdVox Dbl.wav":
        clipped, clipping = faults.clip(sound, track=name)
        return clipped, [clipping]
    if name == "LdVox.wav":
        noisy, noise = faults.add_noise(sound, track=name, active=_active(sound.shape[1], sung), rng=rng)
        rumbling, rumble = faults.add_rumble(noisy, track=name, rng=rng)
        return rumbling, [noise, rumble]
    return sound, []


def _masking(tracks: dict[str, Audio], rows: list[TrueTrack], phrases: list[TruePhrase], score: Score) -> Masking:
    """Measure how far the electric piano covers the voice in the choruses."""
    choruses = _section_spans(score, "chorus")
    spans = [
        (phrase.start_s, phrase.end_s)
        for phrase in phrases
        if phrase.track == "LdVox.wav"
        and any(start <= 0.5 * (phrase.start_s + phrase.end_s) < end for start, end in choruses)
    ]
    levels_db = {}
    for row in rows:
        if row.file_name in ("Rhodes.wav", "LdVox.wav"):
            power = faults.band_power(tracks[row.file_name].samples.astype(np.float64), spans)
            levels_db[row.file_name] = 10.0 * math.log10(power) + row.balance_gain_db
    low_hz, high_hz = faults.MASKING_BAND_HZ
    over_db = round(levels_db["Rhodes.wav"] - levels_db["LdVox.wav"], 2)
    return Masking(
        track="Rhodes.wav", masked="LdVox.wav", low_hz=low_hz, high_hz=high_hz, spans_s=tuple(spans), over_db=over_db
    )


def _describe(part: Part, sound: Mono | Stereo, *, balance_gain_db: float) -> TrueTrack:
    channels = 2 if sound.shape[0] == 2 else 1
    return TrueTrack(
        file_name=part.file_name,
        roles=part.roles,
        family=part.family,
        channels=channels,
        balance_gain_db=balance_gain_db,
    )


def _write_truth(
    score: Score, seed: int, rows: list[TrueTrack], phrases: list[TruePhrase], found: list[Fault]
) -> Truth:
    end_s = score.frames / SAMPLE_RATE_HZ

    def at(beat: float) -> float:
        return round(min(seconds(beat), end_s), 6)

    beats = range(score.bars * BEATS_PER_BAR)
    return Truth(
        title=TITLE,
        seed=seed,
        sample_rate_hz=SAMPLE_RATE_HZ,
        frames=score.frames,
        tempo_bpm=TEMPO_BPM,
        beats_per_bar=BEATS_PER_BAR,
        key=KEY,
        beats_s=tuple(at(beat) for beat in beats),
        bars_s=tuple(at(beat) for beat in beats[::BEATS_PER_BAR]),
        sections=tuple(
            TrueSection(label=s.kind, start_s=at(s.start_beat), end_s=at(s.end_beat), bars=s.bars)
            for s in score.sections
        ),
        chords=tuple(
            TrueChord(name=c.name, start_s=at(c.start_beat), end_s=at(c.start_beat + c.beats)) for c in score.chords()
        ),
        tracks=tuple(rows),
        phrases=tuple(phrases),
        faults=tuple(found),
    )
