"""What is predicted for a strip is what its rendering measures."""

import numpy as np
import pytest

from tests.facts import audio, tiny_tracks, track_facts
from tests.tiny_song import RATE_HZ, stem
from tonmeister.analysis.loudness import integrated_from_energies
from tonmeister.audio import Audio
from tonmeister.document.strip import Insert, Strip
from tonmeister.processing import Band, Compressor, Equaliser, Processor
from tonmeister.processing.registry import make_stream
from tonmeister.processing.stream import run_stream
from tonmeister.tasks.prediction import mean_change_db, predict_heard


def real(sound: Audio, strip: Strip) -> Audio:
    """Return the sound behind the strip's chain."""
    here = Audio(sound.samples * np.float32(10 ** (strip.trim_db / 20)), sound.sample_rate_hz)
    for insert in strip.inserts:
        here = run_stream(here, make_stream(insert.processor, sample_rate_hz=RATE_HZ, channels=here.channels))
    return here


@pytest.mark.parametrize("name", ["Bass DI.wav", "Keys.wav", "Lead Vox.wav"])
@pytest.mark.parametrize(
    ("processor", "tolerance_lu"),
    [
        (
            Equaliser(
                bands=(Band(frequency_hz=300, gain_db=-4, q=1), Band(shape="high_shelf", frequency_hz=4000, gain_db=3))
            ),
            0.3,
        ),
        (Compressor(threshold_db=-20, ratio=2, attack_ms=10, release_ms=80), 1.0),  # the static curve knows no times
    ],
    ids=["equaliser", "compressor"],
)
def test_the_loudness_of_a_strip_is_foreseen(name: str, processor: Processor, tolerance_lu: float) -> None:
    strip = Strip(trim_db=3.0, inserts=(Insert(id="it", slot="tone", processor=processor),))
    source = audio(stem(name))
    rendered = track_facts("x", real(source, strip), "keys")
    foreseen = predict_heard(track_facts("x", source, "keys"), strip, sample_rate_hz=RATE_HZ)
    found = integrated_from_energies(foreseen.energies_100ms)
    assert found == pytest.approx(rendered.figures.loudness.integrated_lufs, abs=tolerance_lu)


def test_without_a_chain_what_is_foreseen_is_what_was_measured() -> None:
    facts = tiny_tracks()["keys"]
    foreseen = predict_heard(facts, Strip(), sample_rate_hz=RATE_HZ)
    np.testing.assert_allclose(foreseen.energies_100ms, facts.curves.energies_100ms, rtol=1e-9)
    np.testing.assert_allclose(foreseen.erb_power, facts.curves.erb_power * 2, rtol=1e-6)  # both channels


def test_a_level_is_no_change_of_the_spectrum() -> None:
    everything = Band(shape="high_shelf", frequency_hz=10, gain_db=6)
    assert mean_change_db([everything], sample_rate_hz=RATE_HZ) < 0.05
    assert mean_change_db([], sample_rate_hz=RATE_HZ) == 0
    assert mean_change_db([Band(frequency_hz=1000, gain_db=-4, q=1)], sample_rate_hz=RATE_HZ) > 0.3
