"""What the lanes of tasks do to sound: a tone stays a tone."""

import numpy as np
import pytest

from tests.sounds import RATE_HZ, sine
from tests.tasks.automation.test_throws import decided
from tests.tasks.automation.test_vocal_rides import ride_of, uneven
from tests.tasks.pacing.test_arrangement import proposals
from tests.tasks.pacing.test_pacing import formed, paced
from tests.tasks.pacing.test_scene_settings import delay_moves, with_moves
from tonmeister.audio import Samples
from tonmeister.document.lane import Lane
from tonmeister.document.move import FaderChange, Move, MuteChange, SendChange, SendRideChange, WidthChange
from tonmeister.processing.fader import fade, gain_curve, plain_curve

MOST_DB = -70.0
"""What a lane may leave outside a third octave around a tone, or around a third octave of noise."""


def lanes() -> dict[str, Lane]:
    """Return lanes of every kind that tasks make, from songs that are hard on them."""
    moves: list[Move] = [
        *paced(formed(), "second-chorus-bigger"),
        *paced(formed(), "slow-burn"),
        *proposals(),
        *decided(1.6)[1],
        *with_moves("slow-burn", *delay_moves())[1].values(),
    ]
    found = {"ride": ride_of(uneven([0.0, -9.0, 6.0, -9.0, 9.0, -9.0]))[1]}
    for place, move in enumerate(moves):
        match move.change:
            case (
                FaderChange(change_db=lane)
                | SendRideChange(change_db=lane)
                | MuteChange(mute=lane)
                | WidthChange(width=lane)
            ):
                found[f"{place} {move.id}"] = lane
            case SendChange(send=send):
                found[f"{place} {move.id}"] = send.level_db
    return {name: lane for name, lane in found.items() if not lane.is_constant}


def ridden(sound: Samples, lane: Lane, *, is_mute: bool) -> Samples:
    frames = [point.time_s * RATE_HZ for point in lane.points]
    values = [point.value for point in lane.points]
    if is_mute:
        return fade(sound, start_frame=0, gains=(plain_curve(frames, [1 - value for value in values]),))
    return fade(sound, start_frame=0, gains=(gain_curve(frames, values, law=lane.law),))


def outside_db(sound: Samples) -> float:
    """Return the power further than a third octave from 1 kHz against all power."""
    wave = sound[0].astype(np.float64)
    phase = 2 * np.pi * np.arange(wave.size) / wave.size
    window = 0.35875 - 0.48829 * np.cos(phase) + 0.14128 * np.cos(2 * phase) - 0.01168 * np.cos(3 * phase)
    power = np.abs(np.fft.rfft(wave * window)) ** 2
    hz = np.fft.rfftfreq(wave.size, 1 / RATE_HZ)
    far = (hz < 1000 * 2 ** (-1 / 3)) | (hz > 1000 * 2 ** (1 / 3))
    return float(10 * np.log10(power[far].sum() / power.sum()))


def narrow_noise(duration_s: float) -> Samples:
    """Return pink noise of a third octave around 1 kHz."""
    size = round(duration_s * RATE_HZ)
    hz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    phases = np.exp(2j * np.pi * np.random.default_rng(3).random(hz.size))
    inside = (hz > 1000 * 2 ** (-1 / 6)) & (hz < 1000 * 2 ** (1 / 6))
    wave = np.fft.irfft(np.where(inside, phases / np.sqrt(np.maximum(hz, 1)), 0), size)
    return np.ascontiguousarray(0.1 * wave / wave.std(), dtype=np.float32)[None]


@pytest.fixture(scope="module")
def made() -> dict[str, Lane]:
    return lanes()


@pytest.mark.parametrize("kind", ["tone", "noise"])
def test_a_lane_leaves_nothing_beside_a_tone(made: dict[str, Lane], kind: str) -> None:
    """Bar 1: at most -70 dB outside a third octave either way."""
    sound = sine(frequency_hz=1000, peak_db=-12, duration_s=28).samples[:1] if kind == "tone" else narrow_noise(28)
    assert len(made) >= 5
    left = {
        name: outside_db(ridden(sound, lane, is_mute=name.endswith((".breath", ".stop"))))
        for name, lane in made.items()
    }
    assert max(left.values()) <= MOST_DB, left


def test_a_step_would_fail_this() -> None:
    """The test can fail: a hold of 6 dB leaves more."""
    step = Lane.model_validate({"law": "hold", "points": [{"time_s": 0, "value": 0}, {"time_s": 3.001, "value": -12}]})
    assert (
        outside_db(ridden(sine(frequency_hz=1000, peak_db=-12, duration_s=6).samples[:1], step, is_mute=False))
        > MOST_DB
    )
