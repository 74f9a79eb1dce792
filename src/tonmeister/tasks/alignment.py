"""Polarity and time between microphones that hear the same thing."""

from collections.abc import Iterator

from tonmeister.document.facts import MicPair
from tonmeister.document.move import DelayChange, Expectation, Move, PolarityChange, Where
from tonmeister.knowledge import number
from tonmeister.tasks.work import Work, evidence

_OFF_MS = 0.1
"""Microphones that are this near in time count as aligned: below it no comb filter reaches under 5 kHz."""


def propose(work: Work) -> Iterator[Move]:
    """Turn over what is upside down, and shift what comes late, where the evidence is clear."""
    if work.facts.is_premixed:  # what a person has balanced is heard as they want it
        return
    shifted: set[str] = set()
    for pair in work.facts.pairs:
        other = work.facts[pair.other]
        if not other.is_touchable or pair.other in shifted:
            continue
        if pair.alignment.confidence < number("alignment.confidence_least").value:
            continue
        shifted.add(pair.other)
        yield from _polarity(work, pair)
        yield from _delay(work, pair)


def _polarity(work: Work, pair: MicPair) -> Iterator[Move]:
    if pair.alignment.polarity > 0:
        return
    reference, other = work.facts[pair.reference].track, work.facts[pair.other].track
    found = evidence(
        "confidence that both mics hear one source", pair.alignment.confidence, against="alignment.confidence_least"
    )
    yield Move(
        id=f"alignment.{other.id}.polarity",
        task="alignment",
        title=f"{other.name} is upside down against {reference.name}",
        where=Where(track=other.id),
        change=PolarityChange(inverted=True),
        because=(found.model_copy(update={"what": f"{found.what}; its sign against {reference.name} is negative"}),),
        expects=Expectation(metric="correlation", value=1.0, before=-1.0, tolerance=0.5, unit="sign", scope="mix"),
        confidence=pair.alignment.confidence,
    )


def _delay(work: Work, pair: MicPair) -> Iterator[Move]:
    rate = work.facts.song.sample_rate_hz
    delay_frames = pair.alignment.delay_frames
    delay_ms = 1000 * delay_frames / rate
    if not number("alignment.delay_least_ms").value <= abs(delay_ms) <= number("alignment.delay_most_ms").value:
        return
    reference, other = work.facts[pair.reference].track, work.facts[pair.other].track
    late = "late" if delay_frames > 0 else "early"
    yield Move(
        id=f"alignment.{other.id}.delay",
        task="alignment",
        title=f"{other.name} comes {abs(delay_ms):.1f} ms {late} against {reference.name}",
        where=Where(track=other.id),
        change=DelayChange(delay_frames=-delay_frames),
        because=(evidence(f"delay against {reference.name}", delay_ms, against="alignment.delay_least_ms"),),
        expects=Expectation(
            metric="delay_ms",
            value=0.0,
            before=round(delay_ms, 3),
            tolerance=min(_OFF_MS, abs(delay_ms) / 2),
            unit="ms",
            scope="mix",
            track=reference.id,
        ),
        confidence=pair.alignment.confidence,
    )
