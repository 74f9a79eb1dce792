"""Two versions of a song, level-matched: what differs, by how much, and where."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.fourier import fast_size, irfft, rfft
from tonmeister.analysis.loudness import integrated_from_energies
from tonmeister.analysis.novelty import find_changes
from tonmeister.analysis.translation import REGIONS_HZ, matched_levels
from tonmeister.engineer.check_result import Compared, Difference
from tonmeister.engineer.check_sound import CheckedSound
from tonmeister.errors import InputError
from tonmeister.files.sound import SoundReader
from tonmeister.knowledge import number
from tonmeister.processing.decibels import to_db

_STEPS_PER_S = 100
_MOST_OFFSET_S = 30.0
_SAMPLE_REACH_S = 0.03
_LOOK_S = 20.0
_SAME_DB = -30.0
"""Above this the versions are too unlike for a residual to mean anything."""
_WHOLE = "whole song"


def compare(
    heard: CheckedSound, sound: SoundReader, other: CheckedSound, other_sound: SoundReader, *, against: Path
) -> Compared:
    """Return what differs from another version.

    Raises:
        InputError: If one of them is silent.
    """
    if heard.lufs is None or other.lufs is None:
        raise InputError(f"{against}: one of the two is silent; there is nothing to compare.")
    gain_db = heard.lufs - other.lufs
    offset_s = _offset_s(heard.measured.curves.rms_10ms, other.measured.curves.rms_10ms)
    residual, fine_s = _residual(sound, other_sound, offset_s)
    differences = (*_whole(heard, other, gain_db), *_by_section(heard, other, gain_db, fine_s))
    return Compared(
        against=against,
        gain_db=round(gain_db, 2),
        offset_s=round(fine_s, 4) + 0.0,
        residual_db=residual,
        differences=differences,
    )


def _whole(heard: CheckedSound, other: CheckedSound, gain_db: float) -> Iterator[Difference]:
    if abs(gain_db) >= number("check.difference_level_lu").value:
        said = f"{abs(gain_db):.1f} LU {'louder' if gain_db > 0 else 'softer'}; everything below is at equal loudness."
        yield Difference(what="loudness", where=_WHOLE, value=round(gain_db, 2), unit="LU", sentence=said)
    mine, theirs = heard.measured.figures, other.measured.figures
    for what, a, b, unit, limit, words in (
        ("peak to loudness", heard.plr_db, other.plr_db, "dB", "check.difference_range_db", ("more open", "denser")),
        ("loudness range", mine.loudness.range_lu, theirs.loudness.range_lu, "LU", "check.difference_range_db", ("wider", "narrower")),
        ("crest", mine.levels.crest_db, theirs.levels.crest_db, "dB", "check.difference_range_db", ("more open", "denser")),
        ("width", mine.stereo.width, theirs.stereo.width, "ratio", "check.difference_width", ("wider", "narrower")),
        ("true peak", heard.true_peak_dbtp, other.true_peak_dbtp, "dB", "check.difference_range_db", ("higher", "lower")),
    ):  # fmt: skip
        if a is None or b is None or abs(a - b) < number(limit).value:
            continue
        word = words[0] if a > b else words[1]
        said = f"{what} {abs(a - b):.2g} {'' if unit == 'ratio' else unit + ' '}{word} ({b:.4g} → {a:.4g})."
        yield Difference(
            what=what, where=_WHOLE, value=round(a - b, 3), unit=unit, sentence=said[:1].upper() + said[1:]
        )
    yield from _tone(heard.mean_power, other.mean_power, _WHOLE)


def _by_section(heard: CheckedSound, other: CheckedSound, gain_db: float, offset_s: float) -> Iterator[Difference]:
    """Compare each part between two changes of the music; what differs in all of them alike was told of the whole."""
    _, edges_s = find_changes(heard.measured.curves)
    whole_tone = _tone_difference(heard.mean_power, other.mean_power)
    for start_s, end_s in pairwise(edges_s.tolist()):
        where = f"{start_s:.1f} to {end_s:.1f} s"
        mine = _energies(heard, start_s, end_s)
        theirs = _energies(other, start_s + offset_s, end_s + offset_s)
        loud, soft = integrated_from_energies(mine), integrated_from_energies(theirs)
        if loud is None or soft is None:
            continue
        by = loud - soft - gain_db
        if abs(by) >= number("check.difference_level_lu").value:
            said = f"{abs(by):.1f} LU {'louder' if by > 0 else 'softer'} than there, against the whole song."
            yield Difference(what="level", where=where, value=round(by, 2), unit="LU", sentence=said)
        here = _tone_difference(_power(heard, start_s, end_s), _power(other, start_s + offset_s, end_s + offset_s))
        for name, value in here.items():
            if min(abs(value), abs(value - whole_tone[name])) >= number("check.difference_tone_db").value:
                yield _told(name, value, where)


def _tone(mine: NDArray[np.float64], theirs: NDArray[np.float64], where: str) -> Iterator[Difference]:
    for name, value in _tone_difference(mine, theirs).items():
        if abs(value) >= number("check.difference_tone_db").value:
            yield _told(name, value, where)


def _told(name: str, value: float, where: str) -> Difference:
    low, high = REGIONS_HZ[name]
    said = f"{name} ({low:g} to {high:g} Hz) {abs(value):.1f} dB {'stronger' if value > 0 else 'weaker'}."
    return Difference(
        what=f"tone: {name}", where=where, value=round(value, 2), unit="dB", sentence=said[:1].upper() + said[1:]
    )


def _tone_difference(mine: NDArray[np.float64], theirs: NDArray[np.float64]) -> dict[str, float]:
    """Return by region how much stronger it is at equal loudness of both."""
    a, b = matched_levels(mine), matched_levels(theirs)
    return {name: a[name] - b[name] for name in a}


def _energies(heard: CheckedSound, start_s: float, end_s: float) -> NDArray[np.float64]:
    return heard.measured.curves.energies_100ms[max(0, round(10 * start_s)) : max(0, round(10 * end_s))]


def _power(heard: CheckedSound, start_s: float, end_s: float) -> NDArray[np.float64]:
    rows = heard.measured.curves.erb_power[max(0, round(2 * start_s)) : max(1, round(2 * end_s))].astype(np.float64)
    return rows.mean(axis=0) + 1e-15 if len(rows) else np.full(heard.mean_power.shape, 1e-15)


def _offset_s(mine: NDArray[np.float32], theirs: NDArray[np.float32]) -> float:
    """Return how much later the same levels come in the other, by the correlation of their courses."""
    a, b = (np.log(np.maximum(levels.astype(np.float64), 1e-4)) for levels in (mine, theirs))
    lag = _best_lag(a - a.mean(), b - b.mean(), round(_MOST_OFFSET_S * _STEPS_PER_S))
    return lag / _STEPS_PER_S


def _best_lag(a: NDArray[np.float64], b: NDArray[np.float64], most: int) -> int:
    size = fast_size(a.size + b.size)
    found = irfft(rfft(b, size) * np.conj(rfft(a, size)), size)
    lags = np.r_[0 : min(most, b.size) + 1, -min(most, a.size) : 0]
    return int(lags[int(np.argmax(found[lags]))])


def _residual(sound: SoundReader, other: SoundReader, offset_s: float) -> tuple[float | None, float]:
    """Return what is left of the difference around the middle of the song, and the offset to the sample.

    None where rates or channels differ, or the versions are not the same recording to the sample.
    """
    rate = sound.sample_rate_hz
    if other.sample_rate_hz != rate or other.channels != sound.channels:
        return None, offset_s
    reach, offset = round(_SAMPLE_REACH_S * rate), round(offset_s * rate)
    earliest, latest = max(0, reach - offset), min(sound.frames, other.frames - reach - offset)
    frames = min(round(_LOOK_S * rate), latest - earliest)
    if frames <= 2 * reach:
        return None, offset_s
    start = earliest + (latest - earliest - frames) // 2
    first = start + offset - reach
    mine, theirs = sound.read(start, frames), other.read(first, frames + 2 * reach)
    if not mine.any():
        return None, offset_s
    a, b = mine.mean(axis=0).astype(np.float64), theirs.mean(axis=0).astype(np.float64)
    lag = max(0, _best_lag(a, b, 2 * reach))
    length = min(mine.shape[1], theirs.shape[1] - lag)
    own = mine[:, :length].astype(np.float64)
    cut = theirs[:, lag : lag + length].astype(np.float64)
    left = own - cut * ((own * cut).sum() / max(float(np.square(cut).sum()), 1e-20))  # at the gain that fits best
    residual = to_db(float(np.sqrt(np.square(left).mean() / max(float(np.square(own).mean()), 1e-20)) + 1e-10))
    fine_s = (first + lag - start) / rate
    return (round(residual, 1), fine_s) if residual < _SAME_DB else (None, offset_s)
