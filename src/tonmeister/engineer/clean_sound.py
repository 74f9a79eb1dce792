"""One recording from what came in to what goes out: marked places, the automatic pass, the level of a podcast."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tonmeister.analysis.loudness import measure_loudness
from tonmeister.analysis.ride import find_ride
from tonmeister.analysis.speech_flow import Break, find_breaks
from tonmeister.analysis.track_meter import TrackFigures
from tonmeister.analysis.true_peak import measure_true_peak
from tonmeister.audio import Audio
from tonmeister.document.repair import Repair, RepairKind
from tonmeister.engineer.clean_options import CleanOptions, MarkedRegion
from tonmeister.engineer.options import Cancel, Tell
from tonmeister.engineer.preparing import KINDS
from tonmeister.engineer.repairing import apply_repair, mend
from tonmeister.errors import CancelledError
from tonmeister.knowledge import number
from tonmeister.processing import Debreath, Declick, Deplosive, Inpaint, Leveller, Processor, TruePeakLimiter
from tonmeister.processing.debreath import Breath
from tonmeister.processing.regions import Region
from tonmeister.processing.voice_model import is_installed

_EDGE_S = 0.01
_MARKED_BREATH_DB = -9.0


@dataclass(frozen=True, slots=True, eq=False)
class CleanedSound:
    """A cleaned recording and what was done."""

    audio: Audio
    repaired: Audio
    """Before the level was changed: what is compared with the input."""
    repairs: tuple[Repair, ...]
    breaks: tuple[Break, ...]
    misses: tuple[str, ...]


def clean_sound(
    audio: Audio, figures: TrackFigures, options: CleanOptions, *, voice: bool, tell: Tell, cancel: Cancel | None
) -> CleanedSound:
    """Mend a recording.

    Raises:
        CancelledError: If the person asked to stop.
    """
    here = _mend_marked(audio, options.regions)
    within = [region for region in options.regions if region.kind is None]
    sought = options.sought(voice=voice, with_model=options.with_model and voice and is_installed())
    repairs: list[Repair] = []
    done = here

    def report(kind: RepairKind) -> None:
        if cancel is not None and cancel.is_set():
            raise CancelledError("The work was stopped.")
        tell("clean", kind.replace("_", " "), KINDS.index(kind) / len(KINDS))

    if within or not options.regions or options.only:
        for mended in mend(here, figures, sought, tell=report):
            done = mended.audio
            repairs.append(mended.repair)
    if within:
        done = _only_within(here, done, within)
    levelled, misses = _level(done, voice=voice) if options.podcast else (done, ())
    breaks = find_breaks(done) if options.podcast and voice else ()
    return CleanedSound(levelled, done, tuple(repairs), breaks, misses)


def _mend_marked(audio: Audio, regions: Sequence[MarkedRegion]) -> Audio:
    """Mend what a person marked as something."""
    for settings in _marked_settings(regions):
        audio = apply_repair(audio, settings)
    return audio


def _marked_settings(regions: Sequence[MarkedRegion]) -> list[Processor]:
    places = {
        kind: tuple(Region(start_s=r.start_s, end_s=r.end_s) for r in regions if r.kind == kind)
        for kind in ("gap", "clicks", "plosives")
    }
    breaths = tuple(
        Breath(start_s=r.start_s, end_s=r.end_s, gain_db=_MARKED_BREATH_DB) for r in regions if r.kind == "breaths"
    )
    settings: list[Processor] = []
    settings += [Inpaint(regions=places["gap"])] if places["gap"] else []
    settings += [Declick(regions=places["clicks"])] if places["clicks"] else []
    settings += [Deplosive(regions=places["plosives"])] if places["plosives"] else []
    return settings + ([Debreath(breaths=breaths)] if breaths else [])


def _only_within(before: Audio, after: Audio, regions: Sequence[MarkedRegion]) -> Audio:
    """Keep what was done inside the regions, with short edges inside them."""
    rate, edge = before.sample_rate_hz, round(_EDGE_S * before.sample_rate_hz)
    share = np.zeros(before.frames, np.float32)
    for region in regions:
        first, last = round(region.start_s * rate), min(before.frames, round(region.end_s * rate))
        size = max(0, last - first)
        ramp = np.minimum(1.0, (np.minimum(np.arange(size), np.arange(size)[::-1]) + 0.5) / max(1, edge))
        share[first : first + size] = np.maximum(share[first : first + size], ramp)
    mixed = np.where(share == 0, before.samples, before.samples + share * (after.samples - before.samples))
    return Audio(np.ascontiguousarray(mixed, dtype=np.float32), rate)


def _level(audio: Audio, *, voice: bool) -> tuple[Audio, tuple[str, ...]]:
    """Bring a podcast to its loudness: a voice is ridden, anything else moved as a whole; true peaks are held."""
    target = (
        number("cleanup.podcast_mono_lufs") if audio.channels == 1 else number("cleanup.podcast_stereo_lufs")
    ).value
    ceiling = number("cleanup.podcast_ceiling_dbtp").value
    range_db = number("cleanup.podcast_ride_most_db").value if voice else 0.0
    points = find_ride(audio, target_lufs=target, range_db=range_db)
    if not points:
        return audio, ("There is no loudness in it: silent, or shorter than 0.4 s.",)
    ridden = apply_repair(audio, Leveller(points=points))
    done = _limited(ridden, ceiling)
    loudness = measure_loudness(done).integrated_lufs
    if loudness is not None and abs(loudness - target) > 0.2:  # the limiter took some: once more, by that much
        points = tuple((time_s, round(gain_db + target - loudness, 2)) for time_s, gain_db in points)
        done = _limited(apply_repair(audio, Leveller(points=points)), ceiling)
        loudness = measure_loudness(done).integrated_lufs
    off = loudness is None or abs(loudness - target) > number("cleanup.podcast_tolerance_lu").value
    return done, (
        (f"It is at {loudness:.1f} LUFS, not at {target:.0f}: its peaks leave no room.",) if off and loudness else ()
    )


def _limited(audio: Audio, ceiling_dbtp: float) -> Audio:
    peak = measure_true_peak(audio)
    if peak is None or peak <= ceiling_dbtp:
        return audio
    return apply_repair(audio, TruePeakLimiter(ceiling_dbtp=ceiling_dbtp))
