"""How well sung words come through, phrase by phrase: the consonants' bands against everything else."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.bands import ERB_CENTRES_HZ
from tonmeister.analysis.conflicts import FULL_SCALE_DB_SPL
from tonmeister.analysis.masking import design_spreading
from tonmeister.analysis.spans import Span
from tonmeister.model import Db, Model, Seconds, Share

CONSONANTS_HZ = (2000.0, 8000.0)
"""Where consonants are told apart."""
SHORTEST_PHRASE_S = 1.0
JOIN_S = 0.6
"""Gaps up to here are breaths within a phrase."""
QUIET_DBFS = -FULL_SCALE_DB_SPL
"""Power in a band that nobody hears, 0 dB SPL: about the threshold of hearing from 2 to 8 kHz (ISO 389-7)."""
_TINY = 1e-14


class Phrase(Model):
    """A sung phrase and how it stands against the backing."""

    start_s: Seconds
    """Where it begins."""
    end_s: Seconds
    """Where it ends."""
    ratio_db: Db
    """Level of the voice over the backing's excitation in the consonants' bands, mean of the bands; over the threshold of hearing
    where nothing else sounds."""
    index: Share
    """Audible part of the speech's range in these bands (as in the Speech Intelligibility Index), 0..1."""


def measure_intelligibility(
    vocal: NDArray[np.float32], backing: Sequence[NDArray[np.float32]], *, phrases: Sequence[Span]
) -> tuple[Phrase, ...]:
    """Return each phrase's standing, from (half seconds, 40) `TrackCurves.erb_power` of the voice and of all others.

    Band audibility is (ratio + 15 dB) / 30 dB, cut to 0..1, mean over bands of one ERB (ANSI S3.5-1997, 5.13; its importance
    is nearly even per ERB from 2 to 8 kHz); what else sounds spreads over the bands first. Half seconds in which the voice
    has nothing in a band do not count there.
    """
    length = max((len(part) for part in (vocal, *backing)), default=0)
    rest = np.zeros((length, ERB_CENTRES_HZ.size))
    for part in backing:
        rest[: len(part)] += part
    rest = rest @ design_spreading() + 10 ** (QUIET_DBFS / 10)
    inside = (CONSONANTS_HZ[0] <= ERB_CENTRES_HZ) & (CONSONANTS_HZ[1] >= ERB_CENTRES_HZ)
    found = []
    for phrase in phrases:
        first = int(2 * phrase.start_s)
        here = slice(first, max(first + 1, min(round(2 * phrase.end_s), len(vocal))))
        own, other = vocal[here][:, inside].astype(np.float64), rest[here][:, inside]
        sings = own > np.maximum(1e-3 * own.max(axis=0, initial=0), _TINY)
        if not sings.any():
            continue
        ratio = 10 * np.log10(np.maximum(own, _TINY) / other)[sings]
        found.append(
            Phrase(
                start_s=phrase.start_s,
                end_s=phrase.end_s,
                ratio_db=round(float(ratio.mean()), 2),
                index=round(float(np.clip((ratio + 15) / 30, 0, 1).mean()), 4),
            )
        )
    return tuple(found)


def find_phrases(active: Sequence[Span]) -> tuple[Span, ...]:
    """Return the phrases of a voice from where it sounds: short gaps joined, single sounds left out."""
    joined: list[Span] = []
    for span in active:
        if joined and span.start_s - joined[-1].end_s < JOIN_S:
            joined[-1] = Span(start_s=joined[-1].start_s, end_s=span.end_s)
        else:
            joined.append(span)
    return tuple(span for span in joined if span.end_s - span.start_s >= SHORTEST_PHRASE_S)
