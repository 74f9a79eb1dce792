"""The reinforcer against a sum written out."""

from itertools import pairwise

import numpy as np
import pytest

from tests.sounds import noise
from tonmeister.audio import Audio
from tonmeister.processing.reinforcer import Reinforcer, ReinforcerStream, is_neutral, pack_hit, reinforce, unpack_hit

RATE_HZ = 48_000
HIT = (np.exp(-np.arange(4800) / 800) * np.sin(np.arange(4800) / 20))[None].astype(np.float32) * 0.5
SETTINGS = Reinforcer(places=((0.25, 0.5), (0.3, -0.25), (0.9, 1.0)), hit=pack_hit(HIT), gain=2.0, start_s=0.05)


def test_a_hit_comes_back_from_its_text_within_16_bits_but_for_the_fade() -> None:
    again = unpack_hit(pack_hit(HIT))
    np.testing.assert_allclose(again[0, :3840], HIT[0, :3840], atol=1 / 32767)
    assert again[0, -1] == 0


def test_each_place_gets_the_hit_times_its_factor_and_the_trim() -> None:
    """Hits overlap and add; one that begins before the end of the file is cut there."""
    audio = noise(rms_db=-40, duration_s=1, channels=2)
    want = audio.samples.astype(np.float64)
    hit = unpack_hit(SETTINGS.hit)[0]
    for time_s, factor in SETTINGS.places:
        start = round((time_s + 0.05) * RATE_HZ)
        part = hit[: want.shape[1] - start] * factor * 2
        want[:, start : start + part.size] += part
    np.testing.assert_allclose(reinforce(audio, SETTINGS).samples, want, atol=1e-6)


def test_cutting_changes_no_bit_and_a_late_start_is_the_same_place() -> None:
    sound = noise(rms_db=-40, duration_s=1, channels=2).samples
    whole = ReinforcerStream(SETTINGS, sample_rate_hz=RATE_HZ, channels=2).process(sound)
    stream = ReinforcerStream(SETTINGS, sample_rate_hz=RATE_HZ, channels=2)
    borders = [0, 1, 14_500, 14_501, 20_000, sound.shape[1]]
    parts = [stream.process(np.ascontiguousarray(sound[:, a:b])) for a, b in pairwise(borders)]
    assert np.array_equal(np.concatenate(parts, axis=1), whole)
    late = ReinforcerStream(SETTINGS, sample_rate_hz=RATE_HZ, channels=2)
    late.start_at(15_000)
    assert np.array_equal(late.process(np.ascontiguousarray(sound[:, 15_000:])), whole[:, 15_000:])


@pytest.mark.parametrize(
    "settings", [Reinforcer(), Reinforcer(places=((0.1, 1.0),)), Reinforcer(hit=pack_hit(HIT), places=((0.1, 0.0),))]
)
def test_neutral_settings_return_the_input_bytes(settings: Reinforcer) -> None:
    audio: Audio = noise(duration_s=0.2, channels=2)
    assert is_neutral(settings)
    assert np.array_equal(reinforce(audio, settings).samples, audio.samples)
