"""Repairs as inserts: seconds of latency are taken out, and blocks and threads change no byte."""

import numpy as np
import pytest

from tests.render.songs import hear, insert, song, track
from tests.sounds import RATE_HZ, drums, noise
from tonmeister.audio import Audio
from tonmeister.document.strip import Strip
from tonmeister.processing import Denoiser, Dereverb, Processor
from tonmeister.processing.denoiser import denoise
from tonmeister.processing.dereverb import dereverberate

NOISE = Denoiser(profile=((20.0, -85.0), (20_000.0, -85.0)), wander_db=0)
ROOM = Dereverb(decay_s=0.3)


@pytest.mark.parametrize("repair", [NOISE, ROOM], ids=["noise", "room"])
def test_a_repair_in_the_mix_is_the_repair_of_the_file(repair: Processor) -> None:
    """The mix is the repaired track plus the other one, each at its place; -120 dB leaves room for the sums' rounding."""
    seconds = 3
    sources = {
        "noisy": Audio(
            drums(duration_s=seconds, channels=2).samples + noise(rms_db=-45, duration_s=seconds, channels=2).samples,
            RATE_HZ,
        ),
        "other": noise(rms_db=-40, duration_s=seconds, channels=2, seed=3),
    }
    strip = Strip(inserts=(insert(repair, slot="cleanup"),))
    mix = song([track("noisy", strip), track("other")], frames=seconds * RATE_HZ)
    done = denoise(sources["noisy"], repair) if isinstance(repair, Denoiser) else dereverberate(sources["noisy"], ROOM)
    heard = hear(mix, sources)[:, : seconds * RATE_HZ]  # a repair may ring for part of a frame
    expected = done.samples.astype(np.float64) + sources["other"].samples
    assert np.abs(heard - expected).max() < 1e-6
    assert np.array_equal(hear(mix, sources, threads=2, block_frames=10_240)[:, : seconds * RATE_HZ], heard)
