"""Stems that whole numbers would cut off."""

from pathlib import Path

import pytest

from tonmeister import DeliverOptions, deliver
from tonmeister.document.lane import constant
from tonmeister.engineer import load_mix


def test_stems_over_full_scale_are_turned_down_alike_and_still_add_up(copied: Path, tmp_path: Path) -> None:
    """Every fader 30 dB up: the stems are over full scale, and their sum is the mix, both turned down."""
    mix = load_mix(copied)
    loud = tuple(
        track.model_copy(update={"strip": track.strip.model_copy(update={"fader_db": constant(30.0)})})
        for track in mix.tracks
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tonmeister.engineer.delivering.load_mix", lambda _: mix.model_copy(update={"tracks": loud}))
        result = deliver(copied, tmp_path / "delivery", options=DeliverOptions(versions=("stems",), bits="24"))
    assert {file.gain_db for file in result.files} != {0.0}
    assert len({file.gain_db for file in result.files}) == 1
    assert result.stem_sum is not None
    assert result.stem_sum.rms_residual_dbfs < -120
    assert sum("alike" in note for note in result.notes) == 1
