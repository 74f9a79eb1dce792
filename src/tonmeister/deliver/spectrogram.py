"""A spectrogram as a picture: logarithmic frequency, levels as brightness, a PNG made here."""

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.fourier import rfft
from tonmeister.audio import Audio
from tonmeister.deliver.markup import Markup, join, tag

COLUMNS, ROWS = 1000, 220
LOWEST_HZ, HIGHEST_HZ = 40.0, 20_000.0
RANGE_DB = 90.0
"""From the loudest point of the recording down to black."""
_WINDOW_S = 0.046
_TICKS_HZ = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
_STOPS = np.array(
    [[4, 5, 12], [44, 20, 96], [130, 37, 110], [220, 80, 70], [250, 170, 60], [252, 250, 190]], np.float64
)
"""From silence to the loudest, evenly spaced; brightness rises all the way, so that it reads in grey as well."""


def spectrogram_db(audio: Audio, *, columns: int = COLUMNS, rows: int = ROWS) -> NDArray[np.float32]:
    """Return (rows, columns) power in dB, highest frequency first; each column is the loudest of its frames."""
    rate, size = audio.sample_rate_hz, 2 * round(_WINDOW_S * audio.sample_rate_hz / 2)
    mono = np.pad(audio.samples.mean(axis=0), (size // 2, size))
    centres = np.linspace(0, max(1, audio.frames - 1), 2 * columns).astype(int)
    window = np.hanning(size).astype(np.float32)
    edges = np.geomspace(LOWEST_HZ, min(HIGHEST_HZ, rate / 2), rows + 1) * size / rate
    first = np.clip(edges[:-1].astype(int), 1, size // 2)
    last = np.maximum(first + 1, np.minimum(np.ceil(edges[1:]).astype(int), size // 2 + 1))
    picture = np.empty((rows, 2 * columns), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(mono, size)
    for start in range(0, 2 * columns, 256):
        power = np.square(np.abs(rfft(frames[centres[start : start + 256]] * window)))
        total = np.cumsum(np.pad(power, ((0, 0), (1, 0))), axis=1, dtype=np.float64)
        picture[:, start : start + 256] = ((total[:, last] - total[:, first]) / (last - first)).T[::-1]
    loudest = picture.reshape(rows, columns, 2).max(axis=2)
    return np.asarray(10 * np.log10(loudest + 1e-16), np.float32)


def draw_spectrogram(
    levels_db: NDArray[np.float32], *, top_db: float, duration_s: float, highest_hz: float, label: str
) -> Markup:
    """Return a picture with axes; equal top_db makes pictures comparable."""
    width, height, left, bottom = 1000, 240, 52, 20
    source = "data:image/png;base64," + base64.b64encode(to_png(levels_db, top_db=top_db)).decode("ascii")
    image = tag(
        "image", href=source, x=str(left), y="0", width=str(width), height=str(height), preserveAspectRatio="none"
    )
    top_hz = min(HIGHEST_HZ, highest_hz)
    octaves = np.log2(top_hz / LOWEST_HZ)
    ticks = [
        tag("text", _tell_hz(hz), x=str(left - 6), y=f"{height * (1 - np.log2(hz / LOWEST_HZ) / octaves) + 4:.1f}", text_anchor="end")
        for hz in _TICKS_HZ if hz <= top_hz
    ]  # fmt: skip
    times = [
        tag("text", f"{duration_s * part / 4:.1f} s", x=f"{left + width * part / 4:.0f}", y=str(height + 15),
            text_anchor=("start", "middle", "middle", "middle", "end")[part])
        for part in range(5)
    ]  # fmt: skip
    box = f"0 -6 {left + width + 4} {height + bottom + 8}"
    drawn = tag("svg", image, join([*ticks, *times]), viewBox=box, role="img", aria_label=label)
    return tag("div", drawn, class_="canvas")


def to_png(levels_db: NDArray[np.float32], *, top_db: float) -> bytes:
    """Return levels as a PNG of 256 colours."""
    place = np.clip((levels_db - (top_db - RANGE_DB)) / RANGE_DB, 0, 1)
    pixels = np.round(255 * place).astype(np.uint8)
    steps = np.linspace(0, len(_STOPS) - 1, 256)
    palette = np.stack([np.interp(steps, np.arange(len(_STOPS)), _STOPS[:, c]) for c in range(3)], axis=1)
    rows, columns = pixels.shape
    raw = np.concatenate([np.zeros((rows, 1), np.uint8), pixels], axis=1).tobytes()
    header = struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)
    chunks = (
        (b"IHDR", header),
        (b"PLTE", np.round(palette).astype(np.uint8).tobytes()),
        (b"IDAT", zlib.compress(raw, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _tell_hz(hz: float) -> str:
    return f"{hz / 1000:g} kHz" if hz >= 1000 else f"{hz:g} Hz"
