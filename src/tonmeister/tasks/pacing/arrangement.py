"""Ideas for the arrangement, as proposals that nobody applies unasked: what rests, where, so that what follows lands."""

import itertools
from collections.abc import Iterator, Sequence

from tonmeister.document.lane import Lane, Point
from tonmeister.document.move import Evidence, Move, MuteChange, Where
from tonmeister.knowledge import number
from tonmeister.tasks.moving import Floats
from tonmeister.tasks.pacing.form import Part, energies_of
from tonmeister.tasks.work import Work

_FADE_S = 0.03
_PADS = ("keys", "synth", "strings")
_LONG_BAR_S = 4.0
Span = tuple[float, float]


def propose(work: Work, parts: Sequence[Part]) -> Iterator[Move]:
    """Propose rests before choruses, and an instrument that waits for the first chorus."""
    choruses = [b for a, b in itertools.pairwise(parts) if b.kind == "chorus" and a.kind != "chorus"]
    if not choruses:
        return
    first: tuple[str, ...] = ()
    for kick in (track for track in work.facts.tracks if track.track.role == "kick" and track.is_touchable):
        for move in _rest_before(work, Where(track=kick.id), kick.track.name, choruses, bars=1):
            yield move.model_copy(update={"depends_on": first})  # two microphones of one drum rest together
            first = first or (move.id,)
    if any(bus.id == "drums" for bus in work.mix.buses):
        yield from _rest_before(work, Where(bus="drums"), "Drums", choruses[-1:], bars=2)
    yield from _held_back(work, parts)


def _rest_before(work: Work, where: Where, name: str, choruses: Sequence[Part], *, bars: int) -> Iterator[Move]:
    """Yield a rest of so many bars before choruses."""
    line = work.facts.time_line
    if line is None or line.downbeats_s.size == 0:
        return
    spans = []
    for chorus in choruses:
        before = line.bars_s[line.bars_s < chorus.start_s - 0.1][-bars:]
        if before.size == bars and chorus.start_s - before[0] <= bars * _LONG_BAR_S:
            spans.append((float(before[0]), chorus.start_s))
    if spans:
        said = "a bar" if bars == 1 else f"{bars} bars"
        title = f"{name} out for {said} before {'each chorus' if len(spans) > 1 else choruses[-1].id}"
        yield _proposal(f"pacing.{where.track or where.bus}.breath", title, where, spans)


def _held_back(work: Work, parts: Sequence[Part]) -> Iterator[Move]:
    """Yield the pad that could wait: it plays in the first verse as in a later chorus, and matters least."""
    verse = next((part for part in parts if part.kind == "verse"), None)
    chorus = next(
        (part for part in parts if part.kind == "chorus" and verse and part.start_s >= verse.end_s - 0.1), None
    )
    if verse is None or chorus is None:
        return
    pads = [track for track in work.facts.tracks if track.track.family in _PADS and track.is_touchable]
    if len(pads) < 2:  # the only one carries the harmony
        return
    whole = energies_of(work, work.facts.tracks)
    own = {pad.id: energies_of(work, [pad]) for pad in pads}
    shares = {name: _share(curve, whole, verse) for name, curve in own.items() if _share(curve, whole, chorus) > 0}
    fitting = {name: share for name, share in shares.items() if 0 < share <= number("pacing.pad_share_most").value}
    if fitting:
        name = max(fitting, key=lambda key: fitting[key])
        pad = work.facts[name].track.name
        yield _proposal(
            f"pacing.{name}.held-back",
            f"{pad} waits for {chorus.id}",
            Where(track=name),
            [(verse.start_s, verse.end_s)],
        )


def _share(own: Floats, whole: Floats, part: Part) -> float:
    """Return a track's part of the power of the mix in a section."""
    here = slice(int(10 * part.start_s), int(10 * part.end_s) + 1)
    total = whole[here].sum()
    return float(own[here].sum() / total) if total > 0 else 0.0


def _proposal(id_: str, title: str, where: Where, spans: Sequence[Span]) -> Move:
    found = tuple(
        Evidence(
            what="rest before what is to land", value=round(end - start, 2), unit="s", source="the song's own form and bars",
            start_s=round(start, 3), end_s=round(end, 3),
        )
        for start, end in spans
    )  # fmt: skip
    return Move(
        id=id_, task="pacing", title=title, where=where.model_copy(update={"start_s": spans[0][0], "end_s": spans[-1][1]}),
        change=MuteChange(mute=rest_lane(spans)), because=found, confidence=0.3, state="proposed",
    )  # fmt: skip


def rest_lane(spans: Sequence[Span]) -> Lane:
    """Return a mute over each span, faded over 30 ms so that nothing clicks; it is over on the first beat that follows."""
    points = [Point(time_s=0.0, value=0.0)]
    for start_s, end_s in spans:
        for time_s, value in ((start_s - _FADE_S, 0.0), (start_s, 1.0), (end_s - _FADE_S, 1.0), (end_s, 0.0)):
            if time_s > points[-1].time_s:
                points.append(Point(time_s=round(time_s, 3), value=value))
            elif value and points[-1].time_s == 0:
                points[-1] = Point(time_s=0.0, value=value)
    return Lane(law="linear_gain", points=tuple(points))
