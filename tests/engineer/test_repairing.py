"""The chain of repairs: what calls for a look, what is done, what the harm test stops."""

import numpy as np
import pytest

from tests.sounds import RATE_HZ, drums, noise, sine
from tests.tiny_song import STEMS, stem
from tonmeister.analysis.track_meter import measure_track
from tonmeister.audio import Audio
from tonmeister.engineer import repairing
from tonmeister.engineer.preparing import KINDS, STEPS, Sought, Step
from tonmeister.engineer.repair_figures import measure_defect
from tonmeister.engineer.repairing import Mended, mend
from tonmeister.knowledge import number
from tonmeister.processing import Band, Declick, Dehum, Equaliser, Gain, RemoveDc
from tonmeister.processing.dehum import HumLine
from tonmeister.processing.regions import Region

EVERYTHING = Sought(frozenset(KINDS), voice=False)


def run(sound: Audio, sought: Sought = EVERYTHING) -> list[Mended]:
    return list(mend(sound, measure_track(sound).figures, sought))


def hurt() -> tuple[Audio, Audio]:
    """Return a held chord, and the same with clicks, an offset and some hiss."""
    tones = [sine(frequency_hz=f, peak_db=-18, duration_s=10).samples for f in (220.0, 277.2, 329.6)]
    clean = np.sum(tones, axis=0)
    bad = clean + np.float32(0.01)
    bad[0, 20_000::24_000] += np.float32(0.3)
    bad += noise(rms_db=-80, duration_s=10).samples
    return Audio(np.asarray(clean, np.float32), RATE_HZ), Audio(np.asarray(bad, np.float32), RATE_HZ)


@pytest.mark.parametrize("name", [name for name in STEMS if name != "Lead Vox.wav"])
def test_clean_instruments_come_out_as_they_went_in(name: str) -> None:
    """Bar 4 of the repairs: bit-identical where nothing is wrong."""
    sound = Audio(np.ascontiguousarray(stem(name), np.float32), RATE_HZ)
    assert [one.repair.kind for one in run(sound) if not one.repair.is_stopped] == []


def test_defects_are_mended_one_after_the_other_in_the_order_of_the_work() -> None:
    clean, bad = hurt()
    mended = run(bad)
    kinds = [one.repair.kind for one in mended]
    assert kinds[:2] == ["offset", "clicks"]
    assert kinds == [kind for kind in KINDS if kind in kinds]
    left = mended[-1].audio.samples - clean.samples
    assert np.square(left).mean() < 1e-3 * np.square(bad.samples - clean.samples).mean()
    for one in mended:
        assert one.repair.before_dbfs is not None
        assert one.repair.after_dbfs is not None
        assert one.repair.after_dbfs < one.repair.before_dbfs - 10
        assert one.repair.harm_db <= number(f"cleanup.{one.repair.kind}_harm_most_db").value
        assert 0 <= one.repair.start_s < one.repair.end_s <= bad.duration_s


def test_only_what_is_asked_for_is_done() -> None:
    _, bad = hurt()
    assert [one.repair.kind for one in run(bad, Sought(frozenset({"clicks"}), voice=False))] == ["clicks"]


def test_a_repair_that_eats_the_performance_is_lessened_or_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that would turn everything down takes nothing but wanted sound."""
    greedy = Step(
        "hum",
        "a hum that is none",
        lambda *_: True,
        lambda *_: Gain(gain_db=-12),
        lambda *_: (1.0, "x"),
        "cleanup.hum_harm_most_db",
    )
    monkeypatch.setattr(repairing, "STEPS", (greedy,))
    sound = drums(duration_s=4)
    (mended,) = run(sound)
    assert mended.repair.is_stopped
    assert mended.audio is sound
    assert mended.repair.harm_db > number("cleanup.hum_harm_most_db").value


def test_gentle_does_a_part_of_what_can_be_heard() -> None:
    hiss = Audio(drums(duration_s=8).samples + noise(rms_db=-50, duration_s=8).samples, RATE_HZ)
    noises = [Sought(frozenset({"noise"}), voice=False, soft_amount=amount) for amount in (1.0, 0.5)]
    whole, part = (run(hiss, sought)[0].repair for sought in noises)
    assert whole.after_dbfs is not None
    assert part.after_dbfs is not None
    assert part.before_dbfs == whole.before_dbfs
    assert whole.after_dbfs < part.after_dbfs - 2


def test_every_kind_has_a_limit_of_harm_and_stands_once() -> None:
    assert len(set(KINDS)) == len(STEPS)
    for kind in KINDS:
        assert number(f"cleanup.{kind}_harm_most_db").unit == "dB"


def test_the_level_of_a_defect_is_that_which_was_planted() -> None:
    quiet = noise(rms_db=-90, duration_s=4)
    offset = Audio(quiet.samples + np.float32(0.01), RATE_HZ)
    assert measure_defect(offset, RemoveDc(offsets=(0.01,))) == pytest.approx(-40, abs=0.1)
    time = np.arange(quiet.frames) / RATE_HZ
    hum = Audio((quiet.samples + 0.01 * np.sin(2 * np.pi * 100 * time)).astype(np.float32), RATE_HZ)
    line = HumLine(multiple=2, knot_s=1, cosine=((0.0,),), sine=((0.01,),))
    assert measure_defect(hum, Dehum(frequency_hz=50, lines=(line,))) == pytest.approx(-43, abs=0.3)
    notch = Equaliser(bands=(Band(shape="notch", frequency_hz=99), Band(shape="notch", frequency_hz=101)))
    assert measure_defect(hum, notch) == pytest.approx(-43, abs=0.3)
    click = quiet.samples.copy()
    click[0, 48_000] += np.float32(0.5)
    places = Declick(regions=(Region(start_s=11.0, end_s=11.0001),))
    sharp = measure_defect(Audio(click, RATE_HZ), places, start_s=10.0)
    assert sharp is not None
    assert sharp > (measure_defect(quiet, places, start_s=10.0) or 0) + 40
    assert measure_defect(quiet, Gain()) is None
