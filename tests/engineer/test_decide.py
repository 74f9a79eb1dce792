"""What is decided for stems that come finished, before anything is rendered."""

from dataclasses import replace

import numpy as np

from tests.facts import audio, open_song, song_facts, track_facts
from tests.sounds import RATE_HZ, pink_noise
from tonmeister.document.facts import SongFacts, TrackFacts
from tonmeister.document.fold import applied_moves
from tonmeister.document.move import InsertChange
from tonmeister.engineer.decide import decide_strips
from tonmeister.processing import Compressor, DeEsser


def wandering(name: str, role: str, *, seed: int, channels: int) -> TrackFacts:
    """Return a track whose level goes up and down by 14 dB every second: a compressor's work."""
    sound = np.stack([
        pink_noise(rms_db=-22, duration_s=8, seed=seed + channel).samples[0].astype(np.float64) for channel in range(channels)
    ])  # fmt: skip
    loud = (np.arange(sound.shape[1]) // RATE_HZ) % 2 == 0
    return track_facts(name, audio(sound * np.where(loud, 1.0, 0.2)), role)


def squeezed(facts: SongFacts) -> set[str | None]:
    """Return the tracks that get a compressor or a de-esser."""
    moves = applied_moves(decide_strips(open_song(facts), facts).moves)
    changes = ((move.where.track, move.change) for move in moves)
    return {
        track
        for track, change in changes
        if isinstance(change, InsertChange) and isinstance(change.insert.processor, Compressor | DeEsser)
    }


def test_finished_stereo_stems_keep_their_dynamics_where_only_their_balance_is_made_anew() -> None:
    stereo = [wandering(name, role, seed=seed, channels=2) for name, role, seed in STEMS]
    mono = wandering("bass", "bass", seed=90, channels=1)
    raw = song_facts([*stereo, mono])
    produced = replace(raw, premixed_evidence={"stereo_share": 0.75})
    assert not produced.is_premixed
    assert squeezed(raw) >= {"vox", "guitar", "bass"}
    assert squeezed(produced) == {"bass"}


STEMS = (("vox", "lead vocal", 10), ("guitar", "electric guitar", 20), ("keys", "keys", 30))
