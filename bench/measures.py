"""The rulers: loudness, true peak, spectrum, width, panning, dynamics, in plain NumPy and by ffmpeg.

Nothing here comes from the product: a meter that shares code with what it measures agrees with its mistakes.
"""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from bench.sound import Sound, ffmpeg

Floats = NDArray[np.float64]

ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
LRA_GATE_LU = -20.0
TAPS_A_SIDE = 32
"""Half length of the interpolator, in input samples."""
BLOCK = 64
"""Samples that are interpolated at a time."""
KAISER_BETA = 9.0
"""About 90 dB of image rejection: the reading is right to 0.001 dB up to 0.9 of the Nyquist frequency."""


def k_weight(samples: Sound, rate_hz: int) -> Floats:
    """Filter by the K curve of ITU-R BS.1770-5, annex 1 (analogue prototypes, so right at any rate)."""
    return np.asarray(signal.sosfilt(_k_curve(rate_hz), samples.astype(np.float64), axis=-1))


def _k_curve(rate_hz: int) -> Floats:
    shelf = _biquad_shelf(rate_hz, frequency_hz=1681.974450955533, gain_db=3.999843853973347, q=0.7071752369554196)
    high_pass = _biquad_high_pass(rate_hz, frequency_hz=38.13547087602444, q=0.5003270373238773)
    return np.stack([shelf, high_pass])


def _biquad_shelf(rate_hz: int, *, frequency_hz: float, gain_db: float, q: float) -> Floats:
    k, high = np.tan(np.pi * frequency_hz / rate_hz), 10 ** (gain_db / 20)
    middle = high**0.4996667741545416
    a0 = 1 + k / q + k * k
    b = [(high + middle * k / q + k * k) / a0, 2 * (k * k - high) / a0, (high - middle * k / q + k * k) / a0]
    return np.array([*b, 1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0])


def _biquad_high_pass(rate_hz: int, *, frequency_hz: float, q: float) -> Floats:
    """Return the high pass; the standard writes its numerator as 1, -2, 1 at 48 kHz (0.04 dB of gain), which must hold at other rates too."""

    def divisor(rate: int) -> float:
        k = float(np.tan(np.pi * frequency_hz / rate))
        return 1 + k / q + k * k

    k, a0 = np.tan(np.pi * frequency_hz / rate_hz), divisor(rate_hz)
    gain = divisor(48000) / a0
    return np.array([gain, -2 * gain, gain, 1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0])


def block_lufs(samples: Sound, rate_hz: int, *, block_s: float = 0.4, hop_s: float = 0.1) -> Floats:
    """Return the loudness of each block in LUFS; -inf in silence. Too short sound gives no blocks."""
    hop = round(hop_s * rate_hz)
    power = np.square(k_weight(samples, rate_hz)).sum(axis=0)
    steps = power[: power.size // hop * hop].reshape(-1, hop).mean(axis=1)
    return _joined_lufs(steps, round(block_s / hop_s))


def _joined_lufs(steps: Floats, steps_a_block: int) -> Floats:
    if steps.size < steps_a_block:
        return np.zeros(0)
    mean = np.convolve(steps, np.ones(steps_a_block), "valid") / steps_a_block
    with np.errstate(divide="ignore"):
        return np.asarray(-0.691 + 10 * np.log10(np.maximum(mean, 0)))


def gated_lufs(samples: Sound, rate_hz: int) -> float | None:
    """Return the integrated loudness of BS.1770-5; None for silence."""
    return _gate(block_lufs(samples, rate_hz))


def _gate(blocks: Floats) -> float | None:
    loud = blocks[blocks > ABSOLUTE_GATE_LUFS]
    if loud.size == 0:
        return None
    loud = loud[loud > _mean_lufs(loud) + RELATIVE_GATE_LU]
    return float(_mean_lufs(loud))


class RunningLoudness:
    """Integrated loudness of sound that comes in blocks."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._curve, self._hop = _k_curve(rate_hz), rate_hz // 10
        self._state = np.zeros((2, channels, 2))
        self._steps: list[Floats] = []
        self._rest = np.zeros(0)

    def add(self, block: Sound) -> None:
        """Take the next block."""
        weighted, self._state = signal.sosfilt(self._curve, block.astype(np.float64), axis=-1, zi=self._state)
        power = np.concatenate([self._rest, np.square(weighted).sum(axis=0)])
        whole = power.size // self._hop * self._hop
        self._steps.append(power[:whole].reshape(-1, self._hop).mean(axis=1))
        self._rest = power[whole:]

    def power_100ms(self) -> Floats:
        """Return the K-weighted power of each 100 ms so far, summed over the channels."""
        return np.concatenate([np.zeros(0), *self._steps])

    def gated_lufs(self) -> float | None:
        """Return the integrated loudness so far; None for silence."""
        return _gate(_joined_lufs(np.concatenate([np.zeros(0), *self._steps]), 4))


def _mean_lufs(blocks: Floats) -> float:
    return float(10 * np.log10(np.mean(10 ** (blocks / 10))))


def short_term_lufs(samples: Sound, rate_hz: int) -> Floats:
    """Return the 3 s loudness once a second."""
    return block_lufs(samples, rate_hz, block_s=3.0, hop_s=1.0)


def loudness_range_lu(samples: Sound, rate_hz: int) -> float:
    """Return the loudness range of EBU Tech 3342; 0 where there is too little sound."""
    blocks = block_lufs(samples, rate_hz, block_s=3.0, hop_s=0.1)
    loud = blocks[blocks > ABSOLUTE_GATE_LUFS]
    loud = loud[loud > _mean_lufs(loud) + LRA_GATE_LU] if loud.size else loud
    return float(np.subtract(*np.percentile(loud, [95, 10]))) if loud.size else 0.0


def true_peak_db(samples: Sound, *, factor: int = 8) -> float:
    """Return the largest value between and on the samples, in dBTP; -inf for silence.

    Each of the `factor` phases is a Kaiser-windowed sinc of 64 samples.  Blocks that cannot hold the peak (their largest
    sample times the largest sum of |taps|) are left out, so the answer is that of interpolating everything.
    """
    phases = _interpolator(factor)
    reach, best = float(np.abs(phases).sum(axis=1).max()), float(np.abs(samples).max(initial=0.0))
    band = _band_matrix(phases).astype(np.float32)  # float32 sums of 64 products are right to 1e-5 dB
    for channel in samples:
        padded = np.pad(channel, (TAPS_A_SIDE, 2 * TAPS_A_SIDE + BLOCK))
        blocks = np.lib.stride_tricks.sliding_window_view(padded, BLOCK + 2 * TAPS_A_SIDE)[::BLOCK]
        bounds = np.abs(blocks).max(axis=1) * reach
        order = np.argsort(bounds)[::-1]
        for start in range(0, order.size, 256):
            chosen = order[start : start + 256]
            if bounds[chosen[0]] <= best:
                break
            best = max(best, float(np.abs(blocks[chosen] @ band).max()))
    return 20 * float(np.log10(best)) if best > 0 else -np.inf


def _band_matrix(phases: Floats) -> Floats:
    """Return (BLOCK + 64, BLOCK * phases): one product interpolates a whole block."""
    matrix = np.zeros((BLOCK + 2 * TAPS_A_SIDE, BLOCK, phases.shape[0]))
    for place in range(BLOCK):
        matrix[place : place + 2 * TAPS_A_SIDE, place, :] = phases.T
    return matrix.reshape(BLOCK + 2 * TAPS_A_SIDE, -1)


def _interpolator(factor: int) -> Floats:
    """Return (factor - 1, 64) taps: the phases that lie between the samples."""
    offsets = np.arange(1, factor) / factor
    distance = np.arange(2 * TAPS_A_SIDE)[None, :] - (TAPS_A_SIDE - 1) - offsets[:, None]
    window = np.i0(KAISER_BETA * np.sqrt(np.clip(1 - (distance / TAPS_A_SIDE) ** 2, 0, 1))) / np.i0(KAISER_BETA)
    taps = np.sinc(distance) * window
    return np.asarray(taps / taps.sum(axis=1, keepdims=True))


@dataclass(frozen=True)
class Meter:
    """What ffmpeg's `ebur128` says about a file."""

    integrated_lufs: float
    range_lu: float
    true_peak_db: float


def ffmpeg_meter(path: Path) -> Meter:
    """Measure a file with ffmpeg's `ebur128` (loudness to 0.001 LU from its frame data, true peak from its summary)."""
    graph = "ebur128=peak=true:metadata=1,ametadata=print:key=lavfi.r128.I:file=-"
    done = subprocess.run(
        [ffmpeg(), "-hide_banner", "-nostats", "-nostdin", "-i", str(path), "-af", graph, "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=True,
    )
    loudness = re.findall(r"lavfi\.r128\.I=(-?[\d.]+|-inf|nan)", done.stdout)
    summary = done.stderr[done.stderr.rindex("Summary:") :]
    span = re.search(r"LRA:\s+(-?[\d.]+)", summary)
    peak = re.search(r"True peak:\s+Peak:\s+(-?[\d.]+|-inf)", summary)
    if not loudness or span is None or peak is None:
        raise ValueError(f"ffmpeg's ebur128 speaks another language here: {summary}")
    return Meter(float(loudness[-1]), float(span.group(1)), float(peak.group(1)))


def crest_db(samples: Sound) -> float:
    """Return the peak over the root mean square of the whole, in dB."""
    power = float(np.mean(np.square(samples, dtype=np.float64)))
    return float(20 * np.log10(np.abs(samples).max() / np.sqrt(power))) if power > 0 else 0.0


def intermodulation_db(samples: Sound, rate_hz: int, *, low_hz: float, high_hz: float) -> float:
    """Return the side tones (high ± 1…5 times low) against the high tone, in dB (the SMPTE way of measuring)."""
    mono = samples.mean(axis=0, dtype=np.float64)
    middle = mono[mono.size // 4 : mono.size // 4 + rate_hz * 2]
    spectrum = np.abs(np.fft.rfft(middle * signal.get_window("blackmanharris", middle.size))) ** 2

    def tone(frequency_hz: float) -> float:
        place = round(frequency_hz * middle.size / rate_hz)
        return float(spectrum[place - 4 : place + 5].sum())

    sides = sum(tone(high_hz + step * low_hz) for step in range(-5, 6) if step)
    return float(10 * np.log10(max(sides, 1e-30) / tone(high_hz)))
