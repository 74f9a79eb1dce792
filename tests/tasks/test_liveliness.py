"""How loud a master becomes after a reference when nobody names a loudness."""

from dataclasses import replace

import pytest

from tests.tasks.test_finishing import finishing, music
from tonmeister.analysis.portrait import Portrait
from tonmeister.tasks.mastering.liveliness import lively_lufs, raised


def portrait(plr_db: float | None) -> Portrait:
    return Portrait(duration_s=60, plr_db=plr_db)


@pytest.mark.parametrize(
    ("own_db", "reference_db", "expected"),
    [
        (16.0, 9.0, -14.0),  # squashed: louder than usual nobody asked for
        (16.0, 12.5, -15.5),  # its peaks and 2 dB
        (16.0, 18.0, -16.0),  # no quieter than what TD1008 recommends
        (12.5, 14.0, -14.5),  # peaks that the song does not have ask for no room, but an equaliser may add 1 dB
        (None, 14.0, -14.0),
        (16.0, None, -14.0),
    ],
)
def test_the_peaks_stand_out_as_those_of_the_reference_and_2_db_further(
    own_db: float | None, reference_db: float | None, expected: float
) -> None:
    lufs = lively_lufs(portrait(own_db), portrait(reference_db), usual_lufs=-14.0, ceiling_dbtp=-1.0)
    assert lufs == pytest.approx(expected)


def test_a_quieter_usual_target_stays() -> None:
    assert lively_lufs(portrait(18.0), portrait(18.0), usual_lufs=-18.0, ceiling_dbtp=-1.0) == -18.0


def test_room_that_no_peak_uses_is_given_back_up_to_the_usual_target() -> None:
    work = replace(finishing(music()), target_lufs=-15.5, louder_lufs=-14.0)
    found = raised(work, -1.8)
    assert found is not None
    assert found.target_lufs == pytest.approx(-14.7)
    most = raised(work, -4.0)
    assert most is not None
    assert most.target_lufs == -14.0
    assert raised(work, -1.05) is None
    assert raised(replace(work, louder_lufs=None), -4.0) is None
