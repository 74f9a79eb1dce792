"""How much of a processor is heard moves over the song: exact at both ends, in step, clean, and cut anywhere."""

import numpy as np
import pytest

from tests.render.songs import hear, insert, lane, song, track
from tests.render.test_renderer import null_db
from tests.sounds import RATE_HZ, noise, sine
from tonmeister.document.mix import Mix
from tonmeister.document.strip import Strip
from tonmeister.processing import Band, Compressor, Equaliser, Processor
from tonmeister.processing.compressor import compress
from tonmeister.processing.equaliser import equalise

BELL = Equaliser(bands=(Band(frequency_hz=1000, gain_db=6.0, q=0.7),))
LATE = Compressor(threshold_db=-40, ratio=4, lookahead_ms=4)


def mixed(processor: Processor, *points: tuple[float, float], frames: int = 96_000) -> Mix:
    one = insert(processor).model_copy(update={"amount": lane(*points, law="linear_gain")})
    return song([track("one", Strip(inserts=(one,)))], frames=frames)


@pytest.mark.parametrize("processor", [BELL, LATE])
def test_none_of_it_is_the_sound_to_the_bit_and_all_of_it_the_processor(processor: Processor) -> None:
    sound = noise(rms_db=-20, duration_s=2, channels=2)
    mix = mixed(processor, (0.0, 0.0), (0.9, 0.0), (1.0, 1.0))
    found = hear(mix, {"one": sound}, "strip:one")[:, : sound.frames]
    half, full = round(0.9 * RATE_HZ), round(1.0 * RATE_HZ) + 1
    expected = equalise(sound, BELL) if processor is BELL else compress(sound, LATE)
    assert found[:, :half].tobytes() == sound.samples[:, :half].tobytes()
    assert null_db(found[:, full:], expected.samples[:, full:]) < -140


def test_half_of_a_bell_is_a_bell_of_less_gain() -> None:
    """6 dB is a gain of 2 at its middle, half of it 1.5 or 3.5 dB; 0.05 dB for the start of the tone."""
    tone = sine(frequency_hz=1000, peak_db=-20, duration_s=2, channels=2)
    found = hear(mixed(BELL, (0.0, 0.5)), {"one": tone}, "strip:one")[:, 24_000:72_000]
    gain_db = 10 * np.log10(np.square(found).mean() / np.square(tone.samples[:, 24_000:72_000]).mean())
    assert gain_db == pytest.approx(20 * np.log10((1 + 10 ** (6 / 20)) / 2), abs=0.05)


@pytest.mark.parametrize("block_frames", [1024, 7 * 1024])
def test_block_size_changes_no_byte(block_frames: int) -> None:
    sound = noise(rms_db=-20, duration_s=2, channels=2)
    mix = mixed(LATE, (0.0, 0.2), (0.7, 1.0), (1.1, 0.0), (1.5, 0.6))
    assert hear(mix, {"one": sound}, block_frames=block_frames).tobytes() == hear(mix, {"one": sound}).tobytes()


def test_an_amount_that_moves_leaves_nothing_beside_a_tone() -> None:
    """Bar 1 of the mix in time: at most -70 dB outside a third octave, with a ramp over a bar of 2 s."""
    tone = sine(frequency_hz=1000, peak_db=-12, duration_s=6, channels=2)
    wave = hear(mixed(BELL, (0.0, 0.0), (2.0, 0.0), (4.0, 1.0), frames=tone.frames), {"one": tone}, "strip:one")[0]
    power = np.abs(np.fft.rfft(wave[: tone.frames].astype(np.float64) * np.blackman(tone.frames))) ** 2
    hz = np.fft.rfftfreq(tone.frames, 1 / RATE_HZ)
    far = (hz < 1000 * 2 ** (-1 / 3)) | (hz > 1000 * 2 ** (1 / 3))
    assert 10 * np.log10(power[far].sum() / power.sum()) < -70
