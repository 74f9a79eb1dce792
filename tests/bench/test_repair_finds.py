"""Stems are taken from their middle, silent ones left out, and what is done to one is told with its reason."""

from pathlib import Path

import numpy as np

from bench import repair_finds
from bench.case import OURS, Job
from bench.sound import write
from tests.sounds import drums, noise

RATE_HZ = 48_000


def test_a_clean_stem_stays_and_noise_is_told(tmp_path: Path) -> None:
    beat, hiss = (one.samples for one in (drums(duration_s=12), noise(rms_db=-45, duration_s=12)))
    (tmp_path / "song").mkdir()
    for name, sound in (("beat", beat), ("hissing beat", beat + hiss), ("silent", np.zeros_like(beat))):
        write(tmp_path / "song" / f"{name}.wav", sound, RATE_HZ, subtype="FLOAT")
    cases = list(repair_finds.run(Job(data=tmp_path, out=tmp_path / "out", kinds=("stems",))))
    assert [case.name for case in cases] == ["stem/song/beat", "stem/song/hissing beat"]
    assert [case.systems[OURS]["did"] for case in cases] == [[], ["noise"]]
    figures = repair_finds.summarise(cases).figures
    assert (figures["stems"], figures["stems_identical"], figures["stems_repairs"]) == (2, 1, 1)


def test_other_kinds_leave_the_stems_alone(tmp_path: Path) -> None:
    assert not list(repair_finds.run(Job(data=tmp_path, out=tmp_path / "out", kinds=("clean",))))
