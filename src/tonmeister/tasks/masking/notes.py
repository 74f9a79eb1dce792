"""What no move of the mix can mend, and what needs no mending."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tonmeister.analysis.bands import ERB_CENTRES_HZ, ERB_EDGES_HZ
from tonmeister.document.lane import constant
from tonmeister.document.move import Alternative, Evidence, Expectation, Move, Nothing, PanChange, Where
from tonmeister.knowledge import number, role
from tonmeister.tasks.masking.harm import stand
from tonmeister.tasks.masking.remedies import is_own_range, may_give_way
from tonmeister.tasks.masking.scene import Covered, Floats, Scene
from tonmeister.tasks.masking.solver import Solved, left_over
from tonmeister.tasks.work import Work, evidence

_MOST_NOTES = 3


@dataclass(frozen=True, slots=True)
class Left:
    """A cover that is left after all that equalisers and faders may do."""

    masker: int
    one: Covered
    over_db: float
    stretch: int
    band: int


def move_apart(work: Work, scene: Scene, solved: Solved) -> Iterator[Move]:
    """Let what still covers step aside, or note that both parts need the same octave: a matter of the arrangement."""
    for place, left in enumerate(_find_left(scene, solved)):
        aside = step_aside(work, scene, solved, left, side=1 if place % 2 else -1)
        yield _note(scene, left) if aside is None else aside


def _find_left(scene: Scene, solved: Solved) -> list[Left]:
    """Return the worst cover that is left of each pair whose strongest bands meet, worst first, at most a few."""
    found: dict[tuple[int, int], Left] = {}
    for one in scene.covered:
        over = left_over(one, solved.gains)
        heard = one.parts * solved.gains
        heard[:, one.place] = 0.0
        for stretch, band in zip(*np.nonzero(over > number("masking.note_over_db").value), strict=True):
            masker = int(heard[stretch, :, band].argmax())
            pair, worth = (masker, one.place), float(over[stretch, band])
            matters = one.importance[stretch, band] >= 0.5 * one.importance[stretch].max()
            meet = matters and is_own_range(scene, masker, int(band)) and is_own_range(scene, one.place, int(band))
            if meet and (pair not in found or worth > found[pair].over_db):
                found[pair] = Left(masker, one, worth, int(stretch), int(band))
    return sorted(found.values(), key=lambda left: (-round(left.over_db, 3), left.masker))[:_MOST_NOTES]


def _note(scene: Scene, left: Left) -> Move:
    first, second = scene.tracks[left.masker].track, scene.tracks[left.one.place].track
    hz = float(ERB_CENTRES_HZ[left.band])
    octave = int(np.floor(np.log2(hz / 31.25)))
    low, high = 31.25 * 2**octave, 31.25 * 2 ** (octave + 1)
    span = left.one.spans[left.stretch]
    found = evidence(
        f"all others over {second.name} around {hz:.0f} Hz after all cuts; both have their strongest bands there",
        round(left.over_db + number("masking.harmful_excess_db").value, 2), against="masking.harmful_excess_db",
        start_s=span[0] / 2, end_s=span[1] / 2,
    )  # fmt: skip
    return Move(
        id=f"masking.{first.id}.{second.id}-note", task="masking",
        title=f"{first.name} and {second.name} play in one octave ({low:.0f} to {high:.0f} Hz): another register would free both",
        where=Where(), change=Nothing(), because=(found,), confidence=0.5,
    )  # fmt: skip


def note_nothing(scene: Scene, gains: Floats) -> Move:
    """Say that no cut is due, with the margin."""
    worst = max(
        float(np.where(one.importance > 0, stand(one, gains).excess_db + one.spare_db, -np.inf).max())
        for one in scene.covered
    )
    limit = number("masking.harmful_excess_db").value
    names = ", ".join(scene.tracks[one.place].track.name for one in scene.covered)
    harmful = worst > limit
    what = "; no move that may be made there helps" if harmful else f", {limit - worst:.1f} dB from harm"
    found = Evidence(
        what=f"most that all others stand over {names} in a band it needs{what}", value=round(worst, 2), limit=limit, unit="dB",
        source=evidence("", 0.0, against="masking.harmful_excess_db").source,
    )  # fmt: skip
    return Move(
        id="masking.nothing", task="masking", title="No cut would make more room" if harmful else "Nothing is covered",
        where=Where(), change=Nothing(), because=(found,),
    )  # fmt: skip


def step_aside(work: Work, scene: Scene, solved: Solved, left: Left, *, side: int) -> Move | None:
    """Return a pan of a single-channel masker that may be spread; None where it may not, or would help too little."""
    masker, maskee = scene.tracks[left.masker], scene.tracks[left.one.place]
    moved = any(r.masker == left.masker for r in solved.remedies)
    is_free = masker.track.pan_wish is None and masker.track.channels == 1 and role(masker.track.role).pan == "spread"
    if (
        not (is_free and may_give_way(masker, maskee))
        or moved
        or work.facts.is_premixed
        or work.budget.masking_cuts < 1
    ):
        return None
    pan, span = side * number("panning.widest").value, left.one.spans[left.stretch]
    power = scene.power[:, span[0] : span[1], left.band].sum(axis=1, dtype=np.float64) * solved.gains[:, left.band]
    own, rest = float(power[left.one.place]), float(power.sum() - power[left.one.place])
    far = 2 * float(np.cos((abs(pan) + 1) * np.pi / 4)) ** 2  # power on the other side against a place in the centre
    before = 10 * np.log10(own / max(rest, 1e-20)) if own > 0 else -np.inf
    gain_db = float(-10 * np.log10(max(1 - (1 - far) * power[left.masker] / max(rest, 1e-20), 1e-3)))
    if not np.isfinite(before) or gain_db < number("masking.pan_least_db").value:
        return None
    hz = round(float(ERB_CENTRES_HZ[left.band]))
    found = evidence(
        f"all others over {maskee.track.name} around {hz} Hz after all cuts, {masker.track.name} the strongest",
        round(left.over_db + number("masking.harmful_excess_db").value, 2), against="masking.harmful_excess_db",
        start_s=span[0] / 2, end_s=span[1] / 2,
    )  # fmt: skip
    return Move(
        id=f"masking.{masker.id}.{maskee.id}-pan", task="masking", title=f"{masker.track.name} steps aside for {maskee.track.name}",
        where=Where(track=masker.id), change=PanChange(pan=constant(pan, law="linear_gain")), because=(found,),
        expects=Expectation(
            metric="audibility_db", value=round(before + gain_db, 2), before=round(before, 2), tolerance=round(gain_db / 2, 3), unit="dB",
            scope="mix", track=maskee.id, low_hz=round(float(ERB_EDGES_HZ[left.band]), 1), high_hz=round(float(ERB_EDGES_HZ[left.band + 1]), 1),
        ),
        confidence=0.5,
        alternatives=(Alternative(title="Another register", trade_off="Only the person who wrote the part can give it one"),),
    )  # fmt: skip
