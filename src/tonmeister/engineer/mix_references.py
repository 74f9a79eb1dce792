"""References of a mix: recordings, saved portraits, or mixes of ours, read once into figures that the document keeps."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tonmeister.document.direction import Amounts, Reference
from tonmeister.document.mix import Mix
from tonmeister.document.move import FaderChange
from tonmeister.engineer.documents import MIX_FILE, load_mix
from tonmeister.engineer.options import Cancel
from tonmeister.engineer.references import read_amounts, read_portrait, split_weight
from tonmeister.errors import InputError
from tonmeister.files.cache import Cache
from tonmeister.files.genre_tag import read_genre_tag
from tonmeister.knowledge.genres import find_genre

MOST = 3
"""More references than this say nothing that a mean of them would not."""


def check_references(said: Sequence[str], amounts: Sequence[str]) -> Amounts:
    """Refuse references and amounts that cannot be used, before any work is done; return the amounts.

    Raises:
        InputError: If there are too many, one is not there, or an amount makes no sense.
    """
    if len(said) > MOST:
        raise InputError(f"--reference: {len(said)} are given; a mix follows at most {MOST}.")
    for words in said:
        path = split_weight(words)[0]
        if not path.exists() or (path.is_dir() and not (path / MIX_FILE).is_file()):
            raise InputError(
                f"--reference {words}: no such recording; give a sound file, or the folder of a mix of yours."
            )
    return Amounts.model_validate(read_amounts(amounts, Amounts().model_dump()))


def read_mix_references(said: Sequence[str], *, cache: Cache, cancel: Cancel | None) -> tuple[Reference, ...]:
    """Return references as figures, with their weights and the genre that they tell.

    Raises:
        InputError: If one cannot be read, or there is no sound in it.
        CancelledError: If the person asked to stop.
    """
    return tuple(_read(*split_weight(words), cache, cancel) for words in said)


def genre_of(references: Sequence[Reference]) -> str | None:
    """Return the genre that most of the references' weight tells; None where none tells one, or they are at odds."""
    weights: dict[str, float] = {}
    for one in references:
        if one.genre is not None:
            weights[one.genre] = weights.get(one.genre, 0.0) + one.weight
    best = sorted(weights, key=lambda name: -weights[name])
    is_clear = len(best) == 1 or (len(best) > 1 and weights[best[0]] > weights[best[1]])
    return best[0] if is_clear else None


def _read(path: Path, weight: float, cache: Cache, cancel: Cancel | None) -> Reference:
    if path.is_dir():
        return _read_mix(path, weight, cache, cancel)
    portrait = read_portrait(path, cache=cache, cancel=cancel)
    genre = None if path.suffix.lower() == ".json" else find_genre(read_genre_tag(path))
    return Reference(name=path.name, sha256=cache.hash_file(path), weight=weight, genre=genre, portrait=portrait)


def _read_mix(folder: Path, weight: float, cache: Cache, cancel: Cancel | None) -> Reference:
    """Return a mix of ours: its finished sound, and what its document knows of the voice."""
    mix, bus = load_mix(folder), folder / "mix.wav"
    sound = folder / "master.wav" if (folder / "master.wav").is_file() else bus
    if not sound.is_file():
        raise InputError(f"--reference {folder}: there is no sound beside {MIX_FILE}; render the mix again.")
    portrait = read_portrait(sound, cache=cache, cancel=cancel)
    plain = read_portrait(bus, cache=cache, cancel=cancel).integrated_lufs if bus.is_file() else None
    name = mix.song.title or folder.resolve().name
    return Reference(
        name=name, sha256=cache.hash_file(sound), weight=weight, genre=mix.brief.genre, lead_lu=_lead_lu(mix, plain),
        portrait=portrait.model_copy(update={"name": name}),
    )  # fmt: skip


def _lead_lu(mix: Mix, lufs: float | None) -> float | None:
    """Return the lead vocals against the mix, from what verify measured behind their faders."""
    leads = {track.id for track in mix.tracks if track.role == "lead vocal" and track.used}
    found = [
        move.measured.value for move in mix.moves
        if move.where.track in leads and move.task == "balance" and isinstance(move.change, FaderChange)
        and move.measured is not None and move.state in ("accepted", "locked")
    ]  # fmt: skip
    if lufs is None or not found:
        return None
    return round(float(10 * np.log10(np.sum(10 ** (np.array(found) / 10)))) - lufs, 2)
