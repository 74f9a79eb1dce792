"""Words of a phrase, from the level of a voice: nothing here knows what is sung."""

import numpy as np
from numpy.typing import NDArray

from tonmeister.analysis.phrases import Phrase

LONGEST_WORD_S = 1.2
_SHORTEST_S = 0.12
_RISE_DB = 6.0
_DIP_STEPS, _RISE_STEPS = 15, 6
_BEGUN_DB = 3.0
_CONSONANT_STEPS = 10
"""What sounds for 100 ms at most between two dips is the consonant of what follows."""
_AHEAD_S = 0.15


def last_word_s(rms_10ms: NDArray[np.float32], phrase: Phrase) -> tuple[float, float]:
    """Return start and end of the last word (or syllable): from the last clear rise of the level to the phrase's end.

    A rise is 6 dB within 60 ms over the lowest of the 150 ms before; without one the last 1.2 s count.
    """
    first = max(round(100 * phrase.start_s), round(100 * (phrase.end_s - LONGEST_WORD_S)))
    last = min(round(100 * phrase.end_s), rms_10ms.size)
    level = 20 * np.log10(np.maximum(rms_10ms.astype(np.float64), 1e-6))
    for step in range(last - round(100 * _SHORTEST_S), first, -1):
        before = level[max(0, step - _DIP_STEPS) : step]
        if before.size and level[step : step + _RISE_STEPS].max() - before.min() >= _RISE_DB:
            dip = max(0, step - _DIP_STEPS) + int(np.flatnonzero(before == before.min())[-1])
            dip = _before_consonant(level, dip, first)
            begun = dip + int(np.argmax(level[dip : step + _RISE_STEPS] > level[dip] + _BEGUN_DB))
            if begun >= first:
                return begun / 100, phrase.end_s
    return first / 100, phrase.end_s


def _before_consonant(level_db: NDArray[np.float64], dip: int, first: int) -> int:
    """Return the dip before a short sound in front of a dip: a consonant, if it is clearly deeper there."""
    while True:
        start = min(dip, max(first, dip - _CONSONANT_STEPS))
        deeper = start + int(np.argmin(level_db[start : dip + 1]))
        if level_db[deeper] > level_db[dip] - _RISE_DB:
            return dip
        dip = deeper


def word_at(rms_10ms: NDArray[np.float32], phrase: Phrase, time_s: float) -> tuple[float, float]:
    """Return start and end of the word that sounds at a time: from the last clear rise up to then, to the next one.

    A time up to 150 ms ahead of a rise is meant for the word that rises: who points at a word points early.
    """
    starts = [start for start in word_starts(rms_10ms, phrase) if start <= max(time_s + _AHEAD_S, phrase.start_s)]
    start_s = starts[-1] if starts else phrase.start_s
    later = [one for one in word_starts(rms_10ms, phrase) if one > start_s]
    end_s = later[0] if later else phrase.end_s
    return start_s, min(end_s, start_s + LONGEST_WORD_S) if later else end_s


def word_starts(rms_10ms: NDArray[np.float32], phrase: Phrase) -> list[float]:
    """Return where words (or syllables) of a phrase begin, in order; the phrase's own start is the first."""
    found: list[float] = []
    end_s = phrase.end_s
    while end_s - phrase.start_s > _SHORTEST_S:
        start_s, _ = last_word_s(rms_10ms, phrase.model_copy(update={"end_s": end_s}))
        found.append(start_s)
        end_s = start_s - 0.01
    return sorted({phrase.start_s, *(start for start in found if start - phrase.start_s >= _SHORTEST_S)})
