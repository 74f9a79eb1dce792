"""The depth of the clip stage is chosen by what is heard of it."""

import numpy as np
import pytest

from tonmeister.audio import Audio
from tonmeister.engineer.clip_stage import ClipStage
from tonmeister.engineer.clip_trial import choose_clip, distortion_db
from tonmeister.processing import TruePeakLimiter
from tonmeister.processing.limiter import limit

RATE_HZ = 48_000
LIMITER = TruePeakLimiter(ceiling_dbtp=-1.0, drive_db=12.0, release_ms=120.0, lookahead_ms=9.5)


def music(spikes: int, *, over: float) -> Audio:
    """Return noise with hits of 1 ms that stand so far over it."""
    rng = np.random.default_rng(3)
    sound = rng.normal(0, 0.05, (2, 6 * RATE_HZ))
    hit = np.hanning(48) * over
    for at in np.linspace(RATE_HZ, 5.5 * RATE_HZ, spikes).astype(int):
        sound[:, at : at + 48] += hit
    return Audio(sound.astype(np.float32), RATE_HZ)


def behind(stage: ClipStage, sound: Audio) -> float:
    return distortion_db(sound, limit(stage.clip(sound, LIMITER), LIMITER))


@pytest.mark.parametrize(("spikes", "over"), [(1, 0.9), (40, 0.5)])
def test_no_depth_on_trial_distorts_less_than_the_one_chosen(spikes: int, over: float) -> None:
    """0.01 dB is what the comparison rounds to."""
    sound = music(spikes, over=over)
    chosen = choose_clip(sound, LIMITER, 2.5)
    highest_db = 20 * np.log10(np.abs(sound.samples).max())
    for depth in (0.0, 4.0):
        other = ClipStage(2.5, max(round(float(highest_db) - depth, 2), chosen.floor_db if depth else -200.0))
        assert behind(chosen, sound) <= behind(other, sound) + 0.01


def test_where_the_drive_reaches_no_peak_nothing_is_clipped() -> None:
    sound = music(4, over=0.3)
    quiet = LIMITER.model_copy(update={"drive_db": -20.0})
    assert np.array_equal(choose_clip(sound, quiet, 2.5).clip(sound, quiet).samples, sound.samples)


def test_a_fader_is_no_distortion_and_a_cut_wave_is() -> None:
    """A gain that moves by 6 dB over six seconds leaves less than -60 dB."""
    sound = music(10, over=0.5)
    fade = np.linspace(1.0, 0.5, sound.samples.shape[1], dtype=np.float32)
    assert distortion_db(sound, Audio(sound.samples * fade, RATE_HZ)) < -60
    assert distortion_db(sound, Audio(np.clip(sound.samples, -0.05, 0.05), RATE_HZ)) > -25
