import numpy as np

from tests.facts import ask, audio, song_facts, track_facts
from tests.sounds import noise, pink_noise
from tonmeister.document.move import InsertChange
from tonmeister.processing import DeEsser
from tonmeister.tasks import dynamics


def test_esses_louder_than_the_vowels_are_softened() -> None:
    """A voice with an s of 6 kHz noise in each second."""
    voice = pink_noise(rms_db=-24, duration_s=8).samples[0].astype(np.float64)
    low = np.fft.irfft(np.fft.rfft(voice) * (np.fft.rfftfreq(voice.size, 1 / 48_000) < 3000), voice.size)
    hiss = noise(rms_db=-20, duration_s=8, seed=1).samples[0].astype(np.float64)
    hiss = np.fft.irfft(np.fft.rfft(hiss) * (np.abs(np.fft.rfftfreq(voice.size, 1 / 48_000) - 7000) < 1500), voice.size)
    says_s = np.arange(voice.size) % 48_000 > 38_000
    moves = [
        ask(dynamics.propose, song_facts([track_facts("v", audio(low + hiss * gain * says_s), "lead vocal")]))
        for gain in (0, 2.0)
    ]
    found = [[m.change.insert.processor for m in group if isinstance(m.change, InsertChange)] for group in moves]
    assert not any(isinstance(processor, DeEsser) for processor in found[0])
    assert any(isinstance(processor, DeEsser) and processor.range_db == 5 for processor in found[1])
    (move,) = [m for m in moves[1] if m.id.endswith("de-esser")]
    assert move.expects is not None
    assert move.expects.before is not None
    assert 1 <= move.expects.before - move.expects.value <= 3
