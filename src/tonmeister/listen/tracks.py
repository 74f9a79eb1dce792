"""From stems to tracks: role, id and place in an order that depends on sound and role only."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from tonmeister.analysis.role import split_words
from tonmeister.analysis.role_song import NamedSound, assign_roles
from tonmeister.document.mix import Family, Track
from tonmeister.knowledge import role as role_row
from tonmeister.listen.measure import Stem


def make_tracks(stems: Sequence[Stem]) -> list[tuple[Stem, Track]]:
    """Give each stem a role, an id and a place; the order depends on sound and role only."""
    names = [name_of(stem) for stem in stems]
    guesses = assign_roles(
        [NamedSound(name, stem.measurement, stem.wish.role) for stem, name in zip(stems, names, strict=True)]
    )
    ids = _ids(names)
    tracks = []
    for stem, name, track_id, guess, late_s in zip(stems, names, ids, guesses, _starts_s(stems), strict=True):
        figures = stem.measurement.figures
        priority = stem.wish.weight
        is_mono = figures.channels == 1 or figures.stereo.dual_mono
        track = Track(
            id=track_id,
            name=name,
            sha256=stem.sound.sha256,
            stream=stem.sound.stream,
            channels=1 if is_mono else 2,
            start_frame=round(late_s * figures.sample_rate_hz),
            role=guess.role,
            family=cast("Family", guess.family),
            role_confidence=guess.confidence,
            priority=role_row(guess.role).priority if priority is None else priority,
            pan_wish=guess.side if stem.wish.pan is None else stem.wish.pan,
            reverb_wish_db=stem.wish.reverb_db,
            keep_level=stem.wish.lock,
            tune=stem.wish.tune,
            reinforce=stem.wish.reinforce,
            align=stem.wish.align,
            leave_alone=stem.wish.leave_alone,
        )
        tracks.append((stem, _judge(track, stem, len(stems))))
    return sorted(tracks, key=lambda pair: (pair[1].family, pair[1].role, pair[1].sha256, pair[1].stream, pair[1].id))


def name_of(stem: Stem) -> str:
    """Return what a person calls the stem: its file's name, or the title of its stream in a file of several."""
    title = stem.sound.title or f"stream {stem.sound.stream}"
    return title if stem.found.name.endswith(f": {title}") else Path(stem.found.name).name


def _starts_s(stems: Sequence[Stem]) -> list[float]:
    """Return where each stem starts in the song, by its time stamp.

    Stamps are no common time line where some stems have none and others would start after those have ended.
    """
    stamps = [stem.sound.time_reference_frames / stem.sound.sample_rate_hz for stem in stems]
    plain = [stem.sound.duration_s for stem, stamp in zip(stems, stamps, strict=True) if stamp == 0]
    if plain and max(stamps) >= max(plain):
        return [0.0] * len(stems)
    return [stamp - min(stamps) for stamp in stamps]


def _ids(names: Sequence[str]) -> list[str]:
    ids: list[str] = []
    for name in names:
        words = "-".join(part for part in _ascii_words(Path(name).stem)) or "track"
        number = 2
        unique = words
        while unique in ids or unique == "master":
            unique, number = f"{words}-{number}", number + 1
        ids.append(unique)
    return ids


def _ascii_words(text: str) -> list[str]:
    plain = "".join(c if c.isalnum() and c.isascii() else " " for c in " ".join(split_words_keeping_digits(text)))
    return plain.split()


def split_words_keeping_digits(text: str) -> list[str]:
    """Cut a name into lower-case words and numbers, accents spelt out."""
    parts = []
    for word in text.replace("_", " ").replace("-", " ").split():
        letters = "".join(split_words(word)) if not word.isascii() else word.lower()
        parts.append(letters or word)
    return parts


def _judge(track: Track, stem: Stem, stems: int) -> Track:
    """Take silent stems and finished mixes out of the mix."""
    if stem.measurement.figures.levels.sample_peak_dbfs is None:
        return track.model_copy(update={"used": False, "why_unused": "It is silent."})
    if track.role == "mixture" and stems > 3 and stem.wish.role is None:
        return track.model_copy(update={"used": False, "why_unused": "A finished mix; kept as a reference."})
    return track
