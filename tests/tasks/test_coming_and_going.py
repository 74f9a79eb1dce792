"""Tone that is a problem only now and then is cut only then; what always rings gets a steady bell."""

from dataclasses import replace

import numpy as np
import pytest

from tests.facts import ask, shaped_noise, song_facts, track_facts
from tests.tasks.test_equalisation import VOCAL, with_hill
from tonmeister.analysis.rings import Ring
from tonmeister.audio import Audio
from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import BandChange, InsertChange, Move
from tonmeister.engineer.band_trial import measure_insert, tune_moving_band
from tonmeister.processing import DynamicEqualiser
from tonmeister.tasks import equalisation


def harsh_for(share: float) -> Audio:
    """Return ten seconds of a voice that is harsh in its first part."""
    plain, harsh = shaped_noise(VOCAL, duration_s=10), shaped_noise(with_hill(2500, 5500, 16), duration_s=10)
    there = np.arange(plain.frames) < share * plain.frames
    return Audio(np.where(there, harsh.samples, plain.samples), plain.sample_rate_hz)


def moves_of(track: TrackFacts) -> dict[str, Move]:
    return {move.id.rpartition(".")[2]: move for move in ask(equalisation.propose, song_facts([track]))}


def voice_with(ring: Ring) -> TrackFacts:
    return replace(track_facts("vox", shaped_noise(VOCAL), "lead vocal"), rings=(ring,))


@pytest.mark.parametrize(("share", "expected"), [(0.02, set()), (0.25, {"dynamic-harsh"}), (0.8, {"harsh"})])
def test_a_harsh_part_gets_a_moving_band_a_harsh_voice_a_steady_one(share: float, expected: set[str]) -> None:
    assert set(moves_of(track_facts("vox", harsh_for(share), "lead vocal"))) - {"air"} == expected


def test_the_moving_band_does_what_it_promises_after_the_trial_and_leaves_the_rest() -> None:
    sound = harsh_for(0.25)
    move = moves_of(track_facts("vox", sound, "lead vocal"))["dynamic-harsh"]
    assert isinstance(move.change, InsertChange)
    settings = move.change.insert.processor
    assert isinstance(settings, DynamicEqualiser)
    assert -4.0 <= settings.bands[0].range_db <= -1.0
    assert move.expects is not None
    tuned = tune_moving_band(settings, sound, move.expects, skip=0)
    found = measure_insert(tuned, sound, move.expects, skip=0)
    assert abs(found - move.expects.value) <= move.expects.tolerance
    quiet = Audio(np.ascontiguousarray(sound.samples[:, sound.frames // 2 :]), sound.sample_rate_hz)
    assert abs(measure_insert(tuned, quiet, move.expects, skip=0)) < 0.5 * abs(found)


@pytest.mark.parametrize(("share", "kind"), [(0.1, None), (0.3, "insert"), (0.9, "band")])
def test_a_ring_that_stays_gets_a_bell_one_that_comes_and_goes_a_moving_band_a_note_nothing(
    share: float, kind: str | None
) -> None:
    ring = Ring(frequency_hz=3120, over_db=14, share=share, ringing_dbfs=-30, resting_dbfs=-48)
    found = [move for name, move in moves_of(voice_with(ring)).items() if "ring" in name]
    assert [move.change.kind for move in found] == ([] if kind is None else [kind])
    for move in found:
        band = move.change.band if isinstance(move.change, BandChange) else move.change.insert.processor.bands[0]  # type: ignore[union-attr]  # the only two kinds
        assert (band.frequency_hz, band.q) == (3120, 8.0)


def test_a_weak_ring_is_left() -> None:
    assert moves_of(voice_with(Ring(frequency_hz=3120, over_db=7, share=1.0, ringing_dbfs=-40, resting_dbfs=-41))) == {}
