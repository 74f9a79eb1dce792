"""The arc of a song: sections step forward and back, wider and narrower, nearer and further, by a named plan."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_BANDS
from tonmeister.document.facts import PRODUCED_STEREO_SHARE
from tonmeister.document.lane import Lane
from tonmeister.document.move import BusChange, Evidence, Expectation, FaderChange, Move, Nothing, Where, WidthChange
from tonmeister.document.strip import MASTER
from tonmeister.knowledge import Arc, number
from tonmeister.knowledge.rows import source_text
from tonmeister.tasks.pacing import arrangement, buildups
from tonmeister.tasks.pacing.arc import Scene, draw_arc
from tonmeister.tasks.pacing.form import find_parts, is_sure, unpaced
from tonmeister.tasks.pacing.glue import ease_glue
from tonmeister.tasks.pacing.lanes import scene_lane
from tonmeister.tasks.pacing.lifts import (
    all_sides,
    excerpt_of,
    lifts_db,
    section_widths,
    side_gains,
    telling,
    with_moves,
)
from tonmeister.tasks.pacing.reasons import reasons_of
from tonmeister.tasks.pacing.reference import NAME as REFERENCE
from tonmeister.tasks.pacing.reference import arc_named, contrast_evidence, reference_contrast_lu
from tonmeister.tasks.pacing.scene_settings import arc_settings, checked_settings
from tonmeister.tasks.prediction import k_weight
from tonmeister.tasks.work import Work, evidence

DEFAULT = "gentle"
"""The arc of a song whose form was found with confidence, where nobody asked for another."""
_LEAST_LU, _LEAST_WIDTH = 0.5, 0.02
"""Smaller changes promise nothing."""


def propose(work: Work) -> Iterator[Move]:
    """Pace the song by the arc that was asked for; unasked only where its form was found with confidence."""
    name = arc_of(work)
    if name is None:
        return
    if work.mix.brief.arcs_left:
        yield _one_of_several(work, name)
    work = unpaced(work)
    parts = find_parts(work)
    if len(parts) < 2 or (work.mix.brief.arc == "auto" and not is_sure(work.facts.song.sections)):
        if work.mix.brief.arc != "auto" or any(track.is_touchable for track in work.facts.tracks):
            yield _unpaced(work)
        return
    arc = arc_named(work, name)
    scenes = draw_arc(arc, parts, most_db=work.budget.section_change_db)
    if name == DEFAULT and work.mix.brief.arc == "auto" and work.facts.is_produced:
        yield _printed(work)
    else:
        yield from _moves(work, name, arc, scenes)
    if not work.facts.is_premixed:
        yield from checked_settings(work, scenes, _bars(work))
        yield from arrangement.propose(work, parts)
        yield from buildups.propose(work, parts)


def arc_of(work: Work) -> str | None:
    """Return the name of the arc to follow; None for none."""
    asked = work.mix.brief.arc
    if asked == "auto":
        return None if work.facts.is_premixed else _own_arc(work)
    return None if asked == "none" else asked


def _own_arc(work: Work) -> str:
    """Return the arc where the person names none: that of the references, of the mood, or the usual one."""
    if work.follows("arc") and reference_contrast_lu(work) is not None:
        return REFERENCE
    named = [mood.arc for mood in work.moods.values() if mood.arc is not None]
    return named[0] if named else DEFAULT


def _moves(work: Work, name: str, arc: Arc, scenes: Sequence[Scene]) -> Iterator[Move]:
    levels = list(_level_moves(work, name, scenes))
    others = [*_width_moves(work, name, arc, scenes), *_space_moves(work, name, arc, scenes, is_paced=bool(levels))]
    others += arc_settings(work, name, arc, scenes, _bars(work))
    if not levels and not others:
        yield _even(name, scenes)
        return
    head, *rest = [*levels, *others]
    promise = _promise(work, scenes, levels) if levels else None
    if promise is not None:
        head = head.model_copy(update={"expects": promise})
        rest += list(ease_glue(work, promise.value))
    aimed = contrast_evidence(work, name, scenes)
    if aimed is not None:
        head = head.model_copy(update={"because": (*head.because, aimed)})
    buses = {move.change.bus.id: move.id for move in work.mix.moves if isinstance(move.change, BusChange)}
    yield _needing(head, buses)
    yield from (_needing(move, buses, head.id) for move in rest)


def _needing(move: Move, buses: Mapping[str, str], *others: str) -> Move:
    """Return a move that depends on others, and on the one that made its bus: without the bus it waits."""
    bus = move.where.bus
    made = () if bus is None or bus not in buses else (buses[bus],)
    return move.model_copy(update={"depends_on": tuple(dict.fromkeys((*move.depends_on, *others, *made)))})


def _level_moves(work: Work, name: str, scenes: Sequence[Scene]) -> Iterator[Move]:
    """Yield the faders of all that goes to the mix bus: groups, effects, single tracks."""
    if max(abs(scene.level_db) for scene in scenes) < number("pacing.level_least_db").value:
        return
    shares = {"drums": number("pacing.drums_share").value, "vocals": number("pacing.vocals_share").value}
    for bus in sorted(work.mix.buses, key=lambda bus: (bus.kind != "group", bus.id != "music")):
        if bus.output == MASTER and bus.kind == "group":
            lane = _level_lane(work, scenes, shares.get(bus.id, 1.0))
            yield _move(
                f"pacing.{bus.id}.level", f"{bus.name}", name, Where(bus=bus.id), FaderChange(change_db=lane), scenes
            )
    families = {"drums": "drums", "vocal": "vocals"}
    for track in work.facts.tracks:
        strip = work.mix.track(track.id).strip
        if strip.output == MASTER and track.is_touchable and not track.track.keep_level:
            lane = _level_lane(work, scenes, shares.get(families.get(track.track.family, ""), 1.0))
            yield _move(
                f"pacing.{track.id}.level",
                track.track.name,
                name,
                Where(track=track.id),
                FaderChange(change_db=lane),
                scenes,
            )


def _level_lane(work: Work, scenes: Sequence[Scene], share: float) -> Lane:
    most_db = work.budget.section_change_db
    values = [round(float(np.clip(scene.level_db * share, -most_db, most_db)), 2) for scene in scenes]
    return scene_lane(scenes, values, bars_s=_bars(work))


def _width_moves(work: Work, name: str, arc: Arc, scenes: Sequence[Scene]) -> Iterator[Move]:
    """Yield the width of the music group, which carries the width of the mix; the middle stays."""
    bus = next((bus for bus in work.mix.buses if bus.id == "music"), None)
    if bus is None or not any(scene.width for scene in scenes):
        return
    movable = [t for t in work.facts.tracks if t.track.used and work.mix.track(t.id).strip.output == bus.id]
    powers = all_sides(work, scenes, movable, np.ones(ERB_BANDS))
    shares = [one.share for one in all_sides(work, scenes, movable, k_weight())]
    gains = side_gains(powers, shares, scenes, most=number("pacing.width_gain_most").value)
    if all(abs(gain - 1) < _LEAST_WIDTH for gain in gains):
        return
    before = section_widths(powers, [1.0] * len(scenes))
    after = section_widths(powers, gains)
    change = WidthChange(width=scene_lane(scenes, gains, bars_s=_bars(work), law="linear_gain"))
    move = _move(f"pacing.{bus.id}.width", bus.name, name, Where(bus=bus.id), change, scenes)
    furthest = int(np.argmax(np.abs(np.subtract(after, before))))
    apart = abs(after[furthest] - before[furthest])
    promise = Expectation(
        metric="section_width", value=round(after[furthest], 3), before=round(before[furthest], 3), tolerance=min(0.03, apart / 2),
        unit="ratio", scope="mix",
    ) if apart >= _LEAST_WIDTH else None  # fmt: skip
    part = scenes[furthest].part
    found = Evidence(
        what=f"width of the mix in {part.id}, taken as {part.kind}", value=round(before[furthest], 3),
        limit=round(before[furthest] + scenes[furthest].width, 3), unit="ratio", source=f"arcs.{name}: {source_text(arc.source)}",
        start_s=round(part.start_s, 2), end_s=round(part.end_s, 2),
    )  # fmt: skip
    title = f"{bus.name} wider and narrower by section ({name}): side signal times {min(gains):.2f} to {max(gains):.2f}"
    yield move.model_copy(update={"expects": promise, "because": (found,), "title": title})


def _space_moves(work: Work, name: str, arc: Arc, scenes: Sequence[Scene], *, is_paced: bool) -> Iterator[Move]:
    """Yield the returns of reverbs and delays: they go with their groups, and nearer or further as the arc says."""
    values = [round((scene.level_db if is_paced else 0.0) + scene.space_db, 2) for scene in scenes]
    if not any(values) or not (arc.space_db or is_paced):
        return
    for bus in work.mix.buses:
        if bus.kind == "effect":
            change = FaderChange(change_db=scene_lane(scenes, values, bars_s=_bars(work)))
            yield _move(f"pacing.{bus.id}.level", bus.name, name, Where(bus=bus.id), change, scenes)


def _move(
    id_: str, what: str, name: str, where: Where, change: FaderChange | WidthChange, scenes: Sequence[Scene]
) -> Move:
    lane = change.change_db if isinstance(change, FaderChange) else change.width
    values = [point.value for point in lane.points]
    held = [lane.at(scene.part.start_s) for scene in scenes]
    return Move(
        id=id_, task="pacing", title=f"{what} by section ({name}): {min(values):+.1f} to {max(values):+.1f} dB", where=where,
        change=change, because=tuple(reasons_of(name, scenes, held)), confidence=0.5,
    )  # fmt: skip


def _promise(work: Work, scenes: Sequence[Scene], levels: Sequence[Move]) -> Expectation | None:
    """Return what the level of the most lifted section gains on the least lifted one."""
    spans = [excerpt_of(scene.part) for scene in telling(scenes)]
    most, least = lifts_db(work, with_moves(work.mix, levels), spans)
    gained = most - least
    if gained < _LEAST_LU:
        return None
    return Expectation(
        metric="section_contrast_lu",
        value=round(gained, 2),
        before=0.0,
        tolerance=min(0.3, gained / 2),
        unit="LU",
        scope="mix",
    )


def _one_of_several(work: Work, name: str) -> Move:
    """Return the note that a brief names more arcs than one."""
    left = ", ".join(work.mix.brief.arcs_left)
    found = Evidence(
        what="arcs that the brief names", value=1.0 + len(work.mix.brief.arcs_left), limit=1.0, unit="arcs", source="the person: the brief"
    )  # fmt: skip
    title = f"The brief names several arcs, a song has one: {name} is taken, {left} not; `--arc` chooses another"
    return Move(id="pacing.arcs.nothing", task="pacing", title=title, where=Where(), change=Nothing(), because=(found,))


def _unpaced(work: Work) -> Move:
    sections = work.facts.song.sections
    sure = max((section.confidence for section in sections if section.label != "section"), default=0.0)
    found = Evidence(
        what="surest name of a section; a chorus or drop and one other name are needed", value=sure, limit=0.5, unit="share",
        source="tasks/pacing/form.py",
    )  # fmt: skip
    title = "No arc: the song's sections were not found with confidence; only phrases are ridden"
    return Move(id="pacing.nothing", task="pacing", title=title, where=Where(), change=Nothing(), because=(found,))


def _printed(work: Work) -> Move:
    share = (work.facts.premixed_evidence or {}).get("stereo_share", 0.0)
    found = Evidence(
        what="stems in true stereo: finished ones, in which how sections differ is printed", value=share,
        limit=PRODUCED_STEREO_SHARE, unit="share", source="document/facts.py",
    )  # fmt: skip
    title = "No arc: finished stems keep theirs unless one is asked for; only phrases are ridden"
    return Move(id="pacing.nothing", task="pacing", title=title, where=Where(), change=Nothing(), because=(found,))


def _even(name: str, scenes: Sequence[Scene]) -> Move:
    furthest = max(abs(scene.level_db) for scene in scenes)
    found = evidence("furthest that a section would move", furthest, against="pacing.level_least_db")
    title = f"The song goes as the arc wants it already ({name})"
    return Move(id="pacing.nothing", task="pacing", title=title, where=Where(), change=Nothing(), because=(found,))


def _bars(work: Work) -> NDArray[np.float64]:
    line = work.facts.time_line
    return np.zeros(0) if line is None else line.bars_s
