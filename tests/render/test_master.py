"""The master chain over a mix."""

import threading
from pathlib import Path

import numpy as np
import pytest

from tests.render.songs import Recorder, insert
from tests.sounds import RATE_HZ, noise
from tonmeister.audio import Audio
from tonmeister.document.strip import MasterChain
from tonmeister.errors import CancelledError
from tonmeister.files.wav import WavReader, write_wav
from tonmeister.processing import Band, Compressor, Equaliser, Multiband, TruePeakLimiter
from tonmeister.processing.dither import quantise_block
from tonmeister.processing.equaliser import equalise
from tonmeister.processing.limiter import limit
from tonmeister.processing.multiband import compress_bands
from tonmeister.render import hear_master, write_master

TONE = Equaliser(bands=(Band(frequency_hz=100, gain_db=2),))
BANDS = Multiband(low=Compressor(threshold_db=-30, lookahead_ms=1.5))
LIMITER = TruePeakLimiter(drive_db=9)
CHAIN = MasterChain(inserts=(insert(TONE), insert(BANDS), insert(LIMITER)))


def processed(mix: Audio) -> Audio:
    return limit(compress_bands(equalise(mix, TONE), BANDS), LIMITER)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_file_is_the_chain_and_dither_whatever_the_threads(tmp_path: Path, threads: int) -> None:
    mix, heard = noise(duration_s=3, channels=2), Recorder()
    write_wav(tmp_path / "mix.wav", mix)
    frames = write_master(tmp_path / "mix.wav", CHAIN, tmp_path / "m.wav", seed=7, listeners=[heard], threads=threads)
    expected = processed(mix).samples
    assert heard.samples.tobytes() == expected.tobytes()
    with WavReader(tmp_path / "m.wav") as wav:
        assert (wav.header.encoding, wav.frames, frames) == ("pcm_24", mix.frames, mix.frames)
        whole = np.round(wav.read(0, frames) * 2.0**23).astype(np.int32)
    assert whole.tobytes() == quantise_block(expected, 24, 0, 7).tobytes()


def test_spans_sound_like_the_whole() -> None:
    """-80 dB: 2 s of pre-roll against releases of 120 ms, which fall by 144 dB."""
    mix, whole, parts = noise(duration_s=5, channels=2), Recorder(), []

    def part(start_frame: int, block: np.ndarray) -> None:
        parts.append((start_frame, block.copy()))

    hear_master(mix, CHAIN, [whole])
    spans = [(3 * RATE_HZ, 4 * RATE_HZ), (100, 5000)]
    hear_master(mix, CHAIN, [part], spans=spans)
    assert [sum(b.shape[1] for s, b in parts if first <= s < last) for first, last in spans] == [RATE_HZ, 4900]
    for start, block in parts:
        assert np.abs(block - whole.samples[:, start : start + block.shape[1]]).max() < 1e-4


def test_a_stopped_master_leaves_no_file(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(CancelledError):
        write_master(noise(channels=2), CHAIN, tmp_path / "m.wav", cancel=stop)
    assert list(tmp_path.iterdir()) == []
