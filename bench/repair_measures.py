"""The rulers of repair: SI-SDR, musical noise, the room that is left."""

import numpy as np
from numpy.typing import NDArray

from bench.sound import Sound

Floats = NDArray[np.float64]
PAUSE_DB = -30.0
"""Where the clean sound is so far below its mean for a tenth of a second, only noise is heard."""
_LAGS = 4096


def align(heard: Sound, clean: Sound) -> Sound:
    """Return heard, moved by the lag at which it is most like clean (up to 4096 frames): programs may be late."""
    a, b = heard[0].astype(np.float64), clean[0].astype(np.float64)
    size = 1 << int(np.ceil(np.log2(a.size + b.size)))
    likeness = np.fft.irfft(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)), size)
    near = np.concatenate([likeness[-_LAGS:], likeness[: _LAGS + 1]])
    lag = int(np.argmax(near)) - _LAGS
    moved = np.zeros_like(clean)
    count = min(heard.shape[1] - max(0, lag), clean.shape[1] - max(0, -lag))
    moved[:, max(0, -lag) :][:, :count] = heard[:, max(0, lag) :][:, :count]
    return moved


def si_sdr_db(heard: Sound, clean: Sound) -> float:
    """Return the scale-invariant signal-to-distortion ratio (Le Roux et al. 2019), all channels as one."""
    h, c = heard.astype(np.float64), clean.astype(np.float64)
    h, c = (x - x.mean(axis=1, keepdims=True) for x in (h, c))
    target = (h * c).sum() / max(float(np.square(c).sum()), 1e-30) * c
    return float(10 * np.log10(np.square(target).sum() / max(float(np.square(h - target).sum()), 1e-30)))


def target_in_residual_db(done: Sound, clean: Sound) -> float:
    """Return the energy of what was taken from a clean recording over that of the recording: all of it is wanted sound."""
    taken, whole = (float(np.square(x, dtype=np.float64).sum()) for x in (clean - done, clean))
    return float(10 * np.log10(max(taken, 1e-30) / max(whole, 1e-30)))


def third_octave_loss_db(done: Sound, clean: Sound, rate_hz: int) -> float:
    """Return the most that any third octave from 25 Hz loses, among those within 90 dB of the whole; 0 where none loses.

    Long-term power in Hann windows of 8192 frames, both channels as one.
    """
    size = min(8192, clean.shape[1])
    powers = []
    for sound in (done, clean):
        frames = np.lib.stride_tricks.sliding_window_view(sound.astype(np.float64), size, axis=1)[:, :: size // 2]
        powers.append(np.square(np.abs(np.fft.rfft(frames * np.hanning(size)))).mean(axis=(0, 1)))
    hz = np.arange(powers[0].size) * rate_hz / size
    worst = 0.0
    for centre in 1000 * 2 ** (np.arange(-16, 14) / 3):
        inside = (hz >= centre * 2 ** (-1 / 6)) & (hz < centre * 2 ** (1 / 6))
        now, before = (float(power[inside].sum()) for power in powers)
        if inside.any() and before > 1e-9 * powers[1].sum():
            worst = max(worst, 10 * float(np.log10(before / max(now, 1e-30))))
    return worst


def kurtosis_ratio(heard: Sound, before: Sound, clean: Sound, rate_hz: int) -> float | None:
    """Return how much peakier the noise of the pauses is than before: 1 is none, more sings (Uemura et al. 2008).

    Kurtosis of the power of each bin over the frames of the pauses, 100 Hz to 8 kHz; the mean of its logarithm over bins.
    None where the clean sound has fewer than 40 frames of pause.
    """
    size = 2 * round(0.016 * rate_hz)
    pause = _pauses(clean[0].astype(np.float64), size, rate_hz)
    if pause.sum() < 40:
        return None
    after, first = (
        _log_kurtosis(_powers(x[0].astype(np.float64), size)[pause], rate_hz, size) for x in (heard, before)
    )
    return float(np.exp(after - first))


def _pauses(clean: Floats, size: int, rate_hz: int) -> NDArray[np.bool_]:
    smooth = round(0.1 * rate_hz)
    power = np.convolve(np.square(clean), np.ones(smooth) / smooth, "same")
    level = np.lib.stride_tricks.sliding_window_view(power, size)[:: size // 2].max(axis=1)
    return np.asarray(level < np.mean(np.square(clean)) * 10 ** (PAUSE_DB / 10))


def _powers(wave: Floats, size: int) -> Floats:
    frames = np.lib.stride_tricks.sliding_window_view(wave, size)[:: size // 2]
    return np.square(np.abs(np.fft.rfft(frames * np.hanning(size), axis=1)))


def _log_kurtosis(power: Floats, rate_hz: int, size: int) -> float:
    hz = np.arange(power.shape[1]) * rate_hz / size
    inside = power[:, (hz > 100) & (hz < min(8000, 0.45 * rate_hz))]
    fourth, second = np.mean(inside**4, axis=0), np.mean(inside**2, axis=0)
    return float(np.mean(np.log((fourth + 1e-60) / (np.square(second) + 1e-60))))


def direct_to_reverberant_gain_db(done: Sound, before: Sound, dry: Sound, rate_hz: int, *, early_s: float) -> float:
    """Return how much more of the response from dry to done than of that to before lies up to early_s after the direct sound.

    Energies up to there over those later. The direct sound is the largest sample of the response to before: where a sung note
    outweighs all, that of the mended sound may peak later, and what is late would count as early.
    """
    response = _response(before, dry, rate_hz)
    border = int(np.argmax(np.abs(response))) + round(early_s * rate_hz)
    return _early_over_late_db(_response(done, dry, rate_hz), border) - _early_over_late_db(response, border)


def _response(heard: Sound, dry: Sound, rate_hz: int) -> Floats:
    """Return the response that explains heard best in the least-squares sense (regularised division of spectra)."""
    frames = 2 * dry.shape[1]
    source = np.fft.rfft(dry[0].astype(np.float64), frames)
    power = np.square(np.abs(source))
    target = np.fft.rfft(heard[0].astype(np.float64), frames)
    response = np.fft.irfft(target * np.conj(source) / (power + 1e-3 * power.mean()), frames)
    return np.concatenate([response[-round(0.005 * rate_hz) :], response[: round(1.2 * rate_hz)]])


def _early_over_late_db(response: Floats, border: int) -> float:
    return float(10 * np.log10(np.square(response[:border]).sum() / np.square(response[border:]).sum()))
