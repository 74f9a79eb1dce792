"""Build-ups and stops, as proposals that nobody applies unasked: what grows, or falls silent, so that the last chorus lands."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from tonmeister.document.lane import Lane, Point
from tonmeister.document.move import Change, Evidence, InsertChange, Move, MuteChange, Where
from tonmeister.document.strip import MASTER, Insert
from tonmeister.knowledge import number
from tonmeister.processing import Sweep, Width
from tonmeister.processing.sweep import open_hz
from tonmeister.tasks.pacing.arrangement import rest_lane
from tonmeister.tasks.pacing.form import Part
from tonmeister.tasks.work import Work

_BACK_S = 0.03
"""On the first beat all is back; a shorter way would click."""
_BARS = 2
_LONG_BAR_S = 4.0
_LONG_BEAT_S = 1.5


def propose(work: Work, parts: Sequence[Part]) -> Iterator[Move]:
    """Propose a filter and a narrowing over the two bars before the last chorus, and a stop on the last beat before it."""
    landing = next((b for a, b in reversed(list(itertools.pairwise(parts))) if b.kind == "chorus" != a.kind), None)
    line = work.facts.time_line
    if landing is None or line is None or line.downbeats_s.size == 0:
        return
    bars = line.bars_s[line.bars_s < landing.start_s - 0.1][-_BARS:]
    music = next((bus for bus in work.mix.buses if bus.id == "music"), None)
    if music is not None and bars.size == _BARS and landing.start_s - bars[0] <= _BARS * _LONG_BAR_S:
        span = float(bars[0]), landing.start_s
        yield _filter(music.name, landing, span)
        yield _narrowing(music.name, landing, span)
    beats = line.beats_s[line.beats_s < landing.start_s - 0.1][-1:]
    if beats.size and landing.start_s - beats[0] <= _LONG_BEAT_S:
        yield from _stop(work, landing, (float(beats[0]), landing.start_s))


def _filter(name: str, landing: Part, span: tuple[float, float]) -> Move:
    top_hz = number("pacing.build_up_top_hz").value
    sweep = Sweep(shape="high_pass", points=((span[0], open_hz("high_pass")), (span[1], top_hz)))
    insert = Insert(id="build-up", slot="output", processor=sweep, amount=swell_lane(span, at_once=True))
    title = f"{name} thins out over {_BARS} bars before {landing.id}: filtered from below up to {top_hz:.0f} Hz, back on its first beat"
    return _proposal("pacing.music.build-up", title, Where(bus="music"), InsertChange(insert=insert), span)


def _narrowing(name: str, landing: Part, span: tuple[float, float]) -> Move:
    narrow = Width(width=number("pacing.build_up_width").value)
    insert = Insert(id="narrowing", slot="output", processor=narrow, amount=swell_lane(span, at_once=False))
    title = f"{name} closes to {narrow.width:.0%} of its width over {_BARS} bars before {landing.id}, and opens on its first beat"
    return _proposal("pacing.music.narrowing", title, Where(bus="music"), InsertChange(insert=insert), span)


def _stop(work: Work, landing: Part, span: tuple[float, float]) -> Iterator[Move]:
    """Yield a stop of everything but the echoes: one proposal a group, which only make sense together."""
    first: tuple[str, ...] = ()
    groups = [
        (bus.id, bus.name, Where(bus=bus.id)) for bus in work.mix.buses if bus.output == MASTER and bus.kind == "group"
    ]
    lone = [
        (track.id, track.track.name, Where(track=track.id))
        for track in work.facts.tracks
        if track.track.used and track.is_touchable and work.mix.track(track.id).strip.output == MASTER
    ]
    for id_, name, where in [*groups, *lone]:
        title = f"{name} stops on the last beat before {landing.id}; echoes ring on (accept 'pacing.*.stop' as a whole)"
        move = _proposal(f"pacing.{id_}.stop", title, where, MuteChange(mute=rest_lane([span])), span)
        yield move.model_copy(update={"depends_on": first})
        first = first or (move.id,)


def swell_lane(span: tuple[float, float], *, at_once: bool) -> Lane:
    """Return an amount that is there over a stretch (from its first beat on, or growing all the way) and gone on the beat behind it."""
    start_s, end_s = span
    rise_s = 0.25 * (end_s - start_s) if at_once else end_s - start_s - _BACK_S
    points = [(0.0, 0.0), (start_s, 0.0), (start_s + rise_s, 1.0), (end_s - _BACK_S, 1.0), (end_s, 0.0)]
    kept = [p for place, p in enumerate(points) if place == 0 or p[0] > points[place - 1][0] + 1e-6]
    return Lane(law="linear_gain", points=tuple(Point(time_s=round(time, 3), value=value) for time, value in kept))


def _proposal(id_: str, title: str, where: Where, change: Change, span: tuple[float, float]) -> Move:
    found = Evidence(
        what="length of the way to what is to land", value=round(float(np.subtract(span[1], span[0])), 2), unit="s",
        source="the song's own form and bars", start_s=round(span[0], 3), end_s=round(span[1], 3),
    )  # fmt: skip
    return Move(
        id=id_, task="pacing", title=title, where=where.model_copy(update={"start_s": span[0], "end_s": span[1]}), change=change,
        because=(found,), confidence=0.3, state="proposed",
    )  # fmt: skip
