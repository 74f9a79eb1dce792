"""Width by band with mono in mind: what mono would lose more than half of is turned down at the side, the middle stays."""

from collections.abc import Iterator, Sequence

import numpy as np

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.analysis.portrait import band_names, side_gain_db
from tonmeister.document.move import Move
from tonmeister.knowledge import number
from tonmeister.processing import Band, Equaliser
from tonmeister.processing.filter_design import magnitude_db
from tonmeister.tasks.mastering.finishing import Finishing, insert_move, side_stem, stem_fix
from tonmeister.tasks.work import evidence

_LEAST_POWER_DB = -40.0
_LEAST_SIDE_DB = 0.5
_DESIGN_HZ = 48_000


def propose(work: Finishing) -> Iterator[Move]:
    """Turn the side down in bands of which mono would lose too much; with references their width is followed instead."""
    if work.comparison is not None and work.amounts["width"] > 0:
        return
    most = number("finishing.side_most").value
    wide = {
        band: width for band, width in enumerate(work.portrait.width_by_band)
        if width is not None and width > most and band > 0 and band_level_db(work, band) > _LEAST_POWER_DB
    }  # fmt: skip
    if not wide:
        return
    limit = number("finishing.reference_side_most_db").value
    gains: dict[int, float] = {band: max(-limit, side_gain_db(width, most)) for band, width in wide.items()}
    worst = max(wide.values())
    because = (evidence("largest side power of a band", round(worst, 3), against="finishing.side_most"),)
    title = f"Mono would lose {-10 * np.log10(1 - worst):.1f} dB of a band: its side is turned down"
    found = max(wide, key=lambda band: wide[band])
    stem = side_stem(work, found)
    if stem is not None:
        low, high = band_names()[found]
        what = f"the side from {low:.0f} to {high:.0f} Hz"
        factor = 10 ** (gains[found] / 20)
        yield stem_fix(
            "side", f"{stem[0]} makes {stem[1]:.0%} of {what}; narrow it to {factor:.0%} there", because, stem, what
        )
        return
    yield insert_move(work, "width.mono", title, "tone", side_equaliser(gains), because, confidence=0.7)


def wanted_sides(
    side_db: Sequence[float | None], widths: Sequence[float | None], *, amount: float, most_db: float
) -> dict[int, float]:
    """Return the gain of the side in each band that is to follow a reference; mono protection: never wider than mono can bear."""
    limit = 1 - 10 ** (-number("finishing.mono_loss_db").value / 10)
    gains = {}
    for band, (gain, width) in enumerate(zip(side_db, widths, strict=False)):
        if gain is None or width is None:
            continue
        wanted = float(np.clip(amount * gain, -most_db, most_db))
        if wanted > 0:
            wanted = min(wanted, max(0.0, side_gain_db(width, limit)))
        if abs(wanted) >= _LEAST_SIDE_DB:
            gains[band] = wanted
    return gains


def band_level_db(work: Finishing, band: int) -> float:
    """Return the power of a width band against the whole."""
    low, high = band_names()[band]
    power = 10 ** (np.array(work.portrait.tone_db) / 10)
    inside = (low <= ERB_CENTRES_HZ) & (high > ERB_CENTRES_HZ)
    return float(10 * np.log10(max(float(power[inside].sum()), 1e-14) / max(float(power.sum()), 1e-14)))


def untangled(gains_db: dict[int, float]) -> dict[int, float]:
    """Return the gains of the bands whose sum, at the middle of each, is what was wanted there: neighbours reach into each other."""
    bands = sorted(gains_db)
    middles = np.array([float(np.sqrt(np.prod(band_names()[band]))) for band in bands])
    reach = np.stack([magnitude_db(side_equaliser({band: 1.0}).bands, middles, _DESIGN_HZ) for band in bands], axis=1)
    solved = np.linalg.solve(reach + 0.05 * np.eye(len(bands)), [gains_db[band] for band in bands])
    most = max(map(abs, gains_db.values()))
    return {band: round(float(np.clip(gain, -most, most)), 1) for band, gain in zip(bands, solved, strict=True)}


def side_equaliser(gains_db: dict[int, float]) -> Equaliser:
    """Return an equaliser of the side with a gain in each of some bands of the width."""
    edges = band_names()
    bands = []
    for band, gain in sorted(gains_db.items()):
        low, high = edges[band]
        if band in (0, len(edges) - 1):
            shape = "low_shelf" if band == 0 else "high_shelf"
            hz = high if band == 0 else low
            bands.append(Band(shape=shape, frequency_hz=hz, gain_db=round(gain, 1), q=0.7))
        else:
            bands.append(Band(frequency_hz=round(float(np.sqrt(low * high))), gain_db=round(gain, 1), q=0.9))
    return Equaliser(bands=tuple(bands), channels="side")
