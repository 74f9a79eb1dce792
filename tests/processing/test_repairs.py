"""What every repair of damage must hold: cutting, silence, shape, input, the bytes of what is not damaged, places in the song."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.sounds import drums, noise, silence
from tonmeister.audio import Audio, Samples
from tonmeister.processing import (
    Azimuth,
    Debleed,
    Debreath,
    Declick,
    Declip,
    Dehum,
    Deplosive,
    Derumble,
    Desibilance,
    Dewind,
    Extender,
    Inpaint,
    Processor,
    RemoveDc,
    Unwow,
)
from tonmeister.processing.debreath import Breath
from tonmeister.processing.dehum import HumLine
from tonmeister.processing.desibilance import Hiss
from tonmeister.processing.dewind import Gust
from tonmeister.processing.regions import Region
from tonmeister.processing.registry import is_neutral, make_stream
from tonmeister.processing.stream import PlacedStream, Stream, run_stream

FRAMES = 6000
RATE_HZ = 48_000
PLACES = (Region(start_s=0.02, end_s=0.021), Region(start_s=0.05, end_s=0.0504, channel=0))
LINE = HumLine(multiple=2, knot_s=0.05, cosine=((0.1, 0.05, 0.1),), sine=((0.0, 0.02, 0.0),))
REPAIRS: dict[str, Processor] = {
    "dehum": Dehum(frequency_hz=50, knot_s=0.03, phase_turns=(0.0, 0.1, 0.05, 0.0, 0.02), lines=(LINE,)),
    "declick": Declick(regions=PLACES),
    "low declick": Declick(regions=PLACES, lowest_hz=700),
    "mouth declick": Declick(regions=PLACES, ringing=True),
    "declip": Declip(ceiling=0.2),
    "deplosive": Deplosive(regions=PLACES),
    "debreath": Debreath(breaths=(Breath(start_s=0.02, end_s=0.06, gain_db=-9),)),
    "debleed": Debleed(edges_hz=(20.0, 1000.0, 20000.0), transfer_db=(-10.0, -12.0)),
    "azimuth": Azimuth(delay_us=30, tilt_db=-2),
    "inpaint": Inpaint(regions=PLACES),
    "remove dc": RemoveDc(offsets=(0.01,), rumble_hz=30),
    "derumble": Derumble(frequency_hz=100),
    "desibilance": Desibilance(hisses=(Hiss(start_s=0.03, end_s=0.05, gain_db=-8),)),
    "dewind": Dewind(gusts=(Gust(start_s=0.03, end_s=0.05, frequency_hz=200),), fade_ms=10),
    "extender": Extender(edge_hz=6000),
    "unwow": Unwow(knot_s=0.02, ahead_ms=(0.0, 0.3, 0.1, -0.3, -0.1, 0.2, 0.0)),
}
SOUND = {
    n: drums(duration_s=FRAMES / RATE_HZ, channels=n).samples + noise(duration_s=FRAMES / RATE_HZ, channels=n).samples
    for n in (1, 2)
}


def stream_of(name: str, channels: int) -> Stream:
    return make_stream(REPAIRS[name], sample_rate_hz=RATE_HZ, channels=channels)


def in_parts(stream: Stream, sound: Samples, cuts: list[int], key: Samples | None) -> Samples:
    borders = sorted({0, sound.shape[1], *cuts})
    parts = []
    for start, end in pairwise(borders):
        key_part = None if key is None else np.ascontiguousarray(key[:, start:end])
        parts.append(stream.process(np.ascontiguousarray(sound[:, start:end]), key_part))
    return np.concatenate(parts, axis=1)


@pytest.mark.parametrize("name", REPAIRS)
@given(cuts=st.lists(st.integers(1, FRAMES - 1), max_size=5), channels=st.sampled_from([1, 2]))
@hypothesis_settings(max_examples=8, deadline=None)
def test_cutting_changes_no_bit(name: str, cuts: list[int], channels: int) -> None:
    """Block size may never change a byte (ARCHITECTURE.md)."""
    key = SOUND[1][:, ::-1].copy() if name == "debleed" else None
    whole = in_parts(stream_of(name, channels), SOUND[channels], [], key)
    parts = in_parts(stream_of(name, channels), SOUND[channels], [*cuts, *(cut + 1 for cut in cuts)], key)
    assert np.array_equal(whole, parts)


@pytest.mark.parametrize("name", REPAIRS)
@pytest.mark.parametrize("channels", [1, 2])
def test_silence_stays_silent_and_the_shape_stays(name: str, channels: int) -> None:
    out = stream_of(name, channels).process(silence(duration_s=0.3, channels=channels).samples)
    assert out.shape == (channels, 14_400)
    assert out.dtype == np.float32
    assert not np.any(out)


@pytest.mark.parametrize("name", REPAIRS)
def test_it_does_something_and_the_input_is_left_as_it_is(name: str) -> None:
    key = Audio(SOUND[1][:, ::-1].copy(), RATE_HZ)
    sound = SOUND[2].copy()
    out = run_stream(Audio(sound, RATE_HZ), stream_of(name, 2), key=key if name == "debleed" else None)
    assert np.isfinite(out.samples).all()
    assert not np.array_equal(out.samples, sound)
    assert np.array_equal(sound, SOUND[2])


@pytest.mark.parametrize("name", REPAIRS)
def test_no_amount_is_neutral_and_returns_the_input_bytes(name: str) -> None:
    off = REPAIRS[name].model_copy(update={"amount": 0.0})
    assert is_neutral(off)
    out = run_stream(Audio(SOUND[2], RATE_HZ), make_stream(off, sample_rate_hz=RATE_HZ, channels=2))
    assert np.array_equal(out.samples, SOUND[2])


@pytest.mark.parametrize("rate_hz", [44_100, 96_000])
@pytest.mark.parametrize("name", REPAIRS)
def test_it_runs_at_other_rates(name: str, rate_hz: int) -> None:
    stream = make_stream(REPAIRS[name], sample_rate_hz=rate_hz, channels=1)
    out = run_stream(noise(duration_s=0.2, sample_rate_hz=rate_hz), stream)
    assert np.isfinite(out.samples).all()


@pytest.mark.parametrize("name", ["declick", "deplosive", "debreath", "desibilance", "dewind", "inpaint"])
def test_all_but_the_marked_places_keeps_its_bytes(name: str) -> None:
    """Margins and fades reach 15 ms at most."""
    out = run_stream(Audio(SOUND[2], RATE_HZ), stream_of(name, 2)).samples
    away = np.ones(FRAMES, np.bool_)
    away[round(0.005 * RATE_HZ) : round(0.075 * RATE_HZ)] = False
    assert np.array_equal(out[:, away], SOUND[2][:, away])


@pytest.mark.parametrize(
    "name", ["declick", "deplosive", "debreath", "desibilance", "dewind", "inpaint", "dehum", "unwow"]
)
def test_a_stream_that_starts_later_in_the_song_does_the_same_there(name: str) -> None:
    """The renderer makes fresh streams where sound begins again; 900 frames before the places lie outside their context."""
    shifted = REPAIRS[name].model_copy(update={"start_s": 0.5})
    late = round(0.5 * RATE_HZ)
    stream = make_stream(shifted, sample_rate_hz=RATE_HZ, channels=2, start_frame=late)
    assert isinstance(stream, PlacedStream)
    here = run_stream(Audio(SOUND[2], RATE_HZ), stream).samples
    there = run_stream(Audio(SOUND[2], RATE_HZ), stream_of(name, 2)).samples
    assert np.array_equal(here, there)
