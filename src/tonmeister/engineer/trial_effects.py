"""What gates, shapers, de-essers and saturation do to a strip's excerpt, and how they are set until they do what they promise."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.fourier import power_between
from tonmeister.analysis.hits import find_hits, split_bleed
from tonmeister.analysis.intonation import notes_of, off_pitch_cents
from tonmeister.analysis.loudness import LoudnessMeter, integrated_from_energies
from tonmeister.analysis.pitch import track_pitch
from tonmeister.audio import Audio
from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import Expectation
from tonmeister.knowledge import number
from tonmeister.processing import DeEsser, Gate, Processor, Saturator, TransientShaper, Tuner
from tonmeister.processing.gate import long_closed
from tonmeister.processing.registry import make_stream
from tonmeister.processing.stream import run_stream

_VOWELS_HZ = (300.0, 3000.0)
_TUNING_STEPS = 6
_CLOSE_ENOUGH = 0.15
"""Tuning ends this part of the promise away from it."""
_TINY = 1e-14


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """The excerpt of a strip on which an insert is tried."""

    facts: TrackFacts
    first_frame: int
    """First frame of the excerpt in the file."""
    skip: int
    """Frames of run-up, in which nothing is measured."""
    start_frame: int = 0
    """First frame of the excerpt in the song."""


def run_insert(settings: Processor, audio: Audio, *, start_frame: int = 0) -> Audio:
    """Return the excerpt through fresh settings."""
    stream = make_stream(
        settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels, start_frame=start_frame
    )
    return run_stream(audio, stream)


def measure_effect(settings: Processor, expects: Expectation, audio: Audio, spot: Spot) -> float | None:
    """Return by how much the promised metric changes on the excerpt; None where it cannot be heard there."""
    measure = _EFFECTS.get(expects.metric)
    return (
        None
        if measure is None
        else measure(audio, run_insert(settings, audio, start_frame=spot.start_frame), _Case(settings, expects, spot))
    )


def tune(settings: Processor, expects: Expectation, audio: Audio, spot: Spot) -> Processor:
    """Return the settings with the one that matters moved until the excerpt shows the promised change."""
    wanted = expects.value - (expects.before or 0.0)
    steer = _STEERS.get(type(settings))
    if steer is None or abs(wanted) < 0.1:
        return settings
    low, high, build = steer(settings)
    best, best_off = settings, np.inf
    for _ in range(_TUNING_STEPS):
        tried = build((low + high) / 2)
        change = measure_effect(tried, expects, audio, spot)
        if change is None:
            return settings
        if abs(change - wanted) < best_off:
            best, best_off = tried, abs(change - wanted)
        if best_off <= _CLOSE_ENOUGH * abs(wanted):
            break
        is_too_little = change / wanted < 1
        low, high = ((low + high) / 2, high) if is_too_little else (low, (low + high) / 2)
    return _as_loud(best, audio, spot) if isinstance(best, Saturator) else best


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    settings: Processor
    expects: Expectation
    spot: Spot


_Steer = tuple[float, float, Callable[[float], Processor]]


def _steer_deesser(settings: DeEsser) -> _Steer:
    """More of it is a lower threshold: the way goes down."""
    return (
        -settings.threshold_db - 15,
        -settings.threshold_db + 30,
        lambda depth: settings.model_copy(update={"threshold_db": round(float(np.clip(-depth, -80, 0)), 1)}),
    )


def _steer_saturator(settings: Saturator) -> _Steer:
    return (
        0.0,
        number("dynamics.drive_most_db").value,
        lambda drive: settings.model_copy(update={"drive_db": round(drive, 1)}),
    )


def _steer_shaper(settings: TransientShaper) -> _Steer:
    sign = 1 if settings.attack_db > 0 else -1
    return (
        0.0,
        2.5 * abs(settings.attack_db),
        lambda size: settings.model_copy(update={"attack_db": round(float(np.clip(sign * size, -15, 15)), 1)}),
    )


_STEERS: dict[type, Callable[..., _Steer]] = {
    DeEsser: _steer_deesser,
    Saturator: _steer_saturator,
    TransientShaper: _steer_shaper,
}
"""Processor → least and most of what is tried, and the settings with so much."""


def _as_loud(settings: Saturator, audio: Audio, spot: Spot) -> Saturator:
    """Return the settings with the output gain at which the excerpt is as loud as before."""
    before, after = (_lufs(sound, spot.skip) for sound in (audio, run_insert(settings, audio)))
    if before is None or after is None:
        return settings
    return settings.model_copy(update={"output_db": round(float(np.clip(before - after, -12, 12)), 1)})


def _lufs(audio: Audio, skip: int) -> float | None:
    meter = LoudnessMeter(audio.sample_rate_hz, audio.channels)
    meter.add(audio.samples[:, skip:])
    return integrated_from_energies(meter.energies_100ms())


def _gap_change(before: Audio, after: Audio, case: _Case) -> float | None:
    """Return by how much falls what lies between the hits: where the detector has been low for hold and twice the release."""
    gate = case.settings
    if not isinstance(gate, Gate):
        return None
    quiet = long_closed(np.sqrt(_steps(before, np.max)), gate)
    quiet[: case.spot.skip * 100 // before.sample_rate_hz] = False
    powers = [_steps(sound, np.mean)[quiet].sum() for sound in (before, after)]
    return None if quiet.sum() < 20 or min(powers) <= 0 else float(10 * np.log10(powers[1] / powers[0]))


def _attack_change(before: Audio, after: Audio, case: _Case) -> float | None:
    """Return by how much the peak of the hits over their bodies changes."""
    inside = _own_hits(case.spot, before)
    if len(inside) < 2:
        return None
    changes = [_attack_db(after, s) - _attack_db(before, s) for s in inside]
    return float(np.median(changes))


def _own_hits(spot: Spot, audio: Audio) -> list[int]:
    """Return the first frames, in the excerpt, of the loud hits that are the drum's own."""
    hits = find_hits(spot.facts.curves)
    split = split_bleed(hits, least_db=number("dynamics.gate_separation_least_db").value)
    own = hits if split is None else split.own
    rate = audio.sample_rate_hz
    loud = own.steps[own.peak_db >= own.peak_db.max(initial=-999) - 15].tolist()
    starts = [step * rate // 100 - spot.first_frame for step in loud]
    return [start for start in starts if start > spot.skip and start + rate // 6 < audio.frames]


def _attack_db(audio: Audio, start: int) -> float:
    rate = audio.sample_rate_hz
    stroke = audio.samples[:, start - rate // 100 : start + rate // 25]
    body = audio.samples[:, start + rate // 20 : start + rate * 3 // 20]
    power = float(np.square(body, dtype=np.float64).mean())
    return float(10 * np.log10(max(float(np.abs(stroke).max()) ** 2, _TINY) / max(power, _TINY)))


def spread_change_db(before: Audio, after: Audio, *, skip: int = 0) -> float | None:
    """Return by how much loud 50 ms (95 %) and quiet ones (20 %) come nearer while something plays."""
    levels = [_steps(sound, np.mean, step_s=0.05)[skip * 20 // before.sample_rate_hz :] for sound in (before, after)]
    playing = levels[0] > 1e-4 * np.percentile(levels[0], 99)
    if playing.sum() < 20:
        return None
    spreads = [np.diff(np.percentile(10 * np.log10(level[playing] + _TINY), (20, 95)))[0] for level in levels]
    return float(spreads[1] - spreads[0])


def _hit_change(before: Audio, after: Audio, case: _Case) -> float | None:
    """Return the median rise of the peaks of the own hits."""
    starts = _own_hits(case.spot, before)
    rate = before.sample_rate_hz
    changes = [
        20 * np.log10(_peak(after, s - rate // 50, s + rate // 20) / _peak(before, s - rate // 50, s + rate // 20))
        for s in starts
    ]
    return float(np.median(changes)) if len(changes) > 1 else None


def _peak(audio: Audio, first: int, last: int) -> float:
    return max(float(np.abs(audio.samples[:, max(0, first) : last]).max()), 1e-9)


def _spread_change(before: Audio, after: Audio, case: _Case) -> float | None:
    return spread_change_db(before, after, skip=case.spot.skip)


def _pitch_change(before: Audio, after: Audio, case: _Case) -> float | None:
    """Return by how much a voice comes nearer to the notes of its key."""
    tuner = case.settings
    if not isinstance(tuner, Tuner):
        return None
    notes = notes_of(tuner.tonic, tuner.mode)
    off = [
        off_pitch_cents(track_pitch(sound.samples[:, case.spot.skip :], sample_rate_hz=sound.sample_rate_hz), notes)
        for sound in (before, after)
    ]
    return None if off[0] is None or off[1] is None else off[1] - off[0]


def _sibilance_change(before: Audio, after: Audio, case: _Case) -> float | None:
    """Return by how much the worst esses over the vowels change, in half seconds."""
    expects = case.expects
    if expects.low_hz is None or expects.high_hz is None:
        return None
    worst = [_worst_esses_db(sound, case.spot.skip, (expects.low_hz, expects.high_hz)) for sound in (before, after)]
    return None if worst[0] is None or worst[1] is None else worst[1] - worst[0]


def _worst_esses_db(audio: Audio, skip: int, esses_hz: tuple[float, float]) -> float | None:
    size = audio.sample_rate_hz // 2
    mono = audio.samples[:, skip:].mean(axis=0)
    whole = mono[: mono.size // size * size].reshape(-1, size)
    if len(whole) < 4:
        return None
    hz = np.fft.rfftfreq(size, 1 / audio.sample_rate_hz)
    power = np.square(np.abs(np.fft.rfft(whole * np.hanning(size).astype(np.float32))))
    esses, vowels = (
        power[:, (low <= hz) & (hz <= high)].sum(axis=1) for low, high in (esses_hz, _VOWELS_HZ)
    )  # fmt: skip
    sung = vowels > 1e-3 * vowels.max()
    return (
        float(np.percentile(10 * np.log10(np.maximum(esses[sung], _TINY) / vowels[sung]), 98)) if sung.any() else None
    )


def _band_change(before: Audio, after: Audio, case: _Case) -> float | None:
    """Return the change of the power of a band against that of the whole."""
    expects = case.expects
    if expects.low_hz is None or expects.high_hz is None:
        return None
    shares = []
    for sound in (before, after):
        samples = sound.samples[:, case.spot.skip :]
        band = power_between(
            samples, sample_rate_hz=sound.sample_rate_hz, low_hz=expects.low_hz, high_hz=expects.high_hz
        )
        whole = power_between(samples, sample_rate_hz=sound.sample_rate_hz, low_hz=20.0, high_hz=16_000.0)
        shares.append(band / whole if whole > 0 else 0.0)
    return float(10 * np.log10(shares[1] / shares[0])) if min(shares) > 0 else None


def _steps(
    audio: Audio, fold: Callable[..., NDArray[np.float64]], *, step_s: float = 0.01
) -> NDArray[np.float64]:  # fmt: skip
    """Return mean or highest square of each step over all channels."""
    size = round(step_s * audio.sample_rate_hz)
    power = np.square(audio.samples, dtype=np.float64)
    power = power.max(axis=0) if fold is np.max else power.mean(axis=0)
    return np.asarray(fold(power[: power.size // size * size].reshape(-1, size), axis=1))


_EFFECTS: dict[str, Callable[[Audio, Audio, _Case], float | None]] = {
    "gap_level_db": _gap_change,
    "attack_db": _attack_change,
    "hit_level_db": _hit_change,
    "level_spread_db": _spread_change,
    "off_pitch_cents": _pitch_change,
    "sibilance_db": _sibilance_change,
    "band_level_db": _band_change,
}
