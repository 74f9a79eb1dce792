"""What genre a song is mixed as: a person's word, the words of the brief, or what the instruments suggest; never a silent default."""

from collections.abc import Collection

from tonmeister.document.facts import SongFacts
from tonmeister.document.mix import Brief
from tonmeister.engineer.mix_references import genre_of
from tonmeister.knowledge import number
from tonmeister.knowledge.genres import find_genre, resolve_genre

_CONFIDENT_ROLE = 0.5
_ORCHESTRAL = ("strings", "brass", "woodwind")
_FEW = 3
_OF_REFERENCES = 0.7
"""A song need not be of the genre of what it is to sound like."""


def choose_genre(brief: Brief, asked: str | None, facts: SongFacts) -> Brief:
    """Return the brief with its genre and who said so: the person, the words of the brief, its references, else the instruments.

    Raises:
        InputError: If a person asked for a genre that nobody knows.
    """
    if asked is not None:
        return _said(brief, resolve_genre(asked), by="person", confidence=1.0)
    by_words = find_genre(brief.text)
    if by_words is not None:
        return _said(brief, by_words, by="brief", confidence=1.0)
    by_references = genre_of(brief.references)
    if by_references is not None:
        return _said(brief, by_references, by="reference", confidence=_OF_REFERENCES)
    by_sound, confidence = suggest_genre(facts)
    if by_sound is None or confidence < number("genre.sound_confidence_least").value:
        return brief
    return _said(brief, by_sound, by="sound", confidence=confidence)


def suggest_genre(facts: SongFacts) -> tuple[str | None, float]:
    """Return what the instruments suggest, and how sure that is; rules of thumb, four genres, silent where they are mixed."""
    sure = [
        track.track for track in facts.tracks if track.track.used and track.track.role_confidence >= _CONFIDENT_ROLE
    ]
    if len(sure) < _FEW:
        return None, 0.0
    families = [track.family for track in sure]
    roles = [track.role for track in sure]
    there: dict[str, int] = {family: families.count(family) for family in families}
    rules = (
        ("classical", _is_orchestral(there, len(sure)), 0.75),
        ("electronic", _is_electronic(there, facts), 0.7),
        ("rock", _is_rock(there, roles), 0.65),
        ("folk", _is_folk(there, roles), 0.6),
    )
    share = len(sure) / sum(track.track.used for track in facts.tracks)
    return next(((name, round(share * sure_of, 2)) for name, fits, sure_of in rules if fits), (None, 0.0))


def _is_orchestral(there: dict[str, int], tracks: int) -> bool:
    return sum(there.get(family, 0) for family in _ORCHESTRAL) >= 0.7 * tracks and "drums" not in there


def _is_electronic(there: dict[str, int], facts: SongFacts) -> bool:
    """Say whether synthesizers play on a straight grid and nothing is plucked, bowed or blown."""
    line = facts.time_line
    played = ("guitar", "keys", *_ORCHESTRAL)
    is_grid = line is not None and line.is_steady
    return is_grid and "synth" in there and "drums" in there and not any(family in there for family in played)


def _is_rock(there: dict[str, int], roles: Collection[str]) -> bool:
    """Say whether electric guitars play with a kit and a bass, without horns and with few synthesizers."""
    is_band = "electric guitar" in roles and "bass" in there and there.get("drums", 0) >= 1
    return (
        is_band
        and there.get("guitar", 0) >= max(1, there.get("synth", 0) + 1)
        and not {"brass", "woodwind"} & set(there)
    )


def _is_folk(there: dict[str, int], roles: Collection[str]) -> bool:
    return "acoustic guitar" in roles and not {"drums", "synth"} & set(there) and "electric guitar" not in roles


def _said(brief: Brief, genre: str | None, *, by: str, confidence: float) -> Brief:
    return brief.model_copy(update={"genre": genre, "genre_from": by, "genre_confidence": confidence})
