"""Repairs as inserts: seconds of latency are taken out, and blocks and threads change no byte."""

import numpy as np
import pytest

from tests.render.songs import hear, insert, song, track, with_strip
from tests.sounds import RATE_HZ, drums, noise
from tonmeister.audio import Audio
from tonmeister.document.strip import Strip
from tonmeister.processing import Declick, Dehum, Denoiser, Dereverb, Processor
from tonmeister.processing.declick import declick
from tonmeister.processing.dehum import HumLine, dehum
from tonmeister.processing.denoiser import denoise
from tonmeister.processing.dereverb import dereverberate
from tonmeister.processing.regions import Region

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


def test_settings_of_the_file_hold_in_a_strip_that_is_late_louder_and_upside_down() -> None:
    """Trim, polarity, time stamp and delay are known to the renderer, not to the settings; -100 dBFS for another level's rounding."""
    seconds, late = 3, 12_000
    line = HumLine(multiple=1, knot_s=1.0, cosine=((0.01, 0.02, 0.01),), sine=((0.0, 0.01, 0.0),))
    hum = Dehum(frequency_hz=50, knot_s=1.0, phase_turns=(0.0, 0.05, 0.0), lines=(line,))
    click = Declick(regions=(Region(start_s=0.5, end_s=0.5003), Region(start_s=1.7, end_s=1.7002)))
    sound = Audio(
        drums(duration_s=seconds, channels=2).samples + noise(rms_db=-60, channels=2, duration_s=seconds).samples,
        RATE_HZ,
    )
    chain = (insert(hum, slot="cleanup"), insert(click, slot="cleanup"))
    strip = Strip(inserts=chain, trim_db=-6.0, polarity_inverted=True, delay_frames=late // 2)
    placed = track("late", strip).model_copy(update={"start_frame": late - late // 2})
    mix = song([placed], frames=seconds * RATE_HZ + late)
    mended = declick(dehum(sound, hum), click).samples * np.float32(-(10 ** (-6 / 20)))
    heard = hear(mix, {"late": sound}, "tap:late")[:, late : late + seconds * RATE_HZ]
    assert np.abs(heard - mended).max() < 1e-5
    moved = with_strip(mix, "late", trim_db=0.0, polarity_inverted=False)
    again = hear(moved, {"late": sound}, "tap:late")[:, late : late + seconds * RATE_HZ]
    assert np.abs(again - declick(dehum(sound, hum), click).samples).max() < 1e-5
