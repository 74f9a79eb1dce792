"""Widths: a low end in the middle, and nothing so wide that a mono speaker loses it."""

from collections.abc import Iterator

import numpy as np

from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import Evidence, Expectation, InsertChange, Move, Where
from tonmeister.document.strip import Insert
from tonmeister.knowledge import number
from tonmeister.processing import Width
from tonmeister.tasks.equalisation import band_level_db
from tonmeister.tasks.work import Work, aimed, evidence

_SURE_LU = 0.5


def propose(work: Work) -> Iterator[Move]:
    """Make wide low ends mono, and narrow what would lose more than half of its power in mono."""
    for track in work.facts.tracks:
        if track.is_touchable and track.is_true_stereo and track.track.family != "mix":
            yield from _low_end(work, track)
            yield from _narrowed(work, track)


def _low_end(work: Work, track: TrackFacts) -> Iterator[Move]:
    """Make the lows mono where they are wide and carry the track; a finished balance keeps what its maker chose."""
    bands = track.figures.stereo.width_by_band
    wide = bands[0] if bands and bands[0] is not None else 0.0
    below_hz = work.aim("mono_below_hz")
    share_db = band_level_db(track, 20, below_hz.value)
    if (
        work.facts.is_premixed
        or wide < number("space.low_width_most").value
        or share_db < number("space.low_share_db").value
    ):
        return
    title = f"The low end of {track.track.name} goes to the middle (below {below_hz.value:.0f} Hz)"
    because = (
        evidence("side against the whole below 100 Hz", wide, against="space.low_width_most"),
        evidence("power of the low end against the track", share_db, against="space.low_share_db"),
        aimed("low end of the song is mono below", below_hz.value, against=below_hz),
    )
    expects = _promise(wide, wide / 4, (20.0, round(below_hz.value / 2, 1)))
    yield _move(track, "mono-bass", Width(mono_below_hz=below_hz.value), title, because, expects)


def _narrowed(work: Work, track: TrackFacts) -> Iterator[Move]:
    """Turn the side down where mono would take more than half of the power; the middle stays as it is."""
    width = track.figures.stereo.width or 0.0
    most = number("space.width_most").value + (0.15 if work.facts.is_premixed else 0.0)
    if width <= most or width >= 1:
        return
    gain = float(np.sqrt(most / (1 - most) * (1 - width) / width))
    title = f"{track.track.name} is so wide that mono loses {-10 * np.log10(1 - width):.1f} dB of it: narrower"
    because = (evidence("side against the whole", width, against="space.width_most"),)
    expects = _promise(width, most, (20.0, 20_000.0))
    yield _move(track, "narrower", Width(width=round(gain, 2)), title, because, expects)


def _move(
    track: TrackFacts,
    name: str,
    settings: Width,
    title: str,
    because: tuple[Evidence, ...],
    expects: Expectation | None,
) -> Move:
    insert = Insert(id=name, slot="tone", processor=settings)
    return Move(
        id=f"width.{track.id}.{name}", task="panning", title=title, where=Where(track=track.id), change=InsertChange(insert=insert),
        because=because, expects=expects, confidence=0.7,
    )  # fmt: skip


def _promise(before: float, after: float, span_hz: tuple[float, float]) -> Expectation | None:
    """Return the promise of what mono loses of a track in a band, from side against the whole; None under half a decibel."""
    lost_before, lost_after = (-10 * float(np.log10(1 - width)) for width in (before, after))
    saved = lost_before - lost_after
    if saved < _SURE_LU:
        return None
    return Expectation(
        metric="mono_loss_lu", value=round(lost_after, 2), before=round(lost_before, 2), tolerance=saved / 2, unit="LU", scope="strip",
        low_hz=span_hz[0], high_hz=span_hz[1],
    )  # fmt: skip
