"""Ways to reach a what-if, told from what is known of every strip: what each would change, and its price. Nothing is rendered."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.document.fold import still_fader_db
from tonmeister.document.lane import Lane, constant
from tonmeister.document.mix import Mix
from tonmeister.document.move import BandChange, Change, FaderChange, SendChange, TargetChange, Where, WidthChange
from tonmeister.document.scope import find_scope
from tonmeister.document.strip import MASTER
from tonmeister.engineer.whatif_words import Asked, Attribute, Constraint, Wish
from tonmeister.model import Db, Model
from tonmeister.processing import Band
from tonmeister.processing.filter_design import magnitude_db
from tonmeister.tasks.prediction import k_weight, mean_change_db, strip_bands

_HEARD = (ERB_CENTRES_HZ >= 50) & (ERB_CENTRES_HZ <= 16000)
_PRESENCE_HZ = (2000.0, 5000.0)
_SHAPES: dict[Attribute, tuple[Band, tuple[float, float]]] = {
    "presence": (Band(frequency_hz=3200, q=0.7), _PRESENCE_HZ),
    "air": (Band(shape="high_shelf", frequency_hz=9000), (9000.0, 16000.0)),
    "low": (Band(shape="low_shelf", frequency_hz=130), (40.0, 130.0)),
    "mud": (Band(frequency_hz=280, q=0.9), (200.0, 400.0)),
}
"""The band that changes each part of a spectrum, and where it is measured."""
_MOST_MASKERS = 3
_KEPT_DB = 0.3
"""A track that is to be kept may lose or gain so much against the rest."""
_STEPS = 24


class Planned(Model):
    """One change of a plan."""

    where: Where
    change: Change
    title: str


class Price(Model):
    """What a plan costs, as predicted."""

    total_db: Db
    """Decibels of change of all bands of all tracks, each against the whole, summed: what the plans are compared by."""
    loudness_lu: float
    """Change of the mix's loudness before the master; the master's target takes it back."""
    drive_db: Db
    """Change of the drive into the limiter: the crest of the master falls as it rises."""
    others_db: Mapping[str, float]
    """Change of every other track against the rest, where it is 0.1 dB or more, by track id."""
    eq_total_db: Db
    """Largest mean spectrum change of a track that the plan touches."""
    eq_limit_db: Db
    """What the budget allows of that."""


class Plan(Model):
    """A way to reach what is asked for."""

    changes: tuple[Planned, ...]
    price: Price


@dataclass(frozen=True, slots=True, eq=False)
class Desk:
    """What plans are made from: the mix, and the mean power of every strip before its fader, (40,) by track id."""

    mix: Mix
    power: Mapping[str, NDArray[np.float64]]

    def targets(self, wish: Wish | Constraint) -> tuple[str, ...]:
        """Return the tracks that are meant, by id; all for the master."""
        if wish.target == MASTER:
            return tuple(self.power)
        found = find_scope(self.mix, (wish.target,), option="--what-if").tracks
        return tuple(name for name in self.power if name in found)

    def placed(self, changes: Sequence[Planned]) -> dict[str, NDArray[np.float64]]:
        """Return the power of every strip behind its fader with these changes."""
        rate = self.mix.song.sample_rate_hz
        gain_db = {n: np.full(ERB_CENTRES_HZ.shape, still_fader_db(self.mix, n)) for n in self.power}
        for planned in changes:
            name, change = planned.where.track, planned.change
            names = [name] if name is not None else list(self.power) if planned.where.bus == MASTER else []
            for one in names:
                if isinstance(change, FaderChange):
                    gain_db[one] = gain_db[one] + change.change_db.points[0].value
                elif isinstance(change, BandChange):
                    gain_db[one] = gain_db[one] + magnitude_db((change.band,), ERB_CENTRES_HZ, rate)
        return {name: power * 10 ** (gain_db[name] / 10) for name, power in self.power.items()}


def find_plans(desk: Desk, asked: Asked) -> list[Plan]:
    """Return every combination of ways that keeps the constraints and the budget, the cheapest first."""
    ways = [list(_ways(desk, wish)) for wish in asked.wishes]
    plans = []
    for chosen in product(*ways):
        changes = tuple(change for way in chosen for change in way)
        price = find_price(desk, changes, asked)
        if _holds(desk, changes, price, asked):
            plans.append(Plan(changes=changes, price=price))
    return sorted(plans, key=lambda plan: (round(plan.price.total_db, 3), len(plan.changes)))


def has_way(desk: Desk, wish: Wish) -> bool:
    """Say whether anything at all reaches a wish."""
    return any(True for _ in _ways(desk, wish))


def find_price(desk: Desk, changes: Sequence[Planned], asked: Asked) -> Price:
    """Return what these changes cost, with the whole brought back to its loudness."""
    before, after = desk.placed(()), desk.placed(changes)
    weight = k_weight()
    loudness_lu = _db(sum((p * weight).sum() for p in after.values()), sum((p * weight).sum() for p in before.values()))
    total = 0.0
    for name in before:
        change_db = 10 * np.log10(after[name][_HEARD] / before[name][_HEARD]) if before[name].any() else np.zeros(1)
        total += float(np.abs(np.nan_to_num(change_db)).mean())
    wanted = {name for wish in asked.wishes if wish.target != MASTER for name in desk.targets(wish)}
    moved = {name: round(_stand_db(after, name) - _stand_db(before, name), 2) for name in before if name not in wanted}
    target_db = sum(
        (c.change.target_lufs or 0.0) - (desk.mix.master.target_lufs or 0.0)
        for c in changes if isinstance(c.change, TargetChange)
    )  # fmt: skip
    width_db = sum(
        max(abs(1 - p.value) for p in c.change.width.points) for c in changes if isinstance(c.change, WidthChange)
    )
    sends_db = sum(_send_change_db(desk.mix, c) for c in changes)
    return Price(
        total_db=round(total + abs(target_db) + width_db + 0.1 * sends_db, 2),
        loudness_lu=round(loudness_lu, 2),
        drive_db=round(target_db - loudness_lu, 2),
        others_db={name: value for name, value in moved.items() if abs(value) >= 0.1},
        eq_total_db=round(_eq_total_db(desk.mix, changes), 2),
        eq_limit_db=desk.mix.budget.eq_total_db,
    )


def _send_change_db(mix: Mix, planned: Planned) -> float:
    if not isinstance(planned.change, SendChange) or planned.where.track is None:
        return 0.0
    there = next((s for s in mix.track(planned.where.track).strip.sends if s.bus == planned.change.send.bus), None)
    return 0.0 if there is None else abs(planned.change.send.level_db.points[0].value - there.level_db.points[0].value)


def _holds(desk: Desk, changes: Sequence[Planned], price: Price, asked: Asked) -> bool:
    """Say whether the budget and what must stay are kept."""
    bands = [c.change.band for c in changes if isinstance(c.change, BandChange)]
    if price.eq_total_db > price.eq_limit_db or any(abs(band.gain_db) > desk.mix.budget.eq_gain_db for band in bands):
        return False
    return all(_keeps(desk, changes, price, constraint) for constraint in asked.constraints)


def _keeps(desk: Desk, changes: Sequence[Planned], price: Price, constraint: Constraint) -> bool:
    raises = [c.change for c in changes if isinstance(c.change, TargetChange)]
    target_db = sum((change.target_lufs or 0.0) - (desk.mix.master.target_lufs or 0.0) for change in raises)
    if constraint.limit == "no more compression":
        return price.drive_db <= 0.05
    if constraint.target == MASTER:
        return {"no louder": target_db <= 0, "no quieter": target_db >= 0}.get(constraint.limit, not raises)
    before, after = desk.placed(()), desk.placed(changes)
    off = [_stand_db(after, name) - _stand_db(before, name) for name in desk.targets(constraint)]
    if constraint.limit == "keep":
        touched = {c.where.track for c in changes}
        return not touched & set(desk.targets(constraint)) and all(abs(value) <= _KEPT_DB for value in off)
    sign = 1 if constraint.limit == "no louder" else -1
    return all(sign * value <= 0.05 for value in off)


def _ways(desk: Desk, wish: Wish) -> Iterator[tuple[Planned, ...]]:
    """Yield the ways to reach one wish, each solved for how much it takes."""
    targets = desk.targets(wish)
    if wish.attribute == "loudness":
        yield from _loudness(desk, wish)
    elif wish.attribute == "width":
        yield from _width(desk, wish, targets)
    elif wish.attribute == "reverb":
        yield from _reverb(desk, wish, targets)
    elif wish.attribute == "level":
        yield tuple(_fader(desk, name, wish.by_db) for name in targets)
        others = [name for name in desk.power if name not in targets]
        if others:
            yield tuple(_fader(desk, name, -wish.by_db) for name in others)
    else:
        yield from _tone(desk, wish, targets)


def _tone(desk: Desk, wish: Wish, targets: tuple[str, ...]) -> Iterator[tuple[Planned, ...]]:
    shape, span = _SHAPES[wish.attribute]
    if wish.target == MASTER:
        yield from _solved(desk, wish, targets, span, lambda by: (_master_band(shape, by, wish),))
        return
    yield from _solved(
        desk, wish, targets, span, lambda by: tuple(_band(desk, name, shape, by, wish.attribute) for name in targets)
    )
    if wish.attribute != "presence":
        return
    yield from _solved(desk, wish, targets, span, lambda by: tuple(_fader(desk, name, by) for name in targets))
    if wish.by_db > 0:
        maskers = _maskers(desk, targets, span)
        yield from _solved(
            desk, wish, targets, span, lambda by: tuple(_cut(desk, name, shape, -by, wish.target) for name in maskers)
        )


def _solved(
    desk: Desk,
    wish: Wish,
    targets: tuple[str, ...],
    span: tuple[float, float],
    make: Callable[[float], tuple[Planned, ...]],
) -> Iterator[tuple[Planned, ...]]:
    """Yield the way with the gain at which the wish is met; nothing where none within reach does."""
    before = _asked_db(desk.placed(()), wish, targets, span)
    low, high = 0.0, 12.0
    sign = 1.0 if wish.by_db > 0 else -1.0
    if not make(high) or abs(_asked_db(desk.placed(make(sign * high)), wish, targets, span) - before) < abs(wish.by_db):
        return
    for _ in range(_STEPS):
        middle = (low + high) / 2
        reached = abs(_asked_db(desk.placed(make(sign * middle)), wish, targets, span) - before) >= abs(wish.by_db)
        low, high = (low, middle) if reached else (middle, high)
    yield make(sign * round(high, 2))


def _asked_db(
    placed: Mapping[str, NDArray[np.float64]], wish: Wish, targets: tuple[str, ...], span: tuple[float, float]
) -> float:
    """Return what a wish is about: presence against the rest, any other part of the spectrum by its own level."""
    inside = (span[0] <= ERB_CENTRES_HZ) & (span[1] >= ERB_CENTRES_HZ)
    own = sum(placed[name][inside].sum() for name in targets)
    rest = sum(power[inside].sum() for name, power in placed.items() if name not in targets)
    is_against_rest = wish.attribute == "presence" and wish.target != MASTER
    return _db(own, rest) if is_against_rest else _db(own, 1.0)


def _maskers(desk: Desk, targets: tuple[str, ...], span: tuple[float, float]) -> list[str]:
    """Return the tracks that are strongest in a part of the spectrum and may be cut."""
    inside = (span[0] <= ERB_CENTRES_HZ) & (span[1] >= ERB_CENTRES_HZ)
    placed = desk.placed(())
    others = [name for name in placed if name not in targets and not desk.mix.track(name).leave_alone]
    return sorted(others, key=lambda name: -placed[name][inside].sum())[:_MOST_MASKERS]


def _loudness(desk: Desk, wish: Wish) -> Iterator[tuple[Planned, ...]]:
    master = desk.mix.master
    if master.target_lufs is None:
        return
    lufs = round(min(master.target_lufs + wish.by_db, desk.mix.budget.loudest_master_lufs), 2)
    change = TargetChange(target_lufs=lufs, ceiling_dbtp=master.ceiling_dbtp)
    yield (Planned(where=Where(bus=MASTER), change=change, title=f"Master to {lufs:.1f} LUFS"),)


def _width(desk: Desk, wish: Wish, targets: tuple[str, ...]) -> Iterator[tuple[Planned, ...]]:
    """Widen stereo tracks; a single channel has no width, its place moves away from the centre or towards it."""
    changes = []
    for name in targets:
        track = desk.mix.track(name)
        there = track.strip.width
        width = _scaled(there, 10 ** (wish.by_db / 20))
        if track.channels == 2 and width != there:
            title = f"{track.name}: width {there.points[0].value:.2f} → {width.points[0].value:.2f}"
            changes.append(Planned(where=Where(track=name), change=WidthChange(width=width), title=title))
    if changes:
        yield tuple(changes)


def _reverb(desk: Desk, wish: Wish, targets: tuple[str, ...]) -> Iterator[tuple[Planned, ...]]:
    changes = []
    for name in targets:
        track = desk.mix.track(name)
        for send in track.strip.sends:
            level = _shifted(send.level_db, wish.by_db)
            title = f"{track.name} to {send.bus}: {wish.by_db:+.1f} dB"
            change = SendChange(send=send.model_copy(update={"level_db": level}))
            changes.append(Planned(where=Where(track=name), change=change, title=title))
    if changes:
        yield tuple(changes)


def _scaled(width: Lane, ratio: float) -> Lane:
    points = tuple(
        p.model_copy(update={"value": round(float(np.clip(p.value * ratio, 0, 2)), 3)}) for p in width.points
    )
    return width.model_copy(update={"points": points})


def _shifted(lane: Lane, by_db: float) -> Lane:
    points = tuple(p.model_copy(update={"value": round(p.value + by_db, 2)}) for p in lane.points)
    return lane.model_copy(update={"points": points})


def _fader(desk: Desk, name: str, by_db: float) -> Planned:
    title = f"{desk.mix.track(name).name}: fader {by_db:+.1f} dB"
    return Planned(where=Where(track=name), change=FaderChange(change_db=constant(round(by_db, 2))), title=title)


def _band(desk: Desk, name: str, shape: Band, by_db: float, attribute: str) -> Planned:
    title = f"{desk.mix.track(name).name}: {attribute} {by_db:+.1f} dB at {shape.frequency_hz:.0f} Hz"
    band = shape.model_copy(update={"gain_db": round(by_db, 2)})
    return Planned(where=Where(track=name), change=BandChange(slot="tone", band=band), title=title)


def _cut(desk: Desk, name: str, shape: Band, by_db: float, for_whom: str) -> Planned:
    title = f"{desk.mix.track(name).name}: {by_db:+.1f} dB at {shape.frequency_hz:.0f} Hz, room for {for_whom}"
    band = shape.model_copy(update={"gain_db": round(by_db, 2)})
    return Planned(where=Where(track=name), change=BandChange(slot="masking", band=band), title=title)


def _master_band(shape: Band, by_db: float, wish: Wish) -> Planned:
    band = shape.model_copy(update={"gain_db": round(by_db, 2)})
    title = f"Master: {wish.attribute} {by_db:+.1f} dB at {shape.frequency_hz:.0f} Hz"
    return Planned(where=Where(bus=MASTER), change=BandChange(slot="tone", band=band), title=title)


def _stand_db(placed: Mapping[str, NDArray[np.float64]], name: str) -> float:
    """Return a track against all others, K-weighted."""
    weight = k_weight()
    own = (placed[name] * weight).sum()
    rest = sum((power * weight).sum() for other, power in placed.items() if other != name)
    return _db(own, rest)


def _eq_total_db(mix: Mix, changes: Sequence[Planned]) -> float:
    """Return the largest mean spectrum change of a touched track, all its bands together."""
    added: dict[str, list[Band]] = {}
    for planned in changes:
        if isinstance(planned.change, BandChange) and planned.where.track is not None:
            added.setdefault(planned.where.track, []).append(planned.change.band)
    rate = mix.song.sample_rate_hz
    totals = [
        mean_change_db((*strip_bands(mix.track(n).strip), *bands), sample_rate_hz=rate) for n, bands in added.items()
    ]
    return max(totals, default=0.0)


def _db(power: float, against: float) -> float:
    return float(10 * np.log10(max(power, 1e-20) / max(against, 1e-20)))
