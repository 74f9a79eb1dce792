"""Kick and bass as a pair: which of the two owns which octave, by their measured spectra."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.document.facts import TrackFacts
from tonmeister.knowledge import number

Owner = Literal["kick", "bass", "both"]
OCTAVES_HZ = ((32.0, 64.0), (64.0, 128.0), (128.0, 256.0))
_TINY = 1e-20


def own_octaves(kick_db: NDArray[np.float64], bass_db: NDArray[np.float64]) -> tuple[Owner, ...]:
    """Return who owns each of the octaves, from (bands,) levels against each one's strongest band.

    The one that is nearer to its own strongest there by a margin needs it more; else they share it.
    """
    margin = number("masking.owner_margin_db").value
    owners: list[Owner] = []
    for low, high in OCTAVES_HZ:
        inside = (low <= ERB_CENTRES_HZ) & (high > ERB_CENTRES_HZ)
        ahead = float(kick_db[inside].max() - bass_db[inside].max())
        owners.append("kick" if ahead > margin else "bass" if ahead < -margin else "both")
    return tuple(owners)


def owner_of(kick_db: NDArray[np.float64], bass_db: NDArray[np.float64], hz: float) -> Owner:
    """Return who owns the octave that holds a frequency; above the lows nobody does."""
    owners = own_octaves(kick_db, bass_db)
    return next((who for (low, high), who in zip(OCTAVES_HZ, owners, strict=True) if low <= hz < high), "both")


def share_lows(tracks: tuple[TrackFacts, ...], own_db: NDArray[np.float64], place: int) -> NDArray[np.bool_]:
    """Return (bands,) where a kick is to be heard beside the basses, or a bass beside the kicks: what the other does not own."""
    is_kick = tracks[place].track.role == "kick"
    others = [
        other
        for other, track in enumerate(tracks)
        if (track.track.family == "bass" if is_kick else track.track.role == "kick")
    ]
    mine = np.ones(len(ERB_CENTRES_HZ), bool)
    for other in others:
        pair = (place, other) if is_kick else (other, place)
        for (low, high), owner in zip(OCTAVES_HZ, own_octaves(own_db[pair[0]], own_db[pair[1]]), strict=True):
            lost = owner == ("bass" if is_kick else "kick") or (owner == "both" and not is_kick)
            mine &= ~(((low <= ERB_CENTRES_HZ) & (high > ERB_CENTRES_HZ)) & lost)
    return mine
