"""Which files keep their tone on the way up."""

from dataclasses import replace

import pytest

from tests.tasks.test_finishing import finishing, music
from tonmeister.engineer.tone_guard import is_guarded


@pytest.mark.parametrize(("plr_db", "guarded"), [(13.0, True), (21.9, True), (22.1, False), (None, False)])
def test_a_file_that_was_never_limited_is_no_master_however_full_it_is(*, plr_db: float | None, guarded: bool) -> None:
    """A plain sum may be full by one hit, 25 dB over its loudness: no master is like that."""
    work = finishing(music())
    portrait = work.portrait.model_copy(update={"plr_db": plr_db, "true_peak_dbtp": -0.1})
    assert is_guarded(replace(work, portrait=portrait, target="streaming", target_lufs=-14.0), ()) is guarded
