"""Songs in which something covers something else, made of shaped noise."""

import itertools

import numpy as np

from tests.facts import audio, changed, shaped_noise, song_facts, track_facts
from tonmeister.audio import Audio
from tonmeister.document.facts import SongFacts
from tonmeister.document.mix import Section

Shape = list[tuple[float, float]]

LEAD: Shape = [(20, -60), (200, -10), (300, 0), (4000, 0), (6000, -20), (20_000, -60)]
COVER: Shape = [(20, -30), (80, 0), (600, 0), (700, -8), (3000, -8), (4000, -30), (20_000, -60)]
"""Strong where it needs to be (80 to 600 Hz), and in the way above."""
KICK: Shape = [(20, -40), (45, 0), (70, 0), (110, -20), (200, -40), (20_000, -70)]
BASS: Shape = [(20, -40), (60, -6), (90, 0), (180, 0), (400, -20), (20_000, -70)]
DURATION_S = 24.0


def covered(*, gap_db: float = 12.0, premixed: bool = False, **fields: object) -> SongFacts:
    """Return a lead and a pad over it by so many dB; fields are those of the pad's track."""
    vox = track_facts("vox", shaped_noise(LEAD, rms_db=-30), "lead vocal")
    pad = changed(track_facts("pad", shaped_noise(COVER, rms_db=-30 + gap_db, seed=1), "keys"), **fields)
    return song_facts([vox, pad], premixed=premixed)


def gated(sound: Audio, *, on_s: float, off_s: float) -> Audio:
    """Return the sound in bursts."""
    phase = (np.arange(sound.frames) / sound.sample_rate_hz) % (on_s + off_s)
    return audio(sound.samples.astype(np.float64) * (phase < on_s))


def comes_and_goes() -> SongFacts:
    """Return a lead that sings half of the time, over a pad that plays all the time."""
    vox = track_facts(
        "vox", gated(shaped_noise(LEAD, rms_db=-30, duration_s=DURATION_S), on_s=4, off_s=4), "lead vocal"
    )
    pad = track_facts("pad", shaped_noise(COVER, rms_db=-13, seed=1, duration_s=DURATION_S), "keys")
    return song_facts([vox, pad])


def pair(*, bass: Shape = BASS, gap_db: float = 6.0) -> SongFacts:
    """Return a kick and a bass over it by so many dB."""
    kick = track_facts(
        "kick", gated(shaped_noise(KICK, rms_db=-24, duration_s=DURATION_S), on_s=0.1, off_s=0.4), "kick"
    )
    low = track_facts("bass", shaped_noise(bass, rms_db=-24 + gap_db, seed=2, duration_s=DURATION_S), "bass")
    return song_facts([kick, low])


def in_sections(facts: SongFacts, borders_s: list[float]) -> SongFacts:
    """Return the song with sections between these borders."""
    found = tuple(
        Section(id=f"s{n}", label="section", start_s=a, end_s=b, confidence=1.0)
        for n, (a, b) in enumerate(itertools.pairwise(borders_s))
    )
    return SongFacts(song=facts.song.model_copy(update={"sections": found}), tracks=facts.tracks)
