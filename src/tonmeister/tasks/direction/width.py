"""Width of the whole: the side of the group that carries it, else of the mix, by band and never further than mono can bear."""

from collections.abc import Iterator

import numpy as np

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.analysis.portrait import band_names
from tonmeister.document.move import Evidence, Expectation, InsertChange, Move, Where
from tonmeister.document.strip import MASTER, Insert
from tonmeister.knowledge import number
from tonmeister.tasks.direction.aims import Aims, MixSound, told_source
from tonmeister.tasks.direction.tone import group_gain_db
from tonmeister.tasks.expecting import LEAST_DB
from tonmeister.tasks.mastering.sides import side_equaliser, untangled, wanted_sides
from tonmeister.tasks.work import Work


def propose(work: Work, sound: MixSound, aims: Aims) -> Iterator[Move]:
    """Yield one equaliser of the side, where the side is to change by what can be heard."""
    if not work.follows("width") and not any(mood.side_db for mood in work.moods.values()):
        return
    widths, most = sound.portrait.width_by_band, min(number("direction.side_most_db").value, work.budget.eq_gain_db)
    gains = wanted_sides(aims.side_db, widths, amount=1.0, most_db=most)
    if max(map(abs, gains.values()), default=0.0) < number("direction.side_least_db").value:
        return
    bus, own = _place(sound, gains, most)
    furthest = max(gains, key=lambda band: abs(gains[band]))
    low, high = band_names()[furthest]
    found = Evidence(
        what=f"side power over all power at {low:.0f} to {high:.0f} Hz; the limit is where it is to go", value=round(widths[furthest] or 0.0, 3),
        limit=round(_width_after(widths[furthest] or 0.0, gains[furthest]), 3), unit="share", source=told_source(work, "width"),
    )  # fmt: skip
    told = ", ".join(
        f"{gain:+.1f} dB at {band_names()[band][0]:.0f}-{band_names()[band][1]:.0f} Hz"
        for band, gain in sorted(own.items())
    )
    place = "the mix" if bus == MASTER else f"the {bus} group, which carries it"
    change = InsertChange(insert=Insert(id="direction-width", slot="tone", processor=side_equaliser(untangled(own))))
    yield Move(
        id="direction.width", task="direction", title=f"Direction: the side of {place} {told}", where=Where(bus=bus), change=change,
        because=(found,), expects=_promise(sound, bus, own), confidence=0.5,
    )  # fmt: skip


def _place(sound: MixSound, gains: dict[int, float], most_db: float) -> tuple[str, dict[int, float]]:
    """Return the group that carries the side in every band that moves, with its gains; the mix where none does."""
    for bus, group in sound.groups.items():
        own: dict[int, float] = {}
        for band, gain in gains.items():
            width, theirs = sound.portrait.width_by_band[band], group.width_by_band[band : band + 1]
            whole = _side_power(sound.power, width, band)
            share = _side_power(group.power, theirs[0] if theirs else None, band) / max(whole, 1e-20)
            gain_db = group_gain_db(gain, share) if share >= number("direction.group_share").value else None
            if gain_db is not None and abs(gain_db) <= most_db:
                own[band] = gain_db
        if len(own) == len(gains):
            return bus, own
    return MASTER, gains


def _side_power(power: np.ndarray, width: float | None, band: int) -> float:
    low, high = band_names()[band]
    inside = (low <= ERB_CENTRES_HZ) & (high > ERB_CENTRES_HZ)
    return float(power[inside].sum()) * (width or 0.0)


def _width_after(width: float, gain_db: float) -> float:
    side = width * 10 ** (gain_db / 10)
    return side / max(side + 1 - width, 1e-12)


def _promise(sound: MixSound, bus: str, gains: dict[int, float]) -> Expectation | None:
    """Promise what the side of the place gains on its middle over the whole spectrum."""
    power, widths = sound.power, sound.portrait.width_by_band
    if bus != MASTER:
        power, widths = sound.groups[bus].power, sound.groups[bus].width_by_band
    sides = [_side_power(power, width, band) for band, width in enumerate(widths)]
    middle = sum(_side_power(power, 1.0, band) for band in range(len(widths))) - sum(sides)
    moved = sum(side * 10 ** (gains.get(band, 0.0) / 10) for band, side in enumerate(sides))
    if not min(sum(sides), middle, moved) > 0:
        return None
    before, change = 10 * np.log10(sum(sides) / middle), 10 * np.log10(moved / sum(sides))
    if abs(change) < LEAST_DB:
        return None
    return Expectation(
        metric="width", value=round(float(before + change), 2), before=round(float(before), 2), tolerance=round(float(abs(change)) / 2, 2),
        unit="dB", scope="mix",
    )  # fmt: skip
