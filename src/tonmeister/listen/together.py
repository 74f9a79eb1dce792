"""Faults that show only beside the other tracks: a late start, a wrong rate, a missing end, a mix among the stems."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from tonmeister.analysis.faults import Fault
from tonmeister.analysis.placement import (
    FITS_AS_IT_IS,
    FITS_BETTER,
    STRETCH_FITS,
    find_late_start,
    find_stretch,
    sum_rises,
)
from tonmeister.analysis.steps import STEPS_PER_S
from tonmeister.document.mix import Track
from tonmeister.files.cache import Cache
from tonmeister.listen.known_map import known_mixes
from tonmeister.listen.measure import Stem

MISSING_TAIL_S = 0.2
"""A file that ends so much before most others, in the middle of its sound, lacks its end."""
_SAME_LENGTH_S = 0.05
_EXACTLY_S = 0.0015
_USUAL_RATES_HZ = (48_000, 44_100, 96_000, 88_200, 24_000, 22_050, 32_000, 192_000, 176_400)
_CUT_BELOW_LOUD_DB = 26.0  # sound within so much of its active level at the last moment did not end by itself
_LEAST_TRACKS = 3


def hear_together(stems: Sequence[Stem]) -> list[Stem]:
    """Return the stems with the faults that only the other stems show."""
    sounding = [stem for stem in stems if stem.measurement.figures.levels.active_rms_dbfs is not None]
    if len(sounding) < _LEAST_TRACKS:
        return list(stems)
    first_s = min(_begins_s(stem) for stem in sounding)
    placed = {
        id(stem) for stem in sounding if _begins_s(stem) == first_s
    }  # the others say themselves where they belong
    return [
        _with_faults(stem, tuple(_find(stem, [other for other in sounding if other is not stem])))
        if id(stem) in placed
        else stem
        for stem in stems
    ]


def set_aside_mixes(tracks: Sequence[tuple[Stem, Track]], *, cache: Cache) -> list[tuple[Stem, Track]]:
    """Return the tracks with every mix of the others taken out of the mix and kept as a reference.

    A role that a person gave holds.
    """
    used = [place for place, (_, track) in enumerate(tracks) if track.used]
    found = known_mixes([tracks[place][0] for place in used], cache)
    out = list(tracks)
    for mix in found:
        stem, track = out[used[mix.place]]
        if stem.wish.role is None:
            why = f"A mix of {len(mix.holds)} of the other tracks (their sum explains {mix.explained:.0%} of it); kept as a reference."
            out[used[mix.place]] = stem, track.model_copy(update={"used": False, "why_unused": why})
    return out


def _find(stem: Stem, others: Sequence[Stem]) -> Iterator[Fault]:
    wrong_rate = _wrong_rate(stem, others)
    if wrong_rate is not None:
        yield wrong_rate
        return
    late = _late_start(stem, others)
    if late is not None:
        yield late
    tail = _missing_tail(stem, others)
    if tail is not None:
        yield tail


def _wrong_rate(stem: Stem, others: Sequence[Stem]) -> Fault | None:
    """Find a header that lies: at another usual rate it is exactly as long as the others, or fits them in time only there."""
    lengths = Counter(round(_length_s(other), 3) for other in others)
    common_s, count = lengths.most_common(1)[0]
    if abs(_length_s(stem) - common_s) > _SAME_LENGTH_S and 2 * count > len(others):
        said, frames = stem.sound.sample_rate_hz, stem.sound.frames
        rate = next((rate for rate in _USUAL_RATES_HZ if abs(frames / rate - common_s) < _EXACTLY_S), None)
        if rate is not None:
            sentence = (
                f"The file says {said} Hz and lasts {frames / said:.3f} s; at {rate} Hz it is exactly as long as "
                f"{count} others ({common_s:.3f} s): it plays {said / rate:.3f} times as fast as it should."
            )
            return Fault(kind="wrong_rate", value=said, limit=rate, unit="Hz", sentence=sentence)
    if any(abs(_length_s(other) - _length_s(stem)) < _SAME_LENGTH_S for other in others):
        return None
    speed = find_stretch(stem.measurement.curves.onset_10ms, _rises(others))
    if speed is None:
        return None
    sentence = (
        f"Its attacks fall together with the others' only if it plays {speed:.3f} times as fast: a wrong sample rate."
    )
    return Fault(kind="wrong_rate", value=speed, limit=STRETCH_FITS, unit="times", sentence=sentence)


def _late_start(stem: Stem, others: Sequence[Stem]) -> Fault | None:
    curves = stem.measurement.curves
    sound = np.flatnonzero(curves.peak_10ms > 0)
    if not sound.size:
        return None
    lead_in_s = int(sound[0]) / STEPS_PER_S
    lead = find_late_start(curves.onset_10ms, _rises(others), lead_in_s)
    if lead is None:
        return None
    sentence = (
        f"It begins with {lead_in_s:.2f} s of silence and is out of time with the others "
        f"(fit {lead.fit_now:.2f}); {lead.late_s:.2f} s earlier it fits ({lead.fit:.2f})."
    )
    limit = min(FITS_AS_IT_IS, lead.fit - FITS_BETTER)
    return Fault(kind="late_start", value=lead.fit_now, limit=limit, unit="correlation", sentence=sentence)


def _missing_tail(stem: Stem, others: Sequence[Stem]) -> Fault | None:
    early_s = float(np.median([_length_s(other) for other in others])) - _length_s(stem)
    rms, curve = stem.measurement.figures.levels.active_rms_dbfs, stem.measurement.curves.rms_10ms
    if early_s < MISSING_TAIL_S or rms is None or curve.size < STEPS_PER_S:
        return None
    end_db = 20 * float(np.log10(max(float(curve[-4:-1].mean()), 1e-10)))
    if end_db < rms - _CUT_BELOW_LOUD_DB:
        return None
    sentence = f"It ends {early_s:.2f} s before most others, in the middle of its sound ({end_db:.0f} dBFS)."
    return Fault(kind="missing_tail", value=early_s, limit=MISSING_TAIL_S, unit="s", sentence=sentence)


def _rises(others: Sequence[Stem]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return sum_rises([other.measurement.curves.onset_10ms for other in others])


def _length_s(stem: Stem) -> float:
    return stem.sound.frames / stem.sound.sample_rate_hz


def _begins_s(stem: Stem) -> float:
    return stem.sound.time_reference_frames / stem.sound.sample_rate_hz


def _with_faults(stem: Stem, more: tuple[Fault, ...]) -> Stem:
    if not more:
        return stem
    measurement = stem.measurement
    figures = measurement.figures.model_copy(update={"faults": (*measurement.figures.faults, *more)})
    return replace(stem, measurement=replace(measurement, figures=figures))
