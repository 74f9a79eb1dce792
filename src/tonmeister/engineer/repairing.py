"""From a recording to its repairs: each defect is looked for in what the repairs before it left, mended, and tried for harm."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import numpy as np

from tonmeister.analysis.energy_steps import busiest_excerpt_s, total_energy
from tonmeister.analysis.fourier import power_between
from tonmeister.analysis.harm import estimate_harm_db
from tonmeister.analysis.track_meter import TrackFigures
from tonmeister.audio import Audio
from tonmeister.document.repair import Repair, RepairKind
from tonmeister.engineer.preparing import SOFT, STEPS, Sought, Step
from tonmeister.engineer.repair_figures import measure_defect
from tonmeister.knowledge import number
from tonmeister.model import Db
from tonmeister.processing import Processor
from tonmeister.processing.registry import make_stream
from tonmeister.processing.segments import take_residual

FOCUS_S = 10.0
"""Length of the excerpt on which a repair is measured."""
_AMOUNTS = (1.0, 0.6, 0.35)
"""What the harm test may let pass, tried in turn."""
_BLOCK_FRAMES = 1 << 18
_PIECE_S = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Mended:
    """A recording after one repair."""

    audio: Audio
    repair: Repair


def mend(
    audio: Audio, figures: TrackFigures, sought: Sought, *, tell: Callable[[RepairKind], None] | None = None
) -> Iterator[Mended]:
    """Yield each repair of a recording in the order of the work, with the sound as it then is.

    What the harm test stopped is told as well: its amount is 0 and the sound stays.
    """
    here = audio
    for step in STEPS:
        if step.kind not in sought.kinds:
            continue
        if tell is not None:
            tell(step.kind)
        settings = step.prepare(here, figures, sought) if step.is_called_for(figures, sought) else None
        if settings is None:
            continue
        part = sought.soft_amount if step.kind in SOFT else 1.0
        after, repair = _try(here, scale(settings, part), step, figures)
        if not repair.is_stopped:
            here = after
        yield Mended(here, repair)


def apply_repair(audio: Audio, settings: Processor) -> Audio:
    """Return the sound of a file, mended; in blocks, so that no stream holds a copy of all of it."""
    stream = make_stream(settings, sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    late = stream.latency_frames
    out = np.empty_like(audio.samples, order="C")
    for start in range(0, audio.frames + late, _BLOCK_FRAMES):
        count = min(_BLOCK_FRAMES, audio.frames + late - start)
        block = audio.samples[:, start : start + count]
        if block.shape[1] < count:  # behind the end there is silence, which pushes out what is held
            block = np.pad(block, ((0, 0), (0, count - block.shape[1])))
        done = stream.process(np.ascontiguousarray(block))
        skip = max(0, late - start)
        out[:, max(0, start - late) : max(0, start + count - late)] = done[:, skip:]
    return Audio(out, audio.sample_rate_hz)


def _try(audio: Audio, settings: Processor, step: Step, figures: TrackFigures) -> tuple[Audio, Repair]:
    """Mend with as much of the repair as does no harm."""
    limit_db = number(step.harm).value
    whole = settings
    for amount in _AMOUNTS:
        scaled = scale(whole, amount)
        after = apply_repair(audio, scaled)
        harm_db = measure_harm(audio, after, step.kind)
        if harm_db <= limit_db:
            return after, _describe(audio, after, scaled, step, figures, (amount, harm_db))
        if scaled is whole and amount != 1.0:
            break
    return audio, _describe(audio, after, settings, step, figures, (0.0, harm_db))


def scale(settings: Processor, amount: float) -> Processor:
    """Return settings that do this part of the work."""
    if amount == 1.0 or "amount" not in type(settings).model_fields:
        return settings
    return settings.model_copy(update={"amount": round(amount * getattr(settings, "amount", 1.0), 3)})


_RISES_WITH_IT: Collection[RepairKind] = ("clicks", "mouth_clicks", "plosives", "breaths", "clipping", "wow")
"""Defects that come with the performance: the line between both tells nothing, the whole residual counts."""
_SPARED_HZ: dict[RepairKind, tuple[float, float]] = {
    "sibilance": (100.0, 3000.0), "motor": (80.0, 16_000.0), "wind": (500.0, 16_000.0), "rumble": (80.0, 16_000.0),
    "azimuth": (100.0, 1000.0), "bandwidth": (100.0, 800.0),
}  # fmt: skip
"""Where a repair whose filters turn phases should change nothing: its residual holds all that passes, so powers are compared."""


def measure_harm(before: Audio, after: Audio, kind: RepairKind) -> Db:
    """Return the wanted sound in what was taken away, relative to what stays, at most."""
    if kind in _SPARED_HZ:
        taken, stays = _lost_between(before, after, *_SPARED_HZ[kind])
    elif kind in _RISES_WITH_IT:
        taken, stays = total_energy(take_residual(before, after)), total_energy(after)
    else:
        return round(estimate_harm_db(after, take_residual(before, after)), 2)
    return round(10 * float(np.log10(max(taken, 1e-20) / max(stays, 1e-20))), 2)


def _lost_between(before: Audio, after: Audio, low_hz: float, high_hz: float) -> tuple[float, float]:
    """Return the power that a band lost, and what it has; piece by piece, for a spectrum of an hour fills the memory."""
    rate, size = before.sample_rate_hz, round(_PIECE_S * before.sample_rate_hz)
    high_hz = min(high_hz, 0.45 * rate)
    lost = stays = 0.0
    for start in range(0, before.frames, size):
        pieces = (audio.samples[:, start : start + size] for audio in (before, after))
        first, now = (power_between(one, sample_rate_hz=rate, low_hz=low_hz, high_hz=high_hz) for one in pieces)
        lost, stays = lost + first - now, stays + now
    return abs(lost), stays


def _describe(
    audio: Audio, after: Audio, settings: Processor, step: Step, figures: TrackFigures, tried: tuple[float, Db]
) -> Repair:  # fmt: skip
    start_s, end_s = busiest_excerpt_s(take_residual(audio, after), length_s=FOCUS_S)
    rate = audio.sample_rate_hz
    part = slice(round(start_s * rate), max(round(start_s * rate) + 1, round(end_s * rate)))
    before, now = (
        measure_defect(Audio(np.ascontiguousarray(sound.samples[:, part]), rate), settings, start_s=start_s)
        for sound in (audio, after)
    )
    found, unit = step.tell(settings, figures)
    return Repair(
        kind=step.kind, processor=settings, title=step.title, found=round(found, 3), unit=unit, start_s=start_s, end_s=end_s,
        before_dbfs=None if before is None else round(before, 2), after_dbfs=None if now is None else round(now, 2),
        harm_db=tried[1], amount=tried[0],
    )  # fmt: skip
