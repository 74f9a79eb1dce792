"""From a damaged recording to the settings that mend it: what analysis finds, put into the words of the processors.

Each function returns None where there is nothing to do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import ceil, floor

import numpy as np

from tonmeister.analysis.azimuth import find_azimuth
from tonmeister.analysis.bleed import learn_bleed
from tonmeister.analysis.breaths import find_breaths
from tonmeister.analysis.clip_level import find_clip_level
from tonmeister.analysis.hum_track import HumTrack, track_hum
from tonmeister.analysis.impulses import Impulse, find_impulses
from tonmeister.analysis.low_bursts import SURE_BURST_DB
from tonmeister.analysis.motor_tone import find_motor_tone
from tonmeister.analysis.mouth_clicks import MouthMoment
from tonmeister.analysis.plosives import find_plosives
from tonmeister.analysis.spans import Span
from tonmeister.analysis.wow import find_wow
from tonmeister.audio import Audio
from tonmeister.engineer.mouth_clicks import Known, find_mouth_clicks
from tonmeister.model import Db, Seconds
from tonmeister.processing.azimuth import Azimuth
from tonmeister.processing.band import Band
from tonmeister.processing.debleed import Debleed
from tonmeister.processing.debreath import Breath, Debreath
from tonmeister.processing.declick import Declick, declick
from tonmeister.processing.declip import Declip
from tonmeister.processing.dehum import Dehum, HumLine
from tonmeister.processing.deplosive import Deplosive
from tonmeister.processing.equaliser import Equaliser
from tonmeister.processing.regions import Region
from tonmeister.processing.remove_dc import RemoveDc
from tonmeister.processing.ringing_grid import LONGEST_S
from tonmeister.processing.unwow import Unwow

NOTCH_REACH = 0.5
"""Of the width of a motor's noise: how far the outer notches lie from the middle one."""
AROUND_S = 0.5
"""So far around a click that was mended others may come to light."""
LEAST_CLICKS_A_MINUTE = 6.0
"""Fewer are the scrape of a string or the tick of a stick as likely as not."""
NATURAL_BREATH_DB = -34.0
"""Level of a breath under the active parts that sounds natural; none is turned down further."""
MOST_BREATH_DB = 12.0
LEAST_OFFSET = 3e-4
LEAST_TILT_DB, MOST_TILT_DB = 0.5, 6.0
"""A head that is askew costs one channel no more treble than this; less is not heard."""


def prepare_dehum(audio: Audio) -> Dehum | None:
    """Return what takes the hum of a recording away."""
    track = track_hum(audio)
    return None if track is None else _as_dehum(track)


def _as_dehum(track: HumTrack) -> Dehum:
    lines = tuple(
        HumLine(
            multiple=line.multiple,
            knot_s=line.knot_s,
            cosine=tuple(_rounded(row.real) for row in line.values),
            sine=tuple(_rounded(row.imag) for row in line.values),
        )
        for line in track.lines
    )
    return Dehum(frequency_hz=track.frequency_hz, knot_s=track.knot_s, phase_turns=track.phase_turns, lines=lines)


def _rounded(values: Iterable[float]) -> tuple[float, ...]:
    return tuple(float(f"{value:.5g}") for value in values)


def prepare_motor_notch(audio: Audio) -> Equaliser | None:
    """Return three staggered notches over the narrow noise of a motor near the mains frequency; for voices only.

    A motor slips against the mains, so that its tone has no steady phase and cannot be subtracted.
    """
    tone = find_motor_tone(audio)
    if tone is None:
        return None
    reach = NOTCH_REACH * tone.width_hz
    q = tone.frequency_hz / (4 * reach)
    centres = (tone.frequency_hz - reach, tone.frequency_hz, tone.frequency_hz + reach)
    return Equaliser(bands=tuple(Band(shape="notch", frequency_hz=f, q=q) for f in centres))


def prepare_declick(audio: Audio, *, near: Sequence[Span] = ()) -> Declick | None:
    """Return what takes clicks and crackle away; looked for again in the mended sound, where the large ones hid small ones.

    Args:
        audio: The recording.
        near: Only around these places, where the ear has heard clicks; without any everywhere.
    """
    parts = _stretches(audio, near)
    clicks = [one for part in parts for one in _look_again(audio, part, ())] if near else list(find_impulses(audio))
    if len(clicks) < LEAST_CLICKS_A_MINUTE * audio.duration_s / 60:
        return None
    regions = _as_regions(clicks)
    more = [one for part in _stretches(audio, regions) for one in _look_again(audio, part, regions)]
    return Declick(regions=_joined(regions + _as_regions(more)))


def _stretches(audio: Audio, regions: Sequence[Region | Span]) -> list[tuple[int, int]]:
    """Return whole seconds of sound around some places, those that overlap as one."""
    rate, out = audio.sample_rate_hz, list[tuple[int, int]]()
    for region in sorted(regions, key=lambda r: r.start_s):
        first = max(0, floor(region.start_s - AROUND_S)) * rate
        last = min(audio.frames, ceil(region.end_s + AROUND_S) * rate)
        if out and first <= out[-1][1]:
            out[-1] = out[-1][0], max(last, out[-1][1])
        else:
            out.append((first, last))
    return out


def _look_again(audio: Audio, stretch: tuple[int, int], regions: tuple[Region, ...]) -> list[Impulse]:
    """Return the clicks of a stretch in which these regions are mended, but for its ends; elsewhere nothing has changed."""
    first, last = stretch
    start_s, rate = first / audio.sample_rate_hz, audio.sample_rate_hz
    inside = tuple(
        r.model_copy(update={"start_s": r.start_s - start_s, "end_s": r.end_s - start_s})
        for r in regions
        if start_s <= r.start_s < last / rate
    )
    mended = declick(Audio(np.ascontiguousarray(audio.samples[:, first:last]), rate), Declick(regions=inside))
    low_s = 0.0 if first == 0 else AROUND_S / 2
    high_s = mended.duration_s - (0.0 if last == audio.frames else AROUND_S / 2)
    return [
        replace(one, start_s=one.start_s + start_s, end_s=one.end_s + start_s)
        for one in find_impulses(mended)
        if low_s <= one.start_s and one.end_s <= high_s
    ]


def prepare_mouth_declick(audio: Audio) -> Declick | None:
    """Return what takes the mouth clicks of a voice away; looked for again in the mended sound."""
    known: Known = {}
    clicks = find_mouth_clicks(audio, known=known)
    if len(clicks) < LEAST_CLICKS_A_MINUTE * audio.duration_s / 60:
        return None
    first = Declick(regions=_joined(_as_regions(clicks), within_s=LONGEST_S), ringing=True)
    more = find_mouth_clicks(declick(audio, first), known=known)
    return first.model_copy(update={"regions": _joined(first.regions + _as_regions(more), within_s=LONGEST_S)})


def _as_regions(clicks: Iterable[Impulse | MouthMoment]) -> tuple[Region, ...]:
    return tuple(
        Region(start_s=round(c.start_s, 6), end_s=round(max(c.end_s, c.start_s + 2e-6), 6), channel=c.channel)
        for c in clicks
    )


def _joined(regions: tuple[Region, ...], *, within_s: Seconds = 0.0) -> tuple[Region, ...]:
    """Return the regions in order, those that overlap or lie so close together as one."""
    out: list[Region] = []
    for region in sorted(regions, key=lambda r: (r.channel or 0, r.start_s)):
        if out and out[-1].channel == region.channel and region.start_s <= out[-1].end_s + within_s:
            end_s = max(out[-1].end_s, region.end_s)
            out[-1] = Region(start_s=out[-1].start_s, end_s=end_s, channel=region.channel)
        else:
            out.append(region)
    return tuple(sorted(out, key=lambda r: r.start_s))


def prepare_declip(audio: Audio) -> Declip | None:
    """Return what rebuilds clipped peaks."""
    level = find_clip_level(audio)
    if level is None:
        return None
    floor = None if level.low == level.high else level.low
    return Declip(ceiling=level.high, floor=floor)


def prepare_deplosive(audio: Audio, *, least_db: Db = SURE_BURST_DB) -> Deplosive | None:
    """Return what turns the plosives of a voice down."""
    spans = find_plosives(audio, least_db=least_db)
    regions = tuple(Region(start_s=round(span.start_s, 3), end_s=round(span.end_s, 3)) for span in spans)
    return Deplosive(regions=regions) if regions else None


def prepare_debreath(audio: Audio) -> Debreath | None:
    """Return what turns the breaths of a voice down to a natural level, by at most 12 dB."""
    breaths = []
    for span in find_breaths(audio):
        gain_db = -min(MOST_BREATH_DB, max(0.0, span.level_db - NATURAL_BREATH_DB), max(0.0, span.over_floor_db))
        if gain_db < -1:
            breaths.append(Breath(start_s=span.start_s, end_s=span.end_s, gain_db=round(gain_db, 1)))
    return Debreath(breaths=tuple(breaths)) if breaths else None


def prepare_debleed(audio: Audio, other: Audio) -> Debleed | None:
    """Return what turns down what is heard of the other source; its track is the key."""
    bleed = learn_bleed(audio, other)
    return None if bleed is None else Debleed(edges_hz=bleed.edges_hz, transfer_db=bleed.transfer_db)


def prepare_remove_dc(audio: Audio) -> RemoveDc | None:
    """Return what takes a constant offset away."""
    offsets = tuple(float(f"{np.median(_step_means(audio, channel)):.5g}") for channel in range(audio.channels))
    return RemoveDc(offsets=offsets) if max(map(abs, offsets)) >= LEAST_OFFSET else None


def _step_means(audio: Audio, channel: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return the means of 20 ms steps with sound; half of them lie above the offset, however the wave is bent."""
    step = max(1, min(audio.frames, audio.sample_rate_hz // 50))
    samples = audio.samples[channel, : audio.frames // step * step].reshape(-1, step)
    samples = samples[samples.any(axis=1)]
    return np.asarray(samples.mean(axis=1, dtype=np.float64)) if len(samples) else np.zeros(1)


def prepare_unwow(audio: Audio) -> Unwow | None:
    """Return what evens a speed that swings."""
    track = find_wow(audio)
    return None if track is None else Unwow(knot_s=track.knot_s, ahead_ms=track.ahead_ms)


def prepare_azimuth(audio: Audio) -> Azimuth | None:
    """Return what sets the head of a tape straight."""
    error = find_azimuth(audio)
    if error is None:
        return None
    tilt_db = min(MOST_TILT_DB, max(-MOST_TILT_DB, error.tilt_db)) if abs(error.tilt_db) >= LEAST_TILT_DB else 0.0
    return Azimuth(delay_us=round(error.delay_us, 2), tilt_db=round(tilt_db, 2))
