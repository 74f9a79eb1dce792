"""What the ear takes a sound for."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tonmeister.analysis.role_sound import (
    LEAST_CONFIDENCE,
    choose,
    describe_sound,
    hear_role,
    hear_roles,
    load_network,
    predict,
    share_families,
)
from tonmeister.analysis.track_meter import TrackMeasurement, measure_track
from tonmeister.audio import Audio
from tonmeister.demo import SHORT_FORM, render_song
from tonmeister.knowledge.rows import roles

RATE_HZ = 44_100


def _measure(sound: NDArray[np.float64]) -> TrackMeasurement:
    return measure_track(Audio(np.atleast_2d(sound).astype(np.float32), RATE_HZ))


def _kicks() -> NDArray[np.float64]:
    t = np.arange(RATE_HZ // 2) / RATE_HZ
    hit = np.sin(2 * np.pi * np.cumsum(50 + 150 * np.exp(-t * 40)) / RATE_HZ) * np.exp(-t * 9)
    return np.tile(hit, 12) * 0.5


def test_the_network_knows_the_roles_of_the_table() -> None:
    network = load_network()
    assert set(network.roles) <= set(roles())
    assert (
        network.mean.size
        == network.scale.size
        == network.hidden.shape[1] - 1
        == describe_sound(_measure(_kicks())).size
    )


def test_probabilities_add_up_and_the_level_does_not_matter() -> None:
    noise = 1e-5 * np.random.default_rng(1).standard_normal(
        _kicks().shape
    )  # without any, rounding is what the top varies by
    kicks = _kicks() + noise
    loud, quiet = hear_roles(_measure(kicks)), hear_roles(_measure(kicks * 0.05))
    assert sum(loud.values()) == pytest.approx(1.0)
    # Half a percent: figures are rounded to hundredths of a decibel before they are heard.
    assert loud == pytest.approx(quiet, abs=5e-3)


def test_kicks_are_drums() -> None:
    assert hear_role(_measure(_kicks())).family == "drums"


def test_silence_is_unknown() -> None:
    guess = hear_role(_measure(np.zeros(RATE_HZ)))
    assert (guess.role, guess.confidence) == ("unknown", 0.0)


def test_nothing_clear_is_unknown() -> None:
    even = dict.fromkeys(("kick", "bass", "electric guitar", "piano", "strings", "brass", "lead vocal", "synth"), 0.125)
    assert choose(even).role == "unknown"
    assert choose(even).confidence < LEAST_CONFIDENCE


def test_the_family_is_chosen_before_the_role() -> None:
    heard = {"kick": 0.2, "snare": 0.25, "toms": 0.15, "bass": 0.4}
    assert share_families(heard)["drums"] == pytest.approx(0.6)
    guess = choose(heard)
    assert (guess.role, guess.family, guess.confidence) == ("snare", "drums", 0.6)


def test_predictions_match_a_plain_reference() -> None:
    network = load_network()
    row = np.random.default_rng(3).standard_normal(network.mean.size).astype(np.float32)
    logs = []
    for hidden, out in zip(network.hidden.astype(np.float64), network.out.astype(np.float64), strict=True):
        units = np.maximum(hidden.T @ np.append(row, 1.0), 0)
        raw = out.T @ np.append(units, 1.0)
        logs.append(raw - np.log(np.exp(raw).sum()))
    expected = np.exp(np.mean(logs, axis=0) / network.temperature)
    # float32 sums of a hundred and forty products
    assert predict(row[None], network)[0] == pytest.approx(expected / expected.sum(), abs=1e-4)


@pytest.mark.slow
def test_most_of_the_demo_song_is_heard_without_names() -> None:
    song = render_song(form=SHORT_FORM)
    truth = {track.file_name: track.family for track in song.truth.tracks}
    right = [hear_role(measure_track(audio)).family == truth[name] for name, audio in song.tracks.items()]
    # The network has heard none of these instruments; docs/roles.md tells what it makes of real stems.
    assert sum(right) >= 0.6 * len(right)
