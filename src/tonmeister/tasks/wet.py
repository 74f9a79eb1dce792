"""What comes wet already: takes with their space printed on them, and stems that are the return of an effect."""

from typing import Literal

from tonmeister.analysis.role import split_words
from tonmeister.document.facts import SongFacts, TrackFacts
from tonmeister.document.move import Evidence
from tonmeister.knowledge import number
from tonmeister.knowledge.rows import source_text, table
from tonmeister.processing import Dereverb
from tonmeister.tasks.work import Work, evidence

ReturnOf = Literal["reverb", "delay", "effect"]
_CLAIMED_BY_NOBODY = ("effects", "room", "unknown")
_LEAST_DECAYS = 3


def return_of(track: TrackFacts) -> ReturnOf | None:
    """Return what effect a stem is the return of, by its name; None for anything else."""
    return named_as_return(track) if track.track.role in _CLAIMED_BY_NOBODY else None


def named_as_return(track: TrackFacts) -> ReturnOf | None:
    """Return what effect a stem is the return of if its name is right, whatever its role; None without such a word."""
    text = f" {' '.join(split_words(track.track.name))} "
    kinds: tuple[ReturnOf, ...] = ("reverb", "delay", "effect")
    return next((kind for kind in kinds if any(f" {word} " in text for word in table("returns")[kind]["words"])), None)


def has_printed(facts: SongFacts, kind: ReturnOf) -> bool:
    """Say whether one of the stems is the return of such an effect, which then is the song's own."""
    return any(track.track.used and return_of(track) == kind for track in facts.tracks)


def wet_evidence(work: Work, track: TrackFacts) -> Evidence | None:
    """Return what says that a track comes wet or wide already; None for a dry one."""
    correlation = track.figures.stereo.correlation
    if correlation is not None and correlation < number("space.wet_correlation_most").value:
        return evidence(
            "correlation of its channels (1 is mono and dry)", correlation, against="space.wet_correlation_most"
        )
    found = track.figures.defects
    is_told = found.decay_s is not None and found.tail_db is not None and found.decays >= _LEAST_DECAYS
    if not is_told or track.track.family != "vocal" or _is_dried(work, track):
        return None
    slow = (found.decay_s or 0.0) >= number("space.wet_decay_s").value
    if slow and (found.tail_db or -100.0) >= number("space.wet_tail_db").value:
        return evidence(
            "level of its tails over what was before, in the pauses", found.tail_db or 0.0, against="space.wet_tail_db"
        )
    return None


def dry_evidence(track: TrackFacts) -> Evidence:
    """Return what says that a track comes dry."""
    found, correlation = track.figures.defects, track.figures.stereo.correlation
    if found.tail_db is not None and track.track.family == "vocal":
        return evidence(
            "level of its tails over what was before, in the pauses", found.tail_db, against="space.wet_tail_db"
        )
    value = 1.0 if correlation is None else correlation
    return evidence("correlation of its channels (1 is mono and dry)", value, against="space.wet_correlation_most")


def printed_evidence(facts: SongFacts, kind: ReturnOf) -> Evidence:
    """Return how many stems are returns of an effect."""
    count = sum(return_of(track) == kind for track in facts.tracks if track.track.used)
    source = f"returns.{kind}: {source_text('practice')}"
    return Evidence(
        what=f"stems that are a {kind} return by their name", value=count, limit=0, unit="stems", source=source
    )


def _is_dried(work: Work, track: TrackFacts) -> bool:
    """Say whether the cleanup takes the room out."""
    return any(isinstance(insert.processor, Dereverb) for insert in work.mix.track(track.id).strip.inserts)
