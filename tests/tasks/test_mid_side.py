"""A problem that lives in the middle or in the side alone is cut there alone; lows belong in the middle; mono must not lose a track."""

import numpy as np
import pytest

from tests.facts import ask, open_song, shaped_noise, song_facts, track_facts
from tests.sounds import RATE_HZ
from tests.tasks.test_equalisation import VOCAL, with_hill
from tonmeister.audio import Audio
from tonmeister.document.facts import TrackFacts
from tonmeister.document.mix import Brief
from tonmeister.document.move import InsertChange, Move
from tonmeister.engineer.band_trial import measure_insert
from tonmeister.processing import Equaliser, Width
from tonmeister.tasks import equalisation, widths

HILL = with_hill(2500, 5500, 16)


def wide(
    mid_levels: list[tuple[float, float]], side_levels: list[tuple[float, float]], *, side_db: float = 0.0
) -> Audio:
    """Return stereo noise whose middle and side have spectra of their own."""
    mid, side = shaped_noise(mid_levels, seed=1).samples[0], shaped_noise(side_levels, seed=2).samples[0]
    side = side * np.float32(10 ** (side_db / 20))
    return Audio(np.stack([mid + side, mid - side]), RATE_HZ)


def moves_of(sound: Audio, role: str = "lead vocal") -> tuple[TrackFacts, dict[str, Move]]:
    track = track_facts("t", sound, role)
    return track, {move.id.rpartition(".")[2]: move for move in ask(equalisation.propose, song_facts([track]))}


@pytest.mark.parametrize(
    ("mid", "side", "side_db", "name"),
    [(VOCAL, HILL, 3.0, "side-harsh"), (HILL, VOCAL, -4.0, "mid-harsh"), (HILL, HILL, 0.0, "harsh")],
)
def test_a_harsh_half_is_cut_alone(
    mid: list[tuple[float, float]], side: list[tuple[float, float]], side_db: float, name: str
) -> None:
    sound = wide(mid, side, side_db=side_db)
    _, moves = moves_of(sound)
    assert [key for key in moves if "harsh" in key] == [name]
    change = moves[name].change
    if name != "harsh":
        assert isinstance(change, InsertChange)
        assert isinstance(change.insert.processor, Equaliser)
        assert change.insert.processor.channels == name.split("-", maxsplit=1)[0]
        expects = moves[name].expects
        assert expects is not None
        found = measure_insert(change.insert.processor, sound, expects, skip=0)
        assert abs(found - expects.value) <= expects.tolerance


def low_wide(*, level_db: float) -> Audio:
    """Return a bass whose low end differs between the channels."""
    return wide(
        [(20, 0), (60, 0), (200, -20), (20_000, -60)], [(20, 0), (60, 0), (200, -40), (20_000, -80)], side_db=level_db
    )


@pytest.mark.parametrize(
    ("level_db", "genre", "expected_hz"), [(-3.0, None, 100.0), (-3.0, "hip-hop", 150.0), (-20.0, None, None)]
)
def test_a_wide_low_end_goes_to_the_middle_below_what_the_genre_says(
    level_db: float, genre: str | None, expected_hz: float | None
) -> None:
    sound = low_wide(level_db=level_db)
    facts = song_facts([track_facts("bass", sound, "bass")])
    moves = ask(widths.propose, facts, mix=open_song(facts, brief=Brief(genre=genre)))
    made = [m.change.insert.processor for m in moves if isinstance(m.change, InsertChange)]
    assert [p.mono_below_hz for p in made if isinstance(p, Width)] == ([] if expected_hz is None else [expected_hz])
    for move in moves:
        assert isinstance(move.change, InsertChange)
        assert isinstance(move.change.insert.processor, Width)
        assert move.expects is not None
        assert (
            abs(measure_insert(move.change.insert.processor, sound, move.expects, skip=0) - move.expects.value)
            <= move.expects.tolerance
        )


def test_a_track_that_mono_would_lose_is_narrowed_to_half() -> None:
    sound = wide(VOCAL, VOCAL, side_db=6.0)
    track = track_facts("pad", sound, "synth")
    (move,) = ask(widths.propose, song_facts([track]))
    assert isinstance(move.change, InsertChange)
    assert isinstance(move.change.insert.processor, Width)
    assert move.change.insert.processor.width == pytest.approx(0.5, abs=0.02)
    assert move.expects is not None
    assert measure_insert(move.change.insert.processor, sound, move.expects, skip=0) == pytest.approx(3.0, abs=0.1)
    assert ask(widths.propose, song_facts([track_facts("pad", wide(VOCAL, VOCAL, side_db=-3), "synth")])) == []
    assert ask(widths.propose, song_facts([track_facts("mono", shaped_noise(VOCAL), "synth")])) == []
