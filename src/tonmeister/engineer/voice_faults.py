"""From a recording with faults of microphone, stand and street to the settings that mend it.

Each function returns None where there is nothing to do.
"""

from collections.abc import Sequence

import numpy as np

from tonmeister.analysis.bandwidth import find_edge_hz
from tonmeister.analysis.low_bursts import SURE_BURST_DB
from tonmeister.analysis.plosives import find_gusts
from tonmeister.analysis.rumble import find_rumble
from tonmeister.analysis.sibilants import Sibilant, find_sibilants
from tonmeister.audio import Audio
from tonmeister.model import Db
from tonmeister.processing.derumble import Derumble
from tonmeister.processing.desibilance import Desibilance, Hiss
from tonmeister.processing.dewind import Dewind, Gust
from tonmeister.processing.extender import Extender

HISSY_DB = -6.2
"""Level of a voice's loud hissed consonants over its vowels, from which on it is too sharp; nine dry voices had −6.6 and less."""
LOUD_HISS_DB = 8.0
"""Those count as loud that are no further below the loudest."""
NATURAL_HISS_DB = -12.0
"""Level to which they are brought then."""
MOST_HISS_DB, LEAST_HISS_DB = 9.0, 1.0
NOTE_OVER_CUT = 1.3
"""So many times above its frequency the high-pass takes nothing."""
LOWEST_CUT_HZ, HIGHEST_CUT_HZ = 13.0, 55.0


def prepare_desibilance(audio: Audio) -> Desibilance | None:
    """Return what turns the hissed consonants of a voice down to a natural level; None where they are natural on the whole."""
    found = find_sibilants(audio)
    if not found:
        return None
    if _hiss_level_db(found) < HISSY_DB:
        return None
    hisses = []
    for one in found:
        gain_db = -min(MOST_HISS_DB, one.over_vowels_db - NATURAL_HISS_DB)
        if gain_db < -LEAST_HISS_DB:
            hisses.append(Hiss(start_s=round(one.start_s, 4), end_s=round(one.end_s, 4), gain_db=round(gain_db, 1)))
    return Desibilance(hisses=tuple(hisses)) if hisses else None


def _hiss_level_db(found: Sequence[Sibilant]) -> float:
    """Return the level of the loud ones together, each weighted by its length."""
    level_db = np.array([one.over_vowels_db for one in found])
    length_s = np.array([one.end_s - one.start_s for one in found])
    loud = level_db > level_db.max() - LOUD_HISS_DB
    return 10 * float(np.log10(np.average(10 ** (level_db[loud] / 10), weights=length_s[loud])))


def prepare_dewind(audio: Audio, *, least_db: Db = SURE_BURST_DB) -> Dewind | None:
    """Return what turns gusts of wind and long thumps of a voice's recording down; short ones are `prepare_deplosive`'s."""
    gusts = tuple(
        Gust(start_s=round(one.start_s, 3), end_s=round(one.end_s, 3), frequency_hz=round(one.top_hz))
        for one in find_gusts(audio, least_db=least_db)
    )
    return Dewind(gusts=gusts) if gusts else None


def prepare_derumble(audio: Audio, *, voice: bool = False) -> Derumble | None:
    """Return the high-pass that the lowest note allows, where there is rumble below it."""
    rumble = find_rumble(audio, voice=voice)
    if rumble is None:
        return None
    cut_hz = min(HIGHEST_CUT_HZ, rumble.lowest_note_hz / NOTE_OVER_CUT)
    if cut_hz < LOWEST_CUT_HZ:
        return None
    return Derumble(frequency_hz=round(cut_hz, 1))


def prepare_bandwidth(audio: Audio) -> Extender | None:
    """Return what gives a narrow recording an octave more; None where nothing was cut. Only for those who ask for it."""
    edge_hz = find_edge_hz(audio)
    return None if edge_hz is None else Extender(edge_hz=round(edge_hz))
