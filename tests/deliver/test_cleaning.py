"""The page of a cleaned recording."""

import struct
import zlib
from typing import Any

import numpy as np

from tests.sounds import RATE_HZ, drums, noise, sine
from tonmeister.audio import Audio
from tonmeister.deliver.cleaning import write_cleaning
from tonmeister.deliver.spectrogram import HIGHEST_HZ, LOWEST_HZ, spectrogram_db, to_png

REPAIR = {
    "kind": "hum", "title": "mains hum", "found": 50.0, "unit": "Hz", "places": None, "before_dbfs": -40.0, "after_dbfs": -60.0,
    "harm_db": -50.0, "amount": 1.0, "voice_model": 0.0,
}  # fmt: skip
FIGURES: dict[str, Any] = {
    "source": "takes/<b>Take 1<i>.wav", "role": "drums", "sample_rate_hz": RATE_HZ, "channels": 1, "duration_s": 3.0,
    "lufs_before": -20.0, "lufs_after": -20.1, "true_peak_dbtp": -3.0, "repairs": [REPAIR], "evidence": [], "residual_db": -30.0,
    "breaks": [{"kind": "pause", "start_s": 1.0, "end_s": 2.6, "confidence": 1.0}],
}  # fmt: skip
CLEAN = drums(duration_s=3)
NOISY = Audio(CLEAN.samples + noise(rms_db=-50, duration_s=3).samples, RATE_HZ)


def test_the_page_shows_three_pictures_three_players_and_the_figures() -> None:
    page = write_cleaning(NOISY, CLEAN, FIGURES)
    assert page.count("data:image/png;base64,") == 3
    assert page.count("data:audio/mpeg;base64,") == 3
    for told in ("mains hum", "−40.0", "−60.0", "−20.0", "50 Hz", "long pause", "30.0 dB below"):
        assert told in page
    assert page == write_cleaning(NOISY, CLEAN, FIGURES)


def test_names_are_text_and_the_page_asks_no_network() -> None:
    page = write_cleaning(NOISY, CLEAN, FIGURES)
    assert "&lt;b&gt;Take 1" in page
    assert "<b>Take 1" not in page
    assert "default-src 'none'" in page
    assert "https:" not in page


def test_a_clean_recording_says_so_with_its_evidence() -> None:
    nothing = {**FIGURES, "repairs": [], "evidence": ["The ear found no fault."], "residual_db": None, "breaks": []}
    page = write_cleaning(CLEAN, CLEAN, nothing)
    assert "nothing to do" in page
    assert "The ear found no fault." in page
    assert page.count("data:audio/mpeg;base64,") == 2


def test_a_tone_is_where_it_sounds_in_the_picture() -> None:
    levels = spectrogram_db(sine(frequency_hz=1000, duration_s=2), columns=50, rows=100)
    assert levels.shape == (100, 50)
    row = 100 * (1 - np.log(1000 / LOWEST_HZ) / np.log(HIGHEST_HZ / LOWEST_HZ))
    assert abs(int(np.argmax(levels[:, 25])) - row) <= 1.5


def test_the_png_holds_its_pixels() -> None:
    levels = np.array([[0.0, -45.0], [-90.0, -200.0]], np.float32)
    png = to_png(levels, top_db=0.0)
    assert png.startswith(b"\x89PNG")
    assert struct.unpack(">II", png[16:24]) == (2, 2)
    start = png.index(b"IDAT") + 4
    size = struct.unpack(">I", png[start - 8 : start - 4])[0]
    assert zlib.decompress(png[start : start + size]) == bytes([0, 255, 128, 0, 0, 0])
