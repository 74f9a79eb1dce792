"""Section scenes beyond level and width: tone, sends and dynamics that differ by section.

Tone and sends go as the arc says. Dynamics, and cuts for the sake of another track, are checked for harm: what was set on the loud
sections, or for words that rest here, is heard less where it would do harm.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tonmeister.document.facts import TrackFacts
from tonmeister.document.fold import applied_moves
from tonmeister.document.lane import SILENT_DB
from tonmeister.document.move import (
    AmountChange,
    BandChange,
    Evidence,
    InsertChange,
    Move,
    Nothing,
    SendRideChange,
    Where,
)
from tonmeister.document.strip import Insert
from tonmeister.knowledge import Arc, number
from tonmeister.knowledge.rows import Kind, source_text
from tonmeister.processing import Band, Compressor, Equaliser
from tonmeister.tasks.automation.lines import phrases_of
from tonmeister.tasks.pacing.arc import Scene
from tonmeister.tasks.pacing.lanes import scene_lane
from tonmeister.tasks.pacing.scene_promises import bus_power, darker, eased, ridden, sounding_most, track_power, uncut
from tonmeister.tasks.prediction import compressor_gain_db, level_10ms_db
from tonmeister.tasks.work import Work, evidence

Floats = NDArray[np.float64]
_TONE = "scene-tone"
_STEP = 0.05
"""Amounts in twentieths: finer ones nobody hears."""
_ACTIVE_DB = -40.0
"""A track works where it lies no further under its own loudest 10 ms."""


def arc_settings(work: Work, name: str, arc: Arc, scenes: Sequence[Scene], bars_s: Floats) -> Iterator[Move]:
    """Yield the tone of the instruments and the echo of the leads, by section, as the arc says."""
    yield from _tone(work, name, arc, scenes, bars_s)
    yield from _echo(work, name, arc, scenes, bars_s)


def checked_settings(work: Work, scenes: Sequence[Scene], bars_s: Floats) -> Iterator[Move]:
    """Yield where settings made for one section would do harm in another: they are heard less there."""
    touchable = [track for track in work.facts.tracks if track.is_touchable]
    moves = [move for track in touchable for move in _checked(work, track, scenes, bars_s)]
    yield from moves
    if not moves and touchable:
        yield _harmless(work, touchable, scenes)


def _checked(work: Work, track: TrackFacts, scenes: Sequence[Scene], bars_s: Floats) -> Iterator[Move]:
    yield from _rested_cuts(work, track, scenes, bars_s)
    yield from _eased_dynamics(work, track, scenes, bars_s)


def _harmless(work: Work, tracks: Sequence[TrackFacts], scenes: Sequence[Scene]) -> Move:
    """Return the note that settings made over the whole song do no harm in any section, with the nearest that came to it."""
    over_db, worst = 0.0, scenes[0]
    for track in tracks:
        for insert in work.mix.track(track.id).strip.inserts:
            if isinstance(insert.processor, Compressor):
                taken = _taken_db(work, track, insert.processor, scenes)
                told = [value for value in taken if value is not None]
                if len(told) > 1 and max(told) - float(np.median(told)) > over_db:
                    over_db, worst = max(told) - float(np.median(told)), scenes[taken.index(max(told))]
    title = "Settings were checked section by section: none that suits one does harm in another"
    found = evidence(
        "most that a compressor takes in one section over what it takes in the middle one", round(over_db, 2), against="pacing.squeeze_over_most_db", start_s=round(worst.part.start_s, 2), end_s=round(worst.part.end_s, 2),
    )  # fmt: skip
    return Move(
        id="pacing.settings.nothing", task="pacing", title=title, where=Where(), change=Nothing(), because=(found,)
    )


def _tone(work: Work, name: str, arc: Arc, scenes: Sequence[Scene], bars_s: Floats) -> Iterator[Move]:
    cut_db = [-min(0.0, arc.air_db.get(scene.part.kind, 0.0)) for scene in scenes]
    most_db = min(max(cut_db, default=0.0), work.budget.eq_gain_db)
    if not most_db or not any(bus.id == "music" for bus in work.mix.buses):
        return
    corner_hz = number("pacing.air_from_hz").value
    shelf = Equaliser(bands=(Band(shape="high_shelf", frequency_hz=corner_hz, gain_db=-most_db),))
    amounts = [round(min(1.0, cut / most_db), 2) for cut in cut_db]
    insert = Insert(
        id=_TONE, slot="tone", processor=shelf, amount=scene_lane(scenes, amounts, bars_s=bars_s, law="linear_gain")
    )
    powers = [float(bus_power(work, "music", scene).sum()) for scene in scenes]
    most = [place for place, amount in enumerate(amounts) if amount == max(amounts)]
    darkest = sounding_most(powers, most)
    told = scenes[most[0] if darkest is None else darkest]
    yield Move(
        id="pacing.music.tone", task="pacing", title=f"Music darker by section ({name}): up to {-most_db:g} dB above {corner_hz:g} Hz",
        where=Where(bus="music"), change=InsertChange(insert=insert), because=(_asked(name, arc, told, -most_db, arc.air_db),),
        expects=None if darkest is None else darker(work, "music", told, shelf.bands[0], max(amounts)), confidence=0.5,
    )  # fmt: skip


def _echo(work: Work, name: str, arc: Arc, scenes: Sequence[Scene], bars_s: Floats) -> Iterator[Move]:
    values = [arc.echo_db.get(scene.part.kind, 0.0) for scene in scenes]
    if not any(values):
        return
    for lead in work.facts.leads:
        sends = work.mix.track(lead.id).strip.sends if lead.is_touchable else ()
        for send in sends:
            bus = next((one for one in work.mix.buses if one.id == send.bus), None)
            if (
                bus is not None
                and send.bus == "delay"
                and max(point.value for point in send.level_db.points) > SILENT_DB
            ):
                change = SendRideChange(bus=send.bus, change_db=scene_lane(scenes, values, bars_s=bars_s))
                powers = [float(track_power(work, lead, scene).sum()) for scene in scenes]
                most = sorted((place for place, value in enumerate(values) if value), key=lambda p: -abs(values[p]))
                sung = [place for place in most if powers[place] > 0.1 * max(powers)]
                furthest = (sung or most)[0]
                yield Move(
                    id=f"pacing.{lead.id}.echo", task="pacing",
                    title=f"Echo of {lead.track.name} by section ({name}): {min(values):+.1f} to {max(values):+.1f} dB",
                    where=Where(track=lead.id), change=change, confidence=0.5,
                    expects=ridden(work, lead, bus, scenes[furthest], values[furthest]) if sung else None,
                    because=(_asked(name, arc, scenes[furthest], values[furthest], arc.echo_db),),
                )  # fmt: skip


def _asked(name: str, arc: Arc, scene: Scene, value: float, row: Mapping[Kind, float]) -> Evidence:
    part = scene.part
    return Evidence(
        what=f"{part.id}, taken as {part.kind}: asked of it by the arc", value=round(value, 2), limit=row.get(part.kind), unit="dB",
        source=f"arcs.{name}: {source_text(arc.source)}", start_s=round(part.start_s, 2), end_s=round(part.end_s, 2),
    )  # fmt: skip


def _rested_cuts(work: Work, track: TrackFacts, scenes: Sequence[Scene], bars_s: Floats) -> Iterator[Move]:
    """Yield that still cuts for the sake of other tracks rest in sections in which none of those sounds."""
    cuts = [
        move
        for move in applied_moves(work.mix.moves)
        if move.where.track == track.id and isinstance(move.change, BandChange) and move.change.slot == "masking"
    ]
    covered = {move.expects.track for move in cuts if move.expects is not None and move.expects.track is not None}
    if not cuts or not covered or any(move.expects is None or move.expects.track is None for move in cuts):
        return
    sung = [max(_sounding(work.facts[name], work, scene) for name in covered) for scene in scenes]
    least = number("pacing.needed_share_least").value
    amounts = [1.0 if share >= least else 0.0 for share in sung]
    if all(amounts) or not any(amounts):
        return
    resting = [place for place, amount in enumerate(amounts) if not amount]
    audible = sounding_most([float(track_power(work, track, scene).sum()) for scene in scenes], resting)
    place = resting[0] if audible is None else audible
    part = scenes[place].part
    cut = next((i.processor for i in work.mix.track(track.id).strip.inserts if i.id == "masking-eq"), None)
    promise = uncut(work, cut) if isinstance(cut, Equaliser) and audible is not None else None
    found = Evidence(
        what=f"part of {part.id} in which what the cut is made for sounds", value=round(sung[place], 3), limit=least, unit="share",
        source="pacing.needed_share_least: guess", start_s=round(part.start_s, 2), end_s=round(part.end_s, 2),
    )  # fmt: skip
    lane = scene_lane(scenes, amounts, bars_s=bars_s, law="linear_gain")
    yield Move(
        id=f"pacing.{track.id}.cuts-rest", task="pacing",
        title=f"Cuts in {track.track.name} for the sake of others rest in {amounts.count(0.0)} sections in which those do not sound",
        where=Where(track=track.id), change=AmountChange(insert="masking-eq", amount=lane), because=(found,), expects=promise,
        depends_on=tuple(move.id for move in cuts), confidence=0.5,
    )  # fmt: skip


def _sounding(track: TrackFacts, work: Work, scene: Scene) -> float:
    """Return the part of a section in which a track sounds."""
    start_s, end_s = scene.part.start_s, scene.part.end_s
    sung = sum(max(0.0, min(p.end_s, end_s) - max(p.start_s, start_s)) for p in phrases_of(work.facts, track))
    return sung / max(end_s - start_s, 1e-6)


def _eased_dynamics(work: Work, track: TrackFacts, scenes: Sequence[Scene], bars_s: Floats) -> Iterator[Move]:
    """Yield that a compressor is heard less in sections in which it would take much more than it does over the song."""
    moves = {
        move.change.insert.id: move
        for move in applied_moves(work.mix.moves)
        if move.where.track == track.id and move.task == "dynamics" and isinstance(move.change, InsertChange)
    }
    for insert in work.mix.track(track.id).strip.inserts:
        settings = insert.processor
        if (
            not isinstance(settings, Compressor)
            or insert.key is not None
            or insert.id not in moves
            or insert.amount is not None
        ):
            continue
        taken = _taken_db(work, track, settings, scenes)
        told = [value for value in taken if value is not None]
        if len(told) < 2:
            continue
        usual_db = float(np.median(told))
        most_db = usual_db + number("pacing.squeeze_over_most_db").value
        worst = max(range(len(taken)), key=lambda place: taken[place] or 0.0)
        if (taken[worst] or 0.0) <= most_db:
            continue
        amounts = [_share_for(most_db, value) for value in taken]
        part = scenes[worst].part
        found = Evidence(
            what=f"mean gain reduction in {part.id}, against {usual_db:.1f} dB in the middle one of the sections", value=round(taken[worst] or 0.0, 2),
            limit=round(most_db, 2), unit="dB", source="pacing.squeeze_over_most_db: guess", start_s=round(part.start_s, 2),
            end_s=round(part.end_s, 2),
        )  # fmt: skip
        lane = scene_lane(scenes, amounts, bars_s=bars_s, law="linear_gain")
        yield Move(
            id=f"pacing.{track.id}.{insert.id}-eased", task="pacing",
            title=f"The {insert.id} of {track.track.name} is heard less where it would press: {min(amounts):.0%} at least",
            where=Where(track=track.id), change=AmountChange(insert=insert.id, amount=lane), because=(found,),
            expects=eased(work, track, settings, scenes[worst], amounts[worst]), depends_on=(moves[insert.id].id,), confidence=0.5,
        )  # fmt: skip


def _taken_db(work: Work, track: TrackFacts, settings: Compressor, scenes: Sequence[Scene]) -> list[float | None]:
    """Return the mean reduction in each section while the track sounds, from its level behind the trim; None where it rests."""
    level_db = level_10ms_db(track, trim_db=work.mix.track(track.id).strip.trim_db)
    dry = settings.model_copy(update={"makeup_db": 0.0})
    loudest = float(level_db.max(initial=-120.0))
    found: list[float | None] = []
    for scene in scenes:
        here = level_db[int(100 * scene.part.start_s) : int(100 * scene.part.end_s)]
        sounding = here[here > loudest + _ACTIVE_DB]
        found.append(-float(compressor_gain_db(dry, sounding).mean()) if sounding.size >= 100 else None)
    return found


def _share_for(most_db: float, taken_db: float | None) -> float:
    """Return how much of a compressor to hear so that what it takes comes down to the limit; twentieths."""
    if taken_db is None or taken_db <= most_db:
        return 1.0
    wet, wanted = 10 ** (-taken_db / 20), 10 ** (-most_db / 20)
    return round(round((1 - wanted) / (1 - wet) / _STEP) * _STEP, 2)
