"""How strong a defect is in a piece of a recording, in dBFS: measured the same way before and after its repair."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.energy_steps import quiet_level_dbfs
from tonmeister.analysis.fourier import power_between
from tonmeister.audio import Audio, Samples
from tonmeister.model import Db, Seconds
from tonmeister.processing import (
    Debleed,
    Debreath,
    Declick,
    Declip,
    Dehum,
    Denoiser,
    Deplosive,
    Dereverb,
    Derumble,
    Desibilance,
    Dewind,
    Equaliser,
    Processor,
    RemoveDc,
)
from tonmeister.processing.regions import Region

_LOWEST_DBFS = -160.0
_LINES = 12
_LINE_HZ, _DRIFT = 0.4, 1e-3
_LEAST_OVER = 0.03
"""A line that does not stand out is told to be this part of what lies beside it."""
_POP_S = 1 / 240
"""A running mean of so long keeps what is below about 120 Hz."""
_RUMBLE_S = 1 / 200
_CLICK_ROOM_S = 0.0005


def measure_defect(audio: Audio, settings: Processor, *, start_s: Seconds = 0.0) -> Db | None:
    """Return the level of what these settings mend, in dBFS; None where it has none.

    Args:
        audio: A piece of the file.
        settings: The repair, in the file's own times and levels.
        start_s: Where in the file the piece begins.
    """
    measure = _MEASURES.get(type(settings))
    return None if measure is None else measure(audio, settings, start_s)


def _noise(audio: Audio, _settings: Any, _start_s: float) -> Db:
    """Return the level of the quietest tenth above about 100 Hz: rumble would hide what is heard as noise."""
    heard = (audio.samples - _lows(audio, _RUMBLE_S)).astype(np.float32)
    return quiet_level_dbfs(Audio(heard, audio.sample_rate_hz), share=0.1)


def _bleed(audio: Audio, _settings: Any, _start_s: float) -> Db:
    """Return the level of the quieter two fifths: what is heard of others while the own source pauses."""
    return quiet_level_dbfs(audio, share=0.4)


def _tail(audio: Audio, _settings: Any, _start_s: float) -> Db:
    """Return the level of the quietest half of what sounds: where speech has just stopped, the room is heard."""
    return quiet_level_dbfs(audio, share=0.5)


def _hum(audio: Audio, settings: Dehum, _start_s: float) -> Db:
    found = {round(line.multiple * settings.frequency_hz, 1) for line in settings.lines}
    return _lines(audio, sorted(found)[:_LINES])


def _notch(audio: Audio, settings: Equaliser, _start_s: float) -> Db:
    """Return the power from the first notch to the last: a motor's tone wanders between them."""
    found = [band.frequency_hz for band in settings.bands]
    low, high = min(found) - _LINE_HZ, max(found) + _LINE_HZ
    power = power_between(audio.samples, sample_rate_hz=audio.sample_rate_hz, low_hz=low, high_hz=high)
    return _to_dbfs(2 * power / (audio.channels * float(audio.frames) ** 2))  # Parseval, one side of the spectrum


def _lines(audio: Audio, frequencies_hz: Sequence[float]) -> Db:
    """Return the power of some lines over what lies beside them, in the whole piece: music passes, a hum stays."""
    window = np.hanning(audio.frames)
    power = np.square(np.abs(np.fft.rfft(audio.samples * window))).mean(axis=0)
    hz = np.arange(power.size) * audio.sample_rate_hz / audio.frames
    total = 0.0
    for frequency in frequencies_hz:
        away = np.abs(hz - frequency)
        near = away <= _LINE_HZ + _DRIFT * frequency
        beside = ~near & (away <= 4 * (_LINE_HZ + _DRIFT * frequency))
        ground = float(power[beside].mean()) * int(near.sum()) if beside.any() else 0.0
        total += max(float(power[near].sum()) - ground, _LEAST_OVER * ground)
    return _to_dbfs(2 * total / (audio.frames * float(np.square(window).sum())))


def _clicks(audio: Audio, settings: Declick, start_s: float) -> Db:
    """Return the level of the second difference where clicks are: what is sharp about them."""
    sharp = np.diff(audio.samples, n=2, axis=1, prepend=audio.samples[:, :1], append=audio.samples[:, -1:])
    return _within(audio, sharp, settings.regions, start_s, room_s=_CLICK_ROOM_S)


def _peak(audio: Audio, _settings: Declip, _start_s: float) -> Db:
    return _to_dbfs(float(np.square(np.abs(audio.samples).max(initial=0.0))))


def _offset(audio: Audio, _settings: RemoveDc, _start_s: float) -> Db:
    return _to_dbfs(float(np.square(audio.samples.mean(axis=1, dtype=np.float64)).max()))


def _pops(audio: Audio, settings: Deplosive, start_s: float) -> Db:
    return _within(audio, _lows(audio, _POP_S), settings.regions, start_s)


def _breaths(audio: Audio, settings: Debreath, start_s: float) -> Db:
    return _within(audio, audio.samples, settings.breaths, start_s)


def _gusts(audio: Audio, settings: Dewind, start_s: float) -> Db:
    return _within(audio, _lows(audio, _POP_S), settings.gusts, start_s)


def _hisses(audio: Audio, settings: Desibilance, start_s: float) -> Db:
    """Return the level above the border where consonants hiss."""
    return _within(audio, audio.samples - _lows(audio, 0.5 / settings.frequency_hz), settings.hisses, start_s)


def _rumble(audio: Audio, settings: Derumble, _start_s: float) -> Db:
    power = power_between(audio.samples, sample_rate_hz=audio.sample_rate_hz, low_hz=1.0, high_hz=settings.frequency_hz)
    return _to_dbfs(2 * power / (audio.channels * float(audio.frames) ** 2))  # Parseval, one side of the spectrum


def _lows(audio: Audio, mean_s: Seconds) -> NDArray[np.float64]:
    """Return a running mean: what is below about half of one over its length."""
    size = max(2, round(mean_s * audio.sample_rate_hz))
    return np.stack([np.convolve(channel, np.ones(size, np.float32) / size, "same") for channel in audio.samples])


def _within(
    audio: Audio,
    samples: Samples | NDArray[np.float64],
    regions: Sequence[Region],
    start_s: float,
    *,
    room_s: float = 0.0,
) -> Db:
    """Return the RMS level inside regions."""
    inside = np.zeros(audio.frames, np.bool_)
    for region in regions:
        first = round((region.start_s - start_s - room_s) * audio.sample_rate_hz)
        last = max(first + 1, round((region.end_s - start_s + room_s) * audio.sample_rate_hz))
        inside[max(0, first) : max(0, last)] = True
    return _to_dbfs(float(np.square(samples[:, inside], dtype=np.float64).mean())) if inside.any() else _LOWEST_DBFS


def _to_dbfs(power: float) -> Db:
    return max(_LOWEST_DBFS, 10 * float(np.log10(max(power, 1e-20))))


_MEASURES: dict[type, Callable[[Audio, Any, float], Db]] = {
    Denoiser: _noise, Debleed: _bleed, Dereverb: _tail, Dehum: _hum, Equaliser: _notch, Declick: _clicks, Declip: _peak,
    RemoveDc: _offset, Deplosive: _pops, Debreath: _breaths, Dewind: _gusts, Desibilance: _hisses,
    Derumble: _rumble,
}  # fmt: skip
"""How to measure what each mends."""
