"""Faults of a recording, each with the numbers that show it; copies among several recordings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tonmeister.analysis.clicks import CELL_S, STANDS_OUT, Clicks
from tonmeister.analysis.clipping import Clipping
from tonmeister.analysis.hum import Hum
from tonmeister.analysis.levels import Levels
from tonmeister.analysis.noise import NoiseFloor
from tonmeister.analysis.spans import Span
from tonmeister.model import Hz, Model

FaultKind = Literal[
    "silence", "clipping", "dc_offset", "not_finite", "hum", "noise", "clicks", "one_sided", "late_start", "wrong_rate",
    "missing_tail",
]  # fmt: skip
"""What can be wrong with one recording; the last three show only beside the other tracks of the song."""

SILENT_BELOW_DBFS = -70.0
"""A track whose largest sample lies below holds nothing to mix."""
CLIPPED_RUNS = 3
"""Fewer runs are single overs that nobody hears."""
PULSE_SHARE, PULSE_JUMPS = 0.2, 0.5
"""With more of its active time at the extreme, most of it between jumps, a track is a pulse wave, not a clipped take: that
keeps the slopes of its wave between the runs, however hard it was driven."""
DC_DBFS = -60.0
"""Constant offset from which it is worth taking out: 0.1 % of full scale."""
HUM_BELOW_MUSIC_DB = -55.0
"""Hum further below the active RMS stays inaudible through any compression we apply."""
NOISE_BELOW_MUSIC_DB = -50.0
"""Steady noise in the pauses above this, relative to the active RMS, will be heard once the track is compressed."""
NOISE_SPREAD_DB = 3.0
"""Noise is steady: its 100 ms levels spread by less (bleed and room spread by more)."""
CLICKS = 3
"""Fewer are parts of the performance more often than faults."""
ONE_SIDED_DB = 40.0
"""With so much between its channels a stereo track is a mono one on one side, panning included."""
_SPANS = 100
_JOIN_S = 0.02


class Fault(Model):
    """One fault: what was measured, against which limit, and where."""

    kind: FaultKind
    """What is wrong."""
    value: float
    """The measured number."""
    limit: float
    """The number that it may not pass."""
    unit: str
    """Unit of value and limit."""
    sentence: str
    """The fault in one plain sentence."""
    spans: tuple[Span, ...] = ()
    """Where, at most the first hundred places; empty when it is everywhere."""
    count: int = Field(default=1, ge=0)
    """How many places or samples there are in all."""
    frequency_hz: Hz | None = None
    """Fundamental of a hum."""


class Duplicate(Model):
    """Two tracks that hold the same recording."""

    first: int = Field(ge=0)
    """Index of one track in the list that was compared."""
    second: int = Field(ge=0)
    """Index of the other, larger than the first."""
    kind: Literal["same_samples", "same_but_level", "same_envelope"]
    """The same to the sample, the same but for the level, or the same course of level in the same spectrum."""
    correlation: float = Field(ge=-1, le=1)
    """Correlation of the 10 ms level envelopes."""
    level_difference_db: float
    """Level of the second minus the first."""


@dataclass(frozen=True, slots=True, eq=False)
class FaultEvidence:
    """What the meters of one track found, for the judgement of faults."""

    levels: Levels
    sample_rate_hz: int
    frames: int
    not_finite: int
    dc_offset: tuple[float, ...]
    clipping: Clipping
    hum: Hum | None
    clicks: Clicks
    noise: NoiseFloor | None
    channel_power: tuple[float, float]
    """Mean squares of left and right; the same twice for mono."""


def find_faults(evidence: FaultEvidence) -> tuple[Fault, ...]:
    """Return the faults of one track, in a fixed order."""
    return tuple(_find(evidence))


def _find(evidence: FaultEvidence) -> Iterator[Fault]:
    levels = evidence.levels
    if evidence.not_finite:
        yield Fault(
            kind="not_finite",
            value=evidence.not_finite,
            limit=0,
            unit="samples",
            count=evidence.not_finite,
            sentence=f"{evidence.not_finite} samples are not numbers (NaN or infinity); they were taken as silence.",
        )
    peak_db = -200.0 if levels.sample_peak_dbfs is None else levels.sample_peak_dbfs
    if peak_db < SILENT_BELOW_DBFS:
        heard = "digital silence" if peak_db <= -200.0 else f"no sample above {peak_db:.1f} dBFS"
        sentence = f"The track is silent: {heard}."
        yield Fault(kind="silence", value=peak_db, limit=SILENT_BELOW_DBFS, unit="dBFS", sentence=sentence)
        return
    yield from _find_clipping(evidence)
    offset = max(evidence.dc_offset, key=abs, default=0.0)
    offset_db = 20 * float(np.log10(max(abs(offset), 1e-10)))
    if offset_db > DC_DBFS:
        sentence = f"The wave is off its zero line by {100 * offset:+.2f} % of full scale."
        yield Fault(kind="dc_offset", value=offset_db, limit=DC_DBFS, unit="dBFS", sentence=sentence)
    yield from _find_hum(evidence)
    yield from _find_noise(evidence)
    yield from _find_clicks(evidence)
    yield from _find_one_sided(evidence.channel_power)


def _find_clipping(evidence: FaultEvidence) -> Iterator[Fault]:
    clipping = evidence.clipping
    is_pulse = clipping.samples_s > PULSE_SHARE * evidence.levels.active_s and clipping.jumps > PULSE_JUMPS
    if clipping.runs < CLIPPED_RUNS or is_pulse:
        return
    sentence = (
        f"{clipping.samples} samples in {clipping.runs} places are cut off at {clipping.level_dbfs:.1f} dBFS, "
        f"up to {clipping.longest} in a row."
    )
    yield Fault(
        kind="clipping",
        value=clipping.runs,
        limit=CLIPPED_RUNS,
        unit="places",
        sentence=sentence,
        spans=_join(clipping.starts_s, evidence.frames / evidence.sample_rate_hz),
        count=clipping.samples,
    )


def _find_hum(evidence: FaultEvidence) -> Iterator[Fault]:
    hum, rms = evidence.hum, evidence.levels.active_rms_dbfs
    if hum is None or rms is None or hum.level_dbfs - rms < HUM_BELOW_MUSIC_DB:
        return
    strongest = max(hum.lines)
    yield Fault(
        kind="hum",
        value=hum.level_dbfs - rms,
        limit=HUM_BELOW_MUSIC_DB,
        unit="dB",
        count=sum(line > 0 for line in hum.lines),
        frequency_hz=hum.frequency_hz,
        sentence=f"Mains hum of {hum.frequency_hz:.0f} Hz and multiples at {hum.level_dbfs:.1f} dBFS, "
        f"lines up to {strongest:.0f} dB above what lies beside them.",
    )


def _find_noise(evidence: FaultEvidence) -> Iterator[Fault]:
    """Say where steady noise is: in the pauses, or under the music where nothing pauses."""
    levels = evidence.levels
    rms, spread, floor = levels.active_rms_dbfs, levels.noise_spread_db, levels.noise_floor_dbfs
    under = None if evidence.noise is None else evidence.noise.level_dbfs
    in_pauses = floor if spread is not None and spread <= NOISE_SPREAD_DB else None
    found = max((value for value in (under, in_pauses) if value is not None), default=None)
    if found is None or rms is None or found - rms <= NOISE_BELOW_MUSIC_DB:
        return
    where = "in the pauses" if found == in_pauses else "under the music"
    sentence = f"Steady noise at {found:.1f} dBFS {where}, {rms - found:.0f} dB below the music."
    yield Fault(kind="noise", value=found - rms, limit=NOISE_BELOW_MUSIC_DB, unit="dB", sentence=sentence)


def _find_clicks(evidence: FaultEvidence) -> Iterator[Fault]:
    clicks = evidence.clicks
    if clicks.count < CLICKS:
        return
    first = ", ".join(f"{start:.2f}" for start in clicks.starts_s[:3])
    yield Fault(
        kind="clicks",
        value=clicks.stands_out_db,
        limit=20 * float(np.log10(STANDS_OUT)),
        unit="dB",
        count=clicks.count,
        spans=tuple(Span(start_s=start, end_s=start + CELL_S) for start in clicks.starts_s[:_SPANS]),
        sentence=f"{clicks.count} clicks, {clicks.stands_out_db:.0f} dB sharper than what is around; the first at {first} s.",
    )


def _find_one_sided(channel_power: tuple[float, float]) -> Iterator[Fault]:
    loud, soft = max(channel_power), min(channel_power)
    apart_db = 10 * float(np.log10(max(loud, 1e-20) / max(soft, 1e-20)))
    if apart_db >= ONE_SIDED_DB:
        side = "right" if channel_power[0] > channel_power[1] else "left"
        heard = "silent" if soft <= 1e-20 else f"{apart_db:.0f} dB below the other"
        sentence = f"A stereo file with sound on one side only: the {side} channel is {heard}."
        yield Fault(kind="one_sided", value=apart_db, limit=ONE_SIDED_DB, unit="dB", sentence=sentence)


def _join(starts_s: Sequence[float], duration_s: float) -> tuple[Span, ...]:
    """Return the places as spans, those closer than 20 ms as one."""
    spans: list[list[float]] = []
    for start in starts_s:
        if spans and start - spans[-1][1] < _JOIN_S:
            spans[-1][1] = start
        elif len(spans) < _SPANS:
            spans.append([start, start])
        else:
            break
    return tuple(Span(start_s=a, end_s=min(b + 0.001, duration_s)) for a, b in spans)


def find_duplicates(
    rms_10ms: Sequence[NDArray[np.float32]], third_octave_db: Sequence[NDArray[np.float32]]
) -> tuple[Duplicate, ...]:
    """Return the pairs of tracks with the same course of level and the same spectrum, from `TrackCurves`.

    Only tracks that sound are compared; two microphones on one source differ in spectrum and are no copies.
    """
    length = max((curve.size for curve in rms_10ms), default=0)
    levels = np.zeros((len(rms_10ms), length))
    for row, curve in zip(levels, rms_10ms, strict=True):
        row[: curve.size] = curve
    power = np.square(levels).sum(axis=1)
    centred = levels - levels.mean(axis=1, keepdims=True) if length else levels
    norm = np.sqrt(np.square(centred).sum(axis=1))
    correlation = (centred @ centred.T) / np.maximum(np.outer(norm, norm), 1e-20)
    pairs = np.argwhere(np.triu(correlation > _SAME_ENVELOPE, 1))
    found = []
    for first, second in pairs:
        level_db = 10 * float(np.log10(power[second] / power[first]))
        spectra = third_octave_db[second] - third_octave_db[first]
        loud = np.maximum(third_octave_db[first], third_octave_db[second])
        shape_db = float(np.abs(spectra - level_db)[loud > loud.max() - 30].max())
        kind = _judge(float(correlation[first, second]), shape_db, level_db)
        if kind is not None:
            value = float(np.clip(correlation[first, second], -1, 1))
            found.append(
                Duplicate(
                    first=int(first),
                    second=int(second),
                    kind=kind,
                    correlation=round(value, 5),
                    level_difference_db=round(level_db, 2) + 0.0,
                )
            )
    return tuple(found)


_SAME_ENVELOPE, _SAME_BUT_LEVEL = 0.985, 0.99999
_SHAPE_DB = 1.5


def _judge(
    correlation: float, shape_db: float, level_db: float
) -> Literal["same_samples", "same_but_level", "same_envelope"] | None:
    """Name the likeness; samples count as the same when level, envelope and spectrum agree to what float32 holds."""
    if shape_db > _SHAPE_DB:
        return None
    if correlation < _SAME_BUT_LEVEL or shape_db > 0.01:
        return "same_envelope"
    return "same_samples" if abs(level_db) < 1e-4 else "same_but_level"
