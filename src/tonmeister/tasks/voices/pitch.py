"""Pitch correction, only where a person asks for it and the key is sure."""

from collections.abc import Iterator
from typing import cast, get_args

from tonmeister.analysis.key import Tonic
from tonmeister.document.facts import TrackFacts
from tonmeister.document.move import Evidence, Expectation, InsertChange, Move, Nothing, Where
from tonmeister.document.strip import Insert
from tonmeister.knowledge import number
from tonmeister.processing import Tuner
from tonmeister.tasks.work import Work, evidence

_LEAST_CENTS = 8.0
"""A voice nearer to its notes promises nothing."""


def propose(work: Work) -> Iterator[Move]:
    """Correct the voices of which a person said so; say why not where the key is not known well enough."""
    for track in work.facts.of_family("vocal"):
        if not track.track.tune or not track.is_touchable:
            continue
        song = work.facts.song
        sure = evidence("how sure the key is", song.key_confidence, against="voices.key_confidence_least")
        parsed = parse_key(song.key)
        if parsed is None or song.key_confidence < number("voices.key_confidence_least").value:
            yield _refused(track, sure, song.key)
        else:
            yield _tuned(track, sure, Tuner(
                tonic=parsed[0], mode=parsed[1], amount=number("voices.tune_amount").value, speed_ms=number("voices.tune_speed_ms").value,
            ))  # fmt: skip


def parse_key(key: str | None) -> tuple[Tonic, str] | None:
    """Return tonic and mode of a key as a song names it, such as `C# minor`."""
    tonic, _, mode = (key or "").partition(" ")
    is_key = tonic in get_args(Tonic) and mode in ("major", "minor")
    return (cast("Tonic", tonic), mode) if is_key else None


def _refused(track: TrackFacts, sure: Evidence, key: str | None) -> Move:
    return Move(
        id=f"voices.{track.id}.tune", task="vocal_balance", where=Where(track=track.id), change=Nothing(), because=(sure,),
        title=f"{track.track.name} is not tuned: the key ({key or 'none found'}) is not sure enough to correct to its notes",
    )  # fmt: skip


def _tuned(track: TrackFacts, sure: Evidence, settings: Tuner) -> Move:
    """Return the move without its stretches: who has the sound finds them, and what they promise."""
    return Move(
        id=f"voices.{track.id}.tune", task="vocal_balance", where=Where(track=track.id), because=(sure,), confidence=0.6,
        title=f"{track.track.name} nearer to the notes of {settings.tonic} {settings.mode}, as asked",
        change=InsertChange(insert=Insert(id="tuner", slot="cleanup", processor=settings)),
    )  # fmt: skip


def promise_of(before_cents: float, amount: float) -> Expectation | None:
    """Promise half of what the amount says: slides and short notes follow late."""
    if before_cents < _LEAST_CENTS:
        return None
    less = 0.5 * amount * before_cents
    return Expectation(
        metric="off_pitch_cents", value=round(before_cents - less, 1), before=round(before_cents, 1), tolerance=round(less / 2, 1),
        unit="cents", scope="strip",
    )  # fmt: skip
