"""Settings written for a file hold in a strip: later, louder, upside down."""

import numpy as np
import pytest

from tests.sounds import RATE_HZ, drums
from tonmeister.audio import Audio
from tonmeister.processing import Debleed, Declick, Declip, Dehum, Denoiser, Processor, RemoveDc
from tonmeister.processing.dehum import HumLine
from tonmeister.processing.in_song import Placing, in_song
from tonmeister.processing.regions import Region
from tonmeister.processing.registry import make_stream
from tonmeister.processing.stream import run_stream

SOUND = drums(duration_s=3)
LINE = HumLine(multiple=2, knot_s=1.0, cosine=((0.02, 0.03, 0.02),), sine=((0.0, 0.01, 0.0),))
REPAIRS: dict[str, Processor] = {
    "hum": Dehum(frequency_hz=50, knot_s=1.0, phase_turns=(0.0, 0.1, 0.05), lines=(LINE,)),
    "offset": RemoveDc(offsets=(0.01,)),
    "clipping": Declip(ceiling=0.2),
    "clicks": Declick(regions=(Region(start_s=0.52, end_s=0.5203), Region(start_s=1.2, end_s=1.2002))),
    "noise": Denoiser(profile=((20.0, -80.0), (20_000.0, -90.0)), wander_db=0),
}
PLACING = Placing(start_s=2.0, trim_db=-7.5, inverted=True)
GAIN = np.float32(-(10 ** (-7.5 / 20)))


def run(settings: Processor, sound: Audio, *, start_frame: int = 0) -> Audio:
    stream = make_stream(settings, sample_rate_hz=RATE_HZ, channels=sound.channels, start_frame=start_frame)
    return run_stream(sound, stream)


@pytest.mark.parametrize("name", REPAIRS)
def test_a_repair_in_the_strip_is_that_of_the_file_louder_later_and_upside_down(name: str) -> None:
    """-100 dBFS: float32 rounds differently at another level."""
    mended = run(REPAIRS[name], SOUND)
    assert np.abs(mended.samples - SOUND.samples).max() > 1e-4  # it does something
    late = Audio(np.ascontiguousarray(SOUND.samples * GAIN), RATE_HZ)
    heard = run(in_song(REPAIRS[name], PLACING), late, start_frame=2 * RATE_HZ)
    assert np.abs(heard.samples - mended.samples * GAIN).max() < 1e-5


def test_without_trim_and_shift_settings_stay_what_they_are() -> None:
    assert in_song(REPAIRS["hum"], Placing()) is REPAIRS["hum"]


def test_bleed_is_foretold_from_the_levels_of_both_strips() -> None:
    learnt = Debleed(edges_hz=(20.0, 1000.0, 20_000.0), transfer_db=(-20.0, -24.0))
    placed = in_song(learnt, Placing(trim_db=6.0, key_trim_db=-4.0))
    assert isinstance(placed, Debleed)
    assert placed.transfer_db == pytest.approx((-10.0, -14.0))
