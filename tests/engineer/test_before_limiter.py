"""What is kept before the limiter is what the whole chain would give it."""

from pathlib import Path

import numpy as np

from tests.sounds import drums, pink_noise
from tonmeister.audio import Audio
from tonmeister.document.strip import Insert, MasterChain
from tonmeister.engineer.before_limiter import is_worth_keeping, kept_before_limiter, only_output
from tonmeister.engineer.listeners import Collector
from tonmeister.files.sound import open_sound
from tonmeister.files.wav import write_wav
from tonmeister.processing import Band, Compressor, Equaliser, TruePeakLimiter
from tonmeister.render import hear_master

LONG = MasterChain(
    inserts=(
        Insert(id="one", slot="corrective", processor=Equaliser(bands=(Band(frequency_hz=80, gain_db=3),))),
        Insert(id="two", slot="corrective", processor=Equaliser(bands=(Band(frequency_hz=4000, gain_db=-3),))),
        Insert(id="three", slot="dynamics", processor=Compressor(threshold_db=-24, ratio=2)),
        Insert(id="limiter", slot="output", processor=TruePeakLimiter(drive_db=9, lookahead_ms=9.5)),
    )
)


def test_a_limiter_gets_the_same_sound_to_the_bit(tmp_path: Path) -> None:
    """The chain's own inserts pass float32 on as the scratch file does."""
    sound = pink_noise(rms_db=-20, duration_s=4, channels=2).samples + drums(duration_s=4, channels=2).samples
    write_wav(tmp_path / "mix.wav", Audio(0.5 * sound, 48_000), encoding="float")
    whole, parts = Collector(), Collector()
    with open_sound(tmp_path / "mix.wav") as mix:
        hear_master(mix, LONG, [whole])
        with kept_before_limiter(mix, LONG, cancel=None) as (kept, energies):
            hear_master(kept, only_output(LONG), [parts])
            assert kept.frames == mix.frames
            assert energies.size == 40
    np.testing.assert_array_equal(parts.samples, whole.samples)


def test_a_short_chain_is_run_anew() -> None:
    assert is_worth_keeping(LONG)
    assert not is_worth_keeping(LONG.model_copy(update={"inserts": LONG.inserts[2:]}))
